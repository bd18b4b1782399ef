"""Reports as they are stored, what repeats add to them, and the identities sealed with them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import asyncpg

from underseal.core.guideline import GuidelineId
from underseal.core.receipt_state import DisclosedOutcome, ReceiptState
from underseal.core.report import Moment, Pseudonym, Tag
from underseal.core.subject import SubjectId, SubjectKind, SubjectRef
from underseal.store.pool import Connection, DatabaseAwayError
from underseal.store.queries import load

_SQL: Final = load("reports")

_PASSING: Final = (
    DatabaseAwayError,
    asyncpg.TransactionRollbackError,  # another transaction was in the way
    asyncpg.QueryCanceledError,
    asyncpg.LockNotAvailableError,
)
_CONDITIONS: Final = (
    asyncpg.InsufficientResourcesError,  # the disk is full
    asyncpg.InsufficientPrivilegeError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.PostgresSystemError,
    asyncpg.InternalServerError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRound:
    """The round in which reports of a subject are filed now.

    `receipt_round` is the one that receipts of the day are made of: the earliest that may be open
    as far as anybody knows. `outcome_visible` tells whether an effect of the round shows; `note_key` is
    wrapped, and None for a subject that has none, or whose key was destroyed.
    """

    round: int
    receipt_round: int
    outcome_visible: bool
    note_key: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ReportRow:
    """A report as stored, but for its digest. `note` is encrypted; `content` and receipts are digests.

    `receipt` is made of the round; `earlier_receipt`, where receipts were made of another one then,
    is what was given.
    """

    subject_id: SubjectId
    round: int
    guideline: GuidelineId
    tag: Tag
    pseudonym: Pseudonym | None
    taxonomy: str
    reported_in: date
    moments: tuple[Moment, ...]
    note: bytes | None
    content: bytes
    is_notice: bool
    law: str | None
    by_trusted_flagger: bool
    may_be_guessed: bool
    after_outcome: bool
    receipt: bytes
    earlier_receipt: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """What became of a row: `tag` is the one under which the person's report is stored."""

    is_new: bool
    tag: Tag


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SealedIdentity:
    """A sealed identity, and the person's pseudonym of an earlier year."""

    pseudonym: Pseudonym
    year: int
    sealed: bytes
    previous: Pseudonym | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundReceipt:
    """What the holder of a receipt may know; `outcomes` are those of its rounds, in their order.

    `is_notice` is whether any of the reports that it was given for is one.
    """

    subject: SubjectRef
    guideline: GuidelineId
    is_notice: bool
    outcomes: tuple[DisclosedOutcome, ...]


async def open_rounds(
    conn: Connection,
    subjects: Mapping[SubjectId, SubjectRef],
    note_keys: Mapping[SubjectId, bytes],
    day: date,
) -> dict[SubjectId, OpenRound]:
    """Make sure that subjects exist, and keep their rounds open until the transaction ends.

    Args:
        conn: its transaction is the one that files the reports.
        subjects: bare ones are made of those not yet known.
        note_keys: wrapped; kept for those that have none.
        day: that of the receipts that are to be given.
    """
    ids = sorted(subjects)
    rows = await conn.fetch(
        _SQL["open_rounds"],
        ids,
        [subjects[subject_id].kind for subject_id in ids],
        [subjects[subject_id].external_id for subject_id in ids],
        [note_keys.get(subject_id) for subject_id in ids],
        day,
    )
    return {
        SubjectId(row["subject_id"]): OpenRound(
            round=row["round"],
            receipt_round=row["receipt_round"],
            outcome_visible=row["outcome_visible"],
            note_key=row["wrapped"],
        )
        for row in rows
    }


async def file_reports(
    conn: Connection,
    rows: Sequence[ReportRow],
    digests: Sequence[bytes],
    previous_tags: Sequence[bytes | None],
    identities: Sequence[SealedIdentity] = (),
    *,
    month: date,
) -> tuple[Filed, ...]:
    """Write reports of rounds that are open, and tell what became of each.

    The assessments of subjects with new reports are pending then.

    Args:
        conn: `open_rounds` was called in its transaction.
        rows: all of one quarter and taxonomy.
        digests: by position, what `flow.seal_report.digest_of_row` makes of the row.
        previous_tags: by position, the tags of earlier years, one after the other, under one of which
            the same person's report may be stored.
        identities: kept for people who have none yet.
        month: its first day; new reports are counted in it.
    """
    answers = await conn.fetch(
        _SQL["file_reports"],
        [row.subject_id for row in rows],
        [row.round for row in rows],
        [row.guideline for row in rows],
        [row.tag for row in rows],
        previous_tags,
        [row.pseudonym for row in rows],
        rows[0].taxonomy,
        rows[0].reported_in,
        month,
        [_array(row.moments) for row in rows],
        [row.note for row in rows],
        [row.content for row in rows],
        [row.is_notice for row in rows],
        [row.law for row in rows],
        [row.by_trusted_flagger for row in rows],
        [row.may_be_guessed for row in rows],
        [row.after_outcome for row in rows],
        [row.receipt for row in rows],
        [row.earlier_receipt for row in rows],
        digests,
        [identity.pseudonym for identity in identities],
        [identity.year for identity in identities],
        [identity.sealed for identity in identities],
        [identity.previous for identity in identities],
    )
    return tuple(Filed(is_new=row["is_new"], tag=Tag(row["stored_tag"])) for row in answers)


async def add_supplements(conn: Connection, rows: Sequence[ReportRow]) -> None:
    """Keep what repeats add to the reports that are stored under their tags."""
    await conn.execute(
        _SQL["add_supplements"],
        [row.subject_id for row in rows],
        [row.round for row in rows],
        [row.guideline for row in rows],
        [row.tag for row in rows],
        [row.content for row in rows],
        rows[0].reported_in,
        [_array(row.moments) for row in rows],
        [row.note for row in rows],
    )


async def look_up_receipt(conn: Connection, digest: bytes) -> FoundReceipt | None:
    """Return what the holder of a receipt may know, or None for one that was never given."""
    row = await conn.fetchrow(_SQL["look_up_receipt"], digest)
    if row is None:
        return None
    return FoundReceipt(
        subject=SubjectRef(kind=SubjectKind(row["kind"]), external_id=row["external_id"]),
        guideline=GuidelineId(row["guideline"]),
        is_notice=row["is_notice"],
        outcomes=tuple(
            DisclosedOutcome(
                disclosed_at=changed_at,
                is_violation=ReceiptState(state) is ReceiptState.ACTION_TAKEN,
                shows=shows,
            )
            for state, changed_at, shows in zip(
                row["states"], row["changed"], row["shown"], strict=True
            )
        ),
    )


async def schedule_erasure(conn: Connection, pseudonyms: Sequence[Pseudonym], day: date) -> None:
    """See to it that the identities behind these pseudonyms are erased on `day` at the latest."""
    await conn.execute(_SQL["schedule_erasure"], pseudonyms, day)


def is_passing(error: Exception) -> bool:
    """Tell whether the same batch may be stored when it is tried again."""
    return isinstance(error, _PASSING)


def is_condition(error: Exception) -> bool:
    """Tell whether the server is at fault, so that no batch is stored, whatever is in it."""
    return isinstance(error, _CONDITIONS)


def _array(moments: Sequence[Moment]) -> str:
    """Write moments as PostgreSQL writes an array of integers: it has no ragged arrays of arrays."""
    return f"{{{','.join(f'{moment.start_ms},{moment.end_ms}' for moment in moments)}}}"
