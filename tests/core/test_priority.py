from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from weighed import GRAVE, GUIDELINES, ORDINARY, OTHER, assessment

from underseal.core.case import CaseKind
from underseal.core.effect import (
    Look,
)
from underseal.core.evidence import Assessment, Term
from underseal.core.guideline import C_NEW, GuidelineId
from underseal.core.priority import (
    DUTY_RANK,
    Band,
    Lane,
    Priority,
    Standing,
    bands,
    explain,
    order_key,
    passes_over_late,
    prioritise,
)
from underseal.core.visibility import Level

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
ONE_SECOND = timedelta(seconds=1)


def standing(**changes) -> Standing:
    values = {
        "kind": CaseKind.REVIEW,
        "level": Level.PUBLIC,
        "look": Look.REGRET,
        "views_per_hour": 1_234.0,
        "queued_at": NOON,
    }
    return Standing(**{**values, **changes})


def priority(*assessments: Assessment, **changes) -> Priority:
    return prioritise(assessments or (assessment(),), GUIDELINES, standing(**changes))


nats = st.floats(-12, 12)
rates = st.floats(0, 1e6)
names = st.sampled_from([GRAVE, ORDINARY, OTHER])
some_assessments = st.lists(st.builds(assessment, nats, names), min_size=1, max_size=4)
some_standings = st.builds(
    standing,
    kind=st.sampled_from(list(CaseKind)),
    level=st.sampled_from(list(Level)),
    look=st.sampled_from(list(Look)),
    views_per_hour=rates,
    due_at=st.one_of(st.none(), st.just(NOON + HOUR)),
    reports_due_at=st.one_of(st.none(), st.just(NOON + 5 * HOUR)),
    hold_since=st.just(NOON),
    hold_expires_at=st.one_of(st.none(), st.just(NOON + 48 * HOUR)),
)


@given(nats, st.floats(0, 5), names, rates)
def test_a_more_probable_breach_is_never_looked_at_later(
    lower: float, more: float, name: GuidelineId, views: float
) -> None:
    less = priority(assessment(lower, name), views_per_hour=views)
    greater = priority(assessment(lower + more, name), views_per_hour=views)
    assert order_key(greater, NOON) <= order_key(less, NOON)


@given(some_assessments, st.sampled_from(list(Level)), rates, rates)
def test_more_views_are_never_looked_at_later(
    assessments: list[Assessment], level: Level, some: float, more: float
) -> None:
    less = priority(*assessments, level=level, views_per_hour=some)
    greater = priority(*assessments, level=level, views_per_hour=some + more)
    assert greater.rate >= less.rate >= 0


def test_of_probable_breaches_the_more_watched_and_the_worse_come_first() -> None:
    assert priority(views_per_hour=20.0).rate == pytest.approx(
        2 * priority(views_per_hour=10.0).rate
    )
    assert priority(assessment(2.0)).rate > priority(assessment(-2.0)).rate
    assert priority(assessment(about=GRAVE)).rate > priority(assessment()).rate


def test_a_held_subject_that_probably_breaks_nothing_comes_before_one_that_does() -> None:
    innocent, guilty = (
        priority(assessment(odds), level=Level.HELD, look=Look.HOLD) for odds in (-3.0, 3.0)
    )
    assert innocent.rate > guilty.rate


def test_the_worst_of_several_guidelines_gives_the_rate_and_the_name() -> None:
    several = priority(assessment(-4.0, OTHER), assessment(3.0))
    assert several.guideline == ORDINARY
    assert several.rate == pytest.approx(priority(assessment(3.0)).rate)


def test_a_case_is_due_by_all_that_is_reported_and_not_by_what_came_first() -> None:
    hours = {each: GUIDELINES.by_id[each].review_hours for each in (GRAVE, ORDINARY)}
    assert hours[GRAVE] < hours[ORDINARY]
    for nats in ((2.0, -3.0), (-3.0, 2.0)):
        both = [assessment(n, each) for n, each in zip(nats, hours, strict=True)]
        assert priority(*both).due_at == NOON + hours[GRAVE] * HOUR
    suspected = assessment(-3.0, GRAVE, is_reported=False)
    assert priority(suspected, assessment(2.0, ORDINARY)).due_at == NOON + hours[ORDINARY] * HOUR
    sure = replace(suspected, machine=GUIDELINES.by_id[GRAVE].machine_bound)
    assert priority(sure, assessment(2.0, ORDINARY)).due_at == NOON + hours[GRAVE] * HOUR


