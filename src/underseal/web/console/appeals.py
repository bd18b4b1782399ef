"""Appeals that wait: when each is due, who has it, and who may not decide it."""

from datetime import datetime

from litestar import Response, get

from underseal.core.person import Person
from underseal.flow.list_appeals import SHOWN, list_appeals
from underseal.flow.list_queue import OVERSEERS
from underseal.flow.system import System
from underseal.web.api.operation import Injected
from underseal.web.console.gate import people
from underseal.web.console.queue import TAKERS, labels_of
from underseal.web.pages import page


@get("/console/appeals", opt=people())
async def show(
    person: Injected[Person], system: Injected[System], now: Injected[datetime]
) -> Response[str]:
    """Show the appeals that nobody has decided."""
    return page(
        "console_appeals.html",
        person=person,
        appeals=await list_appeals(system),
        shown=SHOWN,
        can_open=person.role in OVERSEERS,
        can_take=person.role in TAKERS,
        labels=labels_of(system.guidelines),
        now=now,
    )


handlers = (show,)
