"""A moderator at the decision form, as tests go about it."""

import re

from underseal.core.draft import UNDO_TIME
from underseal.flow.draft_decision import settle_drafts
from underseal.flow.open_appeal import open_appeals

HX = {"hx-request": "true"}
REMOVE = {"ground": "phishing", "outcome": "remove", "observed": ["0"], "go": "1"}
CLEAR = {"ground": "none", "finding": "no_violation", "go": "1"}
REASONS = "It was looked at again from beginning to end, and nothing was found."


async def take(site, client, ref=None) -> str:
    """Queue a subject, a comment if none is given, and let somebody take it: its address."""
    await site.stage.enqueue(ref or await site.stage.comment(), rate=1e9)
    return (await client.post("/console/next")).headers["location"]


async def look(client, case: str, **form) -> str:
    answer = await client.post(f"{case}/decide", data=form, headers=HX)
    assert answer.status_code == 200
    return answer.text


async def settle(site) -> list[dict]:
    """Let the minute pass, and return the decisions."""
    site.stage.now += UNDO_TIME
    await settle_drafts(site.stage.system, site.stage.now)
    return await site.stage.rows("select outcome, guideline, finding from decisions")


async def appealed(site, mona) -> None:
    case = await take(site, mona)
    await mona.post(f"{case}/decide", data=REMOVE)
    await settle(site)
    await site.stage.tick()
    (read,) = await site.stage.statements()
    await site.stage.appeal(read.statement.id)
    await open_appeals(site.stage.system, site.stage.now)


def undo_of(text: str) -> str:
    """Where the last decision can be undone."""
    return re.search(r'action="(/console/drafts/[^"]+/undo)"', text)[1]
