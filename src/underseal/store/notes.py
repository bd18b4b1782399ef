"""Notes of reports, encrypted, for those who judge the subject."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from underseal.core.guideline import GuidelineId
from underseal.core.report import Moment, Pseudonym, Tag
from underseal.core.subject import SubjectId
from underseal.store.connection import Connection
from underseal.store.queries import load

_SQL: Final = load("notes")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class EncryptedNote:
    """A note, and what its place is named by."""

    round: int
    guideline: GuidelineId
    tag: Tag
    note: bytes


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ReadableReport:
    """A report with what its reporter added; `notes` are encrypted."""

    round: int
    guideline: GuidelineId
    tag: Tag
    pseudonym: Pseudonym | None
    is_notice: bool
    by_trusted_flagger: bool
    notes: tuple[bytes, ...]
    moments: tuple[Moment, ...]


async def note_key(conn: Connection, subject_id: SubjectId) -> bytes | None:
    """Return the wrapped key of the notes about a subject, or None where there is none any more."""
    wrapped: bytes | None = await conn.fetchval(_SQL["note_key"], subject_id)
    return wrapped


async def notes_on(conn: Connection, subject_id: SubjectId) -> tuple[EncryptedNote, ...]:
    """Return every note about a subject, of all rounds."""
    return tuple(
        EncryptedNote(
            round=row["round"], guideline=row["guideline"], tag=row["tag"], note=row["note"]
        )
        for row in await conn.fetch(_SQL["notes_on"], subject_id)
    )


async def reports_of_round(
    conn: Connection, subject_id: SubjectId, round_: int, limit: int
) -> tuple[ReadableReport, ...]:
    """Return up to `limit` reports that are judged in a round, with what was added to them."""
    return tuple(
        ReadableReport(
            round=row["round"],
            guideline=row["guideline"],
            tag=row["tag"],
            pseudonym=row["pseudonym"],
            is_notice=row["is_notice"],
            by_trusted_flagger=row["by_trusted_flagger"],
            notes=tuple(row["notes"]),
            moments=tuple(sorted(set(_moments(row["moments"])))),
        )
        for row in await conn.fetch(_SQL["reports_of_round"], subject_id, round_, limit)
    )


def _moments(arrays: Iterable[str]) -> list[Moment]:
    found = []
    for array in arrays:
        flat = [int(each) for each in array.strip("{}").split(",") if each]
        found += [
            Moment(start_ms=start, end_ms=end)
            for start, end in zip(flat[::2], flat[1::2], strict=True)
        ]
    return found
