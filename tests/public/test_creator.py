"""A creator's pages: behind a link, in plain words, and silent until a disclosure."""

import re
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import msgspec
import pytest
from drafting import ban, hire
from staging import account

from underseal.client import sign_creator_link, sign_ticket
from underseal.core.caller import Scope
from underseal.core.case import CaseKind
from underseal.core.report import Moment
from underseal.core.visibility import Level
from underseal.flow.authenticate import Callers, admit_platform, dismiss
from underseal.flow.file_report import Filer
from underseal.flow.open_appeal import open_appeals
from underseal.store.pool import Database
from underseal.store.roles import Role
from underseal.web.app import make_app
from underseal.web.words import CATALOGUES, LANGUAGES

ENGLISH = CATALOGUES["en"]
WHERE = Moment(start_ms=12_000, end_ms=25_000)
REASONS = "Somebody else has looked at it again, and this is why."
RANDOM_ID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")


@pytest.fixture
async def removed(stage, site):
    """A video of Carl's that Mona removed, and its statement."""
    ref = await stage.video()
    await stage.scan(ref)
    await stage.assess()
    mona = await stage.moderator("mona")
    await stage.decide(ref, mona, "remove", "phishing", moments=(WHERE,))
    await stage.tick()
    (read,) = await stage.statements()
    return read.statement


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_statement_says_what_and_why_and_what_to_do_in_every_language(
    browser, platform, removed, language
):
    words = CATALOGUES[language]
    answer = await browser.get(
        "/statement", params={"link": platform.link(statement=removed.id), "lang": language}
    )
    assert answer.status_code == 200
    for key in ("statement.decided", "statement.why", "statement.how", "appeal.send"):
        assert words[key] in answer.text
    said_in = "en" if language == "ar" else language
    said = {"en": "We have removed", "de": "Wir haben dein Video", "es": "Hemos retirado"}[said_in]
    assert said in answer.text
    assert "0:12-0:25" in answer.text
    assert "/guidelines/phishing" in answer.text
    assert "set-cookie" not in answer.headers


async def test_a_strike_that_came_with_it_is_named(browser, platform, stage, site):
    mona = await stage.moderator("mona")
    await stage.decide(await stage.comment(), mona, "remove", "bullying")
    await stage.tick(hours=7 * 24)
    (read,) = await stage.statements()
    page = await browser.get(
        "/statement", params={"link": platform.link(statement=read.statement.id)}
    )
    assert re.search(r"with 2 points until \d+ February 2027", page.text)
    listed = await browser.get("/statement", params={"link": platform.link()})
    assert "<strong>2</strong>" in listed.text
    assert "Bullying" in listed.text or "bullying" in listed.text


async def test_a_creator_appeals_and_reads_the_answer(browser, platform, stage, removed):
    link = platform.link(valid_for=timedelta(days=1))
    own = {"link": link, "statement": str(removed.id)}
    answer = await browser.post("/statement/appeal", params=own, data={"grounds": "It is satire"})
    assert answer.status_code == 303
    page = await browser.get(answer.headers["location"])
    assert ENGLISH["appeal.lodged"] in page.text
    assert "<textarea" not in page.text
    again = await browser.post("/statement/appeal", params=own, data={"grounds": "Once more"})
    assert again.status_code == 400
    assert ENGLISH["error.appealed"] in again.text
    assert "Once more" in again.text
    await open_appeals(stage.system, stage.now)
    nils = await stage.moderator("nils")
    await stage.judge(nils, "no_violation", kind=CaseKind.APPEAL, reasons=REASONS)
    assert ENGLISH["appeal.lodged"] in (await browser.get("/statement", params=own)).text
    await stage.tick()
    page = await browser.get("/statement", params=own)
    assert ENGLISH["appeal.granted"] in page.text
    assert REASONS in page.text
    listed = await browser.get("/statement", params={"link": link})
    assert "reversed" in listed.text


