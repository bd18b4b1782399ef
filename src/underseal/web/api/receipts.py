"""Receipts: answers to what moderators ask. Looking a receipt up is on the fast path (`web.intake`)."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import post
from msgspec import Meta

from underseal.core.caller import Scope
from underseal.core.inquiry import (
    ANSWER_CHARS_MAX,
    AlreadyAnsweredError,
    InquiryClosedError,
    InquiryId,
)
from underseal.flow.answer_inquiry import UnknownInquiryError, answer_inquiry
from underseal.flow.look_up_receipt import UnknownReceiptError
from underseal.flow.system import System
from underseal.web.api.bodies import Strict
from underseal.web.api.operation import Injected, platforms


class InquiryAnswerBody(Strict):
    """A reporter's answer; the receipt is in the body, for addresses are logged on the way."""

    receipt: str
    inquiry_id: UUID
    answer: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=ANSWER_CHARS_MAX,
            pattern=r"^[^\x00]*[^\s\x00][^\x00]*$",
            description="The reporter's own words. They cannot be changed.",
        ),
    ]


@post(
    "/v1/receipts/answer",
    status_code=204,
    opt=platforms(
        Scope.REPORTS_WRITE,
        UnknownReceiptError,
        UnknownInquiryError,
        InquiryClosedError,
        AlreadyAnsweredError,
    ),
)
async def answer(
    given: Injected[InquiryAnswerBody], system: Injected[System], now: Injected[datetime]
) -> None:
    """Answer what a moderator asks the holder of a receipt.

    Moderators read it from the next tick on, as unverified. The same answer twice is one.
    """
    await answer_inquiry(system, given.receipt, InquiryId(given.inquiry_id), given.answer, now)


handlers = (answer,)
