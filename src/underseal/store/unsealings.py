"""Requests to open a sealed identity, and the vault that holds it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from underseal.core.report import Pseudonym
from underseal.core.subject import SubjectId
from underseal.store.pool import Connection
from underseal.store.queries import load

_SQL: Final = load("unsealings")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsealing:
    """A request, and how far it has come.

    Attributes:
        approval_ends_at: from then on the approval is none any more; None before there is one.
        word: what the reporter is told first, if anything.
        opens_from: before then nobody opens it; None without a word.
        taken_year: the year of the pseudonym, once the identity was taken out of the server.
        tries: how many ids were compared with the identity.
    """

    request_id: UUID
    subject_id: SubjectId
    round: int
    pseudonym: Pseudonym
    reason: str
    requested_by: UUID
    word: str | None
    opens_from: datetime | None
    approved_by: UUID | None = None
    approval_ends_at: datetime | None = None
    taken_year: int | None = None
    tries: int = 0
    is_refused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WordToReporter:
    """What a reporter is told before their identity may be opened, from `opens_from` on."""

    word: str
    opens_from: datetime
    is_refused: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedIdentity:
    """An identity sealed to the escrow key, and the year of its pseudonym."""

    year: int
    sealed: bytes


async def add_request(conn: Connection, request: Unsealing, now: datetime) -> None:
    """Record a request."""
    await conn.execute(
        _SQL["add_request"],
        request.request_id,
        request.subject_id,
        request.round,
        request.pseudonym,
        request.reason,
        request.requested_by,
        now,
        request.word,
        request.opens_from,
    )


async def lock_request(conn: Connection, request_id: UUID) -> Unsealing | None:
    """Return a request, to be continued."""
    row = await conn.fetchrow(_SQL["lock_request"], request_id)
    if row is None:
        return None
    return Unsealing(
        request_id=row["request_id"],
        subject_id=SubjectId(row["subject_id"]),
        round=row["round"],
        pseudonym=Pseudonym(row["pseudonym"]),
        reason=row["reason"],
        requested_by=row["requested_by"],
        word=row["word"],
        opens_from=row["opens_from"],
        approved_by=row["approved_by"],
        approval_ends_at=row["approval_ends_at"],
        taken_year=row["taken_year"],
        tries=row["tries"],
        is_refused=row["is_refused"],
    )


async def approve(
    conn: Connection, request_id: UUID, by: UUID, now: datetime, ends_at: datetime
) -> None:
    """Record who agrees, and when that ends."""
    await conn.execute(_SQL["approve"], request_id, by, now, ends_at)


async def words_to(conn: Connection, receipt: bytes, tick: datetime) -> tuple[WordToReporter, ...]:
    """Return what was said by a tick to whoever a receipt with this digest was given to."""
    return tuple(
        WordToReporter(word=row["word"], opens_from=row["opens_from"], is_refused=row["is_refused"])
        for row in await conn.fetch(_SQL["words_to"], receipt, tick)
    )


async def refuse(conn: Connection, request_id: UUID, by: UUID, now: datetime) -> None:
    """Record who ends a request without its identity being opened."""
    await conn.execute(_SQL["refuse"], request_id, by, now)


async def note_taken(conn: Connection, request_id: UUID, now: datetime, year: int) -> None:
    """Record that the identity, whose pseudonym is of `year`, leaves the server."""
    await conn.execute(_SQL["note_taken"], request_id, now, year)


async def note_try(conn: Connection, request_id: UUID, confirmed_at: datetime | None) -> None:
    """Record that an id was compared with the identity; `confirmed_at` is None if it was not it."""
    await conn.execute(_SQL["note_try"], request_id, confirmed_at)


async def load_identity(conn: Connection, pseudonym: Pseudonym) -> SealedIdentity | None:
    """Return a sealed identity, unless it was destroyed; for `Role.VAULT` alone."""
    row = await conn.fetchrow(_SQL["load_identity"], pseudonym)
    return None if row is None else SealedIdentity(year=row["year"], sealed=row["sealed"])


async def erase_identities(conn: Connection, up_to: date) -> int:
    """Destroy the identities whose last day has come; return how many. For `Role.RETENTION`."""
    erased: int = await conn.fetchval(_SQL["erase_identities"], up_to)
    return erased
