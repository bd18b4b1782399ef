"""What Loop shows a creator does not change because somebody reports, until something is decided."""

from itertools import chain

import httpx
import pytest
from loop_stage import ref

from loop.following import follow
from underseal.core.case import CaseKind
from underseal.core.disclosure import EPOCH
from underseal.core.priority import Lane


async def seen(loop, clips: tuple[str, ...]) -> dict[str, bytes]:
    """All that Ada, and whoever is not signed in, can see of her: whole answers."""
    found = {}
    for name in ("Ada", None):
        client = await loop.visitor(name)
        listed = ("/", "/u/ada", "/inbox", "/account", "/reports", "/upload", "/sounds/none")
        places = [*listed, *(f"/v/{clip}" for clip in clips)]
        if name:
            inbox = (await client.get("/inbox")).text
            places += {
                place
                for place in inbox.split('"')
                if place.startswith("/inbox/") and "?" not in place
            }
        for place in places:
            found[f"{name} {place}"] = whole(await client.get(place))
    return found


def whole(answer: httpx.Response) -> bytes:
    head = chain.from_iterable(answer.headers.multi_items())
    return f"{answer.status_code} {' '.join(head)}\n".encode() + answer.content


@pytest.mark.slow
async def test_loop_shows_a_creator_the_same_until_a_disclosure(loop):
    stage = loop.stage
    clips = (await loop.video("Ada", "My best one"), await loop.video("Ada", "Guess who"))
    await loop.decide("video", clips[1], "label", "phishing")
    before = await seen(loop, clips)
    assert len(before) > 16
    for name in ("Ben", "Cleo", "Dan"):
        client = await loop.visitor(name)
        given = (await client.get("/ticket", params={"kind": "video", "id": clips[0]})).json()
        answer = await loop.site.underseal._http.post(
            "/v1/reports",
            json={"guideline": "bullying", "note": "she means me"},
            headers={"authorization": f"Ticket {given['ticket']}"},
        )
        assert answer.status_code == 201
        await client.post("/reports", data={"receipt": answer.json()["receipt"]})
        await stage.assess()
        await follow(loop.site)
    assert await seen(loop, clips) == before
    await stage.enqueue(ref("video", clips[0]), lane=Lane.GRAVE, due_at=EPOCH, duty_from=EPOCH)
    nils = await stage.moderator("nils")
    await stage.judge(nils, "remove", "phishing", kind=CaseKind.REVIEW)
    await follow(loop.site)
    assert await seen(loop, clips) == before
    await stage.tick(hours=7 * 24)
    await follow(loop.site)
    after = await seen(loop, clips)
    for place in ("Ada /inbox", f"Ada /v/{clips[0]}", "Ada /account", "None /u/ada"):
        assert after[place] != before[place], place
