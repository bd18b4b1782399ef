import asyncio
import logging
import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from uuid import uuid4

import pytest

from underseal.core.disclosure import HOUR
from underseal.core.guideline import GuidelineId
from underseal.core.guideline_file import parse
from underseal.core.subject import SubjectKind, SubjectRef
from underseal.flow.adopt_guidelines import adopt_guidelines
from underseal.flow.count_views import count_views
from underseal.flow.deliver import Courier
from underseal.flow.file_report import Filer
from underseal.flow.forget_reporter import forget_reporter
from underseal.flow.register_subject import Registration, register_subject
from underseal.flow.scan_subject import NEVER_CAME, ScanDesk
from underseal.flow.seal_report import Filing
from underseal.flow.system import SCAN_DEADLINE, Settings, System
from underseal.jobs import worker
from underseal.jobs.worker import Worker
from underseal.scan.known import KnownContent
from underseal.scan.limits import Limits
from underseal.scan.scanner import Scanner
from underseal.scan.text import TermList
from underseal.seal.keys import KeyRing, create
from underseal.store.media import MediaFolder
from underseal.store.roles import Role
from underseal.store.views import ViewCount

NOW = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
COMMENT = SubjectRef(kind=SubjectKind.COMMENT, external_id="c1")
CARL = SubjectRef(kind=SubjectKind.ACCOUNT, external_id="carl")
FILING = Filing(
    subject=COMMENT,
    guideline=GuidelineId("threat_to_life"),
    note="",
    moments=(),
    is_notice=False,
    law=None,
    may_be_guessed=False,
)
PATIENCE_S = 20


@dataclass
class Shift:
    """A worker, and the clock that it works by."""

    worker: Worker
    now: datetime = NOW
    steady_s: float = 0.0

    @property
    def system(self) -> System:
        return self.worker.system

    async def until(self, query: str, *args: object) -> list:
        """Work until a query has an answer, and return it."""
        stop = asyncio.Event()
        task = asyncio.create_task(self.worker.run(stop))
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await self._answer(query, *args)
        finally:
            stop.set()
            await task

    async def _answer(self, query: str, *args: object) -> list:
        while True:
            if rows := await self.rows(query, *args):
                return rows
            await asyncio.sleep(0.01)

    async def rows(self, query: str, *args: object) -> list:
        async with self.system.db.transaction(Role.CORE) as conn:
            return [dict(row) for row in await conn.fetch(query, *args)]

    async def report(self, reporter: str) -> None:
        async with Filer(
            self.system.db, self.system.keys, self.system.guidelines, lambda: self.now
        ) as filer:
            await filer.file(FILING, reporter)

    async def report_spam(self, reporter: str) -> None:
        """A report that leads to nothing by itself."""
        spam = replace(FILING, guideline=GuidelineId("spam"))
        async with Filer(
            self.system.db, self.system.keys, self.system.guidelines, lambda: NOW
        ) as filer:
            await filer.file(spam, reporter)

    async def register(self, **given: object) -> None:
        registration = Registration(
            **{"ref": COMMENT, "creator": CARL, "caption": "", "language": "en", **given}
        )
        await register_subject(self.system, registration, self.now)


@pytest.fixture
async def shift(database, tmp_path, monkeypatch):
    monkeypatch.setattr(worker, "IDLE_S", 0.01)
    monkeypatch.setattr(worker, "SWEEP_S", 0.01)
    monkeypatch.setattr(worker, "CHECKPOINT_S", 0.01)
    monkeypatch.setattr(worker, "RETRY_S", 0.01)
    text = (files("underseal") / "guidelines.toml").read_text()
    await adopt_guidelines(database, text, "guidelines.toml", NOW.date())
    create(tmp_path / "keys", NOW.date())
    system = System(
        db=database,
        keys=KeyRing.load(tmp_path / "keys", NOW.date()),
        guidelines=parse(text, "guidelines.toml"),
        media=MediaFolder(tmp_path / "media"),
        settings=Settings(tick_length=HOUR),
        new_id=uuid4,
        draw=random.Random(1).random,
    )
    courier = Courier(system, system.draw)
    with Scanner(
        known=KnownContent(), terms=TermList({}), limits=Limits(), require_sandbox=False
    ) as scanner:
        made = Worker(
            system=system,
            desk=ScanDesk(scanner, TermList({})),
            courier=courier,
            clock=lambda: shift.now,
            steady_s=lambda: shift.steady_s,
            checkpoints=tmp_path / "checkpoints",
        )
        shift = Shift(made)
        yield shift
    await courier.close()


