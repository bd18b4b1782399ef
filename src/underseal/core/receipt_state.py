"""What reporters are told: before they report, and of their report until it is answered.

A state is a function of the day of the receipt, the outcomes that were disclosed and the present
tick. It knows nothing of the reporter, their weight, the queue or anybody else's report, so it
tells nothing about these either, not even to a creator who reports their own video.

How soon somebody looks does depend on them. So that nothing was found is told on the answer day,
which depends on the day of the receipt alone and by which everybody's report has been looked at.
What shows to everybody is told when it shows; notices of illegality are answered at the next tick.

Source:
    DSA, Article 16(5): whoever sent a notice is told of the decision without undue delay.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from underseal.core.language import best_text


class ReceiptState(StrEnum):
    """What a receipt says of its report."""

    RECEIVED = "received"
    IN_REVIEW = "in_review"
    ACTION_TAKEN = "action_taken"
    NO_VIOLATION = "no_violation"


@dataclass(frozen=True, slots=True, kw_only=True)
class DisclosedOutcome:
    """The outcome of a round that the receipt stands for, or of an appeal against it.

    `disclosed_at` is the tick at which the effect took place, or the one after a decision without
    one. `shows` is whether everybody can see it: a restriction, or that one was taken back.
    """

    disclosed_at: datetime
    is_violation: bool
    shows: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptFacts:
    """All that a receipt may depend on.

    `filed_on` is the UTC day on which it was given. `outcomes` are those of its rounds, in their
    order. `answer_days` after that day an answer is due that shows nothing.
    """

    filed_on: date
    is_notice: bool
    answer_days: int
    outcomes: tuple[DisclosedOutcome, ...] = ()


def answer_days(report_age_days_max: int) -> int:
    """Return how many days after a report its answer day begins: somebody has looked by then."""
    return report_age_days_max + 1


def state_at(facts: ReceiptFacts, tick: datetime) -> tuple[ReceiptState, datetime | None]:
    """Return what the receipt says at `tick`, the last one that has passed, and since when.

    Every report is looked into from the day after it was filed at the latest: that is when its
    receipt says so, for all reporters alike. That action was taken in any of the rounds counts
    before everything else. That nothing was found, does so as it was told of the first of them, or
    where it showed: of a later one it would tell that somebody has reported again.
    """
    known = [each for each in facts.outcomes if each.disclosed_at <= tick]
    acted = [each.disclosed_at for each in known if each.is_violation]
    if acted:
        return ReceiptState.ACTION_TAKEN, acted[0]
    cleared = [
        _told_at(facts, each) for place, each in enumerate(known) if place == 0 or each.shows
    ]
    if cleared and min(cleared) <= tick:
        return ReceiptState.NO_VIOLATION, min(cleared)
    next_day = _midnight(facts.filed_on, days=1)
    return (ReceiptState.IN_REVIEW, next_day) if tick >= next_day else (ReceiptState.RECEIVED, None)


def _told_at(facts: ReceiptFacts, cleared: DisclosedOutcome) -> datetime:
    if cleared.shows or facts.is_notice:
        return cleared.disclosed_at
    return max(cleared.disclosed_at, _midnight(facts.filed_on, days=facts.answer_days))


def _midnight(day: date, *, days: int) -> datetime:
    return datetime.combine(day, time(), UTC) + timedelta(days=days)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptWords:
    """What reporters read, in one language.

    `before` stands in the report dialog, always. The exceptions to silence stand there where
    they apply: `notice` where illegality is alleged, `affected` where only the person affected
    could know, `small_audience` beside the choice to act all the same. `states` is keyed by
    state; `no_harm` goes with every answer that no guideline was broken.
    """

    before: tuple[str, ...]
    notice: str
    affected: str
    small_audience: str
    states: Mapping[ReceiptState, str]
    no_harm: str


_ENGLISH: Final = ReceiptWords(
    before=(
        "Report what breaks the guidelines, rather than what you merely dislike.",
        "A report cannot be changed or withdrawn.",
        (
            "Nobody will be told that it was you. Only if the law demands it can two people together "
            "open the seal, and that is put on record."
        ),
        (
            "It is best to report quietly: tell nobody, and do not block or unfollow at the same "
            "moment."
        ),
    ),
    notice="If you say that something is illegal, the person concerned learns that there was a "
    "notice, and nothing else.",
    affected="Only the person affected can report this. If we act, it may be guessed that it was "
    "you.",
    small_audience="If few people have seen it, we do not act on reports alone, because it might "
    "be guessed that it was you. You can ask us to act all the same.",
    states={
        ReceiptState.RECEIVED: "We have received your report.",
        ReceiptState.IN_REVIEW: "We are looking into what you reported.",
        ReceiptState.ACTION_TAKEN: "It breaks our guidelines, and we have acted. Thank you.",
        ReceiptState.NO_VIOLATION: "We have found nothing that breaks our guidelines.",
    },
    no_harm="A mistaken report does no harm: nobody is punished for it, neither you nor the "
    "person concerned.",
)

_GERMAN: Final = ReceiptWords(
    before=(
        "Melde, was gegen die Richtlinien verstößt, und nicht, was dir nur missfällt.",
        "Eine Meldung kann nicht geändert oder zurückgezogen werden.",
        (
            "Niemand erfährt, dass du es warst. Nur wenn das Recht es verlangt, können zwei Menschen "
            "gemeinsam das Siegel öffnen, und das wird festgehalten."
        ),
        (
            "Am besten meldest du still: Erzähle niemandem davon, und blockiere oder entfolge nicht "
            "im selben Augenblick."
        ),
    ),
    notice="Wenn du etwas als rechtswidrig meldest, erfährt die betroffene Person, dass es eine "
    "Meldung gab, und sonst nichts.",
    affected="Das kann nur melden, wen es betrifft. Wenn wir handeln, lässt sich vielleicht "
    "erraten, dass du es warst.",
    small_audience="Wenn nur wenige es gesehen haben, handeln wir nicht allein auf Meldungen hin, "
    "weil sich erraten ließe, dass du es warst. Du kannst uns bitten, es trotzdem zu tun.",
    states={
        ReceiptState.RECEIVED: "Deine Meldung ist eingegangen.",
        ReceiptState.IN_REVIEW: "Wir gehen deiner Meldung nach.",
        ReceiptState.ACTION_TAKEN: "Das verstößt gegen unsere Richtlinien, und wir haben "
        "gehandelt. Danke.",
        ReceiptState.NO_VIOLATION: "Wir haben keinen Verstoß gegen unsere Richtlinien gefunden.",
    },
    no_harm="Eine irrtümliche Meldung schadet nicht: Niemand wird dafür bestraft, weder du noch "
    "die betroffene Person.",
)

_SPANISH: Final = ReceiptWords(
    before=(
        "Denuncia lo que incumple las normas, y no lo que simplemente no te gusta.",
        "Una denuncia no se puede modificar ni retirar.",
        (
            "Nadie sabrá que has sido tú. Solo si la ley lo exige pueden dos personas juntas abrir el "
            "sello, y queda constancia de ello."
        ),
        (
            "Es mejor denunciar con discreción: no se lo cuentes a nadie, y no bloquees ni dejes de "
            "seguir en ese mismo momento."
        ),
    ),
    notice="Si dices que algo es ilegal, la persona afectada sabrá que hubo una notificación, y "
    "nada más.",
    affected="Esto solo puede denunciarlo la persona a quien afecta. Si actuamos, quizá se adivine "
    "que has sido tú.",
    small_audience="Si pocas personas lo han visto, no actuamos solo por denuncias, porque podría "
    "adivinarse que has sido tú. Puedes pedirnos que actuemos de todos modos.",
    states={
        ReceiptState.RECEIVED: "Hemos recibido tu denuncia.",
        ReceiptState.IN_REVIEW: "Estamos examinando lo que has denunciado.",
        ReceiptState.ACTION_TAKEN: "Incumple nuestras normas y hemos actuado. Gracias.",
        ReceiptState.NO_VIOLATION: "No hemos encontrado nada contrario a nuestras normas.",
    },
    no_harm="Una denuncia equivocada no hace daño: nadie recibe un castigo por ella, ni tú ni la "
    "persona afectada.",
)

RECEIPT_WORDS: Final[Mapping[str, ReceiptWords]] = MappingProxyType(
    {"en": _ENGLISH, "de": _GERMAN, "es": _SPANISH}
)
"""The languages in which reporters are told, by ISO 639-1 code."""


def receipt_text(state: ReceiptState, language: str) -> str:
    """Return what a receipt says, in the language wanted or else in English."""
    _, words = best_text(RECEIPT_WORDS, language)
    if state is ReceiptState.NO_VIOLATION:
        return f"{words.states[state]} {words.no_harm}"
    return words.states[state]


def before_reporting(
    language: str, *, is_notice: bool = False, affected_person_only: bool = False
) -> tuple[str, ...]:
    """Return what the report dialog says, in the language wanted or else in English.

    The exceptions to silence are named where they apply: for a notice of illegality, and for a
    guideline that only the person affected could report.
    """
    _, words = best_text(RECEIPT_WORDS, language)
    exceptions = ((is_notice, words.notice), (affected_person_only, words.affected))
    return (*words.before, *(text for applies, text in exceptions if applies))
