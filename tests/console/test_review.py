import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from footage import film, upload

from underseal.core.caller import ModeratorRole
from underseal.core.report import Moment
from underseal.flow.open_appeal import open_appeals
from underseal.flow.scan_subject import ScanDesk
from underseal.flow.stay import STAYS_MAX
from underseal.flow.system import LEASE
from underseal.scan.known import KnownContent
from underseal.scan.limits import Limits
from underseal.scan.scanner import Scanner
from underseal.scan.text import TermList
from underseal.store.roles import Role
from underseal.store.scans import ScanCause, want_scan

SCRIPT = "<script>alert('x')</script>"
HX = {"hx-request": "true"}


@pytest.fixture(scope="module")
def scanner() -> Iterator[Scanner]:
    with Scanner(
        known=KnownContent(), terms=TermList({}), limits=Limits(), require_sandbox=False
    ) as made:
        yield made


@pytest.fixture
def desk(scanner) -> ScanDesk:
    return ScanDesk(scanner, TermList({}))


@pytest.fixture
async def mona(site):
    return await site.signed_in()


async def take(site, client, ref, **given) -> str:
    """Queue the present round of a subject, and let somebody take it; return its address."""
    await site.stage.enqueue(ref, rate=1e9, **given)
    return (await client.post("/console/next")).headers["location"]


def marks(text: str) -> list[tuple[str, str, str, str]]:
    return re.findall(
        r'data-mark="(\w+)"[^>]*data-start="(\d+)" data-end="(\d+)".*?data-label="What"[^>]*>([^<]*)<',
        text,
    )


async def test_what_reporters_point_to_is_marked_on_one_timeline(site, mona):
    stage = site.stage
    ref = await upload(stage, b"not really a video")
    same, later = Moment(start_ms=1000, end_ms=2000), Moment(start_ms=4200, end_ms=5000)
    await stage.report(ref, "phishing", "anna", "bert", moments=(same,))
    await stage.report(ref, "spam", "cora", moments=(later,))
    text = (await mona.get(await take(site, mona, ref))).text
    labels = {each.id: each.label["en"] for each in stage.system.guidelines.by_id.values()}
    assert marks(text) == [
        ("reports", "1000", "2000", f"2 reports: {labels['phishing']}"),
        ("reports", "4200", "5000", f"1 report: {labels['spam']}"),
    ]
    assert 'href="?at=4200#player"' in text


async def test_a_link_of_the_page_without_a_script_leads_to_its_second(site, mona):
    ref = await upload(site.stage, b"not really a video")
    address = await take(site, mona, ref)
    assert f'src="{address}/media#t=4.2"' in (await mona.get(f"{address}?at=4200")).text
    assert (await mona.get(f"{address}?at=soon")).status_code == 400


async def test_nothing_on_the_page_leads_to_a_reporter_or_tells_a_weight(site, mona):
    stage = site.stage
    ref = await stage.comment()
    reporters = [f"reporter-{number}" for number in range(6)]
    await stage.report(ref, "phishing", *reporters, note="see there")
    await stage.assess()
    shown = (await mona.get(await take(site, mona, ref, guideline="phishing"))).text
    rows = await stage.rows("select tag, pseudonym, receipt, content, sealed, note from reports")
    for row in rows:
        for secret in row.values():
            assert bytes(secret).hex() not in shown
    assert not any(reporter in shown for reporter in reporters)
    for row in await stage.rows("select log_odds, machine, terms from assessments"):
        numbers = [row["log_odds"], row["machine"], *(nats for _, nats in row["terms"])]
        assert not any(f"{abs(each):.2f}" in shown for each in numbers if abs(each) > 0.01)
    assert len(re.findall("<strong>Reporter [A-Z]<", shown)) == len(reporters)


async def test_the_page_does_not_depend_on_the_order_in_which_reports_came(site):
    stage, pages = site.stage, []
    lead = await site.signed_in(ModeratorRole.LEAD)
    people = ["anna", "bert", "cora", "dora"]
    for number, order in enumerate((people, people[::-1], people[2:] + people[:2])):
        ref = await upload(stage, b"media %d" % number, f"v{number}")
        for reporter in order:
            at = people.index(reporter) * 1000
            moment = Moment(start_ms=at, end_ms=at + 500)
            await stage.report(ref, "phishing", reporter, note=reporter, moments=(moment,))
        case_id = await stage.enqueue(ref)
        text = (await lead.get(f"/console/cases/{case_id}")).text
        aliases = re.findall("Reporter ([A-Z])<", text)
        assert aliases == sorted(aliases)
        text = text.replace(str(case_id), "").replace(f"v{number}", "")
        pages.append(
            re.sub(r'<ul class="reports">.*?</ul>', _sorted_reports, text, flags=re.DOTALL)
        )
    assert pages[0] == pages[1] == pages[2]


