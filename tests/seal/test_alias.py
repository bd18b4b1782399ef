import re
from collections import Counter
from hashlib import sha256
from random import Random
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from underseal.core.report import Tag
from underseal.core.subject import SubjectId
from underseal.seal.alias import aliases
from underseal.seal.keys import AliasesKey

KEY = AliasesKey(bytes(range(32)))
CASE = SubjectId(UUID(int=1))
TAGS = st.lists(st.binary(min_size=32, max_size=32).map(Tag), unique=True, max_size=40)


def some_tags(count: int) -> list[Tag]:
    return [Tag(sha256(bytes([n >> 8, n & 255])).digest()) for n in range(count)]


@given(TAGS, st.randoms())
def test_aliases_are_distinct_and_do_not_depend_on_the_order_of_arrival(
    tags: list[Tag], order: Random
) -> None:
    given_first = aliases(KEY, CASE, 1, tags)
    shuffled = tags[:]
    order.shuffle(shuffled)
    assert aliases(KEY, CASE, 1, shuffled + shuffled) == given_first
    assert set(given_first) == set(tags)
    assert len(set(given_first.values())) == len(tags)
    assert all(re.fullmatch(r"Reporter [A-Z]+", alias) for alias in given_first.values())


def test_letters_go_from_a_to_z_then_aa_and_on() -> None:
    for count, lengths in ((26, {1: 26}), (27, {1: 26, 2: 1}), (703, {1: 26, 2: 676, 3: 1})):
        given_here = aliases(KEY, CASE, 1, some_tags(count)).values()
        assert Counter(len(alias.removeprefix("Reporter ")) for alias in given_here) == lengths


def test_rounds_cases_and_keys_have_unrelated_aliases() -> None:
    tags = some_tags(20)
    here = aliases(KEY, CASE, 1, tags)
    for elsewhere in (
        aliases(KEY, CASE, 2, tags),
        aliases(KEY, SubjectId(UUID(int=2)), 1, tags),
        aliases(AliasesKey(bytes(32)), CASE, 1, tags),
    ):
        kept = sum(here[tag] == elsewhere[tag] for tag in tags)
        assert kept < 8  # 20/26 are expected by chance; more than 7 by less than 1 in 100,000


def test_the_first_letter_falls_evenly() -> None:
    """One reporter alone is "Reporter A" no more often than any other letter."""
    tag = some_tags(1)[0]
    drawn = Counter(aliases(KEY, SubjectId(UUID(int=case)), 1, [tag])[tag] for case in range(2600))
    assert len(drawn) == 26
    assert max(drawn.values()) < 150  # 100 ± 10 are expected: five deviations


def test_while_they_are_few_a_later_report_seldom_changes_an_alias() -> None:
    changed = 0
    for case in range(300):
        subject_id = SubjectId(UUID(int=case))
        tags = some_tags(6)
        before = aliases(KEY, subject_id, 1, tags[:5])
        after = aliases(KEY, subject_id, 1, tags)
        changed += any(before[tag] != after[tag] for tag in before)
    assert changed < 60  # about one in ten is expected
