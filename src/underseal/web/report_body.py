"""What a report looks like on the wire, and how it is read, once and strictly."""

import re
from typing import Final, TypeVar

import msgspec

from underseal.core.guideline import GuidelineId
from underseal.core.report import MOMENTS_MAX, NOTE_BYTES_MAX, Moment
from underseal.core.subject import (
    InvalidExternalIdError,
    SubjectKind,
    SubjectRef,
    check_external_id,
)
from underseal.flow.seal_report import Filing
from underseal.web.problems import InvalidRequestError

LAW_BYTES_MAX: Final = 1_000
"""Longest name of a law in a notice, in bytes of UTF-8. A limit of ours."""

BULK_MAX: Final = 1_000
"""Reports in one request. A limit of ours."""

_PLACE: Final = re.compile(r"(.*?)(?: - at `\$(.*)`)?", re.DOTALL)
_FIELD: Final = re.compile(r"Object (?:missing required|contains unknown) field `(.*)`", re.DOTALL)
_STEP: Final = re.compile(r"\.([^.\[]+)|\[([^\]]*)\]")


class _Strict(msgspec.Struct, forbid_unknown_fields=True):
    """An object with these fields and no others."""


class SubjectBody(_Strict):
    """A subject as the platform names it."""

    kind: SubjectKind
    id: str


class ReporterBody(_Strict):
    """A person as the platform names them."""

    id: str


class MomentBody(_Strict):
    """A stretch of the video."""

    start_ms: int
    end_ms: int


class NoticeBody(_Strict):
    """What makes a report a notice: DSA, Article 16(2)."""

    law: str
    good_faith: bool


class PlatformNoticeBody(NoticeBody, kw_only=True):
    """A notice, with what the platform alone can say of who gives it: DSA, Article 22."""

    trusted_flagger: bool = False


class TicketReportBody(_Strict):
    """A report whose ticket says what is reported, and by whom."""

    guideline: str
    note: str | None = None
    moments: tuple[MomentBody, ...] = ()
    notice: NoticeBody | None = None
    act_even_if_guessed: bool = False


class ReportBody(TicketReportBody, kw_only=True):
    """A report that a platform's server sends."""

    subject: SubjectBody
    reporter: ReporterBody | None
    notice: PlatformNoticeBody | None = None


class BulkBody(_Strict):
    """Many reports; each is read by itself, so that one that is wrong does not harm the others."""

    reports: list[msgspec.Raw]


class ReceiptBody(_Strict):
    """A receipt to look up: in the body, for addresses are logged on the way."""

    receipt: str


_report_decoder: Final = msgspec.json.Decoder(ReportBody)
_ticket_report_decoder: Final = msgspec.json.Decoder(TicketReportBody)
_bulk_decoder: Final = msgspec.json.Decoder(BulkBody)
_receipt_decoder: Final = msgspec.json.Decoder(ReceiptBody)

Body = TypeVar("Body")


def read_report(raw: bytes | msgspec.Raw) -> tuple[Filing, str | None]:
    """Return the report, and the id of who files it; None for somebody without an account.

    Raises:
        InvalidRequestError: it is not a report.
    """
    body = read(_report_decoder, raw)
    try:
        subject = SubjectRef(kind=body.subject.kind, external_id=body.subject.id)
    except InvalidExternalIdError as error:
        raise InvalidRequestError(str(error), "/subject/id") from None
    flagged = body.notice is not None and body.notice.trusted_flagger
    filing = _filing(body, subject, flagged=flagged)
    if body.reporter is None:
        return filing, None
    try:
        check_external_id(body.reporter.id)
    except InvalidExternalIdError as error:
        raise InvalidRequestError(str(error), "/reporter/id") from None
    return filing, body.reporter.id


def read_ticket_report(raw: bytes, subject: SubjectRef, *, by_trusted_flagger: bool) -> Filing:
    """Return the report of the subject that the ticket names, by whom it says.

    Raises:
        InvalidRequestError: it is not a report, or says itself what it is about and who files it.
    """
    return _filing(read(_ticket_report_decoder, raw), subject, flagged=by_trusted_flagger)


