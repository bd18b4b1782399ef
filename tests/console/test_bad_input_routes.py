"""What holds for every page there is, asked of the routes: a new one is covered as it comes."""

import re
from urllib.parse import urlencode

import pytest
from deciding import settle, take
from places import PLACES, SOME_ID, Place

from underseal.core.caller import ModeratorRole
from underseal.store.connection import session
from underseal.web.console.gate import COOKIE, SIGN_IN

FORM = {"content-type": "application/x-www-form-urlencoded"}
HX = {"hx-request": "true"}
POSTS = [place for place in PLACES if place.method == "POST"]
GETS = [place for place in PLACES if place.method == "GET"]
GUARDED = [place for place in PLACES if place.roles is not None]
REFUSED = "this is for the roles"

FOREIGN = (
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": "cross-site, same-origin"},
    {"sec-fetch-site": "cross-site", "origin": "https://underseal"},
    {"origin": "https://evil.example"},
    {"origin": "https://underseal.evil.example"},
    {"origin": "https://underseal@evil.example"},
    {"origin": "http://underseal:8443"},
    {"origin": "null"},
    {"origin": ""},
)
"""What the browser of somebody says of a form that a page of another site sends."""

ODD = (
    "",
    "\0",
    "-1",
    "9" * 30,
    "true",
    "<script>",
    "\N{RIGHT-TO-LEFT OVERRIDE}",
    SOME_ID,
    "x" * 2_001,
)


def bodies(place: Place) -> set[bytes]:
    """Forms that no page of ours sends: no forms at all, and odd ones of its own fields."""
    odd = {b"", b"=", b"&&;&", b"body", b"\xff\xfe=\xff", b"body=%ff", b"x=%ed%a0%80"}
    for value in ODD:
        odd.add(urlencode(dict.fromkeys(place.fields, value)).encode())
    return odd | {urlencode({field: "\0"}).encode() for field in place.fields}


@pytest.fixture
async def gaps(site) -> dict[str, str]:
    """What really is there to fill the gaps of paths with: it all has to do with Mona."""
    for role in ModeratorRole:
        await site.signed_in(role)
    await site.signed_in(name="nils")
    mona, lea = await site.signed_in(), await site.signed_in(ModeratorRole.LEAD)
    made_up = {"ground": "none", "finding": "manifestly_unfounded", "go": "1"}
    await lea.post(f"{await take(site, lea, await site.stage.comment('c1'))}/decide", data=made_up)
    await settle(site)
    case = await take(site, mona, await site.stage.comment("c2"))
    await lea.post(f"{case}/ask", data={"to": str(site.people["mona"]), "body": "Really?"})
    late = await site.stage.comment("late")
    await site.stage.enqueue(late, due_at=site.stage.now, duty_from=site.stage.now)
    await site.stage.tick()
    return {
        "case_id": case.rpartition("/")[2],
        "draft_id": await one(site, "select draft_id from drafts"),
        "decision_id": await one(site, "select decision_id from charges"),
        "question_id": await one(site, "select question_id from questions"),
        "incident_id": await one(site, "select incident_id from incidents"),
        "who": str(site.people["nils"]),
        "name": "public.css",
        "guideline_id": "phishing",
    }


def role_of(place: Place) -> ModeratorRole:
    """Whose place it is; Mona's rather than anybody else's."""
    return next(role for role in ModeratorRole if place.roles is None or role in place.roles)


async def one(site, query: str) -> str:
    ((found,),) = [row.values() for row in await site.stage.rows(query)]
    return str(found)


async def test_no_other_site_sends_any_form_of_ours(site, gaps, everything):
    before = await everything()
    for place in POSTS:
        browser = await site.signed_in(role_of(place))
        del browser.headers["sec-fetch-site"], browser.headers["origin"]
        for headers in FOREIGN:
            answer = await browser.post(place.filled(**gaps), data={"x": "1"}, headers=headers)
            assert (answer.status_code, "another site" in answer.text) == (403, True), str(place)
            assert not answer.cookies
    assert await everything() == before


