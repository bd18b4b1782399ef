"""What holds of evidence and effects together, whatever is reported, and whatever detectors say."""

import math
import random
from dataclasses import replace
from datetime import date, timedelta
from importlib.resources import files
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from underseal.core.cliques import PSEUDONYMS_MAX, SharedSubject, count_joint
from underseal.core.confusion import SIBLING_MIN, SIBLING_SHARE
from underseal.core.effect import Context, choose
from underseal.core.evidence import (
    C_NEW,
    CLEARED,
    MODALITY_CAP,
    W_MIN,
    Assessment,
    Dossier,
    Weighting,
    assess,
)
from underseal.core.guideline import GuidelineId, TopicId
from underseal.core.guideline_file import parse
from underseal.core.prior import (
    PRECISION_MAX,
    PRECISION_MIN,
    REPORTED_MAX,
    STRENGTH_MAX,
    STRENGTH_MIN,
    Prior,
)
from underseal.core.report import CountedReport, Pseudonym
from underseal.core.signal import Modality, Signal
from underseal.core.subject import SubjectId, SubjectKind
from underseal.core.track_record import TrackRecord, is_proven_on
from underseal.core.visibility import Level

GUIDELINES = parse((files("underseal") / "guidelines.toml").read_text(), "guidelines.toml")
VIDEO_GUIDELINES = sorted(
    each.id for each in GUIDELINES.by_id.values() if SubjectKind.VIDEO in each.subjects
)
SUBJECT = SubjectId(UUID(int=1))
BEGAN = date(2026, 1, 1)
PROVEN = TrackRecord(right=9.0, wrong=0.0, resolved=9, as_of=BEGAN)
DEVALUED = TrackRecord(right=0.0, wrong=1_000.0, resolved=4_000, as_of=BEGAN)
ONE, SIBLING = GuidelineId("bullying"), GuidelineId("stalking")
TOPIC = TopicId("harassment")


def person(number: int) -> Pseudonym:
    return Pseudonym(number.to_bytes(32))


def report(who: int | None, about: GuidelineId = ONE, *, may_be_guessed=False) -> CountedReport:
    return CountedReport(
        subject_id=SUBJECT,
        round=1,
        guideline=about,
        pseudonym=None if who is None else person(who),
        after_outcome=False,
        may_be_guessed=may_be_guessed,
        is_notice=False,
    )


def signal(weight: float | None, about: GuidelineId = ONE, modality=Modality.IMAGE, **given):
    return Signal(
        detector="one",
        detector_version="1",
        modality=modality,
        guideline=about,
        score=1.0,
        weight=weight,
        moment=None,
        **given,
    )


def dossier(*reports: CountedReport, **known) -> Dossier:
    return Dossier(
        **{
            "subject_id": SUBJECT,
            "round": 1,
            "kind": SubjectKind.VIDEO,
            "reports": reports,
            "records": {},
            "co_reports": count_joint([]),
            "signals": (),
            "organic_views": 0,
            "qualifying_viewers": 10**6,
            "human": {},
            "spent": frozenset(),
            **known,
        }
    )


def assessed(known: Dossier, on: date = BEGAN, priors=None) -> dict[GuidelineId, Assessment]:
    return {each.guideline: each for each in assess(known, GUIDELINES, priors or {}, on)}


def context(**given) -> Context:
    return Context(
        **{
            "level": Level.PUBLIC,
            "published": True,
            "qualifying_viewers": 10**6,
            "weighting": Weighting.PRIORITY_AND_THRESHOLD,
            "guess_consent": True,
            **given,
        }
    )


def effect(known: Dossier, on: date = BEGAN):
    return choose(assess(known, GUIDELINES, {}, on), GUIDELINES, context())


some_priors = st.builds(
    Prior,
    precision=st.floats(PRECISION_MIN, PRECISION_MAX),
    strength=st.floats(STRENGTH_MIN, STRENGTH_MAX),
    reported=st.floats(0, REPORTED_MAX),
    sibling=st.floats(SIBLING_MIN, 1),
)


def cliques(draw: random.Random, people: list[int]):
    """Any groups among at most as many as are compared."""
    compared = [person(each) for each in people[:PSEUDONYMS_MAX]]
    subjects = [
        frozenset(draw.sample(compared, draw.randint(0, min(9, len(compared)))))
        for _ in range(draw.choice([0, 3, 30]))
    ]
    return count_joint(SharedSubject(reporters=each, reporters_count=9) for each in subjects * 3)


