import json
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from typing import get_args
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from underseal.core.appeal import AppealId
from underseal.core.message import (
    MESSAGE_BYTES_MAX,
    AppealDecided,
    IncidentKind,
    IncidentRaised,
    Message,
    MessageTooLongError,
    MessageType,
    StatementIssued,
    SubjectCleared,
    VisibilityChanged,
    encode,
    type_of,
)
from underseal.core.statement import StatementId, StatementKind
from underseal.core.subject import SubjectKind, SubjectRef
from underseal.core.visibility import Level, Visibility

TICK = datetime(2026, 3, 1, 12, tzinfo=UTC)
VIDEO = SubjectRef(kind=SubjectKind.VIDEO, external_id="v1")
STATEMENT, APPEAL = StatementId(UUID(int=1)), AppealId(UUID(int=2))

MESSAGES = {
    MessageType.VISIBILITY_CHANGED: VisibilityChanged(
        subject=VIDEO,
        visibility=Visibility(level=Level.REMOVED, geo_blocked=("DE",)),
        revision=3,
    ),
    MessageType.STATEMENT_ISSUED: StatementIssued(
        subject=VIDEO, statement_id=STATEMENT, kind=StatementKind.REMOVAL
    ),
    MessageType.APPEAL_DECIDED: AppealDecided(
        subject=VIDEO, appeal_id=APPEAL, statement_id=STATEMENT, is_granted=True
    ),
    MessageType.SUBJECT_CLEARED: SubjectCleared(subject=VIDEO, version=1),
    MessageType.INCIDENT_RAISED: IncidentRaised(subject=VIDEO, kind=IncidentKind.HOLD_EXPIRED),
}

ALLOWED = {
    VisibilityChanged: {"subject", "visibility", "revision"},
    StatementIssued: {"subject", "statement_id", "kind"},
    AppealDecided: {"subject", "appeal_id", "statement_id", "is_granted"},
    SubjectCleared: {"subject", "version"},
    IncidentRaised: {"subject", "kind"},
}


def test_a_message_says_exactly_this():
    assert json.loads(encode(MESSAGES[MessageType.VISIBILITY_CHANGED], TICK)) == {
        "type": "visibility.changed",
        "timestamp": "2026-03-01T12:00:00.000000Z",
        "data": {
            "subject": {"kind": "video", "id": "v1"},
            "visibility": {
                "level": "removed",
                "age_restricted": False,
                "labelled": False,
                "interaction_limited": False,
                "geo_blocked": ["DE"],
            },
            "revision": 3,
        },
    }


@pytest.mark.parametrize("kind", MessageType)
def test_every_type_has_its_message_and_every_field_is_sent(kind):
    message = MESSAGES[kind]
    sent = json.loads(encode(message, TICK))
    assert type_of(message) is kind
    assert set(sent) == {"type", "timestamp", "data"}
    assert sent["type"] == kind
    assert set(sent["data"]) == ALLOWED[type(message)]


def test_no_message_has_a_field_that_is_not_on_the_list():
    assert set(get_args(Message)) == set(ALLOWED)
    for message, allowed in ALLOWED.items():
        assert is_dataclass(message)
        assert {field.name for field in fields(message)} == allowed


IDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)


@given(external_id=IDS.filter(lambda each: len(each.encode()) <= 512))
def test_any_subject_can_be_named(external_id):
    subject = SubjectRef(kind=SubjectKind.SOUND, external_id=external_id)
    sent = json.loads(encode(SubjectCleared(subject=subject, version=1), TICK))
    assert sent["data"]["subject"] == {"kind": "sound", "id": external_id}


def test_the_longest_message_is_thin():
    countries = tuple(sorted({a + b for a in "ABCDEFGHIJ" for b in "ABCDEFGHIJKLMNOPQRSTUVWXY"}))
    message = VisibilityChanged(
        subject=SubjectRef(kind=SubjectKind.ACCOUNT, external_id="\1" * 512),
        visibility=Visibility(geo_blocked=countries),
        revision=2**63 - 1,
    )
    assert len(countries) == 250  # more than there are
    assert len(encode(message, TICK)) < MESSAGE_BYTES_MAX / 3


def test_a_message_that_is_too_long_is_refused():
    message = VisibilityChanged(
        subject=VIDEO, visibility=Visibility(geo_blocked=("DE",) * 5000), revision=1
    )
    with pytest.raises(MessageTooLongError) as refused:
        encode(message, TICK)
    assert refused.value.size_bytes > MESSAGE_BYTES_MAX
