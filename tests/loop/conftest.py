"""Loop on a real Underseal that is served on a port, with a database of the test's own."""

import random
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest
from application import GUIDELINES, lending, put_in_force
from browsing import StageClock
from chromium import serving
from loop_stage import Loop, looping
from stage import NOW, Stage

from underseal.flow.authenticate import Callers
from underseal.flow.file_report import Filer
from underseal.flow.system import Settings, System
from underseal.lab.ports import free_port
from underseal.seal.keys import KeyRing, create
from underseal.store.media import MediaFolder
from underseal.store.pool import Database


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> KeyRing:
    folder = tmp_path_factory.mktemp("loop") / "keys"
    create(folder, date(2026, 11, 22))
    return KeyRing.load(folder, NOW.date())


@pytest.fixture
def port() -> int:
    """Where Loop would be served: Underseal may send messages there."""
    return free_port()


@pytest.fixture
async def stage(database: Database, keys: KeyRing, port: int, tmp_path: Path) -> Stage:
    await put_in_force(database, NOW)
    return Stage(
        System(
            db=database,
            keys=keys,
            guidelines=GUIDELINES,
            media=MediaFolder(tmp_path / "media"),
            settings=Settings(allowed_hosts=frozenset({f"127.0.0.1:{port}"})),
            new_id=uuid4,
            draw=random.Random(1).random,
        )
    )


@pytest.fixture
async def loop(stage: Stage, port: int, tmp_path: Path) -> AsyncIterator[Loop]:
    system, clock = stage.system, StageClock(stage)
    async with Filer(system.db, system.keys, system.guidelines, clock) as filer:
        with lending(system, filer, Callers(system.db, system.keys), clock) as app:
            async with (
                serving(app) as underseal,
                looping(stage, underseal, tmp_path, port) as loop,
            ):
                yield loop
