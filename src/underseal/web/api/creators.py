"""Creators: the statements, strikes and appeals of an account, for the platform to show them.

This file reaches nothing but what was disclosed to creators: the import rules see to it. What
concerns somebody else is answered like what does not exist.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Annotated, Final
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath
from msgspec import Meta

from underseal.core.appeal import (
    EXPLANATION_CHARS_MAX,
    AlreadyAppealedError,
    AppealId,
    AppealState,
    AppealTooLateError,
    NothingToAppealError,
)
from underseal.core.caller import Scope
from underseal.core.decision import Automation
from underseal.core.statement import (
    Ground,
    GuidelineQuote,
    StatementId,
    StatementKind,
    statement_text,
)
from underseal.core.statement_words import WORDS
from underseal.core.subject import SubjectKind, SubjectRef
from underseal.core.visibility import Level
from underseal.flow.creator_view import (
    UnknownStatementError,
    read_appeals,
    read_standing,
    read_statement,
    read_statements,
)
from underseal.flow.lodge_appeal import lodge_appeal
from underseal.store.creator import (
    CreatorAppeal,
    CreatorStrike,
    DisclosedStatement,
    Place,
)
from underseal.store.pool import Database
from underseal.web.api.bodies import (
    NO_NUL,
    Answer,
    Creator,
    Cursor,
    ExternalId,
    Limit,
    Moment,
    Strict,
    Subject,
)
from underseal.web.api.operation import Injected, platforms
from underseal.web.cursors import Cursors, InvalidCursorError

LIST: Final = "statements"


class CreatorQuery(Strict):
    """Which account is asked about."""

    creator: ExternalId

    def __post_init__(self) -> None:
        _ = self.ref

    @property
    def ref(self) -> SubjectRef:
        """The account."""
        return SubjectRef(kind=SubjectKind.ACCOUNT, external_id=self.creator)


class StatementsQuery(CreatorQuery):
    """Which account is asked about, and where to go on."""

    cursor: Cursor | None = None
    limit: Limit = 20


class AppealBody(Strict):
    """An appeal against the decision that a statement explains, in the creator's words."""

    statement_id: UUID
    creator: Creator
    grounds: Annotated[str, Meta(max_length=EXPLANATION_CHARS_MAX, pattern=NO_NUL)]


class EffectAnswer(Answer):
    """What a statement is about: who may see the subject because of it."""

    level: Level
    age_restricted: bool
    labelled: bool
    interaction_limited: bool
    geo_blocked: tuple[str, ...]


class QuotedAnswer(Answer):
    """A guideline as it stood, by language, with those of its examples that were observed."""

    id: str
    label: Mapping[str, str]
    text: Mapping[str, str]
    observed: Mapping[str, tuple[str, ...]]


class StatementAnswer(Answer):
    """A statement of reasons: DSA, Article 17. `text` says all of it in words, by language."""

    statement_id: UUID
    subject: Subject
    kind: StatementKind
    effect: EffectAnswer
    territorial_scope: tuple[str, ...]
    ground: Ground | None
    guideline: QuotedAnswer | None
    law: str | None
    moments: tuple[Moment, ...]
    after_notice: bool
    automated_detection: bool
    automated_decision: Automation
    reasons: str | None
    informed_at: datetime
    expires_at: datetime | None
    appeal_until: datetime | None
    text: Mapping[str, str]


class StatementsAnswer(Answer):
    """Statements, the newest first. `cursor` is where to go on, or null at the end."""

    statements: tuple[StatementAnswer, ...]
    cursor: str | None


class StrikeAnswer(Answer):
    """A strike: it counts up to, but not on, `expires_on`, and never if it was voided."""

    guideline: str
    weight: int
    issued_on: date
    expires_on: date
    is_voided: bool


class StandingAnswer(Answer):
    """What counts against an account today, and what did before."""

    points: int
    active: tuple[StrikeAnswer, ...]
    past: tuple[StrikeAnswer, ...]


class AppealAnswer(Answer):
    """An appeal; `reasons` and `decided_at` come with its decision."""

    appeal_id: UUID
    statement_id: UUID
    state: AppealState
    lodged_at: datetime
    reasons: str | None
    decided_at: datetime | None


class AppealsAnswer(Answer):
    """All appeals of an account, the newest first."""

    appeals: tuple[AppealAnswer, ...]


class LodgedAnswer(Answer):
    """An appeal that somebody else will decide than who decided first."""

    appeal_id: UUID
    state: AppealState


