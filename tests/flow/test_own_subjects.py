"""What belongs to a moderator's own account is not there for them, and nobody reads whose it is."""

import pytest
from drafting import REMOVE, decided, draft, hire, take
from staging import account

from underseal.core.caller import ModeratorRole, PrincipalId
from underseal.core.case import NotLeasedError
from underseal.core.draft import UNDO_TIME
from underseal.core.person import OWN_ACCOUNTS_MAX, Person, TooManyAccountsError
from underseal.core.subject import InvalidExternalIdError
from underseal.flow.ask_colleague import ask_colleague, read_exchange
from underseal.flow.change_people import dismiss_person, read_team
from underseal.flow.confirm_charge import UnknownChargeError, end_charge, read_charges
from underseal.flow.confirm_draft import confirm_draft, read_unconfirmed
from underseal.flow.decide import UnknownCaseError, decide
from underseal.flow.declare_account import count_accounts, declare_account, forget_accounts
from underseal.flow.draft_bulk import draft_bulk, read_bulk
from underseal.flow.draft_decision import UnknownDraftError, settle_drafts
from underseal.flow.invite import UnknownPersonError
from underseal.flow.list_queue import Filters, list_queue
from underseal.flow.read_case import explain_case, read_case
from underseal.flow.review_case import review_case
from underseal.flow.take_case import read_queue, take_one
from underseal.flow.watch_case import watch_case


@pytest.fixture
async def mona(stage) -> Person:
    return await hire(stage, "mona")


@pytest.fixture
async def lea(stage) -> Person:
    return await hire(stage, "lea", ModeratorRole.LEAD)


async def declare(stage, person: Person, name: str = "carl", by: Person | None = None) -> None:
    await declare_account(stage.system, by or person, person.principal_id, name, stage.now)


async def test_what_belongs_to_an_account_of_their_own_is_given_to_somebody_else(stage, mona):
    await declare(stage, mona)
    whole = await stage.enqueue(account("carl")) if await stage.comment("c1") else None
    case_id = await stage.enqueue(await stage.comment("c1"), rate=9)
    assert await take(stage, mona) is None
    for each in (case_id, whole):
        with pytest.raises(NotLeasedError):
            await take_one(stage.system, each, mona.principal_id, stage.now)
    assert (await take(stage, await hire(stage, "nils"))).case_id == case_id


async def test_what_belongs_to_somebody_else_is_given_as_ever(stage, mona):
    await declare(stage, mona, "mona at home")
    case_id = await stage.enqueue(await stage.comment())
    assert (await take(stage, mona)).case_id == case_id


async def test_for_a_lead_such_a_case_is_as_one_that_is_not_there(stage, lea):
    await declare(stage, lea)
    case_id = await stage.enqueue(await stage.comment())
    nobody = stage.system.new_id()
    for look in (read_case, review_case, watch_case, explain_case):
        for each in (case_id, nobody):
            with pytest.raises(UnknownCaseError):
                await look(stage.system, each, lea, stage.now)
    view = await list_queue(stage.system, lea, Filters(), None, stage.now)
    assert (view.items, view.lanes) == ((), ())
    await take(stage, await hire(stage, "nils"))
    view = await list_queue(stage.system, lea, Filters(), None, stage.now)
    assert view.others == ()


async def test_the_queue_counts_it_for_others_and_not_for_them(stage, mona, lea):
    await declare(stage, mona)
    await stage.enqueue(await stage.comment())
    assert await read_queue(stage.system, mona.principal_id) == ()
    assert [each.waiting for each in await read_queue(stage.system, lea.principal_id)] == [1]


async def test_what_they_had_when_they_declared_it_they_do_not_decide(stage, mona):
    case_id = await stage.enqueue(await stage.comment())
    await take(stage, mona)
    await declare(stage, mona)
    with pytest.raises(UnknownCaseError):
        await draft(stage, mona, case_id)
    with pytest.raises(UnknownCaseError):
        await decide(stage.system, case_id, mona.principal_id, REMOVE, stage.now)


async def test_a_draft_that_was_under_way_goes_back_to_the_queue(stage, mona):
    case_id = await stage.enqueue(await stage.comment())
    await take(stage, mona)
    await draft(stage, mona, case_id)
    await declare(stage, mona)
    stage.now += UNDO_TIME
    await settle_drafts(stage.system, stage.now)
    assert await decided(stage) == []
    assert (await take(stage, await hire(stage, "nils"))).case_id == case_id


