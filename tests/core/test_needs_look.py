"""Why somebody looks at a case."""

import math
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from weighed import GRAVE, GUIDELINES, ORDINARY, assessment

from underseal.core.effect import (
    REGRET_RATE_MIN,
    REPORTED_RATE_MIN,
    REPORTED_VIEWERS_MIN,
    SUSPECTED_RATE_MIN,
    Context,
    Look,
    needs_look,
    regret_rate,
)
from underseal.core.evidence import CLEARED, Assessment, Weighting
from underseal.core.visibility import Level


def look(*assessments: Assessment, **changes) -> Look | None:
    values = {
        "level": Level.PUBLIC,
        "published": True,
        "qualifying_viewers": 100,
        "weighting": Weighting.PRIORITY_ONLY,
        "guess_consent": False,
    }
    return needs_look(assessments, GUIDELINES, Context(**{**values, **changes}))


def test_a_notice_always_gets_a_look() -> None:
    noticed = assessment(-9.0, has_notice=True)
    assert look(noticed) is Look.NOTICE
    assert look(replace(noticed, is_looked_at=True)) is Look.NOTICE


def test_a_grave_report_gets_one_look_whatever_it_weighs() -> None:
    faint = assessment(-15.0, GRAVE)
    assert look(faint, weighting=Weighting.OFF) is Look.GRAVE
    assert look(replace(faint, is_looked_at=True)) is None
    assert look(replace(faint, is_reported=False)) is None


def test_a_failed_scan_gets_a_look() -> None:
    assert look(scan_failed=True) is Look.SCAN_FAILED
    assert look() is None


def test_what_is_held_or_to_be_held_gets_a_look() -> None:
    assert look(assessment(-9.0), level=Level.HELD) is Look.HOLD
    assert look(assessment(unreported=3.0, machine=6.0)) is Look.HOLD


def test_much_watched_probable_breaches_get_a_look_and_unwatched_ones_wait() -> None:
    suspected = assessment()
    rate = regret_rate(suspected, GUIDELINES.by_id[ORDINARY], Level.PUBLIC, 1.0)
    enough = REGRET_RATE_MIN / rate
    assert look(suspected, views_per_hour=enough * 1.01) is Look.REGRET
    assert look(suspected, views_per_hour=enough * 0.99) is not Look.REGRET


def test_what_nobody_has_reported_is_in_the_queue_for_less_as_nobody_is_owed_that_look() -> None:
    suspected = replace(assessment(), is_reported=False)
    rate = regret_rate(suspected, GUIDELINES.by_id[ORDINARY], Level.PUBLIC, 1.0)
    enough = SUSPECTED_RATE_MIN / rate
    assert look(suspected, views_per_hour=enough * 1.01) is Look.REGRET
    assert look(suspected, views_per_hour=enough * 0.99) is None


def test_what_is_reported_is_there_for_whoever_has_nothing_else_unless_few_watch_it() -> None:
    reported = assessment()
    rate = regret_rate(reported, GUIDELINES.by_id[ORDINARY], Level.PUBLIC, 1.0)
    enough = REPORTED_RATE_MIN / rate
    assert look(reported, views_per_hour=enough * 1.01) is Look.REPORTED
    few = REPORTED_VIEWERS_MIN - 1
    assert look(reported, views_per_hour=enough * 1.01, qualifying_viewers=few) is None
    assert look(reported, views_per_hour=enough * 0.99) is None
    assert look(replace(reported, is_reported=False), views_per_hour=enough * 1.01) is None
    assert look(replace(reported, log_odds=CLEARED), views_per_hour=enough * 1.01) is None


def test_what_is_in_the_queue_stays_there_though_nobody_watches_it_any_more() -> None:
    assert look(assessment(-9.0), is_queued=True) is Look.REPORTED
    assert look(replace(assessment(-9.0), is_reported=False), is_queued=True) is Look.REGRET


@given(st.integers(1, 90))
def test_every_report_gets_a_look_while_there_is_time_left_for_it(longest: int) -> None:
    queued_after = next(
        waited
        for waited in range(longest + 1)
        if look(assessment(-9.0), waited_days=waited, waited_days_max=longest) is Look.WAITED
    )
    assert 0 < queued_after <= math.ceil(longest / 2)
