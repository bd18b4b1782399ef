"""Deciding in the console: the tree, the preview, the next case, and undo."""

import json
import re
from datetime import timedelta

import pytest
from deciding import CLEAR, HX, REASONS, REMOVE, appealed, look, settle, take, undo_of

from underseal.core.draft import UNDO_TIME
from underseal.core.report import Moment
from underseal.flow.open_appeal import open_appeals

NEXT = re.compile(r"/console/cases/([0-9a-f-]{36})")


@pytest.fixture
async def mona(site):
    return await site.signed_in()


@pytest.fixture
async def nils(site):
    return await site.signed_in(name="nils")


def grounds(text: str) -> list[str]:
    return re.findall(r'type="radio" id="[^"]*" name="ground" value="([^"]+)"', text)


def key_of(text: str, value: str) -> str | None:
    found = re.search(rf'value="{value}"[^>]*data-key="(.)"', text)
    return found and found[1]


async def test_what_is_suspected_stands_first_with_its_band(site, mona):
    ref = await site.stage.comment()
    await site.stage.prove("anna", "scam", right=50)
    await site.stage.report(ref, "phishing", "anna")
    await site.stage.assess()
    case = await take(site, mona, ref)
    text = (await mona.get(f"{case}/decide")).text
    assert grounds(text)[-2:] == ["other", "none"]
    assert "phishing" in grounds(text)
    assert 'class="band is-' in text


async def test_topics_and_guidelines_are_only_those_for_what_is_looked_at(site, mona):
    case = await take(site, mona)
    topics = await look(mona, case, ground="other")
    assert 'value="dangerous_acts"' in topics
    guidelines = await look(mona, case, topic="dangerous_acts")
    assert grounds(guidelines) == ["dangerous_challenge"]
    assert 'value="professional_stunt"' not in guidelines
    refused = await look(mona, case, ground="professional_stunt", outcome="remove", go="1")
    assert "not about subjects of the kind comment" in refused
    assert await settle(site) == []


async def test_digits_pick_what_is_on_the_present_step_and_reach_every_topic(site, mona):
    case = await take(site, mona)
    reached = set()
    for number in range(3):
        text = await look(mona, case, ground="other", page=str(number))
        with_key = re.findall(r'name="topic" value="(\w+)"[^>]*data-key="([1-8])"', text)
        assert len({key for _, key in with_key}) == len(with_key)
        reached |= {topic for topic, _ in with_key}
    every = set(re.findall(r'name="topic" value="(\w+)"', text))
    assert reached == every


async def test_the_usual_outcome_is_picked_beforehand_and_the_text_stands_beside(site, mona):
    case = await take(site, mona)
    text = await look(mona, case, ground="suggestive")
    guideline = site.stage.system.guidelines.by_id["suggestive"]
    assert re.search(r'value="age_restrict" checked', text)
    assert guideline.text["en"][:40].split("'")[0] in text
    breaches = [each for each in guideline.examples["en"] if not each.startswith("Allowed:")]
    assert 0 < len(breaches) < len(guideline.examples["en"])
    assert len(re.findall(r'name="observed"', text)) == len(breaches)
    assert key_of(text, "0") == "1"


async def test_a_step_back_keeps_what_was_marked(site, mona):
    case = await take(site, mona)
    text = await look(mona, case, topic="scam", ground="phishing", back="1")
    assert 'name="topic"' in text
    assert "remove" not in text


async def test_a_decision_goes_on_to_the_next_case_and_offers_an_undo_there(site, mona):
    case = await take(site, mona)
    await site.stage.enqueue(await site.stage.comment("c2"))
    answer = await mona.post(f"{case}/decide", data=REMOVE)
    assert answer.status_code == 303
    then = answer.headers["location"]
    assert NEXT.fullmatch(then)
    assert then != case
    page = (await mona.get(then)).text
    undo = undo_of(page)
    assert 'data-key="u"' in page
    site.stage.now += timedelta(seconds=30)
    back = await mona.post(undo)
    assert (back.status_code, back.headers["location"]) == (303, case)
    assert 'id="decide-form"' in (await mona.get(case)).text
    assert await settle(site) == []


async def test_the_last_decision_can_be_undone_where_nothing_waits(site, mona):
    case = await take(site, mona)
    assert (
        (await mona.post(f"{case}/decide", data=REMOVE))
        .headers["location"]
        .startswith("/console/queue")
    )
    tray = (await mona.get("/console/undo")).text
    assert "/undo" in tray
    assert "Remove it" in tray
    site.stage.now += UNDO_TIME
    assert "/undo" not in (await mona.get("/console/undo")).text


async def test_what_is_decided_is_what_was_picked(site, mona):
    case = await take(site, mona)
    await mona.post(f"{case}/decide", data=REMOVE)
    assert await settle(site) == [
        {"outcome": "remove", "guideline": "phishing", "finding": "actioned"}
    ]


