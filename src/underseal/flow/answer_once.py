"""A request that is sent twice is answered once: the second time it gets the first answer.

The key that a sender chose, and what they sent, are kept as keyed hashes only, and the answer
encrypted: it may be a secret that is shown once, or what a moderator reads.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import digest
from typing import Final

from underseal.core.caller import KeyId
from underseal.flow.system import System
from underseal.seal.box import close_box, open_box
from underseal.store.kept_answers import (
    AnswerKey,
    claim_answer,
    keep_answer,
    load_answer,
    release_answer,
)
from underseal.store.roles import Role

ANSWER_KEPT: Final = timedelta(days=1)
"""So long an answer is given again. A setting."""

STALLED: Final = timedelta(minutes=1)
"""A request that has not been answered for so long has died with its process. A setting."""


class KeyReusedError(Exception):
    """The idempotency key was used for another request."""

    def __init__(self) -> None:
        super().__init__("this Idempotency-Key was used for another request")


class InFlightError(Exception):
    """The first request with this idempotency key is still being answered."""

    def __init__(self) -> None:
        super().__init__("the first request with this Idempotency-Key is still being answered")


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenAnswer:
    """An answer as it was given."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    """A request to be answered once."""

    key: AnswerKey
    fingerprint: bytes


def once(system: System, key_id: KeyId, chosen: str, request: bytes) -> Once:
    """Return what a request is recognised by.

    `chosen` is the sender's key; `request` is all that must be the same the second time.
    """
    secret = _derive(system, b"names")
    return Once(
        key=AnswerKey(key_id=key_id, name=digest(secret, chosen.encode(), "sha256").hex()),
        fingerprint=digest(secret, request, "sha256"),
    )


async def begin(system: System, this: Once, now: datetime) -> GivenAnswer | None:
    """Return the answer that was given, or None if there is none: then give one, and `keep` it.

    Raises:
        KeyReusedError: the key belongs to another request.
        InFlightError: somebody is about to give it.
    """
    async with system.db.transaction(Role.CORE) as conn:
        is_ours = await claim_answer(
            conn,
            this.key,
            this.fingerprint,
            now,
            kept_from=now - ANSWER_KEPT,
            alive_from=now - STALLED,
        )
        if is_ours:
            return None
        found = await load_answer(conn, this.key)
    if found is None:
        raise InFlightError  # released in this very moment
    if found.fingerprint != this.fingerprint:
        raise KeyReusedError
    if found.status is None or found.body is None:
        raise InFlightError
    body = open_box(_derive(system, b"bodies"), found.body, _place(this))
    return GivenAnswer(status=found.status, body=body)


async def keep(system: System, this: Once, answer: GivenAnswer) -> None:
    """Keep the answer to a request that was begun."""
    box = close_box(_derive(system, b"bodies"), answer.body, _place(this))
    async with system.db.transaction(Role.CORE) as conn:
        await keep_answer(conn, this.key, answer.status, box)


async def release(system: System, this: Once) -> None:
    """Forget a request that was begun and came to nothing, so that it can be tried again."""
    async with system.db.transaction(Role.CORE) as conn:
        await release_answer(conn, this.key)


def _derive(system: System, purpose: bytes) -> bytes:
    return digest(system.keys.cursors, b"underseal/answers/1\0" + purpose, "sha256")


def _place(this: Once) -> bytes:
    return f"{this.key.key_id}/{this.key.name}".encode()
