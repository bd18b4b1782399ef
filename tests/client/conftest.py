"""A real server on a free port for the SDK to talk to, with a clock that tests set."""

import asyncio
import random
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import uuid4

import pytest
import uvicorn
from application import GUIDELINES, lending, put_in_force

from underseal.client import AsyncClient
from underseal.core.caller import ModeratorRole, Scope
from underseal.flow.authenticate import Callers, NewKey, admit_moderator, admit_platform
from underseal.flow.file_report import Filer
from underseal.flow.system import Settings, System
from underseal.seal.keys import KeyRing, create
from underseal.store.media import MediaFolder
from underseal.store.pool import Database

NOW = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)


class Clock:
    """Tells the time that a test sets."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass(frozen=True, kw_only=True)
class Api:
    """A running API, and the system behind it, for what a worker would do."""

    url: str
    system: System
    clock: Clock
    platform: NewKey


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> KeyRing:
    folder = tmp_path_factory.mktemp("client") / "keys"
    create(folder, date(2026, 11, 22))
    return KeyRing.load(folder, NOW.date())


@pytest.fixture
async def api(database: Database, keys: KeyRing, tmp_path: Path) -> AsyncIterator[Api]:
    """The whole web application, served by uvicorn."""
    await put_in_force(database, NOW)
    clock = Clock()
    system = System(
        db=database,
        keys=keys,
        guidelines=GUIDELINES,
        media=MediaFolder(tmp_path / "media"),
        settings=Settings(allowed_hosts=frozenset({"127.0.0.1:9"})),
        new_id=uuid4,
        draw=random.Random(1).random,
    )
    platform = await admit_platform(system, "Loop", list(Scope), NOW.date())
    async with AsyncExitStack() as stack:
        filer = await stack.enter_async_context(Filer(database, keys, system.guidelines, clock))
        app = stack.enter_context(lending(system, filer, Callers(database, keys), clock))
        server = uvicorn.Server(
            uvicorn.Config(app, access_log=False, log_config=None, lifespan="off")
        )
        with socket.create_server(("127.0.0.1", 0)) as listening:
            port = listening.getsockname()[1]
            serving = asyncio.create_task(server.serve([listening]))
            yield Api(url=f"http://127.0.0.1:{port}", system=system, clock=clock, platform=platform)
            server.should_exit = True
            await serving


@pytest.fixture
async def platform(api: Api) -> AsyncIterator[AsyncClient]:
    """The SDK as a platform uses it."""
    async with AsyncClient(api.url, key=api.platform.token) as client:
        yield client


@pytest.fixture
async def people(api: Api) -> AsyncIterator[Mapping[ModeratorRole, AsyncClient]]:
    """The SDK as moderators use it, one of each role."""
    async with AsyncExitStack() as stack:
        keys = {
            role: await admit_moderator(api.system, role, role, NOW.date())
            for role in ModeratorRole
        }
        yield {
            role: await stack.enter_async_context(AsyncClient(api.url, key=key.token))
            for role, key in keys.items()
        }