async def test_a_script_is_sent_on_by_a_header(site, mona):
    case = await take(site, mona)
    answer = await mona.post(f"{case}/decide", data=CLEAR, headers=HX)
    assert (answer.status_code, answer.text) == (200, "")
    sent_on = json.loads(answer.headers["hx-location"])
    assert sent_on["path"].startswith("/console/queue")
    assert sent_on["target"] == "#main"


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"go": "1"}, "Pick first what it breaks"),
        ({"go": "1", "ground": "other"}, "Pick first what it breaks"),
        ({"go": "1", "ground": "phishing"}, "Pick what is to happen"),
        ({"go": "1", "ground": "phishing", "outcome": "burn it"}, "Pick what is to happen"),
        ({"go": "1", "ground": "none", "finding": "actioned"}, "Pick what is to happen"),
        ({**REMOVE, "observed": ["77"]}, "no example number 77"),
        ({**REMOVE, "ground": "no_such"}, "There is no such guideline"),
    ],
)
async def test_what_is_missing_is_said_plainly_and_nothing_is_decided(site, mona, form, said):
    case = await take(site, mona)
    answer = await mona.post(f"{case}/decide", data=form)
    assert answer.status_code == 422
    assert said in answer.text
    assert await settle(site) == []


async def test_seconds_are_picked_from_the_marks_or_typed(site, mona):
    stage = site.stage
    film = await stage.video()
    await stage.scan(film)
    await stage.report(film, "phishing", "anna", moments=(Moment(start_ms=12_000, end_ms=25_000),))
    case = await take(site, mona, film)
    text = await look(mona, case, ground="phishing")
    assert 'value="12000-25000"' in text
    assert "0:12-0:25" in text
    text = await look(mona, case, ground="phishing", moments=["12000-25000"], moment="1:05")
    assert re.search(r'value="12000-25000" checked', text)
    assert re.search(r'value="65000-66000" checked', text)
    wrong = await look(mona, case, ground="phishing", moment="about the middle")
    assert "0:12-0:25" in wrong
    assert 'value="about the middle"' in wrong
    await mona.post(f"{case}/decide", data={**REMOVE, "moments": ["12000-25000", "65000-66000"]})
    await settle(site)
    await stage.tick()
    (read,) = await stage.statements()
    assert read.statement.moments_ms == ((12_000, 25_000), (65_000, 66_000))


async def test_the_preview_is_in_the_language_of_the_subject_or_the_one_picked(site, mona):
    case = await take(site, mona)
    english = await look(mona, case, ground="phishing")
    assert "We have removed your comment." in english
    assert "at the next tick" in english
    assert "It will not say who reported it" in english
    german = await look(mona, case, ground="phishing", language="de")
    assert "Kommentar" in german
    windowed = await look(mona, case, ground="bullying")
    assert "enough people have watched" in windowed
    nothing = await look(mona, case, ground="none", finding="no_violation")
    assert "they notice nothing" in nothing


async def test_what_cannot_wait_says_so_and_is_decided_at_once(site, mona):
    case = await take(site, mona)
    assert "there is no undo" in await look(mona, case, ground="threat_to_life")
    form = {"ground": "threat_to_life", "outcome": "remove", "go": "1"}
    assert (await mona.post(f"{case}/decide", data=form)).status_code == 303
    assert len(await site.stage.rows("select from decisions")) == 1
    assert "/undo" not in (await mona.get("/console/undo")).text


async def test_reasons_are_for_appeals_and_told_what_is_wrong_with_them(site, mona, nils):
    case = await take(site, mona)
    assert 'name="reasons"' not in (await mona.get(f"{case}/decide")).text
    await mona.post(f"{case}/decide", data=REMOVE)
    await settle(site)
    await site.stage.tick()
    read = (await site.stage.statements())[0]
    await site.stage.report(
        read.statement.subject, "phishing", "anna", note="she told me at the party in May"
    )
    await site.stage.appeal(read.statement.id)
    await open_appeals(site.stage.system, site.stage.now)
    case = (await nils.post("/console/next")).headers["location"]
    assert 'name="reasons"' in (await nils.get(f"{case}/decide")).text
    short = await nils.post(f"{case}/decide", data={**CLEAR, "reasons": "No."})
    assert short.status_code == 422
    assert "Reasons have 20 to 2000 characters" in short.text
    assert ">No.</textarea>" in short.text
    quoting = "As I heard: she told me at the party in May, and so on."
    repeated = await nils.post(f"{case}/decide", data={**CLEAR, "reasons": quoting})
    assert "repeat the words of a note" in repeated.text
    assert quoting in repeated.text
    taken = await nils.post(f"{case}/decide", data={**CLEAR, "reasons": REASONS})
    assert taken.status_code == 303


async def test_an_appeal_leads_to_nothing_harsher(site, mona, nils):
    stage = site.stage
    case = await take(site, mona)
    await mona.post(f"{case}/decide", data={**REMOVE, "outcome": "label"})
    await settle(site)
    await stage.tick()
    (read,) = await stage.statements()
    await stage.appeal(read.statement.id)
    await open_appeals(stage.system, stage.now)
    case = (await nils.post("/console/next")).headers["location"]
    text = await look(nils, case, ground="phishing")
    assert re.findall(r'name="outcome" value="(\w+)"', text) == ["label"]
    assert "the decision under appeal" in (await nils.get(f"{case}/decide")).text
    harsher = {**REMOVE, "reasons": REASONS}
    assert "cannot lead to remove" in (await nils.post(f"{case}/decide", data=harsher)).text


async def test_a_preview_of_an_appeal_has_the_reasons_in_it(site, mona, nils):
    await appealed(site, mona)
    case = (await nils.post("/console/next")).headers["location"]
    text = await look(nils, case, ground="none", finding="no_violation", reasons=REASONS)
    assert REASONS in text
    assert "we have reversed it" in text
