"""The statement of reasons: what the person affected is told, and nothing else.

`Statement` is an allow-list. It has no field for a report, a count, a time of a report or a word
of a reporter, and this module knows nothing of reports; what is not here cannot be told.

Source:
    DSA, Article 17. Where the article asks whether a notice led to the decision, a statement says
    so for a notice of illegality and is otherwise always "on our own initiative, after a review".
"""

from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NewType
from uuid import UUID

from underseal.core.decision import Automation
from underseal.core.guideline import Guideline, GuidelineId
from underseal.core.language import FALLBACK_LANGUAGE, best_text
from underseal.core.statement_words import WORDS, StatementWords
from underseal.core.subject import SubjectRef
from underseal.core.visibility import Level, Visibility

StatementId = NewType("StatementId", UUID)

LAW_CHARS_MAX: Final = 500
"""Longest legal ground, in characters. Source: the DSA Transparency Database's own limit."""

APPEAL_MONTHS: Final = 6
"""Calendar months within which an appeal is possible. Source: DSA, Article 20(1)."""

MOMENTS_MAX: Final = 20
"""Most stretches of a video that a statement points to. A limit of ours."""


class StatementKind(StrEnum):
    """Which kind of decision is explained."""

    HOLD = "hold"
    RESTRICTION = "restriction"
    REMOVAL = "removal"
    REINSTATEMENT = "reinstatement"
    APPEAL_UPHELD = "appeal_upheld"
    APPEAL_REVERSED = "appeal_reversed"


class Ground(StrEnum):
    """What a restriction rests on: a guideline of the platform, or the law."""

    GUIDELINE = "guideline"
    LAW = "law"


LEVELS_OF: Final[Mapping[StatementKind, frozenset[Level]]] = MappingProxyType(
    {
        StatementKind.HOLD: frozenset({Level.NOT_RECOMMENDED, Level.HELD}),
        StatementKind.RESTRICTION: frozenset({Level.PUBLIC, Level.NOT_RECOMMENDED}),
        StatementKind.REMOVAL: frozenset({Level.REMOVED}),
        StatementKind.REINSTATEMENT: frozenset({Level.PUBLIC, Level.NOT_RECOMMENDED}),
        StatementKind.APPEAL_UPHELD: frozenset(
            {Level.PUBLIC, Level.NOT_RECOMMENDED, Level.REMOVED}
        ),
        StatementKind.APPEAL_REVERSED: frozenset({Level.PUBLIC, Level.NOT_RECOMMENDED}),
    }
)
"""The levels of visibility that each kind can lead to."""

RESTRICTIVE: Final = frozenset(
    {
        StatementKind.HOLD,
        StatementKind.RESTRICTION,
        StatementKind.REMOVAL,
        StatementKind.APPEAL_UPHELD,
    }
)
"""The kinds that explain a restriction, and so name a guideline."""

APPEALABLE: Final = frozenset({StatementKind.RESTRICTION, StatementKind.REMOVAL})
"""The kinds that can be appealed against: a hold is undecided, an appeal is decided for good."""

ON_APPEAL: Final = frozenset({StatementKind.APPEAL_UPHELD, StatementKind.APPEAL_REVERSED})


class InvalidStatementError(ValueError):
    """The parts of a statement contradict each other."""


class UnknownExampleError(ValueError):
    """The guideline has no example of that number."""

    def __init__(self, guideline: GuidelineId, index: int) -> None:
        super().__init__(f"{guideline} has no example number {index}")
        self.guideline = guideline
        self.index = index


class NotDisclosedError(Exception):
    """The statement has not been disclosed, so nobody may read it yet."""


