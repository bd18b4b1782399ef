"""Webhooks: what was signed by the endpoint's secret is opened, and nothing else."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest

from underseal.client import InvalidWebhookError, open_webhook

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NAME = "msg_p5jXN8AQM9LWM0D4loKWxJek"
BODY = (
    b'{"type":"subject.cleared","timestamp":"2026-11-22T12:00:00.000000Z",'
    b'"data":{"subject":{"kind":"video","id":"v-1"},"version":1}}'
)


def sign(body: bytes, at: datetime, name: str = NAME, secret: str = SECRET) -> dict[str, str]:
    """Sign as the specification says, without the library."""
    seconds = str(int(at.timestamp()))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = hmac.digest(key, f"{name}.{seconds}.".encode() + body, "sha256")
    return {
        "Webhook-Id": name,
        "Webhook-Timestamp": seconds,
        "Webhook-Signature": f"v1,{base64.b64encode(signed).decode()}",
    }


@pytest.fixture
def now():
    return datetime.now(UTC)


def test_the_signature_is_that_of_the_specification():
    headers = sign(b'{"test": 2432232314}', datetime.fromtimestamp(1614265330, UTC))
    assert headers["Webhook-Signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_message_is_opened_whatever_the_case_of_its_headers(now):
    message = open_webhook(SECRET, sign(BODY, now), BODY)
    assert message.type == "subject.cleared"
    assert message.timestamp == datetime(2026, 11, 22, 12, tzinfo=UTC)
    assert message.data["subject"]["id"] == "v-1"


def test_a_message_with_several_signatures_needs_one_that_is_right(now):
    headers = sign(BODY, now)
    wrong = base64.b64encode(hashlib.sha256(b"").digest()).decode()
    headers["Webhook-Signature"] = f"v1,{wrong} {headers['Webhook-Signature']}"
    assert open_webhook(SECRET, headers, BODY).type == "subject.cleared"


def test_one_changed_byte_is_noticed(now):
    headers = sign(BODY, now)
    for place in range(0, len(BODY), 7):
        changed = bytearray(BODY)
        changed[place] ^= 1
        with pytest.raises(InvalidWebhookError):
            open_webhook(SECRET, headers, bytes(changed))


def test_another_secret_opens_nothing(now):
    other = "whsec_" + base64.b64encode(bytes(24)).decode()
    with pytest.raises(InvalidWebhookError):
        open_webhook(other, sign(BODY, now), BODY)


@pytest.mark.parametrize("age", [timedelta(minutes=6), timedelta(minutes=-6)])
def test_a_message_that_is_too_old_or_from_the_future_is_refused(now, age):
    with pytest.raises(InvalidWebhookError):
        open_webhook(SECRET, sign(BODY, now - age), BODY)


@pytest.mark.parametrize("missing", ["Webhook-Id", "Webhook-Timestamp", "Webhook-Signature"])
def test_a_message_without_one_of_its_headers_is_refused(now, missing):
    headers = sign(BODY, now)
    del headers[missing]
    with pytest.raises(InvalidWebhookError):
        open_webhook(SECRET, headers, BODY)


@pytest.mark.parametrize("signature", ["v1", "v1,", "v1,not base64", "nonsense", "v1,a,b"])
def test_a_malformed_signature_is_refused(now, signature):
    headers = sign(BODY, now) | {"Webhook-Signature": signature}
    with pytest.raises(InvalidWebhookError):
        open_webhook(SECRET, headers, BODY)


@pytest.mark.parametrize("body", [b"[]", b"{}", b"\xff", b'{"type":"x"}'])
def test_what_is_signed_but_no_message_is_refused(now, body):
    with pytest.raises(InvalidWebhookError):
        open_webhook(SECRET, sign(body, now), body)
