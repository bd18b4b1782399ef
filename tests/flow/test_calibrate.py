"""What detectors say is learnt to be worth from what people found, and weighs what comes after."""

import json
import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from judging import Upload, of_installation, upload_all

from underseal.core.breaker import Target, TargetKind
from underseal.core.calibration import LABELS_MIN, Observation, learn
from underseal.core.evidence import probability
from underseal.core.figures import Share
from underseal.core.guideline import GuidelineId
from underseal.core.signal import Modality, Signal
from underseal.core.subject import SubjectKind, SubjectRef
from underseal.flow.audit import audit_all
from underseal.flow.audit_subject import FindingKind
from underseal.flow.calibrate import RECENT, calibrate, weigh
from underseal.flow.read_detectors import lines_of, read_detectors
from underseal.flow.register_subject import Registration, register_subject
from underseal.flow.scan_subject import ScanDesk
from underseal.flow.watch_machines import watch_machines
from underseal.scan.known import KnownContent
from underseal.scan.limits import Limits
from underseal.scan.scanner import Scanner
from underseal.scan.text import DETECTOR_VERSION, TermList
from underseal.store.breakers import count_upload
from underseal.store.calibrations import Calibration, newest_calibrations
from underseal.store.connection import session
from underseal.store.roles import Role
from underseal.store.scans import ScanCause, want_scan

SPAM = GuidelineId("spam")
TERMS = ("caption_terms", DETECTOR_VERSION, SPAM)
CARL = SubjectRef(kind=SubjectKind.ACCOUNT, external_id="carl")
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def scanner() -> Iterator[Scanner]:
    with Scanner(
        known=KnownContent(), terms=TermList({}), limits=Limits(), require_sandbox=False
    ) as made:
        yield made


@pytest.fixture
def desk(scanner) -> ScanDesk:
    return ScanDesk(scanner, TermList({SPAM: ["buy followers"]}))


def spoken(count: int, right: int) -> list[Upload]:
    """Uploads of which the word list speaks; so many of them are spam."""
    return [Upload(score=1.0, broken="spam" if number < right else None) for number in range(count)]


def silent(count: int, broken: str | None = None) -> list[Upload]:
    return [Upload(score=None, broken=broken)] * count


async def learnt(stage, key=TERMS) -> Calibration:
    async with stage.system.db.transaction(Role.CORE) as conn:
        return (await newest_calibrations(conn)).by_detector[key]


async def scan(stage, desk, name: str, caption: str = "Buy followers here") -> list[dict]:
    """Let a text be registered and looked at; return what was said."""
    ref = SubjectRef(kind=SubjectKind.COMMENT, external_id=name)
    given = Registration(ref=ref, creator=CARL, caption=caption, language="en", media_url=None)
    await register_subject(stage.system, given, stage.now)
    while await desk.scan_next(stage.system, lambda: stage.now):
        pass
    return await stage.rows(
        "select s.weight, s.score, c.calibrated_on from signals s "
        "join scans c using (subject_id, version, run) where subject_id = $1",
        ref.subject_id,
    )


async def test_where_nobody_has_judged_a_detector_is_in_shadow_and_counts_nothing(stage, desk):
    (said,) = await scan(stage, desk, "c1")
    assert (said["weight"], said["calibrated_on"]) == (None, None)
    assert await calibrate(stage.system, stage.now)
    found = await learnt(stage)
    assert (found.learnt.map, found.learnt.violating, found.learnt.harmless) == (None, 0, 0)
    (said,) = await scan(stage, desk, "c2")
    assert (said["weight"], said["calibrated_on"]) == (None, stage.now.date())


