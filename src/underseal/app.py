"""The composition root: from settings to a running Underseal."""

import asyncio
import random
import signal
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.resources import files
from typing import Final
from uuid import UUID, uuid4  # noqa: TID251 - the edge, where ids come from

import uvicorn
import uvloop

from underseal.config import Config
from underseal.core.disclosure import TickLength
from underseal.core.evidence import Weighting
from underseal.core.figures import Share
from underseal.core.guideline import Guidelines
from underseal.core.guideline_file import parse
from underseal.core.prevalence import Readers
from underseal.flow.adopt_guidelines import adopt_guidelines
from underseal.flow.authenticate import Callers
from underseal.flow.deliver import Courier
from underseal.flow.doubt_clock import doubt_clock
from underseal.flow.file_report import Filer
from underseal.flow.scan_subject import ScanDesk
from underseal.flow.system import Settings, System
from underseal.jobs.worker import Worker
from underseal.scan.known import KnownContent
from underseal.scan.limits import Limits
from underseal.scan.scanner import Scanner
from underseal.scan.text import TermList
from underseal.seal.keys import KeyRing
from underseal.store.bootstrap import prepare_embedded, prepare_external
from underseal.store.connection import Address
from underseal.store.media import MediaFolder
from underseal.store.pool import Database
from underseal.store.roles import Role, load_passwords
from underseal.store.server import EmbeddedServer

POOLS: Final[Mapping[Role, int]] = {
    Role.INTAKE: 4,
    Role.CORE: 12,
    Role.CONSOLE: 6,
    Role.CREATOR: 4,
    Role.RETENTION: 1,
}
"""The most connections of one process, by role. No pool for `VAULT`: that takes two people."""


GRACE_S: Final = 10
"""How long requests may take to end once the process is told to stop. A setting."""


def clock() -> datetime:
    """Return the present time: the one clock of a running Underseal."""
    return datetime.now(UTC)  # noqa: TID251 - the edge, where time comes from


def new_id() -> UUID:
    """Draw a random id."""
    return uuid4()


@dataclass(frozen=True, slots=True, kw_only=True)
class GuidelinesFile:
    """The guidelines in force, and the file they were read from."""

    text: str
    name: str
    guidelines: Guidelines


def read_guidelines(config: Config) -> GuidelinesFile:
    """Read the guidelines that the settings name, or the ones that are shipped.

    Raises:
        GuidelineFileError: they are not well formed.
        OSError: the file cannot be read.
    """
    if config.guidelines is None:
        name, text = "guidelines.toml", (files("underseal") / "guidelines.toml").read_text()
    else:
        name, text = str(config.guidelines), config.guidelines.read_text()
    return GuidelinesFile(text=text, name=name, guidelines=parse(text, name))


@asynccontextmanager
async def open_database(config: Config, today: date) -> AsyncIterator[Address]:
    """Reach the database, starting and migrating it where that is to be done."""
    passwords = load_passwords(config.data)
    if config.database_url is not None:
        yield await prepare_external(config.database_url, passwords, today=today)
        return
    server = EmbeddedServer(config.data)
    await asyncio.to_thread(server.start)
    try:
        yield await prepare_embedded(server, passwords, today=today)
    finally:
        await asyncio.to_thread(server.stop)


@asynccontextmanager
async def open_system(config: Config, *, also: Role | None = None) -> AsyncIterator[System]:
    """Put the parts of a running Underseal together; `also` opens a pool for one role more.

    Raises:
        KeyFolderError, EscrowKeyError: the keys are not as they should be.
        GuidelineFileError, GuidelinesChangedError: nor the guidelines.
        ServerError, UnsuitableDatabaseError, MigrationError: nor the database.
    """
    today = clock().date()
    keys = KeyRing.load(config.keys, today)
    file = read_guidelines(config)
    async with AsyncExitStack() as stack:
        address = await stack.enter_async_context(open_database(config, today))
        pools = POOLS if also is None else {**POOLS, also: 1}
        db = await Database.open(address, load_passwords(config.data), pools)
        stack.push_async_callback(db.close)
        await adopt_guidelines(db, file.text, file.name, today)
        yield System(
            db=db,
            keys=keys,
            guidelines=file.guidelines,
            media=MediaFolder(config.data / "media"),
            settings=Settings(
                tick_length=TickLength(config.tick),
                weighting=Weighting(config.weighting),
                allowed_hosts=config.allowed_hosts,
                media_bytes_max=config.media_bytes_max,
                cover_audit_rate=config.cover_audit_rate,
                prevalence_audits=config.prevalence_audits,
                readers=_readers(config),
                report_age_days_max=config.report_age_days_max,
                oidc=config.oidc,
            ),
            new_id=new_id,
            draw=random.SystemRandom().random,
        )


