import asyncio
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from underseal.core import ledger as core_ledger
from underseal.core.guideline import GuidelineId
from underseal.core.ledger import GENESIS, EventKind
from underseal.core.report import Moment, Pseudonym, Tag
from underseal.core.subject import SubjectKind, SubjectRef
from underseal.flow.seal_report import digest_of_row
from underseal.store.ledger import (
    ChainNotLockedError,
    Entry,
    append,
    append_all,
    commit_reports,
    count_reports,
    last_event,
    lock_chain,
    lock_chains,
    read_event,
    report_digest,
    store_commitment,
)
from underseal.store.reports import ReportRow, add_supplements, file_reports, open_rounds
from underseal.store.roles import Role

VIDEO = SubjectRef(kind=SubjectKind.VIDEO, external_id="v1")
OTHER = SubjectRef(kind=SubjectKind.VIDEO, external_id="v2")
MONTH = date(2026, 11, 1)


def entry(ref, kind=EventKind.QUEUED, **payload) -> Entry:
    return Entry(subject_id=ref.subject_id, kind=kind, payload=payload)


async def chain(conn, ref):
    rows = await conn.fetch(
        "select * from events where subject_id = $1 order by seq", ref.subject_id
    )
    return [read_event(row) for row in rows]


async def test_events_follow_each_other_in_a_chain_of_their_subject(database):
    async with database.transaction(Role.CORE) as conn:
        await lock_chains(conn, [OTHER.subject_id, VIDEO.subject_id])
        await append_all(conn, [entry(VIDEO, n=1), entry(OTHER, n=1), entry(VIDEO, n=2)])
        await append(conn, VIDEO.subject_id, EventKind.DECIDED, {"n": 3})
        events = await chain(conn, VIDEO)
        heads = await conn.fetch("select subject_id, seq, hash from chain_heads order by seq")
    assert [event.seq for event in events] == [1, 2, 3]
    assert events[0].prev_hash == GENESIS
    assert core_ledger.verify_chain(events, events[-1].hash) is None
    assert [tuple(row)[1:] for row in heads][-1] == (3, events[-1].hash)


async def test_a_chain_that_was_not_begun_is_not_continued(database):
    with pytest.raises(ChainNotLockedError):
        async with database.transaction(Role.CORE) as conn:
            await append(conn, VIDEO.subject_id, EventKind.QUEUED, {})


async def test_who_continues_a_story_at_once_waits_for_the_other(database):
    async def tell(number: int) -> None:
        async with database.transaction(Role.CORE) as conn:
            await lock_chain(conn, VIDEO.subject_id)
            await append(conn, VIDEO.subject_id, EventKind.QUEUED, {"n": number})

    await asyncio.gather(*(tell(number) for number in range(20)))
    async with database.transaction(Role.CORE) as conn:
        events = await chain(conn, VIDEO)
    assert len(events) == 20
    assert core_ledger.verify_chain(events) is None


async def test_chains_are_locked_in_one_order_whoever_asks(database):
    refs = [SubjectRef(kind=SubjectKind.VIDEO, external_id=f"v{n}") for n in range(30)]
    ids = [ref.subject_id for ref in refs]

    async def lock(order) -> None:
        for _ in range(5):
            async with database.transaction(Role.CORE) as conn:
                await lock_chains(conn, order)

    await asyncio.gather(lock(ids), lock(ids[::-1]), lock(sorted(ids)), lock(ids[7:] + ids[:7]))


def row(person: str, **changes) -> ReportRow:
    given = {
        "subject_id": VIDEO.subject_id,
        "round": 1,
        "guideline": GuidelineId("spam"),
        "tag": Tag(person.encode().ljust(32, b"t")),
        "pseudonym": Pseudonym(person.encode().ljust(32, b"p")),
        "taxonomy": "1",
        "reported_in": date(2026, 10, 1),
        "moments": (Moment(start_ms=1, end_ms=2), Moment(start_ms=5, end_ms=9)),
        "note": b"note of " + person.encode(),
        "content": person.encode().ljust(32, b"c"),
        "is_notice": True,
        "law": "§ 1",
        "by_trusted_flagger": True,
        "may_be_guessed": False,
        "after_outcome": False,
        "receipt": person.encode().ljust(32, b"r"),
        "earlier_receipt": None,
        **changes,
    }
    return ReportRow(**given)


async def file(database, *rows: ReportRow) -> None:
    async with database.transaction(Role.INTAKE) as conn:
        await open_rounds(conn, {VIDEO.subject_id: VIDEO}, {}, MONTH)
        await file_reports(
            conn, rows, list(map(digest_of_row, rows)), [None] * len(rows), month=MONTH
        )


async def test_the_digest_of_a_stored_report_is_what_it_was_sealed_with(database):
    await file(
        database,
        row("anna"),
        row("bert", note=None, moments=(), is_notice=False, law=None, by_trusted_flagger=False),
        row("cora", pseudonym=None, may_be_guessed=True, after_outcome=True),
    )
    async with database.transaction(Role.CORE) as conn:
        rows = await conn.fetch("select * from reports")
    assert len(rows) == 3
    assert all(report_digest(each) == each["sealed"] for each in rows)


@given(order=st.permutations(["anna", "bert", "cora", "dave"]))
@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_a_commitment_does_not_depend_on_the_order_of_reports(database, order):
    async with database.transaction(Role.INTAKE) as conn:
        await open_rounds(conn, {VIDEO.subject_id: VIDEO}, {}, MONTH)
    for person in order:
        await file(database, row(person))
    async with database.transaction(Role.CORE) as conn:
        counted = await count_reports(conn, VIDEO.subject_id, 1)
    digests = [digest_of_row(row(person)) for person in ("dave", "anna", "cora", "bert")]
    assert (counted.reports, counted.root) == (4, core_ledger.commitment(digests))


async def test_what_was_added_to_a_report_takes_part_once_its_round_is_closed(database):
    await file(database, row("anna"))
    async with database.transaction(Role.CORE) as conn:
        open_ = await commit_reports(conn, VIDEO.subject_id, 1, closed=False)
    async with database.transaction(Role.INTAKE) as conn:
        await add_supplements(conn, [row("anna", content=bytes(32), note=b"more")])
    async with database.transaction(Role.CORE) as conn:
        assert await commit_reports(conn, VIDEO.subject_id, 1, closed=False) == open_
        closed = await commit_reports(conn, VIDEO.subject_id, 1, closed=True)
        assert closed.reports == 1
        assert closed.root != open_.root
        await store_commitment(conn, VIDEO.subject_id, 1, open_, closed=False)
        kept = await conn.fetchrow("select root, closed from commitments")
    assert tuple(kept) == (closed.root, True)


async def test_the_newest_event_of_a_kind_is_found_and_none_where_there_is_none(database):
    async with database.transaction(Role.CORE) as conn:
        await lock_chain(conn, VIDEO.subject_id)
        for kind, number in (("assessed", 1), ("assessed", 2), ("queued", 3)):
            await append(conn, VIDEO.subject_id, EventKind(kind), {"number": number})
        told = await last_event(conn, VIDEO.subject_id, EventKind.ASSESSED)
        assert told == core_ledger.canonical({"number": 2})
        assert await last_event(conn, VIDEO.subject_id, EventKind.DECIDED) is None