async def test_decisions_end_the_shadow_and_weigh_what_is_said_from_then_on(stage, server, desk):
    (before,) = await scan(stage, desk, "c1")
    await upload_all(stage, server, [*spoken(60, 50), *silent(300)], stage.now)
    await calibrate(stage.system, stage.now)
    (after,) = await scan(stage, desk, "c2")
    assert before["weight"] is None
    assert 2.0 < after["weight"] < math.log(61)
    assert after["weight"] == pytest.approx((await learnt(stage)).learnt.map.weight(1.0))
    (still,) = await stage.rows(
        "select weight from signals s join scans c using (subject_id, version, run) "
        "where c.calibrated_on is null and s.detail = 'buy followers'"
    )
    assert still["weight"] is None


async def test_a_new_version_of_a_detector_starts_in_shadow(stage, server):
    await upload_all(stage, server, [*spoken(60, 50), *silent(300)], stage.now)
    newer = [replace(each, version="next") for each in spoken(LABELS_MIN - 1, LABELS_MIN - 1)]
    await upload_all(stage, server, newer, stage.now + DAY)
    await calibrate(stage.system, stage.now + DAY)
    assert (await learnt(stage)).learnt.map is not None
    assert (await learnt(stage, ("caption_terms", "next", SPAM))).learnt.map is None


async def test_a_detector_of_one_guideline_knows_nothing_of_another(stage, server):
    others = [replace(each, guideline="bullying") for each in spoken(60, 50)]
    await upload_all(stage, server, [*others, *silent(300)], stage.now)
    await calibrate(stage.system, stage.now)
    key = ("caption_terms", "1", GuidelineId("bullying"))
    found = (await learnt(stage, key)).learnt
    assert (found.violating, found.harmless, found.map) == (0, 360, None)


async def test_what_is_looked_at_most_does_not_count_most(stage, server):
    """All that was reported was judged, and a quarter of the rest; half of that reported is spam."""
    reported = [replace(each, is_reported=True) for each in spoken(100, 50)]
    rest = [*spoken(40, 4), *([Upload(score=1.0, is_judged=False)] * 120)]
    none = [*silent(100), *([Upload(score=None, is_judged=False)] * 900)]
    await upload_all(stage, server, [*reported, *rest, *none], stage.now)
    await calibrate(stage.system, stage.now)
    found = (await learnt(stage)).learnt.map
    # 66 of the 260 of which it speaks are spam, and of all 1260.
    assert found.belief(1.0) == pytest.approx(66 / 260, abs=0.03)
    assert probability(found.base) == pytest.approx(66 / 1_260, abs=0.01)


async def test_a_day_is_learnt_once_and_a_clock_that_jumps_back_learns_nothing(stage, server):
    await upload_all(stage, server, silent(5) + spoken(5, 5), stage.now)
    assert await calibrate(stage.system, stage.now)
    assert not await calibrate(stage.system, stage.now)
    assert not await calibrate(stage.system, stage.now - DAY)
    assert await calibrate(stage.system, stage.now + DAY)
    days = await stage.rows("select distinct learnt_on from calibrations order by 1")
    assert [row["learnt_on"] for row in days] == [stage.now.date(), (stage.now + DAY).date()]


async def test_where_no_detector_has_spoken_nothing_is_learnt(stage, server):
    await upload_all(stage, server, silent(30, "spam"), stage.now)
    assert not await calibrate(stage.system, stage.now)
    assert await of_installation(stage) == []


async def test_the_ledger_tells_the_maps_and_the_audit_compares_them(stage, server):
    await upload_all(stage, server, [*spoken(60, 50), *silent(300)], stage.now)
    await calibrate(stage.system, stage.now)
    ((kind, said),) = await of_installation(stage)
    (row,) = said["maps_micronats"]
    found = (await learnt(stage)).learnt.map
    assert (kind, row[:3]) == ("calibrated", list(TERMS))
    assert row[4] == round(1e6 * found.intercept)
    assert FindingKind.CALIBRATION not in {each.kind for each in await audit_all(stage.system, ())}
    async with session(stage.system.db.address, server.embedded.superuser()) as conn:
        await conn.execute("set session_replication_role = replica")
        await conn.execute("update underseal.calibrations set slope = slope + 0.01")
    kinds = [each.kind for each in await audit_all(stage.system, ())]
    assert kinds.count(FindingKind.CALIBRATION) == 1


