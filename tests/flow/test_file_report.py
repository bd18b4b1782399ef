import asyncio
import os
import secrets
import shutil
import signal
import tempfile
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from underseal.core.guideline import GuidelineId
from underseal.core.report import Moment, Tag
from underseal.core.subject import SubjectKind, SubjectRef
from underseal.flow import file_report
from underseal.flow.file_report import (
    WAITING_MAX,
    Filer,
    GuidelineNotForKindError,
    IntakeAwayError,
    IntakeFullError,
    NoMomentsError,
    NoticeNotTakenError,
    ReportRefusedError,
    UnknownGuidelineError,
)
from underseal.flow.seal_report import Filing, digest_of_row, note_place
from underseal.seal import receipt
from underseal.seal.reporter import SealingError
from underseal.seal.vault import decrypt_note, unwrap
from underseal.store.bootstrap import prepare_embedded
from underseal.store.connection import session
from underseal.store.pool import Database
from underseal.store.reports import ReportRow
from underseal.store.roles import Role, load_passwords
from underseal.store.server import EmbeddedServer
from underseal.store.subjects import end_round, show_outcome

NOW = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
VIDEO = SubjectRef(kind=SubjectKind.VIDEO, external_id="v1")
NOTICED = GuidelineId("hate_incitement")


def filing(**changes) -> Filing:
    report = Filing(
        subject=VIDEO,
        guideline=NOTICED,
        note="",
        moments=(),
        is_notice=False,
        law=None,
        may_be_guessed=False,
    )
    return replace(report, **changes)


def video(number: int) -> SubjectRef:
    return SubjectRef(kind=SubjectKind.VIDEO, external_id=f"v{number}")


@pytest.fixture
async def filer(database, keys, guidelines):
    async with Filer(database, keys, guidelines, lambda: NOW) as filer:
        yield filer


@pytest.fixture
async def owner(server, address):
    async with session(address, server.passwords.login(Role.OWNER)) as conn:
        yield conn


async def stored_receipts(conn) -> set[bytes]:
    return {row["receipt"] for row in await conn.fetch("select receipt from reports")}


async def test_a_repeat_is_answered_with_the_same_receipt(filer, owner, keys):
    answers = [await filer.file(filing(note=note), "anna") for note in ("", "look", "look", "")]
    assert len(set(answers)) == 1
    assert await stored_receipts(owner) == {receipt.parse(keys, answers[0]).digest}


async def test_repeats_that_arrive_together_are_one_report(filer, owner):
    answers = await asyncio.gather(*(filer.file(filing(note=str(i)), "anna") for i in range(20)))
    assert len(set(answers)) == 1
    assert len(await stored_receipts(owner)) == 1
    assert await owner.fetchval("select count(*) from report_supplements") == 19


async def test_each_person_subject_and_guideline_has_a_receipt_of_its_own(filer, guidelines):
    both = [g for g, found in guidelines.by_id.items() if SubjectKind.VIDEO in found.subjects][:2]
    answers = [
        await filer.file(filing(subject=video(number), guideline=guideline), person)
        for number in range(2)
        for guideline in both
        for person in ("anna", "berta", None, None)
    ]
    assert len(set(answers)) == 16


async def test_a_repeat_keeps_its_note_under_the_first_report(filer, owner, keys):
    await filer.file(filing(), "anna")
    await filer.file(filing(note="at the end", moments=(Moment(start_ms=5, end_ms=9),)), "anna")
    (added,) = await owner.fetch("select * from report_supplements")
    wrapped = await owner.fetchval("select wrapped from vault.note_keys")
    place = note_place(VIDEO.subject_id, 1, NOTICED, Tag(added["tag"]))
    data_key = unwrap(keys.notes, wrapped, VIDEO.subject_id)
    assert decrypt_note(data_key, added["note"], place) == "at the end"
    assert added["moments"] == [5, 9]


