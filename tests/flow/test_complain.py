"""Who hears a complaint: nobody who took part in the decision that it is about."""

import pytest
from drafting import CLEAR, hire

from underseal.core.caller import ModeratorRole
from underseal.core.draft import UNDO_TIME
from underseal.core.person import Person
from underseal.flow.complain import complain
from underseal.flow.confirm_draft import confirm_bulk, read_unconfirmed
from underseal.flow.draft_bulk import draft_bulk
from underseal.flow.draft_decision import settle_drafts
from underseal.flow.file_report import Filer
from underseal.flow.take_case import take_case


@pytest.fixture
async def people(stage) -> list[Person]:
    lea = await hire(stage, "lea", ModeratorRole.LEAD)
    return [lea, *[await hire(stage, name) for name in ("mona", "nils")]]


async def filed(stage, ref, who: str) -> str:
    async with Filer(
        stage.system.db, stage.system.keys, stage.system.guidelines, lambda: stage.now
    ) as filer:
        return await filer.file(stage.filing(ref, "bullying"), who)


@pytest.fixture
async def receipt(stage, people) -> str:
    """Of a report in which Lea found nothing, which Mona has confirmed."""
    lea, mona, _ = people
    ref = await stage.comment()
    token = await filed(stage, ref, "anna")
    await draft_bulk(stage.system, [await stage.enqueue(ref)], lea, CLEAR, stage.now)
    shown = [each.draft_id for each in await read_unconfirmed(stage.system, mona)]
    await confirm_bulk(stage.system, shown, shown, mona, stage.now)
    stage.now += UNDO_TIME
    assert await settle_drafts(stage.system, stage.now) == 1
    await stage.answer_day()
    return token


async def hearings(stage) -> list[tuple]:
    rows = await stage.rows(
        "select round, not_for from cases where round in (select heard_in from complaints) "
        "order by round"
    )
    return [(row["round"], set(row["not_for"])) for row in rows]


async def test_neither_who_decided_nor_who_confirmed_it_hears_the_complaint(stage, people, receipt):
    lea, mona, nils = people
    await complain(stage.system, receipt, "look again", stage.now)
    assert await hearings(stage) == [(2, {lea.principal_id, mona.principal_id})]
    for barred in (lea, mona):
        assert await take_case(stage.system, barred.principal_id, None, stage.now) is None
    assert await take_case(stage.system, nils.principal_id, None, stage.now) is not None


async def test_what_who_confirmed_it_has_heard_later_is_no_hearing_by_somebody_else(
    stage, people, receipt
):
    lea, mona, nils = people
    ref = await stage.comment()
    other = await filed(stage, ref, "bert")
    await stage.decide(ref, nils.principal_id, "no_violation")
    await stage.answer_day()
    await complain(stage.system, other, "look again", stage.now)
    await stage.judge(mona.principal_id, "no_violation")
    await complain(stage.system, receipt, "look again", stage.now)
    first, second = await hearings(stage)
    assert first == (3, {nils.principal_id})
    assert second[0] == 4
    assert second[1] >= {lea.principal_id, mona.principal_id}
