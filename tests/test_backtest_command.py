"""`underseal guidelines backtest` and `explain`, typed: what they print, draw and refuse."""

import json
import re
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path

import pytest
from house import House, houses
from rich.console import Console
from stage import Stage

from underseal import app, cli
from underseal.cli.backtest_picture import draw
from underseal.cli.backtest_table import record, table
from underseal.config import Config
from underseal.core.backtest import (
    Backtest,
    Change,
    Fate,
    RoundEnd,
    Row,
    Tally,
    audit_figures,
)
from underseal.core.guideline import GuidelineId

SHIPPED = (files("underseal") / "guidelines.toml").read_text()


@pytest.fixture
def house() -> Iterator[House]:
    with houses() as house:
        yield house


def tried(folder: Path, old: str, new: str) -> Path:
    """A file of guidelines to try: the shipped ones with a change."""
    assert old in SHIPPED
    path = folder / "tried.toml"
    path.write_text(re.sub('(?m)^version = ".*"', 'version = "tried"', SHIPPED).replace(old, new))
    return path


async def live(house: House) -> None:
    """Machines speak of two videos; somebody finds that one of them breaks a guideline."""
    async with app.open_system(Config.from_environment(house.environment)) as system:
        stage = Stage(system, now=datetime.now(UTC))
        mona = await stage.moderator("mona")
        for name in ("secret-video-1", "secret-video-2"):
            await stage.scan(await stage.video(name, "secret-creator"), bullying=4.5)
        await stage.assess()
        await stage.judge(mona, "remove", "bullying")


@pytest.mark.slow
async def test_history_is_replayed_told_and_drawn(house):
    house.done("keys", "create", "--escrow", house.escrow)
    await live(house)
    file = tried(house.folder, "{ harm = 0.02, speech = 0.8 }", "{ harm = 0.02, speech = 0.99 }")
    today = datetime.now(UTC).date().isoformat()
    told = house.done("guidelines", "backtest", file, "--since", today)
    assert re.search(r"bullying\s+held +in force +2 +1 +0 +1 ", told), told
    assert re.search(r"go +2 +1 +0 +1 ", told), told
    assert "2 rounds: 1 that people decided" in told
    drawn = (house.folder / "tried.backtest.svg").read_text()
    assert ET.fromstring(drawn).tag.endswith("svg")
    picture = house.folder / "elsewhere.svg"
    answer = house.done(
        "guidelines", "backtest", file, "--since", today, "--json", "--picture", picture
    )
    said = json.loads(answer)
    held = said["guidelines"]["bullying"]["fates"]["held"]
    assert held["go"] == {"rounds": 2, "broke": 1, "cleared": 0, "undecided": 1, "views": 0}
    assert picture.read_text() == drawn
    assert "secret" not in told + answer + drawn
    ahead = (datetime.now(UTC) + timedelta(days=3)).date().isoformat()
    house.refused("nothing has happened yet", "guidelines", "backtest", file, "--since", ahead)
    house.refused("history begins on", "guidelines", "backtest", file, "--since", "2020-01-01")
    told = "".join(house.done("explain", "video", f"secret-video-{each}") for each in (1, 2))
    assert re.search(r"[+-]\d+\.\d{4} +log-odds, a probability of ", told), told
    house.refused("nobody has told of", "explain", "video", "secret-video-3")
    house.refused("there is no case", "explain", "00000000-0000-4000-8000-000000000001")


@pytest.mark.parametrize("command", [("check",), ("backtest", "--since", "2026-01-01")])
def test_a_file_with_mistakes_is_refused_as_by_the_check(tmp_path, monkeypatch, capsys, command):
    """Before any database is opened."""
    file = tried(tmp_path, "machine_bound = 2.0", "machine_bound = -1.0")
    name, *options = command
    monkeypatch.setattr(sys, "argv", ["underseal", "guidelines", name, str(file), *options])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 1
    told = capsys.readouterr()
    assert "machine_bound = -1.0" in told.err
    assert "be above 0 and at most 50" in " ".join(told.err.split())
    assert told.out == ""
    assert list(tmp_path.iterdir()) == [file]


def found(row: Row) -> Backtest:
    nothing = Row(
        guideline=None,
        named=Tally(),
        broken=0,
        by_reports_alone=False,
        fates=dict.fromkeys(Fate, Change()),
    )
    return Backtest(
        since=datetime.now(UTC).date(),
        before="<1>",
        after="2 & 3",
        rounds=dict.fromkeys(RoundEnd, 0),
        overall=nothing,
        cover=nothing,
        by_guideline=(row,),
        gone=(),
        new=(),
        unknown=(),
        audits=audit_figures([]),
    )


def test_few_reports_are_neither_printed_nor_drawn():
    change = Change(stay=Tally(rounds=4711, broke=4710, cleared=1, views=815))
    row = Row(
        guideline=GuidelineId("bullying"),
        named=Tally(rounds=5000),
        broken=0,
        by_reports_alone=True,
        fates={Fate.QUEUED: change},
    )
    console = Console(width=200)
    with console.capture() as printed:
        console.print(table(found(row)))
    shown = printed.get() + draw(found(row))
    assert "4711" not in shown.replace(",", "")
    assert "815" not in shown
    assert record(found(row))["guidelines"]["bullying"]["fates"] == {"queued": None}


def test_a_picture_says_what_a_version_is_called_whatever_it_is_called():
    row = Row(
        guideline=GuidelineId("<b>"),
        named=Tally(),
        broken=0,
        by_reports_alone=False,
        fates={Fate.HELD: Change(stay=Tally(rounds=1))},
    )
    picture = ET.fromstring(draw(found(row)))
    title = picture.find("{http://www.w3.org/2000/svg}title")
    assert title is not None
    assert "<1> in force, 2 & 3 tried" in (title.text or "")
    assert "<b>" in [each.text for each in picture.iter("{http://www.w3.org/2000/svg}text")]
