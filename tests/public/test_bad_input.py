"""What people write to break public pages, where they would lead, and what they would tell."""

import re

import pytest
from inert import HOSTILE, SCRIPT, read_page
from places import PLACES

from underseal.core.report import NOTE_BYTES_MAX
from underseal.web.words import CATALOGUES, LANGUAGES

ENGLISH = CATALOGUES["en"]
SUBJECT = f"c{HOSTILE}"
CREATOR = f"carl{HOSTILE}"
GETS = [each.path for each in PLACES if each.method == "GET" and not each.path.startswith("/c")]
ELSEWHERE = ("https://evil.example", "//evil.example", "/\\evil.example", "javascript:x", "en//")


@pytest.fixture
async def removed(stage):
    """The statement about a comment that was removed."""
    ref = await stage.comment(SUBJECT, CREATOR)
    await stage.decide(ref, await stage.moderator("mona"), "remove", "phishing")
    await stage.tick()
    (read,) = await stage.statements(CREATOR)
    return read.statement.id


@pytest.mark.parametrize("language", LANGUAGES)
async def test_whatever_is_typed_into_a_report_is_text_on_every_page(stage, reporter, language):
    await stage.comment(SUBJECT)
    asked = {"lang": language}
    typed = {"subject": SUBJECT, "note": HOSTILE, "moments": HOSTILE, "law": HOSTILE}
    for step in ("choose", "back", "file"):
        form = {**reporter.FORM, **typed, "step": step, "illegal": "yes"}
        answer = await reporter.browser.post("/report", params=asked, data=form)
        assert (SCRIPT in read_page(answer.text)) == (step != "back")
    receipt = await reporter.file(subject=SUBJECT, note=HOSTILE)
    assert SCRIPT in read_page((await reporter.look(receipt, **asked)).text)
    for action in ("supplement", "complaint"):
        form = {"receipt": receipt, "text": HOSTILE * 200}
        answer = await reporter.browser.post(f"/receipt/{action}", params=asked, data=form)
        assert answer.status_code == 400
        assert HOSTILE * 200 in read_page(answer.text)
    answer = await reporter.look(HOSTILE, **asked)
    assert answer.status_code == 404
    read_page(answer.text)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_statement_and_an_appeal_are_text_too(browser, platform, removed, language):
    own = {"link": platform.link(CREATOR, removed), "lang": language}
    assert SCRIPT in read_page((await browser.get("/statement", params=own)).text)
    listed = {"link": platform.link(CREATOR), "lang": language}
    assert SCRIPT in read_page((await browser.get("/statement", params=listed)).text)
    refused = await browser.post("/statement/appeal", params=own, data={"grounds": HOSTILE * 50})
    assert refused.status_code == 400
    assert HOSTILE * 50 in read_page(refused.text)
    sent = await browser.post("/statement/appeal", params=own, data={"grounds": HOSTILE})
    read_page((await browser.get(sent.headers["location"])).text)


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
async def test_no_query_makes_a_page_lead_elsewhere(browser, platform, removed, elsewhere):
    query = dict.fromkeys(("lang", "back", "next", "statement", "after", "month", "v"), elsewhere)
    for path in GETS:
        own = {"link": platform.link(CREATOR, removed)} if path == "/statement" else {}
        address = re.sub(r"\{.*\}", "phishing", path)
        answer = await browser.get(address, params={**query, **own})
        assert answer.status_code < 500
        if answer.headers["content-type"].startswith("text/html"):
            read_page(answer.text)
    own = {"link": platform.link(CREATOR, removed), **query}
    sent = await browser.post("/statement/appeal", params=own, data={"grounds": "x"})
    assert re.match(r"/statement\?", sent.headers["location"])


async def test_nobody_learns_what_there_is_by_asking(browser, platform, removed, stage):
    """Of receipts and statements: what is not there, and what is somebody else's, look alike."""
    other = "00000000-0000-4000-8000-000000000000"
    unknown = [
        await browser.get("/statement", params={"link": platform.link("dora", removed)}),
        await browser.get("/statement", params={"link": platform.link("dora", other)}),
        await browser.get("/statement", params={"link": platform.link("nobody", removed)}),
    ]
    receipts = [
        await browser.post("/receipt", data={"receipt": typed})
        for typed in ("rcpt_" + "a" * 64, "rcpt_" + "b" * 64, "a", "\0")
    ]
    for answers in (unknown, receipts[:2], receipts[2:3] + receipts[:1]):
        seen = {
            (
                answer.status_code,
                re.sub(r'value="[^"]*"|(?:link|statement)=[^"&]*', "", answer.text),
                tuple(sorted(set(answer.headers) - {"content-length"})),
            )
            for answer in answers
        }
        assert len(seen) == 1
        assert answers[0].status_code == 404


async def test_a_report_of_what_there_is_not_is_taken_like_any_other(stage, reporter):
    await stage.comment("c1")
    there, not_there = await reporter.send(), await reporter.send(subject="c2")
    shown = [re.sub(r"rcpt_\w+", "", each.text) for each in (there, not_there)]
    assert (there.status_code, shown[0]) == (not_there.status_code, shown[1])
    looks = [
        await reporter.look(re.search(r"rcpt_\w+", each.text)[0]) for each in (there, not_there)
    ]
    pages = [re.sub(r"rcpt_\w+|c[12]", "", each.text) for each in looks]
    assert pages[0] == pages[1]


async def test_two_clicks_without_a_script_are_one_complaint(stage, reporter):
    ref = await stage.comment("c1")
    receipt = await reporter.file()
    await stage.decide(ref, await stage.moderator("mona"), "no_violation")
    await stage.answer_day()
    form = {"receipt": receipt, "text": "It is the third time"}
    first, second = [await reporter.browser.post("/receipt/complaint", data=form) for _ in range(2)]
    assert ENGLISH["receipt.complained"] in first.text
    assert ENGLISH["error.complained"] in second.text
    assert form["text"] in second.text
    assert len(await stage.rows("select from complaints")) == 1


async def test_a_note_of_the_greatest_length_is_taken_and_one_more_byte_is_not(stage, reporter):
    await stage.comment("c1")
    receipt = await reporter.file(note="ü" * (NOTE_BYTES_MAX // 2))
    for text, status in (
        ("ü" * (NOTE_BYTES_MAX // 2), 200),
        ("ü" * (NOTE_BYTES_MAX // 2 + 1), 400),
    ):
        form = {"receipt": receipt, "text": text}
        answer = await reporter.browser.post("/receipt/supplement", data=form)
        assert answer.status_code == status
    assert text in answer.text
