"""Deciding a case in the console: the tree and its preview, drafts and undo, and passing it on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from underseal.core.case import ModeratorId, NotLeasedError, StepNotAllowedError
from underseal.core.decision import Finding, Outcome, Verdict
from underseal.core.draft import AlreadyDraftedError, DraftId
from underseal.core.guideline import GuidelineId
from underseal.core.language import FALLBACK_LANGUAGE
from underseal.core.person import Person
from underseal.core.reasons import REASONS_CHARS_MAX, ReasonsLengthError, ReasonsQuoteError
from underseal.core.statement import MOMENTS_MAX, UnknownExampleError
from underseal.core.statement_words import WORDS
from underseal.flow.decide import HarsherOnAppealError, Submission
from underseal.flow.decision_desk import Desk, note_read, read_desk, read_tray
from underseal.flow.draft_decision import REFUSALS, draft_decision, plain, undo_draft
from underseal.flow.file_report import NoMomentsError
from underseal.flow.preview_decision import Preview, preview_decision
from underseal.flow.read_case import CaseFile, read_case
from underseal.flow.system import System
from underseal.flow.take_case import release_case
from underseal.store.cases import CaseId
from underseal.web.api.operation import Injected
from underseal.web.console.decision_tree import (
    CLEARED,
    EXCEPTIONS,
    OUTCOME_NAMES,
    DecisionForm,
    Step,
    Tree,
    grow,
    read_moment,
    type_moment,
    written,
)
from underseal.web.console.gate import go_on, people
from underseal.web.console.queue import QUEUE, TAKERS, labels_of, to_next
from underseal.web.forms import form_of, read_form
from underseal.web.pages import page
from underseal.web.problems import kind_of

EMPTY: Final = DecisionForm()

FIELDS: Final[Mapping[type[Exception], str]] = {
    ReasonsLengthError: "reasons",
    ReasonsQuoteError: "reasons",
    UnknownExampleError: "observed",
    NoMomentsError: "moments",
    HarsherOnAppealError: "outcome",
}
"""The field that a refusal is about, if it is not the ground."""

AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionDesk:
    """What the piece `console_decide_piece.html` shows as `decision`.

    `faults` are plain messages by field; `has_case` says that the person can decide it now.
    """

    address: str
    case_id: CaseId
    tree: Tree
    faults: Mapping[str, str]
    preview: Preview | None
    language: str
    languages: tuple[str, ...]
    desk: Desk
    has_case: bool
    labels: Mapping[GuidelineId, str]
    outcomes: Mapping[Outcome, str]
    exceptions: tuple[tuple[str, str], ...]
    reasons_max: int
    now: datetime


class ReleaseForm(msgspec.Struct, frozen=True):
    """Whether the moderator does not want to see the case again."""

    not_me: bool = False


async def decision_context(
    system: System, file: CaseFile, person: Person, now: datetime
) -> DecisionDesk:
    """Return what the piece shows of a case that has just been opened."""
    return await _desk(system, file, person, EMPTY, now=now)


@get("/console/cases/{case_id:uuid}/decide", opt=people(*TAKERS))
async def show(
    case_id: FromPath[UUID],
    request: AnyRequest,
    person: Injected[Person],
    system: Injected[System],
    now: Injected[datetime],
) -> Response[str]:
    """Show the form on a page of its own."""
    form = form_of(request.scope["query_string"], DecisionForm)
    file = await read_case(system, CaseId(case_id), person, now)
    return _answer(request, person, file, await _desk(system, file, person, form, now=now))


@post("/console/cases/{case_id:uuid}/decide", status_code=200, opt=people(*TAKERS))
async def submit(
    case_id: FromPath[UUID],
    request: AnyRequest,
    person: Injected[Person],
    system: Injected[System],
    now: Injected[datetime],
) -> Response[str]:
    """Show the next step of the tree, or take the decision and go on to the next case."""
    form, typed = add_typed(await read_form(request, DecisionForm))
    faults = dict(typed)
    try:
        if form.go and not faults:
            given, faults = read_submission(form)
            if given is not None:
                faults = await _draft(system, CaseId(case_id), person, given, now)
                if not faults:
                    return go_on(request, await to_next(request, person, system, now))
        file = await read_case(system, CaseId(case_id), person, now)
    except (NotLeasedError, AlreadyDraftedError) as error:
        if "hx-request" in request.headers:
            raise  # the page keeps what was typed
        return lost(person, error, form.reasons)
    desk = await _desk(system, file, person, form, faults=faults, now=now)
    return _answer(request, person, file, desk)


@post("/console/drafts/{draft_id:uuid}/undo", opt=people(*TAKERS))
async def undo(
    draft_id: FromPath[UUID],
    request: AnyRequest,
    person: Injected[Person],
    system: Injected[System],
    now: Injected[datetime],
) -> Response[str]:
    """Take a decision back within its minute, and go back to its case."""
    undone = await undo_draft(system, DraftId(draft_id), person, now)
    return go_on(request, f"/console/cases/{undone.case_id}" if undone.is_back else QUEUE)


@post("/console/drafts/{draft_id:uuid}/read", opt=people())
async def read(
    draft_id: FromPath[UUID],
    request: AnyRequest,
    person: Injected[Person],
    system: Injected[System],
) -> Response[str]:
    """Note that somebody knows what became of their decision."""
    await note_read(system, DraftId(draft_id), person)
    if "hx-request" in request.headers:
        return page("empty.html", status=200)
    return go_on(request, "/console/colleagues")


@get("/console/undo", opt=people())
async def tray(
    person: Injected[Person], system: Injected[System], now: Injected[datetime]
) -> Response[str]:
    """Return what can be undone and what came back, for pages without a case."""
    return page(
        "console_decide_tray_piece.html",
        tray=await read_tray(system, person, now),
        labels=labels_of(system.guidelines),
        outcomes=OUTCOME_NAMES,
        now=now,
    )


@post("/console/cases/{case_id:uuid}/release", opt=people(*TAKERS))
async def release(
    case_id: FromPath[UUID],
    request: AnyRequest,
    person: Injected[Person],
    system: Injected[System],
    now: Injected[datetime],
) -> Response[str]:
    """Give a case back, and go on to the next one, or to the queue if it may come again."""
    form = await read_form(request, ReleaseForm)
    moderator = ModeratorId(person.principal_id)
    await release_case(system, CaseId(case_id), moderator, not_me=form.not_me)
    if not form.not_me:
        return go_on(request, "/console/queue")
    return go_on(request, await to_next(request, person, system, now))


async def _draft(
    system: System, case_id: CaseId, person: Person, given: Submission, now: datetime
) -> dict[str, str]:
    """Submit a decision; return what is wrong with which field of the form."""
    try:
        await draft_decision(system, case_id, person, given, now)
    except NotLeasedError:
        raise
    except StepNotAllowedError:
        raise NotLeasedError from None
    except REFUSALS as error:
        return {FIELDS.get(type(error), "ground"): plain(error)}
    return {}


async def _desk(
    system: System,
    file: CaseFile,
    person: Person,
    form: DecisionForm,
    *,
    faults: Mapping[str, str] | None = None,
    now: datetime,
) -> DecisionDesk:
    case = file.case
    tree = grow(form, file, system.guidelines)
    own = file.version.language if file.version else ""
    languages = tuple(dict.fromkeys((own, *WORDS) if own else WORDS))
    language = form.language if form.language in languages else languages[0]
    desk = await read_desk(system, case.case_id, person, now)
    until = case.leased_until
    is_leased = case.leased_by == person.principal_id and until is not None and now < until
    told, preview = dict(faults or {}), None
    if is_leased and desk.draft is None:
        preview = await _preview(system, file, person, tree, language, now=now)
    return DecisionDesk(
        address=f"/console/cases/{case.case_id}/decide",
        case_id=case.case_id,
        tree=tree,
        faults=told,
        preview=preview,
        language=language,
        languages=languages,
        desk=desk,
        has_case=is_leased and desk.draft is None,
        labels=labels_of(system.guidelines),
        outcomes=OUTCOME_NAMES,
        exceptions=EXCEPTIONS,
        reasons_max=REASONS_CHARS_MAX,
        now=now,
    )


async def _preview(
    system: System, file: CaseFile, person: Person, tree: Tree, language: str, *, now: datetime
) -> Preview | None:
    """What the decision would tell; None as long as it is none that could be taken."""
    given = submission_at(tree)
    if given is None:
        return None
    try:
        return await preview_decision(
            system, file.case.case_id, person, given, language or FALLBACK_LANGUAGE, now=now
        )
    except REFUSALS:
        return None


def submission_at(tree: Tree) -> Submission | None:
    """Return what would be submitted where the tree stands; None if that is not clear yet."""
    if tree.step not in {Step.BREACH, Step.CLEARANCE}:
        return None
    picked = tree.outcomes if tree.step is Step.BREACH else tree.findings
    chosen = next((each.value for each in picked if each.is_chosen), "")
    form = msgspec.structs.replace(
        tree.form,
        ground=tree.guideline.id if tree.guideline else CLEARED,
        outcome=chosen if tree.guideline else "",
        finding="" if tree.guideline else chosen,
    )
    return read_submission(form)[0]


def add_typed(form: DecisionForm) -> tuple[DecisionForm, dict[str, str]]:
    """Put a stretch that was typed among those that are picked."""
    if not form.moment.strip():
        return form, {}
    moment = type_moment(form.moment)
    if moment is None:
        return form, {"moments": "write where it is like 0:12-0:25"}
    moments = tuple(dict.fromkeys((*form.moments, written(moment))))
    return msgspec.structs.replace(form, moments=moments, moment=""), {}


def read_submission(form: DecisionForm) -> tuple[Submission | None, dict[str, str]]:
    """Return what a form submits, or what is missing by field."""
    moments = [read_moment(each) for each in form.moments]
    if None in moments or len(moments) > MOMENTS_MAX:
        return None, {"moments": f"up to {MOMENTS_MAX} stretches can be pointed to"}
    try:
        if form.ground == CLEARED:
            verdict = Verdict(
                outcome=Outcome.NO_VIOLATION, guideline=None, finding=Finding(form.finding)
            )
            return Submission(verdict=verdict, reasons=form.reasons), {}
        if form.ground in {"", "other"}:
            return None, {"ground": "pick first what it breaks, or that nothing is broken"}
        verdict = Verdict(
            outcome=Outcome(form.outcome),
            guideline=GuidelineId(form.ground),
            finding=Finding.ACTIONED,
        )
    except ValueError:
        return None, {"outcome": "pick what is to happen"}
    return Submission(
        verdict=verdict,
        observed=tuple(sorted(set(form.observed))),
        moments=tuple(sorted(each for each in moments if each is not None)),
        reasons=form.reasons,
    ), {}


def _answer(
    request: AnyRequest, person: Person, file: CaseFile, decision: DecisionDesk
) -> Response[str]:
    """Return the tree as a piece for htmx, or the page; a fault is told where it is."""
    if "hx-request" in request.headers:
        return page("console_decide_tree_piece.html", decision=decision, is_swap=True)
    status = 422 if decision.faults else 200
    return page("console_decide.html", status=status, person=person, case=file, decision=decision)


def lost(person: Person, error: Exception, typed: str) -> Response[str]:
    """Return the page for somebody who cannot go on with a case, with what they had typed."""
    kind, detail = kind_of(error), str(error) or "the case may have changed, or its time ran out"
    return page(
        "console_decide_lost.html",
        status=kind.status,
        person=person,
        title=kind.title,
        detail=f"{detail[:1].upper()}{detail[1:]}.",
        typed=typed,
    )


handlers = (show, submit, undo, read, tray, release)
