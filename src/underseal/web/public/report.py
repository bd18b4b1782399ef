"""Reporting without an account: a form of two steps, and the receipt."""

from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.status_codes import HTTP_200_OK, HTTP_400_BAD_REQUEST, HTTP_503_SERVICE_UNAVAILABLE

from underseal.core.language import best_text
from underseal.core.receipt_state import RECEIPT_WORDS, before_reporting
from underseal.core.subject import SubjectKind
from underseal.core.taxonomy import public_guidelines
from underseal.flow.file_report import PLAYABLE, Filer, IntakeAwayError, IntakeFullError
from underseal.flow.system import System
from underseal.seal.reporter import SealingError
from underseal.web.api.operation import Injected
from underseal.web.forms import form_of, read_form
from underseal.web.public.report_form import (
    Errors,
    FormError,
    Named,
    ReportForm,
    read_filing,
    read_subject,
)
from underseal.web.public.show import NOTHING, show
from underseal.web.words import Words

PATH: Final = "/report"
FILE: Final = "file"
BACK: Final = "back"
"""What the buttons of the second step say; any other step is the first."""


@get(PATH)
async def begin(
    request: Request[Any, Any, Any], words: Injected[Words], system: Injected[System]
) -> Response[str]:
    """Show the first step; a link may say what is to be reported."""
    return _first_step(words, system, form_of(request.scope["query_string"], ReportForm))


@post(PATH, status_code=HTTP_200_OK)
async def go_on(
    request: Request[Any, Any, Any],
    words: Injected[Words],
    system: Injected[System],
    filer: Injected[Filer],
) -> Response[str]:
    """Show the next step, or file the report and show its receipt, once."""
    form = await read_form(request, ReportForm)
    if form.step == BACK:
        return _first_step(words, system, form)
    try:
        named = read_subject(form, system, words.language)
    except FormError as error:
        return _first_step(words, system, form, error.errors)
    if form.step != FILE:
        return _second_step(words, form, named)
    try:
        token = await filer.file(read_filing(form, named), None)
    except FormError as error:
        return _second_step(words, form, named, error.errors)
    except (IntakeAwayError, IntakeFullError, SealingError):
        away = {"form": "error.away"}
        return _second_step(words, form, named, away, HTTP_503_SERVICE_UNAVAILABLE)
    return show(words, "public_thanks.html", here=PATH, receipt=token)


def _first_step(
    words: Words, system: System, form: ReportForm, errors: Errors = NOTHING
) -> Response[str]:
    said_in, said = best_text(RECEIPT_WORDS, words.language)
    return show(
        words,
        "public_report.html",
        here=PATH,
        status=HTTP_400_BAD_REQUEST if errors else HTTP_200_OK,
        form=form,
        errors=errors,
        kinds=tuple(SubjectKind),
        topics=public_guidelines(system.guidelines, words.language).topics,
        before=said.before,
        before_in=said_in,
    )


def _second_step(
    words: Words,
    form: ReportForm,
    named: Named,
    errors: Errors = NOTHING,
    status: int = HTTP_400_BAD_REQUEST,
) -> Response[str]:
    said_in, said = best_text(RECEIPT_WORDS, words.language)
    return show(
        words,
        "public_report_why.html",
        here=PATH,
        status=status if errors else HTTP_200_OK,
        form=form,
        errors=errors,
        subject=named.subject,
        topic=named.topic,
        is_playable=named.subject.kind in PLAYABLE,
        takes_notices=any(each.illegal_notice for each in named.topic.guidelines),
        before=before_reporting(words.language),
        said=said,
        said_in=said_in,
    )


handlers = (begin, go_on)
