"""Answers to requests with an `Idempotency-Key`, which are kept for a while."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from underseal.core.caller import KeyId
from underseal.store.connection import Connection
from underseal.store.queries import load

_SQL: Final = load("kept_answers")


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerKey:
    """Whose request it is, and the name that they gave it."""

    key_id: KeyId
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAnswer:
    """What is kept; `status` and `body` are None until the request has been answered."""

    fingerprint: bytes
    status: int | None
    body: bytes | None


async def claim_answer(
    conn: Connection,
    key: AnswerKey,
    fingerprint: bytes,
    now: datetime,
    *,
    kept_from: datetime,
    alive_from: datetime,
) -> bool:
    """Begin to answer a request; return False if another one has the key.

    One that began before `kept_from` is forgotten, and one that has not been answered and began
    before `alive_from` is given up.
    """
    claimed = await conn.fetchval(
        _SQL["claim"], key.key_id, key.name, fingerprint, now, kept_from, alive_from
    )
    return bool(claimed)


async def load_answer(conn: Connection, key: AnswerKey) -> KeptAnswer | None:
    """Return what is kept under a key."""
    row = await conn.fetchrow(_SQL["load"], key.key_id, key.name)
    if row is None:
        return None
    return KeptAnswer(fingerprint=row["fingerprint"], status=row["status"], body=row["body"])


async def keep_answer(conn: Connection, key: AnswerKey, status: int, body: bytes) -> None:
    """Keep the answer to a request that was begun."""
    await conn.execute(_SQL["keep"], key.key_id, key.name, status, body)


async def release_answer(conn: Connection, key: AnswerKey) -> None:
    """Forget a request that was begun and not answered."""
    await conn.execute(_SQL["release"], key.key_id, key.name)


async def forget_answers(conn: Connection, before: datetime) -> None:
    """Forget the answers to requests that came before a moment."""
    await conn.execute(_SQL["forget"], before)
