"""What went wrong, as answers: each error has a status and a kind of problem (RFC 9457).

`KINDS` is the whole table. An error that is not in it is a fault of ours and answered 500, without
a word of what it was.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import msgspec

from underseal.core.appeal import (
    AlreadyAppealedError,
    AppealTooLateError,
    NotAffectedError,
    NothingToAppealError,
)
from underseal.core.caller import RoleMissingError, ScopeMissingError
from underseal.core.case import NotLeasedError, SameModeratorError, StepNotAllowedError
from underseal.core.charge import ChargeEndedError
from underseal.core.draft import (
    AlreadyDraftedError,
    BulkSizeError,
    DraftEndedError,
    LeadMissingError,
    NotYourDraftError,
    OneByOneError,
    SecondPersonError,
    UndoTooLateError,
    WordLengthError,
)
from underseal.core.inquiry import (
    AlreadyAnsweredError,
    InquiryClosedError,
    InquiryLengthError,
    InquiryOpenError,
)
from underseal.core.reasons import ReasonsLengthError, ReasonsQuoteError
from underseal.core.statement import UnknownExampleError
from underseal.core.subject import InvalidExternalIdError
from underseal.core.webvtt import CaptionsError
from underseal.flow.add_known_content import NotDecidedError, NothingToMatchError
from underseal.flow.answer_inquiry import UnknownInquiryError
from underseal.flow.answer_once import InFlightError, KeyReusedError
from underseal.flow.ask_colleague import QuestionClosedError, UnknownColleagueError
from underseal.flow.authenticate import KeySignsNoTicketsError, UnknownKeyError
from underseal.flow.confirm_charge import UnknownChargeError
from underseal.flow.count_views import TickMismatchError
from underseal.flow.creator_view import UnknownStatementError
from underseal.flow.decide import HarsherOnAppealError, UnknownCaseError
from underseal.flow.draft_decision import UnknownDraftError
from underseal.flow.file_report import (
    GuidelineNotForKindError,
    IntakeAwayError,
    IntakeFullError,
    NoMomentsError,
    NoticeNotTakenError,
    ReportRefusedError,
    UnknownGuidelineError,
)
from underseal.flow.inquire import UnknownReporterError
from underseal.flow.lodge_appeal import ExplanationTooLongError
from underseal.flow.look_up_receipt import UnknownReceiptError
from underseal.flow.register_endpoint import EndpointUrlError, UnknownEndpointError
from underseal.flow.register_subject import MediaMismatchError, OtherCreatorError
from underseal.flow.upload_media import (
    MediaFrozenError,
    MediaTooLargeError,
    NoMediaError,
    UnknownVersionError,
)
from underseal.flow.watch_case import NoCopyError
from underseal.seal.reporter import SealingError
from underseal.seal.ticket import TicketError
from underseal.store.pool import DatabaseAwayError
from underseal.web.cursors import InvalidCursorError

MEDIA_TYPE: Final = "application/problem+json"

RETRY_AFTER_S: Final = 5
"""What a sender is asked to wait when something is away. A setting."""

CHALLENGE: Final = 'Bearer realm="underseal"'
"""How to sign in: RFC 6750, section 3."""


class InvalidRequestError(Exception):
    """The request does not say what it should; `pointer` (RFC 6901) names the place, if one does."""

    def __init__(self, detail: str, pointer: str | None = None) -> None:
        super().__init__(detail)
        self.pointer = pointer


class UnsupportedBodyError(Exception):
    """The body is of a type that is not understood."""


class BodyTooLargeError(Exception):
    """The body is larger than is taken here."""


class NoCredentialsError(Exception):
    """The request needs an API key and came without."""


class RequestCutShortError(Exception):
    """The request did not come to its end: whoever sent it has hung up."""


class RangeNotSatisfiableError(Exception):
    """Nothing of the media is in the range that is asked for."""

    def __init__(self, size_bytes: int) -> None:
        super().__init__(f"the media has {size_bytes} bytes")
        self.size_bytes = size_bytes


class NoSuchPlaceError(Exception):
    """There is nothing at this address."""


class MethodNotAllowedError(Exception):
    """There is something at this address, but not for this method."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem: its status, the end of its address, and its title."""

    status: int
    slug: str
    title: str


