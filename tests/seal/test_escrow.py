from datetime import date

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from hypothesis import assume, given
from hypothesis import strategies as st

from underseal.core.report import Pseudonym
from underseal.core.subject import InvalidExternalIdError
from underseal.seal.escrow import (
    IdentityNotOpenedError,
    IdentityNotSealedError,
    SealedOnce,
    open_identity,
    seal_identity,
)
from underseal.seal.keys import KeyRing
from underseal.seal.pseudonym import pseudonyms

PSEUDONYM = Pseudonym(b"p" * 32)
CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
IDS = st.text(CHARACTERS, min_size=1, max_size=512).filter(lambda text: len(text.encode()) <= 512)


@given(IDS, st.binary(min_size=32, max_size=32).map(Pseudonym), st.integers(2020, 2100))
def test_the_escrow_key_opens_what_was_sealed_to_it(
    private_key: X25519PrivateKey,
    keys: KeyRing,
    reporter_id: str,
    pseudonym: Pseudonym,
    year: int,
) -> None:
    sealed = seal_identity(keys.escrow, reporter_id, pseudonym, year)
    assert open_identity(private_key, sealed, pseudonym, year) == reporter_id
    assert reporter_id.encode() not in sealed or len(reporter_id.encode()) < 8


@pytest.mark.parametrize(
    "reporter_id",
    [
        "ada",
        "Ὑπατία",
        "مریم",
        "李清照",
        "Zoë",
        "Zoe\u0308",
        "👩🏽‍🚀",
        "a" * 512,
        "é" * 256,
        " ",
        "\u202e",
    ],
)
def test_ids_of_any_script_come_back_as_they_were(
    private_key: X25519PrivateKey, keys: KeyRing, reporter_id: str
) -> None:
    sealed = seal_identity(keys.escrow, reporter_id, PSEUDONYM, 2026)
    assert open_identity(private_key, sealed, PSEUDONYM, 2026) == reporter_id


@given(st.integers(1, 512))
def test_the_length_of_a_sealed_identity_tells_short_from_long_and_no_more(
    keys: KeyRing, size: int
) -> None:
    sealed = seal_identity(keys.escrow, "a" * size, PSEUDONYM, 2026)
    assert len(sealed) == (112 if size <= 60 else 564)


def test_the_server_cannot_open_what_it_sealed(keys: KeyRing) -> None:
    """Every secret that a server holds is tried as the private key."""
    sealed = seal_identity(keys.escrow, "ada", PSEUDONYM, 2026)
    held = [keys.receipt, keys.notes, keys.media, keys.webhooks, keys.aliases, keys.cursors]
    held += [keys.escrow.public_bytes_raw(), sealed[:32]]
    held += [key for year in keys.live[2027] for key in (year.tag, year.pseudonym)]
    for secret in held:
        with pytest.raises(IdentityNotOpenedError):
            open_identity(X25519PrivateKey.from_private_bytes(secret), sealed, PSEUDONYM, 2026)


def test_the_same_identity_is_never_sealed_alike_twice(keys: KeyRing) -> None:
    first, second = (seal_identity(keys.escrow, "ada", PSEUDONYM, 2026) for _ in range(2))
    assert first != second
    assert first[:32] != second[:32]


@given(st.binary(min_size=32, max_size=32).map(Pseudonym), st.integers(2020, 2100))
def test_a_sealed_identity_opens_only_beside_its_pseudonym_and_year(
    private_key: X25519PrivateKey, keys: KeyRing, pseudonym: Pseudonym, year: int
) -> None:
    assume((pseudonym, year) != (PSEUDONYM, 2026))
    sealed = seal_identity(keys.escrow, "ada", PSEUDONYM, 2026)
    with pytest.raises(IdentityNotOpenedError):
        open_identity(private_key, sealed, pseudonym, year)


