import re
from datetime import timedelta
from uuid import UUID

import pytest
from staging import account

from underseal.core.caller import ModeratorRole
from underseal.core.priority import Lane
from underseal.core.subject import SubjectKind, SubjectRef
from underseal.flow.list_queue import PAGE
from underseal.flow.register_subject import Registration, register_subject
from underseal.flow.system import LEASE
from underseal.flow.take_case import release_case

CASE = re.compile(r"/console/cases/([0-9a-f-]{36})")


async def comment(stage, name, language="en"):
    ref = SubjectRef(kind=SubjectKind.COMMENT, external_id=name)
    given = Registration(ref=ref, creator=account("carl"), caption="look", language=language)
    await register_subject(stage.system, given, stage.now)
    return ref


async def test_the_queue_tells_why_a_case_is_next_and_for_how_long_it_waits(site):
    stage = site.stage
    ref = await stage.comment()
    await stage.report(ref, "phishing", *"abcdefgh")
    await stage.assess()
    await stage.enqueue(ref, lane=Lane.GRAVE, guideline="phishing", because="Because it is so.")
    stage.now += timedelta(days=2)
    text = (await (await site.signed_in()).get("/console/queue")).text
    assert "Because it is so." in text
    assert "2 days" in text
    assert "grave" in text
    assert stage.system.guidelines.by_id["phishing"].severity in text
    assert re.search(r'class="band is-(low|medium|high)"', text)


async def test_cases_stand_in_the_order_in_which_they_are_taken(site):
    stage = site.stage
    await stage.enqueue(await stage.comment("low"), rate=1, because="low rate")
    await stage.enqueue(await stage.comment("high"), rate=9, because="high rate")
    duty = {"duty_from": stage.now, "due_at": stage.now + timedelta(hours=1)}
    await stage.enqueue(await stage.comment("duty"), rate=0, because="a duty", **duty)
    text = (await (await site.signed_in()).get("/console/queue")).text
    assert text.index("a duty") < text.index("high rate") < text.index("low rate")


async def test_no_exact_weight_stands_on_the_page(site):
    stage = site.stage
    ref = await stage.comment()
    await stage.report(ref, "phishing", *"abc")
    await stage.assess()
    await stage.enqueue(ref, rate=1234.5678, guideline="phishing", because="so")
    (row,) = await stage.rows(
        "select log_odds, machine from assessments where guideline = 'phishing'"
    )
    for role in (ModeratorRole.MODERATOR, ModeratorRole.LEAD):
        text = (await (await site.signed_in(role)).get("/console/queue")).text
        assert "1234" not in text
        assert f"{abs(row['log_odds']):.2f}" not in text


