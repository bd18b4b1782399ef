"""The guide for platforms, run from top to bottom against a real server."""

import ast
import base64
import hmac
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from underseal.client import requests
from underseal.core.caller import ModeratorRole
from underseal.core.disclosure import HOUR, last_tick
from underseal.core.subject import SubjectKind, SubjectRef
from underseal.flow.assess import assess_subject
from underseal.flow.tick import run_tick

GUIDE = Path(__file__).parents[2] / "docs/guides/integrating.md"
BLOCKS = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)


async def run(block, names):
    """Run a block of the guide in the names that the ones before it have left."""
    code = compile(block, str(GUIDE), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    running = eval(code, names)
    if running is not None:
        await running
    names["run"].add(block)


def block_with(word):
    (found,) = [block for block in BLOCKS if word in block]
    return found


def sign(secret, body):
    seconds = str(int(datetime.now(UTC).timestamp()))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = hmac.digest(key, f"msg_1.{seconds}.".encode() + body, "sha256")
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": seconds,
        "webhook-signature": f"v1,{base64.b64encode(signed).decode()}",
    }


@pytest.fixture
async def names(api, tmp_path):
    """What the guide takes for granted."""
    path = tmp_path / "v.mp4"
    path.write_bytes(b"any bytes will do until they are scanned")
    told: list[tuple[object, ...]] = []

    def tell(name):
        return lambda *what: told.append((name, *what))

    names = {
        "url": api.url,
        "key": api.platform.token,
        "ticket_secret": api.platform.ticket_secret,
        "path": path,
        "tick": last_tick(api.clock.now, HOUR),
        "comment": ("comment", "c-1"),
        "in_ten_minutes": api.clock.now + timedelta(minutes=10),
        "webhook_url": "http://127.0.0.1:9/hooks",
        "told": told,
        "run": set(),
    } | {
        name: tell(name)
        for name in (
            "hide",
            "show_topic",
            "show_before",
            "tell_reporter",
            "show_statement",
            "store_secret",
            "apply",
        )
    }
    yield names
    await names["underseal"].close()


async def make_a_statement(api, people, underseal):
    """What moderators do in the meantime: a comment of the creator's is removed."""
    ref = SubjectRef(kind=SubjectKind.COMMENT, external_id="c-1")
    await underseal.send(requests.register(("comment", "c-1"), "creator-9"))
    await underseal.send(requests.report(("comment", "c-1"), "u-1", "threat_to_life"))
    await assess_subject(api.system, ref.subject_id, api.clock.now)
    moderator = people[ModeratorRole.MODERATOR]
    case = await moderator.send(requests.take_case())
    await moderator.send(
        requests.decide(case.case_id, "remove", guideline="threat_to_life", finding="actioned")
    )
    await run_tick(api.system, last_tick(api.clock.now, HOUR), api.clock.now)


@pytest.mark.slow
async def test_the_guide_does_what_it_says(api, people, names):
    told = names["told"]
    for word in ("AsyncClient(url", "upload(registered", "requests.visibility(video)"):
        await run(block_with(word), names)
    assert told == [("hide", ("video", "v-123"))]
    await make_a_statement(api, people, names["underseal"])
    for word in ("count_views", "requests.taxonomy", "requests.report(", "look_up_receipt"):
        await run(block_with(word), names)
    assert "Hate" in {what[0] for name, *what in told if name == "show_topic"}
    assert "tell_reporter" in {name for name, *_ in told}

    await run(block_with("sign_ticket("), names)
    async with httpx.AsyncClient(base_url=api.url) as browser:
        answer = await browser.post(
            "/v1/reports",
            json={"guideline": "bullying"},
            headers={"authorization": f"Ticket {names['ticket']}"},
        )
    assert answer.status_code == 201

    await run(block_with("requests.statements"), names)
    (statement,) = names["page"].statements
    assert ("show_statement", statement.text["en"], statement.appeal_until) in told
    assert names["standing"].points == 10
    assert names["appeals"].appeals == ()
    names["statement_id"] = statement.statement_id
    await run(block_with("requests.appeal(statement_id"), names)

    await run(block_with("add_webhook"), names)
    names["secret"] = names["endpoint"].secret
    await run(block_with("open_webhook("), names)
    body = (
        b'{"type":"visibility.changed","timestamp":"2026-11-22T12:00:00Z",'
        b'"data":{"subject":{"kind":"video","id":"v-123"},"visibility":{},"revision":2}}'
    )
    assert names["receive"](sign(names["secret"], body), body) == 204
    assert told[-1] == ("apply", {"kind": "video", "id": "v-123"}, {}, 2)
    assert names["receive"]({}, body) == 400
    await run(block_with("forget_reporter"), names)
    assert names["run"] == set(BLOCKS)
