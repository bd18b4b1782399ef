import json
from dataclasses import replace
from datetime import date, timedelta

import asyncpg
import pytest

from underseal.core.caller import Caller, KeyId, ModeratorRole, RoleMissingError
from underseal.flow.erase_identities import erase_identities
from underseal.flow.file_report import Filer
from underseal.flow.forget_reporter import forget_reporter
from underseal.flow.read_case import read_case
from underseal.flow.read_receipt import read_receipt
from underseal.flow.unseal import (
    AlreadyOpenedError,
    FalseIdentityError,
    IdentityDestroyedError,
    Named,
    NotApprovedError,
    ReasonTooShortError,
    ReporterNotHeardError,
    RequestRefusedError,
    RoundOpenError,
    SamePersonError,
    UnknownReporterError,
    UnknownRequestError,
    Word,
    WordInvalidError,
    approve_unsealing,
    open_unsealing,
    refuse_unsealing,
    request_unsealing,
)
from underseal.seal.escrow import IdentityNotOpenedError, seal_identity
from underseal.seal.escrow_key import new_private_key
from underseal.seal.keys import KeyRing, create
from underseal.seal.pseudonym import pseudonyms
from underseal.store.connection import session
from underseal.store.pool import Database, RoleNotOpenedError
from underseal.store.roles import Role

WHY = "order 5 Gs 12/26 of the court of Cologne"


@pytest.fixture
def escrow(stage, tmp_path):
    """The private escrow key of this test's Underseal."""
    private_key = create(tmp_path / "keys", stage.now.date())
    keys = KeyRing.load(tmp_path / "keys", stage.now.date())
    stage.system = replace(stage.system, keys=keys)
    return private_key


def caller(principal, role=ModeratorRole.LEAD) -> Caller:
    return Caller(key_id=KeyId("a" * 12), principal_id=principal, role=role, scopes=frozenset())


@pytest.fixture
async def lead(stage):
    return caller(await stage.moderator("lea", ModeratorRole.LEAD))


@pytest.fixture
async def auditor(stage):
    return caller(await stage.moderator("aude", ModeratorRole.AUDITOR), ModeratorRole.AUDITOR)


async def seen(stage, lead, case_id) -> dict[str, tuple[str, ...]]:
    """The aliases of a case with what each of them wrote."""
    file = await read_case(stage.system, case_id, lead, stage.now)
    return {each.alias: each.notes for each in file.reports}


@pytest.fixture
async def decided(stage, escrow, lead):
    """A comment that three people and a guest reported, and who is who in its case."""
    ref = await stage.comment()
    for name in ("anna", "bert", "cleo"):
        await stage.report(ref, "phishing", name, note=f"by {name}")
    await stage.report(ref, "phishing", None, note="by nobody")
    mona = await stage.moderator("mona")
    case_id = await stage.enqueue(ref)
    await stage.judge(mona, "remove", "phishing")
    return ref, await seen(stage, lead, case_id)


def named(ref, aliases, name: str) -> Named:
    alias = next(alias for alias, notes in aliases.items() if notes == (f"by {name}",))
    return Named(ref=ref, round=1, alias=alias)


async def opened(stage, escrow, who, lead, auditor) -> str:
    request = await request_unsealing(stage.system, who, WHY, lead, stage.now)
    await approve_unsealing(stage.system, request, auditor, stage.now)
    return await open_unsealing(stage.system, request, escrow, lead, stage.now)


@pytest.mark.parametrize("name", ["anna", "bert", "cleo"])
async def test_two_people_and_the_key_open_the_identity_that_was_asked_for(
    stage, escrow, decided, lead, auditor, name
):
    who = named(*decided, name)
    assert await opened(stage, escrow, who, lead, auditor) == name


async def test_each_step_is_in_the_ledger_and_none_names_the_reporter(
    stage, escrow, decided, lead, auditor
):
    await opened(stage, escrow, named(*decided, "anna"), lead, auditor)
    rows = await stage.rows("select body from events where kind = 'identity_opened' order by seq")
    events = [json.loads(row["body"]) for row in rows]
    assert [event["step"] for event in events] == ["requested", "approved", "opened"]
    assert [event["by"] for event in events] == [
        str(each.principal_id) for each in (lead, auditor, lead)
    ]
    assert {event["reason"] for event in events} == {WHY}
    anna = pseudonyms(stage.system.keys, stage.now.date(), "anna").current
    for row in rows:
        assert b"anna" not in row["body"]
        assert anna.hex().encode() not in row["body"]


