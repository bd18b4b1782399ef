from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from underseal.core.disclosure import (
    HOUR,
    LONGEST,
    K,
    TickLength,
    Window,
    advance_window,
    closed_since,
    due,
    first_window,
    is_cover_audit,
    last_tick,
    order,
    tick_of,
)
from underseal.core.guideline import DisclosureClass
from underseal.core.subject import SubjectId

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LENGTHS = st.sampled_from([timedelta(seconds=2), timedelta(minutes=15), timedelta(hours=1)])
TIMES = st.timedeltas(timedelta(days=-4000), timedelta(days=40_000)).map(
    lambda since: datetime(1970, 1, 1, tzinfo=UTC) + since
)
SUBJECTS = st.uuids().map(SubjectId)


def hours(count):
    return timedelta(hours=count)


def window(viewers=0, *, number=1, opened_at=NOON):
    return Window(number=number, opened_at=opened_at, viewers=viewers)


@given(at=TIMES, length=LENGTHS)
def test_the_next_tick_is_less_than_a_length_away_and_aligned_to_the_epoch(at, length):
    tick = tick_of(at, TickLength(length))
    assert timedelta(0) <= tick - at < length
    assert (tick - datetime(1970, 1, 1, tzinfo=UTC)) % length == timedelta(0)
    assert last_tick(at, TickLength(length)) == (tick if tick == at else tick - length)


def test_a_tick_is_its_own_tick():
    assert tick_of(NOON, HOUR) == last_tick(NOON, HOUR) == NOON
    assert tick_of(NOON + timedelta(microseconds=1), HOUR) == NOON + hours(1)


def test_the_first_window_opens_no_later_than_the_subject_is_published():
    opened = first_window(NOON + timedelta(minutes=20), HOUR)
    assert opened == Window(number=1, opened_at=NOON, viewers=0)
    assert advance_window(opened, NOON + hours(1), K)[1]


def test_a_window_closes_at_the_first_tick_with_enough_viewers():
    current, closed = advance_window(window(), NOON + hours(1), K - 1)
    assert (current, closed) == (window(K - 1), False)
    current, closed = advance_window(current, NOON + hours(2), 1)
    assert closed
    assert current == Window(number=2, opened_at=NOON + hours(2), viewers=0)


def test_a_window_closes_after_seven_days_however_few_watched():
    assert not advance_window(window(1), NOON + LONGEST - hours(1), 0)[1]
    assert advance_window(window(1), NOON + LONGEST, 0) == (
        Window(number=2, opened_at=NOON + LONGEST, viewers=0),
        True,
    )


def test_viewers_of_a_window_that_ran_out_do_not_count_for_the_next():
    late = NOON + LONGEST + hours(5)
    current, closed = advance_window(window(K - 1), late, K - 1)
    assert current == Window(number=2, opened_at=NOON + LONGEST, viewers=K - 1)
    assert not closed


def test_counts_that_go_down_are_refused():
    with pytest.raises(ValueError):
        advance_window(window(), NOON + hours(1), -1)


@given(back=st.timedeltas(timedelta(0), timedelta(days=4000)), viewers=st.integers(0, 10_000))
def test_a_clock_that_jumps_back_changes_nothing(back, viewers):
    assert advance_window(window(3), NOON - back, viewers) == (window(3), False)


TRACES = st.lists(st.sampled_from([0, 0, 0, 0, 1, 3, 20, K - 1, K, 500]), max_size=400)


def run(trace, ticks_told):
    """Tell a window the ticks of a trace; return the closings among them, and where it ends."""
    current, closings = window(), []
    for index, viewers in enumerate(trace, start=1):
        if index in ticks_told:
            current, closed = advance_window(current, NOON + hours(index), viewers)
            closings += [index] if closed else []
    return closings, current


@given(trace=TRACES, data=st.data())
def test_nobody_can_tell_from_windows_whether_an_effect_waited(trace, data):
    """Every tick is told where an effect waits; elsewhere only those with viewers need be."""
    trace = [*trace, 1]
    everything = set(range(1, len(trace) + 1))
    with_viewers = {index for index in everything if trace[index - 1]}
    told = with_viewers | data.draw(st.sets(st.sampled_from(sorted(everything))))
    closings, end = run(trace, everything)
    some, same_end = run(trace, told)
    assert end == same_end
    assert some == [index for index in closings if index in told]
    assert end.viewers < K


