"""The list of known content, for those who keep it."""

from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from underseal.flow.system import System
from underseal.store import known
from underseal.store.known import Candidate, ListedKnown
from underseal.store.roles import Role

PAGE: Final = 50
CANDIDATES: Final = 20
"""So many items are on a page, and so many decisions are offered. Limits of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPage:
    """A page of the list; `after` is where the next one begins, if there is one."""

    items: tuple[ListedKnown, ...]
    after: tuple[date, UUID] | None
    candidates: tuple[Candidate, ...]


async def list_known(
    system: System, *, retired: bool, after: tuple[date, UUID] | None
) -> KnownPage:
    """Return what machines recognise, or did, and on the first page what could be added."""
    async with system.db.transaction(Role.CONSOLE) as conn:
        found = await known.list_known(conn, retired=retired, after=after, limit=PAGE + 1)
        is_first = after is None and not retired
        offered = await known.candidates(conn, CANDIDATES) if is_first else ()
    shown = found[:PAGE]
    is_more = len(found) > PAGE
    return KnownPage(
        items=shown,
        after=(shown[-1].added_on, shown[-1].item.item_id) if is_more else None,
        candidates=offered,
    )
