"""Views as a platform should not tell them: each has an outcome, and none makes anything show."""

import pytest

from underseal.store.roles import Role

TICK = "2026-11-22T12:00:00Z"
COMMENT = {"kind": "comment", "id": "c1"}


def told(*counts: tuple[object, object], tick: str = TICK) -> dict:
    views = [
        {"subject": COMMENT, "organic": organic, "qualifying": qualifying}
        for organic, qualifying in counts
    ]
    return {"tick": tick, "views": views}


async def rows(database, query: str) -> list[dict]:
    async with database.transaction(Role.CORE) as conn:
        return [dict(row) for row in await conn.fetch(query)]


@pytest.mark.parametrize("count", [-1, -1000, 2**31, 1.5, "3", None, True])
async def test_a_count_that_is_none_is_refused_with_all_that_came_with_it(
    platform, register, database, count
):
    await register("comment", "c1")
    answer = await platform.post("/v1/views", json=told((5, 5), (5, count)))
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert await rows(database, "select 1 from views") == []


async def test_a_count_that_goes_down_is_a_repeat_and_stays_as_it_was_told(
    platform, register, database
):
    await register("comment", "c1")
    for organic, counted in ((9, 1), (3, 0), (0, 0), (90, 0)):
        answer = await platform.post("/v1/views", json=told((organic, organic)))
        assert answer.json() == {"counted": counted, "ignored": 1 - counted}
    assert await rows(database, "select organic, qualifying from views") == [
        {"organic": 9, "qualifying": 9}
    ]


async def test_of_a_subject_that_is_told_twice_in_a_request_one_count_is_taken(
    platform, register, database
):
    await register("comment", "c1")
    answer = await platform.post("/v1/views", json=told((9, 9), (9, 9)))
    assert answer.json() == {"counted": 1, "ignored": 1}
    assert len(await rows(database, "select 1 from views")) == 1


async def test_views_of_long_ago_are_said_to_be_ignored(platform, register, database):
    await register("comment", "c1")
    answer = await platform.post("/v1/views", json=told((9, 9), tick="2026-11-15T12:00:00Z"))
    assert answer.json() == {"counted": 0, "ignored": 1}
    assert await rows(database, "select 1 from views") == []
