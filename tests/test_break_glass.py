"""The keys guide, done: what it says is typed, on an embedded database, with two people and a key.

And the clock is doubted, by the programs themselves.
"""

import asyncio
import json
import re
import stat
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from house import PROGRAM, House, elsewhere, houses
from typer.testing import CliRunner

from underseal.cli import cli

pytestmark = pytest.mark.slow

GUIDE = Path(__file__).parents[1] / "docs" / "guides" / "keys.md"
WHY = "order 5 Gs 12/26 of the court of Cologne"


@pytest.fixture
def house() -> Iterator[House]:
    with houses() as house:
        yield house


async def test_two_people_and_the_key_open_what_nothing_less_opens(house):
    house.done("keys", "create", "--escrow", house.escrow)
    assert stat.S_IMODE(house.escrow.stat().st_mode) == 0o600
    await house.live()
    asking = ("unseal", "request", "comment", "c1", house.alias, "--reason")
    house.refused("this is for the roles", *asking, WHY, by="mo")
    house.refused("1 to 90 days", *asking, WHY, "--word", "a word", "--wait-days", "0", by="lea")
    (request,) = re.findall("request ([0-9a-f-]{36})", house.done(*asking, WHY, by="lea"))
    file = house.folder / "stick" / "request.sealed"
    taking = ("unseal", "take", request, "--out", file)
    house.refused("nobody else has agreed", *taking, by="lea")
    assert not file.exists()
    house.refused(
        "whoever asked cannot be the one who agrees", "unseal", "approve", request, by="lea"
    )
    assert "approved until" in house.done("unseal", "approve", request, by="aude")
    confirming = ("unseal", "confirm", request)
    house.refused("`underseal unseal take` comes first", *confirming, by="lea", typed="anna\n")
    house.refused("this is for the roles", *taking, by="mo")
    house.done(*taking, by="lea")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    written = file.read_text()
    assert "reporter-of-the-guide" not in written
    house.refused("File exists", *taking, by="lea")
    assert file.read_text() == written
    opened = elsewhere(house.folder, "unseal", "open", file, "--key", house.escrow)
    assert (opened.returncode, opened.stdout) == (0, "reporter-of-the-guide\n"), opened.stderr
    house.refused("is not who reported", *confirming, by="aude", typed="somebody-else\n")
    assert "confirmed" in house.done(*confirming, by="aude", typed=opened.stdout)
    assert await house.steps() == ["requested", "approved", "taken", "refuted", "confirmed"]
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
        deadline = time.monotonic() + 180  # far longer than it takes: how fast is not asked here
        while not (house.folder / "data" / "checkpoints").exists():
            assert working.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)
    finally:
        working.terminate()
        working.wait(180)


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
