"""What Underseal says of visibility, Loop obeys: on every page, and for the files themselves."""

import httpx
from hypothesis import given
from hypothesis import strategies as st
from loop_stage import MP4, ref

from loop.audience import Rules, View, is_recommended, look
from loop.following import ask_unknown, follow, remember, rules_of
from loop.people import Person, Visitor
from loop.publishing import publish_comment
from underseal.client import requests

CREATOR = Person(id="p-1", handle="ada", name="Ada", bio="")
VISITORS = st.builds(
    Visitor,
    person=st.sampled_from([None, CREATOR, Person(id="p-2", handle="ben", name="Ben", bio="")]),
    is_adult=st.booleans(),
)
RULES = st.builds(
    Rules,
    level=st.sampled_from(["public", "not_recommended", "held", "removed"]),
    age_restricted=st.booleans(),
    labelled=st.booleans(),
    interaction_limited=st.booleans(),
    geo_blocked=st.sampled_from([(), ("DE",), ("FR",)]),
)


@given(RULES, VISITORS)
def test_others_get_nothing_of_what_is_held_removed_or_blocked_where_they_are(rules, visitor):
    view = look(rules, visitor, CREATOR.id, "DE")
    is_hidden = rules.level in {"held", "removed"} or "DE" in rules.geo_blocked
    if visitor.person == CREATOR:
        assert view is (View.PLACEHOLDER if rules.level == "removed" else View.FULL)
    elif is_hidden:
        assert view is View.NOTHING
    else:
        is_gated = rules.age_restricted and not visitor.is_adult
        assert view is (View.GATE if is_gated else View.FULL)


@given(st.lists(RULES, max_size=3))
def test_only_what_is_public_in_every_part_is_recommended(parts):
    assert is_recommended(parts) == all(each.level == "public" for each in parts)


async def sees(client, video_id):
    """Where a visitor finds a video, and whether they get the file."""
    found = {path for path in ("/", "/u/ada") if video_id in (await client.get(path)).text}
    if (await client.get(f"/v/{video_id}")).status_code == 200:
        found.add("/v")
    if (await client.get(f"/media/{video_id}")).content == MP4:
        found.add("/media")
    return found


async def test_what_is_not_recommended_is_on_the_profile_only(loop):
    video_id = await loop.video("Ada")
    guest, ada = await loop.visitor(), await loop.visitor("Ada")
    assert await sees(guest, video_id) == {"/", "/u/ada", "/v", "/media"}
    await loop.decide("video", video_id, "not_recommended", "suggestive")
    assert await sees(guest, video_id) == {"/u/ada", "/v", "/media"}
    assert "Not recommended" in (await ada.get(f"/v/{video_id}")).text
    assert "Not recommended" not in (await guest.get(f"/v/{video_id}")).text


async def test_a_removed_video_is_gone_and_its_creator_finds_the_reasons(loop):
    video_id = await loop.video("Ada", "A caption that goes, too")
    guest, ada = await loop.visitor(), await loop.visitor("Ada")
    await loop.decide("video", video_id, "remove", "phishing")
    assert await sees(guest, video_id) == set()
    assert await sees(ada, video_id) == {"/u/ada", "/v"}
    own = (await ada.get(f"/v/{video_id}")).text
    found = await loop.site.underseal.send(requests.statements(loop.people["Ada"].id))
    assert f'href="/inbox/{found.statements[0].statement_id}"' in own
    assert "A caption that goes" not in own


async def test_a_held_video_is_its_creators_alone_until_the_hold_ends(loop):
    video_id = await loop.video("Ada")
    guest, ada = await loop.visitor(), await loop.visitor("Ada")
    await loop.stage.hold(ref("video", video_id), "phishing")
    await loop.stage.tick()
    await follow(loop.site)
    assert await sees(guest, video_id) == set()
    assert "Under review" in (await ada.get(f"/v/{video_id}")).text
    moderator = await loop.stage.moderator("mona")
    await loop.stage.decide(ref("video", video_id), moderator, "no_violation")
    await loop.stage.tick()
    await follow(loop.site)
    assert await sees(guest, video_id) == {"/", "/u/ada", "/v", "/media"}


