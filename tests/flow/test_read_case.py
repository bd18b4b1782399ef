import re
from dataclasses import asdict
from datetime import timedelta

import msgspec
import pytest

from underseal.core.caller import Caller, KeyId, ModeratorRole
from underseal.core.case import CaseKind, NotLeasedError
from underseal.core.decision import Outcome
from underseal.core.guideline import GuidelineId
from underseal.core.priority import Band
from underseal.core.report import Moment
from underseal.flow.assess import assess_subject
from underseal.flow.decide import UnknownCaseError
from underseal.flow.open_appeal import open_appeals
from underseal.flow.read_case import explain_case, read_case
from underseal.flow.system import LEASE
from underseal.flow.take_case import take_case

LEAD = ModeratorRole.LEAD


def caller(principal, role=ModeratorRole.MODERATOR) -> Caller:
    return Caller(
        key_id=KeyId("abcdefghijkl"), principal_id=principal, role=role, scopes=frozenset()
    )


@pytest.fixture
async def mona(stage):
    return await stage.moderator("mona")


async def read(stage, mona, kind=None):
    lease = await take_case(stage.system, mona, kind, stage.now)
    return await read_case(stage.system, lease.case_id, caller(mona), stage.now)


async def test_a_moderator_reads_notes_under_aliases(stage, mona):
    ref = await stage.comment()
    await stage.report(ref, "phishing", "anna", note="it asks for a password")
    await stage.report(ref, "phishing", "anna", note="and for the PIN")
    await stage.report(ref, "spam", "anna")
    await stage.report(ref, "phishing", "bert", is_notice=True, by_trusted_flagger=True)
    await stage.enqueue(ref)
    file = await read(stage, mona)
    assert [each.is_notice for each in file.reports if each.by_trusted_flagger] == [True]
    reports = {(each.guideline, each.notes, each.is_notice) for each in file.reports}
    assert reports == {
        ("phishing", ("and for the PIN", "it asks for a password"), False),
        ("spam", (), False),
        ("phishing", (), True),
    }
    assert [each.alias for each in file.reports] == sorted(each.alias for each in file.reports)
    assert len({each.alias for each in file.reports}) == 2
    assert all(re.fullmatch("Reporter [A-Z]", each.alias) for each in file.reports)


async def test_nothing_that_a_moderator_reads_leads_to_a_reporter(stage, mona):
    ref = await stage.comment()
    reporters = [f"reporter-{number}" for number in range(5)]
    await stage.report(ref, "phishing", *reporters, note="see there")
    await stage.enqueue(ref)
    lease = await take_case(stage.system, mona, None, stage.now)
    file = await read_case(stage.system, lease.case_id, caller(mona), stage.now)
    shown = repr(asdict(file)) + msgspec.json.encode(file.reports).decode()
    rows = await stage.rows("select tag, pseudonym, receipt, content, sealed, note from reports")
    for row in rows:
        for secret in row.values():
            assert repr(bytes(secret)) not in shown
            assert bytes(secret).hex() not in shown
    assert not any(reporter in shown for reporter in reporters)
    assert set(asdict(file.reports[0])) == {
        "alias", "handle", "guideline", "is_notice", "by_trusted_flagger", "notes", "moments", "inquiries", "can_ask",
    }  # fmt: skip


async def test_what_is_read_of_reports_does_not_depend_on_their_order(stage, mona, server):
    ref = await stage.comment()
    for reporter in ("anna", "bert", "cora"):
        await stage.report(ref, "phishing", reporter, note=f"by {reporter}")
    await stage.enqueue(ref)
    before = await read(stage, mona)
    stage.now += LEASE
    again = await read(stage, mona)
    assert before.reports == again.reports


