"""Between colleagues: questions about cases, cases for leads, and decisions that two take."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from underseal.core.caller import ModeratorRole, PrincipalId
from underseal.core.case import ModeratorId, NotLeasedError
from underseal.core.decision import DecisionId
from underseal.core.draft import DraftId, WordLengthError
from underseal.core.person import Person
from underseal.flow.ask_colleague import (
    QuestionClosedError,
    UnknownColleagueError,
    answer_question,
    ask_colleague,
    escalate_case,
    read_exchange,
)
from underseal.flow.confirm_charge import end_charge, read_charges
from underseal.flow.confirm_draft import confirm_draft, read_unconfirmed, return_draft
from underseal.flow.decision_desk import read_tray
from underseal.flow.system import System
from underseal.store.cases import CaseId
from underseal.store.questions import QuestionId
from underseal.web.api.operation import Injected
from underseal.web.console.decide import lost
from underseal.web.console.decision_tree import FINDINGS, OUTCOME_NAMES
from underseal.web.console.gate import go_on, is_quick, people, see
from underseal.web.console.queue import TAKERS, labels_of, to_next
from underseal.web.forms import read_form
from underseal.web.pages import page

COLLEAGUES: Final = "/console/colleagues"
CONFIRMATIONS: Final = "/console/confirmations"

AnyRequest = Request[Any, Any, Any]


class WordForm(msgspec.Struct, frozen=True):
    """What somebody says to a colleague; `to` is a role or the id of a person."""

    body: str = ""
    to: str = ""


@get(COLLEAGUES, opt=people())
async def show(
    person: Injected[Person], system: Injected[System], now: Injected[datetime]
) -> Response[str]:
    """Show what colleagues ask, what they answer, and what came back."""
    return await _exchange(system, person, now)


@get(CONFIRMATIONS, opt=people(*TAKERS))
async def confirmations(
    person: Injected[Person], system: Injected[System], now: Injected[datetime]
) -> Response[str]:
    """Show what waits for a second person."""
    return await show_unconfirmed(system, person, now)


@post("/console/drafts/{draft_id:uuid}/confirm", opt=people(*TAKERS))
async def confirm(
    draft_id: FromPath[UUID],
    person: Injected[Person],
    system: Injected[System],
    now: Injected[datetime],
) -> Response[str]:
    """Confirm a colleague's decision."""
    await confirm_draft(system, DraftId(draft_id), person, now)
    return see(CONFIRMATIONS)


@post("/console/drafts/{draft_id:uuid}/return", opt=people(*TAKERS))
async def send_back(
    draft_id: FromPath[UUID],
    request: AnyRequest,
    person: Injected[Person],
    system: Injected[System],
    now: Injected[datetime],
) -> Response[str]:
    """Return a colleague's decision, with a word why."""
    form = await read_form(request, WordForm)
    try:
        await return_draft(system, DraftId(draft_id), person, form.body, now)
    except WordLengthError as error:
        if is_quick(request):
            raise
        faults = {str(draft_id): (str(error), form.body)}
        return await show_unconfirmed(system, person, now, faults)
    return go_on(request, CONFIRMATIONS)


@post("/console/charges/{decision_id:uuid}/confirm", opt=people(*TAKERS))
async def confirm_made_up(
    decision_id: FromPath[UUID],
    person: Injected[Person],
    system: Injected[System],
    now: Injected[datetime],
) -> Response[str]:
    """Confirm that the reports which a colleague's decision ended were made up."""
    by = ModeratorId(person.principal_id)
    await end_charge(system, DecisionId(decision_id), by, is_right=True, now=now)
    return see(CONFIRMATIONS)


@post("/console/charges/{decision_id:uuid}/refuse", opt=people(*TAKERS))
async def refuse_made_up(
    decision_id: FromPath[UUID],
    person: Injected[Person],
    system: Injected[System],
    now: Injected[datetime],
) -> Response[str]:
    """Leave it at a mistake in good faith."""
    by = ModeratorId(person.principal_id)
    await end_charge(system, DecisionId(decision_id), by, is_right=False, now=now)
    return see(CONFIRMATIONS)