def _sorted_reports(found: re.Match) -> str:
    """The reports without their aliases, which fall at random, in an order of their own."""
    items = re.sub(r"Reporter [A-Z]", "Reporter", found[0])
    return "".join(sorted(re.findall(r'<li class="stack">.*?</li>', items, flags=re.DOTALL)))


@pytest.mark.parametrize("role", [ModeratorRole.MODERATOR, ModeratorRole.LEAD])
async def test_a_moderator_sees_only_what_they_have_taken(site, mona, role):
    ref = await upload(site.stage, b"media")
    address = await take(site, mona, ref)
    other = await site.signed_in(role, "nils")
    expected = 409 if role is ModeratorRole.MODERATOR else 200
    for path in (address, f"{address}/media"):
        assert (await other.get(path)).status_code == expected
    assert (await mona.get(address)).status_code == 200
    site.stage.now += LEASE
    answer = await mona.get(address)
    assert answer.status_code == 409
    assert "or no longer" in answer.text


async def test_admins_and_strangers_see_no_case(site, mona):
    address = await take(site, mona, await site.stage.comment())
    adam = await site.signed_in(ModeratorRole.ADMIN)
    assert (await adam.get(address)).status_code == 403
    assert (await (await site.visitor()).get(address)).status_code == 303
    assert (await mona.get(f"/console/cases/{site.stage.system.new_id()}")).status_code == 404


@pytest.mark.parametrize(
    ("asked", "status", "expected"),
    [
        (None, 200, slice(None)),
        ("bytes=0-", 206, slice(None)),
        ("bytes=7-11", 206, slice(7, 12)),
        ("bytes=-5", 206, slice(-5, None)),
        ("bytes=12-7", 200, slice(None)),
        ("bytes=99-", 416, None),
    ],
)
async def test_the_player_gets_the_stretches_that_it_asks_for(site, mona, asked, status, expected):
    media = b"what is in the video"
    address = await take(site, mona, await upload(site.stage, media))
    answer = await mona.get(f"{address}/media", headers={"range": asked} if asked else {})
    assert answer.status_code == status
    if expected is not None:
        assert answer.content == media[expected]
        assert answer.headers["accept-ranges"] == "bytes"
        assert answer.headers["cache-control"] == "no-store"


async def test_what_people_write_brings_no_script(site, mona):
    stage = site.stage
    ref = await upload(stage, b"media", name=f"v{SCRIPT}", caption=f"\"{SCRIPT}' onload=x")
    await stage.report(ref, "phishing", "anna", note=f"see {SCRIPT} there")
    text = (await mona.get(await take(site, mona, ref, because=SCRIPT))).text
    assert "<script>alert" not in text
    assert text.count("&lt;script&gt;alert") >= 4
    assert "unverified" in text


async def test_an_enormous_caption_is_folded_and_all_of_it_can_be_read(site, mona):
    caption = "مرحبا " * 5_000
    ref = await upload(site.stage, b"media", caption=caption)
    text = (await mona.get(await take(site, mona, ref))).text
    assert "Show all 30,000 characters" in text
    assert caption in text
    assert '<div class="said" dir="auto">' in text


async def test_a_lease_is_kept_while_the_page_is_open_but_not_for_ever(site, mona):
    address = await take(site, mona, await site.stage.comment())
    start = site.stage.now
    for _ in range(STAYS_MAX):
        site.stage.now += timedelta(minutes=2)
        answer = await mona.post(f"{address}/stay", headers=HX)
        assert "Yours until" in answer.text
    assert site.stage.now - start > LEASE
    assert (await mona.get(address)).status_code == 200
    site.stage.now += LEASE - timedelta(seconds=1)
    await mona.post(f"{address}/stay", headers=HX)
    site.stage.now += timedelta(seconds=1)
    answer = await mona.post(f"{address}/stay", headers=HX)
    assert (answer.status_code, "no longer yours" in answer.text) == (200, True)
    assert (await mona.post(f"{address}/stay")).status_code == 409


