"""What the holder of a receipt adds to its report, and complaints about what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from underseal.core.guideline import GuidelineId
from underseal.core.report import Tag
from underseal.core.subject import SubjectId
from underseal.store.connection import Connection
from underseal.store.queries import load

_SQL: Final = load("complaints")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class OwnReport:
    """The newest report that a receipt was given for, to which is added what its holder adds.

    It is the newest because that one may be looked at yet. `rounds` are all those that the receipt
    stands for, the one first that it is made of. `note_key` is wrapped, and None where there is
    none. `heard_in` is the round in which its reporter's complaint is heard, or None without one;
    `heard` is what its outcome is, once that was told, at `heard_at`.
    """

    subject_id: SubjectId
    round: int
    guideline: GuidelineId
    tag: Tag
    rounds: Sequence[int]
    note_key: bytes | None
    heard_in: int | None
    heard: str | None
    heard_at: datetime | None


async def report_of(conn: Connection, receipt: bytes) -> OwnReport | None:
    """Return the newest report that a receipt with this digest was given for."""
    row = await conn.fetchrow(_SQL["report_of"], receipt)
    if row is None:
        return None
    return OwnReport(
        subject_id=row["subject_id"],
        round=row["round"],
        guideline=row["guideline"],
        tag=row["tag"],
        rounds=row["rounds"],
        note_key=row["wrapped"],
        heard_in=row["heard_in"],
        heard=row["heard"],
        heard_at=row["changed_at"],
    )


async def heard_in(conn: Connection, about: OwnReport) -> int | None:
    """Return the round in which others are heard about what a report is about, if there was one.

    It is not before that of the report, which nobody would have read by then.
    """
    found: int | None = await conn.fetchval(
        _SQL["heard_in"], about.subject_id, about.rounds[0], about.round
    )
    return found


async def add_complaint(
    conn: Connection, receipt: bytes, about: OwnReport, heard_in_round: int
) -> None:
    """Record a complaint with a receipt, to be heard in a round after the one that it is made of."""
    await conn.execute(
        _SQL["add_complaint"],
        receipt,
        about.rounds[0],
        about.subject_id,
        about.round,
        about.guideline,
        about.tag,
        heard_in_round,
    )


async def add_supplement(
    conn: Connection, to: OwnReport, *, content: bytes, note: bytes, quarter: date
) -> None:
    """Keep a note that is added to a report; twice the same is kept once."""
    await conn.execute(
        _SQL["add_supplement"],
        to.subject_id,
        to.round,
        to.guideline,
        to.tag,
        content,
        quarter,
        note,
    )


async def spare_deciders(
    conn: Connection, subject_id: SubjectId, decided: Sequence[int], heard: int
) -> None:
    """Keep the case of the round `heard` from whoever decided the rounds `decided`."""
    await conn.execute(_SQL["spare_deciders"], subject_id, decided, heard)