async def test_what_is_reported_is_assessed_and_queued(shift):
    await shift.report("anna")
    (case,) = await shift.until("select lane, state from cases")
    assert case == {"lane": "grave", "state": "queued"}


async def test_what_is_registered_is_looked_at(shift):
    await shift.register()
    (scan,) = await shift.until("select failure from scans where state = 'done'")
    assert scan["failure"] is None


async def test_a_tick_is_run_as_soon_as_it_has_come_and_once(shift):
    await shift.until("select 1 from ticks where tick = $1", NOW.replace(minute=0))
    shift.now += timedelta(minutes=31)
    await shift.until("select 1 from ticks where tick = $1", NOW.replace(hour=13, minute=0))
    assert len(await shift.rows("select 1 from ticks")) == 2


async def test_what_happened_is_taken_out_of_the_server(shift):
    await shift.register()
    await shift.until("select 1 from checkpoints")
    (exported,) = shift.worker.checkpoints.iterdir()
    assert exported.name == "checkpoint-00000001.json"


async def test_machines_that_have_just_begun_are_not_late(shift):
    """After an hour without workers, videos go to the machines first and not to people."""
    await shift.register(
        ref=SubjectRef(kind=SubjectKind.VIDEO, external_id="v1"), media_url="https://x.invalid/v"
    )
    shift.now += 2 * SCAN_DEADLINE
    (scan,) = await shift.until("select failure from scans where state = 'failed'")
    assert scan["failure"] != NEVER_CAME


async def test_a_video_that_machines_do_not_get_to_goes_to_a_person(shift, monkeypatch):
    async def stuck(*_: object) -> bool:
        shift.now += SCAN_DEADLINE
        raise OSError

    monkeypatch.setattr(ScanDesk, "scan_next", stuck)
    await shift.register(
        ref=SubjectRef(kind=SubjectKind.VIDEO, external_id="v1"), media_url="https://x.invalid/v"
    )
    (scan,) = await shift.until("select failure from scans where state = 'failed'")
    assert scan["failure"] == NEVER_CAME


async def test_looks_by_chance_are_drawn_from_the_day_before(shift):
    ref = SubjectRef(kind=SubjectKind.VIDEO, external_id="v1")
    await shift.register(ref=ref, media_url="https://x.invalid/v")
    tick = NOW.replace(hour=13, minute=0)
    seen = ViewCount(subject_id=ref.subject_id, organic=9, qualifying=0)
    await count_views(shift.system, tick, [seen], tick)
    shift.now = tick + timedelta(hours=18)
    (drawn,) = await shift.until("select views, probability from prevalence_draws")
    assert drawn == {"views": 9, "probability": 1.0}


async def test_with_a_tick_the_priors_of_its_quarter_are_learnt(shift):
    rows = await shift.until("select distinct learnt_in from priors")
    assert [row["learnt_in"].isoformat() for row in rows] == ["2026-10-01"]


async def test_identities_are_destroyed_on_their_day(shift):
    await shift.report("anna")
    last_day = await forget_reporter(shift.system, "anna", shift.now)
    shift.now = datetime.combine(last_day, NOW.time(), UTC)
    await shift.until("select 1 from ticks where tick > $1", NOW)
    async with shift.system.db.transaction(Role.VAULT) as vault:
        assert await vault.fetchval("select count(*) from vault.sealed_identities") == 0