async def test_a_stored_report_has_the_digest_of_its_row(filer, owner):
    moments = (Moment(start_ms=5, end_ms=9), Moment(start_ms=20, end_ms=30))
    await filer.file(filing(note="look", moments=moments, is_notice=True, law="StGB"), "anna")
    (found,) = await owner.fetch("select * from reports")
    fields = {name: found[name] for name in ReportRow.__dataclass_fields__}
    assert found["moments"] == [5, 9, 20, 30]
    assert digest_of_row(ReportRow(**(fields | {"moments": moments}))) == found["sealed"]


async def test_only_a_new_report_wants_an_assessment(filer, owner):
    for person in ("anna", "berta", "anna"):
        await filer.file(filing(note=secrets.token_hex(4)), person)
    assert await owner.fetchval("select wanted from pending_assessments") == 2


async def test_the_next_round_takes_a_new_report_of_the_same_person(filer, database, owner):
    first = await filer.file(filing(), "anna")
    async with database.transaction(Role.CORE) as conn:
        await end_round(conn, VIDEO.subject_id, NOW.date(), is_known=True)
    assert await filer.file(filing(), "anna") != first
    assert len(await stored_receipts(owner)) == 2


async def test_a_report_after_a_visible_outcome_says_so(filer, database, owner):
    await filer.file(filing(), "anna")
    async with database.transaction(Role.CORE) as conn:
        await show_outcome(conn, VIDEO.subject_id)
    await filer.file(filing(), "berta")
    found = await owner.fetch("select after_outcome from reports order by after_outcome")
    assert [row["after_outcome"] for row in found] == [False, True]


async def test_a_report_of_last_year_is_recognised(database, keys, guidelines, owner):
    answers = []
    for now in (datetime(2025, 12, 31, 23, 59, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)):
        async with Filer(database, keys, guidelines, lambda now=now: now) as filer:
            answers.append(await filer.file(filing(note=str(now)), "anna"))
    said = [receipt.parse(keys, each) for each in answers]
    assert said[0].digest == said[1].digest
    assert [each.given_on for each in said] == [
        date(2025, 12, 31),
        date(2026, 1, 1),
    ]
    assert await owner.fetchval("select count(*) from reports") == 1
    assert await owner.fetchval("select count(*) from report_supplements") == 1
    identities = await owner.fetch("select year from vault.sealed_identities order by year")
    assert [row["year"] for row in identities] == [2025, 2026]
    assert await owner.fetchval("select count(*) from vault.pseudonym_links") == 1


async def test_who_reported_stands_in_no_table(filer, owner):
    person = f"person-{secrets.token_hex(8)}"
    for number in range(3):
        await filer.file(filing(subject=video(number), note="look"), person)
    tables = await owner.fetch(
        "select format('%I.%I', schemaname, tablename) as name from pg_tables "
        "where schemaname in ('underseal', 'vault')"
    )
    dump = ""
    for table in tables:
        rows = await owner.fetch(f"select t::text as line from {table['name']} t")
        dump += "".join(row["line"] for row in rows)
    assert "v1" in dump
    assert NOTICED in dump
    for trace in (person, person.encode().hex(), b"look".hex(), "look"):
        assert trace not in dump


async def test_a_report_that_cannot_be_stored_does_not_harm_its_neighbours(filer, owner, keys):
    answers = [
        filer.file(filing(subject=video(number), law="a\0b" if number % 7 == 3 else None), "anna")
        for number in range(40)
    ]
    results = await asyncio.gather(*answers, return_exceptions=True)
    refused = {number for number, result in enumerate(results) if isinstance(result, Exception)}
    assert refused == {number for number in range(40) if number % 7 == 3}
    assert all(isinstance(results[number], ReportRefusedError) for number in refused)
    told = {receipt.parse(keys, result).digest for result in results if isinstance(result, str)}
    assert await stored_receipts(owner) == told


async def test_a_thousand_at_once_are_all_answered_and_stored_in_few_transactions(
    filer, owner, keys
):
    answers = await asyncio.gather(
        *(filer.file(filing(subject=video(number % 50)), f"p{number}") for number in range(1000))
    )
    assert len(set(answers)) == 1000
    assert await stored_receipts(owner) == {receipt.parse(keys, token).digest for token in answers}
    assert await owner.fetchval("select count(distinct xmin::text) from reports") < 20


