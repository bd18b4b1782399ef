"""Drafts of decisions, and cases that were given to leads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from underseal.core.caller import ModeratorRole
from underseal.core.case import ModeratorId
from underseal.core.decision import Finding, Outcome, Verdict
from underseal.core.draft import BulkId, Draft, DraftId, DraftState
from underseal.core.guideline import GuidelineId
from underseal.core.report import Moment
from underseal.core.subject import SubjectId, SubjectKind, SubjectRef
from underseal.store.cases import CaseId
from underseal.store.connection import Connection, Row
from underseal.store.queries import load

_SQL: Final = load("drafts")

SHOWN_MAX: Final = 100
"""Drafts that are listed for somebody at once. A limit of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDraft:
    """A draft with what it says of which case.

    `may_decide` says that who made it is still one who decides, and `made_as` their role;
    `failures` counts how often it could not be settled; `word` is why it was returned or refused.
    """

    draft: Draft
    case_id: CaseId
    verdict: Verdict
    observed: tuple[int, ...]
    moments: tuple[Moment, ...]
    reasons: str
    word: str = ""
    failures: int = 0
    may_decide: bool = True
    made_as: ModeratorRole = ModeratorRole.MODERATOR


@dataclass(frozen=True, slots=True, kw_only=True)
class Undoable:
    """A draft that can still be taken back, until `final_at`, with all `together` of its bulk."""

    draft_id: DraftId
    case_id: CaseId
    subject: SubjectRef
    outcome: Outcome
    guideline: GuidelineId | None
    is_unconfirmed: bool
    final_at: datetime
    together: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CameBack:
    """A draft that was returned by a colleague, or could not be decided like that.

    It stands for all `together` of its bulk that came back with the same word.
    """

    draft_id: DraftId
    case_id: CaseId
    subject: SubjectRef
    word: str
    is_returned: bool
    together: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unconfirmed:
    """A draft that waits for a second person; `name` is what who made it is called."""

    draft_id: DraftId
    case_id: CaseId
    subject: SubjectRef
    verdict: Verdict
    observed: tuple[int, ...]
    moments: tuple[Moment, ...]
    reasons: str
    made_by: ModeratorId
    name: str
    made_at: datetime
    due_at: datetime | None
    bulk: BulkId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnconfirmedPlace:
    """Where a draft stands among those that wait for a second person."""

    due_at: datetime | None
    made_at: datetime
    draft_id: DraftId


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """Why a case was given to leads, and by whom."""

    word: str
    name: str


async def add_draft(conn: Connection, stored: StoredDraft, lease_until: datetime) -> None:
    """Keep a draft, and its case with who made it until a moment."""
    draft, verdict = stored.draft, stored.verdict
    await conn.execute(
        _SQL["add_draft"],
        draft.id,
        stored.case_id,
        verdict.outcome,
        verdict.guideline,
        verdict.finding,
        list(stored.observed),
        [ms for each in stored.moments for ms in (each.start_ms, each.end_ms)],
        stored.reasons,
        draft.made_by,
        draft.made_at,
        draft.final_at,
        draft.needs_second,
        draft.state,
        draft.bulk,
    )
    await conn.execute(_SQL["lease_for_draft"], stored.case_id, draft.made_by, lease_until)


async def lock_draft(conn: Connection, draft_id: DraftId) -> StoredDraft | None:
    """Return a draft, and let nobody settle or take it back until the transaction ends."""
    row = await conn.fetchrow(_SQL["lock_draft"], draft_id)
    return None if row is None else _stored(row)


async def lock_together(conn: Connection, draft_id: DraftId) -> tuple[StoredDraft, ...]:
    """Return a draft and the others of its bulk, as `lock_draft` does; none if there is no such."""
    return tuple(_stored(row) for row in await conn.fetch(_SQL["lock_together"], draft_id))


async def live_draft(conn: Connection, case_id: CaseId) -> StoredDraft | None:
    """Return the draft that waits on a case."""
    row = await conn.fetchrow(_SQL["live_draft"], case_id)
    return None if row is None else _stored(row)


async def lock_due(
    conn: Connection, now: datetime, unconfirmed_since: datetime
) -> StoredDraft | None:
    """Return one that is to be settled, or has waited too long, that no other worker has."""
    row = await conn.fetchrow(_SQL["lock_due"], now, unconfirmed_since)
    return None if row is None else _stored(row)


async def save_draft(
    conn: Connection, draft: Draft, *, word: str = "", ended_at: datetime | None = None
) -> None:
    """Keep where a draft stands; `ended_at` is for one that has ended."""
    await conn.execute(
        _SQL["save_draft"], draft.id, draft.state, draft.confirmed_by, word, ended_at
    )


async def note_failure(conn: Connection, draft_id: DraftId) -> int:
    """Note that a draft could not be settled this time, and return how often that was so."""
    failures: int = await conn.fetchval(_SQL["note_failure"], draft_id)
    return failures