async def test_nobody_stays_with_a_case_of_somebody_else(site, mona):
    address = await take(site, mona, await site.stage.comment())
    nils = await site.signed_in(name="nils")
    before = await site.stage.rows("select leased_by, leased_until from cases")
    assert "no longer yours" in (await nils.post(f"{address}/stay", headers=HX)).text
    assert await site.stage.rows("select leased_by, leased_until from cases") == before


async def test_a_lead_takes_a_case_that_is_open_before_them(site, mona):
    case_id = await site.stage.enqueue(await site.stage.comment())
    lead = await site.signed_in(ModeratorRole.LEAD)
    address = f"/console/cases/{case_id}"
    assert "Take this case" in (await lead.get(address)).text
    assert (await lead.post(f"{address}/take")).headers["location"] == address
    assert "Yours until" in (await lead.get(address)).text
    assert (await mona.post(f"{address}/take")).status_code == 409


async def test_an_appeal_begins_with_what_the_creator_says(site):
    stage = site.stage
    ref, nils = await stage.comment(), await stage.moderator("nils")
    await stage.decide(ref, nils, "remove", "phishing")
    await stage.tick()
    (statement,) = await stage.statements()
    await stage.appeal(statement.statement.id)
    await open_appeals(stage.system, stage.now)
    mona = await site.signed_in()
    text = (await mona.get((await mona.post("/console/next")).headers["location"])).text
    assert text.index("it is satire") < text.index('class="review"')
    assert "The decision under appeal" in text
    assert "1 strike" in text


async def test_decisions_on_copies_and_on_other_subjects_stand_beside_the_case(site, mona):
    stage = site.stage
    nils = await stage.moderator("nils")
    copy = await upload(stage, b"the same media", "copied", creator="cleo")
    await stage.decide(copy, nils, "remove", "phishing")
    await stage.decide(await stage.comment("other"), nils, "no_violation")
    ref = await upload(stage, b"the same media")
    text = (await mona.get(await take(site, mona, ref))).text
    copies, others = text.split("Decisions on copies")[1].split("other subjects")
    assert "copied" in copies
    assert "Removed" in copies
    assert "other" in others
    assert "No violation" in others
    assert "copied" not in others


@pytest.mark.slow
async def test_a_scan_leaves_a_strip_of_frames_that_only_who_has_the_case_sees(
    site, mona, tmp_path, desk
):
    stage = site.stage
    ref = await upload(stage, film(tmp_path, scene=3, seconds=8))
    await desk.scan_next(stage.system, lambda: stage.now)
    address = await take(site, mona, ref)
    frames = re.findall(r'aria-label="Frame at (\d:\d\d\.\d)"', (await mona.get(address)).text)
    assert 4 <= len(frames) <= 12
    assert frames == sorted(set(frames))
    strip = await mona.get(f"{address}/strip.jpg")
    assert strip.headers["content-type"] == "image/jpeg"
    assert strip.content[:2] == b"\xff\xd8"
    assert len(strip.content) < 200_000
    nils = await site.signed_in(name="nils")
    assert (await nils.get(f"{address}/strip.jpg")).status_code == 409
    kept = (await stage.rows("select location from strips"))[0]["location"]
    with stage.system.media.open(kept) as frozen:
        assert b"JFIF" not in frozen.read()


@pytest.mark.slow
async def test_another_scan_leaves_the_strip_as_it_is(site, tmp_path, desk):
    stage = site.stage
    ref = await upload(stage, film(tmp_path, scene=3, seconds=4))
    await desk.scan_next(stage.system, lambda: stage.now)
    before = await stage.rows("select * from strips")
    async with stage.system.db.transaction(Role.CORE) as conn:
        await want_scan(conn, ref.subject_id, 1, ScanCause.REACH, stage.now)
    assert await desk.scan_next(stage.system, lambda: stage.now)
    assert await stage.rows("select * from strips") == before
    assert len(list(stage.system.media.root.glob("*/*"))) == 2


async def test_what_has_no_media_has_no_player_and_no_strip(site, mona):
    address = await take(site, mona, await site.stage.comment())
    assert "data-player" not in (await mona.get(address)).text
    for name in ("media", "strip.jpg"):
        assert (await mona.get(f"{address}/{name}")).status_code == 404