async def test_reading_changes_nothing(site, gaps, everything):
    """What another site can make a browser fetch is harmless."""
    before = await everything()
    for place in GETS:
        await (await site.signed_in(role_of(place))).get(place.filled(**gaps))
    assert await everything() == before


@pytest.fixture
async def everything(server, address):
    """Tells what is in the database, but for sessions: a look prolongs one's own."""

    async def look() -> dict[str, str]:
        async with session(address, server.embedded.superuser()) as owner:
            names = await owner.fetch(
                "select format('%I.%I', schemaname, relname) from pg_stat_user_tables "
                "where relname <> 'sessions' order by 1"
            )
            query = "select md5(string_agg(t::text, ',' order by t::text)) from {} t"
            return {name: await owner.fetchval(query.format(name)) for (name,) in names}

    return look


@pytest.mark.parametrize("seen_as", ["somebody", "nobody"])
async def test_every_answer_says_what_browsers_may_not_do_with_it(site, gaps, seen_as):
    for place in PLACES:
        browser = await site.visitor()
        if seen_as == "somebody":
            browser = await site.signed_in(role_of(place))
        answer = await browser.request(place.method, place.filled(**gaps))
        headers, told = answer.headers, str(place)
        policy = headers["content-security-policy"]
        assert "unsafe" not in policy, told
        assert "default-src 'none'" in policy, told
        assert "frame-ancestors 'none'" in policy, told
        assert "*" not in policy, told
        assert headers["x-content-type-options"] == "nosniff", told
        assert headers["referrer-policy"] == "no-referrer", told
        is_file = place.path.startswith("/static/") and answer.is_success
        assert (headers["cache-control"] == "no-store") != is_file, told
        is_for_all = is_file or place.path == "/transparency.json"
        assert ("access-control-allow-origin" in headers) == is_for_all, told
        if headers["content-type"].startswith("text/html") and answer.text:
            assert "base-uri 'none'" in policy, told
            assert "form-action 'self'" in policy, told
            assert headers["cross-origin-opener-policy"] == "same-origin", told


async def test_every_place_is_open_to_its_roles_and_to_nobody_else(site, gaps):
    for place in GUARDED:
        for role in ModeratorRole:
            browser = await site.signed_in(role)
            answer = await browser.request(place.method, place.filled(**gaps), headers=HX)
            is_refused = answer.status_code == 403 and REFUSED in answer.text.lower()
            assert is_refused == (role not in place.roles), (str(place), role, answer.text)


async def test_who_is_not_signed_in_gets_nothing_of_the_console(site, gaps):
    for place in GUARDED:
        for token in (None, "made up"):
            browser = await site.visitor()
            if token:
                browser.cookies.set(COOKIE, token, domain="underseal.local")
            answer = await browser.request(place.method, place.filled(**gaps))
            assert answer.status_code == 303, str(place)
            assert answer.headers["location"].startswith(f"{SIGN_IN}?back=/console")
            assert not answer.text.strip()
            piece = await browser.request(place.method, place.filled(**gaps), headers=HX)
            assert (piece.status_code, "You are signed out" in piece.text) == (401, True)


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_nothing_however_odd_is_an_error_of_ours(site, gaps, method, caplog):
    for place in (each for each in PLACES if each.method == method):
        for body in bodies(place):
            browser = await site.signed_in(role_of(place))
            if method == "POST":
                answer = await browser.post(place.filled(**gaps), content=body, headers=FORM)
            else:
                query = body.decode("latin-1")
                answer = await browser.get(f"{place.filled(**gaps)}?{query}")
            assert answer.status_code < 500, (str(place), body[:200], caplog.messages)
            assert not re.search(r"<script>(?!$)", answer.text), str(place)
