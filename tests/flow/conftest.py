"""A running Underseal on a database of the test's own: its parts, and a day that tests can move."""

import random
from dataclasses import replace
from datetime import date
from importlib.resources import files
from pathlib import Path
from uuid import uuid4

import pytest
from break_glass import caller, seen
from stage import NOW, Stage
from years import AFTER, Years, begin

from underseal.core.caller import ModeratorRole
from underseal.core.guideline import Guidelines
from underseal.core.guideline_file import parse
from underseal.flow.open_appeal import open_appeals
from underseal.flow.system import Settings, System
from underseal.seal.keys import KeyRing, add_year, create
from underseal.store.media import MediaFolder
from underseal.store.pool import Database
from underseal.store.roles import Role


@pytest.fixture(scope="session")
def key_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keys of 2025, 2026 and 2027."""
    folder = tmp_path_factory.mktemp("flow") / "keys"
    create(folder, date(2026, 11, 22))
    for year in (2025, 2027):
        add_year(folder, year)
    return folder


@pytest.fixture(scope="session")
def keys(key_folder: Path) -> KeyRing:
    return KeyRing.load(key_folder, NOW.date())


@pytest.fixture(scope="session")
def guidelines() -> Guidelines:
    """The guidelines that are shipped."""
    return parse((files("underseal") / "guidelines.toml").read_text(), "guidelines.toml")


@pytest.fixture
def system(database: Database, keys: KeyRing, guidelines: Guidelines, tmp_path: Path) -> System:
    return System(
        db=database,
        keys=keys,
        guidelines=guidelines,
        media=MediaFolder(tmp_path / "media"),
        settings=Settings(),
        new_id=uuid4,
        draw=random.Random(1).random,
    )


@pytest.fixture
async def stage(system: System) -> Stage:
    stage = Stage(system)
    await stage.begin()
    return stage


@pytest.fixture
async def appealed(stage: Stage):
    """A comment that Mona removed, and an appeal against it that waits to be taken."""
    ref = await stage.comment()
    mona = await stage.moderator("mona")
    await stage.decide(ref, mona, "remove", "phishing")
    await stage.tick()
    (read,) = await stage.statements()
    await stage.appeal(read.statement.id)
    await open_appeals(stage.system, stage.now)
    return ref, mona


@pytest.fixture
async def years(stage: Stage, tmp_path: Path, server) -> Years:
    """Two years of reports, and the keys of four."""
    return await begin(stage, tmp_path / "keys", server.passwords.login(Role.OWNER))


@pytest.fixture
async def over(years: Years) -> Years:
    """The first year and its retention are over, and nothing needs it."""
    await years.go_to(AFTER)
    return years


@pytest.fixture
def escrow(stage: Stage, tmp_path: Path):
    """The private escrow key of this test's Underseal."""
    private_key = create(tmp_path / "keys", stage.now.date())
    keys = KeyRing.load(tmp_path / "keys", stage.now.date())
    stage.system = replace(stage.system, keys=keys)
    return private_key


@pytest.fixture
async def lead(stage: Stage):
    return caller(await stage.moderator("lea", ModeratorRole.LEAD))


@pytest.fixture
async def auditor(stage: Stage):
    return caller(await stage.moderator("aude", ModeratorRole.AUDITOR), ModeratorRole.AUDITOR)


@pytest.fixture
async def decided(stage: Stage, escrow, lead):
    """A comment that three people and a guest reported, and who is who in its case."""
    ref = await stage.comment()
    for name in ("anna", "bert", "cleo"):
        await stage.report(ref, "phishing", name, note=f"by {name}")
    await stage.report(ref, "phishing", None, note="by nobody")
    mona = await stage.moderator("mona")
    case_id = await stage.enqueue(ref)
    await stage.judge(mona, "remove", "phishing")
    return ref, await seen(stage, lead, case_id)
