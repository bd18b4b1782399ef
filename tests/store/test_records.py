import asyncio
from dataclasses import replace
from datetime import date
from uuid import UUID, uuid4

import pytest

from underseal.core.decision import Finding
from underseal.core.guideline import GuidelineId, TopicId
from underseal.core.report import Pseudonym
from underseal.core.subject import SubjectKind, SubjectRef
from underseal.core.track_record import Credit, TrackRecord, fold
from underseal.store.connection import session
from underseal.store.records import (
    add_credits,
    credits_of_decision,
    lock_records,
    records_of,
    save_records,
)
from underseal.store.roles import Role

DAY, LATER = date(2026, 11, 22), date(2026, 12, 1)
HATE, SCAM = TopicId("hate"), TopicId("scam")
ANNA, BERT = Pseudonym(b"a" * 32), Pseudonym(b"b" * 32)
VIDEO = SubjectRef(kind=SubjectKind.VIDEO, external_id="v1")


@pytest.fixture
async def decision(server, address) -> UUID:
    """A decision that credits can refer to."""
    decision = uuid4()
    async with session(address, server.embedded.superuser()) as conn:
        await conn.execute("set session_replication_role = replica")
        await conn.execute(
            "insert into decisions (decision_id, subject_id, round, version, kind, outcome, "
            "guideline, guidelines_version, finding, automation, decided_by, reasons, decided_at) "
            "values ($1, $2, 1, 1, 'review', 'remove', 'spam', '1', 'actioned', 'not_automated', "
            "$1, '', now())",
            decision,
            VIDEO.subject_id,
        )
    return decision


def credit(decision: UUID, pseudonym: Pseudonym = ANNA, **changes) -> Credit:
    given = Credit(
        decision_id=decision,
        pseudonym=pseudonym,
        topic=HATE,
        guideline=GuidelineId("hate_incitement"),
        finding=Finding.ACTIONED,
        right=1.0,
        wrong=0.0,
        resolved=1,
        on=DAY,
    )
    return replace(given, **changes)


async def test_a_credit_is_added_once_and_told_once(database, decision):
    given = [credit(decision), credit(decision, BERT)]
    for expected in (tuple(given), ()):
        async with database.transaction(Role.CORE) as conn:
            added = await add_credits(conn, decision, given, takes_back=False, on=DAY)
        assert added == expected
    async with database.transaction(Role.CORE) as conn:
        assert await credits_of_decision(conn, decision) == tuple(given)


async def test_what_is_given_and_what_is_taken_back_are_two_things(database, decision):
    given = credit(decision)
    back = credit(decision, right=-1.0, resolved=-1)
    async with database.transaction(Role.CORE) as conn:
        assert await add_credits(conn, decision, [given], takes_back=False, on=DAY)
        assert await add_credits(conn, decision, [back], takes_back=True, on=DAY)
        assert not await add_credits(conn, decision, [back], takes_back=True, on=DAY)
        assert await credits_of_decision(conn, decision) == (given,)


async def test_records_begin_empty_and_are_continued(database):
    key = (ANNA, HATE)
    async with database.transaction(Role.CORE) as conn:
        locked = await lock_records(conn, [key, key], DAY)
        assert locked == {key: TrackRecord(right=0.0, wrong=0.0, resolved=0, as_of=DAY)}
        record = TrackRecord(right=2.5, wrong=0.25, resolved=4, as_of=LATER)
        await save_records(conn, {key: record})
    async with database.transaction(Role.CORE) as conn:
        assert await lock_records(conn, [key], DAY) == {key: record}
        assert await records_of(conn, [ANNA, BERT], [HATE]) == {key: record}
        assert await records_of(conn, [ANNA], [SCAM]) == {}


async def test_those_who_continue_the_same_record_wait_for_each_other(database):
    keys = [(ANNA, HATE), (BERT, HATE), (ANNA, SCAM)]

    async def add_one(order: int) -> None:
        async with database.transaction(Role.CORE) as conn:
            locked = await lock_records(conn, keys[order:] + keys[:order], DAY)
            more = {
                key: fold(record, [credit(uuid4(), topic=key[1])], DAY)
                for key, record in locked.items()
            }
            await save_records(conn, more)

    await asyncio.gather(*(add_one(number % 3) for number in range(12)))
    async with database.transaction(Role.CORE) as conn:
        found = await records_of(conn, [ANNA, BERT], [HATE, SCAM])
    assert {key: record.resolved for key, record in found.items()} == dict.fromkeys(keys, 12)


async def test_a_record_carries_on_under_the_pseudonyms_of_later_years(database, server, address):
    names = [Pseudonym(bytes([number]) * 32) for number in range(3)]
    async with session(address, server.passwords.login(Role.OWNER)) as owner:
        for new, old in zip(names[1:], names, strict=False):
            await owner.execute("insert into vault.pseudonym_links values ($1, $2)", new, old)
    async with database.transaction(Role.CORE) as conn:
        for number, name in enumerate(names):
            key = (name, HATE)
            await lock_records(conn, [key], DAY)
            record = TrackRecord(right=1.0 + number, wrong=0.5, resolved=1, as_of=DAY)
            await save_records(conn, {key: record})
    async with database.transaction(Role.CORE) as conn:
        found = await records_of(conn, [names[2], BERT], [HATE])
        assert found == {(names[2], HATE): TrackRecord(right=6.0, wrong=1.5, resolved=3, as_of=DAY)}
        assert (await records_of(conn, [names[0]], [HATE]))[names[0], HATE].resolved == 1
