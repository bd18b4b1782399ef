"""Choosing cases in the queue, one ground for all of them, and a second person."""

import re

import pytest
from deciding import HX, settle, undo_of
from footage import upload

from underseal.core.caller import ModeratorRole
from underseal.core.draft import BULK_MAX

REMOVE = {"ground": "phishing", "outcome": "remove", "observed": ["0"]}
GO = REMOVE | {"go": "1"}


@pytest.fixture
async def mona(site):
    return await site.signed_in()


@pytest.fixture
async def lea(site):
    return await site.signed_in(ModeratorRole.LEAD)


@pytest.fixture
async def three(site):
    """Three comments that wait."""
    stage = site.stage
    return [str(await stage.enqueue(await stage.comment(f"c{n}"), rate=9 - n)) for n in range(3)]


def boxes(text: str, name: str) -> list[str]:
    return re.findall(rf'<input[^>]*name="{name}" value="([^"]+)"', text)


def ticked(text: str, name: str) -> list[str]:
    return re.findall(rf'<input[^>]*name="{name}" value="([^"]+)" checked', text)


async def second_form(client) -> dict[str, list[str]]:
    text = (await client.get("/console/confirmations")).text
    return {"shown": boxes(text, "shown"), "draft": boxes(text, "draft")}


async def test_chosen_in_the_queue_decided_with_one_ground_and_confirmed(site, lea, mona, three):
    queue = (await lea.get("/console/queue")).text
    assert boxes(queue, "case") == three
    assert ticked(queue, "case") == []
    assert ticked((await lea.get("/console/queue?together=true")).text, "case") == three
    page = (await lea.get("/console/bulk", params={"case": three})).text
    assert "3 cases to be decided" in page
    assert ticked(page, "case") == three
    seen = await lea.post("/console/bulk", data=REMOVE | {"case": three}, headers=HX)
    assert "Somebody else has to confirm this" in seen.text
    sent = await lea.post("/console/bulk", data=GO | {"case": three})
    assert (sent.status_code, sent.headers["location"]) == (303, "/console/queue")
    assert "3 cases" in (await lea.get("/console/undo")).text
    assert await settle(site) == []
    assert "Nothing waits for you" in (await lea.get("/console/confirmations")).text
    page = (await mona.get("/console/confirmations")).text
    for case in three:
        assert f'href="/console/cases/{case}"' in page
        assert (await mona.get(f"/console/cases/{case}")).status_code == 200
    form = await second_form(mona)
    assert (await lea.post("/console/bulk/confirm", data=form)).status_code == 403
    assert (await mona.post("/console/bulk/confirm", data=form)).status_code == 303
    assert (await mona.post("/console/bulk/confirm", data=form)).status_code == 409
    assert [row["outcome"] for row in await settle(site)] == ["remove"] * 3


async def test_a_case_without_its_tick_stays_on_the_list_and_in_the_queue(site, lea, mona, three):
    form = REMOVE | {"listed": three, "case": three[:2]}
    page = (await lea.post("/console/bulk", data=form, headers=HX)).text
    assert boxes(page, "listed") == three
    assert ticked(page, "case") == three[:2]
    assert "2 cases to be decided" in page
    await lea.post("/console/bulk", data=form | {"go": "1"})
    assert (await mona.post("/console/next")).headers["location"].endswith(three[2])


async def test_what_is_taken_meanwhile_is_left_out_and_named(site, lea, mona, three):
    await mona.post("/console/next")
    sent = await lea.post("/console/bulk", data=GO | {"case": three})
    assert sent.status_code == 200
    assert "2 cases wait for a second person" in sent.text
    assert ">c0</bdi>: the case has changed, or somebody else" in sent.text
    page = (await lea.get("/console/bulk", params={"case": three[:1]})).text
    assert "Left out: the case has changed" in page
    assert "None of them can be decided together" in page


