"""Each person sees their own: receipts, statements, sessions; and no other site acts for them."""

import json
from base64 import urlsafe_b64decode

import pytest
from asking import QUESTION, Interview, answer
from loop_stage import ORIGIN, ref

from loop.pages.inbox import HEADLINES
from loop.reporting import receipts_of
from underseal.client import requests
from underseal.core.statement import StatementKind


async def report(loop, name, video_id):
    """Report as the dialog does: with a ticket, straight to Underseal. Return the receipt."""
    client = await loop.visitor(name)
    given = (await client.get("/ticket", params={"kind": "video", "id": video_id})).json()
    answer = await loop.site.underseal._http.post(
        "/v1/reports",
        json={"guideline": "bullying"},
        headers={"authorization": f"Ticket {given['ticket']}"},
    )
    assert answer.status_code == 201, answer.text
    return client, answer.json()["receipt"]


async def test_a_reporter_finds_what_became_of_their_report_and_nobody_else_does(loop):
    video_id = await loop.video("Ada", "Guess who")
    ben, receipt = await report(loop, "Ben", video_id)
    for _ in range(2):
        assert (await ben.post("/reports", data={"receipt": receipt})).status_code == 303
    assert receipts_of(loop.site, loop.people["Ben"]) == [receipt]
    seen = (await ben.get("/reports")).text
    assert "Guess who" in seen
    assert "Received" in seen
    assert receipt not in seen
    for name in ("Ada", "Cleo"):
        assert "Guess who" not in (await (await loop.visitor(name)).get("/reports")).text
    assert (await (await loop.visitor()).get("/reports")).status_code == 303


async def test_a_reporter_is_shown_what_a_moderator_asks_and_nobody_else_is(loop):
    video_id = await loop.video("Ada", "Guess who")
    ben, receipt = await report(loop, "Ben", video_id)
    await ben.post("/reports", data={"receipt": receipt})
    mona = await loop.stage.moderator("mona")
    interview = await Interview.begin(loop.stage, ref("video", video_id), mona)
    await interview.ask((await interview.file()).reports[0])
    await loop.stage.tick()
    seen = (await ben.get("/reports")).text
    assert QUESTION in seen
    assert f"<code>{receipt}</code>" in seen
    ada = await loop.visitor("Ada")
    for path in ("/reports", "/inbox", f"/v/{video_id}", "/account"):
        assert QUESTION not in (await ada.get(path)).text
    await answer(loop.stage, receipt)
    assert QUESTION not in (await ben.get("/reports")).text


async def test_the_database_does_not_tell_whose_a_receipt_is(loop):
    video_id = await loop.video("Ada")
    ben, receipt = await report(loop, "Ben", video_id)
    await ben.post("/reports", data={"receipt": receipt})
    (row,) = loop.site.db.execute("select * from receipts").fetchall()
    kept = b"".join(row)
    for name in (receipt, loop.people["Ben"].id, video_id):
        assert name.encode() not in kept


async def test_a_made_up_receipt_is_not_kept(loop):
    ben = await loop.visitor("Ben")
    answer = await ben.post("/reports", data={"receipt": "rcpt_made_up"})
    assert (answer.status_code, "There is no such receipt" in answer.text) == (400, True)
    assert "rcpt_made_up" in answer.text
    assert receipts_of(loop.site, loop.people["Ben"]) == []


async def test_a_ticket_is_for_one_person_and_one_subject_that_they_see(loop):
    video_id = await loop.video("Ada")
    hidden = await loop.unchecked_video("Ada")
    for name in ("Ben", None):
        client = await loop.visitor(name)
        answer = await client.get("/ticket", params={"kind": "video", "id": video_id})
        payload = json.loads(urlsafe_b64decode(answer.json()["ticket"].split(".")[0] + "==="))
        assert payload["subject"] == {"kind": "video", "id": video_id}
        assert payload["reporter"] == (loop.people["Ben"].id if name else None)
        assert 0 < payload["expires_at"] - loop.stage.now.timestamp() <= 3600
        assert "access-control-allow-origin" not in answer.headers
        for kind, unseen in (("video", hidden), ("video", "v-none"), ("planet", video_id)):
            refused = await client.get("/ticket", params={"kind": kind, "id": unseen})
            assert refused.status_code == 404


