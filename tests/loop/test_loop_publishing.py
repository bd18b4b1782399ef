"""What is posted on Loop: nobody sees it before Underseal has looked, and never unescaped."""

import httpx
import pytest
from loop_stage import MP4, ref

from loop.following import follow
from loop.leaving import tell_departures
from loop.publishing import NotPublishedError, publish_comment
from underseal.client import requests

SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(1)>"


async def upload(client, content=MP4, caption="First light"):
    return await client.post(
        "/upload",
        files={"video": ("v.mp4", content, "video/mp4")},
        data={"caption": caption, "sound": ""},
    )


async def test_an_uploaded_video_is_its_creators_alone_until_machines_have_looked(loop):
    ada, guest = await loop.visitor("Ada"), await loop.visitor()
    answer = await upload(ada)
    path = answer.headers["location"]
    video_id = path.removeprefix("/v/")
    frozen = await loop.stage.rows("select size_bytes from media")
    assert [row["size_bytes"] for row in frozen] == [len(MP4)]
    await follow(loop.site)
    for seen in ("/", "/u/ada"):
        assert video_id not in (await guest.get(seen)).text
    assert (await guest.get(path)).status_code == 404
    assert (await guest.get(f"/media/{video_id}")).status_code == 404
    assert "Being checked before it is published" in (await ada.get(path)).text
    assert (await ada.get(f"/media/{video_id}")).content == MP4

    await loop.check_video(video_id)
    assert video_id in (await guest.get("/")).text
    assert (await guest.get(path)).status_code == 200
    assert (await guest.get(f"/media/{video_id}")).content == MP4


async def test_what_is_no_video_is_refused_and_the_caption_is_not_lost(loop):
    ada = await loop.visitor("Ada")
    answer = await upload(ada, content=b"GIF89a, or anything", caption="My precious words")
    assert answer.status_code == 400
    assert "not an MP4" in answer.text
    assert "My precious words" in answer.text
    assert loop.site.db.execute("select count(*) from videos").fetchone()[0] == 0
    assert list((loop.site.settings.data / "media").iterdir()) == []


async def test_captions_go_with_a_video_and_faulty_ones_are_refused(loop):
    ada = await loop.visitor("Ada")

    async def post(captions):
        files = {"video": ("v.mp4", MP4, "video/mp4"), "captions": ("v.vtt", captions, "text/vtt")}
        return await ada.post("/upload", files=files, data={"caption": "My words", "sound": ""})

    for faulty, told in (
        (b"WEBVTT\n\nhello", "In the captions, line 3"),
        (b"\xff", "not text in UTF-8"),
        (b"x" * 500_001, "too large"),
    ):
        answer = await post(faulty)
        assert answer.status_code == 400
        assert told in answer.text
        assert "My words" in answer.text
    assert loop.site.db.execute("select count(*) from videos").fetchone()[0] == 0
    assert loop.site.db.execute("select count(*) from sounds").fetchone()[0] == 0
    answer = await post("\ufeffWEBVTT\n\n00:00.500 --> 00:01.000\nLook up".encode())
    assert answer.headers["location"].startswith("/v/")
    (said,) = await loop.stage.rows("select lines from timed_texts")
    assert said["lines"] == ["Look up"]


async def test_nothing_is_kept_of_a_video_that_underseal_does_not_take(loop, monkeypatch):
    ada = await loop.visitor("Ada")

    async def fail(*_):
        raise httpx.ConnectError("away")

    monkeypatch.setattr(loop.site.underseal, "upload", fail)
    assert (await upload(ada)).status_code == 503
    assert loop.site.db.execute("select count(*) from videos").fetchone()[0] == 0


async def test_scripts_in_captions_and_comments_stay_text(loop):
    video_id = await loop.video("Ada", SCRIPT)
    ben, guest = await loop.visitor("Ben"), await loop.visitor()
    await ben.post(f"/v/{video_id}/comments", data={"text": SCRIPT})
    for path in ("/", f"/v/{video_id}", "/u/ada"):
        answer = await guest.get(path)
        assert "<script>alert" not in answer.text
        assert "<img" not in answer.text
        assert "&lt;script&gt;" in answer.text
        policy = answer.headers["content-security-policy"]
        assert "'unsafe" not in policy
        assert f"script-src 'self' {loop.site.settings.underseal_url};" in policy
        assert "frame-ancestors 'none'" in policy


async def test_a_comment_is_registered_as_its_authors(loop):
    video_id = await loop.video("Ada")
    ben = await loop.person("Ben")
    comment_id = await publish_comment(loop.site, ben, video_id, "Nice")
    (row,) = await loop.stage.rows(
        "select creator_id from subjects where kind = 'comment' and external_id = $1", comment_id
    )
    assert row["creator_id"] == ref("account", ben.id).subject_id


@pytest.mark.parametrize("text", ["", "   ", "x" * 501, "a\0b"])
async def test_a_comment_that_cannot_be_posted_is_refused(loop, text):
    video_id = await loop.video("Ada")
    with pytest.raises(NotPublishedError):
        await publish_comment(loop.site, await loop.person("Ben"), video_id, text)


async def test_a_comment_that_is_too_long_is_not_lost(loop):
    video_id = await loop.video("Ada")
    ben = await loop.visitor("Ben")
    answer = await ben.post(f"/v/{video_id}/comments", data={"text": "so long " * 80})
    assert answer.status_code == 400
    assert "at most 500 characters" in answer.text
    assert "so long so long" in answer.text


@pytest.mark.parametrize(
    ("asked", "status", "content"),
    [
        ("bytes=0-3", 206, MP4[:4]),
        ("bytes=100-", 206, MP4[100:]),
        ("bytes=-5", 206, MP4[-5:]),
        ("bytes=99999999-", 416, b""),
        ("bytes=5-2", 416, b""),
        ("nonsense", 200, MP4),
    ],
)
async def test_players_can_seek(loop, asked, status, content):
    video_id = await loop.video("Ada")
    guest = await loop.visitor()
    answer = await guest.get(f"/media/{video_id}", headers={"range": asked})
    assert (answer.status_code, answer.content) == (status, content)


async def test_a_deleted_account_is_gone_and_underseal_forgets_it(loop):
    video_id = await loop.video("Ada")
    ada, guest = await loop.visitor("Ada"), await loop.visitor()
    person = await loop.person("Ada")
    filed = await loop.site.underseal.send(
        requests.report(("account", "somebody"), person.id, "bullying")
    )
    refused = await ada.post("/account/delete", data={"handle": "not ada"})
    assert refused.status_code == 400
    await ada.post("/account/delete", data={"handle": "ada"})
    for path in ("/u/ada", f"/v/{video_id}", f"/media/{video_id}"):
        assert (await guest.get(path)).status_code == 404
    assert not loop.site.media(video_id).exists()
    assert (await ada.get("/account")).status_code == 303

    assert await tell_departures(loop.site) == 1
    assert await tell_departures(loop.site) == 0
    answer = await loop.site.underseal.send(requests.look_up_receipt(filed.receipt))
    assert answer.subject.id == "somebody"