async def test_an_age_restricted_video_waits_behind_a_question(loop):
    video_id = await loop.video("Ada", "For grown-ups")
    await loop.decide("video", video_id, "age_restrict", "self_injury")
    for client in (await loop.visitor(), await loop.visitor("Ben")):
        assert "age-restricted" in (await client.get(f"/v/{video_id}")).text
        assert "For grown-ups" not in (await client.get("/")).text
        assert (await client.get(f"/media/{video_id}")).status_code == 404
    answer = await client.post("/age", data={"next_path": f"/v/{video_id}"})
    assert answer.headers["location"] == f"/v/{video_id}"
    assert (await client.get(f"/media/{video_id}")).content == MP4
    assert (await (await loop.visitor()).get(f"/media/{video_id}")).status_code == 404


async def test_a_labelled_video_bears_the_label(loop):
    video_id = await loop.video("Ada")
    guest = await loop.visitor()
    assert "labelled" not in (await guest.get("/")).text
    await loop.decide("video", video_id, "label", "crisis_misinfo")
    for path in ("/", f"/v/{video_id}"):
        assert "labelled" in (await guest.get(path)).text


async def test_a_removed_account_takes_its_videos_and_comments_along(loop):
    video_id = await loop.video("Ada")
    others = await loop.video("Ben")
    ada = await loop.person("Ada")
    await publish_comment(loop.site, ada, others, "I was here")
    await loop.ban(ada.id)
    guest = await loop.visitor()
    assert (await guest.get("/u/ada")).status_code == 404
    assert await sees(guest, video_id) == set()
    assert "I was here" not in (await guest.get(f"/v/{others}")).text


async def test_a_removed_comment_is_a_placeholder_to_its_author_alone(loop):
    video_id = await loop.video("Ada")
    ben = await loop.person("Ben")
    comment_id = await publish_comment(loop.site, ben, video_id, "Something vile")
    await loop.decide("comment", comment_id, "remove", "phishing")
    for name, told in ((None, False), ("Ada", False), ("Ben", True)):
        seen = (await (await loop.visitor(name)).get(f"/v/{video_id}")).text
        assert "Something vile" not in seen
        assert ("Your comment was removed" in seen) == told


async def test_a_removed_sound_silences_the_videos_that_have_it(loop):
    video_id = await loop.video("Ada")
    (row,) = loop.site.db.execute("select sound_id from videos").fetchall()
    guest, ada = await loop.visitor(), await loop.visitor("Ada")
    assert (await guest.get(f"/sounds/{row[0]}")).status_code == 200
    await loop.decide("sound", row[0], "remove", "phishing")
    assert (await guest.get(f"/sounds/{row[0]}")).status_code == 404
    assert await sees(guest, video_id) == set()
    assert await sees(ada, video_id) == {"/u/ada", "/v"}


async def test_what_is_not_known_is_hidden_until_underseal_is_asked(loop):
    video_id = await loop.video("Ada")
    guest = await loop.visitor()
    loop.site.db.execute("delete from visibility")
    assert await sees(guest, video_id) == set()
    await ask_unknown(loop.site)
    assert await sees(guest, video_id) == {"/", "/u/ada", "/v", "/media"}


async def test_an_old_answer_never_overwrites_the_news(loop):
    video_id = await loop.unchecked_video("Ada")
    loop.site.db.execute("delete from visibility where kind = 'video'")
    answer = await loop.site.underseal.send(requests.visibility(("video", video_id)))
    await loop.check_video(video_id)
    remember(loop.site, answer, is_news=False)
    assert rules_of(loop.site, ("video", video_id)).level == "public"


async def test_while_underseal_is_away_what_is_known_still_holds(loop, monkeypatch):
    video_id = await loop.video("Ada")

    async def fail(*_):
        raise httpx.ConnectError("away")

    monkeypatch.setattr(loop.site.underseal, "send", fail)
    guest, ada = await loop.visitor(), await loop.visitor("Ada")
    assert await sees(guest, video_id) == {"/", "/u/ada", "/v", "/media"}
    assert (await ada.get("/inbox")).status_code == 503
    assert (await ada.post(f"/v/{video_id}/comments", data={"text": "Hm"})).status_code == 503
    assert "Hm" not in (await guest.get(f"/v/{video_id}")).text