async def test_they_are_no_second_person_for_it(stage, mona):
    nils = await hire(stage, "nils")
    await declare(stage, nils)
    await stage.comment()
    case_id = await stage.enqueue(account("carl"))
    await take(stage, mona)
    made = await draft(stage, mona, case_id)
    assert await read_unconfirmed(stage.system, nils) == ()
    with pytest.raises(UnknownDraftError):
        await confirm_draft(stage.system, made.id, nils, stage.now)


async def test_nor_for_what_is_said_of_its_reporters(stage, mona):
    nils = await hire(stage, "nils")
    await declare(stage, nils)
    charged = await stage.decide(
        await stage.comment(), mona.principal_id, "no_violation", finding="manifestly_unfounded"
    )
    assert await read_charges(stage.system, nils, stage.now) == ()
    with pytest.raises(UnknownChargeError):
        await end_charge(stage.system, charged, nils.principal_id, is_right=True, now=stage.now)


async def test_a_colleague_who_asks_does_not_tell_them_of_it(stage, mona, lea):
    await declare(stage, lea)
    case_id = await stage.enqueue(await stage.comment())
    await take(stage, mona)
    await ask_colleague(
        stage.system, case_id, mona, ModeratorRole.LEAD, "is that satire?", now=stage.now
    )
    assert (await read_exchange(stage.system, lea)).put_to == ()
    with pytest.raises(UnknownCaseError):
        await read_case(stage.system, case_id, lea, stage.now)
    olga = await hire(stage, "olga", ModeratorRole.LEAD)
    assert len((await read_exchange(stage.system, olga)).put_to) == 1


async def test_in_a_bulk_it_is_as_one_that_is_not_there(stage, lea):
    await declare(stage, lea)
    own = await stage.enqueue(await stage.comment("own"))
    other = await stage.enqueue(await stage.comment("other", creator="dora"))
    view = await read_bulk(
        stage.system, [own, other], [own, other], lea, None, language="en", now=stage.now
    )
    assert [each.case.case_id for each in view.items] == [other]
    sent = await draft_bulk(stage.system, [own, other], lea, REMOVE, stage.now)
    assert (sent.count, sent.left_out) == (1, ())


async def test_only_an_admin_has_them_forgotten_and_both_is_on_record(stage, mona):
    adam = await hire(stage, "adam", ModeratorRole.ADMIN)
    await declare(stage, mona, by=adam)
    await declare(stage, mona, " carl ")
    assert await count_accounts(stage.system) == {mona.principal_id: 1}
    case_id = await stage.enqueue(await stage.comment())
    await forget_accounts(stage.system, adam, mona.principal_id, stage.now)
    assert (await take(stage, mona)).case_id == case_id
    events = [(each.kind, each.name, each.by) for each in (await read_team(stage.system)).events]
    assert sorted(events) == [
        ("account_declared", "mona", "adam"),
        ("accounts_forgotten", "mona", "adam"),
    ]


async def test_what_is_no_account_and_what_is_too_many_is_refused(stage, mona):
    for name in ("", "  ", "x" * 513):
        with pytest.raises(InvalidExternalIdError):
            await declare(stage, mona, name)
    for number in range(OWN_ACCOUNTS_MAX):
        await declare(stage, mona, f"mona{number}")
    with pytest.raises(TooManyAccountsError):
        await declare(stage, mona, "one more")
    with pytest.raises(UnknownPersonError):
        await declare_account(
            stage.system, mona, PrincipalId(stage.system.new_id()), "x", stage.now
        )


async def test_the_rows_of_two_people_with_the_same_account_have_nothing_in_common(stage, mona):
    nils = await hire(stage, "nils")
    await declare(stage, mona)
    await declare(stage, nils)
    await declare(stage, nils, "a much longer name than that of the other account")
    rows = [row["account"] for row in await stage.rows("select account from own_accounts")]
    assert len({bytes(row) for row in rows}) == 3
    assert len({len(row) for row in rows}) == 1
    assert all(account("carl").subject_id.bytes not in row for row in rows)


async def test_who_is_dismissed_leaves_no_accounts(stage, mona):
    adam = await hire(stage, "adam", ModeratorRole.ADMIN)
    await declare(stage, mona)
    await dismiss_person(stage.system, adam, mona.principal_id, stage.now)
    assert await stage.rows("select from own_accounts") == []