async def test_who_is_banned_and_was_never_registered_reads_why_and_appeals(
    browser, platform, stage, site
):
    eve = account("eve")
    await stage.report(eve, "phishing", "anna")
    mona, nils, olga = [await hire(stage, name) for name in ("mona", "nils", "olga")]
    await ban(stage, eve, mona, nils)
    listed = await browser.get("/statement", params={"link": platform.link("eve")})
    (statement,) = re.findall(r"statement=([0-9a-f-]{36})", listed.text)
    own = {"link": platform.link("eve", UUID(statement))}
    assert ENGLISH["appeal.send"] in (await browser.get("/statement", params=own)).text
    sent = await browser.post("/statement/appeal", params=own, data={"grounds": "It is a joke"})
    assert sent.status_code == 303
    await open_appeals(stage.system, stage.now)
    await stage.judge(olga.principal_id, "no_violation", kind=CaseKind.APPEAL, reasons=REASONS)
    await stage.tick()
    own = {"link": platform.link("eve", UUID(statement))}
    assert REASONS in (await browser.get("/statement", params=own)).text
    assert await stage.level(eve) is Level.PUBLIC


async def test_an_appeal_that_is_too_long_or_too_late_keeps_what_was_typed(
    browser, platform, stage, removed
):
    own = {"link": platform.link(statement=removed.id)}
    answer = await browser.post("/statement/appeal", params=own, data={"grounds": "<b>" * 2000})
    assert answer.status_code == 400
    assert ENGLISH["error.grounds"] in answer.text
    assert "&lt;b&gt;" * 2000 in answer.text
    stage.now += timedelta(days=200)
    own = {"link": platform.link(statement=removed.id)}
    assert "<textarea" not in (await browser.get("/statement", params=own)).text
    late = await browser.post("/statement/appeal", params=own, data={"grounds": "my words"})
    assert ENGLISH["error.appeal_late"] in late.text
    assert "my words" in late.text


async def test_a_list_leads_on_to_older_statements(browser, platform, stage, site):
    mona = await stage.moderator("mona")
    for number in range(23):
        await stage.decide(await stage.comment(f"c{number}"), mona, "remove", "phishing")
    await stage.tick()
    page = (await browser.get("/statement", params={"link": platform.link()})).text
    seen = set(re.findall(r"statement=([0-9a-f-]{36})", page))
    (more,) = re.findall(r'href="(/statement\?[^"]*after=[^"]*)"', page)
    rest = (await browser.get(more.replace("&amp;", "&"))).text
    seen |= set(re.findall(r"statement=([0-9a-f-]{36})", rest))
    assert len(seen) == 23
    assert "after=" not in rest.partition("<footer")[0]


async def test_whose_link_it_is_decides_what_is_there(browser, platform, removed):
    for link in (platform.link("dora", removed.id), platform.link(statement=uuid4())):
        answer = await browser.get("/statement", params={"link": link})
        assert answer.status_code == 404
        assert ENGLISH["statement.unknown"] in answer.text
    foreign = {"link": platform.link("dora"), "statement": str(removed.id)}
    assert (await browser.get("/statement", params=foreign)).status_code == 404
    appeal = await browser.post("/statement/appeal", params=foreign, data={"grounds": "x"})
    assert appeal.status_code == 404
    other = {"link": platform.link(statement=removed.id), "statement": str(uuid4())}
    assert (await browser.get("/statement", params=other)).status_code == 200
    after = {"link": platform.link("dora"), "after": str(removed.id)}
    assert (await browser.get("/statement", params=after)).status_code == 404


