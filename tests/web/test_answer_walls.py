"""A wall around the reporter's mark: a new field of an answer has to be allowed here.

What creators and the platform are answered is built from these names and nothing else. Whoever adds
one says by it that nobody can learn from it who reported, or when.
"""

import json

import pytest

from underseal.web.app import make_api

_REF = "subject.kind subject.id"
_VISIBILITY = (
    f"{_REF} level age_restricted labelled interaction_limited geo_blocked statement_id "
    "expires_at changed_at"
)
_VERSION = f"{_REF} version " + " ".join(f"visibility.{each}" for each in _VISIBILITY.split())
_STATEMENT = (
    f"statement_id {_REF} kind effect.level effect.age_restricted effect.labelled "
    "effect.interaction_limited effect.geo_blocked guideline.id guideline.label guideline.text "
    "guideline.observed moments.start_ms moments.end_ms ground law territorial_scope after_notice "
    "automated_detection automated_decision reasons text informed_at expires_at appeal_until"
)
_STRIKE = "guideline weight issued_on expires_on is_voided"
_DECISION = "outcome guideline decided_on is_overturned"
_CASE = (
    f"case_id {_REF} version round kind state lane because due_at lease_until caption language "
    "has_media appeal.grounds creator_standing.active_strikes creator_standing.points "
    "guidelines.id guidelines.label guidelines.band guidelines.machine_band guidelines.reports_band "
    "reports.alias reports.guideline reports.is_notice reports.by_trusted_flagger reports.unverified_notes "
    "reports.inquiries.question reports.inquiries.unverified_answer "
    "reports.moments.start_ms reports.moments.end_ms signals.detector signals.guideline "
    "signals.band signals.verified signals.detail signals.moment.start_ms signals.moment.end_ms "
    + " ".join(f"{place}.{each}" for place in ("appeal.first", "earlier_decisions")
               for each in _DECISION.split())
)  # fmt: skip
_TOPICS = "version topics.id topics.label topics.label_language " + " ".join(
    f"topics.guidelines.{each}"
    for each in [
        "id",
        "label",
        "label_language",
        "text",
        "text_language",
        "examples",
        "examples_language",
        "illegal_notice",
        "affected_person_only",
    ]
)


def _each(place: str, names: str) -> str:
    return " ".join(f"{place}.{each}" for each in names.split())


ANSWERS = {
    "GET /healthz": "status",
    "POST /v1/appeals": "appeal_id state",
    "POST /v1/cases/take": _CASE,
    "GET /v1/cases/{case_id}": _CASE,
    "POST /v1/cases/{case_id}/decision": "decision_id draft_id state waits_until",
    "GET /v1/cases/{case_id}/explanation": _each(
        "assessments", "guideline log_odds machine terms.name terms.nats"
    ),
    "GET /v1/cases/{case_id}/media": "",
    "POST /v1/cases/{case_id}/release": "",
    "GET /v1/charges": "cursor "
    + _each("charges", f"decision_id case_id {_REF} made_by made_by_name made_at waits_until"),
    "POST /v1/charges/{decision_id}/confirm": "",
    "POST /v1/charges/{decision_id}/refuse": "",
    "GET /v1/confirmations": "cursor "
    + _each(
        "confirmations",
        f"draft_id case_id {_REF} outcome guideline finding moments.start_ms moments.end_ms "
        "observed reasons made_by made_by_name made_at waits_until",
    ),
    "GET /v1/confirmations/{draft_id}": "draft_id case_id state word",
    "POST /v1/confirmations/{draft_id}/confirm": "",
    "POST /v1/confirmations/{draft_id}/return": "",
    "GET /v1/creators/appeals": _each(
        "appeals", "appeal_id statement_id state reasons lodged_at decided_at"
    ),
    "GET /v1/creators/standing": f"points {_each('active', _STRIKE)} {_each('past', _STRIKE)}",
    "GET /v1/creators/statements": f"cursor {_each('statements', _STATEMENT)}",
    "GET /v1/creators/statements/{statement_id}": _STATEMENT,
    "GET /v1/guidelines": _TOPICS,
    "GET /v1/incidents": _each("incidents", f"incident_id kind {_REF} detail raised_at"),
    "POST /v1/known-content": "item_id frames verified",
    "PUT /v1/media": _VERSION,
    "GET /v1/queue": _each("lanes", "kind lane waiting"),
    "POST /v1/receipts/answer": "",
    "POST /v1/receipts/lookup": f"{_REF} guideline reported_on state changed_at text "
    + _each("inquiries", "inquiry_id question is_answered")
    + " "
    + _each("words", "word opens_from is_refused"),
    "POST /v1/reporters/forget": "identity_destroyed_by",
    "POST /v1/reports": "receipt state",
    "POST /v1/reports/bulk": _each(
        "results",
        "receipt state problem.type problem.title problem.status problem.detail problem.instance "
        "problem.errors.pointer problem.errors.detail",
    ),
    "POST /v1/subjects": f"{_VERSION} upload_url",
    "GET /v1/taxonomy": f"{_TOPICS} before.always before.notice before.affected_person_only",
    "POST /v1/views": "counted ignored",
    "GET /v1/visibility": _VISIBILITY,
    "POST /v1/visibility/bulk": _each("visibility", _VISIBILITY),
    "GET /v1/visibility/changes": f"cursor {_each('changes', _VISIBILITY)}",
    "GET /v1/webhooks": _each("endpoints", "endpoint_id url types added_on"),
    "POST /v1/webhooks": "endpoint_id url types added_on secret",
    "DELETE /v1/webhooks/{endpoint_id}": "",
}
"""Each operation of the API, and all that its answer can hold. Notes are for who judges a case."""


