"""Timed text: what is said or written in a version, kept by its source."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from underseal.core.report import Moment
from underseal.core.subject import SubjectId
from underseal.core.timed_text import TextSource, TimedLine
from underseal.store.connection import Connection, Row
from underseal.store.queries import load

_SQL: Final = load("timed_texts")

AS_REGISTERED: Final = 0
"""The number that stands for the platform's word where others have that of a scan."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What stands beside a player: where the frames of its strip are from, and the lines."""

    frames_ms: tuple[int, ...]
    lines: tuple[TimedLine, ...]


async def add_lines(
    conn: Connection, subject_id: SubjectId, version: int, run: int, lines: Iterable[TimedLine]
) -> None:
    """Keep the lines that a scan has read in a version, or that came with it."""
    by_source: dict[TextSource, list[TimedLine]] = {}
    for line in lines:
        by_source.setdefault(line.source, []).append(line)
    for source, said in by_source.items():
        await conn.execute(
            _SQL["add_timed_text"],
            subject_id,
            version,
            source,
            run,
            [line.moment.start_ms for line in said],
            [line.moment.end_ms for line in said],
            [line.text for line in said],
        )


async def load_captions(
    conn: Connection, subject_id: SubjectId, version: int
) -> tuple[TimedLine, ...]:
    """Return the captions that the platform has sent with a version."""
    row = await conn.fetchrow(_SQL["load_captions"], subject_id, version)
    return () if row is None else _lines(row)


async def load_beside(conn: Connection, subject_id: SubjectId, version: int) -> Beside:
    """Return what stands beside the player of a version: nothing, if it was never registered."""
    rows = await conn.fetch(_SQL["load_beside"], subject_id, version)
    return Beside(
        frames_ms=tuple(rows[0]["frames_ms"] or ()) if rows else (),
        lines=tuple(line for row in rows if row["source"] is not None for line in _lines(row)),
    )


def _lines(row: Row) -> tuple[TimedLine, ...]:
    return tuple(
        TimedLine(
            source=TextSource(row["source"]),
            moment=Moment(start_ms=start_ms, end_ms=end_ms),
            text=text,
        )
        for start_ms, end_ms, text in zip(
            row["starts_ms"], row["ends_ms"], row["lines"], strict=True
        )
    )
