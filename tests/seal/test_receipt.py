import hmac
from base64 import b32decode, b32encode
from dataclasses import replace
from datetime import date, timedelta
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
from underseal.seal.receipt import PREFIX, InvalidReceiptError, parse, receipt

REPORTS = st.tuples(
    st.uuids().map(SubjectId),
    st.integers(1, 2**31 - 1),
    st.text(ascii_lowercase + "/_", min_size=1).map(GuidelineId),
    st.binary(min_size=32, max_size=32).map(Tag),
)
Report = tuple[SubjectId, int, GuidelineId, Tag]
REPORT: Report = (SubjectId(UUID(int=7)), 1, GuidelineId("violence/graphic"), Tag(b"t" * 32))
LETTERS = ascii_lowercase + "234567"
DAY = date(2026, 11, 22)
DAYS = st.dates(date(2024, 1, 1), date(2140, 1, 1))


@given(REPORTS, DAYS)
def test_a_receipt_leads_back_to_its_subject_day_and_digest(
    keys: KeyRing, report: Report, day: date
) -> None:
    made = receipt(keys, *report, day=day)
    said = parse(keys, made.token)
    assert (said.subject_id, said.digest, said.given_on) == (report[0], made.digest, day)
    assert made.token.startswith("rcpt_")
    assert len(made.token) == 69
    assert set(made.token.removeprefix("rcpt_")) <= set(LETTERS)


@given(REPORTS, REPORTS)
def test_a_report_has_one_receipt_a_day_and_shares_it_with_none(
    keys: KeyRing, report: Report, other: Report
) -> None:
    assume(report != other)
    made = receipt(keys, *report, day=DAY)
    assert receipt(keys, *report, day=DAY) == made
    subject_id, round_, guideline, tag = report
    for changed in (
        (other[0], round_, guideline, tag),
        (subject_id, other[1], guideline, tag),
        (subject_id, round_, other[2], tag),
        (subject_id, round_, guideline, other[3]),
    ):
        again = receipt(keys, *changed, day=DAY)
        assert (again == made) == (again.digest == made.digest) == (changed == report)


@given(REPORTS, DAYS, DAYS)
def test_what_is_stored_of_a_receipt_does_not_tell_its_day(
    keys: KeyRing, report: Report, one: date, other: date
) -> None:
    first, second = receipt(keys, *report, day=one), receipt(keys, *report, day=other)
    assert first.digest == second.digest
    assert (first.token == second.token) == (one == other)


@given(REPORTS, REPORTS, DAYS, DAYS)
def test_receipts_of_different_days_do_not_show_whether_they_are_of_one_report(
    keys: KeyRing, report: Report, other: Report, one: date, later: date
) -> None:
    """But for their subject, nothing in them is the same: repeats or not, they share as little."""
    assume(one != later)
    first = _bytes(receipt(keys, *report, day=one).token)
    for again in (report, (report[0], *other[1:])):
        second = _bytes(receipt(keys, *again, day=later).token)
        assert first[:16] == second[:16]
        hidden = [{each[at : at + 4] for at in range(16, 29)} for each in (first, second)]
        assert not hidden[0] & hidden[1]
        assert first[34:] != second[34:]


def test_what_is_stored_does_not_make_a_receipt(keys: KeyRing) -> None:
    """Whoever knows all of a report, but not the receipt key, cannot look it up."""
    forger = replace(keys, receipt=ReceiptKey(bytes(32)))
    forged = receipt(forger, *REPORT, day=DAY)
    assert forged.digest != receipt(keys, *REPORT, day=DAY).digest
    with pytest.raises(InvalidReceiptError):
        parse(keys, forged.token)


def test_a_receipt_whose_proof_can_be_read_is_none(keys: KeyRing) -> None:
    """A token of subject, proof, day and a seal over them, without a mask, is refused."""
    subject_id, round_, guideline, tag = REPORT
    report = subject_id.bytes + round_.to_bytes(8) + tag + guideline.encode()
    proof = hmac.digest(keys.receipt, report, "sha256")[:16]
    assert receipt(keys, *REPORT, day=DAY).digest == sha256(subject_id.bytes + proof).digest()
    dated = subject_id.bytes + proof + (DAY - date(1970, 1, 1)).days.to_bytes(2)
    for name in (b"underseal/receipt-day/1\0", b"underseal/receipt-seal/1\0"):
        seal = hmac.digest(keys.receipt, name + dated, "sha256")[:6]
        token = PREFIX + b32encode(dated + seal).decode().lower()
        with pytest.raises(InvalidReceiptError):
            parse(keys, token)


@given(st.integers(0, 63), st.sampled_from(LETTERS))
def test_no_letter_of_a_receipt_can_be_changed(keys: KeyRing, place: int, letter: str) -> None:
    made = receipt(keys, *REPORT, day=DAY)
    letters = made.token.removeprefix("rcpt_")
    assume(letters[place] != letter)
    with pytest.raises(InvalidReceiptError):
        parse(keys, f"rcpt_{letters[:place]}{letter}{letters[place + 1 :]}")


def test_nobody_gives_a_receipt_another_day(keys: KeyRing) -> None:
    earlier = _bytes(receipt(keys, *REPORT, day=DAY - timedelta(days=1)).token)
    later = _bytes(receipt(keys, *REPORT, day=DAY).token)
    for splice in range(17, 40):
        forged = (earlier[:splice] + later[splice:], later[:splice] + earlier[splice:])
        swapped = earlier[:32] + later[32:34] + earlier[34:]
        for each in {*forged, swapped} - {earlier, later}:
            with pytest.raises(InvalidReceiptError):
                parse(keys, PREFIX + b32encode(each).decode().lower())


@given(st.text())
def test_other_text_is_refused_and_not_quoted(keys: KeyRing, text: str) -> None:
    with pytest.raises(InvalidReceiptError, match=r"^this is not a receipt$"):
        parse(keys, text)


def test_near_misses_are_refused(keys: KeyRing) -> None:
    token = receipt(keys, *REPORT, day=DAY).token
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
        "rcpt_" + "é" * 64,
        "rcpt_" + "0" * 64,
    ):
        with pytest.raises(InvalidReceiptError):
            parse(keys, text)


def test_a_receipt_is_what_it_has_always_been(keys: KeyRing) -> None:
    """Receipts that people keep lead nowhere any more if this value changes."""
    fixed = replace(keys, receipt=ReceiptKey(b"r" * 32))
    token = "rcpt_aaaaaaaaaaaaaaaaaaaaaaaaa6jygidzyolwpgg6trwnaefqogcfck2umq4oreya"
    assert receipt(fixed, *REPORT, day=DAY).token == token


def _bytes(token: str) -> bytes:
    return b32decode(token.removeprefix(PREFIX).upper())
