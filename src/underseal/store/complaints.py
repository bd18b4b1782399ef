"""What the holder of a receipt adds to its report, and complaints about what came of it."""

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
    """The report that a receipt was given for; `note_key` is wrapped, and None where there is none.

    `heard_in` is the round in which a complaint about it is heard, or None without one; `heard` is
    what its outcome is, once that was told, at `heard_at`.
    """

    subject_id: SubjectId
    round: int
    guideline: GuidelineId
    tag: Tag
    note_key: bytes | None
    heard_in: int | None
    heard: str | None
    heard_at: datetime | None


async def report_of(conn: Connection, receipt: bytes) -> OwnReport | None:
    """Return the report that a receipt with this digest was given for."""
    row = await conn.fetchrow(_SQL["report_of"], receipt)
    if row is None:
        return None
    return OwnReport(
        subject_id=row["subject_id"],
        round=row["round"],
        guideline=row["guideline"],
        tag=row["tag"],
        note_key=row["wrapped"],
        heard_in=row["heard_in"],
        heard=row["heard"],
        heard_at=row["changed_at"],
    )


async def heard_in(conn: Connection, subject_id: SubjectId, round_: int) -> int | None:
    """Return the round in which complaints about `round_` are heard, if there was one."""
    found: int | None = await conn.fetchval(_SQL["heard_in"], subject_id, round_)
    return found


async def add_complaint(conn: Connection, about: OwnReport, heard_in_round: int) -> None:
    """Record a complaint about a report, to be heard in a later round."""
    await conn.execute(
        _SQL["add_complaint"],
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


async def spare_deciders(conn: Connection, subject_id: SubjectId, decided: int, heard: int) -> None:
    """Keep the case of the round `heard` from whoever decided the round `decided`."""
    await conn.execute(_SQL["spare_deciders"], subject_id, decided, heard)
