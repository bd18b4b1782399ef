"""The dashboard: figures of a week, a month or a quarter, each with what it counts beside it."""

from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from litestar import Request, Response, get

from underseal.core.caller import ModeratorRole
from underseal.core.figures import FEW, Age
from underseal.core.guideline import Guidelines, TopicId
from underseal.core.language import FALLBACK_LANGUAGE, best_text
from underseal.core.person import Person
from underseal.core.staffing import DAYS
from underseal.flow.figures import Period, definition, read_figures
from underseal.flow.system import System
from underseal.web.api.operation import Injected
from underseal.web.console.gate import people
from underseal.web.console.queue import labels_of
from underseal.web.forms import form_of
from underseal.web.pages import page
from underseal.web.problems import InvalidRequestError

OVERSEERS: Final = (ModeratorRole.LEAD, ModeratorRole.AUDITOR, ModeratorRole.ADMIN)
"""Who sees figures, incidents, known content and the audit trail."""


class DashboardQuery(msgspec.Struct, frozen=True):
    """Over how many days the figures are wanted."""

    days: int = Period.MONTH

    @property
    def period(self) -> Period:
        """What it asks for.

        Raises:
            InvalidRequestError: there are no figures over so many days.
        """
        try:
            return Period(self.days)
        except ValueError:
            raise InvalidRequestError("figures are over 7, 30 or 90 days") from None


@get("/console/dashboard", opt=people(*OVERSEERS))
async def show(
    request: Request[Any, Any, Any],
    person: Injected[Person],
    system: Injected[System],
    now: Injected[datetime],
) -> Response[str]:
    """Show all figures of a period."""
    asked = form_of(request.scope["query_string"], DashboardQuery)
    figures = await read_figures(system, asked.period, now)
    of_guidelines = figures.prevalence.by_guideline.values()
    return page(
        "console_dashboard.html",
        person=person,
        figures=figures,
        most_prevalent=max(each.high for each in (figures.prevalence.overall, *of_guidelines)),
        periods=tuple(Period),
        ages=tuple(Age),
        topics=topics_of(system.guidelines),
        labels=labels_of(system.guidelines),
        definition=definition,
        now=now,
        few=FEW,
        coming=[now.date() + timedelta(days=each) for each in range(DAYS)],
    )


def topics_of(guidelines: Guidelines) -> dict[TopicId, str]:
    """Return what each topic in force is called, in the console's language."""
    return {each.id: best_text(each.label, FALLBACK_LANGUAGE)[1] for each in guidelines.topics}


handlers = (show,)
