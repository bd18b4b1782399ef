"""Questions to reporters: the creator's side never shows any, and no page tells when one was answered."""

from contextlib import AsyncExitStack
from datetime import timedelta

import pytest
from asking import ANSWER, QUESTION, Interview, answer
from scenery import Lots, Scenery, World, video, world
from showing import shown, written

from underseal.client import sign_creator_link
from underseal.core.caller import ModeratorRole
from underseal.flow import assess
from underseal.web.words import LANGUAGES

pytestmark = pytest.mark.slow

NOTES = ("she is meant by it", "he is meant by it", "they are meant by it")


@pytest.fixture(autouse=True)
def one_by_one(monkeypatch):
    """Workers side by side would open cases in any order, whenever reports came."""
    monkeypatch.setattr(assess, "AT_ONCE", 1)


async def begin(here: World) -> tuple[list[str], Interview]:
    """Three people report a video, and Mona takes its case; return the receipts."""
    here.lots.draw_for("reports")
    receipts = [
        await here.report(video("v1"), "bullying", reporter, note=note)
        for reporter, note in zip(here.scenery.reporters, NOTES, strict=False)
    ]
    await here.stage.assess()
    here.lots.draw_for("the case")
    mona = here.scenery.people["mona"]
    return receipts, await Interview.begin(here.stage, video("v1"), mona)


async def ask(here: World, interview: Interview) -> None:
    here.lots.draw_for("questions")
    for note in NOTES:
        await interview.ask(await interview.report(note))


async def tick(here: World) -> None:
    here.lots.draw_for("a tick")
    await here.stage.tick()


async def creators_side(here: World) -> dict[tuple, bytes]:
    """All that a creator, and whoever asks for them, is answered; and all that was sent."""
    here.lots.draw_for("the creator")
    key, now = here.scenery.platform, here.stage.now
    found = await shown(here, None, "GET")
    visitor = await here.site.visitor()
    platform = {"authorization": f"Bearer {key.token}"}
    link = sign_creator_link(
        key.token, key.ticket_secret, creator="carl", expires_at=now + timedelta(hours=1)
    )
    for language in LANGUAGES:
        found["link", language] = await visitor.get(f"/statement?link={link}&lang={language}")
    for what in (
        "creators/statements?creator=carl",
        "creators/standing?creator=carl",
        "creators/appeals?creator=carl",
        "visibility?kind=video&id=v1",
        "visibility/changes",
    ):
        found["api", what] = await visitor.get(f"/v1/{what}", headers=platform)
    told = {key: written(each) for key, each in found.items()}
    messages = await here.stage.rows("select type, body from messages order by made_at, body")
    return told | {("messages", ""): repr(messages).encode()}


async def test_the_creators_side_is_the_same_to_the_byte_whatever_is_asked_and_answered(
    scenery: Scenery, lots: Lots
):
    async with AsyncExitStack() as stack:
        quiet, loud = [await stack.enter_async_context(world(scenery, lots)) for _ in range(2)]
        await begin(quiet)
        receipts, interview = await begin(loud)
        await ask(loud, interview)
        for answers in ((), receipts, ()):
            for receipt in answers:
                await answer(loud.stage, receipt)
            for each in (quiet, loud):
                await tick(each)
            without, with_questions = await creators_side(quiet), await creators_side(loud)
            assert {key for key in without if without[key] != with_questions.get(key)} == set()
            assert without.keys() == with_questions.keys()
            text = b"\n".join(with_questions.values())
            assert QUESTION.encode() not in text
            assert ANSWER.encode() not in text
        lead = await loud.site.signed_in(ModeratorRole.LEAD)
        page = (await lead.get(f"/console/cases/{interview.case_id}")).text
        assert page.count(QUESTION) == page.count(ANSWER) == len(NOTES)


async def test_no_page_tells_whether_when_or_in_which_order_answers_came_within_an_hour(
    scenery: Scenery, lots: Lots
):
    before, after = [], []
    for order, minutes in (((), 0), ((0, 1, 2), 3), ((2, 0, 1), 11)):
        async with world(scenery, lots) as here:
            receipts, interview = await begin(here)
            await ask(here, interview)
            await tick(here)
            began_at = here.stage.now
            for number in order:
                here.stage.now += timedelta(minutes=minutes)
                await answer(here.stage, receipts[number], f"{ANSWER} {number}")
            here.stage.now = began_at
            for pages in (before, after):
                found = {}
                for role in ModeratorRole:
                    here.lots.draw_for(f"pages for {role}")
                    found |= {
                        (role, *key): written(each)
                        for key, each in (await shown(here, role, "GET")).items()
                        if "audit" not in key[1]  # hashes over notes, which are encrypted anew
                    }
                pages.append(found)
                await tick(here)
    assert before[0] == before[1] == before[2]
    assert after[1] == after[2] != after[0]
