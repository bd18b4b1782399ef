"""The record of a statement as the DSA Transparency Database takes it, by stricter rules of ours.

What passes `check` passes the database's own rules. We refuse more: fields that we never send,
keywords of another category, dates in the wrong order, nowhere as territory, sources with names,
and anything that looks like personal data.

Source:
    The database's published rules for statements sent by its API.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Final

from underseal.core.dsa import KEYWORDS
from underseal.core.guideline import Guideline
from underseal.core.language import FALLBACK_LANGUAGE
from underseal.core.statement import (
    ON_APPEAL,
    RESTRICTIVE,
    GuidelineQuote,
    Statement,
    moments_text,
)
from underseal.core.subject import SubjectKind
from underseal.core.visibility import Level

# fmt: off
EEA: Final = (
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE",
    "IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
)
# fmt: on
"""The territories that the database knows."""

FACTS_CHARS_MAX: Final = 5000
EXPLANATION_CHARS_MAX: Final = 2000
TEXT_CHARS_MAX: Final = 500

_ONE_OF: Final[Mapping[str, frozenset[str]]] = {
    "decision_account": frozenset({"DECISION_ACCOUNT_SUSPENDED", "DECISION_ACCOUNT_TERMINATED"}),
    "decision_ground": frozenset(
        {"DECISION_GROUND_ILLEGAL_CONTENT", "DECISION_GROUND_INCOMPATIBLE_CONTENT"}
    ),
    "category": frozenset(KEYWORDS),
    "source_type": frozenset({"SOURCE_ARTICLE_16", "SOURCE_VOLUNTARY"}),
    "automated_detection": frozenset({"Yes", "No"}),
    "automated_decision": frozenset(
        f"AUTOMATED_DECISION_{degree}" for degree in ("FULLY", "PARTIALLY", "NOT_AUTOMATED")
    ),
}
_SOME_OF: Final[Mapping[str, frozenset[str]]] = {
    "decision_visibility": frozenset(
        f"DECISION_VISIBILITY_CONTENT_{what}"
        for what in (
            "REMOVED",
            "DISABLED",
            "DEMOTED",
            "AGE_RESTRICTED",
            "INTERACTION_RESTRICTED",
            "LABELLED",
        )
    ),
    "content_type": frozenset(
        f"CONTENT_TYPE_{what}" for what in ("AUDIO", "IMAGE", "TEXT", "VIDEO", "OTHER")
    ),
    "category_specification": frozenset().union(*KEYWORDS.values()),
    "territorial_scope": frozenset(EEA),
}
_TEXTS: Final[Mapping[str, int]] = {
    "decision_facts": FACTS_CHARS_MAX,
    "illegal_content_legal_ground": TEXT_CHARS_MAX,
    "illegal_content_explanation": EXPLANATION_CHARS_MAX,
    "incompatible_content_ground": TEXT_CHARS_MAX,
    "incompatible_content_explanation": EXPLANATION_CHARS_MAX,
    "content_type_other": TEXT_CHARS_MAX,
    "category_specification_other": TEXT_CHARS_MAX,
}
_DATES: Final[Mapping[str, date]] = {
    "content_date": date(2000, 1, 1),
    "application_date": date(2020, 1, 1),
    "end_date_visibility_restriction": date(2020, 1, 1),
    "end_date_account_restriction": date(2020, 1, 1),
}
_LAST_DAY: Final = date(2038, 1, 1)
_CODES: Final[Mapping[str, re.Pattern[str]]] = {
    "content_language": re.compile(r"[A-Z]{2}"),
    "puid": re.compile(r"[a-zA-Z0-9_-]{1,500}"),
}
_REQUIRED: Final = (
    "decision_ground",
    "content_type",
    "category",
    "territorial_scope",
    "content_date",
    "application_date",
    "decision_facts",
    "source_type",
    "automated_detection",
    "automated_decision",
    "puid",
)
_PERSONAL: Final = re.compile(r"\S@\S|(?<!\w)@\w|(?:\+|\b)\d(?:[ ()/.-]{0,2}\d){8}")
"""An e-mail address, a handle, or nine digits that could be a telephone number."""

_CONTENT_TYPES: Final = {
    SubjectKind.VIDEO: "CONTENT_TYPE_VIDEO",
    SubjectKind.SOUND: "CONTENT_TYPE_AUDIO",
    SubjectKind.COMMENT: "CONTENT_TYPE_TEXT",
    SubjectKind.ACCOUNT: "CONTENT_TYPE_OTHER",
}
_LEVELS: Final = {
    Level.NOT_RECOMMENDED: "DEMOTED",
    Level.HELD: "DISABLED",
    Level.REMOVED: "REMOVED",
}
_ACCOUNT_LEVELS: Final = {
    Level.HELD: "DECISION_ACCOUNT_SUSPENDED",
    Level.REMOVED: "DECISION_ACCOUNT_TERMINATED",
}


class NotRecordedError(Exception):
    """Only a disclosed restriction goes to the database; one upheld on appeal is there already."""


class DsaRecordError(ValueError):
    """The record breaks rules of the database, or ours; `faults` says which, by field."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{field}: {why}" for field, why in sorted(faults.items())))
        self.faults = faults


