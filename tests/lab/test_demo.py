"""The demonstration: it plays, its ledger is whole, and what is changed afterwards is found."""

import io
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from rich.console import Console

from underseal.lab.demo.command import tell_failure
from underseal.lab.demo.narrator import Narrator, StoryError
from underseal.lab.demo.stage import FolderInUseError, prepare
from underseal.lab.demo.story import STEPS
from underseal.store.bootstrap import DATABASE
from underseal.store.connection import Connection, session
from underseal.store.server import EmbeddedServer

UNDERSEAL = Path(sys.executable).with_name("underseal")


@dataclass(frozen=True, kw_only=True)
class Played:
    """A demonstration that has ended, and its folder."""

    folder: Path
    status: int
    output: str

    def verify(self) -> subprocess.CompletedProcess[str]:
        """Run `underseal audit verify` on it."""
        return subprocess.run(
            [UNDERSEAL, "audit", "verify"],
            env=os.environ
            | {
                "UNDERSEAL_DATA": str(self.folder / "data"),
                "UNDERSEAL_KEYS": str(self.folder / "keys"),
                "UNDERSEAL_CHECKPOINTS": str(self.folder / "checkpoints"),
            },
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    @contextmanager
    def server(self) -> Iterator[EmbeddedServer]:
        """Run its database server."""
        with EmbeddedServer(self.folder / "data") as server:
            yield server


@pytest.fixture(scope="module")
def played() -> Iterator[Played]:
    """Played in a folder that the user who runs PostgreSQL for root can enter."""
    with tempfile.TemporaryDirectory(prefix="underseal-demo-") as name:
        Path(name).chmod(0o711)
        folder = Path(name) / "a demo"
        done = subprocess.run(
            [UNDERSEAL, "demo", "--headless", "--data", folder],
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        yield Played(folder=folder, status=done.returncode, output=done.stdout + done.stderr)


async def as_superuser(server: EmbeddedServer, *statements: str) -> list[str]:
    """Do what only a thief of the server could: triggers and foreign keys are switched off."""

    async def run(connection: Connection) -> list[str]:
        await connection.execute("set session_replication_role = replica")
        return [await connection.execute(statement) for statement in statements]

    async with session(server.address(DATABASE), server.superuser()) as connection:
        return await run(connection)


@pytest.mark.slow
@pytest.mark.xdist_group("demo")  # the story is played once, by one worker
class TestTheStory:
    def test_it_plays_to_its_end_and_all_is_as_it_should_be(self, played):
        assert played.status == 0, played.output
        assert "All is as it should be" in played.output
        for number, step in enumerate(STEPS, start=1):
            title = step.__doc__.partition("\n")[0].rstrip(".")
            assert f"{number:>2}  {title}" in played.output

    def test_its_output_names_no_key_and_no_receipt(self, played):
        assert "us_" not in played.output
        assert "rcpt_" not in played.output

    def test_the_servers_have_ended_without_a_word(self, played):
        for name in ("serve", "worker"):
            assert (played.folder / f"{name}.log").read_text() == ""

    def test_the_escrow_key_is_not_among_the_servers_keys(self, played):
        escrow = played.folder / "escrow.key"
        assert escrow.stat().st_mode & 0o077 == 0
        private = escrow.read_text().strip()
        assert all(
            private not in path.read_text("latin-1") for path in played.folder.glob("keys/*")
        )

    async def test_one_changed_byte_and_one_missing_report_are_found(self, played):
        assert played.verify().returncode == 0
        with played.server() as server:
            one_byte = (
                "update underseal.events set body = set_byte(body, 20, get_byte(body, 20) # 1) "
                "where (subject_id, seq) = (select subject_id, seq from underseal.events "
                "where octet_length(body) > 30 order by subject_id, seq limit 1)"
            )
            assert await as_superuser(server, one_byte) == ["UPDATE 1"]
            found = played.verify()
            assert found.returncode == 1, found.stdout
            assert await as_superuser(server, one_byte) == ["UPDATE 1"]
            assert played.verify().returncode == 0
            one_report = (
                "delete from underseal.reports where ctid = "
                "(select ctid from underseal.reports order by subject_id, tag limit 1)"
            )
            assert await as_superuser(server, one_report) == ["DELETE 1"]
            found = played.verify()
            assert found.returncode == 1, found.stdout


def test_a_folder_with_other_files_is_refused_and_left_as_it_is(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(FolderInUseError):
        prepare(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_folder_of_an_earlier_demonstration_is_wiped(tmp_path):
    place = prepare(tmp_path / "demo")
    (place.folder / "data").mkdir()
    (place.folder / "data" / "old").write_text("")
    again = prepare(tmp_path / "demo")
    assert not again.data.exists()
    assert again.videos.is_dir()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's files are closed to its own servers")
def test_root_keeps_the_database_where_its_own_user_can_go(tmp_path):
    (tmp_path / "closed").mkdir(mode=0o700)
    place = prepare(tmp_path / "closed" / "demo")
    assert not place.data.is_relative_to(tmp_path)
    assert place.keys.parent == place.folder


def test_a_failure_says_which_step_what_was_expected_and_what_was_found():
    console = Console(record=True, width=200, file=io.StringIO())
    tell = Narrator(console)
    tell.step("A video is removed")
    with pytest.raises(StoryError) as failed:
        tell.check_equal("its level is removed", "held", "removed")
    tell_failure(tell, failed.value)
    told = console.export_text()
    assert "Step: 1. A video is removed" in told
    assert "expected: its level is removed" in told
    assert "found:    'held' where 'removed' was expected" in told


def test_what_holds_is_counted_and_what_does_not_ends_the_story():
    tell = Narrator(Console(quiet=True))
    tell.check("something", holds=True)
    with pytest.raises(StoryError):
        tell.check("something", holds=False)
    assert tell.checks == 1