class AlreadyDisclosedError(Exception):
    """A statement is disclosed once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuidelineQuote:
    """A guideline as it stood, by language, and which of its examples a moderator observed."""

    id: GuidelineId
    label: Mapping[str, str]
    text: Mapping[str, str]
    observed: Mapping[str, tuple[str, ...]]


def quote(guideline: Guideline, observed: Iterable[int] = ()) -> GuidelineQuote:
    """Return the quotation of a guideline, with the observed ones of its English examples.

    A language whose examples are not as many as the English ones is left out of `observed`.

    Raises:
        UnknownExampleError: there is no example of that number, counted from 0.
    """
    english = guideline.examples[FALLBACK_LANGUAGE]
    chosen = sorted(set(observed))
    for index in chosen:
        if not 0 <= index < len(english):
            raise UnknownExampleError(guideline.id, index)
    return GuidelineQuote(
        id=guideline.id,
        label=dict(guideline.label),
        text=dict(guideline.text),
        observed={
            language: tuple(examples[index] for index in chosen)
            for language, examples in guideline.examples.items()
            if len(examples) == len(english)
        },
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What the person affected is told.

    `law` is the legal ground, if the restriction rests on one. `moments_ms` are stretches
    `[start, end)` that the moderator picked. `after_notice` is for notices of illegality alone.
    `reasons` are a moderator's, for decisions on appeals. `informed_at` is the tick of the
    disclosure, and None before it; a hold then has its `expires_at` too. A hold that ran out is
    still undecided: it is explained as a hold, without an end, that leads to `not_recommended`.

    Raises:
        InvalidStatementError: the parts contradict each other.
    """

    id: StatementId
    subject: SubjectRef
    kind: StatementKind
    visibility: Visibility
    guideline: GuidelineQuote | None
    automated_detection: bool
    automated_decision: Automation
    law: str | None = None
    moments_ms: tuple[tuple[int, int], ...] = ()
    after_notice: bool = False
    reasons: str | None = None
    informed_at: datetime | None = None
    expires_at: datetime | None = None

    def __post_init__(self) -> None:
        for fault in _faults(self):
            raise InvalidStatementError(fault)

    @property
    def ground(self) -> Ground | None:
        """What the restriction rests on, or None where there is none."""
        if self.guideline is None:
            return None
        return Ground.GUIDELINE if self.law is None else Ground.LAW

    @property
    def territorial_scope(self) -> tuple[str, ...]:
        """The countries in which the restriction applies; empty means everywhere."""
        elsewhere = replace(self.visibility, geo_blocked=())
        return () if elsewhere.is_restricted else self.visibility.geo_blocked

    @property
    def appeal_until(self) -> datetime | None:
        """The moment from which an appeal is too late, or None if there is nothing to appeal."""
        if self.informed_at is None or self.kind not in APPEALABLE:
            return None
        return appeal_end(self.informed_at)


def _faults(statement: Statement) -> Iterator[str]:
    kind, law, moments = statement.kind, statement.law, statement.moments_ms
    is_restrictive, is_on_appeal = kind in RESTRICTIVE, kind in ON_APPEAL
    level, end = statement.visibility.level, statement.expires_at
    is_disclosed_hold = kind is StatementKind.HOLD and statement.informed_at is not None
    rules = {
        f"{kind} does not lead to {level}": level in LEVELS_OF[kind],
        "a restriction restricts something": (
            not is_restrictive or statement.visibility.is_restricted
        ),
        "exactly a restriction has a guideline": (
            is_restrictive == (statement.guideline is not None)
        ),
        "only a restriction has a ground, facts or a source": (
            is_restrictive or not (law or moments or statement.after_notice)
        ),
        f"a legal ground has 1 to {LAW_CHARS_MAX} characters": (
            law is None or 0 < len(law) <= LAW_CHARS_MAX
        ),
        f"there are at most {MOMENTS_MAX} moments": len(moments) <= MOMENTS_MAX,
        "a moment has 0 <= start < end": all(0 <= start < end for start, end in moments),
        "exactly a decision on an appeal has reasons": (
            is_on_appeal == (statement.reasons is not None)
        ),
        "a person decides an appeal": (
            not is_on_appeal or statement.automated_decision is not Automation.FULLY
        ),
        "only a disclosed hold has an end": end is None or is_disclosed_hold,
        "what is held is held until some time": (
            not is_disclosed_hold or level is not Level.HELD or end is not None
        ),
        "a hold ends after it began": (
            end is None or statement.informed_at is None or end > statement.informed_at
        ),
    }
    return (rule for rule, holds in rules.items() if not holds)


def inform(statement: Statement, at: datetime, expires_at: datetime | None = None) -> Statement:
    """Return the statement as disclosed at the tick `at`; a hold ends at `expires_at`.

    Raises:
        AlreadyDisclosedError: it was disclosed before.
        InvalidStatementError: something held without an end, or an end of something else.
    """
    if statement.informed_at is not None:
        raise AlreadyDisclosedError
    return replace(statement, informed_at=at, expires_at=expires_at)


