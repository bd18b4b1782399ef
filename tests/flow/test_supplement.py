"""What is added to a report by its receipt, and what becomes of it."""

from datetime import UTC, datetime

import pytest
from asking import file, person

from underseal.core.case import CaseKind
from underseal.flow.audit import audit_all
from underseal.flow.read_case import read_case
from underseal.flow.supplement import supplement
from underseal.flow.take_case import take_case


@pytest.fixture
async def mona(stage):
    return await stage.moderator("mona")


@pytest.fixture
async def nils(stage):
    return await stage.moderator("nils")


async def test_what_is_added_once_a_round_has_ended_is_a_report_of_the_next_one(stage, mona, nils):
    """It is looked at like any other; what came before it has been decided about."""
    ref = await stage.comment()
    notice = {"is_notice": True, "law": "§ 130 StGB"}
    token = await file(stage, ref, "hate_incitement", "anna", **notice, note="see")
    stranger = await file(stage, ref, "bullying", None)
    await supplement(stage.system, token, "in time", stage.now)
    await stage.decide(ref, mona, "no_violation")
    await supplement(stage.system, token, "he goes on", stage.now)
    await supplement(stage.system, token, "he goes on", stage.now)
    await supplement(stage.system, token, "and on", stage.now)
    await supplement(stage.system, stranger, "at the end", stage.now)
    chosen = "round, guideline, is_notice, law, tag, pseudonym"
    rows = await stage.rows(f"select {chosen} from reports order by guideline desc, round")
    first, again, of_stranger, again_of_stranger = rows
    assert again == first | {"round": 2}
    assert again_of_stranger == of_stranger | {"round": 2}
    added = await stage.rows("select round, after_end from report_supplements order by round")
    assert added == [{"round": 1, "after_end": False}, {"round": 2, "after_end": False}]
    assert await file(stage, ref, "hate_incitement", "anna") == token
    await stage.assess()
    lease = await take_case(stage.system, nils, CaseKind.REVIEW, stage.now)
    case = await read_case(stage.system, lease.case_id, person(nils), stage.now)
    assert {note for report in case.reports for note in report.notes} == {
        *("he goes on", "and on", "at the end")
    }
    assert await audit_all(stage.system, ()) == ()


@pytest.mark.parametrize("files_first", [True, False])
async def test_what_is_added_in_a_new_year_makes_nobody_a_second_voice(years, files_first):
    await years.go_to(datetime(2026, 12, 31, 20, 30, tzinfo=UTC))
    stage = years.stage
    ref = await stage.comment()
    token = await file(stage, ref, "bullying", "anna", note="in the old year")
    await stage.decide(ref, years.mona, "no_violation")
    await years.go_to(datetime(2027, 1, 2, 9, 30, tzinfo=UTC))
    if files_first:
        await file(stage, ref, "bullying", "anna", note="anew")
    await supplement(stage.system, token, "and another thing", stage.now)
    if not files_first:
        await file(stage, ref, "bullying", "anna", note="anew")
    query = "select count(*) as filed from reports where subject_id = $1 and round = 2"
    assert await stage.rows(query, ref.subject_id) == [{"filed": 1}]
    query = "select round from report_supplements where subject_id = $1"
    assert await stage.rows(query, ref.subject_id) == [{"round": 2}]
