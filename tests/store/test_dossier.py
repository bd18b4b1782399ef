import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest

from underseal.core.decision import Outcome
from underseal.core.guideline import GuidelineId, TopicId
from underseal.core.ledger import commitment
from underseal.core.report import Pseudonym
from underseal.core.subject import SubjectKind, SubjectRef
from underseal.core.track_record import TrackRecord
from underseal.store import dossier
from underseal.store.connection import Connection, session
from underseal.store.dossier import KNOWN_MAX, NEW_MAX, OTHERS_MAX
from underseal.store.records import lock_records, save_records
from underseal.store.roles import Role

DAY, QUARTER = date(2026, 11, 22), date(2026, 10, 1)
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SPAM, HATE = GuidelineId("spam"), GuidelineId("hate_incitement")
HOT = SubjectRef(kind=SubjectKind.VIDEO, external_id="hot").subject_id

INSERT = """
insert into reports (subject_id, round, guideline, tag, pseudonym, taxonomy, reported_in, moments,
    note, content, is_notice, law, may_be_guessed, after_outcome, receipt, sealed)
values ($1, $2, $3, $4, $5, '1', $6, '{}', null, $4, $7, null, $8, $9, $10, $11)
"""


def who(name: str | None) -> Pseudonym | None:
    return name and Pseudonym(hashlib.sha256(name.encode()).digest())


@dataclass
class Book:
    """Reports as the owner of the database can write them, whatever they are."""

    conn: Connection
    written: int = 0

    async def subject(self, name: str, creator=None):
        ref = SubjectRef(kind=SubjectKind.VIDEO, external_id=name)
        await self.conn.execute(
            "insert into subjects (subject_id, kind, external_id, creator_id) values "
            "($1, 'video', $2, $3) on conflict do nothing",
            ref.subject_id,
            name,
            creator,
        )
        return ref.subject_id

    async def report(
        self, *names, subject_id=HOT, guideline=SPAM, round_=1, notice=False,
        guessed=False, late=False,
    ) -> None:  # fmt: skip
        rows = []
        for name in names:
            self.written += 1
            unique = hashlib.sha256(str(self.written).encode()).digest()
            rows.append(
                (subject_id, round_, guideline, unique, who(name), QUARTER, notice, guessed, late,
                 unique, unique)
            )  # fmt: skip
        await self.conn.executemany(INSERT, rows)


@pytest.fixture
async def book(server, address):
    async with session(address, server.passwords.login(Role.OWNER)) as conn:
        book = Book(conn)
        await book.subject("hot")
        yield book


async def prove(database, *names: str, resolved: int = 5) -> None:
    async with database.transaction(Role.CORE) as conn:
        keys = [(who(name), TopicId("spam")) for name in names]
        await lock_records(conn, keys, DAY)
        record = TrackRecord(right=5.0, wrong=0.0, resolved=resolved, as_of=DAY)
        await save_records(conn, dict.fromkeys(keys, record))


async def read(database, round_: int = 1):
    async with database.transaction(Role.CORE) as conn:
        return await dossier.reports_of_round(conn, HOT, round_)


async def test_every_report_of_a_round_comes_as_it_was_filed_and_no_other(database, book):
    await book.report("anna", notice=True)
    await book.report("anna", guideline=HATE, guessed=True, late=True)
    await book.report("bert", round_=2)
    await book.report("bert", subject_id=await book.subject("other"))
    found = {each.guideline: each for each in await read(database)}
    assert set(found) == {SPAM, HATE}
    assert {each.pseudonym for each in found.values()} == {who("anna")}
    assert (found[SPAM].is_notice, found[SPAM].may_be_guessed, found[SPAM].after_outcome) == (
        True, False, False,
    )  # fmt: skip
    assert (found[HATE].is_notice, found[HATE].may_be_guessed, found[HATE].after_outcome) == (
        False, True, True,
    )  # fmt: skip


async def test_all_without_an_account_are_one_a_guideline(database, book):
    await book.report(*[None] * 50)
    await book.report(*[None] * 50, guideline=HATE)
    await book.report(None, notice=True)
    found = await read(database)
    assert sorted((each.guideline, each.is_notice) for each in found) == [
        (HATE, False), (SPAM, False), (SPAM, True),
    ]  # fmt: skip