async def test_nobody_agrees_to_what_they_asked_for(stage, escrow, decided, lead):
    request = await request_unsealing(stage.system, named(*decided, "anna"), WHY, lead, stage.now)
    with pytest.raises(SamePersonError):
        await approve_unsealing(stage.system, request, lead, stage.now)
    with pytest.raises(NotApprovedError):
        await open_unsealing(stage.system, request, escrow, lead, stage.now)


async def test_who_agreed_first_is_who_agreed(stage, escrow, decided, lead, auditor):
    request = await request_unsealing(stage.system, named(*decided, "anna"), WHY, lead, stage.now)
    await approve_unsealing(stage.system, request, auditor, stage.now)
    other = caller(await stage.moderator("adam", ModeratorRole.ADMIN), ModeratorRole.ADMIN)
    await approve_unsealing(stage.system, request, other, stage.now + timedelta(days=1))
    (row,) = await stage.rows("select approved_by, approved_at from unsealings")
    assert row == {"approved_by": auditor.principal_id, "approved_at": stage.now}


@pytest.mark.parametrize("role", [ModeratorRole.MODERATOR, None])
async def test_moderators_and_platforms_open_nothing(stage, escrow, decided, lead, auditor, role):
    outsider = caller(await stage.moderator("otto"), role)
    who = named(*decided, "anna")
    with pytest.raises(RoleMissingError):
        await request_unsealing(stage.system, who, WHY, outsider, stage.now)
    request = await request_unsealing(stage.system, who, WHY, lead, stage.now)
    with pytest.raises(RoleMissingError):
        await approve_unsealing(stage.system, request, outsider, stage.now)
    await approve_unsealing(stage.system, request, auditor, stage.now)
    with pytest.raises(RoleMissingError):
        await open_unsealing(stage.system, request, escrow, outsider, stage.now)


async def test_a_reason_says_something(stage, escrow, decided, lead):
    with pytest.raises(ReasonTooShortError):
        await request_unsealing(
            stage.system, named(*decided, "anna"), "court order".ljust(30), lead, stage.now
        )


async def test_who_has_no_account_has_no_identity(stage, escrow, decided, lead):
    with pytest.raises(UnknownReporterError):
        await request_unsealing(stage.system, named(*decided, "nobody"), WHY, lead, stage.now)
    ref, _ = decided
    for who in (
        Named(ref=ref, round=1, alias="Reporter 1"),
        Named(ref=ref, round=9, alias="Reporter A"),
    ):
        with pytest.raises(UnknownReporterError):
            await request_unsealing(stage.system, who, WHY, lead, stage.now)


async def test_while_a_round_is_open_an_alias_may_still_change_hands(stage, escrow, lead):
    ref = await stage.comment()
    await stage.report(ref, "phishing", "anna", note="by anna")
    aliases = await seen(stage, lead, await stage.enqueue(ref))
    with pytest.raises(RoundOpenError):
        await request_unsealing(stage.system, named(ref, aliases, "anna"), WHY, lead, stage.now)


@pytest.mark.slow
async def test_among_hundreds_of_reporters_the_one_that_was_read_is_the_one_that_is_opened(
    stage, escrow, lead, auditor
):
    ref = await stage.comment()
    await stage.report(ref, "phishing", *(f"p{number}" for number in range(300)))
    for name in ("anna", "bert", "cleo"):
        await stage.report(ref, "phishing", name, note=f"by {name}")
    mona = await stage.moderator("mona")
    case_id = await stage.enqueue(ref)
    await stage.judge(mona, "remove", "phishing")
    aliases = await seen(stage, lead, case_id)
    for name in ("anna", "bert", "cleo"):
        who = named(ref, aliases, name)
        assert await opened(stage, escrow, who, lead, auditor) == name


async def test_another_key_opens_nothing_and_nothing_is_noted(
    stage, escrow, decided, lead, auditor
):
    with pytest.raises(IdentityNotOpenedError):
        await opened(stage, new_private_key(), named(*decided, "anna"), lead, auditor)
    (row,) = await stage.rows("select opened_at from unsealings")
    assert row["opened_at"] is None


