"""The keys guide, done: what it says is typed, on an embedded database, with two people and a key.

And the clock is doubted, by the programs themselves.
"""

import asyncio
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from embedded import wait_until_nobody_serves
from stage import Stage
from typer.testing import CliRunner

from underseal import app
from underseal.cli import cli
from underseal.config import Config
from underseal.core.caller import ModeratorRole
from underseal.flow.authenticate import Callers, admit_moderator
from underseal.flow.file_report import Filer
from underseal.flow.read_case import read_case
from underseal.store.roles import Role
from underseal.store.ticks import add_tick

pytestmark = pytest.mark.slow

PROGRAM = Path(sys.executable).with_name("underseal")
GUIDE = Path(__file__).parents[1] / "docs" / "guides" / "keys.md"
WHY = "order 5 Gs 12/26 of the court of Cologne"


class House:
    """An installation: its folders, its people and its commands."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tokens: dict[str, str] = {}
        self.receipt = self.alias = ""
        self.environment = {
            **{name: value for name, value in os.environ.items() if "UNDERSEAL" not in name},
            "UNDERSEAL_DATA": str(folder / "data"),
            "UNDERSEAL_KEYS": str(folder / "keys"),
            "COLUMNS": "400",
        }

    @property
    def escrow(self) -> Path:
        return self.folder / "stick" / "escrow.key"

    def run(self, *arguments: str | Path, by: str = "") -> subprocess.CompletedProcess[str]:
        environment = {**self.environment, "UNDERSEAL_TOKEN": self.tokens.get(by, "us_nobody")}
        return subprocess.run(
            [PROGRAM, *map(str, arguments)],
            env=environment,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )

    def done(self, *arguments: str | Path, by: str = "") -> str:
        answer = self.run(*arguments, by=by)
        assert answer.returncode == 0, answer.stderr
        return answer.stdout

    def refused(self, said: str, *arguments: str | Path, by: str = "") -> None:
        answer = self.run(*arguments, by=by)
        assert answer.returncode == 1, answer.stdout
        assert said in answer.stderr
        assert "Traceback" not in answer.stderr
        assert "reporter-of-the-guide" not in answer.stdout + answer.stderr

    async def live(self) -> None:
        """Somebody reports a comment, and it is decided; two people may ask for who it was."""
        config = Config.from_environment(self.environment)
        async with app.open_system(config) as system:
            stage = Stage(system, now=datetime.now(UTC))
            ref = await stage.comment("c1")
            async with Filer(system.db, system.keys, system.guidelines, app.clock) as filer:
                filing = stage.filing(ref, "phishing", note="look there")
                self.receipt = await filer.file(filing, "reporter-of-the-guide")
            case_id = await stage.enqueue(ref)
            await stage.judge(await stage.moderator("mona"), "remove", "phishing")
            for name, role in (
                ("lea", ModeratorRole.LEAD),
                ("aude", ModeratorRole.AUDITOR),
                ("ada", ModeratorRole.ADMIN),
                ("mo", ModeratorRole.MODERATOR),
            ):
                key = await admit_moderator(system, name, role, stage.now.date())
                self.tokens[name] = key.token
            caller = await Callers(system.db, system.keys).by_token(self.tokens["lea"])
            (seen,) = (await read_case(system, case_id, caller, stage.now)).reports
            self.alias = seen.alias

    async def tick(self, at: datetime) -> None:
        """Let the last tick have been then."""
        async with (
            app.open_system(Config.from_environment(self.environment)) as system,
            system.db.transaction(Role.CORE) as conn,
        ):
            await add_tick(conn, at.replace(minute=0, second=0, microsecond=0), at)


@pytest.fixture
def house() -> Iterator[House]:
    folder = Path(tempfile.mkdtemp(prefix="underseal-"))
    folder.chmod(0o711)
    (folder / "data").mkdir(mode=0o711)
    (folder / "stick").mkdir(mode=0o700)
    yield House(folder)
    wait_until_nobody_serves(folder / "data")
    shutil.rmtree(folder)


async def test_two_people_and_the_key_open_what_nothing_less_opens(house):
    house.done("keys", "create", "--escrow", house.escrow)
    assert stat.S_IMODE(house.escrow.stat().st_mode) == 0o600
    await house.live()
    asking = ("unseal", "request", "comment", "c1", house.alias, "--reason")
    house.refused("this is for the roles", *asking, WHY, by="mo")
    house.refused("1 to 90 days", *asking, WHY, "--word", "a word", "--wait-days", "0", by="lea")
    (request,) = re.findall("request ([0-9a-f-]{36})", house.done(*asking, WHY, by="lea"))
    opening = ("unseal", "open", request, "--key")
    house.refused("nobody else has agreed", *opening, house.escrow, by="lea")
    house.refused(
        "whoever asked cannot be the one who agrees", "unseal", "approve", request, by="lea"
    )
    house.done("unseal", "approve", request, by="aude")
    house.refused("No such file", *opening, house.folder / "stick" / "lost.key", by="lea")
    public = house.folder / "keys" / "escrow.pub"
    house.refused("not the private half", *opening, public, by="lea")
    assert house.done(*opening, house.escrow, by="lea") == "reporter-of-the-guide\n"
    assert "the ledger is whole" in house.done("audit", "verify")


async def test_data_is_given_to_those_whom_it_is_about(house):
    house.done("keys", "create", "--escrow", house.escrow)
    await house.live()
    answer = json.loads(house.done("export", "reporter", "--receipt", house.receipt))
    assert answer["reports"][0]["said"]["note"] == "look there"
    file = house.folder / "carl.json"
    assert house.done("export", "creator", "carl", "--output", file) == ""
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    written = file.read_text()
    assert json.loads(written)["schema"] == "underseal/creator-export/1"
    assert "look there" not in written
    house.refused("File exists", "export", "creator", "carl", "--output", file)
    assert file.read_text() == written
    year = str(datetime.now(UTC).year)
    house.refused("of the ticks none was", "keys", "destroy-year", year, by="ada")


@pytest.mark.parametrize("off", [-timedelta(days=9), timedelta(hours=30)])
def test_a_worker_that_doubts_the_clock_starts_only_when_it_is_told_that_it_is_right(house, off):
    house.done("keys", "create", "--escrow", house.escrow)
    asyncio.run(house.tick(datetime.now(UTC) + off))
    for command in ("worker", "serve"):
        house.refused("start a worker with --trust-clock", command)
    assert not (house.folder / "data" / "checkpoints").exists()
    working = subprocess.Popen([PROGRAM, "worker", "--trust-clock"], env=house.environment)
    try:
        deadline = time.monotonic() + 60
        while not (house.folder / "data" / "checkpoints").exists():
            assert working.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)
    finally:
        working.terminate()
        working.wait(60)


def commands() -> list[str]:
    """Every command that the guide tells to type."""
    blocks = re.findall(r"^ *```sh\n(.*?)^ *```", GUIDE.read_text(), re.MULTILINE | re.DOTALL)
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    typed = [line.partition(" #")[0].partition("underseal ")[2].strip() for line in lines]
    return [each for each in typed if each]


@pytest.mark.parametrize("command", sorted(set(commands())))
def test_every_command_of_the_guide_exists_with_its_options(command):
    words = re.findall(r'"[^"]*"|\S+', command)
    group, name = words[:2]
    answer = CliRunner().invoke(cli, [group, name, "--help"], env={"COLUMNS": "400"})
    assert answer.exit_code == 0
    for option in (word for word in words if word.startswith("--")):
        assert option in answer.output, (command, option)