def read_bulk(raw: bytes) -> list[msgspec.Raw]:
    """Return the reports of a bulk request, each still to be read.

    Raises:
        InvalidRequestError: it is not a list of 1 to 1000 reports.
    """
    reports = read(_bulk_decoder, raw).reports
    if not 1 <= len(reports) <= BULK_MAX:
        raise InvalidRequestError(f"a request has 1 to {BULK_MAX} reports", "/reports")
    return reports


def read_receipt(raw: bytes) -> str:
    """Return the receipt to look up, whether it is one or not.

    Raises:
        InvalidRequestError: the body does not name one.
    """
    return read(_receipt_decoder, raw).receipt


def read(decoder: "msgspec.json.Decoder[Body]", raw: bytes | msgspec.Raw) -> Body:
    """Decode a body.

    Raises:
        InvalidRequestError: it is not what the decoder wants; with a pointer to the place.
    """
    try:
        try:
            return decoder.decode(raw)
        except msgspec.ValidationError as error:
            if not str(error).startswith("Expected `int`, got `float`"):
                raise
            return msgspec.convert(_with_whole_numbers(raw), decoder.type)
    except UnicodeDecodeError:
        raise InvalidRequestError("the body is not valid UTF-8") from None
    except RecursionError:
        raise InvalidRequestError("the body is nested too deeply") from None
    except msgspec.ValidationError as error:
        raise InvalidRequestError(*_place_of(str(error))) from None
    except msgspec.DecodeError as error:
        raise InvalidRequestError(str(error)) from None


def _with_whole_numbers(raw: bytes | msgspec.Raw) -> object:
    """Decode JSON with `1.0` read as 1, as JSON Schema has it; there are writers who send it."""

    def read_number(text: str) -> float | int:
        number = float(text)
        return int(number) if number.is_integer() else number

    return msgspec.json.Decoder(float_hook=read_number).decode(raw)


def _place_of(message: str) -> tuple[str, str]:
    """Take what msgspec says apart into what is wrong and the pointer to where."""
    found = _PLACE.fullmatch(message)
    detail, path = (found[1], found[2] or "") if found else (message, "")
    pointer = "".join(f"/{name or index}" for name, index in _STEP.findall(path))
    field = _FIELD.fullmatch(detail)
    if field:
        pointer += "/" + field[1].replace("~", "~0").replace("/", "~1")
    return detail, pointer


def _filing(body: TicketReportBody, subject: SubjectRef, *, flagged: bool) -> Filing:
    return Filing(
        subject=subject,
        guideline=GuidelineId(body.guideline),
        note=_text(body.note, NOTE_BYTES_MAX, "/note") if body.note else "",
        moments=_moments(body.moments) if body.moments else (),
        is_notice=body.notice is not None,
        law=None if body.notice is None else _law(body.notice),
        may_be_guessed=body.act_even_if_guessed,
        by_trusted_flagger=flagged and body.notice is not None,
    )


def _moments(bodies: tuple[MomentBody, ...]) -> tuple[Moment, ...]:
    if len(bodies) > MOMENTS_MAX:
        raise InvalidRequestError(f"a report has at most {MOMENTS_MAX} moments", "/moments")
    moments = set()
    for index, body in enumerate(bodies):
        try:
            moments.add(Moment(start_ms=body.start_ms, end_ms=body.end_ms))
        except ValueError as error:
            raise InvalidRequestError(str(error), f"/moments/{index}") from None
    return tuple(sorted(moments))


def _law(body: NoticeBody) -> str:
    if not body.good_faith:
        raise InvalidRequestError("a notice is given in good faith", "/notice/good_faith")
    law = _text(body.law, LAW_BYTES_MAX, "/notice/law")
    if not law:
        raise InvalidRequestError("a notice names the law", "/notice/law")
    return law


def _text(text: str, bytes_max: int, pointer: str) -> str:
    """Return a text without the space around it."""
    stripped = text.strip()
    if "\0" in stripped:
        raise InvalidRequestError("a text has no NUL", pointer)
    try:
        size = len(stripped.encode())
    except UnicodeEncodeError:
        raise InvalidRequestError("a text is valid Unicode", pointer) from None
    if size > bytes_max:
        raise InvalidRequestError(f"this has at most {bytes_max} bytes", pointer)
    return stripped
