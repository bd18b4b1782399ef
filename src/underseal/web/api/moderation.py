"""Moderation: take a case, look at it, decide it or give it back."""

from datetime import datetime
from typing import Annotated, Any, ClassVar, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from msgspec import Meta

from underseal.core.caller import Caller, ModeratorRole
from underseal.core.case import (
    CaseKind,
    ModeratorId,
    NotLeasedError,
)
from underseal.core.decision import Finding, Outcome, Verdict
from underseal.core.draft import CONFIRM_TIME, AlreadyDraftedError, Draft, DraftState
from underseal.core.guideline import GuidelineId
from underseal.core.person import Person
from underseal.core.priority import Lane
from underseal.core.reasons import REASONS_CHARS_MAX
from underseal.core.report import Moment as CoreMoment
from underseal.core.statement import MOMENTS_MAX
from underseal.flow.decide import Submission, UnknownCaseError
from underseal.flow.draft_decision import REFUSALS, submit_decision
from underseal.flow.read_case import explain_case, read_case
from underseal.flow.system import System
from underseal.flow.take_case import read_queue, release_case, take_case
from underseal.store.cases import CaseId
from underseal.web.api.bodies import (
    INT_MAX,
    NO_NUL,
    Answer,
    ExternalId,
    Language,
    Moment,
    Strict,
)
from underseal.web.api.case_file import CaseAnswer, write_case
from underseal.web.api.operation import OPERATION, Access, Injected, Operation, moderators

DECIDERS: Final = frozenset({ModeratorRole.MODERATOR, ModeratorRole.LEAD})
READERS: Final = frozenset({ModeratorRole.MODERATOR, ModeratorRole.LEAD, ModeratorRole.AUDITOR})
OVERSEERS: Final = frozenset({ModeratorRole.LEAD, ModeratorRole.AUDITOR})

OBSERVED_MAX: Final = 20
"""Examples that a decision can point to. A limit of ours."""


class TakeBody(Strict):
    """Which kind of case is wanted; any, if none is named."""

    kind: CaseKind | None = None


class LanguageQuery(Strict):
    """In which language guidelines are called by their names."""

    language: Language = "en"


class ReleaseBody(Strict):
    """Whether the moderator does not want to see the case again."""

    not_me: bool = False


class DecisionBody(Strict):
    """What a moderator finds. A guideline is named exactly when it is broken.

    `observed` are numbers of its examples, from 0. `reasons` are for appeals: the creator reads
    them.
    """

    RULES: ClassVar[dict[str, Any]] = {
        "anyOf": [
            {
                "properties": {
                    "outcome": {"const": Outcome.NO_VIOLATION},
                    "guideline": {"type": "null"},
                    "finding": {"enum": [each for each in Finding if each != Finding.ACTIONED]},
                },
            },
            {
                "properties": {
                    "outcome": {"enum": [each for each in Outcome if each != Outcome.NO_VIOLATION]},
                    "guideline": {"type": "string"},
                    "finding": {"const": Finding.ACTIONED},
                },
                "required": ["guideline"],
            },
        ]
    }

    outcome: Outcome
    finding: Finding
    guideline: ExternalId | None = None
    moments: Annotated[tuple[Moment, ...], Meta(max_length=MOMENTS_MAX)] = ()
    observed: Annotated[
        tuple[Annotated[int, Meta(ge=0, le=INT_MAX)], ...], Meta(max_length=OBSERVED_MAX)
    ] = ()
    reasons: Annotated[str, Meta(max_length=REASONS_CHARS_MAX, pattern=NO_NUL)] = ""

    def __post_init__(self) -> None:
        _ = self.submission

    @property
    def submission(self) -> Submission:
        """What is submitted."""
        return Submission(
            verdict=Verdict(
                outcome=self.outcome,
                guideline=None if self.guideline is None else GuidelineId(self.guideline),
                finding=self.finding,
            ),
            observed=self.observed,
            moments=tuple(
                CoreMoment(start_ms=each.start_ms, end_ms=each.end_ms) for each in self.moments
            ),
            reasons=self.reasons,
        )


class DecidedAnswer(Answer):
    """A decision that was taken. What follows from it takes place at its tick."""

    decision_id: UUID


class DraftedAnswer(Answer):
    """A decision that is taken once somebody else has confirmed it, up to `waits_until`."""

    draft_id: UUID
    state: DraftState
    waits_until: datetime


class LaneAnswer(Answer):
    """How many cases of a kind wait in a lane."""

    kind: CaseKind
    lane: Lane
    waiting: int


class QueueAnswer(Answer):
    """How many cases wait."""

    lanes: tuple[LaneAnswer, ...]


