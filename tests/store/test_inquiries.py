from datetime import UTC, date, datetime
from hashlib import sha256
from uuid import UUID, uuid4

import asyncpg
import pytest

from underseal.core.caller import PrincipalId
from underseal.core.guideline import GuidelineId
from underseal.core.inquiry import InquiryId
from underseal.core.report import Tag
from underseal.core.subject import SubjectKind, SubjectRef
from underseal.store.cases import CaseId
from underseal.store.connection import session
from underseal.store.inquiries import (
    AskedAbout,
    add_answer,
    add_inquiry,
    on_subject,
    tell_answers,
    to_reporter,
)
from underseal.store.roles import Role

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
VIDEO = SubjectRef(kind=SubjectKind.VIDEO, external_id="v1").subject_id
MONA = PrincipalId(UUID(int=7))
ANNA, BERT = Tag(b"a" * 32), Tag(b"b" * 32)
CASES = {1: CaseId(UUID(int=1)), 3: CaseId(UUID(int=3))}


def about(tag: Tag = ANNA, guideline: str = "spam") -> AskedAbout:
    return AskedAbout(subject_id=VIDEO, round=1, guideline=GuidelineId(guideline), tag=tag)


@pytest.fixture(autouse=True)
async def _reported(server, address):
    """Two people's reports of a video, cases in its rounds 1 and 3, and who has them."""
    async with session(address, server.embedded.superuser()) as conn:
        await conn.execute("set session_replication_role = replica")
        for round_, case_id in CASES.items():
            await conn.execute(
                "insert into underseal.cases (case_id, subject_id, round, version, kind, state, lane, "
                "because, opened_on) values ($1, $2, $3, 1, 'review', 'queued', 'ordinary', '', $4)",
                case_id,
                VIDEO,
                round_,
                NOW.date(),
            )
        await conn.execute(
            "insert into underseal.principals (principal_id, name, kind, role, added_on) "
            "values ($1, 'mona', 'moderator', 'moderator', $2)",
            MONA,
            NOW.date(),
        )
        for tag, guideline in ((ANNA, "spam"), (ANNA, "phishing"), (BERT, "spam")):
            await conn.execute(
                "insert into underseal.reports (subject_id, round, guideline, tag, taxonomy, "
                "reported_in, moments, content, is_notice, may_be_guessed, after_outcome, receipt, "
                "sealed) values ($1, 1, $2, $3, '1', $4, '{}', $3, false, false, false, $5, $3)",
                VIDEO,
                guideline,
                tag,
                date(2026, 10, 1),
                sha256(tag + guideline.encode()).digest(),
            )


@pytest.fixture
def ask(database):
    """Asks something in a case; tells whether it was asked."""

    async def send(given: AskedAbout, round_: int = 1) -> tuple[InquiryId, bool]:
        inquiry_id = InquiryId(uuid4())
        async with database.transaction(Role.CONSOLE) as conn:
            is_asked = await add_inquiry(
                conn, inquiry_id, CASES[round_], given, b"question", by=MONA, at=NOW
            )
        return inquiry_id, is_asked

    return send


@pytest.fixture
def answer(database):
    async def send(inquiry_id: InquiryId, text: bytes = b"answer") -> bool:
        async with database.transaction(Role.CORE) as conn:
            return await add_answer(conn, inquiry_id, text)

    return send


@pytest.fixture
def tick(database):
    async def run() -> None:
        async with database.transaction(Role.CORE) as conn:
            await tell_answers(conn)

    return run


async def test_one_question_is_open_a_reporter_and_case(ask, answer, tick):
    first, is_asked = await ask(about())
    assert is_asked
    assert [
        (await ask(about(guideline="phishing")))[1],
        (await ask(about(BERT)))[1],
        (await ask(about(), round_=3))[1],
    ] == [False, True, True]
    await answer(first)
    assert not (await ask(about()))[1]
    await tick()
    assert (await ask(about()))[1]


async def test_moderators_read_an_answer_when_a_tick_has_told_it(database, ask, answer, tick):
    inquiry_id, _ = await ask(about())
    await answer(inquiry_id)

    async def read() -> list[tuple]:
        async with database.transaction(Role.CONSOLE) as conn:
            return [(each.is_answered, each.answer) for each in await on_subject(conn, VIDEO)]

    assert await read() == [(False, None)]
    await tick()
    assert await read() == [(True, b"answer")]


async def test_who_moderates_cannot_read_an_answer_before_nor_write_one(database, ask, answer):
    inquiry_id, _ = await ask(about())
    await answer(inquiry_id)
    for role, statement in (
        (Role.CONSOLE, "select 1 from inquiry_answers"),
        (Role.CONSOLE, "insert into inquiry_answers select * from told_answers"),
        (Role.CONSOLE, "update inquiries set is_answered = true"),
        (Role.CORE, "insert into inquiries select * from inquiries"),
        (Role.CORE, "update inquiries set asked_by = asked_by"),
        (Role.INTAKE, "select 1 from told_answers"),
        (Role.CREATOR, "select 1 from inquiries"),
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.transaction(role) as conn:
                await conn.execute(statement)


async def test_an_answer_is_given_once(database, ask, answer):
    inquiry_id, _ = await ask(about())
    assert [await answer(inquiry_id), await answer(inquiry_id, b"another")] == [True, False]
    async with database.transaction(Role.CORE) as conn:
        (found,) = await to_reporter(conn, VIDEO, [1], ANNA)
    assert found.answer == b"answer"


async def test_a_reporter_finds_what_they_are_asked_about_any_report_of_a_round(database, ask):
    inquiry_id, _ = await ask(about(guideline="phishing"))
    later, _ = await ask(about(), round_=3)
    await ask(about(BERT))
    async with database.transaction(Role.CORE) as conn:
        found = await to_reporter(conn, VIDEO, [1], ANNA)
        assert await to_reporter(conn, VIDEO, [2], ANNA) == ()
    assert {(each.inquiry_id, each.asked_in) for each in found} == {(inquiry_id, 1), (later, 3)}


async def test_nobody_is_asked_about_what_they_have_not_reported(ask):
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await ask(about(guideline="bullying"))