def unproven_record(draw: random.Random, topic: TopicId, on: date) -> TrackRecord | None:
    """Any record of somebody who is not proven on a day, and so on no later one either."""
    record = TrackRecord(
        right=draw.choice([0.0, draw.expovariate(0.2), 1e6]),
        wrong=draw.choice([0.0, draw.expovariate(0.2), 1e6]),
        resolved=draw.choice([0, 2, 3, 50]),
        as_of=on - timedelta(days=draw.randrange(-3, 800)),
    )
    return None if is_proven_on(record, on) else record


@given(
    st.integers(0, 2**32),
    st.sampled_from([1, 2, 3, 9, 30, 92, 93, 94, 200, 1_500]),
    st.sampled_from(VIDEO_GUIDELINES),
    st.floats(-20, 1, exclude_max=True),
    some_priors,
)
def test_no_multiset_of_unproven_reports_of_any_size_order_or_timing_holds_a_video(
    seed: int, size: int, name: GuidelineId, share_of_bound: float, prior: Prior
) -> None:
    """Below the bound, however the days and the reports follow on each other."""
    draw = random.Random(seed)
    guideline = GUIDELINES.by_id[name]
    siblings = GUIDELINES.siblings(name)
    people = [draw.choice([None, *range(size)]) for _ in range(size)]
    found = {each: unproven_record(draw, guideline.topic, BEGAN) for each in range(size)}
    records = {(person(who), guideline.topic): each for who, each in found.items() if each}
    reports = tuple(
        report(who, draw.choice(siblings), may_be_guessed=draw.random() < 0.5) for who in people
    )
    below = guideline.machine_bound * share_of_bound
    known = dossier(
        records=records,
        co_reports=cliques(draw, list(range(size))),
        signals=(signal(below, name), signal(below, draw.choice(siblings), Modality.SOUND)),
        spent=frozenset(person(each) for each in range(size) if draw.random() < 0.1),
    )
    on = BEGAN
    for filed in [*sorted(draw.sample(range(size + 1), min(3, size + 1))), size]:
        on += timedelta(days=draw.choice([-1, 0, 1, 400]))
        now = replace(known, reports=reports[:filed])
        suspects = [
            each
            for each in assess(now, GUIDELINES, {guideline.topic: prior}, max(on, BEGAN))
            if each.machine < GUIDELINES.by_id[each.guideline].machine_bound
        ]
        assert choose(suspects, GUIDELINES, context()) is None


anybody = st.one_of(st.none(), st.integers(1, 12))
some_reports = st.lists(
    st.builds(report, anybody, st.sampled_from([ONE, SIBLING]), may_be_guessed=st.booleans()),
    max_size=25,
)
some_cliques = st.lists(
    st.sets(st.integers(1, 12).map(person), min_size=2, max_size=4).map(
        lambda people: SharedSubject(reporters=frozenset(people), reporters_count=len(people))
    ),
    max_size=4,
).map(lambda subjects: count_joint(subjects * 3))
some_records = st.dictionaries(
    st.tuples(st.integers(1, 12).map(person), st.just(TOPIC)),
    st.one_of(
        st.just(PROVEN),
        st.just(DEVALUED),
        st.builds(
            TrackRecord,
            right=st.floats(0, 50),
            wrong=st.floats(0, 50),
            resolved=st.integers(0, 9),
            as_of=st.dates(date(2024, 1, 1), BEGAN),
        ),
    ),
)


@given(
    some_reports,
    st.builds(report, anybody, st.sampled_from([ONE, SIBLING]), may_be_guessed=st.booleans()),
    some_records,
    some_cliques,
    st.integers(0, 3_000),
    st.frozensets(st.integers(1, 12).map(person), max_size=3),
    some_priors,
)
def test_no_report_by_anybody_ever_lowers_a_probability(
    reports: list[CountedReport], more: CountedReport, records, co_reports, views, spent, prior
) -> None:
    """Not even one by a member of a clique, whose members are proven or not."""
    known = dossier(
        *reports, records=records, co_reports=co_reports, organic_views=views, spent=spent
    )
    priors = {TOPIC: prior}
    before = assessed(known, priors=priors)
    after = assessed(replace(known, reports=(*reports, more)), priors=priors)
    for name, was in before.items():
        now = after[name]
        assert now.log_odds >= was.log_odds - 1e-12
        assert now.backing.nats >= was.backing.nats - 1e-12
        assert now.consenting.nats >= was.consenting.nats - 1e-12
        assert now.voices_proven >= was.voices_proven
        assert now.log_odds == pytest.approx(math.fsum(each.nats for each in now.terms), abs=1e-12)


