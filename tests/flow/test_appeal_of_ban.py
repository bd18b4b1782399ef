"""An appeal against a ban: neither who decided it has a part in it, nor who confirmed that."""

import asyncpg
import pytest
from drafting import CLEAR, REMOVE, ban, draft, hire
from staging import account

from underseal.core.case import CaseKind, NotLeasedError, SameModeratorError
from underseal.core.person import Person
from underseal.flow.confirm_charge import end_charge, read_charges
from underseal.flow.confirm_draft import confirm_draft, read_unconfirmed, return_draft
from underseal.flow.decide import Submission
from underseal.flow.draft_decision import settle_drafts
from underseal.flow.open_appeal import open_appeals
from underseal.flow.read_case import read_case
from underseal.flow.take_case import take_case
from underseal.store.appeals import waiting_appeals
from underseal.store.roles import Role

REASONS = "Somebody else has looked at it again, and this is why."
CARL = account("carl")
AGAIN = Submission(verdict=REMOVE.verdict, observed=REMOVE.observed, reasons=REASONS)


@pytest.fixture
async def people(stage) -> list[Person]:
    """Mona, who bans Carl, Nils, who confirms it, and two others."""
    return [await hire(stage, name) for name in ("mona", "nils", "olga", "paul")]


@pytest.fixture
async def banned(stage, people):
    """The ban, and Carl's appeal against it, which waits to be opened."""
    mona, nils, *_ = people
    await stage.comment()
    await stage.report(CARL, "phishing", "anna")
    await ban(stage, CARL, mona, nils)
    (read,) = await stage.statements()
    await stage.appeal(read.statement.id)


@pytest.fixture
async def case_id(stage, banned):
    """The case of the appeal."""
    await open_appeals(stage.system, stage.now)
    (row,) = await stage.rows("select case_id from cases where kind = 'appeal'")
    return row["case_id"]


async def take_appeal(stage, person: Person):
    return await take_case(stage.system, person.principal_id, CaseKind.APPEAL, stage.now)


async def test_a_decision_tells_who_confirmed_it_and_so_does_the_ledger(stage, people, banned):
    mona, nils, *_ = people
    (row,) = await stage.rows("select decided_by, confirmed_by from decisions")
    assert row == {"decided_by": mona.principal_id, "confirmed_by": nils.principal_id}
    (event,) = await stage.rows("select body from events where kind = 'decided'")
    assert f'"confirmed_by":"{nils.principal_id}"'.encode() in bytes(event["body"])


async def test_neither_of_the_two_who_banned_gets_the_appeal(stage, people, case_id):
    mona, nils, olga, _ = people
    assert await take_appeal(stage, mona) is None
    assert await take_appeal(stage, nils) is None
    assert (await take_appeal(stage, olga)).case_id == case_id


async def test_who_may_not_hear_an_appeal_is_told_before_and_after_it_is_opened(stage, banned):
    for opened in range(2):
        async with stage.system.db.transaction(Role.CONSOLE) as conn:
            (waiting,) = await waiting_appeals(conn, 1)
        assert waiting.barred == ("mona", "nils")
        assert (waiting.case_id is not None) == bool(opened)
        await open_appeals(stage.system, stage.now)


async def test_who_confirmed_a_ban_does_not_decide_the_appeal_whoever_lets_them(
    stage, people, case_id
):
    _, nils, *_ = people
    async with stage.system.db.transaction(Role.CORE) as conn:
        await conn.execute("update cases set not_for = '{}'")
    assert (await take_appeal(stage, nils)).case_id == case_id
    with pytest.raises(SameModeratorError):
        await stage.submit(case_id, nils.principal_id, "no_violation", reasons=REASONS)
    with pytest.raises(SameModeratorError):
        await draft(stage, nils, case_id, AGAIN)