def appeal_end(informed_at: datetime) -> datetime:
    """Return the end of the last day of the time to appeal: the following midnight, in UTC.

    Source:
        DSA, Article 20(1) and (2): six months from the day of being informed. Regulation (EEC,
        Euratom) No 1182/71, Article 3: they end with the day of the same date, or the month's
        last day where it has no such date.
    """
    informed_on = informed_at.astimezone(UTC).date()
    years, month_index = divmod(informed_on.month - 1 + APPEAL_MONTHS, 12)
    year, month = informed_on.year + years, month_index + 1
    last_day = date(year, month, min(informed_on.day, monthrange(year, month)[1]))
    return datetime.combine(last_day + timedelta(days=1), datetime.min.time(), UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementParts:
    """A statement in plain words of one language: sentences, or for `why` lines."""

    language: str
    effects: tuple[str, ...]
    why: tuple[str, ...]
    how: tuple[str, ...]
    redress: tuple[str, ...]


def statement_parts(statement: Statement, language: str) -> StatementParts:
    """Return the parts of a statement; English stands in for a language we do not have.

    Raises:
        NotDisclosedError: it has not been disclosed.
    """
    if statement.informed_at is None:
        raise NotDisclosedError
    found, words = best_text(WORDS, language)
    return StatementParts(
        language=found,
        effects=tuple(_effects(statement, words)),
        why=tuple(_why(statement, language, words)),
        how=tuple(_how(statement, words)),
        redress=tuple(_redress(statement, words)),
    )


def statement_text(statement: Statement, language: str) -> str:
    """Return the statement in plain words; English stands in for a language we do not have.

    Raises:
        NotDisclosedError: it has not been disclosed.
    """
    parts = statement_parts(statement, language)
    paragraphs = (
        " ".join(parts.effects),
        "\n".join(parts.why),
        " ".join(parts.how),
        " ".join(parts.redress),
    )
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def _effects(statement: Statement, words: StatementWords) -> Iterator[str]:
    visibility = statement.visibility
    yield words.headlines[statement.kind].format(subject=words.subjects[statement.subject.kind])
    if visibility.level is not Level.PUBLIC or statement.kind not in RESTRICTIVE:
        yield words.levels[visibility.level]
    if visibility.age_restricted:
        yield words.age_restricted
    if visibility.labelled:
        yield words.labelled
    if visibility.interaction_limited:
        yield words.interaction_limited
    if visibility.geo_blocked:
        yield words.geo_blocked.format(countries=", ".join(visibility.geo_blocked))
    if statement.expires_at is not None:
        end = statement.expires_at.astimezone(UTC)
        yield words.hold_until.format(day=_day(end, words), time=f"{end:%H:%M}")
    if statement.kind is StatementKind.HOLD:
        yield words.hold_review


def _why(statement: Statement, language: str, words: StatementWords) -> Iterator[str]:
    is_open = statement.kind is StatementKind.HOLD
    if statement.guideline is not None:
        breaks = words.may_break if is_open else words.breaks
        yield breaks.format(label=best_text(statement.guideline.label, language)[1])
        yield best_text(statement.guideline.text, language)[1]
        if statement.law is not None:
            illegal = words.may_be_illegal if is_open else words.illegal
            yield illegal.format(law=statement.law)
        observed = best_text(statement.guideline.observed, language)[1]
        if observed:
            yield words.observed
            yield from (f"- {each}" for each in observed)
    if statement.moments_ms:
        yield words.moments.format(moments=moments_text(statement.moments_ms))
    if statement.reasons is not None:
        yield words.reasons
        yield statement.reasons


def _how(statement: Statement, words: StatementWords) -> Iterator[str]:
    if statement.kind in ON_APPEAL:
        yield words.decided_by_another
    elif statement.kind in RESTRICTIVE:
        yield words.after_notice if statement.after_notice else words.own_initiative
        if statement.automated_detection:
            yield words.found_by_software
        yield words.deciders[statement.automated_decision]


def _redress(statement: Statement, words: StatementWords) -> Iterator[str]:
    if statement.kind is StatementKind.APPEAL_REVERSED:
        yield words.undone
    if statement.appeal_until is not None:
        last_moment = statement.appeal_until - timedelta(microseconds=1)
        yield words.appeal.format(day=_day(last_moment, words))
    if statement.kind in RESTRICTIVE:
        yield words.elsewhere


def _day(at: datetime, words: StatementWords) -> str:
    return words.day.format(day=at.day, month=words.months[at.month - 1], year=at.year)


def moments_text(moments_ms: Iterable[tuple[int, int]]) -> str:
    """Return stretches of a video as somebody reads them off the player: `0:12-0:25`."""
    return ", ".join(
        f"{_clock(start // 1000)}-{_clock(-(-end // 1000))}" for start, end in moments_ms
    )


def _clock(seconds: int) -> str:
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