@given(trace=TRACES)
def test_every_closed_window_had_its_crowd_or_its_seven_days(trace):
    closings, end = run(trace, set(range(1, len(trace) + 1)))
    assert end.number == len(closings) + 1
    for opened, closed in zip([0, *closings], closings, strict=False):
        viewers = sum(trace[opened:closed])
        assert viewers >= K or hours(closed - opened) == LONGEST
        assert sum(trace[opened : closed - 1]) < K
        assert hours(closed - opened) <= LONGEST


@given(trace=TRACES, extra=st.lists(st.integers(0, K), max_size=400))
def test_more_viewers_never_close_the_first_window_later(trace, extra):
    more = [a + b for a, b in zip(trace, extra + [0] * len(trace), strict=False)]
    everything = set(range(1, len(trace) + 1))
    first, sooner = run(trace, everything)[0][:1], run(more, everything)[0][:1]
    assert not first or sooner <= first


def test_an_effect_waits_for_a_window_that_closes_after_it_was_intended():
    current, _ = advance_window(window(), NOON + hours(1), K)
    assert closed_since(current, NOON + hours(1))
    assert not closed_since(current, NOON + hours(1) + timedelta(microseconds=1))
    assert not closed_since(window(), NOON - hours(1))


@given(
    disclosure=st.sampled_from(DisclosureClass),
    offset=st.integers(-50, 50),
    window_closed=st.booleans(),
)
def test_an_effect_takes_place_when_its_class_says(disclosure, offset, window_closed):
    intended_at = NOON + timedelta(minutes=offset)
    is_due = due(disclosure, intended_at, published=True, window_closed=window_closed, tick=NOON)
    assert due(disclosure, intended_at, published=False, window_closed=window_closed, tick=NOON)
    match disclosure:
        case DisclosureClass.AT_ONCE:
            assert is_due
        case DisclosureClass.TICK:
            assert is_due == (offset <= 0)
        case DisclosureClass.WINDOW:
            assert is_due == (offset <= 0 and window_closed)


@given(subjects=st.lists(SUBJECTS, unique=True), data=st.data(), tick=TIMES)
def test_the_order_within_a_tick_does_not_depend_on_who_came_first(subjects, data, tick):
    shuffled = data.draw(st.permutations(subjects))
    assert order(shuffled, tick) == order(subjects, tick)
    assert sorted(order(subjects, tick)) == sorted(subjects)


def test_the_order_differs_from_tick_to_tick():
    subjects = [SubjectId(UUID(int=number)) for number in range(20)]
    assert order(subjects, NOON) != order(subjects, NOON + hours(1))


def test_a_cover_audit_falls_on_a_share_of_the_subjects_and_on_others_with_each_draw():
    subjects = [SubjectId(UUID(int=number)) for number in range(4000)]
    drawn = [
        {each for each in subjects if is_cover_audit(each, window_number, draw, 0.1)}
        for draw, window_number in ((0.25, 1), (0.75, 1), (0.25, 2))
    ]
    assert drawn[0] == {each for each in subjects if is_cover_audit(each, 1, 0.25, 0.1)}
    for audited in drawn:
        assert 320 < len(audited) < 480  # four standard deviations
    for other in drawn[1:]:
        assert len(drawn[0] & other) < 80  # 40 expected by chance


@given(subject=SUBJECTS, draw=st.floats(0, 1, exclude_max=True))
def test_no_rate_audits_nobody_and_a_full_one_everybody(subject, draw):
    assert not is_cover_audit(subject, 1, draw, 0)
    assert is_cover_audit(subject, 1, draw, 1)


@pytest.mark.parametrize(("draw", "rate"), [(1, 0.1), (-0.1, 0.1), (0.1, 1.1), (0.1, -0.1)])
def test_a_draw_or_rate_out_of_range_is_refused(draw, rate):
    with pytest.raises(ValueError):
        is_cover_audit(SubjectId(UUID(int=1)), 1, draw, rate)