async def test_nothing_chosen_and_too_many_have_a_plain_message(lea):
    for method in ("get", "post"):
        given = {"params": {}} if method == "get" else {"data": GO}
        answer = await getattr(lea, method)("/console/bulk", **given)
        assert (answer.status_code, "Nothing is chosen" in answer.text) == (422, True)
    many = [f"00000000-0000-0000-0000-{n:012}" for n in range(BULK_MAX + 1)]
    answer = await lea.post("/console/bulk", data=GO | {"case": many})
    assert (answer.status_code, f"At most {BULK_MAX}" in answer.text) == (422, True)
    answer = await lea.get("/console/bulk?case=what")
    assert answer.status_code == 400
    gone = await lea.get("/console/bulk", params={"case": many[:1]})
    assert "None of them is there any more" in gone.text


async def test_reports_are_not_called_made_up_together(lea, three):
    form = {"ground": "none", "case": three}
    page = (await lea.post("/console/bulk", data=form, headers=HX)).text
    assert 'value="insufficient"' in page
    assert 'value="manifestly_unfounded"' not in page
    made_up = form | {"finding": "manifestly_unfounded", "go": "1"}
    answer = await lea.post("/console/bulk", data=made_up)
    assert (answer.status_code, "one case at a time" in answer.text) == (422, True)


async def test_without_a_ground_nothing_is_sent(lea, three):
    answer = await lea.post("/console/bulk", data={"case": three, "go": "1"})
    assert (answer.status_code, "Pick first what it breaks" in answer.text) == (422, True)
    assert boxes(answer.text, "case") == three


async def test_the_second_person_returns_it_with_a_word_and_no_word_is_not_enough(lea, mona, three):
    await lea.post("/console/bulk", data=GO | {"case": three})
    form = await second_form(mona)
    empty = await mona.post("/console/bulk/return", data={"shown": form["shown"], "body": " "})
    assert (empty.status_code, "1 to 2000 characters" in empty.text) == (422, True)
    word = {"shown": form["shown"], "body": "two of them are satire"}
    assert (await mona.post("/console/bulk/return", data=word)).status_code == 303
    tray = (await lea.get("/console/undo")).text
    assert "and 2 more" in tray
    assert "two of them are satire" in tray.lower()


async def test_undo_takes_all_of_it_back_and_leads_to_the_queue(site, lea, three):
    await lea.post("/console/bulk", data=GO | {"case": three})
    undo = undo_of((await lea.get("/console/undo")).text)
    assert (await lea.post(undo)).headers["location"] == "/console/queue"
    assert boxes((await lea.get("/console/queue")).text, "case") == three
    assert await settle(site) == []


async def test_two_moderators_need_a_lead(site, mona, lea, three):
    nils = await site.signed_in(name="nils")
    await mona.post("/console/bulk", data=GO | {"case": three})
    assert "Nothing waits for you" in (await nils.get("/console/confirmations")).text
    form = await second_form(lea)
    refused = await nils.post("/console/bulk/confirm", data=form)
    assert (refused.status_code, "A lead is needed" in refused.text) == (403, True)
    assert (await lea.post("/console/bulk/confirm", data=form)).status_code == 303


async def test_all_copies_of_a_video_are_chosen_from_its_page(site, lea):
    stage = site.stage
    refs = [await upload(stage, b"the same film", name) for name in ("v1", "v2", "v3")]
    other = await upload(stage, b"another film", "v4")
    cases = [str(await stage.enqueue(ref)) for ref in (*refs, other)]
    page = (await lea.get(f"/console/cases/{cases[0]}")).text
    assert "its 2 copies that wait" in page
    assert "copies that wait" not in (await lea.get(f"/console/cases/{cases[3]}")).text
    place = (await lea.get(f"/console/bulk/copies/{cases[0]}")).headers["location"]
    text = (await lea.get(place)).text
    assert sorted(boxes(text, "case")) == sorted(cases[:3])
    assert (
        'name="moments"'
        not in (await lea.post("/console/bulk", data=REMOVE | {"case": cases[:3]}, headers=HX)).text
    )


async def test_auditors_choose_nothing(site, three):
    auditor = await site.signed_in(ModeratorRole.AUDITOR)
    assert boxes((await auditor.get("/console/queue")).text, "case") == []
    assert (await auditor.get("/console/bulk", params={"case": three})).status_code == 403
