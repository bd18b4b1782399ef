"""How often a moderator has stayed with a case: a lease is not to be kept for ever."""

from typing import Final

from underseal.core.case import ModeratorId
from underseal.store.cases import CaseId
from underseal.store.connection import Connection
from underseal.store.queries import load

_SQL: Final = load("stays")


async def note_stay(conn: Connection, case_id: CaseId, moderator: ModeratorId, most: int) -> bool:
    """Note that a moderator stays once more; return False if it was `most` times already."""
    return await conn.fetchval(_SQL["note_stay"], case_id, moderator, most) is not None