def _readers(config: Config) -> Readers | None:
    if config.readers is None:
        return None
    (found, breaches), (cleared, others) = config.readers
    return Readers(
        sensitivity=Share(hits=found, cases=breaches), specificity=Share(hits=cleared, cases=others)
    )


def make_scanner(config: Config, guidelines: Guidelines) -> Scanner:
    """Return a scanner that knows the guidelines' terms, and no content yet.

    Raises:
        SandboxMissingError: the kernel offers too little to hold a decoder in.
    """
    return Scanner(
        known=KnownContent(),
        terms=terms_of(guidelines),
        limits=Limits(file_bytes=config.media_bytes_max),
        require_sandbox=config.require_sandbox,
    )


def terms_of(guidelines: Guidelines) -> TermList:
    """Return the words that the guidelines ask machines to look for."""
    return TermList({each.id: each.terms for each in guidelines.by_id.values()})


@asynccontextmanager
async def open_worker(config: Config, system: System) -> AsyncIterator[Worker]:
    """Prepare the background work of a process.

    Raises:
        SandboxMissingError: the kernel offers too little to hold a decoder in.
    """
    scanner = await asyncio.to_thread(make_scanner, config, system.guidelines)
    courier = Courier(system, system.draw)
    try:
        yield Worker(
            system=system,
            desk=ScanDesk(scanner, terms_of(system.guidelines)),
            courier=courier,
            clock=clock,
            steady_s=lambda: time.clock_gettime(time.CLOCK_BOOTTIME),
            checkpoints=config.checkpoints,
        )
    finally:
        await courier.close()
        scanner.close()


def serve(config: Config, *, with_worker: bool, trust_clock: bool) -> None:
    """Serve the API until the process is told to stop.

    Raises:
        ClockDoubtedError: the worker does not believe the clock, and is not told to.
    """
    uvloop.run(_serve(config, with_worker=with_worker, trust_clock=trust_clock))


def work(config: Config, *, trust_clock: bool) -> None:
    """Do background work until the process is told to stop.

    Raises:
        ClockDoubtedError: the clock is not believed, and nobody says it should be.
    """
    uvloop.run(_work(config, trust_clock=trust_clock))


async def _serve(config: Config, *, with_worker: bool, trust_clock: bool) -> None:
    # Imported late: it is a third of what every other command would take to start.
    from underseal.web.app import make_app  # noqa: PLC0415 - see the line above

    stop = asyncio.Event()
    async with AsyncExitStack() as stack:
        system = await stack.enter_async_context(open_system(config))
        if with_worker and not trust_clock:
            await doubt_clock(system, clock())
        filer = await stack.enter_async_context(
            Filer(system.db, system.keys, system.guidelines, clock)
        )
        server = uvicorn.Server(
            uvicorn.Config(
                make_app(system, filer, Callers(system.db, system.keys), clock),
                host=config.host,
                port=config.port,
                access_log=False,  # a log of who called when is a log of who reported when
                log_config=None,
                lifespan="off",
                server_header=False,
                proxy_headers=False,  # nothing here wants to know where a request came from
                timeout_graceful_shutdown=GRACE_S,
            )
        )
        worker = None
        if with_worker:
            worker = await stack.enter_async_context(open_worker(config, system))
        async with asyncio.TaskGroup() as group:
            if worker is not None:
                group.create_task(worker.run(stop))
            try:
                await server.serve()
            finally:
                stop.set()


async def _work(config: Config, *, trust_clock: bool) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    async with open_system(config) as system, open_worker(config, system) as worker:
        if not trust_clock:
            await doubt_clock(system, clock())
        await worker.run(stop)
