"""Checkpoints over the ends of the chains."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from underseal.core.subject import SubjectId
from underseal.store.connection import Connection, Row
from underseal.store.queries import load

_SQL: Final = load("checkpoints")

CHECKPOINT_LOCK: Final = 0x756E6465727305
"""Advisory lock of whoever makes a checkpoint; a number of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A Merkle root over the ends of `heads` chains, chained to the checkpoint before it."""

    number: int
    root: bytes
    prev_hash: bytes
    hash: bytes
    heads: int
    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The last event of a chain."""

    subject_id: SubjectId
    seq: int
    hash: bytes


async def begin_checkpoint(conn: Connection) -> Checkpoint | None:
    """Be the only one to make one; return the last."""
    await conn.execute(_SQL["only_one"], CHECKPOINT_LOCK)
    row = await conn.fetchrow(_SQL["last_checkpoint"])
    return None if row is None else read_checkpoint(row)


async def changed_heads(conn: Connection, *, all_: bool) -> tuple[Head, ...]:
    """Return the heads that changed since the last checkpoint, locked.

    Unless `all_` are wanted, without those that a report may have moved by itself.
    """
    return tuple(read_head(each) for each in await conn.fetch(_SQL["changed_heads"], all_))


async def add_checkpoint(conn: Connection, made: Checkpoint, heads: Sequence[Head]) -> None:
    """Keep a checkpoint over these heads."""
    ids, seqs = [head.subject_id for head in heads], [head.seq for head in heads]
    await conn.execute(
        _SQL["add_checkpoint"],
        made.number,
        made.root,
        made.prev_hash,
        made.hash,
        made.heads,
        made.made_at,
    )
    await conn.execute(_SQL["add_heads"], made.number, ids, seqs, [head.hash for head in heads])
    await conn.execute(_SQL["note_heads"], ids, seqs)


async def checkpoints(conn: Connection) -> tuple[Checkpoint, ...]:
    """Return all checkpoints, in order."""
    return tuple(read_checkpoint(row) for row in await conn.fetch(_SQL["all_checkpoints"]))


async def heads_of(conn: Connection, number: int) -> tuple[Head, ...]:
    """Return the heads that a checkpoint holds, in the order in which they are hashed."""
    return tuple(read_head(row) for row in await conn.fetch(_SQL["heads_of"], number))


def read_checkpoint(row: Row) -> Checkpoint:
    """Return the checkpoint of a row of `checkpoints`."""
    return Checkpoint(
        number=row["number"],
        root=row["root"],
        prev_hash=row["prev_hash"],
        hash=row["hash"],
        heads=row["heads"],
        made_at=row["made_at"],
    )


def read_head(row: Row) -> Head:
    """Return the end of a chain of a row of `chain_heads` or `checkpoint_heads`."""
    return Head(subject_id=SubjectId(row["subject_id"]), seq=row["seq"], hash=row["hash"])
