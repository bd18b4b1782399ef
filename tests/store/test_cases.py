import asyncio
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from underseal.core.caller import PrincipalId
from underseal.core.case import CaseKind, ModeratorId
from underseal.core.priority import Lane, Priority, order_key
from underseal.core.subject import SubjectKind, SubjectRef
from underseal.store.cases import (
    EVERYTHING,
    Narrowing,
    end_case,
    enqueue,
    load_case,
    lock_case,
    take_case,
    waiting,
)
from underseal.store.connection import session
from underseal.store.keys import add_principal
from underseal.store.queries import load
from underseal.store.roles import Role
from underseal.store.subjects import add_subject, load_subject

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
UNTIL = NOW + timedelta(minutes=10)


def priority(rate: float = 1.0, **changes) -> Priority:
    given = {
        "lane": Lane.ORDINARY,
        "guideline": None,
        "due_at": NOW + timedelta(days=3),
        "duty_from": NOW + timedelta(days=2),
        "rate": rate,
        "because": "",
    }
    return Priority(**{**given, **changes})


async def opened(conn, name: str, place: Priority):
    ref = SubjectRef(kind=SubjectKind.COMMENT, external_id=name)
    await add_subject(conn, ref)
    case_id = uuid4()
    await enqueue(conn, case_id, await load_subject(conn, ref.subject_id), place, NOW.date())
    return case_id


@pytest.fixture
async def mona(database) -> ModeratorId:
    moderator = uuid4()
    async with database.transaction(Role.CORE) as conn:
        await add_principal(conn, PrincipalId(moderator), "mona", "moderator", NOW.date())
    return ModeratorId(moderator)


async def test_nobody_waits_for_a_case_that_somebody_is_about_to_take(database, mona):
    async with database.transaction(Role.CORE) as conn:
        best = await opened(conn, "best", priority(rate=2))
        next_best = await opened(conn, "next", priority(rate=1))
    async with database.transaction(Role.CORE) as busy:
        await lock_case(busy, best)
        async with asyncio.timeout(5), database.transaction(Role.CONSOLE) as conn:
            assert await take_case(conn, mona, EVERYTHING, NOW, UNTIL, own=()) == next_best
            assert await take_case(conn, mona, EVERYTHING, NOW, UNTIL, own=()) is None


async def test_a_case_that_has_ended_stays_as_it_is(database, mona):
    async with database.transaction(Role.CORE) as conn:
        case_id = await opened(conn, "c", priority(rate=1))
        await end_case(conn, case_id, "decided", NOW)
        await opened(conn, "c", priority(rate=9))
        assert (await load_case(conn, case_id)).state == "decided"
        assert await take_case(conn, mona, EVERYTHING, NOW, UNTIL, own=()) is None


async def test_a_case_is_never_leased_to_who_may_not_take_it(database, mona):
    async with database.transaction(Role.CORE) as conn:
        case_id = await opened(conn, "c", priority())
        await conn.execute("update cases set not_for = $1", [mona])
        assert await take_case(conn, mona, EVERYTHING, NOW, UNTIL, own=()) is None
        assert (
            await take_case(conn, mona, Narrowing(kind=CaseKind.REVIEW), NOW, UNTIL, own=()) is None
        )
        assert (await load_case(conn, case_id)).leased_by is None


@pytest.mark.parametrize("second", [0, 1])
async def test_cases_are_taken_and_listed_in_the_order_that_the_core_gives(database, mona, second):
    now, hour = NOW + timedelta(seconds=second), timedelta(hours=1)
    duty = {"duty_from": NOW - 9 * hour}
    places = {
        "watched": priority(rate=9.0),
        "suspected": priority(rate=2.0, duty_from=None, due_at=NOW - hour),
        "late": priority(0.2, **duty, due_at=NOW - hour),
        "later": priority(0.1, **duty, due_at=NOW - hour / 2),
        "in time": priority(0.5, **duty, due_at=NOW + hour),
        "in time, too": priority(0.6, **duty, due_at=NOW + hour),
        "held": priority(**duty, lane=Lane.HELD, due_at=NOW - hour / 4),
        "appealed": priority(**duty, lane=Lane.APPEAL, due_at=NOW - hour / 5),
        "asked for by law": priority(**duty, lane=Lane.DUTY, due_at=NOW - hour / 6),
        "grave": priority(**duty, lane=Lane.GRAVE, due_at=NOW + hour),
    }
    async with database.transaction(Role.CORE) as conn:
        opened_as = {await opened(conn, name, place): name for name, place in places.items()}
        by_core = sorted(places, key=lambda name: order_key(places[name], now))
        listed = await waiting(conn, EVERYTHING, None, 20, NOW, moderator=None, own=())
        strict = sorted(places, key=lambda name: order_key(places[name], NOW))
        assert [opened_as[each.case_id] for each in listed] == strict
        assert [each.is_due for each in listed] == [True] * 8 + [False] * 2
        taken = [await take_case(conn, mona, EVERYTHING, now, UNTIL, own=()) for _ in places]
        assert [opened_as[each] for each in taken] == by_core


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (
            "take_duty('{0}', '{1}', null, null, null, null, '{{}}', 0, 2, null)",
            "cases_by_duty_idx",
        ),
        (
            "take_duty('{0}', '{1}', null, null, null, null, '{{}}', 2, 2, '{1}')",
            "cases_by_duty_idx",
        ),
        ("take_by_rate('{0}', '{1}', null, null, null, null, '{{}}')", "cases_by_rate_idx"),
        ("take_appeal('{0}', '{1}', 'appeal', null, null, null, '{{}}')", "cases_appeals_idx"),
        ("begin_duties('{1}', 500)", "cases_duty_begins_idx"),
        ("return_lost_leases('{1}')", "cases_leases_idx"),
    ],
)
async def test_a_case_is_taken_by_an_index_however_many_wait(database, server, mona, query, index):
    address, login = database.address, server.embedded.superuser()
    async with session(address, login) as conn:
        await conn.execute("set session_replication_role = replica")
        await conn.execute(
            "insert into cases (case_id, subject_id, round, version, kind, state, lane, rate, due_at, "
            "duty_from, because, opened_on, is_duty, leased_by, leased_until, reviews) "
            "select gen_random_uuid(), gen_random_uuid(), 1, 1, "
            "case when n % 50 = 0 then 'appeal' else 'review' end, "
            "case when n % 50 = 1 then 'leased' else 'queued' end, 'ordinary', n, $1::timestamptz + n * "
            "interval '1 minute', $1::timestamptz + n * interval '30 s', '', $2, n % 3 = 0, "
            "case when n % 50 = 1 then $3::uuid end, case when n % 50 = 1 then $1 end, "
            "case when n % 50 = 0 then gen_random_uuid() end "
            "from generate_series(1, 20000) n",
            NOW,
            date(2026, 11, 22),
            mona,
        )
        await conn.execute("analyze cases")
        name = query.partition("(")[0]
        await conn.execute(f"prepare {name} as {load('cases')[name]}")
        await conn.execute("set plan_cache_mode = force_generic_plan")
        plan = await conn.fetch(f"explain execute {query.format(mona, NOW)}")
    text = "\n".join(row[0] for row in plan)
    assert index in text, text
    assert "Seq Scan on cases" not in text, text
    assert "Sort" not in text, text