async def lease_again(
    conn: Connection, case_id: CaseId, moderator: ModeratorId, until: datetime
) -> bool:
    """Put a case back on its moderator's desk; return False if it is not theirs any more."""
    return bool(await conn.fetchval(_SQL["lease_again"], case_id, moderator, until))


async def queue_again(conn: Connection, case_id: CaseId, moderator: ModeratorId) -> None:
    """Queue a case again, if it is this moderator's."""
    await conn.execute(_SQL["queue_again"], case_id, moderator)


async def undoable(conn: Connection, moderator: ModeratorId, now: datetime) -> Undoable | None:
    """Return the newest draft that a moderator can still take back."""
    row = await conn.fetchrow(_SQL["undoable"], moderator, now)
    if row is None:
        return None
    return Undoable(
        draft_id=row["draft_id"],
        case_id=row["case_id"],
        subject=_subject(row),
        outcome=Outcome(row["outcome"]),
        guideline=row["guideline"],
        is_unconfirmed=row["state"] == DraftState.UNCONFIRMED,
        final_at=row["final_at"],
        together=row["together"],
    )


async def unread(conn: Connection, moderator: ModeratorId) -> tuple[CameBack, ...]:
    """Return what came back to a moderator, and they do not know yet."""
    return tuple(
        CameBack(
            draft_id=row["draft_id"],
            case_id=row["case_id"],
            subject=_subject(row),
            word=row["word"],
            is_returned=row["state"] == DraftState.RETURNED,
            together=row["together"],
        )
        for row in await conn.fetch(_SQL["unread"], moderator, SHOWN_MAX)
    )


async def mark_read(conn: Connection, draft_id: DraftId, moderator: ModeratorId) -> None:
    """Note that a moderator knows what became of their draft, and of others alike of its bulk."""
    await conn.execute(_SQL["mark_read"], draft_id, moderator)


async def unconfirmed(
    conn: Connection,
    moderator: ModeratorId,
    role: ModeratorRole,
    own: Sequence[SubjectId],
    *,
    after: UnconfirmedPlace | None = None,
    limit: int = SHOWN_MAX,
) -> tuple[Unconfirmed, ...]:
    """Return the drafts after a place that this moderator, whose accounts are `own`, can confirm."""
    place = (None, None, None) if after is None else (after.due_at, after.made_at, after.draft_id)
    rows = await conn.fetch(_SQL["unconfirmed"], moderator, limit, role, own, *place)
    return tuple(
        Unconfirmed(
            draft_id=row["draft_id"],
            case_id=row["case_id"],
            subject=_subject(row),
            verdict=_verdict(row),
            observed=tuple(row["observed"]),
            moments=_moments(row["moments"]),
            reasons=row["reasons"],
            made_by=row["made_by"],
            name=row["name"],
            made_at=row["made_at"],
            due_at=row["due_at"],
            bulk=row["bulk_id"],
        )
        for row in rows
    )


async def may_read(
    conn: Connection, case_id: CaseId, moderator: ModeratorId, role: ModeratorRole
) -> bool:
    """Return whether a colleague has asked somebody to look at a case."""
    return bool(await conn.fetchval(_SQL["may_read"], case_id, moderator, role))


async def escalate(
    conn: Connection, case_id: CaseId, moderator: ModeratorId, word: str, now: datetime
) -> bool:
    """Give a leased case to leads; return False if the moderator does not have it."""
    return bool(await conn.fetchval(_SQL["escalate"], case_id, moderator, word, now))


async def escalation(conn: Connection, case_id: CaseId) -> Escalation | None:
    """Return why a case was given to leads."""
    row = await conn.fetchrow(_SQL["escalation"], case_id)
    return None if row is None else Escalation(word=row["escalation"], name=row["name"])


def _subject(row: Row) -> SubjectRef:
    return SubjectRef(kind=SubjectKind(row["kind"]), external_id=row["external_id"])


def _verdict(row: Row) -> Verdict:
    return Verdict(
        outcome=Outcome(row["outcome"]), guideline=row["guideline"], finding=Finding(row["finding"])
    )


def _moments(bounds: Sequence[int]) -> tuple[Moment, ...]:
    return tuple(
        Moment(start_ms=start, end_ms=end)
        for start, end in zip(bounds[::2], bounds[1::2], strict=True)
    )


def _stored(row: Row) -> StoredDraft:
    return StoredDraft(
        draft=Draft(
            id=row["draft_id"],
            made_by=row["made_by"],
            made_at=row["made_at"],
            final_at=row["final_at"],
            needs_second=row["needs_second"],
            state=DraftState(row["state"]),
            confirmed_by=row["confirmed_by"],
            bulk=row["bulk_id"],
        ),
        case_id=row["case_id"],
        verdict=_verdict(row),
        observed=tuple(row["observed"]),
        moments=_moments(row["moments"]),
        reasons=row["reasons"],
        word=row["word"],
        failures=row["failures"],
        may_decide=row["may_decide"],
        made_as=ModeratorRole(row["made_as"]),
    )
