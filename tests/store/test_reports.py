import hashlib
from dataclasses import replace
from datetime import date, timedelta

import asyncpg
import pytest

from underseal.core.guideline import GuidelineId
from underseal.core.report import Moment, Pseudonym, Tag
from underseal.core.subject import SubjectKind, SubjectRef
from underseal.store.connection import session
from underseal.store.reports import (
    Filed,
    ReportRow,
    SealedIdentity,
    add_supplements,
    file_reports,
    look_up_receipt,
    open_rounds,
    schedule_erasure,
)
from underseal.store.roles import Role

TODAY = date(2026, 11, 22)
MONTH, QUARTER = date(2026, 11, 1), date(2026, 10, 1)
VIDEO = SubjectRef(kind=SubjectKind.VIDEO, external_id="v1")
OTHER = SubjectRef(kind=SubjectKind.VIDEO, external_id="v2")


def digest(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()


def row(person: str = "anna", **changes) -> ReportRow:
    report = ReportRow(
        subject_id=VIDEO.subject_id,
        round=1,
        guideline=GuidelineId("hate_incitement"),
        tag=Tag(digest(f"tag of {person}")),
        pseudonym=Pseudonym(digest(f"pseudonym of {person}")),
        taxonomy="1",
        reported_in=QUARTER,
        moments=(),
        note=None,
        content=digest("nothing"),
        is_notice=False,
        law=None,
        by_trusted_flagger=False,
        may_be_guessed=False,
        after_outcome=False,
        receipt=digest(f"receipt of {person}"),
        earlier_receipt=None,
    )
    return replace(report, **changes)


async def file(
    database, *rows: ReportRow, previous: Tag | None = None, identity: SealedIdentity | None = None
) -> tuple[Filed, ...]:
    digests, tags = [digest("row")] * len(rows), [previous] * len(rows)
    async with database.transaction(Role.INTAKE) as conn:
        await open_rounds(conn, {ref.subject_id: ref for ref in (VIDEO, OTHER)}, {}, TODAY)
        return await file_reports(
            conn, rows, digests, tags, [identity] if identity else [], month=MONTH
        )


@pytest.fixture
async def owner(server, address):
    """The owner of every table, who may do what no part of the service may."""
    async with session(address, server.passwords.login(Role.OWNER)) as conn:
        yield conn


async def test_a_report_of_an_unknown_subject_makes_a_bare_one(database, owner):
    await file(database, row())
    found = await owner.fetchrow("select * from subjects where subject_id = $1", VIDEO.subject_id)
    assert (found["kind"], found["external_id"]) == ("video", "v1")
    assert (found["version"], found["round"], found["creator_id"]) == (0, 1, None)


async def test_a_report_is_stored_as_it_was_given(database, owner):
    given = row(
        moments=(Moment(start_ms=1, end_ms=5), Moment(start_ms=9, end_ms=12)),
        note=b"encrypted",
        is_notice=True,
        law="Strafgesetzbuch",
        by_trusted_flagger=True,
        may_be_guessed=True,
        after_outcome=True,
    )
    await file(database, given)
    (found,) = await owner.fetch("select * from reports")
    names = ReportRow.__dataclass_fields__.keys() - {"moments"}
    assert {name: found[name] for name in names} == {name: getattr(given, name) for name in names}
    assert (found["moments"], found["sealed"]) == ([1, 5, 9, 12], digest("row"))


async def test_the_same_person_reports_once_in_a_round(database, owner):
    (first,) = await file(database, row())
    (second,) = await file(database, row(content=digest("more")))
    assert (first.is_new, second.is_new) == (True, False)
    assert first.tag == second.tag == row().tag
    assert await owner.fetchval("select count(*) from reports") == 1


async def test_another_guideline_round_or_person_is_another_report(database):
    others = (
        row(),
        row(guideline=GuidelineId("bullying"), receipt=digest("2")),
        row(round=2, receipt=digest("3")),
        row("berta"),
        row(subject_id=OTHER.subject_id, receipt=digest("4")),
    )
    assert [filed.is_new for filed in await file(database, *others)] == [True] * 5


async def test_twice_in_one_batch_is_once(database, owner):
    filed = await file(database, row(), row(content=digest("more")))
    assert sorted(report.is_new for report in filed) == [False, True]
    assert await owner.fetchval("select count(*) from reports") == 1


async def test_a_report_under_last_years_tag_stands(database, owner):
    await file(database, row())
    this_year = row(tag=Tag(digest("this year")), receipt=digest("this year"))
    (filed,) = await file(database, this_year, previous=row().tag)
    assert filed == Filed(is_new=False, tag=row().tag)
    assert await owner.fetchval("select count(*) from reports") == 1


async def test_a_repeat_adds_what_is_new_and_nothing_twice(database, owner):
    await file(database, row())
    more = row(note=b"encrypted", content=digest("more"))
    for _ in range(2):
        async with database.transaction(Role.INTAKE) as conn:
            await add_supplements(conn, [row(), more])
    (found,) = await owner.fetch("select * from report_supplements")
    assert (found["tag"], found["content"], found["note"]) == (more.tag, more.content, more.note)


async def test_a_note_key_is_kept_until_it_is_destroyed(database):
    async def wrapped(note_key: bytes) -> bytes | None:
        async with database.transaction(Role.INTAKE) as conn:
            keys = {VIDEO.subject_id: note_key} if note_key else {}
            rounds = await open_rounds(conn, {VIDEO.subject_id: VIDEO}, keys, TODAY)
        return rounds[VIDEO.subject_id].note_key

    assert [await wrapped(b""), await wrapped(b"first"), await wrapped(b"second")] == [
        None,
        b"first",
        b"first",
    ]
    async with database.transaction(Role.RETENTION) as conn:
        assert await conn.fetchval("select destroy_note_key($1)", VIDEO.subject_id)
    assert [await wrapped(b""), await wrapped(b"third"), await wrapped(b"fourth")] == [
        None,
        b"third",
        b"third",
    ]


async def test_a_round_stays_open_until_the_reports_are_committed(database):
    async with database.transaction(Role.INTAKE) as conn:
        await open_rounds(conn, {VIDEO.subject_id: VIDEO}, {}, TODAY)
    async with database.transaction(Role.INTAKE) as filing:
        await open_rounds(filing, {VIDEO.subject_id: VIDEO}, {}, TODAY)
        with pytest.raises(asyncpg.LockNotAvailableError):
            async with database.transaction(Role.CORE) as ending:
                await ending.execute("select from subjects for update nowait")


async def test_each_batch_with_a_new_report_wants_one_assessment_of_its_subject(database, owner):
    await file(database, row(), row("berta"), row("cora", subject_id=OTHER.subject_id))
    await file(database, row("dora"))
    await file(database, row("dora"), row("cora", subject_id=OTHER.subject_id))
    found = await owner.fetch("select subject_id, wanted, done from pending_assessments")
    assert {tuple(pending) for pending in found} == {
        (VIDEO.subject_id, 2, 0),
        (OTHER.subject_id, 1, 0),
    }


async def test_a_receipt_tells_of_its_report_and_an_unknown_one_of_none(database):
    await file(database, row(), row("berta"))
    async with database.transaction(Role.INTAKE) as conn:
        found = await look_up_receipt(conn, row().receipt)
        assert await look_up_receipt(conn, digest("a guess")) is None
    assert found is not None
    assert (found.subject, found.guideline) == (VIDEO, row().guideline)
    assert (found.is_notice, found.outcomes) == (False, ())


async def test_new_reports_are_counted_by_month_and_guideline_and_repeats_are_not(database, owner):
    other = GuidelineId("spam")
    await file(database, row(), row("berta"), row("cora", guideline=other))
    await file(database, row(), row("dora"))
    counted = await owner.fetch(
        "select month, guideline, sum(reports) from report_counts group by 1, 2 order by 2"
    )
    assert [tuple(each) for each in counted] == [(MONTH, row().guideline, 3), (MONTH, other, 1)]


async def test_an_identity_is_kept_once_with_its_link(database, owner):
    anna, before = Pseudonym(digest("anna")), Pseudonym(digest("anna of 2025"))
    for sealed in (b"first", b"second"):
        identity = SealedIdentity(pseudonym=anna, year=2026, sealed=sealed, previous=before)
        await file(database, row(), identity=identity)
    assert [
        tuple(found) for found in await owner.fetch("select * from vault.sealed_identities")
    ] == [(anna, 2026, b"first", None)]
    assert [tuple(found) for found in await owner.fetch("select * from vault.pseudonym_links")] == [
        (anna, before)
    ]


async def test_a_last_day_only_ever_comes_nearer(database, owner):
    anna = Pseudonym(digest("anna"))
    identity = SealedIdentity(pseudonym=anna, year=2026, sealed=b"sealed", previous=None)
    await file(database, row(), identity=identity)
    days = []
    for late in (30, 60, 10):
        async with database.transaction(Role.RETENTION) as conn:
            await schedule_erasure(conn, [anna], TODAY + timedelta(days=late))
        days.append(await owner.fetchval("select erase_on from vault.sealed_identities"))
    assert days == [TODAY + timedelta(days=late) for late in (30, 30, 10)]


@pytest.mark.parametrize("table", ["reports", "report_supplements", "vault.sealed_identities"])
@pytest.mark.parametrize(
    "statement",
    [
        "select * from {}",
        "insert into {} default values",
        "update {} set note = null",
        "delete from {}",
        "truncate {}",
    ],
)
async def test_who_files_reports_can_neither_read_nor_change_them(database, table, statement):
    await file(database, row())
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.transaction(Role.INTAKE) as conn:
            await conn.execute(statement.format(table))


@pytest.mark.parametrize(
    "statement",
    ["update reports set round = 2", "delete from reports", "truncate reports cascade"],
)
async def test_not_even_the_owner_changes_a_report(database, owner, statement):
    await file(database, row())
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await owner.execute(statement)