def test_a_mere_suspicion_is_looked_at_for_what_a_look_is_worth_and_not_for_its_age() -> None:
    suspected = priority(assessment(is_reported=False), look=Look.REGRET)
    reported = priority(assessment(is_reported=True), look=Look.REGRET)
    assert suspected.rate == reported.rate
    late = suspected.due_at + 24 * HOUR
    assert suspected.duty_from is None
    assert order_key(reported, late) < order_key(suspected, late)
    audited = priority(assessment(is_reported=False), reports_due_at=NOON + 72 * HOUR)
    assert audited.duty_from is not None
    sure = assessment(is_reported=False, machine=GUIDELINES.by_id[ORDINARY].machine_bound)
    assert priority(sure, look=Look.REGRET).due_at == reported.due_at


def test_a_hold_becomes_a_duty_at_half_its_life() -> None:
    held = priority(
        look=Look.HOLD,
        level=Level.HELD,
        views_per_hour=0.0,
        hold_since=NOON,
        hold_expires_at=NOON + 24 * HOUR,
    )
    watched = priority(views_per_hour=1e9)
    assert held.lane is Lane.HELD
    assert held.due_at == NOON + 24 * HOUR
    assert held.duty_from == NOON + 12 * HOUR
    before, after = NOON + 11 * HOUR, NOON + 12 * HOUR
    assert order_key(watched, before) < order_key(held, before)
    assert order_key(held, after) < order_key(watched, after)


@given(some_assessments, some_standings, some_assessments, some_standings, st.integers(0, 100))
def test_every_duty_precedes_every_case_that_is_none_and_duties_of_a_rank_go_by_their_time(
    some: list[Assessment], one: Standing, others: list[Assessment], other: Standing, hours: int
) -> None:
    now = NOON + hours * HOUR
    first, second = prioritise(some, GUIDELINES, one), prioritise(others, GUIDELINES, other)
    duties = [each for each in (first, second) if each.duty_from and each.duty_from <= now]
    ordered = sorted((first, second), key=lambda each: order_key(each, now))
    if len(duties) == 1:
        assert ordered[0] is duties[0]
    if len(duties) == 2:
        ranks = [DUTY_RANK[each.lane] for each in ordered]
        assert ranks == sorted(ranks)
        assert ranks[0] < ranks[1] or ordered[0].due_at <= ordered[1].due_at


def test_a_grave_duty_precedes_whatever_is_late_and_a_law_what_has_waited() -> None:
    grave = priority(assessment(about=GRAVE), look=Look.GRAVE, queued_at=NOON)
    appeal = priority(kind=CaseKind.APPEAL, queued_at=NOON - 48 * HOUR)
    held = priority(
        look=Look.HOLD,
        level=Level.HELD,
        hold_since=NOON - 48 * HOUR,
        hold_expires_at=NOON + HOUR,
    )
    waited = priority(look=Look.WAITED, queued_at=NOON - 200 * HOUR)
    for moment in (NOON, NOON + ONE_SECOND):
        ordered = sorted((waited, appeal, held, grave), key=lambda each: order_key(each, moment))
        assert ordered == [grave, appeal, held, waited]


def test_every_second_look_passes_over_what_has_waited_and_is_late_and_over_nothing_else() -> None:
    late = priority(look=Look.WAITED, queued_at=NOON - 72 * HOUR, views_per_hour=0.0)
    in_time = priority(look=Look.WAITED, queued_at=NOON - 44 * HOUR, views_per_hour=1.0)
    watched = priority(views_per_hour=1e6)
    law = priority(due_at=NOON - 24 * HOUR, views_per_hour=0.0)
    queue = (watched, in_time, late, law)
    strict = sorted(queue, key=lambda each: order_key(each, NOON))
    assert strict == [law, late, in_time, watched]
    passing = sorted(queue, key=lambda each: order_key(each, NOON + ONE_SECOND))
    assert passing == [law, in_time, watched, late]
    seconds = [passes_over_late(NOON + n * ONE_SECOND) for n in range(60)]
    assert sum(seconds) == 30


@given(some_assessments, some_standings)
def test_every_case_is_due_some_time_and_a_duty_before_that(
    assessments: list[Assessment], this: Standing
) -> None:
    found = prioritise(assessments, GUIDELINES, this)
    assert found.duty_from is not None
    assert NOON <= found.duty_from <= found.due_at
    wanted = [this.due_at, this.reports_due_at, this.hold_expires_at]
    assert all(found.due_at <= each for each in wanted if each is not None)


def test_what_the_law_sets_a_time_for_is_a_duty_at_once() -> None:
    ordered = priority(due_at=NOON + HOUR)
    assert (ordered.lane, ordered.due_at, ordered.duty_from) == (Lane.DUTY, NOON + HOUR, NOON)
    notice = priority(assessment(has_notice=True), look=Look.NOTICE)
    assert (notice.lane, notice.duty_from) == (Lane.DUTY, NOON)
    worse = priority(assessment(about=GRAVE, has_notice=True), look=Look.NOTICE)
    assert (worse.lane, worse.because) == (Lane.GRAVE, "A notice says that it is illegal: Threat.")