async def test_what_was_reported_once_and_never_again_is_looked_at_in_time(shift):
    await shift.until("select 1 from ticks")
    async with Filer(
        shift.system.db, shift.system.keys, shift.system.guidelines, lambda: shift.now
    ) as filer:
        await filer.file(
            Filing(
                **{name: getattr(FILING, name) for name in FILING.__dataclass_fields__}
                | {"guideline": GuidelineId("spam")}
            ),
            "anna",
        )
    await shift.until("select 1 from pending_assessments where wanted = done")
    assert await shift.rows("select 1 from cases") == []
    shift.now += timedelta(days=4)
    (case,) = await shift.until("select lane from cases")
    assert case["lane"] == "ordinary"


async def test_a_job_that_fails_stops_neither_itself_nor_the_others(shift, monkeypatch, caplog):
    tries = []

    async def fails(*_: object) -> int:
        tries.append(1)
        raise ValueError("the note of anna")

    monkeypatch.setattr(worker, "open_appeals", fails)
    caplog.set_level(logging.INFO)
    await shift.report("anna")
    await shift.until("select 1 from cases")
    assert len(tries) > 1
    assert "job=_open_appeals error=ValueError" in caplog.text
    assert "anna" not in caplog.text


async def test_work_begun_is_finished_before_it_stops(shift, monkeypatch):
    begun, finished = asyncio.Event(), []

    async def slow(*_: object) -> int:
        begun.set()
        await asyncio.sleep(0.05)
        finished.append(1)
        return 1

    monkeypatch.setattr(worker, "assess_pending", slow)
    stop = asyncio.Event()
    task = asyncio.create_task(shift.worker.run(stop))
    await begun.wait()
    stop.set()
    await task
    assert finished == [1]


@pytest.mark.parametrize("moved", [timedelta(days=3), timedelta(days=4000), -timedelta(days=400)])
async def test_while_the_clock_is_moved_no_tick_is_run_and_afterwards_they_go_on(
    shift, moved, caplog
):
    caplog.set_level(logging.INFO)
    stop = asyncio.Event()
    task = asyncio.create_task(shift.worker.run(stop))
    try:
        async with asyncio.timeout(PATIENCE_S):
            await shift._answer("select 1 from ticks where tick = $1", NOW.replace(minute=0))
            shift.now += moved
            await shift.report_spam("anna")
            await shift._answer("select 1 from pending_assessments where wanted = done")
            shift.now += timedelta(hours=1)
            shift.steady_s += 3600
            await shift.report_spam("bert")  # until this is weighed every job has had its turn
            await shift._answer("select 1 from pending_assessments where wanted = done")
            assert len(await shift.rows("select 1 from ticks")) == 1
            shift.now -= moved
            await shift._answer(
                "select 1 from ticks where tick = $1", NOW.replace(hour=13, minute=0)
            )
    finally:
        stop.set()
        await task
    assert len(await shift.rows("select 1 from ticks")) == 2
    assert caplog.text.count("ticks_stand_still until=restart") == 1


async def test_a_clock_that_is_put_right_by_minutes_needs_nobody(shift):
    stop = asyncio.Event()
    task = asyncio.create_task(shift.worker.run(stop))
    try:
        async with asyncio.timeout(PATIENCE_S):
            await shift._answer("select 1 from ticks")
            shift.now += timedelta(minutes=32)
            shift.steady_s += 29 * 60
            await shift._answer(
                "select 1 from ticks where tick = $1", NOW.replace(hour=13, minute=0)
            )
    finally:
        stop.set()
        await task


async def test_a_year_whose_key_is_missing_is_told_a_month_before(shift, caplog):
    caplog.set_level(logging.WARNING)
    await shift.until("select 1 from ticks")
    assert "year_key_missing" not in caplog.text
    shift.now = datetime(2026, 12, 2, 12, 30, tzinfo=UTC)
    await shift.until("select 1 from ticks where tick > '2026-12-01'")
    await shift.until("select 1 from ticks")
    assert "year_key_missing year=2027" in caplog.text
