from base64 import b32decode
from dataclasses import replace
from hashlib import sha256
from string import ascii_lowercase
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from underseal.core.guideline import GuidelineId
from underseal.core.report import Tag
from underseal.core.subject import SubjectId
from underseal.seal.keys import KeyRing, ReceiptKey
from underseal.seal.receipt import InvalidReceiptError, parse, receipt

REPORTS = st.tuples(
    st.uuids().map(SubjectId),
    st.integers(1, 2**31 - 1),
    st.text(ascii_lowercase + "/_", min_size=1).map(GuidelineId),
    st.binary(min_size=32, max_size=32).map(Tag),
)
Report = tuple[SubjectId, int, GuidelineId, Tag]
REPORT: Report = (SubjectId(UUID(int=7)), 1, GuidelineId("violence/graphic"), Tag(b"t" * 32))
LETTERS = ascii_lowercase + "234567"


@given(REPORTS)
def test_a_receipt_leads_back_to_its_subject_and_digest(keys: KeyRing, report: Report) -> None:
    made = receipt(keys, *report)
    assert parse(made.token) == (report[0], made.digest)
    assert made.digest == sha256(made.token.encode()).digest()
    assert made.token.startswith("rcpt_")
    assert len(made.token) == 63
    assert set(made.token.removeprefix("rcpt_")) <= set(LETTERS)


@given(REPORTS, REPORTS)
def test_a_report_has_one_receipt_and_shares_it_with_none(
    keys: KeyRing, report: Report, other: Report
) -> None:
    assume(report != other)
    assert receipt(keys, *report) == receipt(keys, *report)
    subject_id, round_, guideline, tag = report
    for changed in (
        (other[0], round_, guideline, tag),
        (subject_id, other[1], guideline, tag),
        (subject_id, round_, other[2], tag),
        (subject_id, round_, guideline, other[3]),
    ):
        assert (receipt(keys, *changed) == receipt(keys, *report)) == (changed == report)


def test_what_is_stored_does_not_make_a_receipt(keys: KeyRing) -> None:
    """Whoever knows all of a report, but not the receipt key, cannot look it up."""
    forger = replace(keys, receipt=ReceiptKey(bytes(32)))
    forged = receipt(forger, *REPORT)
    assert parse(forged.token)[0] == REPORT[0]
    assert parse(forged.token)[1] != receipt(keys, *REPORT).digest


@given(st.integers(0, 57), st.sampled_from(LETTERS))
def test_a_changed_letter_is_refused_or_is_no_receipt_of_ours(
    keys: KeyRing, place: int, letter: str
) -> None:
    made = receipt(keys, *REPORT)
    letters = made.token.removeprefix("rcpt_")
    assume(letters[place] != letter)
    forged = f"rcpt_{letters[:place]}{letter}{letters[place + 1 :]}"
    try:
        _, digest = parse(forged)
    except InvalidReceiptError:
        return
    assert digest != made.digest


def test_there_is_one_way_to_write_a_receipt(keys: KeyRing) -> None:
    """The last letter has two bits to spare, and each could carry a second spelling."""
    token = receipt(keys, *REPORT).token
    same_bytes = [
        f"{token[:-1]}{letter}"
        for letter in LETTERS
        if decoded(f"{token[:-1]}{letter}") == decoded(token)
    ]
    assert len(same_bytes) == 4
    for spelling in same_bytes:
        if spelling != token:
            with pytest.raises(InvalidReceiptError):
                parse(spelling)


def decoded(token: str) -> bytes:
    return b32decode(token.removeprefix("rcpt_").upper() + "======")


@given(st.text())
def test_other_text_is_refused_and_not_quoted(text: str) -> None:
    with pytest.raises(InvalidReceiptError, match=r"^this is not a receipt$"):
        parse(text)


def test_near_misses_are_refused(keys: KeyRing) -> None:
    token = receipt(keys, *REPORT).token
    letters = token.removeprefix("rcpt_")
    for text in (
        letters,
        token.upper(),
        token[:-1],
        token + "a",
        token + "=",
        token + "\n",
        " " + token,
        "rcpt_" + token,
        "rcpt_",
        "rcpt_" + "é" * 58,
        "rcpt_" + "0" * 58,
    ):
        with pytest.raises(InvalidReceiptError):
            parse(text)


def test_a_receipt_is_what_it_has_always_been(keys: KeyRing) -> None:
    """Receipts that people keep lead nowhere any more if this value changes."""
    fixed = replace(keys, receipt=ReceiptKey(b"r" * 32))
    token = "rcpt_aaaaaaaaaaaaaaaaaaaaaaaaa6n47mp5xdtfkr4wp5hgmksowd7cfzrr3m"
    assert receipt(fixed, *REPORT).token == token