@get("/v1/creators/statements", opt=platforms(Scope.CREATORS_READ, InvalidCursorError))
async def list_statements(
    asked: Injected[StatementsQuery], db: Injected[Database], cursors: Injected[Cursors]
) -> StatementsAnswer:
    """List the statements of reasons that an account may read."""
    question = (LIST, asked.creator)
    after = None
    if asked.cursor is not None:
        disclosed_at, statement_id = cursors.read(question, asked.cursor)
        after = Place(
            disclosed_at=datetime.fromisoformat(str(disclosed_at)),
            statement_id=StatementId(UUID(str(statement_id))),
        )
    found = await read_statements(db, asked.ref.subject_id, after, asked.limit)
    cursor = None
    if len(found) == asked.limit:
        last = found[-1]
        cursor = cursors.write(question, [last.disclosed_at.isoformat(), str(last.statement.id)])
    return StatementsAnswer(statements=tuple(map(_statement, found)), cursor=cursor)


@get(
    "/v1/creators/statements/{statement_id:uuid}",
    opt=platforms(Scope.CREATORS_READ, UnknownStatementError),
)
async def show_statement(
    statement_id: FromPath[UUID], asked: Injected[CreatorQuery], db: Injected[Database]
) -> StatementAnswer:
    """Return one statement of reasons of an account."""
    found = await read_statement(db, asked.ref.subject_id, StatementId(statement_id))
    return _statement(found)


@get("/v1/creators/standing", opt=platforms(Scope.CREATORS_READ))
async def show_standing(
    asked: Injected[CreatorQuery], db: Injected[Database], now: Injected[datetime]
) -> StandingAnswer:
    """Tell what counts against an account."""
    standing = await read_standing(db, asked.ref.subject_id, now.date())
    return StandingAnswer(
        points=standing.points,
        active=tuple(map(_strike, standing.active)),
        past=tuple(map(_strike, standing.past)),
    )


@get("/v1/creators/appeals", opt=platforms(Scope.CREATORS_READ))
async def list_appeals(asked: Injected[CreatorQuery], db: Injected[Database]) -> AppealsAnswer:
    """List the appeals of an account."""
    found = await read_appeals(db, asked.ref.subject_id)
    return AppealsAnswer(appeals=tuple(map(_appeal, found)))


@post(
    "/v1/appeals",
    opt=platforms(
        Scope.APPEALS_WRITE,
        UnknownStatementError,
        NothingToAppealError,
        AlreadyAppealedError,
        AppealTooLateError,
    ),
)
async def lodge(
    given: Injected[AppealBody],
    db: Injected[Database],
    now: Injected[datetime],
    new_id: Injected[Callable[[], UUID]],
) -> LodgedAnswer:
    """Ask, for a creator, that somebody else looks again; once for each decision."""
    appeal_id = AppealId(new_id())
    await lodge_appeal(
        db,
        appeal_id,
        account=given.creator.ref.subject_id,
        statement_id=StatementId(given.statement_id),
        grounds=given.grounds,
        now=now,
    )
    return LodgedAnswer(appeal_id=appeal_id, state=AppealState.LODGED)


def _statement(found: DisclosedStatement) -> StatementAnswer:
    statement = found.statement
    visibility = statement.visibility
    return StatementAnswer(
        statement_id=statement.id,
        subject=Subject.of(statement.subject),
        kind=statement.kind,
        effect=EffectAnswer(
            level=visibility.level,
            age_restricted=visibility.age_restricted,
            labelled=visibility.labelled,
            interaction_limited=visibility.interaction_limited,
            geo_blocked=visibility.geo_blocked,
        ),
        territorial_scope=statement.territorial_scope,
        ground=statement.ground,
        guideline=None if statement.guideline is None else _quoted(statement.guideline),
        law=statement.law,
        moments=tuple(Moment(start_ms=start, end_ms=end) for start, end in statement.moments_ms),
        after_notice=statement.after_notice,
        automated_detection=statement.automated_detection,
        automated_decision=statement.automated_decision,
        reasons=statement.reasons,
        informed_at=found.disclosed_at,
        expires_at=statement.expires_at,
        appeal_until=found.appeal_until,
        text={language: statement_text(statement, language) for language in WORDS},
    )


def _quoted(quoted: GuidelineQuote) -> QuotedAnswer:
    return QuotedAnswer(
        id=quoted.id, label=quoted.label, text=quoted.text, observed=quoted.observed
    )


def _strike(strike: CreatorStrike) -> StrikeAnswer:
    return StrikeAnswer(
        guideline=strike.guideline,
        weight=strike.weight,
        issued_on=strike.issued_on,
        expires_on=strike.expires_on,
        is_voided=strike.is_voided,
    )


def _appeal(appeal: CreatorAppeal) -> AppealAnswer:
    return AppealAnswer(
        appeal_id=appeal.appeal_id,
        statement_id=appeal.statement_id,
        state=appeal.state,
        lodged_at=appeal.lodged_at,
        reasons=appeal.reasons,
        decided_at=appeal.decided_at,
    )


handlers = (list_statements, show_statement, show_standing, list_appeals, lodge)
