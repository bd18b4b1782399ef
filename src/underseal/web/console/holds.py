"""Holds that run out, soonest first, and how each will end."""

from datetime import datetime

from litestar import Response, get

from underseal.core.person import Person
from underseal.flow.list_holds import SHOWN, list_holds
from underseal.flow.list_queue import OVERSEERS
from underseal.flow.system import System
from underseal.web.api.operation import Injected
from underseal.web.console.gate import people
from underseal.web.console.queue import labels_of
from underseal.web.pages import page


@get("/console/holds", opt=people())
async def show(
    person: Injected[Person], system: Injected[System], now: Injected[datetime]
) -> Response[str]:
    """Show what is held."""
    return page(
        "console_holds.html",
        person=person,
        holds=await list_holds(system, now),
        shown=SHOWN,
        can_open=person.role in OVERSEERS,
        labels=labels_of(system.guidelines),
        now=now,
    )


handlers = (show,)
