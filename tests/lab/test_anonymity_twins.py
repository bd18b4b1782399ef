"""Twin plays on the real system: what reports change shows in no byte before a disclosure.

The comparison is tried by differences that are planted: it finds an effect, and a look of machines.
"""

import pytest

from underseal.client import requests
from underseal.core.case import ModeratorId
from underseal.core.guideline import GuidelineId
from underseal.lab.anonymity.quiet_life import remove
from underseal.lab.anonymity.twin_answers import of_own_reports
from underseal.lab.anonymity.twin_world import PROVEN, World, ref
from underseal.lab.anonymity.twins import Compared, differing_bytes
from underseal.lab.bench.anonymity_twins import SEED, compare_twins, open_twins
from underseal.store.roles import Role
from underseal.store.scans import ScanCause, want_scan

WORLDS = 6


@pytest.fixture(scope="module")
def compared() -> Compared:
    return compare_twins(print, WORLDS)


@pytest.mark.slow
def test_nothing_that_is_asked_differs_before_a_disclosure(compared: Compared):
    assert set(compared.differing) == set()
    assert compared.differing_bytes == 0
    assert compared.answers > 60 * WORLDS


@pytest.mark.slow
def test_reports_and_decisions_come_to_something_in_the_end(compared: Compared):
    assert compared.reports > 20 * WORLDS
    assert compared.decisions > 0
    assert compared.disclosed > WORLDS / 2


@pytest.mark.slow
async def test_the_comparison_finds_what_is_planted():
    async with open_twins(2, print) as twins:
        await twins.compare()
        assert twins.differing_bytes == 0
        loud, world = twins.loud, twins.worlds[1]
        video = ref(world.reported[0])

        async with loud.system.db.transaction(Role.CORE) as conn:
            await want_scan(conn, video.subject_id, 1, ScanCause.REACH, loud.now)
        await twins.compare()
        assert twins.differing == ["machines"]

        twins.differing.clear()
        reports = [
            requests.report(world.reported[0], each, "terrorism", act_even_if_guessed=True)
            for each in PROVEN[:5]
        ]
        for each in reports:
            await loud.told(each)
        await loud.assess([video])
        await twins.compare()
        told = " ".join(twins.differing)
        assert "1 POST /v1/visibility/bulk" in told
        assert "1 page" in told
        assert "messages" in told
        assert not any(each.startswith("0 ") for each in twins.differing)


@pytest.mark.slow
async def test_a_report_sent_again_after_a_decision_has_the_receipt_that_it_had():
    async with open_twins(1, print) as twins:
        loud, world = twins.loud, twins.worlds[0]
        before = await of_own_reports(loud, world)
        video, moderator = ref(world.reported[0]), loud.staff.moderator.principal_id
        for_ordinary = GuidelineId("bullying")
        await remove(loud.system, ModeratorId(moderator), video, for_ordinary, loud.now)
        assert await of_own_reports(loud, world) == before


def test_worlds_are_drawn_by_their_seed():
    def chance(number: int, seed: int = SEED) -> list[float]:
        draw = World(number=number, seed=seed).draw("morning")
        return [draw.random() for _ in range(3)]

    assert chance(1) == chance(1)
    assert chance(1) != chance(2)
    assert chance(1) != chance(1, seed=SEED + 1)


def test_bytes_are_counted_where_answers_differ_and_where_one_is_missing():
    assert differing_bytes({"a": b"same"}, {"a": b"same"}) == 0
    assert differing_bytes({"a": b"1234"}, {"a": b"1x345"}) == 2
    assert differing_bytes({"a": b"12", "b": b"3"}, {"a": b"12"}) == 1
