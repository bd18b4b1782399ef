"""The ledger as stored: chains of events, and commitments to the reports of a round.

Whoever continues a subject's story locks its chain first: `chain_heads` before `subjects`, and
several subjects in the order of their ids.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from underseal.core import ledger
from underseal.core.ledger import GENESIS, Canonical, Event, EventKind
from underseal.core.subject import SubjectId
from underseal.store.connection import Connection, Row
from underseal.store.queries import load

_SQL: Final = load("ledger")


class ChainNotLockedError(Exception):
    """A chain was to be continued that the transaction does not hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is to be written about a subject."""

    subject_id: SubjectId
    kind: EventKind
    payload: Mapping[str, Canonical]


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment:
    """How many reports a round has, and 32 bytes that stand for every byte of them."""

    reports: int
    root: bytes

    @property
    def payload(self) -> Mapping[str, Canonical]:
        """The commitment as events hold it."""
        return {"reports": self.reports, "root": self.root.hex()}


async def lock_chain(conn: Connection, subject_id: SubjectId) -> None:
    """Hold a subject's chain until the transaction ends; it begins if there is none."""
    await lock_chains(conn, (subject_id,))


async def lock_chains(conn: Connection, subject_ids: Iterable[SubjectId]) -> None:
    """Hold several chains until the transaction ends."""
    ids = sorted(set(subject_ids))
    await conn.execute(_SQL["begin_chains"], ids, GENESIS)
    await conn.fetch(_SQL["lock_chains"], ids)


async def append(
    conn: Connection, subject_id: SubjectId, kind: EventKind, payload: Mapping[str, Canonical]
) -> None:
    """Add an event to a locked chain.

    Raises:
        ChainNotLockedError: the chain does not exist.
        NotCanonicalError: the payload has no canonical bytes.
    """
    await append_all(conn, (Entry(subject_id=subject_id, kind=kind, payload=payload),))


async def append_all(conn: Connection, entries: Sequence[Entry]) -> None:
    """Add events to locked chains, each subject's in the order given.

    Raises:
        ChainNotLockedError: a chain does not exist.
        NotCanonicalError: a payload has no canonical bytes.
    """
    ids = sorted({entry.subject_id for entry in entries})
    rows = await conn.fetch(_SQL["chain_ends"], ids)
    ends = {event.subject_id: event for event in map(read_event, rows)}
    events = []
    for entry in entries:
        end = ends.get(entry.subject_id)
        event = ledger.append(end, entry.subject_id, entry.kind, entry.payload)
        ends[entry.subject_id] = event
        events.append(event)
    moved = await conn.fetch(
        _SQL["move_heads"], ids, [ends[each].seq for each in ids], [ends[each].hash for each in ids]
    )
    if len(moved) != len(ids):
        raise ChainNotLockedError
    await conn.execute(
        _SQL["add_events"],
        [event.subject_id for event in events],
        [event.seq for event in events],
        [event.kind for event in events],
        [event.body for event in events],
        [event.prev_hash for event in events],
        [event.hash for event in events],
    )


async def commit_reports(
    conn: Connection, subject_id: SubjectId, round_: int, *, closed: bool
) -> Commitment:
    """Store what the reports of a round add up to, and return it.

    Whoever closes a round holds its subject's lock, so that no report is filed meanwhile.
    """
    commitment = await count_reports(conn, subject_id, round_, with_supplements=closed)
    await store_commitment(conn, subject_id, round_, commitment, closed=closed)
    return commitment


async def store_commitment(
    conn: Connection, subject_id: SubjectId, round_: int, commitment: Commitment, *, closed: bool
) -> None:
    """Store what the reports of a round added up to; a closed round stays as it was closed."""
    await conn.execute(
        _SQL["commit_reports"],
        subject_id,
        round_,
        commitment.reports,
        commitment.root,
        closed,
    )


async def count_reports(
    conn: Connection, subject_id: SubjectId, round_: int, *, with_supplements: bool = False
) -> Commitment:
    """Return what the reports of a round add up to now, from all their columns.

    What was added to reports takes part once the round ends: it wants no assessment of its own.
    """
    digests = [
        report_digest(row) for row in await conn.fetch(_SQL["reports_of_round"], subject_id, round_)
    ]
    reports = len(digests)
    if with_supplements:
        rows = await conn.fetch(_SQL["supplements_of_round"], subject_id, round_)
        digests.extend(map(supplement_digest, rows))
    return Commitment(reports=reports, root=ledger.commitment(digests))


async def last_event(conn: Connection, subject_id: SubjectId, kind: EventKind) -> bytes | None:
    """Return the body of the newest event of a kind in a chain, or None without one."""
    body: bytes | None = await conn.fetchval(_SQL["last_event"], subject_id, kind)
    return body


def report_digest(row: Row) -> bytes:
    """Return the digest of a report from its columns by name, which is what `sealed` holds.

    `sealed` itself takes no part; the note takes part as the hash of its ciphertext.
    """
    return ledger.report_digest(
        {
            "subject_id": row["subject_id"].hex,
            "round": row["round"],
            "guideline": row["guideline"],
            "tag": row["tag"].hex(),
            "pseudonym": row["pseudonym"] and row["pseudonym"].hex(),
            "taxonomy": row["taxonomy"],
            "reported_in": row["reported_in"].isoformat(),
            "moments": _moments(row["moments"]),
            "note": _note_hash(row["note"]),
            "content": row["content"].hex(),
            "is_notice": row["is_notice"],
            "law": row["law"],
            "by_trusted_flagger": row["by_trusted_flagger"],
            "may_be_guessed": row["may_be_guessed"],
            "after_outcome": row["after_outcome"],
            "receipt": row["receipt"].hex(),
            "earlier_receipt": row["earlier_receipt"] and row["earlier_receipt"].hex(),
        }
    )


def supplement_digest(row: Row) -> bytes:
    """Return the digest of what was added to a report, from its columns by name."""
    return ledger.report_digest(
        {
            "supplements": row["tag"].hex(),
            "subject_id": row["subject_id"].hex,
            "round": row["round"],
            "guideline": row["guideline"],
            "content": row["content"].hex(),
            "added_in": row["added_in"].isoformat(),
            "moments": _moments(row["moments"]),
            "note": _note_hash(row["note"]),
        }
    )


def read_event(row: Row) -> Event:
    """Return the event of a row of `events`."""
    return Event(
        subject_id=SubjectId(row["subject_id"]),
        seq=row["seq"],
        kind=EventKind(row["kind"]),
        body=row["body"],
        prev_hash=row["prev_hash"],
        hash=row["hash"],
    )


def _note_hash(note: bytes | None) -> str | None:
    return None if note is None else sha256(note).hexdigest()


def _moments(flat: Sequence[int]) -> list[list[int]]:
    return [[start, end] for start, end in zip(flat[::2], flat[1::2], strict=True)]