def dsa_record(
    statement: Statement,
    guideline: Guideline,
    *,
    content_on: date,
    content_language: str | None = None,
) -> dict[str, object]:
    """Return the record of a restriction for the DSA Transparency Database, in English.

    `content_on` is the day the subject was published, `content_language` an upper-case ISO 639-1
    code. The source is a notice under Article 16 or own initiative, and never names anybody.

    Raises:
        NotRecordedError: the statement is of no restriction, of an appeal, or not disclosed.
        DsaRecordError: the record breaks a rule, for example because the restriction applies
            nowhere in the European Economic Area.
        ValueError: `guideline` is another one than the statement's.
    """
    is_first = statement.kind in RESTRICTIVE - ON_APPEAL
    if not is_first or statement.guideline is None or statement.informed_at is None:
        raise NotRecordedError
    if guideline.id != statement.guideline.id:
        raise ValueError("the guideline is the one that the statement names")
    scope = statement.territorial_scope or EEA
    is_account = statement.subject.kind is SubjectKind.ACCOUNT
    has_other = "KEYWORD_OTHER" in guideline.dsa_keywords
    record = {
        **_restriction(statement),
        **_ground(statement.guideline, statement.law),
        "content_type": [_CONTENT_TYPES[statement.subject.kind]],
        "content_type_other": "Account" if is_account else None,
        "category": guideline.dsa_category,
        "category_specification": list(guideline.dsa_keywords) or None,
        "category_specification_other": statement.guideline.label[FALLBACK_LANGUAGE]
        if has_other
        else None,
        "territorial_scope": [country for country in EEA if country in scope],
        "content_language": content_language,
        "content_date": content_on.isoformat(),
        "application_date": _utc_day(statement.informed_at),
        "decision_facts": _facts(statement, statement.guideline),
        "source_type": "SOURCE_ARTICLE_16" if statement.after_notice else "SOURCE_VOLUNTARY",
        "automated_detection": "Yes" if statement.automated_detection else "No",
        "automated_decision": f"AUTOMATED_DECISION_{statement.automated_decision.upper()}",
        "puid": str(statement.id),
    }
    sent = {field: value for field, value in record.items() if value is not None}
    check(sent)
    return sent


def _restriction(statement: Statement) -> dict[str, object]:
    visibility, end = statement.visibility, statement.expires_at
    what = {
        "AGE_RESTRICTED": visibility.age_restricted,
        "INTERACTION_RESTRICTED": visibility.interaction_limited,
        "LABELLED": visibility.labelled,
        "DISABLED": bool(visibility.geo_blocked),
    }
    account = None
    if statement.subject.kind is SubjectKind.ACCOUNT:
        account = _ACCOUNT_LEVELS.get(visibility.level)
    if account is None and visibility.level is not Level.PUBLIC:
        what[_LEVELS[visibility.level]] = True
    applied = [f"DECISION_VISIBILITY_CONTENT_{word}" for word, is_so in what.items() if is_so]
    return {
        "decision_visibility": applied or None,
        "decision_account": account,
        "end_date_visibility_restriction": _utc_day(end) if end and not account else None,
        "end_date_account_restriction": _utc_day(end) if end and account else None,
    }