async def test_leaving_writes_what_still_waits(database, keys, guidelines, owner):
    async with Filer(database, keys, guidelines, lambda: NOW) as filer:
        answers = [filer.file(filing(), f"p{number}") for number in range(100)]
    assert all(answer.done() for answer in answers)
    assert len(await stored_receipts(owner)) == 100
    with pytest.raises(IntakeAwayError):
        filer.file(filing(), "late")


async def test_no_more_reports_wait_than_the_limit(database, keys, guidelines):
    async with Filer(database, keys, guidelines, lambda: NOW) as filer:
        for _ in range(WAITING_MAX):
            filer.file(filing(), None)
        with pytest.raises(IntakeFullError):
            filer.file(filing(), None)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"guideline": GuidelineId("no_such_thing")}, UnknownGuidelineError),
        (
            {
                "guideline": GuidelineId("dangerous_challenge"),
                "subject": SubjectRef(kind=SubjectKind.ACCOUNT, external_id="a1"),
            },
            GuidelineNotForKindError,
        ),
        ({"guideline": GuidelineId("spam"), "is_notice": True}, NoticeNotTakenError),
        (
            {
                "subject": SubjectRef(kind=SubjectKind.ACCOUNT, external_id="a1"),
                "moments": (Moment(start_ms=0, end_ms=1),),
            },
            NoMomentsError,
        ),
    ],
)
async def test_what_the_guidelines_do_not_allow_is_refused(filer, owner, changes, error):
    with pytest.raises(error):
        filer.file(filing(**changes), "anna")
    assert await stored_receipts(owner) == set()


async def test_nothing_is_stored_where_sealing_fails(database, keys, guidelines, owner):
    keyless_year = datetime(2031, 1, 1, tzinfo=UTC)
    async with Filer(database, keys, guidelines, lambda: keyless_year) as filer:
        with pytest.raises(SealingError):
            filer.file(filing(), "anna")
    assert await stored_receipts(owner) == set()


@pytest.fixture
def data():
    """A data folder that the user who runs PostgreSQL can reach."""
    folder = Path(tempfile.mkdtemp(prefix="underseal-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@asynccontextmanager
async def own_server(data, keys, guidelines):
    """A filer on a server of its own, which may be killed."""
    with EmbeddedServer(data) as server:
        passwords = load_passwords(data)
        address = await prepare_embedded(server, passwords, today=NOW.date())
        db = await Database.open(address, passwords, {Role.INTAKE: 4, Role.OWNER: 1})
        async with Filer(db, keys, guidelines, lambda: NOW) as filer:
            yield server, db, filer
        await db.close()


def kill(data: Path) -> None:
    """Kill the database server, as a crash would."""
    os.kill(int((data / "postgres" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)


@pytest.mark.slow
async def test_whoever_was_answered_before_a_crash_is_stored(data, keys, guidelines, monkeypatch):
    monkeypatch.setattr(file_report, "PATIENCE_S", 60)  # however busy the machine is
    async with own_server(data, keys, guidelines) as (_, db, filer):
        answers = [
            filer.file(filing(subject=video(number % 50)), f"p{number}") for number in range(4000)
        ]
        await answers[600]
        kill(data)
        results = await asyncio.gather(*answers, return_exceptions=True)
        told = {receipt.parse(keys, result).digest for result in results if isinstance(result, str)}
        assert all(isinstance(result, str | IntakeAwayError) for result in results)
        async with db.transaction(Role.OWNER) as conn:
            stored = await stored_receipts(conn)
        assert told <= stored
        # It came back in time, so the reports that waited were tried again and none is lost.
        assert len(told) == len(stored) == 4000


@pytest.mark.slow
async def test_a_sender_is_told_when_the_database_stays_away(data, keys, guidelines, monkeypatch):
    monkeypatch.setattr(file_report, "PATIENCE_S", 0.5)
    async with own_server(data, keys, guidelines) as (server, _, filer):
        await filer.file(filing(), "anna")
        await asyncio.to_thread(server.stop)
        with pytest.raises(IntakeAwayError):
            await filer.file(filing(), "berta")