def test_a_clique_of_proven_and_new_accounts_is_one_voice_and_takes_nothing_away() -> None:
    together = SharedSubject(reporters=frozenset({person(4), person(5)}), reporters_count=2)
    known = dossier(
        *map(report, range(1, 5)),
        records={(person(each), TOPIC): PROVEN for each in (1, 2, 3, 5)},
        co_reports=count_joint([together] * 3),
    )
    both = replace(known, reports=(*known.reports, report(5)))
    one, other = assessed(known)[ONE], assessed(both)[ONE]
    assert other.log_odds == pytest.approx(one.log_odds)
    assert (one.voices_proven, one.voices_unproven) == (3, 1)
    assert (other.voices_proven, other.voices_unproven) == (4, 0)


def test_a_clique_with_one_proven_member_holds_nothing_by_itself() -> None:
    people = frozenset(map(person, range(1, 9)))
    together = SharedSubject(reporters=people, reporters_count=len(people))
    known = dossier(
        *map(report, range(1, 9)),
        records={(person(1), TOPIC): PROVEN},
        signals=(signal(GUIDELINES.by_id[ONE].machine_bound - 1e-6),),
    )
    assert effect(known) is not None
    assert effect(replace(known, co_reports=count_joint([together] * 3))) is None


@pytest.mark.parametrize("about", [ONE, SIBLING])
def test_many_voices_that_say_the_least_add_up_one_by_one_until_their_cap(about) -> None:
    least = W_MIN * (1.0 if about == ONE else SIBLING_SHARE)
    for count in (1, 40, 46, 47, 92, 93, 500):
        everybody = range(1, count + 1)
        known = dossier(
            *(report(each, about) for each in everybody),
            records={(person(each), TOPIC): DEVALUED for each in everybody},
            signals=(signal(0.0),),
        )
        found = assessed(known)[ONE]
        assert found.backing.unproven_nats == pytest.approx(min(C_NEW, count * least))
        assert found.voices_unproven == count


@pytest.mark.parametrize("nothing", [None, math.nan])
def test_a_detector_that_says_nothing_or_no_number_counts_as_if_it_were_not_there(nothing) -> None:
    crowd = [report(each) for each in range(20)]
    silent = dossier(*crowd, signals=(signal(nothing), signal(2.0, modality=Modality.TEXT)))
    without = replace(silent, signals=silent.signals[1:])
    assert assessed(silent) == assessed(without)


def test_a_detector_that_is_always_certain_holds_until_somebody_looks_and_removes_nothing() -> None:
    certain = dossier(signals=(signal(math.inf),))
    found = assessed(certain)[ONE]
    assert found.machine == MODALITY_CAP[Modality.IMAGE]
    assert math.isfinite(found.log_odds)
    assert effect(certain).level is Level.HELD
    looked_at = replace(certain, human={ONE: CLEARED})
    assert effect(looked_at) is None
    crowd = [report(each) for each in range(50)]
    records = {(person(each), TOPIC): PROVEN for each in range(25)}
    assert effect(replace(looked_at, reports=tuple(crowd), records=records)) is None


def test_a_detector_that_is_always_sure_of_the_opposite_hides_no_report() -> None:
    known = dossier(
        *map(report, range(1, 9)),
        records={(person(each), TOPIC): PROVEN for each in range(1, 9)},
        signals=(signal(-math.inf),),
    )
    found = assessed(known)[ONE]
    assert found.machine == -MODALITY_CAP[Modality.IMAGE]
    assert found.backing == assessed(replace(known, signals=()))[ONE].backing


def test_a_clock_that_was_put_back_makes_no_reporter_more_than_they_are() -> None:
    """A record of a day that has not come counts as it stands, and grows no further."""
    known = dossier(report(1), report(2), records={(person(1), TOPIC): PROVEN})
    today, earlier = assessed(known, BEGAN), assessed(known, BEGAN - timedelta(days=4_000))
    assert today == earlier


@given(st.integers(0, 20_000))
def test_however_far_a_clock_jumps_ahead_a_record_only_fades(days: int) -> None:
    known = dossier(report(1), records={(person(1), TOPIC): PROVEN})
    now, later = assessed(known)[ONE], assessed(known, BEGAN + timedelta(days=days))[ONE]
    assert later.log_odds <= now.log_odds
    assert later.backing.nats > 0
