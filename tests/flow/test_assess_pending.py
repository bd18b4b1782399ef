"""Which assessments are made when, and what they count."""

import asyncio
from datetime import timedelta

import pytest
from assessing import _dies, assessed, cases_of, progress, published

from underseal.flow import assess
from underseal.flow.assess import LEASE, RETRY, assess_pending, assess_subject
from underseal.flow.audit import audit_all
from underseal.flow.file_report import Filer
from underseal.store import dossier


async def test_ten_reports_are_one_assessment_committed_to_all_of_them(stage):
    ref = await stage.comment()
    await stage.scan(ref)
    await stage.assess()
    await stage.report(ref, "spam", *(f"p{number}" for number in range(9)), None)
    assert await assess_pending(stage.system, stage.now) == 1
    assert await assess_pending(stage.system, stage.now) == 0
    last = (await assessed(stage, ref))[-1]
    assert last["commitment"]["reports"] == 10
    assert set(last) == {"round", "commitment", "assessments"}
    assert await audit_all(stage.system, ()) == ()


@pytest.mark.slow
async def test_a_hundred_thousand_reports_are_as_many_assessments_as_passes(stage, server, address):
    """However often it was wanted meanwhile, and whatever the number of reports in between."""
    ref = await published(stage)
    counted, taken = [], 0
    for first, count in ((1, 1), (2, 999), (1_001, 39_000), (40_001, 60_000)):
        await stage.flood(server, address, ref, "bullying", count, first)
        stage.now += timedelta(minutes=1)
        for _ in range(3):
            taken += await assess_pending(stage.system, stage.now)
        counted.append((await assessed(stage, ref))[-1]["commitment"]["reports"])
    assert counted == [1, 1_000, 40_000, 100_000]
    assert taken == 4


async def test_the_terms_that_are_stored_add_up_to_the_log_odds(stage):
    ref = await published(stage)
    await stage.report(ref, "spam", "anna", None)
    await stage.assess()
    (stored,) = await stage.rows("select log_odds, terms from assessments")
    assert stored["log_odds"] == pytest.approx(sum(nats for _, nats in stored["terms"]))
    assert [name for name, _ in stored["terms"]][:2] == ["base rate", "moderator"]


async def test_nothing_is_assessed_twice(stage):
    ref = await stage.comment()
    await stage.assess()
    before = await progress(stage, ref)
    await asyncio.gather(*(assess_subject(stage.system, ref.subject_id, stage.now) for _ in "ab"))
    assert await progress(stage, ref) == before


async def test_workers_that_assess_the_same_at_the_same_time_assess_it_once(stage):
    ref = await stage.comment()
    await stage.scan(ref)
    await stage.assess()
    await stage.report(ref, "spam", "anna", "bert")
    before = len(await assessed(stage, ref))
    await asyncio.gather(
        *(assess_subject(stage.system, ref.subject_id, stage.now) for _ in range(4))
    )
    assert len(await assessed(stage, ref)) == before + 1
    assert await audit_all(stage.system, ()) == ()


async def test_a_subject_is_one_workers_at_a_time_and_anothers_after_the_lease(stage, monkeypatch):
    ref = await stage.comment()
    monkeypatch.setattr(assess, "assess_subject", _dies)
    with pytest.raises(asyncio.CancelledError):
        await assess_pending(stage.system, stage.now)
    monkeypatch.undo()
    assert await assess_pending(stage.system, stage.now) == 0
    stage.now += LEASE
    assert await assess_pending(stage.system, stage.now) == 1
    assert len(await assessed(stage, ref)) == 1


async def test_a_report_during_an_assessment_leads_to_another_one(stage, monkeypatch):
    ref = await stage.comment()
    await stage.assess()
    await stage.report(ref, "spam", "anna")
    gather = assess._gather

    async def slow(*args):
        gathered = await gather(*args)
        await stage.report(ref, "spam", "bert")
        return gathered

    monkeypatch.setattr(assess, "_gather", slow)
    await assess_subject(stage.system, ref.subject_id, stage.now)
    monkeypatch.undo()
    assert (await assessed(stage, ref))[-1]["commitment"]["reports"] == 1
    now = await progress(stage, ref)
    assert now.wanted == now.done + 1
    await stage.assess()
    assert (await assessed(stage, ref))[-1]["commitment"]["reports"] == 2
    assert await audit_all(stage.system, ()) == ()


async def test_reports_that_never_end_do_not_keep_a_subject_from_being_assessed(stage):
    ref = await stage.comment()
    await stage.assess()
    done = asyncio.Event()

    async def flood() -> int:
        filed = 0
        async with Filer(
            stage.system.db, stage.system.keys, stage.system.guidelines, lambda: stage.now
        ) as filer:
            while not done.is_set():
                await asyncio.gather(
                    *(filer.file(stage.filing(ref, "spam"), f"p{filed + n}") for n in range(5))
                )
                filed += 5
        return filed

    task = asyncio.create_task(flood())
    while len(await assessed(stage, ref)) < 6:
        await assess_subject(stage.system, ref.subject_id, stage.now)
    done.set()
    filed = await task
    await stage.assess()
    assert (await assessed(stage, ref))[-1]["commitment"]["reports"] == filed
    assert await audit_all(stage.system, ()) == ()


async def test_what_happens_meanwhile_is_taken_into_account(stage, monkeypatch):
    """A version that comes while the old one is weighed is not judged by it."""
    ref = await published(stage)
    await stage.report(ref, "threat_to_life", "anna")
    record = assess.record_assessment
    weighed_rounds = []

    async def note(conn, subject, *given):
        weighed_rounds.append(subject.round)
        await record(conn, subject, *given)

    weigh = assess._weigh

    async def slow(system, subject_id, now):
        weighed = await weigh(system, subject_id, now)
        if weighed.subject.version == 1:
            await stage.change(ref)
        return weighed

    monkeypatch.setattr(assess, "record_assessment", note)
    monkeypatch.setattr(assess, "_weigh", slow)
    await assess_subject(stage.system, ref.subject_id, stage.now)
    assert weighed_rounds == [2]
    assert await cases_of(stage, ref) == []


async def test_a_failed_assessment_is_tried_again_and_harms_no_other(stage, monkeypatch):
    bad, good = await stage.comment("bad"), await stage.comment("good")
    findings = dossier.findings_on_version

    async def fails(conn, subject_id, version):
        if subject_id == bad.subject_id:
            raise ValueError("secret of anna")
        return await findings(conn, subject_id, version)

    monkeypatch.setattr(dossier, "findings_on_version", fails)
    assert await assess_pending(stage.system, stage.now) == 2
    assert (len(await assessed(stage, bad)), len(await assessed(stage, good))) == (0, 1)
    monkeypatch.undo()
    assert await assess_pending(stage.system, stage.now) == 0
    stage.now += 2 * RETRY
    assert await assess_pending(stage.system, stage.now) == 1
    assert len(await assessed(stage, bad)) == 1


async def test_a_failure_is_logged_without_what_it_says(stage, monkeypatch, caplog):
    await stage.comment()

    async def fails(*_):
        raise ValueError("secret of anna")

    monkeypatch.setattr(dossier, "findings_on_version", fails)
    await assess_pending(stage.system, stage.now)
    assert "ValueError" in caplog.text
    assert "secret" not in caplog.text
