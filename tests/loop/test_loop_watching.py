"""Views: who counts, when they are told, and how few are few."""

from datetime import UTC, datetime, timedelta

import pytest
from loop_stage import ref

from loop.watching import EPOCH, has_few_viewers, tell_views, tick_ms

HOUR = timedelta(hours=1)
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "tick"),
    [
        (NOON, NOON),
        (NOON + timedelta(microseconds=1), NOON + HOUR),
        (NOON + HOUR - timedelta(microseconds=1), NOON + HOUR),
    ],
)
def test_a_moment_belongs_to_the_tick_that_ends_it(at, tick):
    assert tick_ms(at, HOUR) == (tick - EPOCH) // timedelta(milliseconds=1)


async def watch(loop, video_id, *names):
    for name in names:
        client = await loop.visitor(name)
        assert (await client.post(f"/v/{video_id}/watched")).status_code == 204


async def told(loop, video_id):
    return [
        (row["organic"], row["qualifying"])
        for row in await loop.stage.rows(
            "select organic, qualifying from views where subject_id = $1 order by tick",
            ref("video", video_id).subject_id,
        )
    ]


async def test_a_tick_is_told_once_it_is_over_and_each_viewer_qualifies_once(loop):
    video_id = await loop.video("Ada")
    await watch(loop, video_id, "Ben", "Ben", "Cleo", "Ada", None)
    assert await tell_views(loop.site) == 0
    loop.stage.now += HOUR
    assert await tell_views(loop.site) == 1
    assert await tell_views(loop.site) == 0
    await watch(loop, video_id, "Ben", "Dara")
    loop.stage.now += HOUR
    await tell_views(loop.site)
    assert await told(loop, video_id) == [(2, 2), (2, 1)]


async def test_views_are_told_again_when_the_answer_was_lost(loop, monkeypatch):
    video_id = await loop.video("Ada")
    await watch(loop, video_id, "Ben")
    loop.stage.now += HOUR
    before = loop.site.db.execute("select * from untold_views").fetchall()
    await tell_views(loop.site)
    loop.site.db.executemany("insert into untold_views values (?, ?, ?, ?, ?)", before)
    await tell_views(loop.site)
    assert await told(loop, video_id) == [(1, 1)]


async def test_nobody_watches_what_they_do_not_see(loop):
    video_id = await loop.unchecked_video("Ada")
    ben = await loop.visitor("Ben")
    assert (await ben.post(f"/v/{video_id}/watched")).status_code == 404
    assert loop.site.db.execute("select count(*) from viewers").fetchone()[0] == 0


async def test_a_reporter_is_warned_where_fewer_than_five_have_watched(loop):
    video_id = await loop.video("Ada")
    ben = await loop.visitor("Ben")
    asked = {"kind": "video", "id": video_id}
    await watch(loop, video_id, "Ben", "Cleo", "Dara", "Elif")
    assert has_few_viewers(loop.site, ("video", video_id))
    assert (await ben.get("/ticket", params=asked)).json()["few_viewers"]
    await watch(loop, video_id, "Femi")
    assert not (await ben.get("/ticket", params=asked)).json()["few_viewers"]