async def test_an_identity_that_was_exchanged_is_not_believed(
    stage, escrow, decided, lead, auditor, server, address
):
    anna = pseudonyms(stage.system.keys, stage.now.date(), "anna").current
    year = stage.now.year
    forged = seal_identity(escrow.public_key(), "dora", anna, year)
    async with session(address, server.passwords.login(Role.OWNER)) as owner:
        await owner.execute(
            "update vault.sealed_identities set sealed = $2 where pseudonym = $1", anna, forged
        )
    with pytest.raises(FalseIdentityError):
        await opened(stage, escrow, named(*decided, "anna"), lead, auditor)


async def test_a_forgotten_identity_is_destroyed_on_its_day_and_opens_no_more(
    stage, escrow, decided, lead, auditor
):
    last_day = await forget_reporter(stage.system, "anna", stage.now)
    stage.now += last_day - stage.now.date() - timedelta(days=1)
    assert await erase_identities(stage.system, stage.now) == 0
    assert await opened(stage, escrow, named(*decided, "anna"), lead, auditor) == "anna"
    stage.now += timedelta(days=1)
    assert stage.now.date() == last_day > date(2026, 11, 22)
    assert await erase_identities(stage.system, stage.now) == 1
    with pytest.raises(IdentityDestroyedError):
        await opened(stage, escrow, named(*decided, "anna"), lead, auditor)
    assert await opened(stage, escrow, named(*decided, "bert"), lead, auditor) == "bert"


async def test_a_request_that_was_never_made_is_unknown(stage, escrow, lead):
    for step in (
        approve_unsealing(stage.system, stage.system.new_id(), lead, stage.now),
        open_unsealing(stage.system, stage.system.new_id(), escrow, lead, stage.now),
    ):
        with pytest.raises(UnknownRequestError):
            await step


async def test_a_service_has_no_way_into_the_vault(stage, escrow, decided, lead, auditor, server):
    request = await request_unsealing(stage.system, named(*decided, "anna"), WHY, lead, stage.now)
    await approve_unsealing(stage.system, request, auditor, stage.now)
    serving = await Database.open(
        stage.system.db.address,
        server.passwords,
        {role: 1 for role in Role if role not in {Role.VAULT, Role.OWNER}},
    )
    with pytest.raises(RoleNotOpenedError):
        await open_unsealing(replace(stage.system, db=serving), request, escrow, lead, stage.now)
    await serving.close()


async def token_of(stage, ref, name: str, note: str) -> str:
    """The receipt of a report: the same report gives the same one."""
    async with Filer(
        stage.system.db, stage.system.keys, stage.system.guidelines, lambda: stage.now
    ) as filer:
        return await filer.file(stage.filing(ref, "phishing", note=note), name)


async def test_a_refused_request_is_over_whoever_refused_it(stage, escrow, decided, lead, auditor):
    for by, approved in ((lead, False), (auditor, False), (auditor, True)):
        who = named(*decided, "anna")
        request = await request_unsealing(stage.system, who, WHY, lead, stage.now)
        if approved:
            await approve_unsealing(stage.system, request, auditor, stage.now)
        await refuse_unsealing(stage.system, request, by, stage.now)
        await refuse_unsealing(stage.system, request, lead, stage.now + timedelta(days=1))
        (row,) = await stage.rows(
            "select refused_by, refused_at from unsealings where request_id = $1", request
        )
        assert row == {"refused_by": by.principal_id, "refused_at": stage.now}
        with pytest.raises(RequestRefusedError):
            await approve_unsealing(stage.system, request, auditor, stage.now)
        with pytest.raises(RequestRefusedError):
            await open_unsealing(stage.system, request, escrow, lead, stage.now)
    rows = await stage.rows("select body from events where kind = 'identity_opened' order by seq")
    steps = [json.loads(row["body"])["step"] for row in rows]
    assert steps == [*["requested", "refused"] * 2, "requested", "approved", "refused"]


async def test_what_was_opened_is_not_refused_afterwards(stage, escrow, decided, lead, auditor):
    request = await request_unsealing(stage.system, named(*decided, "anna"), WHY, lead, stage.now)
    await approve_unsealing(stage.system, request, auditor, stage.now)
    await open_unsealing(stage.system, request, escrow, lead, stage.now)
    with pytest.raises(AlreadyOpenedError):
        await refuse_unsealing(stage.system, request, auditor, stage.now)


