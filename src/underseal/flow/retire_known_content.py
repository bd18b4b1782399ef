"""Somebody takes known content off the list: machines do not recognise it from then on."""

from datetime import date
from uuid import UUID

from underseal.core.caller import PrincipalId
from underseal.flow.system import System
from underseal.store.known import retire_item
from underseal.store.roles import Role


class NotListedError(Exception):
    """There is no such known content, or it was taken off the list before."""

    def __init__(self) -> None:
        super().__init__("this is not on the list any more")


async def retire_known_content(system: System, item_id: UUID, by: PrincipalId, today: date) -> None:
    """Take an item off the list; the list remembers it, and who did it.

    Raises:
        NotListedError: it is not on the list.
    """
    async with system.db.transaction(Role.CORE) as conn:
        if not await retire_item(conn, item_id, by, today):
            raise NotListedError