def _ground(quoted: GuidelineQuote, law: str | None) -> dict[str, object]:
    label, text = quoted.label[FALLBACK_LANGUAGE], quoted.text[FALLBACK_LANGUAGE]
    if law is None:
        return {
            "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
            "incompatible_content_ground": label,
            "incompatible_content_explanation": text,
        }
    return {
        "decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT",
        "illegal_content_legal_ground": law,
        "illegal_content_explanation": text,
    }


def _facts(statement: Statement, quoted: GuidelineQuote) -> str:
    observed = " / ".join(quoted.observed[FALLBACK_LANGUAGE])
    facts = [f"Observed: {observed}"] if observed else []
    if statement.moments_ms:
        facts.append(f"Where: {moments_text(statement.moments_ms)}")
    text = "\n".join(facts) or "The subject was reviewed as a whole."
    return text if len(text) <= FACTS_CHARS_MAX else f"{text[: FACTS_CHARS_MAX - 1]}…"


def _utc_day(at: datetime) -> str:
    return at.astimezone(UTC).date().isoformat()


def check(record: Mapping[str, object]) -> None:
    """Refuse a record that the database, or we, would not publish. An absent field may be None.

    Raises:
        DsaRecordError: it breaks a rule.
    """
    present = {field: value for field, value in record.items() if value is not None}
    faults = dict(_unknown(record))
    faults |= {field: "is missing" for field in _REQUIRED if field not in present}
    for field, value in present.items():
        if field not in faults and not _is_valid(field, value):
            faults[field] = "is not valid"
    if not faults:
        faults = dict(_inconsistent(present))
    if faults:
        raise DsaRecordError(faults)


def _unknown(record: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    known = {*_ONE_OF, *_SOME_OF, *_TEXTS, *_DATES, *_CODES}
    for field in record:
        if field not in known:
            yield field, "is never sent"


def _is_valid(field: str, value: object) -> bool:
    if field in _SOME_OF:
        return (
            isinstance(value, list)
            and bool(value)
            and all(isinstance(each, str) and each in _SOME_OF[field] for each in value)
        )
    if not isinstance(value, str):
        return False
    if field in _ONE_OF:
        return value in _ONE_OF[field]
    if field in _TEXTS:
        return (
            bool(value.strip()) and len(value) <= _TEXTS[field] and _PERSONAL.search(value) is None
        )
    if field in _DATES:
        return _is_day(value, _DATES[field])
    return _CODES[field].fullmatch(value) is not None


def _is_day(value: str, first: date) -> bool:
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value) is None:
        return False
    try:
        return first <= date.fromisoformat(value) <= _LAST_DAY
    except ValueError:
        return False


def _inconsistent(record: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Yield what is wrong between fields that are each valid; ISO days compare as strings."""
    if not {"decision_visibility", "decision_account"} & set(record):
        yield "decision_visibility", "is missing, as is decision_account"
    is_illegal = record["decision_ground"] == "DECISION_GROUND_ILLEGAL_CONTENT"
    for field, is_wanted in (
        ("illegal_content_legal_ground", is_illegal),
        ("illegal_content_explanation", is_illegal),
        ("incompatible_content_ground", not is_illegal),
        ("incompatible_content_explanation", not is_illegal),
        ("content_type_other", "CONTENT_TYPE_OTHER" in _members(record, "content_type")),
        (
            "category_specification_other",
            "KEYWORD_OTHER" in _members(record, "category_specification"),
        ),
    ):
        if is_wanted != (field in record):
            yield field, "is missing" if is_wanted else "does not belong here"
    if not _members(record, "category_specification") <= set(KEYWORDS[str(record["category"])]):
        yield "category_specification", "belongs to another category"
    applied = str(record["application_date"])
    if str(record["content_date"]) > applied:
        yield "content_date", "is after application_date"
    for field in ("end_date_visibility_restriction", "end_date_account_restriction"):
        if str(record.get(field, applied)) < applied:
            yield field, "is before application_date"


def _members(record: Mapping[str, object], field: str) -> set[str]:
    value = record.get(field)
    return {str(each) for each in value} if isinstance(value, list) else set()
