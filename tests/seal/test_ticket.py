import hmac
import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from underseal.core.caller import KeyId
from underseal.core.subject import SubjectKind, SubjectRef
from underseal.seal.ticket import (
    TICKET_LIFE_MAX,
    ExpiredTicketError,
    ForgedTicketError,
    MalformedTicketError,
    Ticket,
    TicketSecret,
    TooLongLivedTicketError,
    parse_ticket,
    sign_ticket,
    verify_ticket,
)

SECRET = TicketSecret(b"the secret that the platform was shown")
NOW = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
IDS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1).filter(
    lambda text: len(text.encode()) <= 512
)


def ticket(**changes) -> Ticket:
    fields = {
        "key_id": KeyId("abcdefghijkl"),
        "subject": SubjectRef(kind=SubjectKind.VIDEO, external_id="7301"),
        "reporter_id": "anna",
        "expires_at": NOW + timedelta(minutes=10),
    }
    return Ticket(**(fields | changes))


@given(st.sampled_from(SubjectKind), IDS, IDS | st.none(), st.integers(1, 3600), st.booleans())
def test_a_ticket_says_what_it_was_signed_for(kind, subject, reporter, seconds, by_flagger):
    given_out = ticket(
        subject=SubjectRef(kind=kind, external_id=subject),
        reporter_id=reporter,
        expires_at=NOW + timedelta(seconds=seconds),
        by_trusted_flagger=by_flagger,
    )
    text = sign_ticket(SECRET, given_out)
    assert parse_ticket(text).key_id == given_out.key_id
    assert verify_ticket(parse_ticket(text), SECRET, NOW) == given_out


def test_a_ticket_under_another_secret_is_forged():
    text = sign_ticket(TicketSecret(b"a guess"), ticket())
    with pytest.raises(ForgedTicketError):
        verify_ticket(parse_ticket(text), SECRET, NOW)


def test_a_ticket_whose_content_was_exchanged_is_forged():
    mine, _, signature = sign_ticket(SECRET, ticket()).partition(".")
    other, _, _ = sign_ticket(SECRET, ticket(reporter_id="berta")).partition(".")
    assert verify_ticket(parse_ticket(f"{mine}.{signature}"), SECRET, NOW).reporter_id == "anna"
    with pytest.raises(ForgedTicketError):
        verify_ticket(parse_ticket(f"{other}.{signature}"), SECRET, NOW)


def test_a_ticket_ends_in_the_second_that_it_names():
    text = sign_ticket(SECRET, ticket(expires_at=NOW))
    assert verify_ticket(parse_ticket(text), SECRET, NOW - timedelta(seconds=1)) is not None
    with pytest.raises(ExpiredTicketError):
        verify_ticket(parse_ticket(text), SECRET, NOW)


def test_a_ticket_for_more_than_an_hour_is_refused():
    text = sign_ticket(SECRET, ticket(expires_at=NOW + TICKET_LIFE_MAX + timedelta(seconds=1)))
    with pytest.raises(TooLongLivedTicketError):
        verify_ticket(parse_ticket(text), SECRET, NOW)
    assert verify_ticket(parse_ticket(text), SECRET, NOW + timedelta(seconds=1)) is not None


@given(st.text() | st.from_regex(r"[A-Za-z0-9_-]{1,200}\.[A-Za-z0-9_-]{43}", fullmatch=True))
def test_any_other_text_is_malformed(text):
    with pytest.raises(MalformedTicketError):
        parse_ticket(text)


@pytest.mark.parametrize(
    "changes",
    [
        {"key_id": 7},
        {"reporter_id": ""},
        {"reporter_id": "a\0b"},
        {"reporter_id": "ä" * 300},
    ],
)
def test_a_ticket_with_unusable_content_is_malformed(changes):
    with pytest.raises(MalformedTicketError):
        parse_ticket(sign_ticket(SECRET, ticket(**changes)))


def test_a_ticket_shows_nobody_where_it_is_printed():
    shown = repr(ticket()) + repr(parse_ticket(sign_ticket(SECRET, ticket())))
    assert "anna" not in shown
    assert "7301" not in shown


def test_any_platform_can_sign_with_json_base64_and_hmac():
    payload = {
        "key": "abcdefghijkl",
        "subject": {"kind": "video", "id": "7301"},
        "reporter": None,
        "expires_at": int(NOW.timestamp()) + 60,
    }
    signed = urlsafe_b64encode(json.dumps(payload).encode()).rstrip(b"=")
    signature = urlsafe_b64encode(hmac.digest(SECRET, signed, "sha256")).rstrip(b"=")
    text = f"{signed.decode()}.{signature.decode()}"
    assert verify_ticket(parse_ticket(text), SECRET, NOW).reporter_id is None
