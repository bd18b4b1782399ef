from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from underseal.core.subject import SubjectId
from underseal.seal.box import TamperedError, close_box, open_box
from underseal.seal.keys import KeyRing, NotesKey, WebhooksKey
from underseal.seal.vault import (
    DataKey,
    KeyDestroyedError,
    decrypt_note,
    encrypt_note,
    new_data_key,
    unwrap,
    unwrap_secret,
    wrap,
    wrap_secret,
)

SUBJECT, OTHER = SubjectId(UUID(int=1)), SubjectId(UUID(int=2))
DATA_KEY = new_data_key(bytes(range(32)))
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=3000)


@given(TEXT, st.binary(max_size=64))
def test_a_note_comes_back_as_it_was(note: str, aad: bytes) -> None:
    assert decrypt_note(DATA_KEY, encrypt_note(DATA_KEY, note, aad), aad) == note


@pytest.mark.parametrize(
    ("size", "padded"),
    [
        (0, 64),
        (60, 64),
        (61, 256),
        (252, 256),
        (253, 1024),
        (1021, 4096),
        (4093, 8192),
        (8000, 8192),
        (8189, 16384),
    ],
)
def test_the_length_of_an_encrypted_note_shows_its_bucket_only(size: int, padded: int) -> None:
    assert len(encrypt_note(DATA_KEY, "a" * size, b"")) == 12 + padded + 16


def test_a_note_is_read_only_where_it_belongs() -> None:
    encrypted = encrypt_note(DATA_KEY, "at 0:42", b"here")
    with pytest.raises(TamperedError):
        decrypt_note(DATA_KEY, encrypted, b"there")
    with pytest.raises(TamperedError):
        decrypt_note(DataKey(bytes(32)), encrypted, b"here")


def test_every_changed_or_missing_byte_of_a_note_is_noticed() -> None:
    encrypted = encrypt_note(DATA_KEY, "at 0:42", b"here")
    for place in range(len(encrypted)):
        changed = bytearray(encrypted)
        changed[place] ^= 0x80
        for spoiled in (bytes(changed), encrypted[:place]):
            with pytest.raises(TamperedError):
                decrypt_note(DATA_KEY, spoiled, b"here")


def test_the_same_note_is_never_encrypted_alike_twice() -> None:
    notes = {encrypt_note(DATA_KEY, "again", b"") for _ in range(50)}
    assert len({note[:12] for note in notes}) == 50
    assert not any(b"again" in note for note in notes)


def test_a_data_key_opens_for_its_case_and_key_alone(keys: KeyRing) -> None:
    wrapped = wrap(keys.notes, DATA_KEY, SUBJECT)
    assert unwrap(keys.notes, wrapped, SUBJECT) == DATA_KEY
    assert wrapped.find(DATA_KEY) == -1
    with pytest.raises(TamperedError):
        unwrap(keys.notes, wrapped, OTHER)
    with pytest.raises(TamperedError):
        unwrap(NotesKey(keys.receipt), wrapped, SUBJECT)


def test_the_notes_of_a_destroyed_key_are_gone(keys: KeyRing) -> None:
    with pytest.raises(KeyDestroyedError):
        unwrap(keys.notes, None, SUBJECT)


def test_a_data_key_needs_all_its_random_bytes() -> None:
    for size in (0, 16, 31, 33):
        with pytest.raises(ValueError, match="32 random bytes"):
            new_data_key(bytes(size))


@given(st.binary(max_size=100), st.binary(max_size=20))
def test_a_webhook_secret_comes_back_for_its_endpoint_alone(
    keys: KeyRing, secret: bytes, endpoint: bytes
) -> None:
    wrapped = wrap_secret(keys.webhooks, secret, endpoint)
    assert unwrap_secret(keys.webhooks, wrapped, endpoint) == secret
    with pytest.raises(TamperedError):
        unwrap_secret(keys.webhooks, wrapped, endpoint + b"!")
    with pytest.raises(TamperedError):
        unwrap_secret(WebhooksKey(keys.notes), wrapped, endpoint)


def test_one_kind_of_box_does_not_open_as_another(keys: KeyRing) -> None:
    same_key = WebhooksKey(keys.notes)
    wrapped = wrap(keys.notes, DATA_KEY, SUBJECT)
    with pytest.raises(TamperedError):
        unwrap_secret(same_key, wrapped, SUBJECT.bytes)
    note = encrypt_note(DATA_KEY, "x", b"")
    with pytest.raises(TamperedError):
        unwrap(NotesKey(DATA_KEY), note, SUBJECT)


def test_a_box_is_refused_before_it_is_long_enough() -> None:
    key = bytes(32)
    assert open_box(key, close_box(key, b"", b""), b"") == b""
    for size in range(28):
        with pytest.raises(TamperedError):
            open_box(key, bytes(size), b"")


def test_a_note_encrypted_long_ago_is_still_read() -> None:
    old = bytes.fromhex(
        "6e6e6e6e6e6e6e6e6e6e6e6ea75b176ed42897cf5118585ae94bd78eff7eee3c2258c1f1d0dedfabb2e3e2ab"
        "79cd26691f89f4447df24d4cd2dda72be222afbcee7930f985156af7246ccd3818e8e61ead9a5b165772fa66"
        "ba5bd115"
    )
    assert decrypt_note(DATA_KEY, old, b"here") == "at 0:42"
