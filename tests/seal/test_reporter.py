from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from underseal.core.subject import InvalidExternalIdError, SubjectId
from underseal.seal.escrow import SealedOnce, open_identity
from underseal.seal.keys import KeyRing
from underseal.seal.pseudonym import is_pseudonym_of, pseudonyms
from underseal.seal.reporter import SealingError, seal_reporter
from underseal.seal.tag import tags

SUBJECT = SubjectId(UUID(int=7))
CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
IDS = st.text(CHARACTERS, min_size=1, max_size=512).filter(lambda text: len(text.encode()) <= 512)


@given(IDS)
def test_a_reporter_is_sealed_so_that_only_the_escrow_key_names_them(
    private_key: X25519PrivateKey, keys: KeyRing, today: date, reporter_id: str
) -> None:
    sealed = seal_reporter(keys, today, reporter_id, SUBJECT, SealedOnce())
    assert sealed.pseudonym is not None
    assert sealed.identity is not None
    opened = open_identity(private_key, sealed.identity, sealed.pseudonym, sealed.year)
    assert opened == reporter_id
    assert is_pseudonym_of(keys, sealed.year, sealed.pseudonym, opened)


def test_a_sealed_reporter_has_the_tags_and_pseudonyms_of_the_day(
    keys: KeyRing, today: date
) -> None:
    sealed = seal_reporter(keys, today, "ada", SUBJECT, SealedOnce())
    tag, pseudonym = tags(keys, today, "ada", SUBJECT), pseudonyms(keys, today, "ada")
    assert (sealed.tag, sealed.previous_tags) == (tag.current, tag.previous)
    assert sealed.pseudonym == pseudonym.current
    assert sealed.previous_pseudonym == pseudonym.previous
    assert sealed.year == 2026


def test_an_identity_is_sealed_until_it_is_known_to_be_stored_and_anew_each_year(
    keys: KeyRing, today: date
) -> None:
    sealed_once = SealedOnce()
    first = seal_reporter(keys, today, "ada", SUBJECT, sealed_once)
    not_stored = seal_reporter(keys, today, "ada", SUBJECT, sealed_once)
    assert first.identity is not None
    assert not_stored.identity is not None
    assert first.pseudonym is not None
    sealed_once.add(first.pseudonym)
    assert seal_reporter(keys, today, "ada", SUBJECT, sealed_once).identity is None
    assert seal_reporter(keys, today, "grace", SUBJECT, sealed_once).identity is not None
    assert seal_reporter(keys, date(2027, 1, 1), "ada", SUBJECT, sealed_once).identity is not None


def test_somebody_without_account_leaves_a_tag_that_is_never_seen_again(
    keys: KeyRing, today: date
) -> None:
    made = [seal_reporter(keys, today, None, SUBJECT, SealedOnce()) for _ in range(50)]
    assert len({sealed.tag for sealed in made}) == 50
    assert {len(sealed.tag) for sealed in made} == {32}
    for sealed in made:
        assert sealed.previous_tags == ()
        assert (sealed.pseudonym, sealed.previous_pseudonym, sealed.identity) == (None, None, None)


def test_a_year_without_key_seals_nobody_and_says_what_to_do(keys: KeyRing) -> None:
    with pytest.raises(SealingError, match=r"underseal keys add-year 2028"):
        seal_reporter(keys, date(2028, 1, 1), "ada", SUBJECT, SealedOnce())


def test_a_failed_encryption_seals_nobody(keys: KeyRing, today: date) -> None:
    broken = replace(keys, escrow=X25519PublicKey.from_public_bytes(bytes(32)))
    with pytest.raises(SealingError) as caught:
        seal_reporter(broken, today, "ada-lovelace", SUBJECT, SealedOnce())
    assert "lovelace" not in str(caught.value)


@pytest.mark.parametrize("reporter_id", ["", "a" * 513, "a\0b", "secret\ud800"])
def test_an_id_that_is_none_is_the_callers_mistake(
    keys: KeyRing, today: date, reporter_id: str
) -> None:
    with pytest.raises(InvalidExternalIdError) as caught:
        seal_reporter(keys, today, reporter_id, SUBJECT, SealedOnce())
    assert "secret" not in str(caught.value)
