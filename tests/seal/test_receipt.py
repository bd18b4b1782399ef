from dataclasses import replace
from datetime import date, timedelta
from string import ascii_lowercase
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from underseal.core.guideline import GuidelineId
from underseal.core.report import Tag
from underseal.core.subject import SubjectId
from underseal.seal.keys import KeyRing, ReceiptKey
from underseal.seal.receipt import InvalidReceiptError, day_of, parse, receipt

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
    assert parse(made.token) == (report[0], made.digest)
    assert day_of(keys, made.token) == day
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


def test_what_is_stored_does_not_make_a_receipt(keys: KeyRing) -> None:
    """Whoever knows all of a report, but not the receipt key, cannot look it up."""
    forger = replace(keys, receipt=ReceiptKey(bytes(32)))
    forged = receipt(forger, *REPORT, day=DAY)
    assert parse(forged.token)[0] == REPORT[0]
    assert parse(forged.token)[1] != receipt(keys, *REPORT, day=DAY).digest


@given(st.integers(0, 63), st.sampled_from(LETTERS))
def test_no_letter_of_a_receipt_can_be_changed(keys: KeyRing, place: int, letter: str) -> None:
    made = receipt(keys, *REPORT, day=DAY)
    letters = made.token.removeprefix("rcpt_")
    assume(letters[place] != letter)
    with pytest.raises(InvalidReceiptError):
        day_of(keys, f"rcpt_{letters[:place]}{letter}{letters[place + 1 :]}")


def test_nobody_gives_a_receipt_another_day(keys: KeyRing) -> None:
    earlier = receipt(keys, *REPORT, day=DAY - timedelta(days=1)).token
    later = receipt(keys, *REPORT, day=DAY).token
    (at,) = [n for n in range(len(later)) if earlier[:n] == later[:n] and earlier[n] != later[n]]
    for splice in range(at, len(later)):
        forged = earlier[: splice + 1] + later[splice + 1 :]
        if forged not in {earlier, later}:
            with pytest.raises(InvalidReceiptError):
                day_of(keys, forged)


@given(st.text())
def test_other_text_is_refused_and_not_quoted(keys: KeyRing, text: str) -> None:
    with pytest.raises(InvalidReceiptError, match=r"^this is not a receipt$"):
        parse(text)
    with pytest.raises(InvalidReceiptError, match=r"^this is not a receipt$"):
        day_of(keys, text)


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
            parse(text)


def test_a_receipt_is_what_it_has_always_been(keys: KeyRing) -> None:
    """Receipts that people keep lead nowhere any more if this value changes."""
    fixed = replace(keys, receipt=ReceiptKey(b"r" * 32))
    token = "rcpt_aaaaaaaaaaaaaaaaaaaaaaaaa6n47mp5xdtfkr4wp5hgmksowd7fck3gxoowbwro"
    assert receipt(fixed, *REPORT, day=DAY).token == token
