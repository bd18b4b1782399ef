"""`underseal bench intake`: durable reports over HTTP, with everything that is sealed.

The web processes and the database are those of an installation, on this machine, with the load
beside them. The baseline is `pgbench`, which inserts rows of the same table one a transaction over
as many connections, and does nothing else.
"""

import asyncio
import os
import re
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from statistics import median
from typing import Final

import msgspec

from underseal.core.subject import SubjectKind
from underseal.lab.bench.installation import (
    WEB_PROCESSES,
    Installation,
    machine_cpu_s,
    open_installation,
    sync_us,
)
from underseal.lab.bench.load import (
    NEWCOMERS,
    NOTED,
    REPORTERS,
    SUBJECTS,
    Job,
    Outcome,
)
from underseal.seal.receipt import parse
from underseal.store.binaries import wheel_programs
from underseal.store.connection import session
from underseal.store.roles import Role, load_passwords

CONNECTIONS: Final = 64
REPORTS: Final = 40_000
"""Reports a round: some five seconds of them."""
ROUNDS: Final = 5
BULK_CONNECTIONS: Final = 4
BULK_EACH: Final = 500
BULK_REQUESTS: Final = 120
BULK_ROUNDS: Final = 3
KILL_AFTER_S: Final = 1.5

_BASELINE_SUBJECTS: Final = """
insert into underseal.subjects (subject_id, kind, external_id)
select md5(n::text)::uuid, 'comment', n::text from generate_series(1, $1) as n
on conflict do nothing
"""
_BASELINE: Final = r"""
\set subject random(1, :subjects)
\set one random(1, 4611686018427387904)
\set two random(1, 4611686018427387904)
\set draw random(1, 100)
insert into underseal.reports values (
    md5((:subject)::text)::uuid, 1, 'spam', sha256(int8send(:one::bigint)),
    sha256(int8send(:two::bigint)), 'baseline', date_trunc('quarter', current_date)::date, '{}',
    case when :draw <= :noted then decode(repeat('5e', 284), 'hex') end,
    sha256(int8send(:one::bigint + 1)), false, null, false, false, false,
    sha256(int8send(:two::bigint + 1)), null, sha256(int8send(:two::bigint + 2)));
"""
_STORED: Final = "select count(*) from underseal.reports where receipt = any($1::bytea[])"

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One round; `elsewhere` is how many processors were busy with other things meanwhile."""

    per_s: float
    p50_ms: float
    p99_ms: float
    cpu_us: float
    elsewhere: float


class LoadFailedError(Exception):
    """The load got other answers than it should have."""


def run(progress: Progress) -> dict[str, object]:
    """Measure, and return the figures."""
    return asyncio.run(_run(progress))


async def _run(progress: Progress) -> dict[str, object]:
    async with open_installation() as installation, _load() as load:
        bench = _Bench(installation, load, progress)
        fdatasync_us = sync_us(installation.folder)
        progress(f"fdatasync takes {fdatasync_us:.0f} µs here")
        await bench.introduce()
        rounds, baselines = [], []
        for number in range(ROUNDS):
            rounds.append(await bench.single(100 + number))
            baselines.append(await bench.pgbench())
        bulk = [await bench.bulk(200 + number) for number in range(BULK_ROUNDS)]
        lost = [await bench.crash(300 + web, kills_web=bool(web)) for web in range(2)]
    ratios = [each.per_s / baseline for each, baseline in zip(rounds, baselines, strict=True)]
    return {
        "reports_per_s": round(median(each.per_s for each in rounds)),
        "p50_ms": round(median(each.p50_ms for each in rounds), 1),
        "p99_ms": round(median(each.p99_ms for each in rounds), 1),
        "pgbench_ratio": round(median(ratios), 2),
        "pgbench_per_s": round(median(baselines)),
        "bulk_reports_per_s": round(median(each.per_s for each in bulk)),
        "cpu_us_per_report": round(median(each.cpu_us for each in rounds)),
        "bulk_cpu_us_per_report": round(median(each.cpu_us for each in bulk)),
        "lost": sum(lost),
        "rounds_per_s": [round(each.per_s) for each in rounds],
        "web_processes": WEB_PROCESSES,
        "connections": CONNECTIONS,
        "reporters": REPORTERS,
        "newcomers": NEWCOMERS,
        "subjects": SUBJECTS,
        "noted": NOTED,
        "fdatasync_us": round(fdatasync_us),
        "cores": os.cpu_count(),
        "busy_elsewhere": round(median(each.elsewhere for each in rounds), 1),
    }


class _Bench:
    """What is measured, on one installation."""

    def __init__(self, installation: Installation, load: Process, progress: Progress) -> None:
        self._installation = installation
        self._load = load
        self._progress = progress
        self._guidelines: list[str] = sorted(
            guideline.id
            for guideline in installation.system.guidelines.by_id.values()
            if SubjectKind.VIDEO in guideline.subjects
        )

    async def introduce(self) -> None:
        """Let everybody report once: it is then that an identity is sealed, once a year."""
        requests = REPORTERS // BULK_EACH
        await self.file(self._bulk_job(0, requests=requests, introduces=True))

    async def file(self, job: Job) -> Measured:
        """File reports over HTTP for one round.

        Raises:
            LoadFailedError: not all were taken.
        """
        await self._build(job)
        cpu_began_s, machine_began_s = self._installation.cpu_s(), machine_cpu_s()
        outcome = await self._send()
        cpu_s = self._installation.cpu_s() - cpu_began_s + outcome.cpu_s
        elsewhere_s = machine_cpu_s() - machine_began_s - cpu_s
        if set(outcome.answers) - {"201", "200"}:
            raise LoadFailedError(str(outcome.answers))
        reports = job.requests * job.reports_each
        measured = Measured(
            per_s=reports / outcome.seconds,
            p50_ms=outcome.p50_ms,
            p99_ms=outcome.p99_ms,
            cpu_us=1e6 * cpu_s / reports,
            elsewhere=elsewhere_s / outcome.seconds,
        )
        self._progress(
            f"{job.connections} connections, {job.reports_each} a request: "
            f"{measured.per_s:,.0f} reports/s, p50 {measured.p50_ms:.1f} ms, "
            f"p99 {measured.p99_ms:.1f} ms, {measured.cpu_us:.0f} µs of CPU a report, "
            f"{measured.elsewhere:.1f} processors busy elsewhere"
        )
        return measured

    async def single(self, number: int) -> Measured:
        """File one report a request."""
        return await self.file(self._job(seed=number))

    async def bulk(self, number: int) -> Measured:
        """File many reports a request, over few connections."""
        return await self.file(self._bulk_job(number, requests=BULK_REQUESTS))

    async def pgbench(self) -> float:
        """Insert as many rows by `pgbench`; return the rows a second."""
        installation = self._installation
        login = load_passwords(installation.folder / "data").login(Role.OWNER)
        address = installation.system.db.address
        async with session(address, login) as owner:
            await owner.execute(_BASELINE_SUBJECTS, SUBJECTS)
        script = installation.folder / "baseline.sql"
        script.write_text(_BASELINE)
        drawn = ["-D", f"subjects={SUBJECTS}", "-D", f"noted={100 * NOTED:.0f}"]
        command = ["-n", "-M", "prepared", "-f", str(script), "-U", login.user, "-j", "2"]
        command += ["-c", str(CONNECTIONS), "-t", str(REPORTS // CONNECTIONS), address.url]
        process = await asyncio.create_subprocess_exec(
            wheel_programs() / "pgbench",
            *drawn,
            *command,
            env={"PGPASSWORD": login.password or ""},
            stdout=PIPE,
            stderr=STDOUT,
        )
        told, _ = await process.communicate()
        found = re.search(rb"tps = ([0-9.]+)", told)
        if found is None or process.returncode:
            raise LoadFailedError(told.decode())
        per_s = float(found[1])
        self._progress(f"pgbench inserts {per_s:,.0f} rows/s over {CONNECTIONS} connections")
        return per_s

    async def crash(self, number: int, *, kills_web: bool) -> int:
        """Kill the database, and the web processes too, in mid-load; return how many were lost."""
        receipts = self._installation.folder / "receipts"
        await self._build(self._job(seed=number, receipts=str(receipts)))
        sending = asyncio.create_task(self._send())
        await asyncio.sleep(KILL_AFTER_S)
        self._installation.kill_database()
        if kills_web:
            await self._installation.kill_web()
        outcome = await sending
        if kills_web:
            await self._installation.start_web()
        system = self._installation.system
        digests = [parse(system.keys, token).digest for token in receipts.read_text().split()]
        async with system.db.transaction(Role.CORE) as conn:
            stored: int = await conn.fetchval(_STORED, list(set(digests)))
        lost = len(set(digests)) - stored
        self._progress(
            f"killed the database{' and the web processes' if kills_web else ''}: answers "
            f"{outcome.answers}, of {len(digests):,} receipts {lost} are of no report"
        )
        return lost

    def _job(self, **changes: object) -> Job:
        job = Job(
            ports=self._installation.ports,
            token=self._installation.token,
            guidelines=self._guidelines,
            seed=0,
            requests=REPORTS,
            connections=CONNECTIONS,
        )
        return msgspec.structs.replace(job, **changes)

    def _bulk_job(self, number: int, **changes: object) -> Job:
        bulk = {"connections": BULK_CONNECTIONS, "reports_each": BULK_EACH}
        return self._job(seed=number, **bulk, **changes)

    async def _build(self, job: Job) -> None:
        await self._ask(msgspec.json.encode(job))

    async def _send(self) -> Outcome:
        return msgspec.json.decode(await self._ask(b"send"), type=Outcome)

    async def _ask(self, line: bytes) -> bytes:
        if self._load.stdin is None or self._load.stdout is None:
            raise LoadFailedError("the load is not listening")
        self._load.stdin.write(line + b"\n")
        answer = await self._load.stdout.readline()
        if not answer:
            raise LoadFailedError("the load has ended")
        return answer


@asynccontextmanager
async def _load() -> AsyncIterator[Process]:
    """Run the load, which ends when nobody tells it anything any more."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "underseal.lab.bench.load", stdin=PIPE, stdout=PIPE
    )
    try:
        yield process
    finally:
        if process.stdin is not None:
            process.stdin.close()
        await process.wait()