INTERNAL: Final = Kind(500, "internal", "Something went wrong on our side")
INVALID: Final = Kind(400, "invalid-request", "The request is not valid")
TOO_LARGE: Final = Kind(413, "body-too-large", "The body is too large")
UNAUTHENTICATED: Final = Kind(401, "unauthenticated", "An API key or a ticket is needed")
FORBIDDEN: Final = Kind(403, "forbidden", "The key does not allow this")
UNDECIDABLE: Final = Kind(409, "decision-refused", "The case cannot be decided like this")
TOO_LATE: Final = Kind(409, "too-late", "That is no longer possible")
UNKNOWN_STATEMENT: Final = Kind(404, "unknown-statement", "There is no such statement")
AWAY: Final = Kind(503, "unavailable", "Try again in a moment")

KINDS: Final[Mapping[type[Exception], Kind]] = MappingProxyType(
    {
        InvalidRequestError: INVALID,
        InvalidExternalIdError: INVALID,
        UnsupportedBodyError: Kind(415, "unsupported-body", "The body must be JSON"),
        BodyTooLargeError: TOO_LARGE,
        RequestCutShortError: INVALID,
        NoCredentialsError: UNAUTHENTICATED,
        UnknownKeyError: UNAUTHENTICATED,
        KeySignsNoTicketsError: UNAUTHENTICATED,
        TicketError: UNAUTHENTICATED,
        ScopeMissingError: FORBIDDEN,
        RoleMissingError: FORBIDDEN,
        NoSuchPlaceError: Kind(404, "not-found", "There is nothing here"),
        MethodNotAllowedError: Kind(405, "method-not-allowed", "This method is not allowed here"),
        UnknownGuidelineError: INVALID,
        GuidelineNotForKindError: INVALID,
        NoticeNotTakenError: INVALID,
        NoMomentsError: INVALID,
        UnknownReceiptError: Kind(404, "unknown-receipt", "There is no such receipt"),
        UnknownInquiryError: Kind(404, "unknown-inquiry", "There is no such question"),
        AlreadyAnsweredError: Kind(409, "already-answered", "This question has an answer"),
        InquiryClosedError: TOO_LATE,
        InquiryLengthError: INVALID,
        InquiryOpenError: Kind(409, "inquiry-open", "There is a question already"),
        UnknownReporterError: INVALID,
        InvalidCursorError: Kind(400, "invalid-cursor", "This cursor cannot be used here"),
        KeyReusedError: Kind(422, "idempotency-key-reused", "The key belongs to another request"),
        InFlightError: Kind(409, "in-flight", "The first request is still being answered"),
        MediaMismatchError: INVALID,
        CaptionsError: INVALID,
        OtherCreatorError: Kind(409, "other-creator", "The subject belongs to somebody else"),
        UnknownVersionError: Kind(404, "unknown-version", "There is no such version"),
        MediaFrozenError: Kind(409, "media-frozen", "The version has its media already"),
        MediaTooLargeError: TOO_LARGE,
        NoMediaError: INVALID,
        TickMismatchError: Kind(409, "not-a-tick", "This is no tick that has come"),
        UnknownStatementError: UNKNOWN_STATEMENT,
        NotAffectedError: UNKNOWN_STATEMENT,
        NothingToAppealError: Kind(409, "nothing-to-appeal", "There is nothing to appeal against"),
        AlreadyAppealedError: Kind(409, "already-appealed", "There has been an appeal"),
        AppealTooLateError: Kind(409, "appeal-too-late", "The time to appeal is over"),
        ExplanationTooLongError: INVALID,
        UnknownCaseError: Kind(404, "unknown-case", "There is no such case"),
        NoCopyError: Kind(404, "no-media", "The case has no media"),
        RangeNotSatisfiableError: Kind(416, "range-not-satisfiable", "There is nothing there"),
        NotLeasedError: Kind(409, "not-leased", "You do not have this case, or no longer"),
        SameModeratorError: Kind(403, "same-moderator", "Somebody else must decide this"),
        StepNotAllowedError: UNDECIDABLE,
        HarsherOnAppealError: UNDECIDABLE,
        ReasonsLengthError: UNDECIDABLE,
        ReasonsQuoteError: UNDECIDABLE,
        UnknownExampleError: UNDECIDABLE,
        DraftEndedError: TOO_LATE,
        UndoTooLateError: TOO_LATE,
        QuestionClosedError: TOO_LATE,
        ChargeEndedError: TOO_LATE,
        UnknownChargeError: Kind(404, "unknown-charge", "There is no such charge"),
        AlreadyDraftedError: Kind(409, "already-drafted", "This case is decided already"),
        UnknownDraftError: Kind(404, "unknown-draft", "There is no such decision"),
        NotYourDraftError: FORBIDDEN,
        SecondPersonError: Kind(403, "second-person", "A second person is needed"),
        LeadMissingError: Kind(403, "lead-missing", "A lead is needed"),
        BulkSizeError: INVALID,
        OneByOneError: UNDECIDABLE,
        WordLengthError: INVALID,
        UnknownColleagueError: INVALID,
        NotDecidedError: Kind(409, "not-decided", "It was not found to break the guideline"),
        NothingToMatchError: Kind(409, "nothing-to-match", "It could not be recognised"),
        EndpointUrlError: Kind(409, "address-not-allowed", "Messages are not sent there"),
        UnknownEndpointError: Kind(404, "unknown-endpoint", "There is no such endpoint"),
        SealingError: AWAY,
        IntakeFullError: AWAY,
        IntakeAwayError: AWAY,
        DatabaseAwayError: AWAY,
        ReportRefusedError: INTERNAL,
    }
)

