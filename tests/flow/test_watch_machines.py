"""What suddenly touches too many uploads counts nothing until somebody says otherwise."""

from datetime import timedelta

import pytest
from judging import of_installation

from underseal.core.breaker import Target, TargetKind
from underseal.core.caller import ModeratorRole
from underseal.core.guideline import GuidelineId
from underseal.core.message import IncidentKind
from underseal.core.signal import Modality, Signal
from underseal.flow.audit import audit_all
from underseal.flow.calibrate import weigh
from underseal.flow.close_incident import close_incident
from underseal.flow.read_incidents import read_closed, read_incidents
from underseal.flow.watch_machines import watch_machines
from underseal.store import breakers
from underseal.store.incidents import IncidentId, raise_incidents
from underseal.store.roles import Role

EYE = Target(kind=TargetKind.DETECTOR, name="eye")
RULE = Target(kind=TargetKind.GUIDELINE, name="spam")
DAY = timedelta(days=1)
SIGNAL = Signal(
    detector="eye",
    detector_version="1",
    modality=Modality.IMAGE,
    guideline=GuidelineId("spam"),
    score=0.9,
    weight=5.0,
    moment=None,
)


async def upload(stage, count: int, *touched_by: Target) -> None:
    async with stage.system.db.transaction(Role.CORE) as conn:
        for _ in range(count):
            await breakers.count_upload(conn, stage.now.date(), touched_by)


async def stopped(stage) -> frozenset[Target]:
    async with stage.system.db.transaction(Role.CORE) as conn:
        return await breakers.stopped(conn)


@pytest.fixture
async def usual(stage):
    """A week of which the eye touched one upload in fifty."""
    for _ in range(7):
        await upload(stage, 98)
        await upload(stage, 2, EYE)
        stage.now += DAY
    return stage


async def test_days_like_those_before_stop_nothing(usual):
    await upload(usual, 95)
    await upload(usual, 5, EYE)
    assert await watch_machines(usual.system, usual.now) == 0
    assert await stopped(usual) == frozenset()
    assert await read_incidents(usual.system, 10) == ()


async def test_a_flood_is_stopped_once_and_tells_people_and_the_ledger(usual):
    await upload(usual, 30)
    await upload(usual, 30, EYE)
    assert await watch_machines(usual.system, usual.now) == 1
    assert await watch_machines(usual.system, usual.now) == 0
    assert await stopped(usual) == {EYE}
    (incident,) = await read_incidents(usual.system, 10)
    assert incident.kind == "breaker_tripped"
    assert incident.detail.startswith("detector eye touched 30 of 60 new uploads today, where 2.1%")
    ((kind, told),) = await of_installation(usual)
    assert (kind, told["name"], told["touched"], told["uploads"]) == (
        "breaker_tripped", "eye", 30, 60,
    )  # fmt: skip
    assert await audit_all(usual.system, ()) == ()


async def test_what_is_stopped_counts_nothing_and_all_else_does(usual):
    await upload(usual, 40, EYE)
    await watch_machines(usual.system, usual.now)
    (weighed,) = weigh([SIGNAL], None, await stopped(usual))
    assert weighed.weight is None


async def test_a_guideline_is_stopped_whatever_detectors_speak_for_it(stage):
    await upload(stage, 10)
    await upload(stage, 90, RULE)
    assert await watch_machines(stage.system, stage.now) == 1
    (weighed,) = weigh([SIGNAL], None, await stopped(stage))
    assert weighed.weight is None


async def test_whoever_closes_the_incident_starts_it_again_and_the_ledger_tells(usual):
    await upload(usual, 40, EYE)
    await watch_machines(usual.system, usual.now)
    lena = await usual.moderator("lena", ModeratorRole.LEAD)
    (incident,) = await read_incidents(usual.system, 10)
    await close_incident(
        usual.system, incident.incident_id, lena, "its model was mended", usual.now
    )
    assert await stopped(usual) == frozenset()
    (closed,) = await read_closed(usual.system, 10)
    assert (closed.closed_by, closed.closed_with) == ("lena", "its model was mended")
    _, (kind, told) = await of_installation(usual)
    assert (kind, told["name"], told["word"]) == ("breaker_reset", "eye", "its model was mended")


async def test_after_a_reset_it_is_watched_from_the_next_day_by_what_comes_then(usual):
    await upload(usual, 40, EYE)
    await watch_machines(usual.system, usual.now)
    lena = await usual.moderator("lena", ModeratorRole.LEAD)
    (incident,) = await read_incidents(usual.system, 10)
    await close_incident(usual.system, incident.incident_id, lena, "so it is now", usual.now)
    assert await watch_machines(usual.system, usual.now) == 0
    usual.now += DAY
    await upload(usual, 70)
    await upload(usual, 30, EYE)
    assert await watch_machines(usual.system, usual.now) == 0
    usual.now += DAY
    await upload(usual, 5)
    await upload(usual, 95, EYE)
    assert await watch_machines(usual.system, usual.now) == 1


async def test_the_closing_of_other_incidents_is_none_of_the_ledgers_business(stage):
    mona = await stage.moderator("mona", ModeratorRole.LEAD)
    async with stage.system.db.transaction(Role.CORE) as conn:
        incident = IncidentId(stage.system.new_id())
        await raise_incidents(
            conn, IncidentKind.DELIVERY_GIVEN_UP, [(incident, None)], "gone", stage.now
        )
    await close_incident(stage.system, incident, mona, "seen", stage.now)
    assert await of_installation(stage) == []
