"""Detectors: which are believed, how true what they say has been, what is in shadow or stopped."""

from typing import Final

from litestar import Response, get

from underseal.core.calibration import LABELS_MIN
from underseal.core.person import Person
from underseal.flow.calibrate import RECENT
from underseal.flow.read_detectors import read_detectors
from underseal.flow.system import System
from underseal.web.api.operation import Injected
from underseal.web.console.dashboard import OVERSEERS
from underseal.web.console.gate import people
from underseal.web.console.queue import labels_of
from underseal.web.console.reliability_diagram import draw
from underseal.web.pages import page

PLACE: Final = "/console/detectors"


@get(PLACE, opt=people(*OVERSEERS))
async def show(person: Injected[Person], system: Injected[System]) -> Response[str]:
    """Show every detector of which anything was learnt."""
    read = await read_detectors(system)
    return page(
        "console_detectors.html",
        person=person,
        learnt_on=read.learnt_on,
        stopped=sorted(read.stopped.items()),
        in_force=[
            (each, each.found.shown and draw(each.found.shown))
            for each in read.detectors
            if not each.is_in_shadow
        ],
        in_shadow=[each for each in read.detectors if each.is_in_shadow],
        labels=labels_of(system.guidelines),
        labels_min=LABELS_MIN,
        recent_days=RECENT.days,
    )


handlers = (show,)
