"""Canaries: a whole story with marked reporters on a running Underseal, and no mark anywhere.

The processes are the real ones, with the embedded database, over HTTP. Afterwards every byte that
left, every log, every file and a full dump are searched, for the marks and what they could have
become.
"""

import asyncio
import shutil
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from secrets import token_bytes

import pytest
from embedded import wait_until_nobody_serves
from marks import traces
from running import PATIENCE_S, START_S, Underseal, running
from story import Marks, Story

from underseal.store.binaries import wheel_programs
from underseal.store.cluster import cluster_folder, log_file
from underseal.store.connection import session
from underseal.store.server import EmbeddedServer

pytestmark = pytest.mark.slow


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the user who runs PostgreSQL can pass through."""
    folder = Path(tempfile.mkdtemp(prefix="underseal-"))
    folder.chmod(0o711)
    (folder / "data").mkdir(mode=0o711)
    yield folder
    wait_until_nobody_serves(folder / "data")
    shutil.rmtree(folder)


@pytest.fixture
async def underseal(folder) -> AsyncIterator[Underseal]:
    async with running(folder) as underseal:
        yield underseal


def dump(data: Path) -> bytes:
    """The whole database, as whoever steals it would have it."""
    server = EmbeddedServer(data)
    login = server.superuser()
    return subprocess.run(
        [
            wheel_programs() / "pg_dump",
            "--format=plain",
            f"--dbname={server.address('underseal').url}",
            f"--username={login.user}",
        ],
        env={"PGPASSWORD": login.password or ""},
        check=True,
        capture_output=True,
        timeout=START_S,
    ).stdout


def files(data: Path) -> dict[str, bytes]:
    """Every file that Underseal has written but the database's own: media, logs, checkpoints."""
    own = cluster_folder(data)
    return {
        str(path.relative_to(data)): path.read_bytes()
        for path in data.rglob("*")
        if path.is_file() and not (path.is_relative_to(own) and path != log_file(data))
    }


def in_the_database_files(data: Path, marks: Iterable[str]) -> set[str]:
    """Which marks stand in clear in tables, indexes or the write-ahead log."""
    own = [path.read_bytes() for path in cluster_folder(data).rglob("*") if path.is_file()]
    return {mark for mark in marks if any(mark.encode() in each for each in own)}


def places(underseal: Underseal) -> dict[str, bytes]:
    """Everywhere that a mark could have got to."""
    said = {
        f"answer {number} to {what}": body for number, (what, body) in enumerate(underseal.answers)
    }
    return {
        "dump": dump(underseal.data),
        "webhooks": b"\n".join(underseal.hooks),
        "cases": b"\n".join(underseal.cases),
        **said,
        **files(underseal.data),
    }


def found(marks: Iterable[str], where: Mapping[str, bytes]) -> dict[tuple[str, str], set[str]]:
    """Which marks stand where, and in which forms."""
    return {
        (mark, name): left
        for name, body in where.items()
        for mark in marks
        if (left := traces(mark, body))
    }


async def until(holds) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.1)


async def plant(underseal: Underseal, mark: str) -> set[str]:
    """Leave a mark as a mistake of ours would, and return where."""
    (underseal.data / "media/aa").mkdir(parents=True, exist_ok=True)
    (underseal.data / "media/aa/copy").write_bytes(token_bytes(999) + mark.encode("utf-16-le"))
    with (underseal.data / "processes.log").open("a") as log:
        log.write(f"WARNING refused reporter={mark}\n")
    server = EmbeddedServer(underseal.data)
    async with session(server.address("underseal"), server.superuser()) as superuser:
        await superuser.execute(
            "insert into vault.note_keys (subject_id, wrapped) values (gen_random_uuid(), $1)",
            sha256(mark.encode()).digest(),
        )
    return {"media/aa/copy", "processes.log", "dump"}


async def test_no_reporter_has_left_a_trace(underseal):
    marks = Marks()
    await Story(underseal, marks).tell()
    with underseal.process("worker"):  # which begins by taking a checkpoint out
        await until(lambda: list((underseal.data / "checkpoints").glob("*.json")))
    await until(lambda: len(underseal.hooks) >= 10)
    where = places(underseal)
    assert found(marks.people, where) == {}
    read = where.pop("cases")
    assert found(marks.notes, where) == {}
    assert in_the_database_files(underseal.data, [*marks.people, *marks.notes]) == set()
    # The search has seen what it should: what is no secret is found, and a planted mark, too.
    assert all(traces(note, read) for note in marks.notes[:2])
    assert "dump" in {name for _, name in found([marks.subject], where)}
    assert in_the_database_files(underseal.data, [marks.subject])
    assert b"loud" in where["webhooks"]
    for name in (
        "processes.log",
        "checkpoints/checkpoint-00000001.json",
        str(log_file(underseal.data).relative_to(underseal.data)),
    ):
        assert name in where
    assert any(name.startswith("media/") for name in where)
    planted = await plant(underseal, marks.deleted)
    assert planted <= {name for _, name in found([marks.deleted], places(underseal))}
