"""Deciding several cases together: which, on what ground, and the second person's word on it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from underseal.core.decision import Finding, Outcome
from underseal.core.draft import (
    BULK_MAX,
    BulkSizeError,
    DraftId,
    OneByOneError,
    WordLengthError,
)
from underseal.core.guideline import GuidelineId
from underseal.core.language import FALLBACK_LANGUAGE
from underseal.core.person import Person
from underseal.core.statement_words import WORDS
from underseal.flow.confirm_draft import confirm_bulk, return_bulk
from underseal.flow.draft_bulk import BulkView, draft_bulk, find_copies, read_bulk
from underseal.flow.preview_decision import Preview
from underseal.flow.system import System
from underseal.store.cases import CaseId
from underseal.web.api.operation import Injected
from underseal.web.console.colleagues import CONFIRMATIONS, show_unconfirmed
from underseal.web.console.decide import read_submission, submission_at
from underseal.web.console.decision_tree import (
    EXCEPTIONS,
    OUTCOME_NAMES,
    DecisionForm,
    Tree,
    grow,
)
from underseal.web.console.gate import go_on, is_quick, people, see
from underseal.web.console.queue import QUEUE, TAKERS, labels_of
from underseal.web.forms import form_of, read_form
from underseal.web.pages import page

BULK: Final = "/console/bulk"

INSTEAD: Final = {"hx-retarget": "#main", "hx-reselect": "#main", "hx-reswap": "outerHTML show:top"}
"""What tells htmx to show a page where it asked for a piece."""

AnyRequest = Request[Any, Any, Any]


class BulkForm(DecisionForm, frozen=True, kw_only=True):
    """What was picked so far: of the cases `listed`, those in `case`, and the way to a verdict."""

    case: tuple[UUID, ...] = ()
    listed: tuple[UUID, ...] = ()


class SecondForm(msgspec.Struct, frozen=True):
    """What a second person says of the drafts `shown`: the word, or those that are confirmed."""

    shown: tuple[UUID, ...] = ()
    draft: tuple[UUID, ...] = ()
    body: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkDesk:
    """What the pages of a bulk show; as `decision` it is what the pieces of the tree show.

    `count` is how many cases would be decided; `tree` is None where none could be.
    """

    address: str
    view: BulkView
    chosen: frozenset[UUID]
    count: int
    tree: Tree | None
    faults: Mapping[str, str]
    preview: Preview | None
    language: str
    languages: tuple[str, ...]
    labels: Mapping[GuidelineId, str]
    outcomes: Mapping[Outcome, str]
    exceptions: tuple[tuple[str, str], ...]


@get(BULK, opt=people(*TAKERS))
async def show(
    request: AnyRequest,
    person: Injected[Person],
    system: Injected[System],
    now: Injected[datetime],
) -> Response[str]:
    """Show what was chosen in the queue, and the beginning of the tree."""
    form = form_of(request.scope["query_string"], BulkForm)
    try:
        desk = await _desk(system, person, form, {}, now)
    except BulkSizeError as error:
        return _refused(request, person, error)
    return _answer(request, person, desk)


@get(f"{BULK}/copies/{{case_id:uuid}}", opt=people(*TAKERS))
async def show_copies(
    case_id: FromPath[UUID],
    person: Injected[Person],
    system: Injected[System],
    now: Injected[datetime],
) -> Response[str]:
    """Choose a case with all its copies that wait."""
    copies = await find_copies(system, CaseId(case_id), person, now)
    return see(f"{BULK}?{'&'.join(f'case={each}' for each in copies)}")


@post(BULK, status_code=200, opt=people(*TAKERS))
async def submit(
    request: AnyRequest,
    person: Injected[Person],
    system: Injected[System],
    now: Injected[datetime],
) -> Response[str]:
    """Show the next step of the tree, or send the decision to a second person."""
    form, faults = await read_form(request, BulkForm), dict[str, str]()
    try:
        if form.go:
            given, faults = read_submission(form)
            if given is not None:
                sent = await draft_bulk(system, _cases(form.case), person, given, now)
                if not sent.left_out:
                    return go_on(request, QUEUE)
                return page(
                    "console_bulk_sent.html",
                    status=_status(request, 200 if sent.count else 409),
                    headers=_headers(request),
                    person=person,
                    sent=sent,
                )
        desk = await _desk(system, person, form, faults, now)
    except BulkSizeError as error:
        return _refused(request, person, error)
    except OneByOneError as error:
        desk = await _desk(system, person, form, {"outcome": str(error)}, now)
    return _answer(request, person, desk)


@post(f"{BULK}/confirm", opt=people(*TAKERS))
async def confirm(
    request: AnyRequest,
    person: Injected[Person],
    system: Injected[System],
    now: Injected[datetime],
) -> Response[str]:
    """Confirm what a colleague wants to decide together, but what is left out."""
    form = await read_form(request, SecondForm)
    await confirm_bulk(system, _drafts(form.shown), _drafts(form.draft), person, now)
    return see(CONFIRMATIONS)


@post(f"{BULK}/return", opt=people(*TAKERS))
async def send_back(
    request: AnyRequest,
    person: Injected[Person],
    system: Injected[System],
    now: Injected[datetime],
) -> Response[str]:
    """Return what a colleague wants to decide together, with a word why."""
    form = await read_form(request, SecondForm)
    try:
        await return_bulk(system, _drafts(form.shown), person, form.body, now)
    except WordLengthError as error:
        if is_quick(request):
            raise
        faults = {str(each): (str(error), form.body) for each in form.shown[:1]}
        return await show_unconfirmed(system, person, now, faults)
    return go_on(request, CONFIRMATIONS)


async def _desk(
    system: System, person: Person, form: BulkForm, faults: Mapping[str, str], now: datetime
) -> BulkDesk:
    """Read what was chosen: once to know where the tree stands, and once more with its verdict."""
    # Seconds are those of one video, and reasons of one appeal.
    form = msgspec.structs.replace(form, moments=(), moment="", reasons="")
    listed, chosen = _cases(form.listed or form.case), _cases(form.case)
    language = form.language if form.language in WORDS else FALLBACK_LANGUAGE
    tree, view = (
        None,
        await read_bulk(system, listed, chosen, person, None, language=language, now=now),
    )
    if view.file is not None:
        tree = grow(form, view.file, system.guidelines)
        findings = (each for each in tree.findings if each.value != Finding.MANIFESTLY_UNFOUNDED)
        tree = replace(tree, takes_moments=False, findings=tuple(findings))
        given = submission_at(tree)
        if given is not None:
            view = await read_bulk(
                system, listed, chosen, person, given, language=language, now=now
            )
    return BulkDesk(
        address=BULK,
        view=view,
        chosen=frozenset(chosen),
        count=sum(not each.why_not and each.case.case_id in chosen for each in view.items),
        tree=tree,
        faults=faults,
        preview=view.preview,
        language=language,
        languages=tuple(WORDS),
        labels=labels_of(system.guidelines),
        outcomes=OUTCOME_NAMES,
        exceptions=EXCEPTIONS,
    )


def _answer(request: AnyRequest, person: Person, decision: BulkDesk) -> Response[str]:
    """Return the tree and the cases as a piece for htmx, or the page."""
    if is_quick(request):
        return page("console_bulk_swap_piece.html", person=person, decision=decision, is_swap=True)
    status = 422 if decision.faults else 200
    return page("console_bulk.html", status=status, person=person, decision=decision)


def _refused(request: AnyRequest, person: Person, error: BulkSizeError) -> Response[str]:
    """Return the page for who has chosen nothing, or too much."""
    return page(
        "console_bulk_refused.html",
        status=_status(request, 422),
        headers=_headers(request),
        person=person,
        count=error.count,
        most=BULK_MAX,
    )


def _status(request: AnyRequest, status: int) -> int:
    """The status of a page that takes the place of the form's; htmx shows none with an error."""
    return 200 if is_quick(request) else status


def _headers(request: AnyRequest) -> Mapping[str, str]:
    return INSTEAD if is_quick(request) else {}


def _cases(given: tuple[UUID, ...]) -> tuple[CaseId, ...]:
    return tuple(CaseId(each) for each in given)


def _drafts(given: tuple[UUID, ...]) -> tuple[DraftId, ...]:
    return tuple(DraftId(each) for each in given)


handlers = (show, show_copies, submit, confirm, send_back)
