"""The same reports in other orders, at other times: the console is the same to the byte."""

import random
from dataclasses import replace
from datetime import timedelta
from itertools import chain

import pytest
from arrivals import ARRIVALS, RECORDS, arrive, moderate, name_cases
from scenery import Lots, Scenery, World, world
from showing import shown, written

from underseal.core.caller import ModeratorRole
from underseal.flow import assess

pytestmark = pytest.mark.slow

ORDERS = 20


@pytest.fixture(autouse=True)
def one_by_one(monkeypatch):
    """Workers side by side would open cases in any order, whenever reports came."""
    monkeypatch.setattr(assess, "AT_ONCE", 1)


async def live(here: World, order: int, *, are_looked_at: bool = True) -> None:
    """Let the reports come in an order, and colleagues look at what came of them."""
    draw = random.Random(order)
    await here.prove(dict(zip(here.scenery.reporters, RECORDS, strict=False)))
    arrivals = list(ARRIVALS)
    draw.shuffle(arrivals)
    await arrive(here, arrivals, draw, every=draw.choice((0.0, 0.4, 1.0)))
    await name_cases(here)
    here.lots.draw_for("what colleagues do")
    if are_looked_at:
        await moderate(here.site)


async def pages(here: World, role: ModeratorRole, *, and_forms: bool) -> dict[tuple, bytes]:
    """All that somebody of a role is shown, and what their forms are answered.

    The root over the bytes of all reports is another in each world, because notes are encrypted
    anew, and so are the hashes of the chain: they are known by their value, and left out.
    """
    found = {key: written(each) for key, each in (await shown(here, role, "GET")).items()}
    if and_forms:
        found |= {key: written(each) for key, each in (await shown(here, role, "POST")).items()}
    hashes = await here.stage.rows("select hash from events union select root from commitments")
    opaque = [bytes(row["hash"]).hex().encode() for row in hashes]
    for key, body in found.items():
        if "audit" in key[1]:
            found[key] = _without(body, opaque)
    return found


def _without(body: bytes, opaque: list[bytes]) -> bytes:
    for each in opaque:
        body = body.replace(each, b"opaque")
    return body


async def taken(here: World) -> list[str]:
    """The cases in the order in which they are taken by somebody who skips each."""
    client = await here.site.signed_in(name="nora")
    place = (await client.post("/console/next")).headers["location"]
    places = []
    while "/cases/" in place:
        places.append(place)
        answer = await client.post(f"{place}/release", data={"not_me": "true"})
        place = answer.headers["location"]
    return places


def differing(one: dict, other: dict) -> set:
    return {key for key in {*one, *other} if one.get(key) != other.get(key)}


async def test_no_page_tells_in_which_order_reports_came(scenery: Scenery, lots: Lots):
    first = {}
    for order in range(ORDERS):
        role = list(ModeratorRole)[order % len(ModeratorRole)]
        async with world(scenery, lots) as here:
            await live(here, order)
            told = await pages(here, role, and_forms=order < 2 * len(ModeratorRole))
        assert len(told) > 40
        before = first.setdefault(role, told)
        assert differing(told, {key: before[key] for key in told}) == set(), (role, order)


async def test_what_is_taken_next_does_not_tell_it_either(scenery: Scenery, lots: Lots):
    first: list[str] = []
    for order in range(6):
        async with world(scenery, lots) as here:
            await live(here, order, are_looked_at=False)
            places = await taken(here)
        assert len(places) > 6
        first = first or places
        assert places == first


async def test_another_report_and_another_day_are_seen(scenery: Scenery, lots: Lots):
    """The comparison sees what there is to see: pages are not the same whatever happens."""
    async with world(scenery, lots) as here:
        await live(here, 0)
        before = await pages(here, ModeratorRole.LEAD, and_forms=False)
    async with world(replace(scenery, now=scenery.now + timedelta(days=1)), lots) as here:
        await live(here, 0)
        assert differing(before, await pages(here, ModeratorRole.LEAD, and_forms=False))
    async with world(scenery, lots) as here:
        lots.draw_for("one more")
        await here.report(ARRIVALS[0].ref, "phishing", here.scenery.reporters[9])
        await live(here, 0)
        seen = differing(before, await pages(here, ModeratorRole.LEAD, and_forms=False))
        assert {"/console/cases/{case_id:uuid}", "/console/audit"} <= {key[1] for key in seen}


async def test_no_page_has_the_time_of_a_report(scenery: Scenery, lots: Lots):
    """Reports come at one second of the hour at which nothing else happens."""
    async with world(scenery, lots) as here:
        stage = here.stage
        await here.prove(dict(zip(scenery.reporters, RECORDS, strict=False)))
        stage.now = stage.now.replace(minute=47, second=13)
        for each in ARRIVALS:
            if not each.is_complaint:
                reporter = None if each.by is None else scenery.reporters[each.by]
                await here.report(each.ref, each.guideline, reporter, note=each.note)
        await stage.assess()
        at = stage.now
        await stage.tick()
        answers = chain.from_iterable(
            [(await shown(here, role, "GET")).values() for role in ModeratorRole]
        )
        text = b"\n".join(map(written, answers))
        for form in (f"{at:%H:%M}", f"{at:%M:%S}", f"{at:%H.%M}", f"{int(at.timestamp())}"):
            assert form.encode() not in text
        mona = await here.site.signed_in()
        stage.now = at
        await mona.post("/console/next")
        assert f"{at + timedelta(minutes=10):%H:%M}" in (await mona.get("/console/queue")).text