async def test_a_link_that_is_no_good_opens_nothing_and_says_not_why(
    browser, platform, stage, removed, system
):
    other = await admit_platform(system, "Other", [Scope.TICKET_SIGN], stage.now.date())
    unable = await admit_platform(system, "Unable", [Scope.REPORTS_WRITE], stage.now.date())
    good = platform.link()
    bad = [
        "",
        "x",
        "a.b",
        good[:-1],
        good + "A",
        "A" + good,
        platform.link(secret="another"),
        platform.link(secret=other.ticket_secret),
        platform.link(valid_for=timedelta(seconds=0)),
        platform.link(valid_for=timedelta(days=8)),
        platform.link(creator=""),
        platform.link(creator="x" * 513),
        sign_creator_link("us_000000000000_x", "s", creator="carl", expires_at=stage.now),
        sign_creator_link(unable.token, "s", creator="carl", expires_at=stage.now),
        sign_ticket(
            platform.key.token,
            platform.key.ticket_secret,
            subject=("account", "carl"),
            reporter="carl",
            expires_at=stage.now + timedelta(minutes=5),
        ),
        msgspec.json.encode({"purpose": "creator"}).decode(),
    ]
    assert (await browser.get("/statement", params={"link": good})).status_code == 200
    pages = set()
    for link in bad:
        for method, path in (("GET", "/statement"), ("POST", "/statement/appeal")):
            typed = {"grounds": "x"} if method == "POST" else None
            answer = await browser.request(method, path, params={"link": link}, data=typed)
            assert answer.status_code == 403, link
            pages.add(answer.text)
    assert len(pages) == 1


async def test_links_of_a_platform_that_was_dismissed_open_nothing(
    browser, platform, stage, system, site
):
    link = platform.link()
    await dismiss(system, platform.key.principal_id, stage.now.date())
    assert (await browser.get("/statement", params={"link": link})).status_code == 403


async def test_a_link_reports_nothing(browser, platform):
    answer = await browser.post(
        "/v1/reports",
        json={"guideline": "phishing"},
        headers={"authorization": f"Ticket {platform.link()}"},
    )
    assert answer.status_code == 401


async def test_nobody_is_led_elsewhere(browser, platform, removed):
    """What comes back after an appeal is an address of our own, whatever the query holds."""
    own = {
        "link": platform.link(statement=removed.id),
        "back": "https://evil.example",
        "lang": "//",
    }
    answer = await browser.post("/statement/appeal", params=own, data={"grounds": "x"})
    assert answer.headers["location"].startswith("/statement?link=")


async def test_until_a_disclosure_a_creators_pages_are_the_same_whoever_reports(
    stage, system, platform, server, tmp_path, site
):
    """Twin worlds: in one of them people report, complain, and a moderator decides."""
    name = f"twin_{uuid4().hex}"
    address = await server.create_database(name)
    db = await Database.open(address, server.passwords, dict.fromkeys(Role, 4))
    try:
        twin = type(stage)(replace(system, db=db))
        await twin.begin()
        key = await admit_platform(twin.system, "Loop", [Scope.TICKET_SIGN], twin.now.date())
        worlds = [(stage, platform), (twin, replace(platform, key=key, stage=twin))]
        for world, _ in worlds:
            mona = await world.moderator("mona")
            await world.decide(await world.comment("c0"), mona, "remove", "phishing")
            await world.tick()
            ref = await world.comment("c1")
        before = [await pages(*world) for world in worlds]
        assert before[0] == before[1]
        assert "We have removed" in before[0]
        await stage.report(ref, "phishing", "anna", "bert", None)
        await stage.assess()
        assert [await pages(*world) for world in worlds] == before
        await stage.decide(ref, await stage.moderator("nils"), "remove", "bullying")
        assert [await pages(*world) for world in worlds] == before
        for world, _ in worlds:
            await world.tick(hours=7 * 24)
        after = [await pages(*world) for world in worlds]
        assert after[0] != after[1]
    finally:
        await db.close()
        await server.drop_database(name)


async def pages(stage, platform) -> str:
    """All that Carl can read by links, but for ids that are drawn at random."""
    system = stage.system
    async with Filer(system.db, system.keys, system.guidelines, lambda: stage.now) as filer:
        app = make_app(system, filer, Callers(system.db, system.keys), lambda: stage.now)
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="https://underseal") as client:
            link = platform.link()
            seen = []
            todo = [f"/statement?link={link}&lang={language}" for language in LANGUAGES]
            todo += [
                f"/statement?link={link}&statement={read.statement.id}"
                for read in await stage.statements()
            ]
            for address in todo:
                answer = await client.get(address)
                shown = answer.text.replace(link, "LINK")
                seen.append(f"{answer.status_code} {sorted(answer.headers)} {shown}")
    return RANDOM_ID.sub("an id", "\n".join(seen))