POINTERS: Final[Mapping[type[Exception], str]] = MappingProxyType(
    {
        UnknownGuidelineError: "/guideline",
        CaptionsError: "/media/captions",
        GuidelineNotForKindError: "/guideline",
        NoticeNotTakenError: "/notice",
        NoMomentsError: "/moments",
        UnknownExampleError: "/observed",
        ReasonsLengthError: "/reasons",
        ReasonsQuoteError: "/reasons",
        EndpointUrlError: "/url",
        TickMismatchError: "/tick",
        WordLengthError: "/word",
    }
)
"""The field that each error is about."""


class FieldProblem(msgspec.Struct, frozen=True):
    """One fault of a body: `pointer` (RFC 6901) names the place."""

    pointer: str
    detail: str


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """The body of an answer that is not what was asked for: RFC 9457, section 3.

    `instance` is there for what went wrong on our side: our log says more under that name.
    """

    type: str
    title: str
    status: int
    detail: str = ""
    instance: str = ""
    errors: tuple[FieldProblem, ...] = ()


def problem(
    kind: Kind, detail: str = "", errors: Iterable[FieldProblem] = (), instance: str = ""
) -> bytes:
    """Write the body of a problem."""
    return msgspec.json.encode(
        Problem(
            type=f"/problems/{kind.slug}",
            title=kind.title,
            status=kind.status,
            detail=detail,
            instance=instance,
            errors=tuple(errors),
        )
    )


def kind_of(error: Exception) -> Kind:
    """Return what kind of problem an error is."""
    return kind_of_class(type(error))


def kind_of_class(error: type[Exception]) -> Kind:
    """Return what kind of problem errors of a class are."""
    return next((KINDS[known] for known in error.__mro__ if known in KINDS), INTERNAL)


def problem_of(error: Exception, instance: str = "") -> tuple[Kind, bytes]:
    """Return what kind of problem an error is, and the body that tells of it.

    `instance` names what went wrong on our side; of other problems it says nothing.
    """
    kind = kind_of(error)
    if kind.status >= INTERNAL.status:  # what went wrong inside is nobody else's business
        return kind, problem(kind, instance=instance)
    pointer = error.pointer if isinstance(error, InvalidRequestError) else POINTERS.get(type(error))
    errors = () if pointer is None else (FieldProblem(pointer, str(error)),)
    return kind, problem(kind, str(error), errors)


def headers_of(kind: Kind) -> Mapping[str, str]:
    """Return the headers that an answer of this kind carries beside those of its body."""
    headers: dict[str, str] = {}
    if kind.status == UNAUTHENTICATED.status:
        headers["www-authenticate"] = CHALLENGE
    if kind.status == AWAY.status:
        headers["retry-after"] = str(RETRY_AFTER_S)
    return headers
