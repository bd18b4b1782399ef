from datetime import timedelta
from uuid import uuid4

PATHS = (
    "/v1/creators/statements?creator={}",
    "/v1/creators/standing?creator={}",
    "/v1/creators/appeals?creator={}",
    "/v1/visibility?kind=comment&id=c1",
    "/v1/visibility/changes",
)


async def seen(platform, creator: str = "carl") -> list[bytes]:
    """All that a creator can learn by asking."""
    return [(await platform.get(path.format(creator))).content for path in PATHS]


async def appeal(platform, statement_id: str, creator: str = "carl", grounds: str = "it is satire"):
    body = {"statement_id": statement_id, "creator": {"id": creator}, "grounds": grounds}
    return await platform.post("/v1/appeals", json=body)


async def test_a_creator_reads_why_something_was_removed(platform, removed):
    assert removed["kind"] == "removal"
    assert removed["subject"] == {"kind": "comment", "id": "c1"}
    assert removed["effect"]["level"] == "removed"
    assert removed["guideline"]["id"] == "phishing"
    assert removed["informed_at"] == "2026-11-22T13:00:00Z"
    assert removed["appeal_until"] == "2027-05-23T00:00:00Z"
    assert removed["text"].keys() == {"en", "de", "es"}
    path = f"/v1/creators/statements/{removed['statement_id']}?creator=carl"
    assert (await platform.get(path)).json() == removed


async def test_a_statement_has_no_field_for_a_report(removed):
    assert removed.keys() == {
        "statement_id",
        "subject",
        "kind",
        "effect",
        "territorial_scope",
        "ground",
        "guideline",
        "law",
        "moments",
        "after_notice",
        "automated_detection",
        "automated_decision",
        "reasons",
        "informed_at",
        "expires_at",
        "appeal_until",
        "text",
    }


async def test_until_its_tick_nothing_shows(platform, register, moderator, backstage):
    await register("comment", "c1")
    before = await seen(platform)
    report = {
        "subject": {"kind": "comment", "id": "c1"},
        "reporter": {"id": "anna"},
        "guideline": "phishing",
    }
    await platform.post("/v1/reports", json=report)
    assert await seen(platform) == before
    await backstage.enqueue("comment", "c1")
    case = (await moderator.post("/v1/cases/take")).json()
    verdict = {"outcome": "remove", "guideline": "phishing", "finding": "actioned"}
    await moderator.post(f"/v1/cases/{case['case_id']}/decision", json=verdict)
    assert await seen(platform) == before
    await backstage.tick()
    after = await seen(platform)
    assert all(one != other for one, other in zip(before[:2], after[:2], strict=True))


async def test_a_statement_of_somebody_elses_does_not_exist(platform, removed):
    theirs = await platform.get(f"/v1/creators/statements/{removed['statement_id']}?creator=dora")
    none = await platform.get(f"/v1/creators/statements/{uuid4()}?creator=dora")
    assert theirs.status_code == 404
    assert theirs.content == none.content
    appeals = [
        await appeal(platform, statement_id, creator="dora")
        for statement_id in (removed["statement_id"], str(uuid4()))
    ]
    assert {each.status_code for each in appeals} == {404}
    assert appeals[0].content == appeals[1].content


async def test_statements_come_in_pages(platform, removed, register, backstage, moderator):
    await register("comment", "c2")
    await backstage.enqueue("comment", "c2")
    case = (await moderator.post("/v1/cases/take")).json()
    verdict = {"outcome": "label", "guideline": "phishing", "finding": "actioned"}
    await moderator.post(f"/v1/cases/{case['case_id']}/decision", json=verdict)
    await backstage.tick()
    path = "/v1/creators/statements?creator=carl&limit=1"
    first = (await platform.get(path)).json()
    second = (await platform.get(f"{path}&cursor={first['cursor']}")).json()
    third = (await platform.get(f"{path}&cursor={second['cursor']}")).json()
    assert [each["subject"]["id"] for each in first["statements"]] == ["c2"]
    assert second["statements"] == [removed]
    assert third == {"statements": [], "cursor": None}
    stolen = await platform.get(
        f"/v1/creators/statements?creator=dora&limit=1&cursor={first['cursor']}"
    )
    assert stolen.json()["type"] == "/problems/invalid-cursor"


async def test_a_strike_counts_until_it_expires(platform, removed, clock, guidelines):
    standing = (await platform.get("/v1/creators/standing?creator=carl")).json()
    (strike,) = standing["active"]
    assert standing["points"] == guidelines.by_id["phishing"].strike_weight
    assert strike["guideline"] == "phishing"
    assert standing["past"] == []
    clock.now += timedelta(days=91)
    later = (await platform.get("/v1/creators/standing?creator=carl")).json()
    assert (later["points"], later["active"], later["past"]) == (0, [], [strike])


async def test_an_appeal_is_lodged_once(platform, removed):
    lodged = await appeal(platform, removed["statement_id"])
    assert lodged.status_code == 201
    assert lodged.json()["state"] == "lodged"
    (listed,) = (await platform.get("/v1/creators/appeals?creator=carl")).json()["appeals"]
    assert listed["appeal_id"] == lodged.json()["appeal_id"]
    assert (listed["state"], listed["reasons"]) == ("lodged", None)
    again = await appeal(platform, removed["statement_id"])
    assert again.json()["type"] == "/problems/already-appealed"


async def test_an_appeal_can_come_too_late(platform, removed, clock):
    clock.now += timedelta(days=200)
    answer = await appeal(platform, removed["statement_id"])
    assert answer.json()["type"] == "/problems/appeal-too-late"


async def test_grounds_that_cannot_be_kept_are_refused(platform, removed):
    for grounds in ("x" * 4001, "a\0b", 5, None):
        answer = await appeal(platform, removed["statement_id"], grounds=grounds)
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["pointer"] == "/grounds"
