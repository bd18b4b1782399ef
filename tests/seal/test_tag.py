from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from underseal.core.subject import SubjectId
from underseal.seal.keys import KeyRing, PseudonymKey, TagKey, YearKeyMissingError, YearKeys
from underseal.seal.tag import anonymous_tag, tags

IDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)
SUBJECTS = st.uuids().map(SubjectId)
SUBJECT = SubjectId(UUID(int=7))


@given(IDS, SUBJECTS)
def test_the_same_person_and_subject_have_the_same_tag(
    keys: KeyRing, today: date, reporter_id: str, subject_id: SubjectId
) -> None:
    first = tags(keys, today, reporter_id, subject_id)
    assert first == tags(keys, date(2026, 1, 1), reporter_id, subject_id)
    assert len(first.current) == 32
    assert len(first.previous) == 2


@given(st.lists(st.tuples(IDS, SUBJECTS), min_size=2, max_size=6, unique=True))
def test_other_people_or_subjects_have_other_tags_in_every_year(
    keys: KeyRing, today: date, pairs: list[tuple[str, SubjectId]]
) -> None:
    made = [tags(keys, today, *pair) for pair in pairs]
    every = [tag for one in made for tag in (one.current, *one.previous)]
    assert len(set(every)) == len(every)


@given(IDS, SUBJECTS)
def test_a_repeat_is_recognised_across_the_turn_of_a_year(
    keys: KeyRing, reporter_id: str, subject_id: SubjectId
) -> None:
    old = tags(keys, date(2026, 12, 31), reporter_id, subject_id)
    new = tags(keys, date(2027, 1, 1), reporter_id, subject_id)
    assert new.current != old.current
    assert new.previous == (old.current, *old.previous)


def test_an_id_that_swallows_part_of_a_subject_is_somebody_else(keys: KeyRing, today: date) -> None:
    subject = SubjectId(UUID(bytes=b"subject-16-bytes"))
    shifted = SubjectId(UUID(bytes=b"rsubject-16-byte"))
    assert tags(keys, today, "user", subject) != tags(keys, today, "use", shifted)


def test_after_a_year_is_destroyed_its_tags_cannot_be_made(keys: KeyRing, today: date) -> None:
    whole = tags(keys, today, "ada", SUBJECT)
    (this_year, last_year, _) = keys.for_day(today)
    poorer = replace(keys, live={2026: (this_year, last_year)})
    assert tags(poorer, today, "ada", SUBJECT).previous == whole.previous[:1]


def test_a_year_without_key_makes_no_tag(keys: KeyRing) -> None:
    with pytest.raises(YearKeyMissingError):
        tags(keys, date(2028, 1, 1), "ada", SUBJECT)


def test_a_tag_is_what_it_has_always_been(keys: KeyRing, today: date) -> None:
    """Stored tags recognise nobody any more if this value changes."""
    year = YearKeys(year=2026, tag=TagKey(b"t" * 32), pseudonym=PseudonymKey(b"p" * 32))
    fixed = replace(keys, live={2026: (year,)})
    made = tags(fixed, today, "Zoë", SUBJECT).current.hex()
    assert made == "34bb52ad94d7a988026493fe62271edc606a01cbb858373cb45162ed038ae92e"


def test_an_anonymous_tag_is_the_random_bytes_and_needs_all_of_them() -> None:
    assert anonymous_tag(b"r" * 32) == b"r" * 32
    for size in (0, 31, 33):
        with pytest.raises(ValueError, match="32 random bytes"):
            anonymous_tag(bytes(size))