async def test_those_with_the_longest_records_come_first(database, book):
    await book.report("new1", "short", "long", "new2")
    await prove(database, "long", resolved=9)
    await prove(database, "short", resolved=3)
    found = [each.pseudonym for each in await read(database)]
    assert found[:2] == [who("long"), who("short")]
    assert set(found[2:]) == {who("new1"), who("new2")}


async def test_a_record_of_last_year_is_a_record(database, book):
    await book.report("new", "long")
    await prove(database, "long last year")
    await book.conn.execute(
        "insert into vault.pseudonym_links values ($1, $2)", who("long"), who("long last year")
    )
    assert (await read(database))[0].pseudonym == who("long")


async def test_however_many_report_a_bounded_number_is_weighed(database, book):
    await book.report(*(f"p{number}" for number in range(1000)))
    await book.report(*(f"q{number}" for number in range(1000)), guideline=HATE)
    found = await read(database)
    assert len([each for each in found if each.guideline == SPAM]) == NEW_MAX
    assert len([each for each in found if each.guideline == HATE]) == NEW_MAX


async def test_no_flood_hides_a_known_reporter_a_notice_or_a_choice(database, book):
    await book.report(*(f"p{number}" for number in range(1000)))
    await book.report("known")
    await book.report("notice", notice=True)
    await book.report("choice", guessed=True)
    await book.report("z", guideline=HATE)
    await prove(database, "known")
    found = await read(database)
    assert found[0].pseudonym == who("known")
    assert any(each.is_notice for each in found)
    assert any(each.may_be_guessed for each in found)
    assert any(each.guideline == HATE for each in found)


@pytest.mark.slow
async def test_of_very_many_known_reporters_the_longest_records_are_weighed(database, book):
    await book.report(*(f"p{number}" for number in range(KNOWN_MAX + 200)))
    await prove(database, *(f"p{number}" for number in range(KNOWN_MAX + 200)), resolved=3)
    await prove(database, "p7", resolved=50)
    found = await read(database)
    assert found[0].pseudonym == who("p7")
    assert KNOWN_MAX <= len(found) <= KNOWN_MAX + NEW_MAX


async def test_what_was_counted_stands_for_every_report_of_the_round(database, book):
    await book.report("anna", "bert", None)
    await book.report("cleo", round_=2)
    async with database.transaction(Role.CORE) as conn:
        counted = await dossier.count_reports(conn, HOT, 1)
        nothing = await dossier.count_reports(conn, HOT, 3)
    sealed = await book.conn.fetch("select sealed from reports where round = 1")
    assert (counted.reports, nothing.reports) == (3, 0)
    assert counted.root == commitment([row["sealed"] for row in sealed])


async def test_only_reports_by_accounts_from_before_an_outcome_can_earn_credit(database, book):
    await book.report("anna", None)
    await book.report("late", late=True)
    async with database.transaction(Role.CORE) as conn:
        found = await dossier.creditable_reports(conn, HOT, 1)
    assert [each.pseudonym for each in found] == [who("anna")]


async def test_who_reports_together_elsewhere_is_seen(database, book):
    together, alone = ["anna", "bert"], ["cleo"]
    for number in range(4):
        other = await book.subject(f"o{number}")
        await book.report(*together, subject_id=other)
        await book.report("anna", subject_id=other, guideline=HATE)
    await book.report(*alone, subject_id=await book.subject("o9"))
    people = [who(name) for name in ("anna", "bert", "cleo", "never")]
    async with database.transaction(Role.CORE) as conn:
        found = await dossier.co_reports(conn, HOT, people)
    assert dict(found.joint) == {
        tuple(sorted(people[:2])): pytest.approx(2.0)
    }  # half of two reporters, four times
    assert set(found.totals) == set(people[:3])
    assert found.totals[who("cleo")] < found.totals[who("anna")]


async def test_the_subject_itself_is_no_other_subject(database, book):
    await book.report("anna", "bert")
    async with database.transaction(Role.CORE) as conn:
        found = await dossier.co_reports(conn, HOT, [who("anna"), who("bert")])
    assert dict(found.totals) == {}


