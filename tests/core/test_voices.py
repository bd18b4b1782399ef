from hypothesis import given
from hypothesis import strategies as st

from underseal.core.guideline import GuidelineId
from underseal.core.report import Pseudonym
from underseal.core.voices import Voices, voices

ONE, OTHER = GuidelineId("one"), GuidelineId("other")


def person(number: int) -> Pseudonym:
    return Pseudonym(number.to_bytes(32))


def people(*numbers: int) -> frozenset[Pseudonym]:
    return frozenset(map(person, numbers))


def heard(*reporters: int, groups=(), proven=frozenset()) -> Voices:
    return voices({ONE: people(*reporters)}, groups, proven)


some_named = st.fixed_dictionaries(
    {ONE: st.frozensets(st.one_of(st.none(), st.integers(0, 12).map(person)))},
    optional={OTHER: st.frozensets(st.integers(0, 12).map(person))},
)
some_groups = st.permutations(range(12)).map(
    lambda order: (people(*order[:5]), people(*order[5:8]), people(*order[8:10]))
)
some_proven = st.frozensets(st.integers(0, 12).map(person))


def test_those_of_a_group_who_did_not_report_are_left_out() -> None:
    found = heard(1, 2, 4, groups=[people(1, 2, 3)])
    assert (found.groups, found.unproven) == (((people(), people(1, 2)),), people(4))


def test_who_alone_of_a_group_reported_speaks_alone() -> None:
    found = heard(1, 4, groups=[people(1, 2, 3)])
    assert (found.groups, found.unproven) == ((), people(1, 4))


def test_the_proven_are_told_apart_and_who_has_no_account_is_none_of_them() -> None:
    found = voices({ONE: people(1, 2) | {None}}, (), people(1, 9))
    assert (found.proven, found.unproven) == (people(1), people(2) | {None})


def test_who_names_two_guidelines_speaks_once() -> None:
    found = voices({ONE: people(1, 2), OTHER: people(1)}, (), frozenset())
    assert found.unproven == people(1, 2)


@given(some_named, some_groups, some_proven)
def test_merging_forgets_nobody_and_hears_nobody_twice(named, groups, proven) -> None:
    found = voices(named, groups, proven)
    merged = [who for trusted, others in found.groups for who in (*trusted, *others)]
    everybody = [*found.proven, *found.unproven, *merged]
    assert len(everybody) == len(set(everybody))
    assert set(everybody) == frozenset().union(*named.values())
    assert found.proven <= proven
    assert not found.unproven & proven
    assert all(len(trusted | others) > 1 for trusted, others in found.groups)
    assert all(trusted <= proven and not others & proven for trusted, others in found.groups)
