from datetime import date

import asyncpg
import pytest

from underseal.core.guideline import TopicId
from underseal.core.ledger import INSTALLATION, EventKind
from underseal.core.prior import Prior
from underseal.core.report import Pseudonym
from underseal.store import ledger
from underseal.store.connection import session
from underseal.store.priors import Learnt, all_priors, newest_priors, save_priors, told_priors
from underseal.store.records import FIRST, living_records
from underseal.store.roles import Role

HATE, SCAM = TopicId("hate"), TopicId("scam")
SUMMER = Learnt(
    learnt_in=date(2026, 7, 1),
    priors={HATE: Prior(precision=0.26, strength=4.0), SCAM: Prior(precision=0.5, strength=2.5)},
)
AUTUMN = Learnt(
    learnt_in=date(2026, 10, 1),
    priors={SCAM: Prior(precision=0.613, strength=31.999, reported=1.204)},
)


async def test_before_anything_was_learnt_there_are_no_priors(database):
    async with database.transaction(Role.CORE) as conn:
        assert await newest_priors(conn) is None
        assert await all_priors(conn) == ()
        assert await told_priors(conn) == {}


async def test_what_was_learnt_last_is_in_force_and_the_rest_is_kept(database):
    async with database.transaction(Role.CORE) as conn:
        await save_priors(conn, SUMMER)
        await save_priors(conn, AUTUMN)
        assert await newest_priors(conn) == AUTUMN
        assert await all_priors(conn) == (SUMMER, AUTUMN)


async def test_a_quarter_is_learnt_once(database):
    async with database.transaction(Role.CORE) as conn:
        await save_priors(conn, SUMMER)
    with pytest.raises(asyncpg.UniqueViolationError):
        async with database.transaction(Role.CORE) as conn:
            await save_priors(conn, SUMMER)


async def test_priors_are_learnt_of_quarters_alone(database):
    with pytest.raises(asyncpg.CheckViolationError):
        async with database.transaction(Role.CORE) as conn:
            await save_priors(conn, Learnt(learnt_in=date(2026, 7, 2), priors=SUMMER.priors))


async def test_what_the_ledger_tells_is_what_was_learnt(database):
    async with database.transaction(Role.CORE) as conn:
        await ledger.lock_chain(conn, INSTALLATION)
        await ledger.append(conn, INSTALLATION, EventKind.PRIORS_LEARNT, AUTUMN.payload)
        assert await told_priors(conn) == {"2026-10-01": AUTUMN.payload}


async def test_records_are_read_in_order_and_none_of_a_year_that_was_destroyed(
    database, server, address
):
    people = [Pseudonym(bytes([each]) * 32) for each in (3, 1, 2)]
    async with session(address, server.embedded.superuser()) as conn:
        await conn.executemany(
            "insert into underseal.track_records values ($1, $2, 1, 2, 3, '2026-11-01')",
            [(person, topic) for person in people for topic in (HATE, SCAM)],
        )
        await conn.executemany(
            "insert into vault.sealed_identities (pseudonym, year, sealed) values ($1, 2026, '')",
            [(person,) for person in people[:2]],
        )
    read = []
    after = FIRST
    for _ in range(3):
        async with database.transaction(Role.CORE) as conn:
            batch = await living_records(conn, after, 3)
        read += list(batch)
        after = read[-1]
    assert read == [(person, topic) for person in (people[1], people[0]) for topic in (HATE, SCAM)]
