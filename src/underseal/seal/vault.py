"""The vault: notes under a data key for each case, and webhook secrets, all in boxes.

A data key is stored wrapped. When retention deletes the wrapped key, every note of the case is
gone, wherever copies of it lie.
"""

from typing import Final, NewType

from underseal.core.subject import SubjectId
from underseal.seal.box import KEY_BYTES, close_box, open_box
from underseal.seal.keys import NotesKey, WebhooksKey
from underseal.seal.padding import pad, unpad

DataKey = NewType("DataKey", bytes)
"""32 bytes: the key of one case's notes."""

NOTE_BUCKETS: Final = (64, 256, 1024, 4096, 8192)
"""Lengths of a padded note, in bytes; longer ones fill multiples of the last. Settings."""

_DATA_KEY: Final = b"underseal/data-key/1\0"
_NOTE: Final = b"underseal/note/1\0"
_WEBHOOK_SECRET: Final = b"underseal/webhook-secret/1\0"


class KeyDestroyedError(Exception):
    """The data key was destroyed, and with it everything that was encrypted under it."""


def new_data_key(random_bytes: bytes) -> DataKey:
    """Make the data key of a case from 32 random bytes.

    Raises:
        ValueError: there are not 32 of them.
    """
    if len(random_bytes) != KEY_BYTES:
        raise ValueError(f"a data key is {KEY_BYTES} random bytes")
    return DataKey(random_bytes)


def wrap(notes_key: NotesKey, data_key: DataKey, subject_id: SubjectId) -> bytes:
    """Encrypt the data key of the case about a subject, to be stored."""
    return close_box(notes_key, data_key, _DATA_KEY + subject_id.bytes)


def unwrap(notes_key: NotesKey, wrapped: bytes | None, subject_id: SubjectId) -> DataKey:
    """Return the data key; `wrapped` is None where the store has it no more.

    Raises:
        KeyDestroyedError: there is none.
        TamperedError: it is not this case's, or not this key's.
    """
    if wrapped is None:
        raise KeyDestroyedError("the notes of this case were destroyed")
    return DataKey(open_box(notes_key, wrapped, _DATA_KEY + subject_id.bytes))


def encrypt_note(data_key: DataKey, note: str, aad: bytes) -> bytes:
    """Encrypt a note; `aad` names where it belongs, and must be given again to read it."""
    return close_box(data_key, pad(note.encode(), NOTE_BUCKETS), _NOTE + aad)


def decrypt_note(data_key: DataKey, encrypted: bytes, aad: bytes) -> str:
    """Return the note.

    Raises:
        TamperedError: it is not this place's, or not this key's.
    """
    return unpad(open_box(data_key, encrypted, _NOTE + aad)).decode()


def wrap_secret(webhooks_key: WebhooksKey, secret: bytes, endpoint: bytes) -> bytes:
    """Encrypt the webhook secret of an endpoint, to be stored; `endpoint` is its id."""
    return close_box(webhooks_key, secret, _WEBHOOK_SECRET + endpoint)


def unwrap_secret(webhooks_key: WebhooksKey, wrapped: bytes, endpoint: bytes) -> bytes:
    """Return the webhook secret.

    Raises:
        TamperedError: it is not this endpoint's, or not this key's.
    """
    return open_box(webhooks_key, wrapped, _WEBHOOK_SECRET + endpoint)
