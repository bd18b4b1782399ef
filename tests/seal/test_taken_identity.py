"""The file in which a sealed identity travels: what it holds comes back, and nothing else is one."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from underseal.core.report import Pseudonym
from underseal.seal.taken_identity import (
    NotTakenIdentityError,
    TakenIdentity,
    parse_taken,
    taken_text,
)

TAKEN = TakenIdentity(
    request_id=UUID(int=7), pseudonym=Pseudonym(b"p" * 32), year=2026, sealed=b"s" * 112
)


@given(
    st.builds(
        TakenIdentity,
        request_id=st.uuids(),
        pseudonym=st.binary(min_size=32, max_size=32).map(Pseudonym),
        year=st.integers(1, 9999),
        sealed=st.binary(max_size=600),
    )
)
def test_what_was_written_is_read(taken):
    assert parse_taken(taken_text(taken).encode()) == taken


def test_a_file_of_which_anything_is_missing_is_none():
    whole = taken_text(TAKEN).encode().rstrip()
    for length in range(len(whole)):
        with pytest.raises(NotTakenIdentityError):
            parse_taken(whole[:length])


@pytest.mark.parametrize(
    ("there", "instead"),
    [
        ("identity/1", "identity/2"),
        ("2026", "0"),
        ("2026", "-1"),
        ("2026", "99999"),
        ("2026", '"2026"'),
        ("cHBw", ""),
        ("00000000-0000", "somebody"),
        ('"year"', '"years"'),
        ("{", '{"more": 1,'),
    ],
)
def test_another_form_is_none(there, instead):
    text = taken_text(TAKEN)
    assert there in text
    with pytest.raises(NotTakenIdentityError):
        parse_taken(text.replace(there, instead).encode())


@given(st.binary(max_size=200))
def test_other_bytes_are_none(raw):
    with pytest.raises(NotTakenIdentityError):
        parse_taken(raw)


def test_it_shows_nobody_what_it_holds():
    assert repr(TAKEN) == "TakenIdentity(redacted)"