async def test_a_detector_that_is_no_longer_right_raises_one_incident(stage, server):
    await upload_all(stage, server, [*spoken(100, 80), *silent(300)], stage.now)
    stage.now += RECENT + DAY
    await upload_all(stage, server, [*spoken(100, 10), *silent(30)], stage.now)
    await calibrate(stage.system, stage.now)
    await calibrate(stage.system, stage.now + DAY)
    (raised,) = await stage.rows("select kind, detail from incidents")
    assert raised["kind"] == "detector_drifted"
    assert raised["detail"].startswith("caption_terms 1 on spam: ")
    found = await learnt(stage)
    assert found.shown.error > 0.3
    assert found.drift < 1e-4


async def test_the_diagram_is_of_what_older_labels_taught_of_newer_ones_each_for_all_like_it(
    stage, server
):
    """Recounted by hand: two scores, and two reasons to look at what scores 1."""
    half = [replace(each, score=0.5) for each in spoken(100, 10)]
    await upload_all(stage, server, [*spoken(100, 60), *half, *silent(300)], stage.now)
    taught_on, stands_for = stage.now.date(), (100 + 40 + 300) / (100 + 40)
    stage.now += RECENT + DAY
    reported = [replace(each, is_reported=True) for each in spoken(30, 24)]
    rest = [*spoken(40, 10), *([Upload(score=1.0, is_judged=False)] * 300), *half[:80]]
    await upload_all(stage, server, [*reported, *rest], stage.now)
    await calibrate(stage.system, stage.now)
    older = [
        Observation(score=score, violating=violating, propensity=share, day=taught_on)
        for score, violating, share, count in (
            (1.0, True, 1 / stands_for, 60), (1.0, False, 1 / stands_for, 40),
            (0.5, True, 1.0, 10), (0.5, False, 1.0, 90), (None, False, 1.0, 300),
        )
        for _ in range(count)
    ]  # fmt: skip
    taught = learn(older, stage.now.date()).map
    low, high = (await learnt(stage)).shown.bins
    assert (low.labels, low.mass, low.found) == (80, pytest.approx(80), pytest.approx(10 / 80))
    assert (high.labels, high.mass) == (70, pytest.approx(30 + 40 * stands_for))
    assert high.found == pytest.approx((24 + 10 * stands_for) / (30 + 40 * stands_for))
    told = taught.belief(0.5), taught.belief(1.0)
    assert (low.told, high.told) == pytest.approx(told)
    assert (low.low, low.high) == pytest.approx(Share(hits=10, cases=80).interval)


async def test_how_well_a_detector_tells_apart_counts_silence_as_the_lowest_score(stage, server):
    uploads = [*spoken(60, 50), *silent(300), *silent(10, "spam")]
    await upload_all(stage, server, uploads, stage.now)
    await calibrate(stage.system, stage.now)
    found = (await learnt(stage)).ranked
    # It speaks of 50 of 60 breaches, and of 10 of 310 others; of all else it says the same.
    assert found.area == pytest.approx((1 + 50 / 60 - 10 / 310) / 2)
    assert found.low < found.area < found.high


async def test_a_detector_that_is_as_right_as_before_raises_none(stage, server):
    await upload_all(stage, server, [*spoken(100, 80), *silent(300)], stage.now)
    stage.now += RECENT + DAY
    await upload_all(stage, server, [*spoken(100, 76), *silent(300)], stage.now)
    await calibrate(stage.system, stage.now)
    assert await stage.rows("select 1 from incidents") == []
    found = await learnt(stage)
    assert found.shown.error < 0.05
    assert found.drift > 0.01


