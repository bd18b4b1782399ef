"""The receipt page: what became of a report, and what its sender can still do.

A receipt is only ever in the body of a request: addresses are kept in histories and logs.
"""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.status_codes import HTTP_200_OK, HTTP_400_BAD_REQUEST, HTTP_404_NOT_FOUND

from underseal.core.complaint import (
    AlreadyComplainedError,
    ComplaintTooLateError,
    NothingToComplainError,
)
from underseal.core.inquiry import (
    AlreadyAnsweredError,
    InquiryClosedError,
    InquiryId,
    InquiryLengthError,
)
from underseal.core.language import best_text
from underseal.core.receipt_state import ReceiptState
from underseal.flow.answer_inquiry import UnknownInquiryError, answer_inquiry
from underseal.flow.complain import complain
from underseal.flow.look_up_receipt import UnknownReceiptError
from underseal.flow.read_receipt import ReceiptView, read_receipt
from underseal.flow.supplement import NoteLengthError, ReportAnsweredError, supplement
from underseal.flow.system import System
from underseal.seal.vault import KeyDestroyedError
from underseal.web.api.operation import Injected
from underseal.web.forms import read_form
from underseal.web.public.show import show
from underseal.web.words import Words

PATH: Final = "/receipt"

STEPS: Final = (ReceiptState.RECEIVED, ReceiptState.IN_REVIEW, ReceiptState.ACTION_TAKEN)
"""The way of a report; the last one stands for either outcome."""

_SAID_OF: Final = {
    NoteLengthError: "error.text",
    ReportAnsweredError: "error.answered",
    NothingToComplainError: "error.nothing_to_complain",
    AlreadyComplainedError: "error.complained",
    ComplaintTooLateError: "error.complaint_late",
    KeyDestroyedError: "error.answered",
    InquiryLengthError: "error.answer",
    UnknownInquiryError: "error.inquiry",
    InquiryClosedError: "error.inquiry",
    AlreadyAnsweredError: "error.inquiry_answered",
}


class ReceiptForm(msgspec.Struct, frozen=True):
    """A receipt, and what its holder wants to say; `inquiry` is the question that they answer."""

    receipt: str = ""
    text: str = ""
    inquiry: str = ""


@get(PATH)
async def ask(words: Injected[Words]) -> Response[str]:
    """Ask for the receipt."""
    return _ask(words)


@post(PATH, status_code=HTTP_200_OK)
async def look(
    request: Request[Any, Any, Any],
    words: Injected[Words],
    system: Injected[System],
    now: Injected[datetime],
) -> Response[str]:
    """Show what a receipt says."""
    return await _look(words, system, await read_form(request, ReceiptForm), now)


@post(f"{PATH}/supplement", status_code=HTTP_200_OK)
async def add(
    request: Request[Any, Any, Any],
    words: Injected[Words],
    system: Injected[System],
    now: Injected[datetime],
) -> Response[str]:
    """Add a note to the report."""
    form = await read_form(request, ReceiptForm)
    try:
        await supplement(system, form.receipt.strip(), _text(form), now)
    except UnknownReceiptError:
        return _unknown(words, form)
    except (NoteLengthError, ReportAnsweredError, KeyDestroyedError) as error:
        return await _look(words, system, form, now, error=("supplement", _SAID_OF[type(error)]))
    return await _look(words, system, ReceiptForm(form.receipt), now, done="receipt.added")


@post(f"{PATH}/complaint", status_code=HTTP_200_OK)
async def complain_about(
    request: Request[Any, Any, Any],
    words: Injected[Words],
    system: Injected[System],
    now: Injected[datetime],
) -> Response[str]:
    """Complain that nothing was done."""
    form = await read_form(request, ReceiptForm)
    try:
        await complain(system, form.receipt.strip(), _text(form), now)
    except UnknownReceiptError:
        return _unknown(words, form)
    except (
        NoteLengthError,
        NothingToComplainError,
        AlreadyComplainedError,
        ComplaintTooLateError,
        KeyDestroyedError,
    ) as error:
        return await _look(words, system, form, now, error=("complaint", _SAID_OF[type(error)]))
    return await _look(words, system, ReceiptForm(form.receipt), now, done="receipt.complained")


