"""Stale pages, double clicks, two tabs, lost leases: each is told, and nothing typed is lost."""

import re

import pytest
from deciding import CLEAR, HX, REASONS, REMOVE, appealed, settle, take, undo_of

from underseal.core.caller import ModeratorRole
from underseal.core.decision import Finding, Outcome, Verdict
from underseal.core.draft import AlreadyDraftedError
from underseal.flow.decide import Submission, decide
from underseal.flow.system import LEASE
from underseal.store.roles import Role

NEXT = re.compile(r"/console/cases/([0-9a-f-]{36})")


@pytest.fixture
async def mona(site):
    return await site.signed_in()


@pytest.fixture
async def nils(site):
    return await site.signed_in(name="nils")


@pytest.fixture
async def lea(site):
    return await site.signed_in(ModeratorRole.LEAD)


async def test_two_clicks_are_one_decision(site, mona):
    case = await take(site, mona)
    answers = [await mona.post(f"{case}/decide", data=REMOVE) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert len(await settle(site)) == 1


async def test_another_tab_says_that_it_is_decided_and_keeps_what_was_typed(site, mona, nils):
    await appealed(site, mona)
    case = (await nils.post("/console/next")).headers["location"]
    form = {**CLEAR, "reasons": REASONS}
    await nils.post(f"{case}/decide", data=form)
    other = {**form, "finding": "insufficient", "reasons": REASONS + " Really."}
    for headers, kept in (({}, True), (HX, False)):
        answer = await nils.post(f"{case}/decide", data=other, headers=headers)
        assert answer.status_code == 409
        assert "undo that first" in answer.text
        assert (REASONS + " Really." in answer.text) == kept


async def test_a_lost_lease_is_told_and_nothing_typed_is_lost(site, mona, nils):
    await appealed(site, mona)
    case = (await nils.post("/console/next")).headers["location"]
    site.stage.now += LEASE
    answer = await nils.post(f"{case}/decide", data={**CLEAR, "reasons": REASONS})
    assert answer.status_code == 409
    assert "You do not have this case" in answer.text
    assert REASONS in answer.text
    piece = await nils.post(f"{case}/decide", data=CLEAR, headers=HX)
    assert (piece.status_code, "<html" in piece.text) == (409, False)
    assert len(await site.stage.rows("select from drafts where state = 'pending'")) == 0


async def test_a_case_that_has_changed_meanwhile_is_not_decided(site, mona):
    stage = site.stage
    film = await stage.video()
    await stage.scan(film)
    case = await take(site, mona, film)
    await stage.change(film)
    answer = await mona.post(f"{case}/decide", data=REMOVE)
    assert (answer.status_code, "You do not have this case" in answer.text) == (409, True)


async def test_an_undo_that_comes_too_late_is_told(site, mona):
    case = await take(site, mona)
    await mona.post(f"{case}/decide", data=REMOVE)
    place = undo_of((await mona.get("/console/undo")).text)
    await settle(site)
    late = await mona.post(place)
    assert late.status_code == 409
    assert "no longer possible" in late.text
    assert len(await site.stage.rows("select from decisions")) == 1


async def test_somebody_elses_decision_is_not_undone(site, mona, nils):
    case = await take(site, mona)
    await mona.post(f"{case}/decide", data=REMOVE)
    place = undo_of((await mona.get("/console/undo")).text)
    assert (await nils.post(place)).status_code == 403
    assert len(await settle(site)) == 1


async def test_who_was_signed_out_in_mid_decision_is_told_and_sends_it_again(site, mona):
    case = await take(site, mona)
    async with site.stage.system.db.transaction(Role.CONSOLE) as conn:
        await conn.execute("delete from sessions")
    answer = await mona.post(f"{case}/decide", data=REMOVE, headers=HX)
    assert (answer.status_code, "What you typed is kept here" in answer.text) == (401, True)
    again = await site.signed_in()
    assert (await again.post(f"{case}/decide", data=REMOVE)).status_code == 303


async def test_a_form_that_is_kept_when_somebody_is_signed_out_says_so(site, mona):
    case = await take(site, mona)
    assert re.search(r'<form id="decide-form"[^>]*data-keep="', (await mona.get(case)).text)


async def test_whose_role_was_withdrawn_decides_nothing(site, mona):
    case = await take(site, mona)
    async with site.stage.system.db.transaction(Role.CORE) as conn:
        await conn.execute("update principals set role = 'auditor' where name = 'mona'")
    answer = await mona.post(f"{case}/decide", data=REMOVE, headers=HX)
    assert (answer.status_code, "this is for the roles" in answer.text.lower()) == (403, True)
    assert await settle(site) == []


async def test_whoever_only_looks_finds_no_form(site, mona, lea):
    case = await take(site, mona)
    assert 'id="decide-form"' not in (await lea.get(case)).text
    assert (await lea.post(f"{case}/decide", data=REMOVE)).status_code == 409


async def test_what_was_overtaken_by_a_new_version_is_not_decided(site, mona):
    stage = site.stage
    film = await stage.video()
    await stage.scan(film)
    case = await take(site, mona, film)
    await mona.post(f"{case}/decide", data=REMOVE)
    await stage.change(film)
    assert await settle(site) == []
    assert "could not be decided" in (await mona.get("/console/colleagues")).text.lower()


async def test_what_waits_for_its_minute_is_not_decided_otherwise_by_a_key(site, mona):
    case = await take(site, mona)
    case_id = NEXT.fullmatch(case)[1]
    await mona.post(f"{case}/decide", data=REMOVE)
    verdict = Verdict(outcome=Outcome.NO_VIOLATION, guideline=None, finding=Finding.NO_VIOLATION)
    given = Submission(verdict=verdict)
    with pytest.raises(AlreadyDraftedError):
        await decide(site.stage.system, case_id, site.people["mona"], given, site.stage.now)
    assert [row["outcome"] for row in await settle(site)] == ["remove"]


@pytest.mark.parametrize("place", ["ask", "escalate", "release", "decide"])
async def test_scripts_in_what_is_typed_are_text(site, mona, place):
    case = await take(site, mona)
    script = "<script>alert(1)</script>"
    form = {"body": script, "to": "nobody", "moment": script, "ground": "phishing"}
    assert script not in (await mona.post(f"{case}/{place}", data=form)).text
