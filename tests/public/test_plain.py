"""Pages that only tell: the start page, the guidelines, and the figures."""

import json
import re
from datetime import UTC, date, datetime

import pytest

from underseal.core.transparency import Tally, complete_months, figures
from underseal.store.connection import session
from underseal.store.roles import Role
from underseal.web.words import CATALOGUES, LANGUAGES

ENGLISH = CATALOGUES["en"]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_start_page_leads_to_everything_in_every_language(browser, language):
    page = (await browser.get("/", params={"lang": language})).text
    for path in ("/report", "/receipt", "/guidelines", "/transparency"):
        assert f'href="{path}?lang={language}"' in page
    assert CATALOGUES[language]["start.promise_secret"] in page


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_guideline_has_a_page_with_its_examples(browser, stage, language):
    listed = (await browser.get("/guidelines", params={"lang": language})).text
    for guideline in list(stage.system.guidelines.by_id.values())[::7]:
        assert f'href="/guidelines/{guideline.id}?lang={language}"' in listed
        page = await browser.get(f"/guidelines/{guideline.id}", params={"lang": language})
        assert page.status_code == 200
        label = guideline.label.get(language, guideline.label["en"])
        assert label.replace("'", "&#39;") in page.text
        assert CATALOGUES[language]["guidelines.examples"] in page.text
        is_foreign = language != "en" and language not in guideline.text
        assert (CATALOGUES[language]["guidelines.untranslated"] in page.text) == is_foreign
        assert ('lang="en" dir="ltr">' in page.text.partition("<main")[2]) or not is_foreign


async def test_no_number_and_no_term_of_the_detectors_is_shown(browser, stage):
    for guideline in list(stage.system.guidelines.by_id.values())[::5]:
        page = (await browser.get(f"/guidelines/{guideline.id}")).text
        for term in guideline.terms:
            assert term not in page
        assert str(guideline.base_rate) not in page


async def test_a_guideline_that_is_not_there_is_not_there(browser):
    assert (await browser.get("/guidelines/nothing")).status_code == 404
    assert (await browser.get("/guidelines/..%2f..%2fetc")).status_code == 404


def test_small_numbers_are_not_told_and_others_are_rounded():
    few = figures(tally(reports=9, decisions=9, by_machine=1, days=1.0, appeals=9, overturned=9))
    assert {getattr(few, name) for name in few.__slots__ if name != "topic"} == {None}
    told = figures(
        tally(
            reports=14,
            decisions=24,
            restrictions=13,
            by_machine=1,
            days=2.4,
            appeals=11,
            overturned=3,
        )
    )
    assert (told.reports, told.decisions, told.appeals) == (10, 20, 10)
    assert (told.restricted, told.automated, told.overturned) == (55, 5, 25)
    assert told.median_days == 2


def test_none_and_few_look_alike():
    assert figures(tally()) == figures(tally(reports=9, appeals=1))


def test_a_month_is_told_a_week_after_its_end():
    since = date(2026, 9, 15)
    before = datetime(2026, 11, 7, 23, 59, tzinfo=UTC)
    assert list(complete_months(since, before)) == [date(2026, 9, 1)]
    assert list(complete_months(since, before.replace(day=8, hour=0))) == [
        date(2026, 9, 1),
        date(2026, 10, 1),
    ]


def tally(**given: object) -> Tally:
    nothing = dict.fromkeys(("reports", "flagged", "decisions", "restrictions", "by_machine"), 0)
    return Tally(
        **{"topic": "scam", **nothing, "days": None, "appeals": 0, "overturned": 0, **given}
    )


async def test_before_the_first_month_is_over_there_are_no_figures(browser):
    page = await browser.get("/transparency")
    assert ENGLISH["transparency.none"] in page.text
    assert (await browser.get("/transparency.json")).json() == {"months": []}


@pytest.fixture
async def busy(stage, server, address):
    """A month with 123 reports of one topic and three of another, and twelve decisions."""
    ref = await stage.comment()
    await stage.flood(server, address, ref, "phishing", 123)
    await stage.report(ref, "bullying", "anna", "bert", "cleo")
    mona = await stage.moderator("mona")
    for number in range(12):
        await stage.decide(await stage.comment(f"d{number}"), mona, "remove", "phishing")
    stage.now = datetime(2027, 1, 10, tzinfo=UTC)


