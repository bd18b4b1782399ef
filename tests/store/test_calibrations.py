"""What was learnt of detectors is kept by day, and what is stopped stays so while its incident is open."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import asyncpg
import pytest

from underseal.core.breaker import Target, TargetKind, Touches, Tripped
from underseal.core.calibration import Learnt, WeightMap
from underseal.core.guideline import GuidelineId
from underseal.core.message import IncidentKind
from underseal.core.reliability import Told, ranking, reliability
from underseal.store import breakers, incidents
from underseal.store.calibrations import (
    Calibration,
    Calibrations,
    all_calibrations,
    gather,
    newest_calibrations,
    save_calibrations,
    since_when,
    told_calibrations,
)
from underseal.store.incidents import IncidentId
from underseal.store.roles import Role

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SPAM = GuidelineId("spam")
TODAY = NOW.date()
YESTERDAY = TODAY - timedelta(days=1)
TERMS = Target(kind=TargetKind.DETECTOR, name="caption_terms")
RULE = Target(kind=TargetKind.GUIDELINE, name="spam")


def on(day: date, *, known: bool) -> Calibrations:
    found = WeightMap(base=-2.0, intercept=0.25, slope=1.5, most=3.0)
    learnt = Learnt(map=found if known else None, violating=30, harmless=40, spoken=50)
    shadow = Learnt(map=None, violating=0, harmless=1, spoken=1)
    told = [Told(told=number / 40, found=number % 3 == 0, mass=1.5) for number in range(40)]
    return Calibrations(
        learnt_on=day,
        by_detector={
            ("caption_terms", "1", SPAM): Calibration(
                learnt=learnt, shown=reliability(told), ranked=ranking(told), drift=0.5
            ),
            ("eye", "2", SPAM): Calibration(learnt=shadow),
        },
    )


async def test_before_anything_was_learnt_or_said_there_is_nothing(database):
    async with database.transaction(Role.CORE) as conn:
        assert await newest_calibrations(conn) is None
        assert await told_calibrations(conn) == {}
        found = await gather(conn, NOW)
        assert (found.said, found.scanned, found.judged) == ({}, [], [])


async def test_what_was_learnt_last_is_in_force_and_the_rest_is_kept(database):
    async with database.transaction(Role.CORE) as conn:
        await save_calibrations(conn, on(YESTERDAY, known=False))
        await save_calibrations(conn, on(TODAY, known=True))
        assert await newest_calibrations(conn) == on(TODAY, known=True)
        assert await all_calibrations(conn) == (
            on(YESTERDAY, known=False),
            on(TODAY, known=True),
        )


async def test_a_day_is_learnt_once_and_never_changed(database):
    async with database.transaction(Role.CORE) as conn:
        await save_calibrations(conn, on(TODAY, known=True))
    with pytest.raises(asyncpg.UniqueViolationError):
        async with database.transaction(Role.CORE) as conn:
            await save_calibrations(conn, on(TODAY, known=False))
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.transaction(Role.CORE) as conn:
            await conn.execute("update calibrations set slope = 9")


async def test_half_a_map_is_refused(database):
    with pytest.raises(asyncpg.CheckViolationError):
        async with database.transaction(Role.CORE) as conn:
            await conn.execute(
                "insert into calibrations (learnt_on, detector, detector_version, guideline, "
                "base, violating, harmless, spoken) values ($1, 'eye', '1', 'spam', 0, 1, 1, 1)",
                TODAY,
            )


async def test_half_a_diagram_is_refused(database):
    with pytest.raises(asyncpg.CheckViolationError):
        async with database.transaction(Role.CORE) as conn:
            await conn.execute(
                "insert into calibrations (learnt_on, detector, detector_version, guideline, "
                "violating, harmless, spoken, bins) values ($1, 'eye', '1', 'spam', 1, 1, 1, '[]')",
                TODAY,
            )


@pytest.mark.parametrize(
    ("days", "since"),
    [("f", 0), ("s", 0), ("sf", 1), ("ssff", 2), ("sfsff", 3), ("ffss", 2), ("fsf", 2)],
)
async def test_since_when_it_is_as_it_is_is_the_day_after_the_last_on_which_it_was_not(
    database, days, since
):
    async with database.transaction(Role.CORE) as conn:
        for number, state in enumerate(days):
            day = TODAY + timedelta(days=number)
            await save_calibrations(conn, on(day, known=state == "f"))
    async with database.transaction(Role.CONSOLE) as conn:
        found = await since_when(conn)
    assert found[("caption_terms", "1", SPAM)] == TODAY + timedelta(days=since)
    assert found[("eye", "2", SPAM)] == TODAY


async def count(conn, day: date, uploads: int, *targets: Target) -> None:
    for _ in range(uploads):
        await breakers.count_upload(conn, day, targets)


async def touched(conn, day: date = TODAY):
    return await breakers.touched_on(conn, day, day - timedelta(days=28))


async def stop(conn, target: Target) -> IncidentId:
    incident_id = IncidentId(uuid4())
    await incidents.raise_incidents(
        conn, IncidentKind.BREAKER_TRIPPED, [(incident_id, None)], "too many", NOW
    )
    today = Touches(touched=2, uploads=3)
    await breakers.stop(conn, incident_id, Tripped(target=target, today=today, expected=0.1))
    return incident_id


async def test_touches_are_counted_by_day_beside_all_uploads(database):
    async with database.transaction(Role.CORE) as conn:
        await count(conn, YESTERDAY, 3)
        await count(conn, YESTERDAY, 1, TERMS)
        await count(conn, TODAY, 2)
        assert await touched(conn) == {}
        await count(conn, TODAY, 1, TERMS, RULE)
        today = (TODAY, Touches(touched=1, uploads=3))
        assert await touched(conn) == {
            TERMS: ((YESTERDAY, Touches(touched=1, uploads=4)), today),
            RULE: ((YESTERDAY, Touches(touched=0, uploads=4)), today),
        }


async def test_what_is_stopped_is_not_watched(database):
    async with database.transaction(Role.CORE) as conn:
        await count(conn, TODAY, 1, TERMS)
        incident = await stop(conn, TERMS)
        assert await breakers.stopped(conn) == {TERMS}
        assert await breakers.stopped_by(conn, incident) == TERMS
        assert await breakers.stopped_by(conn, IncidentId(uuid4())) is None
        assert await touched(conn) == {}
