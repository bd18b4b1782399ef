"""Incidents: what went wrong and wants a person."""

from datetime import datetime
from uuid import UUID

from litestar import get

from underseal.core.caller import ModeratorRole
from underseal.core.message import IncidentKind
from underseal.flow.read_incidents import read_incidents
from underseal.flow.system import System
from underseal.web.api.bodies import Answer, Limit, Strict, Subject
from underseal.web.api.operation import Injected, moderators


class IncidentsQuery(Strict):
    """How many are asked for."""

    limit: Limit = 100


class IncidentAnswer(Answer):
    """An open incident; `subject` is null for one that is about no subject."""

    incident_id: UUID
    kind: IncidentKind
    subject: Subject | None
    detail: str
    raised_at: datetime


class IncidentsAnswer(Answer):
    """Open incidents, the newest first."""

    incidents: tuple[IncidentAnswer, ...]


@get(
    "/v1/incidents",
    opt=moderators(frozenset({ModeratorRole.LEAD, ModeratorRole.AUDITOR})),
)
async def list_open(asked: Injected[IncidentsQuery], system: Injected[System]) -> IncidentsAnswer:
    """List what is open. An incident about a subject closes when somebody decides its case."""
    return IncidentsAnswer(
        incidents=tuple(
            IncidentAnswer(
                incident_id=each.incident_id,
                kind=each.kind,
                subject=None if each.subject is None else Subject.of(each.subject),
                detail=each.detail,
                raised_at=each.raised_at,
            )
            for each in await read_incidents(system, asked.limit)
        )
    )


handlers = (list_open,)