def test_a_grave_report_is_a_duty_at_once_and_names_its_guideline() -> None:
    grave = priority(assessment(-9.0, GRAVE), assessment(5.0), look=Look.GRAVE)
    assert (grave.lane, grave.guideline) == (Lane.GRAVE, GRAVE)
    assert (grave.duty_from, grave.due_at) == (NOON, NOON + HOUR)


def test_an_appeal_has_its_own_lane_and_becomes_a_duty_at_half_its_time() -> None:
    appeal = priority(kind=CaseKind.APPEAL, level=Level.REMOVED)
    assert (appeal.lane, appeal.duty_from) == (Lane.APPEAL, NOON + 24 * HOUR)
    assert appeal.rate > 0


def test_an_ordinary_case_goes_by_its_rate_until_its_time_is_nearly_up() -> None:
    ordinary = priority()
    assert ordinary.lane is Lane.ORDINARY
    assert NOON + 36 * HOUR <= ordinary.duty_from < ordinary.due_at == NOON + 48 * HOUR


def test_a_case_without_an_assessment_has_a_place_too() -> None:
    unscanned = prioritise((), GUIDELINES, standing(look=Look.SCAN_FAILED))
    assert (unscanned.guideline, unscanned.rate) == (None, 0)
    assert unscanned.due_at == NOON + 24 * HOUR
    assert unscanned.because == "No detector could look at it."


@pytest.mark.parametrize(
    ("why", "sentence"),
    [
        (Look.NOTICE, "A notice says that it is illegal: Praise."),
        (Look.GRAVE, "Reported for Praise, which somebody always looks at."),
        (Look.HOLD, "Held for Praise until somebody has looked."),
        (Look.REGRET, "A medium probability of Praise, at about 1,200 views an hour."),
        (Look.WAITED, "What was reported has waited long enough: Praise."),
        (Look.REPORTED, "A medium probability of Praise, at about 1,200 views an hour."),
    ],
)
def test_a_moderator_is_told_why_in_a_sentence(why: Look, sentence: str) -> None:
    assert priority(look=why).because == sentence


@given(some_assessments, some_standings, st.integers(0, 10**6))
def test_the_sentence_never_depends_on_how_many_reported(
    assessments: list[Assessment], this: Standing, count: int
) -> None:
    more = [replace(each, voices_proven=count, voices_unproven=count) for each in assessments]
    told = prioritise(assessments, GUIDELINES, this).because
    assert prioritise(more, GUIDELINES, this).because == told


def test_bands_tell_how_strong_and_from_where() -> None:
    base = Term(name="base rate", nats=-1.5 * C_NEW)
    machine = Term(name="machine: image", nats=C_NEW / 2)
    voices = Term(name="unproven voices", nats=C_NEW)
    seen = bands(assessment(0.0, terms=(base, machine, voices), machine=C_NEW / 2))
    assert (seen.probability, seen.machine, seen.reports) == (Band.HIGH, Band.MEDIUM, Band.HIGH)
    nothing = bands(assessment(-6.0, terms=(Term(name="base rate", nats=-6.0),)))
    assert (nothing.probability, nothing.machine, nothing.reports) == (
        Band.LOW,
        Band.NONE,
        Band.NONE,
    )


@given(nats, nats)
def test_a_higher_probability_is_never_in_a_lower_band(one: float, other: float) -> None:
    order = list(Band)
    lower, higher = sorted((one, other))
    assert order.index(bands(assessment(lower)).probability) <= order.index(
        bands(assessment(higher)).probability
    )


def test_an_auditor_reads_every_term_and_their_sum() -> None:
    assert explain(assessment(-1.0)) == (
        "  -2.000 base rate",
        "  +1.000 unproven voices",
        "  -1.000 log-odds of praise, a probability of 26.89%",
    )


def test_a_trusted_flaggers_notice_is_due_before_others_of_the_same_time() -> None:
    notice = assessment(has_notice=True)
    flagged = assessment(has_notice=True, has_flagged_notice=True)
    plain, first = priority(notice, look=Look.NOTICE), priority(flagged, look=Look.NOTICE)
    assert first.due_at - NOON == (plain.due_at - NOON) / 2
    assert first.lane is plain.lane is Lane.DUTY
    assert order_key(first, NOON) < order_key(plain, NOON)
    assert first.because.startswith("A trusted flagger's notice says that it is illegal")
    both = priority(assessment(9.0, OTHER, has_notice=True), flagged, look=Look.NOTICE)
    assert both.guideline == ORDINARY
    assert both.due_at <= first.due_at


@given(some_assessments, some_standings)
def test_that_a_notice_is_a_trusted_flaggers_never_puts_a_look_off(among, where) -> None:
    before = prioritise(among, GUIDELINES, where)
    flagged = [replace(each, has_flagged_notice=True) for each in among]
    after = prioritise(flagged, GUIDELINES, where)
    assert after.due_at <= before.due_at
    assert after.lane is before.lane