async def test_neither_of_the_two_confirms_a_ban_that_is_upheld(stage, people, case_id):
    mona, nils, olga, paul = people
    await take_appeal(stage, olga)
    made = await draft(stage, olga, case_id, AGAIN)
    for barred in (mona, nils):
        assert await read_unconfirmed(stage.system, barred) == ()
        with pytest.raises(SameModeratorError):
            await confirm_draft(stage.system, made.id, barred, stage.now)
        with pytest.raises(SameModeratorError):
            await return_draft(stage.system, made.id, barred, "no", stage.now)
        with pytest.raises(NotLeasedError):
            await read_case(stage.system, case_id, barred, stage.now)
    assert [each.draft_id for each in await read_unconfirmed(stage.system, paul)] == [made.id]
    assert (await read_case(stage.system, case_id, paul, stage.now)).case.case_id == case_id
    await confirm_draft(stage.system, made.id, paul, stage.now)
    stage.now = made.final_at
    assert await settle_drafts(stage.system, stage.now) == 1
    (row,) = await stage.rows(
        "select decided_by, confirmed_by from decisions where kind = 'appeal'"
    )
    assert row == {"decided_by": olga.principal_id, "confirmed_by": paul.principal_id}


async def test_a_draft_that_one_of_the_two_has_confirmed_after_all_is_refused(
    stage, people, case_id
):
    _, nils, olga, _ = people
    await take_appeal(stage, olga)
    made = await draft(stage, olga, case_id, AGAIN)
    async with stage.system.db.transaction(Role.CORE) as conn:
        await conn.execute("update drafts set confirmed_by = $1, state = 'pending' "
                           "where draft_id = $2", nils.principal_id, made.id)  # fmt: skip
    stage.now = made.final_at
    await settle_drafts(stage.system, stage.now)
    (row,) = await stage.rows("select state, word from drafts where draft_id = $1", made.id)
    assert row == {"state": "refused", "word": "somebody else must decide this appeal"}


async def test_neither_of_the_two_confirms_that_the_reports_were_made_up(stage, people, case_id):
    mona, nils, olga, paul = people
    await take_appeal(stage, olga)
    decision_id = await stage.submit(
        case_id,
        olga.principal_id,
        "no_violation",
        finding="manifestly_unfounded",
        reasons=REASONS,
    )
    for barred in (mona, nils):
        assert await read_charges(stage.system, barred, stage.now) == ()
        with pytest.raises(NotLeasedError):
            await read_case(stage.system, case_id, barred, stage.now)
        with pytest.raises(SameModeratorError):
            await end_charge(
                stage.system, decision_id, barred.principal_id, is_right=True, now=stage.now
            )
    assert len(await read_charges(stage.system, paul, stage.now)) == 1


INSERT = """
    insert into decisions (decision_id, subject_id, round, version, kind, outcome,
        guidelines_version, finding, automation, decided_by, confirmed_by, reviews, first_deciders,
        reasons, decided_at)
    select gen_random_uuid(), subject_id, 9, 1, 'appeal', 'no_violation', guidelines_version,
        'no_violation', 'not_automated', $1, $2, decision_id, $3, 'because', decided_at
    from decisions"""


async def test_the_database_lets_neither_of_the_two_take_part(stage, people, case_id):
    mona, nils, olga, paul = (each.principal_id for each in people)
    both = [mona, nils]
    for decider, second in ((mona, None), (nils, None), (olga, mona), (olga, nils)):
        for told in (both, [mona], [nils], [paul], [], None):  # the truth, or any lie about it
            with pytest.raises(asyncpg.IntegrityConstraintViolationError):
                async with stage.system.db.transaction(Role.CORE) as conn:
                    await conn.execute(INSERT, decider, second, told)
    async with stage.system.db.transaction(Role.CORE) as conn:
        await conn.execute(INSERT, olga, paul, both)


async def test_a_granted_appeal_needs_no_second_person(stage, people, case_id):
    _, _, olga, _ = people
    await take_appeal(stage, olga)
    cleared = Submission(verdict=CLEAR.verdict, reasons=REASONS)
    made = await draft(stage, olga, case_id, cleared)
    assert not made.needs_second