class TermAnswer(Answer):
    """A term of a sum, in nats; null stands for infinity."""

    name: str
    nats: float | None


class AssessmentAnswer(Answer):
    """The log-odds that a guideline is broken, and the terms that add up to them."""

    guideline: str
    log_odds: float | None
    machine: float | None
    terms: tuple[TermAnswer, ...]


class ExplanationAnswer(Answer):
    """The newest assessments of a case, the most probable breach first."""

    assessments: tuple[AssessmentAnswer, ...]


@post(
    "/v1/cases/take",
    status_code=200,
    opt={
        OPERATION: Operation(
            access=Access(roles=DECIDERS),
            is_body_optional=True,
            also={204: "Nothing waits."},
        )
    },
)
async def take(
    given: Injected[TakeBody],
    asked: Injected[LanguageQuery],
    caller: Injected[Caller],
    system: Injected[System],
    now: Injected[datetime],
) -> Response[CaseAnswer | None]:
    """Take the case in which a look does most; nobody else gets it while the lease lasts."""
    lease = await take_case(system, ModeratorId(caller.principal_id), given.kind, now)
    if lease is None:
        return Response(None, status_code=204)
    file = await read_case(system, lease.case_id, caller, now)
    return Response(write_case(file, system.guidelines, asked.language))


@get("/v1/cases/{case_id:uuid}", opt=moderators(READERS, UnknownCaseError, NotLeasedError))
async def show(
    case_id: FromPath[UUID],
    asked: Injected[LanguageQuery],
    caller: Injected[Caller],
    system: Injected[System],
    now: Injected[datetime],
) -> CaseAnswer:
    """Return a case to who has taken it, or to a lead or auditor."""
    file = await read_case(system, CaseId(case_id), caller, now)
    return write_case(file, system.guidelines, asked.language)


@post(
    "/v1/cases/{case_id:uuid}/release",
    status_code=204,
    opt={
        OPERATION: Operation(
            access=Access(roles=DECIDERS), raises=(NotLeasedError,), is_body_optional=True
        )
    },
)
async def release(
    case_id: FromPath[UUID],
    given: Injected[ReleaseBody],
    caller: Injected[Caller],
    system: Injected[System],
) -> None:
    """Give a case back; no reason is asked for."""
    moderator = ModeratorId(caller.principal_id)
    await release_case(system, CaseId(case_id), moderator, not_me=given.not_me)


@post(
    "/v1/cases/{case_id:uuid}/decision",
    status_code=200,
    opt={
        OPERATION: Operation(
            access=Access(roles=DECIDERS),
            raises=(*REFUSALS, AlreadyDraftedError),
            also={202: "It waits for a second person: nothing is decided before."},
            also_answers={202: DraftedAnswer},
        )
    },
)
async def take_decision(
    case_id: FromPath[UUID],
    given: Injected[DecisionBody],
    person: Injected[Person],
    system: Injected[System],
    now: Injected[datetime],
) -> Response[DecidedAnswer | DraftedAnswer]:
    """Decide a case that one has taken.

    To remove a whole account takes two: the answer is 202, and another moderator confirms it, or
    returns it.
    """
    match await submit_decision(system, CaseId(case_id), person, given.submission, now):
        case Draft() as draft:
            waiting = DraftedAnswer(
                draft_id=draft.id, state=draft.state, waits_until=draft.made_at + CONFIRM_TIME
            )
            return Response(waiting, status_code=202)
        case decision_id:
            return Response(DecidedAnswer(decision_id=decision_id))


@get("/v1/cases/{case_id:uuid}/explanation", opt=moderators(OVERSEERS, UnknownCaseError))
async def explain(
    case_id: FromPath[UUID],
    caller: Injected[Caller],
    system: Injected[System],
    now: Injected[datetime],
) -> ExplanationAnswer:
    """Return every term of what is believed about a case."""
    return ExplanationAnswer(
        assessments=tuple(
            AssessmentAnswer(
                guideline=each.guideline,
                log_odds=each.log_odds,
                machine=each.machine,
                terms=tuple(TermAnswer(name=name, nats=nats) for name, nats in each.terms),
            )
            for each in await explain_case(system, CaseId(case_id), caller, now)
        )
    )


@get("/v1/queue", opt=moderators(frozenset(ModeratorRole)))
async def show_queue(caller: Injected[Caller], system: Injected[System]) -> QueueAnswer:
    """Tell how many cases wait, by kind and lane."""
    return QueueAnswer(
        lanes=tuple(
            LaneAnswer(kind=each.kind, lane=each.lane, waiting=each.waiting)
            for each in await read_queue(system, ModeratorId(caller.principal_id))
        )
    )


handlers = (take, show, release, take_decision, explain, show_queue)
