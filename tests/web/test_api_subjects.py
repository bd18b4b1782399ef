import httpx

from underseal.core.caller import Scope
from underseal.flow.authenticate import Callers, admit_platform
from underseal.store.roles import Role
from underseal.web.app import make_api

UPLOAD = "/v1/media?kind=video&id=v1&version=1"


async def levels(platform, *external_ids: str) -> list[str]:
    subjects = [{"kind": "video", "id": each} for each in external_ids]
    answer = await platform.post("/v1/visibility/bulk", json={"subjects": subjects})
    return [each["level"] for each in answer.json()["visibility"]]


async def test_a_video_is_held_until_it_has_been_scanned(register):
    answer = await register("video", "v1")
    assert answer.status_code == 201
    told = answer.json()
    assert told["subject"] == {"kind": "video", "id": "v1"}
    assert told["version"] == 1
    assert told["upload_url"] == UPLOAD
    assert told["visibility"]["level"] == "held"
    assert told["visibility"]["expires_at"] is not None
    assert told["visibility"]["statement_id"] is None


async def test_a_comment_is_public_at_once(register):
    told = (await register("comment", "c1")).json()
    assert told["visibility"]["level"] == "public"
    assert told["upload_url"] is None


async def test_telling_the_same_twice_changes_nothing(register):
    first = await register("video", "v1")
    second = await register("video", "v1")
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()


async def test_a_change_is_a_new_version(register):
    await register("video", "v1")
    answer = await register("video", "v1", caption="look at that")
    assert (answer.status_code, answer.json()["version"]) == (201, 2)


async def test_a_subject_stays_its_creators(register):
    await register("comment", "c1")
    answer = await register("comment", "c1", creator={"id": "dora"})
    assert answer.status_code == 409
    assert answer.json()["type"] == "/problems/other-creator"


MISFITS = [
    ("video", None),
    ("video", {}),
    ("video", {"upload": False}),
    ("video", {"upload": True, "url": "https://media.example/v1"}),
    ("video", {"url": "ftp://media.example/v1"}),
    ("video", {"url": "https://media.example/v1 2"}),
    ("comment", {"upload": True}),
    ("account", {"url": "https://media.example/v1"}),
]


async def test_media_belongs_to_what_plays(register, subtests):
    for kind, media in MISFITS:
        with subtests.test(f"{kind} {media}"):
            assert (await register(kind, "x1", media=media)).status_code == 400


async def test_media_is_taken_once(platform, register, system):
    await register("video", "v1")
    answer = await platform.put(UPLOAD, content=b"not really a video")
    assert answer.status_code == 202
    assert answer.json()["visibility"]["level"] == "held"
    again = await platform.put(UPLOAD, content=b"another one")
    assert again.json()["type"] == "/problems/media-frozen"
    async with system.db.transaction(Role.CORE) as conn:
        sizes = await conn.fetch("select size_bytes from media")
    assert [row["size_bytes"] for row in sizes] == [18]


NO_VERSIONS = [
    ("kind=video&id=v1&version=2", b"x", 404),
    ("kind=video&id=v2&version=1", b"x", 404),
    ("kind=video&id=v1&version=0", b"x", 400),
    ("kind=video&id=v1&version=2147483648", b"x", 400),
    ("kind=video&id=v1", b"x", 400),
    ("kind=video&id=v1&version=1", b"", 400),
]


async def test_media_of_no_version_is_refused(platform, register, subtests):
    await register("video", "v1")
    for query, content, status in NO_VERSIONS:
        with subtests.test(query):
            answer = await platform.put(f"/v1/media?{query}", content=content)
            assert answer.status_code == status


async def test_an_upload_is_read_no_further_than_is_allowed(platform, register, system):
    await register("video", "v1")
    object.__setattr__(system.settings, "media_bytes_max", 100_000)
    sent = 0

    async def endless():
        nonlocal sent
        while True:
            sent += 1
            yield b"x" * 10_000

    answer = await platform.put(UPLOAD, content=endless())
    assert answer.status_code == 413
    assert sent < 20


