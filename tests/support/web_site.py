"""Fixtures: the whole web application on a database of the test's own, with the guidelines shipped.

A `conftest.py` takes them by importing them.
"""

import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest
from application import GUIDELINES, lending, put_in_force
from browsing import Site, StageClock
from stage import NOW, Stage

from underseal.flow.authenticate import Callers
from underseal.flow.file_report import Filer
from underseal.flow.system import Settings, System
from underseal.seal.keys import KeyRing, add_year, create
from underseal.store.media import MediaFolder
from underseal.store.pool import Database


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> KeyRing:
    folder = tmp_path_factory.mktemp("site") / "keys"
    create(folder, date(2026, 11, 22))
    add_year(folder, 2027)
    return KeyRing.load(folder, NOW.date())


@pytest.fixture
async def system(database: Database, keys: KeyRing, tmp_path: Path) -> System:
    await put_in_force(database, NOW)
    return System(
        db=database,
        keys=keys,
        guidelines=GUIDELINES,
        media=MediaFolder(tmp_path / "media"),
        settings=Settings(),
        new_id=uuid4,
        draw=random.Random(1).random,
    )


@pytest.fixture
def stage(system: System) -> Stage:
    return Stage(system)


@pytest.fixture
def clock(stage: Stage) -> StageClock:
    return StageClock(stage)


@pytest.fixture
async def site(stage: Stage, clock: StageClock) -> AsyncIterator[Site]:
    """The whole web application; makes browsers, and has a stage behind it."""
    system = stage.system
    async with (
        Filer(system.db, system.keys, system.guidelines, clock) as filer,
        AsyncExitStack() as closing,
    ):
        with lending(system, filer, Callers(system.db, system.keys), clock) as app:
            yield Site(app, stage, closing)
