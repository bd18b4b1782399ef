"""Health: whether this process can serve."""

from litestar import get

from underseal.flow.reach_database import reach_database
from underseal.flow.system import System
from underseal.web.api.bodies import Answer
from underseal.web.api.operation import EVERYBODY, OPERATION, Injected, Operation


class HealthAnswer(Answer):
    """It can."""

    status: str = "ok"


@get("/healthz", opt={OPERATION: Operation(access=EVERYBODY)})
async def show_health(system: Injected[System]) -> HealthAnswer:
    """Tell whether the database can be reached. It says nothing of what is in it."""
    await reach_database(system)
    return HealthAnswer()


handlers = (show_health,)