async def test_every_case_is_on_exactly_one_page(site):
    stage = site.stage
    wanted = set()
    for number in range(PAGE + 3):
        wanted.add(str(await stage.enqueue(await stage.comment(f"c{number}"), rate=number // 7)))
    lead = await site.signed_in(ModeratorRole.LEAD)
    first = (await lead.get("/console/queue")).text
    further = re.search(r'href="(/console/queue\?after=[^"]+)"', first)[1]
    second = (await lead.get(further)).text
    seen = CASE.findall(first) + CASE.findall(second)
    assert len(seen) == len(wanted)
    assert set(seen) == wanted
    assert "Further down" not in second


async def test_a_moderator_cannot_pick_and_a_lead_can(site):
    case_id = await site.stage.enqueue(await site.stage.comment())
    assert not CASE.search((await (await site.signed_in()).get("/console/queue")).text)
    lead = await site.signed_in(ModeratorRole.LEAD)
    assert CASE.findall((await lead.get("/console/queue")).text) == [str(case_id)]


async def test_the_next_case_is_the_first_and_nobody_else_gets_it(site):
    stage = site.stage
    case_id = await stage.enqueue(await stage.comment("a"), rate=2)
    other = await stage.enqueue(await stage.comment("b"), rate=1)
    mona, nils = await site.signed_in(), await site.signed_in(name="nils")
    taken = await mona.post("/console/next")
    assert (taken.status_code, taken.headers["location"]) == (303, f"/console/cases/{case_id}")
    assert (await nils.post("/console/next")).headers["location"] == f"/console/cases/{other}"
    empty = await nils.post("/console/next")
    assert (empty.status_code, empty.headers["location"]) == (303, "/console/queue?nothing=true")
    assert "Nothing waits" in (await nils.get(empty.headers["location"])).text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("language=de", "german"),
        ("topic=scams_fraud", "about phishing"),
        ("subject=video", "a video"),
        ("kind=review&language=de", "german"),
    ],
)
async def test_the_next_case_is_one_that_the_filters_let_through(site, query, found):
    stage = site.stage
    topic = stage.system.guidelines.by_id["phishing"].topic
    ids = {
        "german": await stage.enqueue(await comment(stage, "g", "de"), because="german"),
        "about phishing": await stage.enqueue(
            await stage.comment("p"), guideline="phishing", because="about phishing"
        ),
        "a video": await stage.enqueue(await stage.video(), because="a video"),
        "first": await stage.enqueue(await stage.comment("f"), rate=99, because="the first"),
    }
    mona = await site.signed_in()
    query = query.replace("scams_fraud", topic)
    text = (await mona.get(f"/console/queue?{query}")).text
    assert found in text
    assert "the first" not in text
    taken = await mona.post("/console/next")
    assert taken.headers["location"] == f"/console/cases/{ids[found]}"
    empty = await mona.post("/console/next")
    assert empty.headers["location"] == f"/console/queue?{query_in_order(query)}&nothing=true"


def query_in_order(query: str) -> str:
    order = ["topic", "language", "subject", "kind"]
    return "&".join(sorted(query.split("&"), key=lambda pair: order.index(pair.split("=")[0])))


@pytest.mark.parametrize("query", ["subject=planet", "kind=x", "after=not-an-id"])
async def test_a_filter_that_there_is_not_is_told(site, query):
    answer = await (await site.signed_in()).get(f"/console/queue?{query}")
    assert answer.status_code == 400


async def test_a_topic_that_there_is_not_lets_nothing_through(site):
    await site.stage.enqueue(await site.stage.comment(), guideline="phishing", because="so")
    text = (await (await site.signed_in()).get("/console/queue?topic=<script>")).text
    assert "Nothing waits here" in text
    assert "<script>" not in text.replace("<script src=", "")


async def test_who_has_what_is_told_to_leads_alone(site):
    await site.stage.enqueue(await site.stage.comment())
    mona, nils = await site.signed_in(), await site.signed_in(name="nils")
    lead = await site.signed_in(ModeratorRole.LEAD)
    taken = (await mona.post("/console/next")).headers["location"]
    assert taken in (await mona.get("/console/queue")).text
    assert taken not in (await nils.get("/console/queue")).text
    assert "mona" not in (await nils.get("/console/queue")).text
    text = (await lead.get("/console/queue")).text
    assert taken in text
    assert "mona" in text
    site.stage.now += LEASE
    assert "mona" not in (await lead.get("/console/queue")).text


async def test_an_auditor_takes_nothing(site):
    await site.stage.enqueue(await site.stage.comment())
    aude = await site.signed_in(ModeratorRole.AUDITOR)
    assert (await aude.post("/console/next")).status_code == 403
    assert "Take the next case" not in (await aude.get("/console/queue")).text


async def test_the_reason_of_a_case_cannot_bring_a_script(site):
    await site.stage.enqueue(await site.stage.comment(), because="<script>alert(1)</script>")
    text = (await (await site.signed_in(ModeratorRole.LEAD)).get("/console/queue")).text
    assert "<script>alert" not in text


async def test_nobody_is_shown_as_waiting_what_they_said_is_not_for_them(site):
    stage = site.stage
    await stage.enqueue(await stage.comment(), because="not for mona")
    mona, lead = await site.signed_in(), await site.signed_in(ModeratorRole.LEAD)
    address = (await mona.post("/console/next")).headers["location"]
    await release_case(
        stage.system, UUID(address.rpartition("/")[2]), site.people["mona"], not_me=True
    )
    assert "not for mona" not in (await mona.get("/console/queue")).text
    assert "not for mona" in (await lead.get("/console/queue")).text