@post(f"{PATH}/answer", status_code=HTTP_200_OK)
async def answer(
    request: Request[Any, Any, Any],
    words: Injected[Words],
    system: Injected[System],
    now: Injected[datetime],
) -> Response[str]:
    """Answer what a moderator asks."""
    form = await read_form(request, ReceiptForm)
    try:
        inquiry_id = _inquiry(form.inquiry)
        await answer_inquiry(system, form.receipt.strip(), inquiry_id, _text(form), now)
    except UnknownReceiptError:
        return _unknown(words, form)
    except (
        InquiryLengthError,
        UnknownInquiryError,
        InquiryClosedError,
        AlreadyAnsweredError,
    ) as error:
        where = f"inquiry-{form.inquiry}"
        return await _look(words, system, form, now, error=(where, _SAID_OF[type(error)]))
    return await _look(words, system, ReceiptForm(form.receipt), now, done="receipt.replied")


async def _look(
    words: Words,
    system: System,
    form: ReceiptForm,
    now: datetime,
    *,
    error: tuple[str, str] | None = None,
    done: str | None = None,
) -> Response[str]:
    """Show a receipt; `error` names a form and what is wrong with it."""
    token = form.receipt.strip()
    try:
        view = await read_receipt(system, token, now)
    except UnknownReceiptError:
        return _unknown(words, form)
    answer = view.answer
    text_in, text = best_text(answer.text, words.language)
    guideline = system.guidelines.by_id.get(answer.guideline)
    names = {"en": str(answer.guideline)} if guideline is None else guideline.label
    label_in, label = best_text(names, words.language)
    return show(
        words,
        "public_receipt.html",
        here=PATH,
        status=HTTP_200_OK if error is None else HTTP_400_BAD_REQUEST,
        receipt=token,
        answer=answer,
        text=text,
        text_in=text_in,
        label=label,
        label_in=label_in,
        can_add=view.can_add,
        complaint=view.complaint,
        complain_until=_last_day(view),
        inquiries=view.inquiries,
        said=view.words,
        shown=_forms(view),
        steps=STEPS,
        reached=_reached(answer.state),
        typed=form.text,
        error=error,
        done=done,
    )


def _ask(
    words: Words, form: ReceiptForm | None = None, status: int = HTTP_200_OK, error: str = ""
) -> Response[str]:
    typed = "" if form is None else form.receipt
    return show(
        words, "public_receipt_ask.html", here=PATH, status=status, typed=typed, error=error
    )


def _unknown(words: Words, form: ReceiptForm) -> Response[str]:
    """Say that there is no such receipt: whether it is malformed, or was never given."""
    said = "error.receipt" if form.receipt.strip() else "error.receipt_missing"
    return _ask(words, form, HTTP_404_NOT_FOUND, said)


def _text(form: ReceiptForm) -> str:
    return form.text.strip()


def _inquiry(typed: str) -> InquiryId:
    """Read which question is answered.

    Raises:
        UnknownInquiryError: it is none.
    """
    try:
        return InquiryId(UUID(typed))
    except ValueError:
        raise UnknownInquiryError from None


def _forms(view: ReceiptView) -> set[str]:
    """The forms that the page has: what is wrong with another one is told apart."""
    forms = {f"inquiry-{each.inquiry_id}" for each in view.inquiries if not each.is_answered}
    if view.can_add:
        return forms | {"supplement"}
    return forms | {"complaint"} if view.complain_until else forms


def _last_day(view: ReceiptView) -> datetime | None:
    until = view.complain_until
    return None if until is None else until - timedelta(microseconds=1)


def _reached(state: ReceiptState) -> int:
    """How many of `STEPS` lie behind or at the state."""
    return len(STEPS) if state not in STEPS else STEPS.index(state) + 1


handlers = (ask, look, add, answer, complain_about)
