"""The report form: two steps without a script, and nothing that was typed is lost."""

import re

import pytest

from underseal.core.receipt_state import before_reporting
from underseal.web.words import CATALOGUES, LANGUAGES

RECEIPT = re.compile(r"rcpt_[a-z2-7]{64}")
CANARY = "<img src=x onerror=alert(1)>\"'"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_report_is_filed_in_two_steps_in_every_language(browser, stage, language):
    words = CATALOGUES[language]
    asked = {"lang": language}
    first = await browser.get("/report", params=asked)
    assert words["report.subject_hint"] in first.text
    chosen = {"kind": "video", "subject": "v1", "topic": "scam"}
    second = await browser.post("/report", params=asked, data={**chosen, "step": "choose"})
    assert second.status_code == 200
    assert 'name="guideline" value="phishing"' in second.text
    assert words["report.good_faith"] in second.text
    for said in before_reporting(language):
        assert said in first.text
        assert said in second.text
    sent = await browser.post(
        "/report",
        params=asked,
        data={
            **chosen,
            "guideline": "phishing",
            "moments": "0:12-0:25, 1:03",
            "note": "Look at the link",
            "guessed": "yes",
            "step": "file",
        },
    )
    assert sent.status_code == 200
    assert words["thanks.once"] in sent.text
    assert len(set(RECEIPT.findall(sent.text))) == 1
    (filed,) = await stage.rows("select * from reports")
    assert filed["moments"] == [12_000, 25_000, 63_000, 64_000]
    assert filed["may_be_guessed"] is True
    assert filed["pseudonym"] is None
    assert filed["note"] is not None


async def test_a_notice_names_the_law_and_good_faith(reporter, stage):
    guideline = {"topic": "violence_crime", "guideline": "threat_to_life"}
    refused = await reporter.send(**guideline, illegal="yes", law=" ")
    assert refused.status_code == 400
    assert 'id="law-error"' in refused.text
    assert 'id="good_faith-error"' in refused.text
    await reporter.file(**guideline, illegal="yes", law="StGB § 241", good_faith="yes")
    (filed,) = await stage.rows("select is_notice, law from reports")
    assert filed == {"is_notice": True, "law": "StGB § 241"}


async def test_what_cannot_be_illegal_is_not_taken_as_a_notice(reporter, stage):
    legal = next(
        each for each in stage.system.guidelines.by_id.values()
        if not each.illegal_notice and "comment" in each.subjects
    )  # fmt: skip
    refused = await reporter.send(
        topic=legal.topic, guideline=legal.id, illegal="yes", law="x", good_faith="yes"
    )
    assert 'id="illegal-error"' in refused.text
    assert await stage.rows("select 1 from reports") == []


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"kind": "", "step": "choose"}, "error.kind"),
        ({"kind": "planet"}, "error.kind"),
        ({"subject": " "}, "error.subject_missing"),
        ({"subject": "x" * 513}, "error.subject"),
        ({"subject": "https://loop.example/"}, "error.subject_missing"),
        ({"topic": ""}, "error.topic"),
        ({"topic": "nothing"}, "error.topic_kind"),
        ({"guideline": "nothing"}, "error.guideline"),
        ({"kind": "video", "moments": "later"}, "error.moments"),
        ({"kind": "video", "moments": "0:20-0:10"}, "error.moments"),
        ({"kind": "video", "moments": ",".join(f"{s}" for s in range(50))}, "error.moments"),
        ({"note": "x" * 8001}, "error.note"),
    ],
)
async def test_what_is_wrong_is_said_and_what_was_typed_is_kept(reporter, stage, typed, said):
    kept = {"note": CANARY, "law": "a law", "guessed": "yes"}
    answer = await reporter.send(**{**kept, **typed})
    assert answer.status_code == 400
    shown = CATALOGUES["en"][said].replace("'", "&#39;")
    if said == "error.subject_missing" and typed["subject"].strip():
        shown = CATALOGUES["en"]["error.subject"]
    assert shown in answer.text
    note = typed.get("note", CANARY)
    assert escaped(note) in answer.text
    assert "<img" not in answer.text.partition("<main")[2]
    for name in ("kind", "topic", "guideline"):
        value = {**reporter.FORM, **typed}[name]
        if value in {"comment", "scam", "phishing"}:
            assert re.search(f'name="{name}" value="{value}"', answer.text)
    assert await stage.rows("select 1 from reports") == []


async def test_going_back_keeps_everything(reporter):
    answer = await reporter.send(step="back", note="my words", moments="0:01", guessed="yes")
    assert answer.status_code == 200
    assert 'name="note" value="my words"' in answer.text
    assert 'value="comment" checked' in answer.text
    assert 'value="c1"' in answer.text


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("v-123", "v-123"),
        ("  https://loop.example/@carl/video/123?x=1#y ", "123"),
        ("https://loop.example/@carl/", "carl"),
        ("https://loop.example/video/%C3%BC", "ü"),
        ("javascript:alert(1)", "javascript:alert(1)"),
    ],
)
async def test_a_link_stands_for_the_id_at_its_end(reporter, stage, typed, stored):
    await reporter.file(subject=typed)
    (found,) = await stage.rows("select external_id from subjects")
    assert found["external_id"] == stored


async def test_a_link_of_the_platform_fills_the_form_in(browser):
    answer = await browser.get("/report?kind=video&subject=v9&topic=scam")
    assert 'value="video" checked' in answer.text
    assert 'value="v9"' in answer.text


async def test_a_form_that_another_site_sends_is_refused(browser, stage):
    answer = await browser.post(
        "/report",
        data={"step": "file"},
        headers={"sec-fetch-site": "cross-site", "origin": "https://evil.example"},
    )
    assert answer.status_code == 403


@pytest.mark.parametrize("path", ["/", "/report", "/receipt", "/guidelines", "/transparency"])
async def test_public_pages_set_no_cookie_and_are_not_kept(browser, path):
    answer = await browser.get(path)
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"
    assert "no-referrer" in answer.text
    assert not re.search(r'\b(?:href|src|action)="(?!/|#)', answer.text), "everything is ours"


def escaped(text: str) -> str:
    for sign, name in (
        ("&", "&amp;"),
        ("<", "&lt;"),
        (">", "&gt;"),
        ('"', "&#34;"),
        ("'", "&#39;"),
    ):
        text = text.replace(sign, name)
    return text
