"""The page of detectors: who sees it, and what it says of each detector and guideline."""

import math
import re
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest
from judging import Upload, let_detectors_work, of_a_platform, upload_all

from underseal.core.caller import ModeratorRole
from underseal.flow.calibrate import calibrate
from underseal.flow.read_detectors import read_detectors
from underseal.web.console.reliability_diagram import BAR, SIDE, draw, place

PLACE = "/console/detectors"
LEAD, AUDITOR, ADMIN = ModeratorRole.LEAD, ModeratorRole.AUDITOR, ModeratorRole.ADMIN


async def seen(site, role: ModeratorRole = LEAD) -> str:
    answer = await (await site.signed_in(role)).get(PLACE)
    assert answer.status_code == 200
    return unescape(answer.text)


def cards(text: str) -> dict[str, str]:
    """What stands on the page of each detector in force."""
    parts = re.findall(r"<article.*?</article>", text, re.DOTALL)
    return {re.search(r"<code[^>]*>(.*?)</code>", each)[1]: each for each in parts}


def row(text: str, name: str) -> str:
    """What stands in a row of those in shadow, without tags."""
    part = text[text.index('id="shadow-title"') :]
    rows = re.findall(r"<tr>.*?</tr>", part, re.DOTALL)
    (found,) = [re.sub(r"<[^>]*>|\s+", " ", each) for each in rows if f">{name}</code>" in each]
    return re.sub(r"\s+", " ", found).strip()


@pytest.mark.parametrize("role", [LEAD, AUDITOR, ADMIN])
async def test_leads_auditors_and_admins_see_it_before_anything_was_said(site, role):
    text = await seen(site, role)
    assert "No detector has spoken of anything yet" in text
    assert f'href="{PLACE}"' in text
    assert "<svg" not in text


async def test_moderators_do_not(site):
    browser = await site.signed_in(ModeratorRole.MODERATOR)
    assert (await browser.get(PLACE)).status_code == 403
    assert PLACE not in (await browser.get("/console/holds")).text


async def test_each_detector_says_whether_it_counts_since_when_and_how_true_it_was(
    site, stage, server
):
    await let_detectors_work(stage, server)
    text = await seen(site)
    found = cards(text)
    assert list(found) == ["caption_terms", "spam_sounds", "spam_words"]
    words, sounds = found["spam_words"], found["spam_sounds"]
    assert "4: Spam" in words
    since = (stage.now - timedelta(days=53)).date()
    assert f'<time datetime="{since}">' in words
    assert ">in force<" in words
    assert "has drifted" not in words
    assert "none by" in words
    assert ">has drifted<" in sounds
    assert re.search(r'href="/console/incidents">noticed</a> by', sounds)
    (read,) = [e for e in (await read_detectors(stage.system)).detectors if e.name == "spam_sounds"]
    assert f"<strong>{100 * read.found.shown.error:.1f} %</strong>" in sounds
    assert f"<strong>{read.found.ranked.area:.2f}</strong>" in sounds
    assert sounds.count("<circle") == len(read.found.shown.bins)
    for each in read.found.shown.bins:
        assert f'<td class="number">{each.labels}</td>' in sounds


async def test_what_is_in_shadow_says_what_is_missing_and_what_is_stopped_leads_to_its_incident(
    site, stage, server
):
    await let_detectors_work(stage, server)
    text = await seen(site)
    young = [Upload(score=0.9, broken="bullying", detector="new_eye", guideline="bullying")] * 3
    assert "In shadow" in text
    assert re.search(r"spam_words 5 Spam 21 Nov 2026 \d+ of 20", row(text, "spam_words"))
    assert row(text, "insults").startswith("insults 2 stopped Bullying 30 Sep 2026")
    (incident,) = await stage.rows(
        "select incident_id from incidents where kind = 'breaker_tripped'"
    )
    assert text.count(f'href="/console/incidents#i-{incident["incident_id"]}"') == 2
    assert "What machines say of <strong>Bullying</strong> is stopped" in text
    assert (
        'href="/console/detectors">detectors</a>'
        in (await (await site.signed_in(LEAD)).get("/console/incidents")).text
    )
    await upload_all(stage, server, young, stage.now)
    await calibrate(stage.system, stage.now + timedelta(days=1))
    assert "new_eye 1 stopped Bullying 23 Nov 2026" in row(await seen(site), "new_eye")


async def test_one_in_force_without_recent_labels_has_no_diagram_yet(site, stage, server):
    await upload_all(stage, server, list(of_a_platform(1, 2_000)), stage.now)
    await calibrate(stage.system, stage.now)
    card = cards(await seen(site))["spam_words"]
    assert "No diagram yet." in card
    assert "<svg" not in card
    assert "<details" not in card
    assert "not known: too few labels of late" in card


async def test_names_of_detectors_are_shown_as_they_are_written(site, stage, server):
    name = '<script>alert("x")</script>'
    loud = [replace(each, detector=name, version="<b>") for each in of_a_platform(1, 2_000)]
    await upload_all(stage, server, loud, stage.now)
    await calibrate(stage.system, stage.now)
    answer = await (await site.signed_in(LEAD)).get(PLACE)
    assert name not in answer.text
    assert "<b>" not in answer.text
    assert name in unescape(answer.text)


async def test_a_diagram_keeps_to_its_frame_and_draws_what_was_found(stage, server):
    await let_detectors_work(stage, server)
    for each in (await read_detectors(stage.system)).detectors:
        if each.found.shown is None:
            continue
        points = draw(each.found.shown).points
        assert max(point.bar for point in points) == BAR
        for point, of in zip(points, each.found.shown.bins, strict=True):
            assert 0 <= point.low <= point.y <= point.high <= SIDE
            assert point.is_off == (of.told < of.low or of.told > of.high)
            assert math.sin(point.y / SIDE * math.pi / 2) ** 2 == pytest.approx(of.found, abs=2e-3)


def test_the_scale_is_even_and_goes_from_corner_to_corner():
    assert (place(0.0), place(0.5), place(1.0)) == (0, SIDE / 2, SIDE)
    for share in (0.01, 0.2, 0.37):
        assert place(share) + place(1 - share) == pytest.approx(SIDE, abs=0.11)
    assert place(0.05) - place(0.02) > place(0.48) - place(0.45)
