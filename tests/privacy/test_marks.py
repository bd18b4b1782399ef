"""The search for marks finds what it has to find: else the canaries would sing for nothing."""

import hashlib
import json
from base64 import b64encode, urlsafe_b64encode
from secrets import token_bytes, token_hex

import pytest
from marks import forms, traces

MARK = f"Reporter-{token_hex(8)}"


@pytest.mark.parametrize("form", sorted(forms(MARK)))
def test_a_mark_is_found_in_whatever_form_it_was_left(form):
    where = token_bytes(1000) + forms(MARK)[form] + token_bytes(1000)
    assert form in traces(MARK, where)


@pytest.mark.parametrize("lead", range(7))
def test_a_mark_is_found_in_the_middle_of_what_was_encoded(lead):
    whole = token_bytes(lead) + MARK.encode() + token_bytes(20)
    assert traces(MARK, b64encode(whole))
    assert traces(MARK, urlsafe_b64encode(whole))
    assert traces(MARK, whole.hex().encode())


def test_a_hash_of_a_mark_is_found_however_it_is_written():
    hashed = hashlib.sha256(MARK.encode())
    for written in (hashed.digest(), hashed.hexdigest().encode(), b64encode(hashed.digest())):
        assert traces(MARK, b"x" + written + b"y")


def test_a_mark_is_found_in_json_and_in_a_line_of_a_log():
    assert traces(MARK, json.dumps({"reporter": {"id": MARK}}).encode())
    assert traces(MARK, f"WARNING refused reporter={MARK}\n".encode())


def test_nothing_is_found_where_there_is_nothing():
    assert traces(MARK, token_bytes(1_000_000)) == set()
