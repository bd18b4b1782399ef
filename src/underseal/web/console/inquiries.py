"""Asking a reporter, by alias, from the review page."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, post
from litestar.params import FromPath

from underseal.core.case import NotLeasedError
from underseal.core.inquiry import InquiryClosedError, InquiryLengthError, InquiryOpenError
from underseal.core.person import Person
from underseal.flow.inquire import UnknownReporterError, inquire
from underseal.flow.system import System
from underseal.store.cases import CaseId
from underseal.web.api.operation import Injected
from underseal.web.console.decide import lost
from underseal.web.console.gate import go_on, is_quick, people
from underseal.web.console.queue import TAKERS
from underseal.web.forms import read_form


class InquiryForm(msgspec.Struct, frozen=True):
    """A question, and the handle of the report whose sender is asked."""

    report: str = ""
    question: str = ""


@post("/console/cases/{case_id:uuid}/inquire", opt=people(*TAKERS))
async def ask(
    case_id: FromPath[UUID],
    request: Request[Any, Any, Any],
    person: Injected[Person],
    system: Injected[System],
    now: Injected[datetime],
) -> Response[str]:
    """Ask a reporter, and go back to the case."""
    form = await read_form(request, InquiryForm)
    try:
        await inquire(system, CaseId(case_id), person, form.report, form.question, now=now)
    except (
        NotLeasedError,
        UnknownReporterError,
        InquiryLengthError,
        InquiryOpenError,
        InquiryClosedError,
    ) as error:
        if is_quick(request):
            raise
        return lost(person, error, form.question)
    return go_on(request, f"/console/cases/{case_id}")


handlers = (ask,)
