"""The words of statements of reasons, by language.

Subjects stand in the case that follows a transitive verb. Nothing here can speak of reports:
there is no word for them, nor a place where a count or a time of one could go.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementWords:
    """All sentences of a statement in one language.

    `subjects` is keyed by kind of subject, `headlines` by kind of statement, `levels` by level
    of visibility, `deciders` by degree of automation.
    """

    subjects: Mapping[str, str]
    headlines: Mapping[str, str]
    levels: Mapping[str, str]
    age_restricted: str
    labelled: str
    interaction_limited: str
    geo_blocked: str
    hold_until: str
    hold_review: str
    breaks: str
    may_break: str
    illegal: str
    may_be_illegal: str
    observed: str
    moments: str
    own_initiative: str
    after_notice: str
    found_by_software: str
    deciders: Mapping[str, str]
    decided_by_another: str
    reasons: str
    undone: str
    appeal: str
    elsewhere: str
    day: str
    months: tuple[str, ...]


_ENGLISH: Final = StatementWords(
    subjects={
        "video": "your video",
        "account": "your account",
        "comment": "your comment",
        "sound": "your sound",
    },
    headlines={
        "hold": "We are reviewing {subject}.",
        "restriction": "We have restricted {subject}.",
        "removal": "We have removed {subject}.",
        "reinstatement": "We have reviewed {subject} and found nothing against our guidelines.",
        "appeal_upheld": "We have looked again at our decision on {subject}. It stands.",
        "appeal_reversed": "We have looked again at our decision on {subject}. It was wrong, and "
        "we have reversed it.",
    },
    levels={
        "public": "Others can see it as before.",
        "not_recommended": "Others can see it, but we do not recommend it to anyone.",
        "held": "For now, only you can see it.",
        "removed": "Others can no longer see it.",
    },
    age_restricted="Only adults can see it.",
    labelled="It carries a label.",
    interaction_limited="Some ways of interacting with it are switched off.",
    geo_blocked="It cannot be seen in these countries: {countries}.",
    hold_until="This ends on {day} at {time} UTC at the latest.",
    hold_review="A person is to look at it, and you can appeal against what they decide.",
    breaks="It breaks our guideline “{label}”:",
    may_break="It may break our guideline “{label}”:",
    illegal="It is illegal: {law}.",
    may_be_illegal="It may be illegal: {law}.",
    observed="What we saw:",
    moments="Where: {moments}.",
    own_initiative="We acted on our own initiative, after a review.",
    after_notice="We acted after a notice.",
    found_by_software="Software found it.",
    deciders={
        "fully": "Software alone made this decision.",
        "partially": "A person made this decision with the help of software.",
        "not_automated": "A person made this decision.",
    },
    decided_by_another="Somebody who took no part in the first decision made this one.",
    reasons="Why:",
    undone="Everything that followed from it is undone.",
    appeal="If you disagree, you can appeal until the end of {day} (UTC). Somebody else will "
    "decide.",
    elsewhere="In the European Union you can also turn to a certified out-of-court dispute "
    "settlement body. You can always go to court.",
    day="{day} {month} {year}",
    months=(
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
)

_GERMAN: Final = StatementWords(
    subjects={
        "video": "dein Video",
        "account": "dein Konto",
        "comment": "deinen Kommentar",
        "sound": "deinen Sound",
    },
    headlines={
        "hold": "Wir prüfen gerade {subject}.",
        "restriction": "Wir haben {subject} eingeschränkt.",
        "removal": "Wir haben {subject} entfernt.",
        "reinstatement": "Wir haben {subject} geprüft und keinen Verstoß gegen unsere Richtlinien "
        "gefunden.",
        "appeal_upheld": "Wir haben unsere Entscheidung über {subject} noch einmal geprüft. Sie "
        "bleibt bestehen.",
        "appeal_reversed": "Wir haben unsere Entscheidung über {subject} noch einmal geprüft. Sie "
        "war falsch, und wir haben sie aufgehoben.",
    },
    levels={
        "public": "Für andere ist alles sichtbar wie zuvor.",
        "not_recommended": "Andere können das weiterhin sehen, aber wir empfehlen es niemandem.",
        "held": "Bis auf Weiteres kannst nur du das sehen.",
        "removed": "Für andere ist das nicht mehr sichtbar.",
    },
    age_restricted="Nur Erwachsene können das sehen.",
    labelled="Es ist mit einem Hinweis versehen.",
    interaction_limited="Manche Möglichkeiten, darauf zu reagieren, sind abgeschaltet.",
    geo_blocked="In diesen Ländern ist das nicht sichtbar: {countries}.",
    hold_until="Das endet spätestens am {day} um {time} UTC.",
    hold_review="Ein Mensch soll es sich ansehen, und gegen dessen Entscheidung kannst du "
    "Widerspruch einlegen.",
    breaks="Das verstößt gegen unsere Richtlinie „{label}“:",
    may_break="Das verstößt möglicherweise gegen unsere Richtlinie „{label}“:",
    illegal="Das ist rechtswidrig: {law}.",
    may_be_illegal="Das ist möglicherweise rechtswidrig: {law}.",
    observed="Was wir gesehen haben:",
    moments="Wo: {moments}.",
    own_initiative="Wir haben nach einer Prüfung aus eigener Initiative gehandelt.",
    after_notice="Wir haben nach einer Meldung gehandelt.",
    found_by_software="Gefunden hat es eine Software.",
    deciders={
        "fully": "Diese Entscheidung hat eine Software allein getroffen.",
        "partially": "Diese Entscheidung hat ein Mensch mit Hilfe von Software getroffen.",
        "not_automated": "Diese Entscheidung hat ein Mensch getroffen.",
    },
    decided_by_another="Entschieden hat jemand, der an der ersten Entscheidung nicht beteiligt "
    "war.",
    reasons="Warum:",
    undone="Alles, was daraus folgte, ist rückgängig gemacht.",
    appeal="Wenn du das anders siehst, kannst du bis zum Ende des {day} (UTC) Widerspruch "
    "einlegen. Darüber entscheidet jemand anderes.",
    elsewhere="In der Europäischen Union kannst du dich auch an eine zugelassene "
    "außergerichtliche Streitbeilegungsstelle wenden. Der Weg zu den Gerichten steht dir immer "
    "offen.",
    day="{day}. {month} {year}",
    months=(
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ),
)

_SPANISH: Final = StatementWords(
    subjects={
        "video": "tu vídeo",
        "account": "tu cuenta",
        "comment": "tu comentario",
        "sound": "tu sonido",
    },
    headlines={
        "hold": "Estamos revisando {subject}.",
        "restriction": "Hemos restringido {subject}.",
        "removal": "Hemos retirado {subject}.",
        "reinstatement": "Hemos revisado {subject} y no hemos encontrado nada contrario a nuestras "
        "normas.",
        "appeal_upheld": "Hemos vuelto a examinar nuestra decisión sobre {subject}. Se mantiene.",
        "appeal_reversed": "Hemos vuelto a examinar nuestra decisión sobre {subject}. Era "
        "errónea y la hemos anulado.",
    },
    levels={
        "public": "Otras personas pueden verlo todo como antes.",
        "not_recommended": "Otras personas pueden seguir viéndolo, pero no lo recomendamos a "
        "nadie.",
        "held": "Por ahora, solo tú puedes verlo.",
        "removed": "Ya no es visible para otras personas.",
    },
    age_restricted="Solo es visible para personas adultas.",
    labelled="Lleva una etiqueta.",
    interaction_limited="Algunas formas de interactuar están desactivadas.",
    geo_blocked="No es visible en estos países: {countries}.",
    hold_until="Esto termina como muy tarde el {day} a las {time} UTC.",
    hold_review="Debe examinarlo una persona, y podrás recurrir lo que decida.",
    breaks="Incumple nuestra norma «{label}»:",
    may_break="Es posible que incumpla nuestra norma «{label}»:",
    illegal="Es ilegal: {law}.",
    may_be_illegal="Es posible que sea ilegal: {law}.",
    observed="Lo que hemos visto:",
    moments="Dónde: {moments}.",
    own_initiative="Hemos actuado por iniciativa propia, tras una revisión.",
    after_notice="Hemos actuado tras una notificación.",
    found_by_software="Lo ha encontrado un programa informático.",
    deciders={
        "fully": "Esta decisión la ha tomado un programa informático por sí solo.",
        "partially": "Esta decisión la ha tomado una persona con ayuda de un programa informático.",
        "not_automated": "Esta decisión la ha tomado una persona.",
    },
    decided_by_another="La ha tomado alguien que no participó en la primera decisión.",
    reasons="Por qué:",
    undone="Todas sus consecuencias quedan sin efecto.",
    appeal="Si no estás de acuerdo, puedes recurrir hasta el final del {day} (UTC). Decidirá otra "
    "persona.",
    elsewhere="En la Unión Europea también puedes acudir a un órgano certificado de resolución "
    "extrajudicial de litigios. Siempre puedes acudir a los tribunales.",
    day="{day} de {month} de {year}",
    months=(
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ),
)

WORDS: Final[Mapping[str, StatementWords]] = MappingProxyType(
    {"en": _ENGLISH, "de": _GERMAN, "es": _SPANISH}
)
"""The languages in which statements can be read, by ISO 639-1 code."""
