from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from underseal.core.subject import SubjectId
from underseal.seal.box import TamperedError
from underseal.seal.keys import NotesKey
from underseal.seal.own_account import open_account, seal_account

KEY, OTHER = NotesKey(bytes(32)), NotesKey(bytes([1]) * 32)
MONA, NILS = UUID(int=1), UUID(int=2)


@given(st.uuids())
def test_an_account_opens_for_its_person_and_key_alone(account):
    sealed = seal_account(KEY, SubjectId(account), MONA)
    assert open_account(KEY, sealed, MONA) == account
    for key, person in ((KEY, NILS), (OTHER, MONA)):
        with pytest.raises(TamperedError):
            open_account(key, sealed, person)


def test_the_same_account_twice_looks_different_and_is_as_long():
    first, second = (seal_account(KEY, SubjectId(UUID(int=7)), MONA) for _ in range(2))
    assert first != second
    assert len(first) == len(second)
    assert UUID(int=7).bytes not in first
