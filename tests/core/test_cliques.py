import pytest
from hypothesis import given
from hypothesis import strategies as st

from underseal.core.cliques import (
    BURST_MIN,
    NO_CO_REPORTS,
    PSEUDONYMS_MAX,
    CoReports,
    SharedSubject,
    count_joint,
    is_burst,
    joint_weight,
    merge_colluding,
)
from underseal.core.evidence import REPORTS_PER_VIEW_VIOLATING
from underseal.core.report import Pseudonym


def person(number: int) -> Pseudonym:
    return Pseudonym(number.to_bytes(32))


def shared(
    *people: int, by: int | None = None, views: int = 0, is_cleared: bool = False
) -> SharedSubject:
    """A subject that these people reported, `by` people in all."""
    return SharedSubject(
        reporters=frozenset(map(person, people)),
        reporters_count=by or len(people),
        organic_views=views,
        is_cleared=is_cleared,
    )


def groups(*subjects: SharedSubject) -> tuple[frozenset[Pseudonym], ...]:
    return merge_colluding(count_joint(subjects))


some_subjects = st.lists(
    st.builds(
        lambda people, more, views, is_cleared: shared(
            *people, by=len(people) + more, views=views, is_cleared=is_cleared
        ),
        st.sets(st.integers(0, 8), min_size=1),
        st.integers(0, 500),
        st.integers(0, 20_000),
        st.booleans(),
    ),
    max_size=12,
)


def test_two_who_report_alone_together_again_and_again_are_one_group() -> None:
    assert groups(*[shared(1, 2)] * 3) == (frozenset({person(1), person(2)}),)


@given(st.sets(st.integers(0, 8), min_size=2), st.integers(2, 10**6))
def test_meeting_once_is_a_coincidence_however_many_were_there(people: set[int], by: int) -> None:
    assert groups(shared(*people, by=by)) == ()


def test_fans_who_meet_under_what_all_watch_stay_apart_however_often() -> None:
    assert groups(*[shared(1, 2, by=1_000, views=400_000)] * 50) == ()


def test_a_brigade_on_what_few_watch_is_one_group_after_two_attacks() -> None:
    brigade = range(20)
    assert groups(shared(*brigade, views=300), shared(*brigade, views=500)) == (
        frozenset(map(person, brigade)),
    )


def test_true_reports_of_what_many_watch_are_no_camouflage() -> None:
    brigade = range(20)
    attacks = [shared(*brigade, views=300), shared(*brigade, views=500)]
    camouflage = [shared(each, by=30, views=20_000) for each in brigade for _ in range(50)]
    assert groups(*attacks, *camouflage) == groups(*attacks) != ()


def test_reports_that_nobody_joins_are_no_camouflage() -> None:
    alone = [shared(1)] * 200 + [shared(2)] * 200
    assert groups(*[shared(1, 2)] * 3, *alone) == (frozenset({person(1), person(2)}),)


def test_those_who_meet_more_people_elsewhere_than_each_other_stay_apart() -> None:
    others = [shared(one, 10 * one + number, 9) for one in (1, 2) for number in range(40)]
    found = groups(*[shared(1, 2)] * 3, *others)
    assert not any({person(1), person(2)} <= group and len(group) == 2 for group in found)


def test_what_a_moderator_found_harmless_explains_fewer_reports() -> None:
    meetings = [shared(1, 2, 3, views=1_500)] * 6
    cleared = [shared(1, 2, 3, views=1_500, is_cleared=True)] * 6
    assert groups(*meetings) == ()
    assert groups(*cleared) == (frozenset({person(1), person(2), person(3)}),)


def test_whoever_colludes_with_a_member_belongs_to_the_group() -> None:
    assert groups(*[shared(1, 2)] * 3, *[shared(2, 3)] * 3, *[shared(4, 5)] * 3) == (
        frozenset({person(1), person(2), person(3)}),
        frozenset({person(4), person(5)}),
    )


@given(st.integers(1, 10**6), st.integers(0, 10**9), st.integers(0, 10**6), st.booleans())
def test_a_meeting_counts_less_the_more_watched_and_more_the_more_reported(
    by: int, views: int, more: int, is_cleared: bool
) -> None:
    weight = joint_weight(shared(1, by=by, views=views, is_cleared=is_cleared))
    assert 0 <= weight < 1
    assert joint_weight(shared(1, by=by, views=views + more, is_cleared=is_cleared)) <= weight
    assert joint_weight(shared(1, by=by + more, views=views, is_cleared=is_cleared)) >= weight
    assert joint_weight(shared(1, by=by, views=views, is_cleared=True)) >= weight


def test_more_reporters_than_an_audience_explains_are_a_burst() -> None:
    assert is_burst(20, 300)
    assert not is_burst(20, 10_000)


@given(st.integers(0, BURST_MIN - 1), st.integers(0, 10**6))
def test_a_few_reporters_are_no_burst_however_few_watched(reporters: int, views: int) -> None:
    assert not is_burst(reporters, views)


@given(st.integers(0, 10**6))
def test_an_audience_that_reports_as_it_reports_breaches_is_no_burst(views: int) -> None:
    assert not is_burst(round(REPORTS_PER_VIEW_VIOLATING * views), views)


def test_without_co_reports_nobody_is_merged() -> None:
    assert merge_colluding(NO_CO_REPORTS) == ()


@given(some_subjects)
def test_groups_do_not_depend_on_the_order_of_subjects(subjects: list[SharedSubject]) -> None:
    assert groups(*subjects) == groups(*subjects[::-1])


@given(some_subjects)
def test_nobody_is_in_two_groups_or_alone_in_one(subjects: list[SharedSubject]) -> None:
    found = groups(*subjects)
    members = [member for group in found for member in group]
    assert len(members) == len(set(members))
    assert all(len(group) >= 2 for group in found)


@given(some_subjects)
def test_a_group_survives_another_joint_report_that_nobody_else_made(
    subjects: list[SharedSubject],
) -> None:
    for group in groups(*subjects):
        again = groups(*subjects, SharedSubject(reporters=group, reporters_count=len(group)))
        assert any(group <= each for each in again)


def test_no_more_reporters_are_compared_than_the_limit() -> None:
    everybody = range(PSEUDONYMS_MAX + 1)
    with pytest.raises(ValueError, match="200"):
        count_joint([shared(*everybody)])


def test_a_pair_out_of_order_is_refused() -> None:
    totals = {person(1): 2.0, person(2): 2.0}
    with pytest.raises(ValueError, match="order"):
        CoReports(joint={(person(2), person(1)): 2.0}, totals=totals)
