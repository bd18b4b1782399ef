from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from underseal.core.lock_out import FREE_TRIES, LONGEST, SHORTEST, next_try_at

LAST = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)


@given(st.integers(0, FREE_TRIES - 1))
def test_the_first_tries_wait_for_nothing(failures):
    assert next_try_at(failures, LAST) == LAST


@given(st.integers(FREE_TRIES, 10**9))
def test_every_further_one_waits_and_none_for_long(failures):
    wait = next_try_at(failures, LAST) - LAST
    assert SHORTEST <= wait <= LONGEST


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_more_wrong_tries_never_wait_less(one, other):
    few, many = sorted((one, other))
    assert next_try_at(few, LAST) <= next_try_at(many, LAST)


def test_a_day_of_guessing_is_a_few_hundred_tries():
    now, failures = LAST, 0
    while now < LAST + timedelta(days=1):
        failures += 1
        now = next_try_at(failures, now)
    assert failures < 300