async def test_nothing_beside_an_alias_tells_whose_reports_were_right(stage, mona):
    for number in range(3):
        ref = await stage.comment(f"c{number}")
        await stage.report(ref, "phishing", "anna")
        await stage.decide(ref, mona, "remove", "phishing")
    told = []
    for number, reporters in enumerate((("anna", "bert", "cora"), ("dora", "bert", "cora"))):
        ref = await stage.comment(f"last-{number}")
        await stage.report(ref, "phishing", *reporters)
        await assess_subject(stage.system, ref.subject_id, stage.now)
        case_id = await stage.enqueue(ref)
        told.append(await read_case(stage.system, case_id, caller(mona, LEAD), stage.now))
    proven, new = told
    beside = [
        {name: said for name, said in asdict(each).items() if name not in {"alias", "handle"}}
        for each in (*proven.reports, *new.reports)
    ]
    assert beside == [beside[0]] * 6
    order = list(Band)
    (before,), (after,) = [[its for _, its in file.guidelines] for file in (new, proven)]
    assert order.index(before.reports) < order.index(after.reports)


async def test_what_is_believed_is_shown_in_bands_and_explained_to_auditors_in_terms(stage, mona):
    ref = await stage.comment()
    await stage.report(ref, "phishing", *"abcdefgh")
    await assess_subject(stage.system, ref.subject_id, stage.now)
    case_id = await stage.enqueue(ref)
    file = await read(stage, mona)
    bands = dict(file.guidelines)["phishing"]
    assert bands.machine is Band.NONE
    assert bands.reports in {Band.MEDIUM, Band.HIGH}
    (assessed,) = [
        each
        for each in await explain_case(
            stage.system, case_id, caller(mona, ModeratorRole.AUDITOR), stage.now
        )
        if each.guideline == GuidelineId("phishing")
    ]
    assert sum(nats for _, nats in assessed.terms) == pytest.approx(assessed.log_odds)


async def test_moments_of_repeats_are_shown_with_those_of_the_report(stage, mona):
    ref = await stage.video()
    first, second = Moment(start_ms=0, end_ms=5), Moment(start_ms=7, end_ms=9)
    await stage.report(ref, "nudity", "anna", moments=(second,))
    await stage.report(ref, "nudity", "anna", moments=(first,))
    await stage.enqueue(ref)
    (report,) = (await read(stage, mona)).reports
    assert report.moments == (first, second)


async def test_a_case_is_read_by_who_has_it_and_by_leads_and_auditors(stage, mona):
    case_id = await stage.enqueue(await stage.comment())
    nils = await stage.moderator("nils")
    for role in (LEAD, ModeratorRole.AUDITOR):
        assert await read_case(stage.system, case_id, caller(nils, role), stage.now)
    with pytest.raises(NotLeasedError):
        await read_case(stage.system, case_id, caller(nils), stage.now)
    await take_case(stage.system, mona, None, stage.now)
    with pytest.raises(NotLeasedError):
        await read_case(stage.system, case_id, caller(nils), stage.now)
    assert await read_case(stage.system, case_id, caller(mona), stage.now)
    with pytest.raises(NotLeasedError):
        await read_case(stage.system, case_id, caller(mona), stage.now + LEASE)
    with pytest.raises(UnknownCaseError):
        await read_case(stage.system, stage.system.new_id(), caller(mona), stage.now)


async def test_an_appeal_is_read_with_what_it_is_against(stage, mona):
    ref, nils = await stage.comment(), await stage.moderator("nils")
    await stage.report(ref, "phishing", "anna", note="it asks for a password")
    await stage.decide(ref, mona, "remove", "phishing")
    await stage.tick()
    (statement,) = await stage.statements()
    await stage.appeal(statement.statement.id)
    await open_appeals(stage.system, stage.now)
    file = await read(stage, nils, CaseKind.APPEAL)
    assert file.appeal.grounds == "it is satire"
    assert (file.appeal.first.outcome, file.appeal.first.guideline) == (Outcome.REMOVE, "phishing")
    assert [each.notes for each in file.reports] == [("it asks for a password",)]
    assert file.standing.points == 4
    assert [each.is_overturned for each in file.earlier] == [False]


async def test_notes_whose_key_was_destroyed_are_gone_and_the_case_is_still_read(
    stage, mona, server
):
    ref = await stage.comment()
    await stage.report(ref, "phishing", "anna", note="it asks for a password")
    await stage.enqueue(ref)
    async with stage.system.db.transaction("underseal_retention") as conn:
        assert await conn.fetchval("select underseal.destroy_note_key($1)", ref.subject_id)
    stage.now += timedelta(seconds=1)
    (report,) = (await read(stage, mona)).reports
    assert report.notes == ()
