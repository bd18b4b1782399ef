"""Nothing in this layer says a secret when it is printed, logged or raised."""

import traceback
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from datetime import date
from logging import INFO, LogRecord
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from underseal.core.guideline import GuidelineId
from underseal.core.subject import SubjectId
from underseal.seal.box import TamperedError
from underseal.seal.escrow import (
    IdentityNotOpenedError,
    SealedOnce,
    open_identity,
    seal_identity,
)
from underseal.seal.escrow_key import EscrowKeyError, parse_private_key, parse_public_key
from underseal.seal.keys import KeyRing
from underseal.seal.pseudonym import pseudonyms
from underseal.seal.receipt import InvalidReceiptError, parse, receipt
from underseal.seal.reporter import SealingError, seal_reporter
from underseal.seal.tag import tags
from underseal.seal.vault import decrypt_note, encrypt_note, new_data_key, unwrap

SUBJECT = SubjectId(UUID(int=7))
ID = "canary-reporter-5f1c"


def spellings(secret: object) -> Iterator[str]:
    match secret:
        case str():
            yield secret
        case bytes():
            yield from (secret.hex(), repr(secret)[2:-1], b64encode(secret).decode().rstrip("="))
        case tuple():
            for part in secret:
                yield from spellings(part)
        case _:
            return


def printed(record: object) -> str:
    logged = LogRecord("seal", INFO, __file__, 1, "%s %r", (record, [record]), None).getMessage()
    return f"{record!r} {record!s} {record} {logged}"


def test_no_record_shows_what_it_holds(keys: KeyRing, today: date) -> None:
    tag = tags(keys, today, ID, SUBJECT).current
    made = receipt(keys, SUBJECT, 1, GuidelineId("violence/graphic"), tag, day=today)
    sealed_once = SealedOnce()
    sealed_once.add(pseudonyms(keys, today, ID).current)
    records: list[Any] = [
        keys,
        keys.for_day(today)[0],
        tags(keys, today, ID, SUBJECT),
        pseudonyms(keys, today, ID),
        seal_reporter(keys, today, ID, SUBJECT, sealed_once),
        made,
    ]
    for record in records:
        secrets = [getattr(record, field.name) for field in fields(record)]
        assert secrets
        for spelling in spellings(tuple(secrets)):
            assert spelling not in printed(record)
        assert ID not in printed(record)
    assert "canary" not in printed(sealed_once)
    for spelling in spellings(pseudonyms(keys, today, ID).current):
        assert spelling not in printed(sealed_once)


def test_no_error_says_what_it_failed_on(keys: KeyRing, today: date) -> None:
    pseudonym = pseudonyms(keys, today, ID).current
    sealed = seal_identity(keys.escrow, ID, pseudonym, 2026)
    data_key = new_data_key(bytes(range(32)))
    note = "canary-note"
    encrypted = encrypt_note(data_key, note, b"here")
    stranger = X25519PrivateKey.generate()
    tag = tags(keys, today, ID, SUBJECT).current
    token = receipt(keys, SUBJECT, 1, GuidelineId("g"), tag, day=today).token
    useless = replace(keys, escrow=X25519PublicKey.from_public_bytes(bytes(32)))
    failures: list[tuple[type[Exception], Callable[[], object]]] = [
        (IdentityNotOpenedError, lambda: open_identity(stranger, sealed, pseudonym, 2026)),
        (TamperedError, lambda: decrypt_note(data_key, encrypted, b"there")),
        (TamperedError, lambda: unwrap(keys.notes, encrypted, SUBJECT)),
        (InvalidReceiptError, lambda: parse(keys, token + "x")),
        (
            InvalidReceiptError,
            lambda: parse(keys, token[:-1] + ("a" if token[-1] != "a" else "b")),
        ),
        (SealingError, lambda: seal_reporter(useless, today, ID, SUBJECT, SealedOnce())),
        (SealingError, lambda: seal_reporter(keys, date(2040, 1, 1), ID, SUBJECT, SealedOnce())),
        (EscrowKeyError, lambda: parse_public_key(stranger.private_bytes_raw())),
        (EscrowKeyError, lambda: parse_private_key(stranger.private_bytes_raw().hex() + "0")),
    ]
    stored = (pseudonym, sealed, encrypted)
    secrets = (ID, note, token, data_key, keys.notes, stranger.private_bytes_raw(), *stored)
    for error, fail in failures:
        with pytest.raises(error) as caught:
            fail()
        said = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
        for spelling in spellings(secrets):
            assert spelling not in said
