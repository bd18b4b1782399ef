"""Creators' pages in twin worlds: in one of them people report, and nobody else does more or less.

Until the first disclosure whatever a creator is answered is the same to the byte: pages behind
links, in every language; what the platform is told for them; and what is for everybody.
"""

import random
from contextlib import AsyncExitStack
from datetime import timedelta

import httpx
import pytest
from arrivals import ARRIVALS, RECORDS
from scenery import GUIDELINES, Lots, Scenery, World, comment, video, world
from showing import shown, written
from staging import account

from underseal.client import sign_creator_link
from underseal.core.caller import ModeratorRole
from underseal.core.case import CaseKind
from underseal.core.disclosure import EPOCH
from underseal.core.priority import Lane
from underseal.flow import assess
from underseal.flow.draft_decision import settle_drafts
from underseal.flow.open_appeal import open_appeals
from underseal.web.words import LANGUAGES

pytestmark = pytest.mark.slow

CREATORS = ("carl", "dora", "cleo", "eve")
SUBJECTS = (*(video(f"v{number}") for number in range(1, 6)), comment("c1"), comment("c5"))


@pytest.fixture(autouse=True)
def one_by_one(monkeypatch):
    """Workers side by side would publish what waits in any order, reports or not."""
    monkeypatch.setattr(assess, "AT_ONCE", 1)


async def answers(here: World) -> dict[tuple, bytes]:
    """All that creators, and whoever asks for them, are answered."""
    now, key = here.stage.now, here.scenery.platform
    found = await shown(here, None, "GET")
    visitor = await here.site.visitor()
    platform = {"authorization": f"Bearer {key.token}"}
    for creator in CREATORS:
        link = sign_creator_link(
            key.token, key.ticket_secret, creator=creator, expires_at=now + timedelta(hours=1)
        )
        statements = [read.statement.id for read in await here.stage.statements(creator)]
        for language in LANGUAGES:
            for more in ("", *(f"&statement={each}" for each in statements)):
                place = f"/statement?link={link}&lang={language}{more}"
                found[creator, language, more] = await visitor.get(place)
        for each in statements:
            place = f"/statement/appeal?link={link}&statement={each}"
            found[creator, "appeal", str(each)] = await visitor.post(
                place, data={"grounds": "x" * 99_999}
            )
        for what in ("statements", "standing", "appeals"):
            place = f"/v1/creators/{what}?creator={creator}"
            found[creator, "api", what] = await visitor.get(place, headers=platform)
    await _visibility(visitor, platform, found)
    return {key: written(each) for key, each in found.items()}


async def _visibility(visitor: httpx.AsyncClient, platform: dict, found: dict) -> None:
    for ref in (*SUBJECTS, account("carl"), account("eve")):
        place = f"/v1/visibility?kind={ref.kind}&id={ref.external_id}"
        found["visibility", ref] = await visitor.get(place, headers=platform)
    found["changes", ""] = await visitor.get("/v1/visibility/changes", headers=platform)
    body = {"subjects": [{"kind": ref.kind, "id": ref.external_id} for ref in SUBJECTS]}
    found["bulk", ""] = await visitor.post("/v1/visibility/bulk", json=body, headers=platform)


async def happen(here: World, step: str) -> None:
    """Let something happen that has nothing to do with reports."""
    stage, people = here.stage, here.scenery.people
    match step:
        case "tick":
            await stage.tick()
        case "removal":
            await stage.enqueue(comment("c3"), lane=Lane.GRAVE, due_at=EPOCH, duty_from=EPOCH)
            await stage.judge(people["mona"], "remove", "phishing", kind=CaseKind.REVIEW)
        case "appeal":
            for read in await stage.statements("dora"):
                if read.statement.subject.external_id == "c3":
                    await stage.appeal(read.statement.id, "dora")
            await open_appeals(stage.system, stage.now)
        case "minutes":
            stage.now += timedelta(minutes=7)
    await stage.assess()


async def report(here: World, draw: random.Random) -> None:
    """People report, and colleagues look at what they report and decide about it."""
    for number in draw.sample(range(len(ARRIVALS)), 5):
        each = ARRIVALS[number]
        # What is grave, or a notice, is an exception to silence that has a name.
        if each.is_complaint or each.is_notice or GUIDELINES.by_id[each.guideline].grave:
            continue
        reporter = None if each.by is None else here.scenery.reporters[each.by]
        await here.report(each.ref, each.guideline, reporter, note=each.note, moments=each.moments)
        if draw.random() < 0.5:
            await here.stage.assess()
    await here.stage.assess()
    lead = await here.site.signed_in(ModeratorRole.LEAD)
    taken = (await lead.post("/console/next")).headers["location"]
    await lead.get(taken)
    await lead.get(f"{taken}/media")


async def twins(stack: AsyncExitStack, scenery: Scenery, lots: Lots) -> list[World]:
    found = []
    for _ in range(2):
        here = await stack.enter_async_context(world(scenery, lots))
        await here.prove(dict(zip(scenery.reporters, RECORDS, strict=False)))
        found.append(here)
    return found


@pytest.mark.parametrize("seed", range(6))
async def test_until_a_disclosure_every_answer_is_the_same_to_the_byte(
    scenery: Scenery, lots: Lots, seed: int
):
    draw = random.Random(seed)
    steps = ["removal", "tick", "appeal", "minutes", "tick"]
    async with AsyncExitStack() as stack:
        quiet, loud = await twins(stack, scenery, lots)
        for number, step in enumerate(steps):
            lots.draw_for(f"reports {number}")
            await report(loud, draw)
            for each in (quiet, loud):
                lots.draw_for(f"step {number}")
                await happen(each, step)
            lots.draw_for(f"answers {number}")
            without = await answers(quiet)
            lots.draw_for(f"answers {number}")
            with_reports = await answers(loud)
            assert len(without) > 60
            assert {key for key in without if without[key] != with_reports.get(key)} == set(), step
            assert with_reports.keys() == without.keys()
        (filed,) = await loud.stage.rows("select count(*) as count from reports")
        (before,) = await quiet.stage.rows("select count(*) as count from reports")
        assert filed["count"] > before["count"] + 5


async def test_a_decision_about_what_was_reported_shows_at_its_tick_and_not_before(
    scenery: Scenery, lots: Lots
):
    async with AsyncExitStack() as stack:
        quiet, loud = await twins(stack, scenery, lots)
        await loud.report(video("v1"), "phishing", loud.scenery.reporters[0])
        await loud.stage.assess()
        await loud.stage.enqueue(video("v1"), lane=Lane.GRAVE, due_at=EPOCH, duty_from=EPOCH)
        mona = loud.scenery.people["mona"]
        await loud.stage.judge(mona, "remove", "phishing", kind=CaseKind.REVIEW)
        await settle_drafts(loud.system, loud.stage.now)
        told = []
        for _ in range(2):
            for each in (quiet, loud):
                lots.draw_for("answers")
                told.append(await answers(each))
                lots.draw_for("the tick")
                await each.stage.tick()
        assert told[0] == told[1]
        differing = {key for key in told[3] if told[2].get(key) != told[3][key]}
        assert ("visibility", video("v1")) in differing
        assert ("carl", "api", "statements") in differing
        assert ("carl", "en", "") in differing
        assert ("carl", "api", "standing") in differing
        assert {key for key in differing if key[0] in {"dora", "cleo"}} == set()
