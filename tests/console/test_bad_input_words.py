"""Whatever people write (captions, notes, grounds, names) stands on every page as text."""

import pytest
from deciding import REMOVE, settle, take
from footage import upload
from inert import HOSTILE, SCRIPT, read_page
from places import PLACES
from staging import account

from underseal.core.caller import ModeratorRole
from underseal.core.report import Moment
from underseal.flow.lodge_appeal import lodge_appeal
from underseal.flow.open_appeal import open_appeals

NAME = f"mo{HOSTILE}"[:100]


async def story(site) -> str:
    """A video, comments, an account, colleagues and their words, hostile all of them: a case."""
    stage = site.stage
    mona = await site.signed_in(name=NAME)
    decided = await stage.comment(f"{HOSTILE} 1", f"carl{HOSTILE}")
    await mona.post(f"{await take(site, mona, decided)}/decide", data=REMOVE)
    await settle(site)
    await stage.tick()
    (read,) = await stage.statements(f"carl{HOSTILE}")
    await appeal(stage, read.statement.id, f"carl{HOSTILE}")
    held = await stage.comment(f"{HOSTILE} 2", f"carl{HOSTILE}")
    await stage.hold(held, "phishing", "at_once")
    late = await stage.comment(f"{HOSTILE} 3", f"carl{HOSTILE}")
    await stage.enqueue(late, due_at=stage.now, duty_from=stage.now)
    await stage.tick()
    mona, lea = await site.signed_in(name=NAME), await site.signed_in(ModeratorRole.LEAD)
    ref = await upload(
        stage, b"media", f"{HOSTILE} 4", creator=f"carl{HOSTILE}", caption=HOSTILE * 500
    )
    spot = (Moment(start_ms=0, end_ms=1000),)
    await stage.report(ref, "phishing", "anna", note=HOSTILE, moments=spot)
    case = await take(site, mona, ref)
    await mona.post(f"{case}/ask", data={"to": "lead", "body": HOSTILE})
    await lea.post(f"{await take(site, lea)}/ask", data={"to": "moderator", "body": HOSTILE})
    return case


async def appeal(stage, statement_id, creator: str) -> None:
    await lodge_appeal(
        stage.system.db,
        stage.system.new_id(),
        account=account(creator).subject_id,
        statement_id=statement_id,
        grounds=HOSTILE,
        now=stage.now,
    )
    await open_appeals(stage.system, stage.now)


async def test_nothing_that_people_write_runs_or_turns_a_page_around(site):
    case = await story(site)
    places = [each for each in PLACES if each.method == "GET" and each.roles]
    gaps = {"case_id": case.rpartition("/")[2], "who": str(site.people[NAME])}
    told = set()
    for role in ModeratorRole:
        browser = await site.signed_in(role, NAME if role is ModeratorRole.MODERATOR else "")
        for place in places:
            if role not in place.roles or place.path.endswith(("/media", "/strip.jpg")):
                continue
            query = {"kind": "comment", "id": f"{HOSTILE} 3"} if "audit" in place.path else {}
            answer = await browser.get(place.filled(**gaps), params=query)
            assert answer.status_code < 500, str(place)
            if SCRIPT in read_page(answer.text):
                told.add(place.path)
    assert told > {
        "/console/appeals",
        "/console/audit",
        "/console/cases/{case_id:uuid}",
        "/console/colleagues",
        "/console/holds",
        "/console/incidents",
        "/console/me",
        "/console/people",
    }


@pytest.mark.parametrize(
    "name", ["a\N{RIGHT-TO-LEFT OVERRIDE}b", "a\N{ZERO WIDTH SPACE}b", "\0", " "]
)
async def test_nobody_is_called_by_what_cannot_be_seen(site, name):
    admin = await site.signed_in(ModeratorRole.ADMIN)
    form = {"name": name, "user_name": "ola", "role": "lead"}
    answer = await admin.post("/console/people/invite", data=form)
    assert (answer.status_code, "A name has 1 to 100 letters" in answer.text) == (422, True)


async def test_a_caption_without_an_end_leaves_the_page_usable(site):
    mona = await site.signed_in()
    caption = ("x" * 99_000) + HOSTILE
    case = await take(site, mona, await upload(site.stage, b"media", caption=caption))
    answer = await mona.get(case)
    assert caption in read_page(answer.text)
    assert f"Show all {len(caption):,} characters" in answer.text
    assert len(answer.content) < 3 * len(caption) + 100_000
    assert (await mona.post(f"{case}/decide", data=REMOVE)).status_code == 303
