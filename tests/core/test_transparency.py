"""What is told in public of the share of views: nothing from few looks, and two digits of the rest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from underseal.core.prevalence import Prevalence
from underseal.core.transparency import LOOKS_MIN, view_share


def seen(low: float, high: float, audits: int) -> Prevalence:
    return Prevalence(value=(low + high) / 2, low=low, high=high, audits=audits, found=1)


def test_from_few_looks_nothing_is_told():
    assert view_share(seen(0.001, 0.01, LOOKS_MIN - 1)) is None
    assert view_share(seen(0.001, 0.01, LOOKS_MIN)) is not None


def test_the_share_is_told_in_per_cent_with_two_digits():
    told = view_share(seen(0.0012345, 0.0156789, 1_234))
    assert told is not None
    assert (told.low, told.high, told.looks) == (0.12, 1.6, 1_230)


@given(st.floats(0, 1), st.floats(0, 1), st.integers(LOOKS_MIN, 10**6))
def test_what_is_told_is_within_a_twentieth_of_what_is_known(one, other, audits):
    low, high = sorted((one, other))
    told = view_share(seen(low, high, audits))
    assert told is not None
    assert told.low == pytest.approx(100 * low, rel=0.051)
    assert told.high == pytest.approx(100 * high, rel=0.051)
    assert told.low <= told.high <= 100
