"""What will wait, and who it takes."""

import math
from collections.abc import Mapping

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from underseal.core.staffing import DAYS, Staffing, Workload, staff

some_due = st.dictionaries(st.integers(0, 20), st.integers(0, 60), max_size=6)
some_opened = st.dictionaries(st.integers(0, 20), st.integers(0, 20).map(float), max_size=4)


def workload(
    due: Mapping[int, int], opened: Mapping[int, float], looks: float = 10.0, person: float = 5.0
) -> Workload:
    return Workload(due=due, opened=opened, looks_a_day=looks, looks_a_person=person)


def play(due: Mapping[int, int], opened: Mapping[int, float], looks: int) -> tuple[int, int]:
    """Look at what is due first, day by day; return what is late at the end, and what waits."""
    waiting = [left for left, cases in due.items() for _ in range(cases)]
    late = 0
    for day in range(DAYS):
        waiting += [day + wait for wait, cases in opened.items() for _ in range(int(cases))]
        waiting = sorted(waiting)[looks:]
        late = sum(last <= day for last in waiting)
    return late, len(waiting)


@given(some_due, some_opened)
def test_with_the_looks_that_are_needed_nothing_is_late(
    due: Mapping[int, int], opened: Mapping[int, float]
) -> None:
    late, _ = play(due, opened, math.ceil(staff(workload(due, opened)).looks_needed))
    assert late == 0


@given(some_due)
def test_with_fewer_looks_something_is_late_or_was_never_due(due: Mapping[int, int]) -> None:
    needed = staff(workload(due, {})).looks_needed
    assume(needed > 1)
    too_few = math.ceil(needed) - 1
    lates = [
        sum(cases for left, cases in due.items() if left <= day) - too_few * (day + 1)
        for day in range(DAYS)
    ]
    assert max(lates) > 0


@given(some_due, some_opened, st.integers(0, 60))
def test_the_backlog_is_what_is_left_when_what_is_due_first_is_looked_at_first(
    due: Mapping[int, int], opened: Mapping[int, float], looks: int
) -> None:
    foretold = staff(workload(due, opened, looks=float(looks)))
    late, waiting = play(due, opened, looks)
    assert foretold.backlog[-1] == pytest.approx(waiting)
    assert foretold.late[-1] == pytest.approx(late)


@given(some_due, some_opened, st.integers(0, 20), st.integers(1, 50))
def test_more_work_never_takes_fewer_people(
    due: Mapping[int, int], opened: Mapping[int, float], left: int, cases: int
) -> None:
    more = {**due, left: due.get(left, 0) + cases}
    less_needed, more_needed = staff(workload(due, opened)), staff(workload(more, opened))
    assert less_needed.looks_needed <= more_needed.looks_needed
    assert less_needed.people_needed <= more_needed.people_needed


def test_a_steady_week_takes_a_little_more_than_comes() -> None:
    steady = staff(workload({}, {3: 40.0}, looks=40.0, person=12.0))
    assert isinstance(steady, Staffing)
    assert 40 < steady.looks_needed < 45
    assert steady.people_needed == 4
    assert steady.backlog == (0.0,) * DAYS


def test_nothing_to_do_takes_nobody() -> None:
    idle = staff(workload({}, {}))
    assert (idle.looks_needed, idle.people_needed) == (0.0, 0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"due": {0: -1}},
        {"due": {-1: 1}},
        {"opened": {0: -0.5}},
        {"looks_a_day": -1.0},
        {"looks_a_person": 0.0},
    ],
)
def test_a_workload_that_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    given_ = {"due": {}, "opened": {}, "looks_a_day": 1.0, "looks_a_person": 1.0, **wrong}
    with pytest.raises(ValueError, match="negative"):
        Workload(**given_)  # type: ignore[arg-type]  # the wrong values are of the right types