@pytest.mark.slow
async def test_of_who_reports_very_much_the_same_sample_is_compared(database, book):
    """Two who report the same thousand subjects still meet on every one that is looked at."""
    for number in range(2 * OTHERS_MAX):
        await book.report("anna", "bert", subject_id=await book.subject(f"o{number}"))
    async with database.transaction(Role.CORE) as conn:
        found = await dossier.co_reports(conn, HOT, [who("anna"), who("bert")])
    (joint,) = found.joint.values()
    assert joint == pytest.approx(OTHERS_MAX / 2)
    assert found.totals[who("anna")] == pytest.approx(OTHERS_MAX / 2)


async def effect(book, subject_id, at: datetime, cause="hold", state="disclosed") -> None:
    """An effect that rested on the first round of a subject."""
    await book.conn.execute(
        "insert into statements (statement_id, subject_id, body) values ($1, $1, '{}') "
        "on conflict do nothing",
        subject_id,
    )
    await book.conn.execute(
        "insert into effects (effect_id, subject_id, round, cause, level, age_restricted, labelled, "
        "interaction_limited, geo_blocked, disclosure, from_window, statement_id, state, "
        "intended_on, disclosed_at) values (gen_random_uuid(), $1, 1, $2, 'not_recommended', "
        "false, false, false, '{}', 'tick', 1, $1, $3, $4, $5)",
        subject_id,
        cause,
        state,
        DAY,
        at if state == "disclosed" else None,
    )


async def test_a_budget_is_spent_by_effects_that_showed_on_this_creator_of_late(database, book):
    carl = await book.subject("carl")
    dora = await book.subject("dora")
    await book.conn.execute("update subjects set creator_id = $2 where subject_id = $1", HOT, carl)
    for number, (creator, at, state) in enumerate(
        [
            (carl, NOW, "disclosed"),
            (carl, NOW - timedelta(days=29), "disclosed"),
            (carl, NOW - timedelta(days=31), "disclosed"),
            (dora, NOW, "disclosed"),
            (carl, NOW, "intended"),
        ]
    ):
        subject_id = await book.subject(f"s{number}", creator)
        await book.report("anna", subject_id=subject_id)
        if number != 1:
            await book.report("bert", subject_id=subject_id)
        await effect(book, subject_id, at, state=state)
    await book.report("anna", "bert")
    await effect(book, HOT, NOW)

    async def spent(creator, until=None):
        async with database.transaction(Role.CORE) as conn:
            return await dossier.spent_budgets(
                conn,
                creator,
                HOT,
                [who("anna"), who("bert"), who("cleo")],
                since=NOW - timedelta(days=30),
                until=until,
                effects_max=2,
            )

    assert await spent(carl) == {who("anna")}
    assert await spent(carl, until=NOW) == frozenset()
    assert await spent(dora) == frozenset()
    assert await spent(None) == frozenset()


async def test_what_moderators_found_on_a_version_stands_until_an_appeal_overturns_it(
    database, book, server, address
):
    async with session(address, server.embedded.superuser()) as conn:
        await conn.execute("set session_replication_role = replica")
        for number, (kind, outcome, guideline, version, reviews) in enumerate(
            [
                ("review", "remove", "spam", 1, None),
                ("machine", "remove", "spam", 1, None),
                ("review", "no_violation", None, 2, None),
                ("appeal", "no_violation", None, 1, 0),
            ]
        ):
            await conn.execute(
                "insert into decisions (decision_id, subject_id, round, version, kind, outcome, "
                "guideline, guidelines_version, finding, automation, decided_by, reviews, "
                "first_deciders, reasons, decided_at) values ($1, $2, $3, $4, $5, $6, $7, '1', "
                "'actioned', $8, $9, $10, $11, 'because', $12)",
                uuid(number),
                HOT,
                number + 1,
                version,
                kind,
                outcome,
                guideline,
                "fully" if kind == "machine" else "not_automated",
                None if kind == "machine" else uuid(50 + number),
                None if reviews is None else uuid(reviews),
                None if reviews is None else [uuid(50 + reviews)],
                NOW + timedelta(minutes=number),
            )
    async with database.transaction(Role.CORE) as conn:
        assert await dossier.findings_on_version(conn, HOT, 1) == ((None, Outcome.NO_VIOLATION),)
        assert await dossier.findings_on_version(conn, HOT, 2) == ((None, Outcome.NO_VIOLATION),)
        assert await dossier.findings_on_version(conn, HOT, 3) == ()


def uuid(number: int):
    return SubjectRef(kind=SubjectKind.COMMENT, external_id=f"u{number}").subject_id