async def test_an_upload_that_says_that_it_is_too_large_is_not_read(platform, register, system):
    await register("video", "v1")
    object.__setattr__(system.settings, "media_bytes_max", 10)
    answer = await platform.put(UPLOAD, content=b"x" * 11)
    assert answer.json()["type"] == "/problems/body-too-large"


async def test_what_nobody_has_told_of_is_public(platform, register):
    await register("video", "v1")
    assert await levels(platform, "v2", "v1", "v2") == ["public", "held", "public"]
    answer = await platform.get("/v1/visibility?kind=video&id=v2")
    assert answer.json()["level"] == "public"
    assert answer.json()["changed_at"] is None


async def test_the_feed_of_changes_misses_nothing_and_repeats_nothing(platform, register):
    seen, cursor = [], None
    for number in range(5):
        await register("video", f"v{number}")
        query = "" if cursor is None else f"&cursor={cursor}"
        page = (await platform.get(f"/v1/visibility/changes?limit=1{query}")).json()
        seen += [each["subject"]["id"] for each in page["changes"]]
        cursor = page["cursor"]
    assert seen == [f"v{number}" for number in range(5)]
    end = (await platform.get(f"/v1/visibility/changes?cursor={cursor}")).json()
    assert end == {"changes": [], "cursor": cursor}


async def test_a_cursor_that_we_did_not_give_is_refused(platform):
    for cursor in ("", "x", "a" * 60, "é", "1" * 1001):
        for path, query in (("visibility/changes", {}), ("creators/statements", {"creator": "c"})):
            answer = await platform.get(f"/v1/{path}", params=query | {"cursor": cursor})
            assert answer.status_code == 400


async def test_a_cursor_is_good_for_its_own_list_only(platform):
    cursor = (await platform.get("/v1/visibility/changes")).json()["cursor"]
    answer = await platform.get(f"/v1/creators/statements?creator=carl&cursor={cursor}")
    assert answer.json()["type"] == "/problems/invalid-cursor"


async def test_views_are_counted_once_a_tick(platform, register):
    await register("comment", "c1")
    known = {"subject": {"kind": "comment", "id": "c1"}, "organic": 3, "qualifying": 7}
    unknown = {"subject": {"kind": "comment", "id": "c2"}, "organic": 3, "qualifying": 3}
    body = {"tick": "2026-11-22T12:00:00Z", "views": [known, unknown]}
    assert (await platform.post("/v1/views", json=body)).json() == {"counted": 1, "ignored": 1}
    assert (await platform.post("/v1/views", json=body)).json() == {"counted": 0, "ignored": 2}


async def test_views_are_of_a_tick_that_has_come(platform):
    for tick in (
        "2026-11-22T13:00:00Z",
        "2026-11-22T12:00:01Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-12:00",
    ):
        answer = await platform.post("/v1/views", json={"tick": tick, "views": []})
        assert answer.json()["type"] == "/problems/not-a-tick"


async def test_a_tick_is_a_moment_with_its_zone(platform):
    for tick in ("2026-11-22T12:00:00", "noon", 5, None):
        answer = await platform.post("/v1/views", json={"tick": tick, "views": []})
        assert answer.status_code == 400


async def test_a_deleted_account_is_forgotten_whether_it_was_known_or_not(platform):
    answer = await platform.post("/v1/reporters/forget", json={"reporter": {"id": "anna"}})
    assert answer.status_code == 202
    assert answer.json() == {"identity_destroyed_by": "2027-10-01"}


async def test_a_key_without_the_scope_is_refused(system, clock):
    key = await admit_platform(system, "Loop", [Scope.REPORTS_WRITE], clock().date())
    app = make_api(system, Callers(system.db, system.keys), clock)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="http://underseal",
        headers={"authorization": f"Bearer {key.token}"},
    ) as client:
        answer = await client.get("/v1/visibility?kind=video&id=v1")
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/forbidden")
