"""Checkpoints: what the ledger says is taken out of the server, so that it cannot be rewritten.

A checkpoint is a small file. Whoever keeps copies elsewhere can tell later whether any event that
was there has been changed, removed or cut off.

Invariants:
    No checkpoint dates a report: what a report may have caused by itself is in the next one after
    anything else has happened to its subject, or in the first one of a quarter.
"""

import asyncio
import json
import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from underseal.core.ledger import GENESIS, checkpoint_hash, head_leaf, merkle_root, rfc3339
from underseal.core.report import quarter_of
from underseal.flow.system import System
from underseal.store.checkpoints import (
    Checkpoint,
    add_checkpoint,
    begin_checkpoint,
    changed_heads,
    checkpoints,
)
from underseal.store.pool import Database
from underseal.store.roles import Role


class CheckpointFileError(ValueError):
    """A file is not a checkpoint as it was exported."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is not a checkpoint as it was exported")
        self.path = path


async def make_checkpoint(system: System, folder: Path, now: datetime) -> Checkpoint | None:
    """Make a checkpoint over what has changed, and export it; None if nothing has."""
    made = None
    async with system.db.transaction(Role.CORE) as conn:
        last = await begin_checkpoint(conn)
        quarter = quarter_of(now.date())
        is_first = last is not None and quarter_of(last.made_at.date()) < quarter
        changed = await changed_heads(conn, all_=is_first)
        if changed:
            number = 1 if last is None else last.number + 1
            prev_hash = GENESIS if last is None else last.hash
            root = merkle_root(
                [head_leaf(each.subject_id, each.seq, each.hash) for each in changed]
            )
            made = Checkpoint(
                number=number,
                root=root,
                prev_hash=prev_hash,
                hash=checkpoint_hash(prev_hash, root, number, now),
                heads=len(changed),
                made_at=now,
            )
            await add_checkpoint(conn, made, changed)
    await export_checkpoints(system.db, folder)
    return made


async def export_checkpoints(db: Database, folder: Path) -> None:
    """Write those checkpoints into `folder` that have no file there, durably."""
    async with db.transaction(Role.CORE) as conn:
        made = await checkpoints(conn)
    await asyncio.to_thread(_export, made, folder)


def read_exported(folder: Path) -> tuple[Checkpoint, ...]:
    """Return the checkpoints that were exported into `folder`, in order.

    Raises:
        CheckpointFileError: one is not as it was written.
    """
    return tuple(_read(path) for path in sorted(folder.glob("checkpoint-*.json")))


def _export(made: Iterable[Checkpoint], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    written = False
    for each in made:
        path = folder / f"checkpoint-{each.number:08}.json"
        if not path.exists():
            _write(path, _text(each))
            written = True
    if written:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _write(path: Path, text: str) -> None:
    unfinished = path.with_suffix(f".{os.getpid()}")
    with unfinished.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def _text(checkpoint: Checkpoint) -> str:
    fields = {
        "number": checkpoint.number,
        "root": checkpoint.root.hex(),
        "prev_hash": checkpoint.prev_hash.hex(),
        "hash": checkpoint.hash.hex(),
        "heads": checkpoint.heads,
        "made_at": rfc3339(checkpoint.made_at),
    }
    return json.dumps(fields, indent=2) + "\n"


def _read(path: Path) -> Checkpoint:
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
        checkpoint = Checkpoint(
            number=int(fields["number"]),
            root=bytes.fromhex(fields["root"]),
            prev_hash=bytes.fromhex(fields["prev_hash"]),
            hash=bytes.fromhex(fields["hash"]),
            heads=int(fields["heads"]),
            made_at=datetime.fromisoformat(fields["made_at"]),
        )
    except (ValueError, KeyError, TypeError):
        raise CheckpointFileError(path) from None
    expected = checkpoint_hash(
        checkpoint.prev_hash, checkpoint.root, checkpoint.number, checkpoint.made_at
    )
    if checkpoint.hash != expected:
        raise CheckpointFileError(path)
    return checkpoint
