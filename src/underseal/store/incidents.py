"""Incidents: what went wrong and wants a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NewType
from uuid import UUID

from underseal.core.caller import PrincipalId
from underseal.core.message import IncidentKind
from underseal.core.subject import SubjectId, SubjectKind, SubjectRef
from underseal.store.cases import CaseId
from underseal.store.connection import Connection, Row
from underseal.store.queries import load

_SQL: Final = load("incidents")

IncidentId = NewType("IncidentId", UUID)


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """An incident; `subject` is None for one that is about no subject.

    `case_id` is the newest case about the subject.
    """

    incident_id: IncidentId
    kind: IncidentKind
    subject: SubjectRef | None
    case_id: CaseId | None
    detail: str
    raised_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedIncident:
    """An incident that is over; one that ended with a decision was closed by nobody."""

    incident: Incident
    closed_at: datetime
    closed_by: str | None
    closed_with: str | None


async def raise_incidents(
    conn: Connection,
    kind: IncidentKind,
    incidents: Sequence[tuple[IncidentId, SubjectId | None]],
    detail: str,
    at: datetime,
) -> frozenset[SubjectId]:
    """Raise incidents, one a subject as long as it is open; return the subjects of new ones."""
    rows = await conn.fetch(
        _SQL["raise_incidents"],
        [incident_id for incident_id, _ in incidents],
        kind,
        detail,
        at,
        [subject_id for _, subject_id in incidents],
    )
    return frozenset(SubjectId(row["subject_id"]) for row in rows if row["subject_id"])


async def close_incidents(conn: Connection, subject_id: SubjectId, at: datetime) -> None:
    """Close what is open about a subject."""
    await conn.execute(_SQL["close_incidents"], subject_id, at)


async def close_incident(
    conn: Connection, incident_id: IncidentId, by: PrincipalId, word: str, at: datetime
) -> bool:
    """Close one incident with a word; return whether it was open."""
    return bool(await conn.fetchval(_SQL["close_incident"], incident_id, at, by, word))


async def open_incidents(conn: Connection, limit: int) -> tuple[Incident, ...]:
    """Return up to `limit` open incidents, the newest first."""
    return tuple(_incident(row) for row in await conn.fetch(_SQL["open_incidents"], limit))


async def closed_incidents(conn: Connection, limit: int) -> tuple[ClosedIncident, ...]:
    """Return up to `limit` closed incidents, the one closed last first."""
    return tuple(
        ClosedIncident(
            incident=_incident(row),
            closed_at=row["closed_at"],
            closed_by=row["closed_by"],
            closed_with=row["closed_with"],
        )
        for row in await conn.fetch(_SQL["closed_incidents"], limit)
    )


def _incident(row: Row) -> Incident:
    return Incident(
        incident_id=row["incident_id"],
        kind=IncidentKind(row["kind"]),
        subject=row["external_id"]
        and SubjectRef(kind=SubjectKind(row["subject_kind"]), external_id=row["external_id"]),
        case_id=row["case_id"],
        detail=row["detail"],
        raised_at=row["raised_at"],
    )