@pytest.mark.parametrize("role", [ModeratorRole.MODERATOR, None])
async def test_who_may_not_ask_may_not_refuse(stage, escrow, decided, lead, role):
    request = await request_unsealing(stage.system, named(*decided, "anna"), WHY, lead, stage.now)
    with pytest.raises(RoleMissingError):
        await refuse_unsealing(stage.system, request, caller(lead.principal_id, role), stage.now)
    with pytest.raises(UnknownRequestError):
        await refuse_unsealing(stage.system, stage.system.new_id(), lead, stage.now)


@pytest.fixture
async def receipts(stage, escrow, lead):
    """A comment that Anna and Bert reported, decided; their receipts, and who is who."""
    ref = await stage.comment()
    tokens = {name: await token_of(stage, ref, name, f"by {name}") for name in ("anna", "bert")}
    mona = await stage.moderator("mona")
    case_id = await stage.enqueue(ref)
    await stage.judge(mona, "remove", "phishing")
    await stage.tick()
    return ref, await seen(stage, lead, case_id), tokens


async def words(stage, token: str) -> list[tuple[str, bool]]:
    view = await read_receipt(stage.system, token, stage.now)
    return [(each.word, each.is_refused) for each in view.words]


async def test_a_reporter_who_is_told_first_has_their_time_to_answer(
    stage, escrow, receipts, lead, auditor
):
    *case, tokens = receipts
    word = Word(text="A court asks who you are. Write to law@platform.example.", wait_days=14)
    request = await request_unsealing(
        stage.system, named(*case, "anna"), WHY, lead, stage.now, word=word
    )
    await approve_unsealing(stage.system, request, auditor, stage.now)
    assert await words(stage, tokens["anna"]) == []
    asked_at = stage.now
    await stage.tick()
    assert await words(stage, tokens["anna"]) == [(word.text, False)]
    assert await words(stage, tokens["bert"]) == []
    for days in (0, 13.99):
        with pytest.raises(ReporterNotHeardError, match="may answer until 2026-12-06"):
            await open_unsealing(
                stage.system, request, escrow, lead, asked_at + timedelta(days=days)
            )
    (row,) = await stage.rows("select opened_at from unsealings")
    assert row["opened_at"] is None
    later = asked_at + timedelta(days=14)
    assert await open_unsealing(stage.system, request, escrow, lead, later) == "anna"
    rows = await stage.rows("select body from events where kind = 'identity_opened' order by seq")
    assert {json.loads(row["body"])["word"] for row in rows} == {word.text}


async def test_a_reporter_reads_that_nobody_opened_it_after_all(stage, receipts, lead):
    *case, tokens = receipts
    request = await request_unsealing(
        stage.system,
        named(*case, "bert"),
        WHY,
        lead,
        stage.now,
        word=Word(text="a word", wait_days=1),
    )
    await refuse_unsealing(stage.system, request, lead, stage.now)
    await stage.tick()
    assert await words(stage, tokens["bert"]) == [("a word", True)]


@pytest.mark.parametrize(
    ("text", "days"), [("", 14), (" \n", 14), ("x" * 2001, 14), ("x", 0), ("x", -1), ("x", 91)]
)
def test_a_word_says_something_and_leaves_time(text, days):
    with pytest.raises(WordInvalidError):
        Word(text=text, wait_days=days)


async def test_the_database_itself_opens_nothing_without_a_second_person_or_too_early(
    stage, receipts, lead, auditor
):
    *case, _ = receipts
    word = Word(text="a word", wait_days=14)
    request = await request_unsealing(
        stage.system, named(*case, "anna"), WHY, lead, stage.now, word=word
    )
    for change in (
        "opened_at = requested_at + interval '20 days'",
        "approved_by = requested_by, approved_at = requested_at",
        "approved_by = $2, approved_at = requested_at, opened_at = requested_at",
        "approved_by = $2, approved_at = requested_at, opened_at = opens_from, refused_by = $2, refused_at = requested_at",
    ):
        given = (request, auditor.principal_id) if "$2" in change else (request,)
        with pytest.raises(asyncpg.CheckViolationError):
            async with stage.system.db.transaction(Role.CORE) as conn:
                await conn.execute(
                    f"update unsealings set {change} where request_id = $1",
                    *given,
                )
