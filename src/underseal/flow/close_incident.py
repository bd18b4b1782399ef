"""Somebody has looked at an incident, and says what came of it; who and what is kept with it."""

from datetime import datetime
from typing import Final

from underseal.core.caller import PrincipalId
from underseal.flow.system import System
from underseal.flow.watch_machines import note_reset
from underseal.store import incidents
from underseal.store.incidents import IncidentId
from underseal.store.roles import Role

WORD_MAX: Final = 2000
"""Letters. A limit of ours."""


class WordLengthError(Exception):
    """An incident is closed with a word, and not with a book."""

    def __init__(self) -> None:
        super().__init__(f"say in a word what came of it, in at most {WORD_MAX} letters")


class IncidentClosedError(Exception):
    """There is no such incident, or somebody was quicker."""

    def __init__(self) -> None:
        super().__init__("this incident is closed already")


async def close_incident(
    system: System, incident_id: IncidentId, by: PrincipalId, word: str, now: datetime
) -> None:
    """Close an incident with a word; a breaker that it is about is reset.

    Raises:
        WordLengthError: the word is missing or too long.
        IncidentClosedError: it is not open.
    """
    said = word.strip()
    if not 0 < len(said) <= WORD_MAX:
        raise WordLengthError
    async with system.db.transaction(Role.CORE) as conn:
        if not await incidents.close_incident(conn, incident_id, by, said, now):
            raise IncidentClosedError
        await note_reset(conn, incident_id, said)