ADDRESSES = {
    *("kind", "id", "version", "creator", "statement_id"),  # of whoever is reported
    *(
        "case_id",
        "draft_id",
        "decision_id",
        "subject_kind",
        "language",
        "endpoint_id",
        "cursor",
        "limit",
    ),
}
"""What stands in an address or a header, which others on the way may log: no receipt, no reporter."""

ASK = (
    "Can it tell who reported, or when? If it cannot, list it in tests/web/test_answer_walls.py; "
    "if it can, it has no place there."
)


@pytest.fixture
def document(system, callers, clock):
    """What the API says of itself."""
    return json.loads(make_api(system, callers, clock).state.document)


def names_in(node: dict, schemas: dict) -> set[str]:
    """The fields of an answer, down to those that have none below them."""
    if "$ref" in node:
        node = schemas[node["$ref"].rpartition("/")[2]]
    found = set()
    for name, each in node.get("properties", {}).items():
        found |= {f"{name}.{below}" for below in names_in(each, schemas)} or {name}
    for key in ("items", "anyOf", "oneOf", "allOf"):
        inner = node.get(key, [])
        for each in inner if isinstance(inner, list) else [inner]:
            found |= names_in(each, schemas)
    return found


def test_every_operation_and_every_field_of_its_answer_is_allowed(document):
    found = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            answers = [
                content.get("schema", {})
                for status, answer in operation["responses"].items()
                if status.startswith("2")
                for content in answer.get("content", {}).values()
            ]
            names = [names_in(each, document["components"]["schemas"]) for each in answers]
            found[f"{method.upper()} {path}"] = set().union(*names)
    listed = {operation: set(names.split()) for operation, names in ANSWERS.items()}
    new = {operation: names for operation, names in found.items() if names != listed.get(operation)}
    assert not new, f"{new} is new, or less than was listed. {ASK}"
    assert found == listed


def test_every_part_of_an_address_is_allowed(document):
    found = {
        parameter["name"]
        for operations in document["paths"].values()
        for operation in operations.values()
        for parameter in operation.get("parameters", ())
    }
    assert found == ADDRESSES, f"{found ^ ADDRESSES} is new, or gone. {ASK}"


def test_nothing_can_be_done_to_a_report_but_to_file_it(document):
    operations = document["paths"]["/v1/reports"]
    assert set(operations) == {"post"}
    assert not [path for path in document["paths"] if path.startswith("/v1/reports/{")]