async def test_figures_tell_of_topics_and_hide_what_is_small(browser, busy):
    data = (await browser.get("/transparency.json")).json()
    assert [month["month"] for month in data["months"]] == ["2026-12-01", "2026-11-01"]
    topics = {each["topic"]: each for each in data["months"][1]["topics"]}
    assert topics["scam"]["reports"] == 120
    assert topics["scam"]["decisions"] == 10
    assert topics["scam"]["restricted"] == 100
    assert topics["scam"]["automated"] == 0
    assert topics["scam"]["appeals"] is None
    assert topics["harassment"]["reports"] is None
    page = await browser.get("/transparency?month=2026-11")
    assert "about 120" in page.text
    assert "123" not in page.text.partition("<main")[2]
    assert (await browser.get("/transparency?month=2026-10")).status_code == 404
    assert (await browser.get("/transparency?month=%3Cscript%3E")).status_code == 404


@pytest.mark.parametrize("language", LANGUAGES)
async def test_figures_are_told_in_every_language(browser, busy, language):
    newest = await browser.get("/transparency", params={"lang": language})
    assert CATALOGUES[language]["transparency.unknown"] in newest.text
    page = await browser.get("/transparency", params={"lang": language, "month": "2026-11"})
    assert CATALOGUES[language]["transparency.how_small"] in page.text
    assert CATALOGUES[language]["transparency.few"] in page.text


async def test_figures_name_no_subject_and_nobody(browser, busy, stage):
    for answer in (await browser.get("/transparency"), await browser.get("/transparency.json")):
        for name in ("carl", "anna", "mona", "c1", "d1", *map(str, await subjects(stage))):
            assert not re.search(rf"\b{name}\b", answer.text)


async def subjects(stage) -> list[object]:
    return [row["subject_id"] for row in await stage.rows("select subject_id from subjects")]


async def test_what_was_published_stays(browser, busy, stage, server, address):
    first = (await browser.get("/transparency.json")).json()
    ref = await stage.comment("late")
    late, stage.now = stage.now, datetime(2026, 11, 30, tzinfo=UTC)
    await stage.report(ref, "bullying", *(f"person{number}" for number in range(20)))
    stage.now = late
    assert (await browser.get("/transparency.json")).json() == first
    async with session(address, server.passwords.login(Role.OWNER)) as owner:
        with pytest.raises(Exception, match="append"):
            await owner.execute("update transparency_months set body = '[]'")
    assert json.dumps(first)


@pytest.fixture
async def looked(stage, server, address):
    """A November with 200 looks by chance, four of which found something."""
    mona = await stage.moderator("mona")
    async with session(address, server.embedded.superuser()) as owner:
        await owner.execute("set session_replication_role = replica")
        await owner.execute("insert into prevalence_days values ('2026-11-20', 1000000, 200)")
        for number in range(200):
            ref = await stage.comment(f"c{number}") if number < 8 else None
            await owner.execute(
                "insert into prevalence_draws select '2026-11-20', coalesce($1::uuid, "
                "gen_random_uuid()), 1, 5000, 0.005, 1, -3, 'v'",
                ref and ref.subject_id,
            )
        await owner.execute(
            "insert into decisions (decision_id, subject_id, round, version, kind, outcome, "
            "guideline, guidelines_version, finding, automation, decided_by, reasons, decided_at) "
            "select gen_random_uuid(), subject_id, 1, 1, 'review', case when n <= 4 then 'remove' "
            "else 'no_violation' end, case when n <= 4 then 'phishing' end, 'v', 'no_violation', "
            "'not_automated', $1, '', '2026-11-25' "
            "from (select subject_id, row_number() over () as n from prevalence_draws) d",
            mona,
        )
    stage.now = datetime(2027, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_share_of_violating_views_is_told_where_there_were_looks_enough(
    browser, looked, language
):
    december, november = (await browser.get("/transparency.json")).json()["months"]
    assert december["violating_views"] is None
    told = november["violating_views"]
    assert told["looks"] == 200
    assert 0.4 < told["low"] < 2.0 < told["high"] < 7
    page = await browser.get("/transparency", params={"lang": language, "month": "2026-11"})
    sentence = CATALOGUES[language]["transparency.views"].partition("{low}")[0]
    assert sentence in page.text
    other = await browser.get("/transparency", params={"lang": language, "month": "2026-12"})
    assert sentence not in other.text