def said(score: float, **given: object) -> Signal:
    return Signal(
        **{
            "detector": "eye",
            "detector_version": "1",
            "modality": Modality.IMAGE,
            "guideline": SPAM,
            "score": score,
            "weight": None,
            "moment": None,
            **given,
        }
    )


@pytest.mark.parametrize("score", [math.nan, -0.1, 1.5, math.inf])
def test_a_score_that_is_none_is_left_out(score):
    assert weigh([said(score), said(0.5)], None, frozenset()) == (said(0.5),)


class Broken(ScanDesk):
    """A detector that gives no number for some texts and one for others."""

    async def _look(self, system, told, clock):
        looked = await super()._look(system, told, clock)
        return replace(looked, signals=(said(math.nan), said(0.5)))


async def test_a_detector_that_gives_no_number_is_named_and_nobody_waits_for_it(stage, scanner):
    (kept,) = await scan(stage, Broken(scanner, TermList({})), "c1")
    assert kept["score"] == 0.5
    (event,) = await stage.rows("select body from events where kind = 'scanned'")
    assert json.loads(event["body"])["refused"] == ["eye"]
    assert len(json.loads(event["body"])["signals"]) == 1


async def test_new_uploads_are_counted_with_what_touches_them_and_other_looks_are_not(
    stage, server, desk
):
    await upload_all(stage, server, [*spoken(60, 50), *silent(300)], stage.now)
    await scan(stage, desk, "c1")
    await calibrate(stage.system, stage.now)
    await scan(stage, desk, "c2")
    await scan(stage, desk, "c3", "Good morning")
    (looked_at,) = await stage.rows(
        "select subject_id from versions where caption <> '' limit 1 offset 1"
    )
    async with stage.system.db.transaction(Role.CORE) as conn:
        await want_scan(conn, looked_at["subject_id"], 1, ScanCause.DETECTOR, stage.now)
    assert await desk.scan_next(stage.system, lambda: stage.now)
    counted = await stage.rows(
        "select kind, name, sum(touched)::int as touched from touches group by 1, 2 order by 1"
    )
    assert [tuple(row.values()) for row in counted] == [
        ("detector", "caption_terms", 1), ("guideline", "spam", 1), ("upload", "", 3),
    ]  # fmt: skip


def test_a_verified_match_keeps_the_weight_it_has_unless_it_is_stopped():
    match = said(1.0, weight=9.2, verified=True)
    assert weigh([match], None, frozenset()) == (match,)
    for target in (
        Target(kind=TargetKind.DETECTOR, name="eye"),
        Target(kind=TargetKind.GUIDELINE, name="spam"),
    ):
        assert weigh([match], None, frozenset({target})) == (replace(match, weight=None),)


async def test_whoever_runs_it_reads_what_is_in_shadow_what_is_worth_what_and_what_is_stopped(
    stage, server
):
    assert "in shadow" in lines_of(await read_detectors(stage.system))[-1]
    eye = [replace(each, detector="eye") for each in spoken(3, 3)]
    await upload_all(stage, server, [*spoken(60, 50), *silent(300), *eye], stage.now)
    await calibrate(stage.system, stage.now)
    async with stage.system.db.transaction(Role.CORE) as conn:
        for _ in range(60):
            rule = Target(kind=TargetKind.GUIDELINE, name="spam")
            await count_upload(conn, stage.now.date(), [rule])
    await watch_machines(stage.system, stage.now)
    stopped, day, terms, shadow = lines_of(await read_detectors(stage.system))
    assert stopped == "stopped: guideline spam, until its incident is closed"
    assert day == f"learnt on {stage.now.date()}"
    weight = (await learnt(stage)).learnt.map.weight(0.9)
    assert terms.startswith("caption_terms 1 on spam: a score of 0.1 is worth ")
    assert f"0.9 is worth {weight:+.2f} nats; 53 breaches and 310 harmless ones judged" in terms
    assert shadow.startswith("eye 1 on spam: in shadow; ")
    assert "it spoke of 3 " in shadow
