"""Several cases decided together: by two people, each by itself, none lost and none twice."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest
from drafting import CLEAR, REMOVE, UNFOUNDED, decided, draft, hire, take
from staging import account

from underseal.core.caller import ModeratorRole
from underseal.core.draft import (
    BULK_MAX,
    CONFIRM_TIME,
    UNDO_TIME,
    BulkSizeError,
    DraftEndedError,
    LeadMissingError,
    OneByOneError,
    SecondPersonError,
)
from underseal.core.person import Person
from underseal.flow.confirm_draft import (
    confirm_bulk,
    confirm_draft,
    read_unconfirmed,
    return_bulk,
)
from underseal.flow.decision_desk import note_read, read_tray
from underseal.flow.draft_bulk import draft_bulk, read_bulk
from underseal.flow.draft_decision import settle_drafts, undo_draft
from underseal.flow.take_case import release_case, take_one
from underseal.store.roles import Role


@pytest.fixture
async def lea(stage) -> Person:
    return await hire(stage, "lea", ModeratorRole.LEAD)


@pytest.fixture
async def mona(stage) -> Person:
    return await hire(stage, "mona")


@pytest.fixture
async def three(stage):
    """Three comments that wait."""
    return [await stage.enqueue(await stage.comment(f"c{n}"), rate=9 - n) for n in range(3)]


async def together(stage, person: Person, chosen, given=REMOVE):
    return await draft_bulk(stage.system, chosen, person, given, stage.now)


async def waiting(stage, person: Person):
    return [each.draft_id for each in await read_unconfirmed(stage.system, person)]


async def confirm(stage, person: Person, chosen=None) -> None:
    shown = await waiting(stage, person)
    await confirm_bulk(stage.system, shown, shown if chosen is None else chosen, person, stage.now)


async def settle(stage) -> int:
    stage.now += UNDO_TIME
    return await settle_drafts(stage.system, stage.now)


async def test_nothing_is_decided_until_a_second_person_has_confirmed(stage, lea, mona, three):
    sent = await together(stage, lea, three)
    assert (sent.count, sent.left_out) == (3, ())
    stage.now += timedelta(hours=1)
    assert await settle(stage) == 0
    assert await take(stage, mona) is None
    assert await waiting(stage, lea) == []
    shown = await waiting(stage, mona)
    with pytest.raises(SecondPersonError):
        await confirm_bulk(stage.system, shown, shown, lea, stage.now)
    await confirm(stage, mona)
    assert await settle(stage) == 3
    assert [row["outcome"] for row in await decided(stage)] == ["remove"] * 3


async def test_each_case_has_a_decision_a_statement_and_an_event_of_its_own(
    stage, lea, mona, three
):
    await together(stage, lea, three)
    await confirm(stage, mona)
    await settle(stage)
    await stage.tick()
    statements = await stage.statements()
    assert len({read.statement.id for read in statements}) == len(three)
    rows = await stage.rows("select distinct subject_id from events where kind = 'decided'")
    assert len(rows) == len(three)
    rows = await stage.rows("select decision_id, decided_by from decisions")
    assert {row["decided_by"] for row in rows} == {lea.principal_id}
    assert len(rows) == len(three)


async def test_one_of_the_two_is_a_lead(stage, lea, mona, three):
    nils = await hire(stage, "nils")
    await together(stage, mona, three)
    assert await waiting(stage, nils) == []
    shown = await waiting(stage, lea)
    with pytest.raises(LeadMissingError):
        await confirm_bulk(stage.system, shown, shown, nils, stage.now)
    with pytest.raises(LeadMissingError):
        await confirm_draft(stage.system, shown[0], nils, stage.now)
    await confirm(stage, lea)
    assert await settle(stage) == 3


async def test_what_somebody_else_has_or_has_decided_is_left_out_and_named(stage, lea, mona, three):
    await take_one(stage.system, three[0], mona.principal_id, stage.now)
    await take_one(stage.system, three[1], mona.principal_id, stage.now)
    await draft(stage, mona, three[1])
    sent = await together(stage, lea, three)
    assert sent.count == 1
    assert {each.case.case_id for each in sent.left_out} == set(three[:2])
    assert all("somebody else" in each.why_not for each in sent.left_out)


async def test_what_no_longer_fits_when_it_is_settled_is_named_and_the_rest_is_decided(
    stage, lea, mona
):
    film = await stage.video()
    await stage.scan(film)
    cases = [await stage.enqueue(film), await stage.enqueue(await stage.comment())]
    await together(stage, lea, cases)
    await confirm(stage, mona)
    await stage.change(film)
    assert await settle(stage) == 2
    assert len(await decided(stage)) == 1
    (back,) = (await read_tray(stage.system, lea, stage.now)).came_back
    assert (back.case_id, back.subject) == (cases[0], film)
    assert "changed" in back.word


async def test_a_guideline_that_does_not_fit_leaves_a_case_out(stage, lea):
    comment = await stage.enqueue(await stage.comment())
    person = await stage.enqueue(account("carl"))
    guidelines = stage.system.guidelines
    one = next(
        each.id
        for each in guidelines.by_id.values()
        if "comment" in each.subjects and "account" not in each.subjects
    )
    given = replace(REMOVE, verdict=replace(REMOVE.verdict, guideline=one), observed=())
    sent = await together(stage, lea, [comment, person], given)
    assert [each.case.case_id for each in sent.left_out] == [person]
    # … and is as free as before.
    assert (await take(stage, await hire(stage, "nils"))).case_id == person


async def test_the_second_person_leaves_one_out_and_it_is_back_in_the_queue(
    stage, lea, mona, three
):
    await together(stage, lea, three)
    by_case = {each.case_id: each.draft_id for each in await read_unconfirmed(stage.system, mona)}
    await confirm(stage, mona, [by_case[three[0]], by_case[three[1]]])
    assert (await take(stage, await hire(stage, "nils"))).case_id == three[2]
    assert await settle(stage) == 2
    (back,) = (await read_tray(stage.system, lea, stage.now)).came_back
    assert (back.case_id, back.is_returned, back.together) == (three[2], True, 1)


async def test_what_is_returned_comes_back_as_one_with_the_word(stage, lea, mona, three):
    await together(stage, lea, three)
    await return_bulk(stage.system, await waiting(stage, mona), mona, "look again", stage.now)
    (back,) = (await read_tray(stage.system, lea, stage.now)).came_back
    assert (back.together, back.word) == (3, "mona: look again")
    await note_read(stage.system, back.draft_id, lea)
    assert (await read_tray(stage.system, lea, stage.now)).came_back == ()
    assert (await take(stage, mona)).case_id == three[0]


async def test_two_second_persons_at_once_confirm_it_once(stage, lea, mona, three):
    nils = await hire(stage, "nils")
    await together(stage, lea, three)
    shown = await waiting(stage, mona)
    async with stage.system.db.transaction(Role.CORE) as conn, asyncio.timeout(30):
        await conn.execute("select from drafts for update")
        both = [
            asyncio.create_task(confirm_bulk(stage.system, shown, shown, each, stage.now))
            for each in (mona, nils)
        ]
        while await conn.fetchval("select count(*) from pg_locks where not granted") < len(both):
            continue
    outcomes = await asyncio.gather(*both, return_exceptions=True)
    assert sorted(type(each) for each in outcomes if each) == [DraftEndedError]
    rows = await stage.rows("select distinct confirmed_by, state from drafts")
    assert [row["state"] for row in rows] == ["pending"]
    assert await settle(stage) == 3


async def test_one_who_confirms_and_one_who_returns_at_once_do_not_split_it(
    stage, lea, mona, three
):
    nils = await hire(stage, "nils")
    await together(stage, lea, three)
    shown = await waiting(stage, mona)
    await asyncio.gather(
        confirm_bulk(stage.system, shown, shown, mona, stage.now),
        return_bulk(stage.system, shown[::-1], nils, "no", stage.now),
        undo_draft(stage.system, shown[1], lea, stage.now),
        return_exceptions=True,
    )
    rows = await stage.rows("select distinct state from drafts")
    assert len(rows) == 1


async def test_two_bulks_at_once_of_the_same_cases_share_them_without_a_loss(stage, lea, three):
    olga = await hire(stage, "olga", ModeratorRole.LEAD)
    mine, theirs = await asyncio.gather(
        together(stage, lea, three), together(stage, olga, three[::-1], CLEAR)
    )
    assert mine.count + theirs.count == 3
    assert len(mine.left_out) + len(theirs.left_out) == 3
    assert len(await stage.rows("select from drafts where state = 'unconfirmed'")) == 3


async def test_the_same_submission_twice_is_one(stage, lea, three):
    await asyncio.gather(*(together(stage, lea, three) for _ in range(2)))
    again = await together(stage, lea, three)
    assert (again.count, again.left_out) == (3, ())
    assert len(await stage.rows("select from drafts")) == 3


async def test_undo_takes_all_of_it_back_within_the_minute_confirmed_or_not(
    stage, lea, mona, three
):
    await together(stage, lea, three)
    undoable = (await read_tray(stage.system, lea, stage.now)).undoable
    assert undoable.together == 3
    await confirm(stage, mona)
    stage.now += timedelta(seconds=59)
    await undo_draft(stage.system, undoable.draft_id, lea, stage.now)
    assert await settle(stage) == 0
    assert await decided(stage) == []
    assert (await take(stage, mona)).case_id == three[0]


async def test_what_nobody_confirms_in_time_is_in_the_queue_again(stage, lea, mona, three):
    await together(stage, lea, three)
    stage.now += CONFIRM_TIME
    await settle_drafts(stage.system, stage.now)
    assert (await take(stage, mona)).case_id == three[0]
    assert await decided(stage) == []


async def test_a_crash_in_the_middle_loses_nothing_and_decides_nothing_twice(
    stage, lea, mona, three
):
    await together(stage, lea, three)
    await confirm(stage, mona)
    stage.now += UNDO_TIME
    calls = count()

    def dies_soon():
        if next(calls) > 6:
            raise ConnectionAbortedError
        return stage.system.new_id()

    with pytest.raises(ConnectionAbortedError):
        await settle_drafts(replace(stage.system, new_id=dies_soon), stage.now)
    done = len(await decided(stage))
    assert 0 < done < 3
    rows = await stage.rows("select from drafts where state = 'decided'")
    assert len(rows) == done
    assert await settle_drafts(stage.system, stage.now) == 3 - done
    rows = await stage.rows("select distinct subject_id from decisions")
    assert (len(rows), len(await decided(stage))) == (3, 3)


async def test_there_is_a_bound_and_reports_are_not_called_made_up_together(stage, lea, three):
    with pytest.raises(BulkSizeError):
        await together(stage, lea, [])
    ids = [stage.system.new_id() for _ in range(BULK_MAX + 1)]
    with pytest.raises(BulkSizeError):
        await together(stage, lea, ids)
    with pytest.raises(OneByOneError):
        await together(stage, lea, three, UNFOUNDED)


async def test_an_appeal_is_left_out(stage, lea, appealed):
    (row,) = await stage.rows("select case_id from cases where kind = 'appeal'")
    sent = await together(stage, lea, [row["case_id"]], CLEAR)
    assert sent.count == 0
    assert "by itself" in sent.left_out[0].why_not


async def test_what_one_did_not_want_to_see_is_left_out(stage, lea, three):
    await take_one(stage.system, three[0], lea.principal_id, stage.now)
    await release_case(stage.system, three[0], lea.principal_id, not_me=True)
    sent = await together(stage, lea, three)
    assert [each.case.case_id for each in sent.left_out] == [three[0]]


async def test_a_look_before_changes_nothing_and_shows_the_statement_and_no_report(
    stage, lea, three
):
    (row,) = await stage.rows("select subject_id from cases where case_id = $1", three[0])
    await stage.report(await stage.comment("c0"), "phishing", "anna", note="see there")
    view = await read_bulk(stage.system, three, three, lea, REMOVE, language="en", now=stage.now)
    assert [each.case.case_id for each in view.items] == three
    assert view.file.subject.subject_id == row["subject_id"]
    assert stage.system.guidelines.by_id["phishing"].text["en"] in view.preview.text
    assert (view.file.reports, view.preview.needs_second) == ((), True)
    assert await stage.rows("select from cases where state = 'leased'") == []


async def test_the_database_lets_nothing_of_a_bulk_through_without_a_second_person(
    stage, lea, three
):
    await together(stage, lea, three)
    for change in ("state = 'pending'", "needs_second = false", "finding = 'manifestly_unfounded'"):
        with pytest.raises(Exception, match="check constraint"):
            async with stage.system.db.transaction(Role.CONSOLE) as conn:
                await conn.execute(f"update drafts set {change}")
