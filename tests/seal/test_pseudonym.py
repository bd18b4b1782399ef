from dataclasses import replace
from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from underseal.core.report import Pseudonym
from underseal.seal.keys import KeyRing, PseudonymKey, TagKey, YearKeyMissingError, YearKeys
from underseal.seal.pseudonym import is_pseudonym_of, pseudonyms

IDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)


@given(IDS, IDS)
def test_a_pseudonym_stands_for_one_person_throughout_a_year(
    keys: KeyRing, today: date, one: str, other: str
) -> None:
    assume(one != other)
    made = pseudonyms(keys, today, one)
    assert made == pseudonyms(keys, date(2026, 1, 1), one)
    assert made.current != pseudonyms(keys, today, other).current
    assert len(made.current) == 32


@given(IDS)
def test_the_link_leads_to_the_pseudonym_of_the_year_before(
    keys: KeyRing, reporter_id: str
) -> None:
    old = pseudonyms(keys, date(2026, 12, 31), reporter_id)
    new = pseudonyms(keys, date(2027, 1, 1), reporter_id)
    assert new.previous == old.current
    assert new.current != old.current


def test_the_first_year_has_no_link(keys: KeyRing) -> None:
    assert pseudonyms(keys, date(2024, 5, 1), "ada").previous is None


def test_an_opened_identity_is_checked_against_its_pseudonym(keys: KeyRing, today: date) -> None:
    made = pseudonyms(keys, today, "ada")
    assert made.previous is not None
    assert is_pseudonym_of(keys, 2026, made.current, "ada")
    assert is_pseudonym_of(keys, 2025, made.previous, "ada")
    assert not is_pseudonym_of(keys, 2026, made.current, "grace")
    assert not is_pseudonym_of(keys, 2025, made.current, "ada")
    assert not is_pseudonym_of(keys, 2026, Pseudonym(bytes(32)), "ada")


def test_nobody_can_check_a_destroyed_year(keys: KeyRing) -> None:
    with pytest.raises(YearKeyMissingError):
        is_pseudonym_of(keys, 2020, Pseudonym(bytes(32)), "ada")


def test_a_pseudonym_is_what_it_has_always_been(keys: KeyRing, today: date) -> None:
    """Track records belong to nobody any more if this value changes."""
    year = YearKeys(year=2026, tag=TagKey(b"t" * 32), pseudonym=PseudonymKey(b"p" * 32))
    fixed = replace(keys, live={2026: (year,)})
    made = pseudonyms(fixed, today, "Zoë").current.hex()
    assert made == "1d7a00889fb13ed5ff70d86b7c18926668c024ce65ca5918b11ecda2f5c206e4"