@post("/console/cases/{case_id:uuid}/ask", opt=people(*TAKERS))
async def ask(
    case_id: FromPath[UUID],
    request: AnyRequest,
    person: Injected[Person],
    system: Injected[System],
    now: Injected[datetime],
) -> Response[str]:
    """Ask a colleague about a case, and go back to it."""
    form = await read_form(request, WordForm)
    try:
        to = _addressee(form.to)
        await ask_colleague(system, CaseId(case_id), person, to, form.body, now=now)
    except (NotLeasedError, UnknownColleagueError, WordLengthError) as error:
        if is_quick(request):
            raise
        return lost(person, error, form.body)
    return go_on(request, f"/console/cases/{case_id}")


@post("/console/cases/{case_id:uuid}/escalate", opt=people(ModeratorRole.MODERATOR))
async def escalate(
    case_id: FromPath[UUID],
    request: AnyRequest,
    person: Injected[Person],
    system: Injected[System],
    now: Injected[datetime],
) -> Response[str]:
    """Give a case to leads, and go on to the next one."""
    form = await read_form(request, WordForm)
    try:
        await escalate_case(system, CaseId(case_id), person, form.body, now)
    except (NotLeasedError, WordLengthError) as error:
        if is_quick(request):
            raise
        return lost(person, error, form.body)
    return go_on(request, await to_next(request, person, system, now))


@post("/console/questions/{question_id:uuid}/answer", opt=people())
async def answer(
    question_id: FromPath[UUID],
    request: AnyRequest,
    person: Injected[Person],
    system: Injected[System],
    now: Injected[datetime],
) -> Response[str]:
    """Answer a colleague's question."""
    form = await read_form(request, WordForm)
    try:
        await answer_question(system, QuestionId(question_id), person, form.body, now)
    except WordLengthError as error:
        if is_quick(request):
            raise
        faults = {str(question_id): (str(error), form.body)}
        return await _exchange(system, person, now, faults)
    except QuestionClosedError as error:
        if is_quick(request):
            raise
        return lost(person, error, form.body)
    return go_on(request, COLLEAGUES)


async def _exchange(
    system: System,
    person: Person,
    now: datetime,
    faults: dict[str, tuple[str, str]] | None = None,
) -> Response[str]:
    return page(
        "console_decide_colleagues.html",
        status=422 if faults else 200,
        person=person,
        exchange=await read_exchange(system, person),
        tray=await read_tray(system, person, now),
        labels=labels_of(system.guidelines),
        outcomes=OUTCOME_NAMES,
        faults=faults or {},
        now=now,
    )


async def show_unconfirmed(
    system: System,
    person: Person,
    now: datetime,
    faults: dict[str, tuple[str, str]] | None = None,
) -> Response[str]:
    """Return the page with what waits for a second person; `faults` are words that were refused."""
    return page(
        "console_decide_confirmations.html",
        status=422 if faults else 200,
        person=person,
        waiting=await read_unconfirmed(system, person),
        charges=await read_charges(system, person, now),
        labels=labels_of(system.guidelines),
        outcomes=OUTCOME_NAMES,
        findings=FINDINGS,
        faults=faults or {},
    )


def _addressee(to: str) -> PrincipalId | ModeratorRole:
    """Read whom a question is for.

    Raises:
        UnknownColleagueError: it is neither a role nor an id.
    """
    try:
        return ModeratorRole(to) if to in set(ModeratorRole) else PrincipalId(UUID(to))
    except ValueError:
        raise UnknownColleagueError from None


handlers = (
    show,
    confirmations,
    confirm,
    send_back,
    confirm_made_up,
    refuse_made_up,
    ask,
    escalate,
    answer,
)
