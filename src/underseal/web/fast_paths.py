"""The part of the API's document that tells of the fast path: `web.intake` has no signatures.

Its bodies are those of `web.report_body`; what that checks by hand is added here by hand.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import msgspec

from underseal.core.caller import Scope
from underseal.core.guideline import Guidelines
from underseal.core.receipt_state import ReceiptState
from underseal.core.report import MOMENT_MS_MAX, MOMENTS_MAX, NOTE_BYTES_MAX
from underseal.core.subject import EXTERNAL_ID_BYTES_MAX, SubjectKind
from underseal.flow.file_report import (
    PLAYABLE,
    GuidelineNotForKindError,
    NoMomentsError,
    NoticeNotTakenError,
    UnknownGuidelineError,
)
from underseal.flow.look_up_receipt import UnknownReceiptError
from underseal.web.api.bodies import NO_NUL
from underseal.web.api.operation import Access
from underseal.web.intake import BULK, LOOK_UP, REPORTS
from underseal.web.report_body import (
    BULK_MAX,
    LAW_BYTES_MAX,
    BulkBody,
    ReceiptBody,
    ReportBody,
    TicketReportBody,
)

BODIES: Final = (ReportBody, TicketReportBody, BulkBody, ReceiptBody)

Json = dict[str, Any]

_SCHEMAS: Final = "#/components/schemas/"
_ID: Final[Json] = {
    "type": "string",
    "minLength": 1,
    "maxLength": EXTERNAL_ID_BYTES_MAX,
    "pattern": NO_NUL,
}
_FILED: Final[Json] = {
    "type": "object",
    "properties": {"receipt": {"type": "string"}, "state": {"const": ReceiptState.RECEIVED}},
    "required": ["receipt", "state"],
}
_REFUSED: Final[Json] = {
    "type": "object",
    "properties": {"problem": {"$ref": _SCHEMAS + "Problem"}},
    "required": ["problem"],
}
_RESULTS: Final[Json] = {
    "type": "object",
    "properties": {"results": {"type": "array", "items": {"anyOf": [_FILED, _REFUSED]}}},
    "required": ["results"],
}
_INQUIRY: Final[Json] = {
    "type": "object",
    "properties": {
        "inquiry_id": {"type": "string", "format": "uuid"},
        "question": {"type": "string"},
        "is_answered": {"type": "boolean"},
    },
    "required": ["inquiry_id", "question", "is_answered"],
}
_WORD: Final[Json] = {
    "type": "object",
    "properties": {
        "word": {"type": "string"},
        "opens_from": {"type": "string", "format": "date-time"},
        "is_refused": {"type": "boolean"},
    },
    "required": ["word", "opens_from", "is_refused"],
}
_RECEIPT: Final[Json] = {
    "type": "object",
    "properties": {
        "subject": {"$ref": _SCHEMAS + "Subject"},
        "guideline": {"type": "string"},
        "reported_on": {"type": "string", "format": "date"},
        "state": {"enum": list(ReceiptState)},
        "changed_at": {"type": ["string", "null"], "format": "date-time"},
        "text": {"type": "object", "additionalProperties": {"type": "string"}},
        "inquiries": {"type": "array", "items": _INQUIRY},
        "words": {"type": "array", "items": _WORD},
    },
    "required": [
        "subject",
        "guideline",
        "reported_on",
        "state",
        "changed_at",
        "text",
        "inquiries",
        "words",
    ],
}


def constrain(schemas: Json, guidelines: Guidelines) -> None:
    """Add to the schemas of `BODIES` what is checked beyond their types."""
    guideline = {"enum": sorted(guidelines.by_id)}
    note = {"maxLength": NOTE_BYTES_MAX, "pattern": NO_NUL}
    moments = {"maxItems": MOMENTS_MAX}
    notice: Json = {
        "law": {"minLength": 1, "maxLength": LAW_BYTES_MAX, "pattern": r"^[^\x00]*\S[^\x00]*$"},
        "good_faith": {"const": True},
    }
    report = {"guideline": guideline, "note": note, "moments": moments}
    constraints: dict[str, Json] = {
        "SubjectBody": {"id": _ID},
        "ReporterBody": {"id": _ID},
        "MomentBody": {
            "start_ms": {"minimum": 0, "maximum": MOMENT_MS_MAX},
            "end_ms": {"minimum": 1, "maximum": MOMENT_MS_MAX},
        },
        "NoticeBody": notice,
        "PlatformNoticeBody": notice,
        "ReportBody": report,
        "TicketReportBody": report,
        "BulkBody": {
            "reports": {
                "items": {"anyOf": [{"$ref": _SCHEMAS + "ReportBody"}, {}]},
                "minItems": 1,
                "maxItems": BULK_MAX,
            }
        },
    }
    for name, properties in constraints.items():
        for field, constraint in properties.items():
            schemas[name]["properties"][field] |= constraint
    schemas["ReportBody"]["anyOf"] = [
        allowed for kind in SubjectKind for allowed in _reports_of(kind, guidelines)
    ]


def _reports_of(kind: SubjectKind, guidelines: Guidelines) -> list[Json]:
    """What a report of a subject of a kind may be about, as a notice and otherwise."""
    given = [each for each in guidelines.by_id.values() if kind in each.subjects]
    illegal = [each for each in given if each.illegal_notice]
    moments: Json = {} if kind in PLAYABLE else {"moments": {"maxItems": 0}}
    return [
        {
            "properties": {
                "subject": {"properties": {"kind": {"const": kind}}},
                "guideline": {"enum": sorted(each.id for each in guidelines_of_form)},
                "notice": notice,
                **moments,
            }
        }
        for guidelines_of_form, notice in ((given, {"type": "null"}), (illegal, {"type": "object"}))
        if guidelines_of_form
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class FastPath:
    """What an address of the fast path does with a POST; `answer` is a JSON Schema."""

    name: str
    summary: str
    description: str
    access: Access
    body: type[msgspec.Struct]
    status: int
    answer: Json
    raises: tuple[type[Exception], ...] = ()


FAST_PATHS: Final[Mapping[str, FastPath]] = MappingProxyType(
    {
        REPORTS: FastPath(
            name="reports.file",
            summary="File a report, for good: nobody can change, withdraw or delete it.",
            description="The same person's report of the same subject for the same guideline is "
            "one report, however often it is sent, and gets the same receipt: it needs no "
            "`Idempotency-Key`. A browser that has a ticket sends a `TicketReportBody`: what is "
            "reported, and by whom, stands in the ticket alone.",
            access=Access(scope=Scope.REPORTS_WRITE, with_ticket=True),
            body=ReportBody,
            status=201,
            answer=_FILED,
            raises=(
                UnknownGuidelineError,
                GuidelineNotForKindError,
                NoticeNotTakenError,
                NoMomentsError,
            ),
        ),
        BULK: FastPath(
            name="reports.file_many",
            summary="File many reports; one that is refused does not harm the others.",
            description="The results stand in the order of the reports.",
            access=Access(scope=Scope.REPORTS_WRITE),
            body=BulkBody,
            status=200,
            answer=_RESULTS,
        ),
        LOOK_UP: FastPath(
            name="receipts.look_up",
            summary="Tell what has become of a report.",
            description="States change at ticks only, and alike for all who reported. `inquiries` "
            "are what a moderator asks this one reporter: nobody tells them, so show them. "
            "`POST /v1/receipts/answer` takes the answer. `words` are what they are to read before "
            "their seal is opened, which is not before `opens_from`: show them, too.",
            access=Access(scope=Scope.RECEIPTS_READ),
            body=ReceiptBody,
            status=200,
            answer=_RECEIPT,
            raises=(UnknownReceiptError,),
        ),
    }
)
