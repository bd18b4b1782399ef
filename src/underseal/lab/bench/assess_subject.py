"""Whole assessments of a video for `underseal bench assess`: with a database, as a worker makes them.

The reports are put there by the owner of the database, quicker than by filing them; whoever reads
them cannot tell.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from statistics import median
from typing import Final

from underseal.app import clock
from underseal.core.guideline import GuidelineId
from underseal.core.report import quarter_of
from underseal.core.signal import Modality, Signal
from underseal.core.subject import SubjectId, SubjectKind, SubjectRef
from underseal.flow.assess import assess_pending, assess_subject
from underseal.flow.register_subject import Registration, register_subject
from underseal.flow.system import System
from underseal.lab.bench.installation import open_installation
from underseal.store.assessments import want_assessments
from underseal.store.connection import Connection, session
from underseal.store.ledger import lock_chain
from underseal.store.roles import Role, load_passwords
from underseal.store.scans import add_signals, end_scan, take_scan

MANY: Final = 1_000
VERY_MANY: Final = 100_000
PASSES: Final = 20
"""How many passes a worker makes while `VERY_MANY` reports of one video come in."""

PASS_SECONDS: Final = 60
"""Between two passes, in the world that is measured: longer than a video rests at most."""

ROUNDS: Final = {1: 15, MANY: 15, VERY_MANY: 3}
"""How often each is measured."""

NAMED: Final = ("bullying", "stalking")
"""Of one topic."""

DETECTORS: Final = 5

_OTHERS: Final = """
insert into underseal.subjects (subject_id, kind, external_id)
select md5('other' || n)::uuid, 'comment', 'other' || n from generate_series(1, 5000) as n
"""
_CO_REPORTS: Final = """
insert into underseal.reports
select md5('other' || n)::uuid, 1, $1, sha256(('tag' || i)::bytea), sha256(('who' || i)::bytea), '1',
    $2, '{}', null, sha256('content'), false, null, false, false, false,
    sha256(('receipt' || n || ' ' || i)::bytea), null, sha256(('sealed' || n || ' ' || i)::bytea)
from (select distinct i, 1 + (5000 * power(hash / 2147483648.0, 3))::int % 5000 as n
    from generate_series(1, $3::int) as i, generate_series(1, 20) as k,
    lateral (select abs(hashint8((i * 100 + k)::int8)::int8) as hash) as drawn) as drawn
"""
_RECORDS: Final = """
insert into underseal.track_records
select sha256(('who' || i)::bytea), $1, i % 7, i % 3, 1 + i % 10, $2::date - i % 300
from generate_series(3, $3::int, 3) as i
"""
_REPORTS: Final = """
insert into underseal.reports
select $1::uuid, 1, case when i % 3 = 1 then $3 else $2 end, sha256(('tag' || i)::bytea),
    sha256(('who' || i)::bytea), '1', $4, '{}', null, sha256('content'), false, null, false, false, false,
    sha256(($1::uuid::text || i)::bytea), null, sha256(('sealed' || $1::uuid::text || i)::bytea)
from generate_series($5::int, $6::int) as i
"""

Progress = Callable[[str], None]


async def measure_subjects(progress: Progress) -> dict[str, object]:
    """Measure whole assessments of a video with one, with many and with very many reports.

    Raises:
        WebNotStartedError: the installation did not start.
    """
    async with open_installation() as installation:
        system, now = installation.system, clock()
        login = load_passwords(installation.folder / "data").login(Role.OWNER)
        async with session(system.db.address, login) as owner:
            platform = _Platform(system, owner, now)
            await platform.begin()
            figures: dict[str, object] = {}
            for reports in (1, MANY):
                video = await platform.video(f"v{reports}")
                await platform.report(video, 1, reports)
                figures[f"subject_{reports}_ms"] = await platform.assess_ms(video, ROUNDS[reports])
                progress(f"{reports} reports: {figures[f'subject_{reports}_ms']} ms")
            video = await platform.video("attacked")
            assessments = await platform.assess_while_reported(video, progress)
            took_ms = await platform.assess_ms(video, ROUNDS[VERY_MANY])
    return {
        **figures,
        f"subject_{VERY_MANY}_ms": took_ms,
        "reports": VERY_MANY,
        "passes": PASSES,
        "assessments": assessments,
    }


class _Platform:
    """A platform whose videos are reported, and the worker that assesses them."""

    def __init__(self, system: System, owner: Connection, now: datetime) -> None:
        self._system = system
        self._owner = owner
        self._now = now
        self._guidelines = [GuidelineId(each) for each in NAMED]
        self._quarter = quarter_of(now.date())

    async def begin(self) -> None:
        """Give the reporters their past: a record to every third, and twenty reports to a thousand."""
        topic = self._system.guidelines.by_id[self._guidelines[0]].topic
        await self._owner.execute(_OTHERS)
        await self._owner.execute(_CO_REPORTS, self._guidelines[0], self._quarter, MANY)
        await self._owner.execute(_RECORDS, topic, self._now.date(), VERY_MANY)
        await self._owner.execute("analyze")

    async def video(self, name: str) -> SubjectId:
        """Make a video that machines have looked at."""
        ref = SubjectRef(kind=SubjectKind.VIDEO, external_id=name)
        creator = SubjectRef(kind=SubjectKind.ACCOUNT, external_id="creator")
        url = "https://media.example/v"
        given = Registration(ref=ref, creator=creator, caption="", language="en", media_url=url)
        await register_subject(self._system, given, self._now)
        async with self._system.db.transaction(Role.CORE) as conn:
            taken = await take_scan(conn, self._now, self._now + timedelta(minutes=1))
            assert taken is not None, "a video waits for its scan"
            await lock_chain(conn, taken.subject_id)
            await end_scan(conn, taken, "bench", None, self._now)
            await add_signals(conn, taken, [self._signal(n) for n in range(DETECTORS)])
        return ref.subject_id

    async def report(self, video: SubjectId, first: int, last: int) -> None:
        """Let the reporters of these numbers report a video."""
        await self._owner.execute(_REPORTS, video, *self._guidelines, self._quarter, first, last)
        async with self._system.db.transaction(Role.CORE) as conn:
            await want_assessments(conn, [video])

    async def assess_ms(self, video: SubjectId, rounds: int) -> float:
        """Assess a video again and again; return the median of how long it takes."""
        taken_s = []
        for _ in range(rounds):
            async with self._system.db.transaction(Role.CORE) as conn:
                await want_assessments(conn, [video])
            began_s = time.perf_counter()
            await assess_subject(self._system, video, self._now)
            taken_s.append(time.perf_counter() - began_s)
        return round(1_000 * median(taken_s), 1)

    async def assess_while_reported(self, video: SubjectId, progress: Progress) -> int:
        """Let very many reports come in, and a worker pass now and then; count its assessments."""
        assessments, each = 0, VERY_MANY // PASSES
        for number in range(PASSES):
            await self.report(video, number * each + 1, (number + 1) * each)
            self._now += timedelta(seconds=PASS_SECONDS)
            assessments += await assess_pending(self._system, self._now)
            progress(f"{(number + 1) * each} reports: {assessments} assessments")
        return assessments

    def _signal(self, number: int) -> Signal:
        return Signal(
            detector=f"detector {number}",
            detector_version="1",
            modality=list(Modality)[number % len(Modality)],
            guideline=self._guidelines[0],
            score=0.5,
            weight=0.3,
            moment=None,
        )
