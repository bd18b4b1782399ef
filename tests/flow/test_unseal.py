"""Break-glass, before anything leaves the server: who asks, who agrees, who refuses, who is told."""

from datetime import timedelta

import pytest
from break_glass import WHY, caller, events, named, read, seen, steps

from underseal.core.caller import ModeratorRole, RoleMissingError
from underseal.flow.approve_unsealing import SamePersonError, approve_unsealing
from underseal.flow.file_report import Filer
from underseal.flow.read_receipt import read_receipt
from underseal.flow.refuse_unsealing import refuse_unsealing
from underseal.flow.request_unsealing import (
    Named,
    ReasonTooShortError,
    RoundOpenError,
    UnknownReporterError,
    Word,
    WordInvalidError,
    request_unsealing,
)
from underseal.flow.take_identity import NotApprovedError, ReporterNotHeardError, take_identity
from underseal.flow.unsealing import RequestRefusedError, UnknownRequestError


async def test_nobody_agrees_to_what_they_asked_for(stage, escrow, decided, lead):
    request = await request_unsealing(stage.system, named(*decided, "anna"), WHY, lead, stage.now)
    with pytest.raises(SamePersonError):
        await approve_unsealing(stage.system, request, lead, stage.now)
    with pytest.raises(NotApprovedError):
        await take_identity(stage.system, request, lead, stage.now)


async def test_who_agreed_first_is_who_agreed(stage, escrow, decided, lead, auditor):
    request = await request_unsealing(stage.system, named(*decided, "anna"), WHY, lead, stage.now)
    await approve_unsealing(stage.system, request, auditor, stage.now)
    other = caller(await stage.moderator("adam", ModeratorRole.ADMIN), ModeratorRole.ADMIN)
    await approve_unsealing(stage.system, request, other, stage.now + timedelta(days=1))
    (row,) = await stage.rows("select approved_by, approved_at from unsealings")
    assert row == {"approved_by": auditor.principal_id, "approved_at": stage.now}


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
            await take_identity(stage.system, request, lead, stage.now)
    assert await steps(stage) == [*["requested", "refused"] * 2, "requested", "approved", "refused"]


@pytest.mark.parametrize("role", [ModeratorRole.MODERATOR, None])
async def test_who_may_not_ask_may_not_refuse(stage, escrow, decided, lead, role):
    request = await request_unsealing(stage.system, named(*decided, "anna"), WHY, lead, stage.now)
    with pytest.raises(RoleMissingError):
        await refuse_unsealing(stage.system, request, caller(lead.principal_id, role), stage.now)
    with pytest.raises(UnknownRequestError):
        await refuse_unsealing(stage.system, stage.system.new_id(), lead, stage.now)


async def token_of(stage, ref, name: str, note: str) -> str:
    """The receipt of a report: the same report gives the same one."""
    async with Filer(
        stage.system.db, stage.system.keys, stage.system.guidelines, lambda: stage.now
    ) as filer:
        return await filer.file(stage.filing(ref, "phishing", note=note), name)


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
            await take_identity(stage.system, request, lead, asked_at + timedelta(days=days))
    assert await steps(stage) == ["requested", "approved"]
    later = asked_at + timedelta(days=14)
    assert read(escrow, await take_identity(stage.system, request, lead, later)) == "anna"
    assert {each["word"] for each in await events(stage)} == {word.text}


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