async def removed(loop):
    """A video of Ada's that was removed, and the path of the statement."""
    video_id = await loop.video("Ada", "My best one")
    await loop.decide("video", video_id, "remove", "phishing")
    found = await loop.site.underseal.send(requests.statements(loop.people["Ada"].id))
    return f"/inbox/{found.statements[0].statement_id}"


async def test_a_creator_reads_why_and_appeals_once(loop):
    path = await removed(loop)
    ada = await loop.visitor("Ada")
    assert path in (await ada.get("/inbox")).text
    shown = (await ada.get(path)).text
    assert "has been removed" in shown
    assert "Send the appeal" in shown
    assert "1 active strike" in (await ada.get("/account")).text
    empty = await ada.post(f"{path}/appeal", data={"grounds": "  "})
    assert (empty.status_code, "Say why" in empty.text) == (400, True)
    for _ in range(2):  # a double click
        answer = await ada.post(f"{path}/appeal", data={"grounds": "It was a joke <b>"})
        assert answer.headers["location"] == path
    after = (await ada.get(path)).text
    assert "Under way" in after
    assert "Send the appeal" not in after
    found = await loop.site.underseal.send(requests.appeals(loop.people["Ada"].id))
    assert len(found.appeals) == 1


async def test_nobody_reads_or_appeals_against_another_persons_statement(loop):
    path = await removed(loop)
    ben, guest = await loop.visitor("Ben"), await loop.visitor()
    assert path not in (await ben.get("/inbox")).text
    assert (await ben.get(path)).status_code == 404
    assert (await ben.post(f"{path}/appeal", data={"grounds": "Mine"})).status_code == 404
    assert (await guest.get(path)).headers["location"].startswith("/sign-in?")
    found = await loop.site.underseal.send(requests.appeals(loop.people["Ada"].id))
    assert found.appeals == ()


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "", "origin": ORIGIN},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {},
    ],
    ids=str,
)
async def test_no_other_site_can_send_a_form(loop, headers):
    video_id = await loop.video("Ada")
    ben = await loop.visitor("Ben")
    del ben.headers["sec-fetch-site"]
    for path in (f"/v/{video_id}/comments", "/account/delete", "/sign-out", "/reports", "/age"):
        answer = await ben.post(path, data={"text": "x", "handle": "ben"}, headers=headers)
        assert answer.status_code == 403, path
    assert loop.site.db.execute("select count(*) from comments").fetchone()[0] == 0
    assert "Sign out" in (await ben.get("/u/ben")).text


async def test_an_old_browser_that_says_its_origin_may_send_forms(loop):
    video_id = await loop.video("Ada")
    ben = await loop.visitor("Ben")
    del ben.headers["sec-fetch-site"]
    answer = await ben.post(
        f"/v/{video_id}/comments", data={"text": "Hello"}, headers={"origin": ORIGIN}
    )
    assert answer.status_code == 303


async def test_a_session_ends_when_somebody_signs_out(loop):
    ben = await loop.visitor("Ben")
    cookie = dict(ben.cookies)
    answer = await ben.post("/sign-out")
    assert answer.status_code == 303
    ben.cookies.update(cookie)
    assert (await ben.get("/inbox")).status_code == 303


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example", "//evil.example", "/\\evil.example", "/\r\nx: y", ""]
)
async def test_signing_in_leads_nowhere_else(loop, elsewhere):
    ben, guest = await loop.person("Ben"), await loop.visitor()
    answer = await guest.post("/sign-in", data={"person": ben.id, "next_path": elsewhere})
    assert answer.headers["location"] == "/"
    assert "Secure" in answer.headers["set-cookie"]
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert "SameSite=lax" in answer.headers["set-cookie"]


async def test_nobody_can_be_signed_in_as_who_is_not_offered(loop):
    await loop.person("Ben")
    loop.site.db.execute("update people set is_listed = 0")
    guest = await loop.visitor()
    answer = await guest.post("/sign-in", data={"person": loop.people["Ben"].id})
    assert answer.status_code == 404
    assert "set-cookie" not in answer.headers


def test_every_kind_of_statement_has_a_headline():
    assert HEADLINES.keys() == set(StatementKind)
