"""Pending assessments, and the newest assessment of each guideline."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import msgspec

from underseal.core.evidence import Assessment
from underseal.core.guideline import GuidelineId
from underseal.core.subject import SubjectId
from underseal.store.pool import Connection
from underseal.store.queries import load

_SQL: Final = load("assessments")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAssessment:
    """An assessment as it was when it was made, with its terms by name, in nats.

    `priors_of` is the quarter in which the priors were learnt that it used, if any were.
    """

    guideline: GuidelineId
    log_odds: float
    machine: float
    terms: tuple[tuple[str, float], ...]
    priors_of: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How many events a subject has, how often its assessment was wanted, and how much is done.

    The last two are only compared. `waits_from` is None where nothing waits for a look: see
    `core.effect.waiting_from`.
    """

    seq: int
    wanted: int
    done: int
    waits_from: date | None


async def take_pending(
    conn: Connection, now: datetime, until: datetime, most: int
) -> tuple[SubjectId, ...]:
    """Take up to `most` subjects whose assessment is pending, for oneself until a moment."""
    rows = await conn.fetch(_SQL["take_pending"], now, until, most)
    return tuple(SubjectId(row["subject_id"]) for row in rows)


async def load_progress(conn: Connection, subject_id: SubjectId) -> Progress:
    """Return how far a subject's story and its assessment have come."""
    row = await conn.fetchrow(_SQL["load_progress"], subject_id)
    assert row is not None, "it has one row, whatever there is"
    return Progress(
        seq=row["seq"], wanted=row["wanted"], done=row["done"], waits_from=row["waits_from"]
    )


async def note_assessed(
    conn: Connection,
    subject_id: SubjectId,
    round_: int,
    wanted: int,
    *,
    reported: bool,
    waits_from: date,
) -> None:
    """Note that an assessment has taken in everything up to the count `wanted`.

    If the round is `reported` and nobody is to look at it, it waits from `waits_from`, or longer.
    """
    await conn.execute(_SQL["assessed"], subject_id, wanted, round_, reported, waits_from)


async def wait_no_more(conn: Connection, subject_id: SubjectId) -> None:
    """Note that nothing that was reported of a subject waits for a look: its round has ended."""
    await conn.execute(_SQL["wait_no_more"], subject_id)


async def rest(conn: Connection, subject_id: SubjectId, until: datetime) -> None:
    """Let the subject not be assessed again before a moment."""
    await conn.execute(_SQL["rest"], subject_id, until)


async def put_off(
    conn: Connection,
    subject_id: SubjectId,
    now: datetime,
    wait: timedelta,
    wait_max: timedelta,
) -> None:
    """Put a failed assessment off: by `wait` more with each failure in a row, up to a most."""
    await conn.execute(_SQL["put_off"], subject_id, now, wait, wait_max)


async def save_assessments(
    conn: Connection,
    subject_id: SubjectId,
    round_: int,
    assessments: Sequence[Assessment],
    priors_of: date | None,
) -> None:
    """Keep the newest assessment of each guideline."""
    await conn.execute(
        _SQL["save_assessments"],
        subject_id,
        round_,
        [each.guideline for each in assessments],
        [each.log_odds for each in assessments],
        [each.machine for each in assessments],
        [
            msgspec.json.encode([[term.name, term.nats] for term in each.terms]).decode()
            for each in assessments
        ],
        priors_of,
    )


async def load_assessments(
    conn: Connection, subject_id: SubjectId, round_: int
) -> tuple[StoredAssessment, ...]:
    """Return the newest assessments of a round, the most probable breach first."""
    rows = await conn.fetch(_SQL["load_assessments"], subject_id, round_)
    return tuple(
        StoredAssessment(
            guideline=GuidelineId(row["guideline"]),
            log_odds=row["log_odds"],
            machine=row["machine"],
            terms=tuple((name, nats) for name, nats in row["terms"]),
            priors_of=row["priors_of"],
        )
        for row in rows
    )


async def want_assessments(conn: Connection, subjects: Sequence[SubjectId]) -> None:
    """Mark the assessments of these subjects as pending."""
    await conn.execute(_SQL["want_assessments"], subjects)


async def want_waiting(conn: Connection, since: date, most: int) -> int:
    """Mark as pending up to `most` assessments of what has waited for a look since a day."""
    return len(await conn.fetch(_SQL["want_waiting"], since, most))


async def want_reassessments(conn: Connection, subjects: Sequence[SubjectId]) -> None:
    """Mark as pending the assessments of those subjects that anything is known against."""
    await conn.execute(_SQL["want_reassessments"], subjects)