def test_every_changed_or_missing_byte_is_noticed(
    private_key: X25519PrivateKey, keys: KeyRing
) -> None:
    sealed = seal_identity(keys.escrow, "ada", PSEUDONYM, 2026)
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        for spoiled in (bytes(changed), sealed[:place]):
            with pytest.raises(IdentityNotOpenedError):
                open_identity(private_key, spoiled, PSEUDONYM, 2026)
    with pytest.raises(IdentityNotOpenedError):
        open_identity(private_key, sealed + b"\0", PSEUDONYM, 2026)


@pytest.mark.parametrize("content", [b"", b"\0\0\0\xffada", b"\0\0\0\1\xff"])
def test_what_somebody_else_sealed_without_form_is_refused(
    private_key: X25519PrivateKey, keys: KeyRing, content: bytes
) -> None:
    """The public key is public: anybody can seal anything to it."""
    suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
    binding = b"underseal/identity/1\0" + (2026).to_bytes(2) + PSEUDONYM
    with pytest.raises(IdentityNotOpenedError):
        open_identity(private_key, suite.encrypt(content, keys.escrow, binding), PSEUDONYM, 2026)


@pytest.mark.parametrize("reporter_id", ["", "a" * 513, "a\0b", "\ud800"])
def test_an_id_that_is_none_is_not_sealed(keys: KeyRing, reporter_id: str) -> None:
    with pytest.raises(InvalidExternalIdError):
        seal_identity(keys.escrow, reporter_id, PSEUDONYM, 2026)


def test_a_failed_encryption_has_a_name(today: date) -> None:
    useless = X25519PublicKey.from_public_bytes(bytes(32))
    with pytest.raises(IdentityNotSealedError) as caught:
        seal_identity(useless, "ada-lovelace", PSEUDONYM, today.year)
    assert "lovelace" not in str(caught.value)


def test_only_what_was_added_is_known_as_sealed(keys: KeyRing, today: date) -> None:
    ada, grace = (pseudonyms(keys, today, name).current for name in ("ada", "grace"))
    sealed_once = SealedOnce()
    assert ada not in sealed_once
    sealed_once.add(ada)
    assert ada in sealed_once
    assert grace not in sealed_once


def test_whoever_was_just_asked_for_is_not_forgotten_next() -> None:
    first, second, third = (Pseudonym(bytes([n]) * 32) for n in range(3))
    sealed_once = SealedOnce(2)
    sealed_once.add(first)
    sealed_once.add(second)
    assert first in sealed_once
    sealed_once.add(third)
    assert first in sealed_once
    assert second not in sealed_once


@given(
    st.integers(1, 4),
    st.lists(st.tuples(st.booleans(), st.integers(0, 6).map(lambda n: Pseudonym(bytes([n]))))),
)
def test_the_least_recently_seen_is_forgotten_first(
    size_max: int, steps: list[tuple[bool, Pseudonym]]
) -> None:
    sealed_once = SealedOnce(size_max)
    recent: list[Pseudonym] = []
    for is_added, pseudonym in steps:
        if is_added:
            sealed_once.add(pseudonym)
        else:
            assert (pseudonym in sealed_once) == (pseudonym in recent)
        if is_added or pseudonym in recent:
            recent = [*(other for other in recent if other != pseudonym), pseudonym][-size_max:]


def test_an_identity_sealed_long_ago_still_opens() -> None:
    old = bytes.fromhex(
        "68a7a9624f7c54818b1ccc1a1f5c7d1f03666a0520605d032e614d7a9b0a344ba0eb692a8249688daeac4a78"
        "52fa4c5e1f0750c06a769eeedabfda45740dc9da39d2389298eef45cc6d9f67c13558e283b8c63d7e3df6363"
        "7fb7d2ee6dd2dcdfc1209323a076e1f61a7d987ab4e2e6ba"
    )
    private_key = X25519PrivateKey.from_private_bytes(bytes(range(32)))
    assert open_identity(private_key, old, PSEUDONYM, 2026) == "Zoë"
