from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from underseal.core.guideline import GuidelineId
from underseal.core.report import CountedReport, Pseudonym
from underseal.core.subject import SubjectId
from underseal.core.voices import Voices, filed_by, voices

ONE, OTHER = GuidelineId("one"), GuidelineId("other")


def person(number: int) -> Pseudonym:
    return Pseudonym(number.to_bytes(32))


def people(*numbers: int) -> frozenset[Pseudonym]:
    return frozenset(map(person, numbers))


def heard(*reporters: int, groups=(), proven=frozenset()) -> Voices:
    return voices(people(*reporters), groups, proven)


def report(who: Pseudonym | None, about: GuidelineId, **changes: bool) -> CountedReport:
    values = {"after_outcome": False, "may_be_guessed": False, "is_notice": False, **changes}
    return CountedReport(
        subject_id=SubjectId(UUID(int=1)), round=1, guideline=about, pseudonym=who, **values
    )


some_reporters = st.frozensets(st.one_of(st.none(), st.integers(0, 12).map(person)))
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
    found = voices(people(1, 2) | {None}, (), people(1, 9))
    assert (found.proven, found.unproven) == (people(1), people(2) | {None})


def test_who_names_two_guidelines_has_filed_both_and_may_be_guessed_where_they_said_so() -> None:
    one, other = person(1), person(2)
    filed = filed_by(
        [
            report(one, ONE, is_notice=True),
            report(one, OTHER, may_be_guessed=True),
            report(other, OTHER, by_trusted_flagger=True),
            report(None, ONE),
            report(None, ONE),
        ]
    )
    assert filed.by == {ONE: {one, None}, OTHER: {one, other}}
    assert filed.by_consenting == {OTHER: {one}}
    assert (filed.noticed, filed.flagged) == ({ONE}, {OTHER})


@given(some_reporters, some_groups, some_proven)
def test_merging_forgets_nobody_and_hears_nobody_twice(reporters, groups, proven) -> None:
    found = voices(reporters, groups, proven)
    merged = [who for trusted, others in found.groups for who in (*trusted, *others)]
    everybody = [*found.proven, *found.unproven, *merged]
    assert len(everybody) == len(set(everybody))
    assert set(everybody) == reporters
    assert found.proven <= proven
    assert not found.unproven & proven
    assert all(len(trusted | others) > 1 for trusted, others in found.groups)
    assert all(trusted <= proven and not others & proven for trusted, others in found.groups)
