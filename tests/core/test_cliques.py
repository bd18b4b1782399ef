import pytest
from hypothesis import given
from hypothesis import strategies as st

from underseal.core.cliques import (
    NO_CO_REPORTS,
    PSEUDONYMS_MAX,
    CoReports,
    SharedSubject,
    count_joint,
    joint_weight,
    merge_colluding,
)
from underseal.core.report import Pseudonym
from underseal.core.voices import Speaker, Voice, group_of, voices


def person(number: int) -> Pseudonym:
    return Pseudonym(number.to_bytes(32))


def shared(*people: int, by: int | None = None) -> SharedSubject:
    """A subject that these people reported, `by` people in all."""
    return SharedSubject(
        reporters=frozenset(map(person, people)), reporters_count=by or len(people)
    )


def groups(*subjects: SharedSubject) -> tuple[frozenset[Pseudonym], ...]:
    return merge_colluding(count_joint(subjects))


some_subjects = st.lists(
    st.builds(
        lambda people, more: shared(*people, by=len(people) + more),
        st.sets(st.integers(0, 8), min_size=1),
        st.integers(0, 500),
    ),
    max_size=12,
)
some_speakers = st.lists(
    st.builds(
        Speaker,
        pseudonym=st.one_of(st.none(), st.integers(0, 8).map(person)),
        weight=st.floats(0.01, 2),
        proven=st.booleans(),
    ),
    unique_by=lambda each: each.pseudonym or object(),
)


def test_two_who_report_alone_together_twice_are_one_group() -> None:
    assert groups(shared(1, 2), shared(1, 2)) == (frozenset({person(1), person(2)}),)


def test_meeting_once_is_a_coincidence() -> None:
    assert groups(shared(1, 2)) == ()


def test_fans_who_meet_on_popular_subjects_stay_apart() -> None:
    assert groups(*[shared(1, 2, by=1_000)] * 5) == ()


def test_meeting_again_and_again_even_on_popular_subjects_is_no_coincidence() -> None:
    assert groups(*[shared(1, 2, by=1_000)] * 12) == (frozenset({person(1), person(2)}),)


def test_busy_reporters_who_met_twice_stay_apart() -> None:
    alone = [shared(1)] * 20 + [shared(2)] * 20
    assert groups(shared(1, 2), shared(1, 2), *alone) == ()


def test_a_busy_reporter_does_not_hide_the_other_one_of_the_pair() -> None:
    assert groups(shared(1, 2), shared(1, 2), *[shared(1)] * 50) == (
        frozenset({person(1), person(2)}),
    )


def test_whoever_colludes_with_a_member_belongs_to_the_group() -> None:
    assert groups(*[shared(1, 2)] * 2, *[shared(2, 3)] * 2, *[shared(4, 5)] * 2) == (
        frozenset({person(1), person(2), person(3)}),
        frozenset({person(4), person(5)}),
    )


def test_a_shared_subject_counts_one_for_two_reporters_and_less_for_more() -> None:
    assert joint_weight(2) == joint_weight(0) == 1
    assert 1 > joint_weight(3) > joint_weight(30) > joint_weight(3_000) > 0


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


def test_the_strongest_member_speaks_for_a_group() -> None:
    speakers = [
        Speaker(pseudonym=person(1), weight=0.2, proven=False),
        Speaker(pseudonym=person(2), weight=1.5, proven=True),
        Speaker(pseudonym=person(3), weight=0.4, proven=False),
    ]
    together = group_of([frozenset({person(1), person(2)})])
    assert voices(speakers, together) == (
        Voice(members=2, weight=1.5, proven=True),
        Voice(members=1, weight=0.4, proven=False),
    )


def test_everybody_without_an_account_is_one_voice() -> None:
    strangers = [Speaker(pseudonym=None, weight=0.5, proven=False)] * 100
    assert voices(strangers, {}) == (Voice(members=100, weight=0.5, proven=False),)


@given(some_speakers, some_subjects)
def test_merging_never_adds_weight_and_forgets_nobody(
    speakers: list[Speaker], subjects: list[SharedSubject]
) -> None:
    merged = voices(speakers, group_of(groups(*subjects)))
    assert sum(voice.members for voice in merged) == len(speakers)
    weights = [speaker.weight for speaker in speakers]
    assert sum(voice.weight for voice in merged) <= sum(weights) + 1e-9
    assert max((voice.weight for voice in merged), default=0) == max(weights, default=0)
    assert [voice.weight for voice in merged] == sorted(
        (voice.weight for voice in merged), reverse=True
    )


@given(some_speakers, some_subjects)
def test_voices_do_not_depend_on_the_order_of_speakers(
    speakers: list[Speaker], subjects: list[SharedSubject]
) -> None:
    together = group_of(groups(*subjects))
    assert voices(speakers, together) == voices(speakers[::-1], together)
