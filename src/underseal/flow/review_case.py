"""All that a moderator is shown beside a case: its file, its frame strip, decisions elsewhere."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from underseal.core.signal import Modality
from underseal.core.timed_text import TimedLine
from underseal.flow.copies import copies_of
from underseal.flow.read_case import CaseFile, Reader, SignalView, load_file, open_case
from underseal.flow.system import System
from underseal.scan.lines import matched
from underseal.store import history, timed_texts
from underseal.store.cases import CaseId
from underseal.store.history import DecidedElsewhere
from underseal.store.roles import Role

ELSEWHERE_MAX: Final = 20
"""Decisions on copies, and on the creator's other subjects, that are shown. A limit of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A case and what bears on it; `frames_ms` is where the frames of its strip are from.

    `lines` are what is said and written in the media, source by source; `matched` the numbers of
    those in which the guidelines' words were found. `copies_waiting` is how many copies wait for
    whoever reads it.
    """

    file: CaseFile
    frames_ms: tuple[int, ...]
    lines: tuple[TimedLine, ...]
    matched: frozenset[int]
    copies_waiting: int
    on_copies: tuple[DecidedElsewhere, ...]
    of_creator: tuple[DecidedElsewhere, ...]


async def review_case(system: System, case_id: CaseId, reader: Reader, now: datetime) -> Review:
    """Return a case with what bears on it, to whoever may read it.

    Raises:
        UnknownCaseError: there is no such case.
        NotLeasedError: the reader is a moderator and does not have it, or no longer.
    """
    async with system.db.transaction(Role.CONSOLE) as conn:
        case = await open_case(conn, system, case_id, reader, now)
        file = await load_file(conn, system, case, now)
        items = tuple(_known_items(file.signals))
        copies = await copies_of(conn, system, case_id, reader)
        on_copies = await history.on_copies(
            conn, case.subject_id, case.version, items, ELSEWHERE_MAX
        )
        creator_id = file.subject.creator_id
        of_creator = (
            ()
            if creator_id is None
            else await history.of_creator(conn, creator_id, case.subject_id, ELSEWHERE_MAX)
        )
        beside = await timed_texts.load_beside(conn, case.subject_id, case.version)
    return Review(
        file=file,
        frames_ms=beside.frames_ms,
        lines=beside.lines,
        matched=matched(beside.lines, file.signals),
        copies_waiting=sum(each != case_id for each in copies),
        on_copies=on_copies,
        of_creator=of_creator,
    )


def _known_items(signals: Iterable[SignalView]) -> Iterator[UUID]:
    """Yield the items of known content that were matched: a detail ends with the item's id."""
    for signal in signals:
        if signal.modality is Modality.KNOWN:
            name = signal.detail.rpartition(": ")[2]
            try:
                yield UUID(name)
            except ValueError:  # a list of another detector's, whose items we did not name
                continue
