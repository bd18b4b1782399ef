import pytest
from hypothesis import given
from hypothesis import strategies as st

from underseal.core.reasons import (
    REASONS_CHARS_MAX,
    REASONS_CHARS_MIN,
    ReasonsLengthError,
    ReasonsQuoteError,
    check_reasons,
    overlap,
)

WORDS = st.lists(
    st.sampled_from(["he", "sells", "fake", "shoes", "again", "to", "my", "sister"]), max_size=30
)


@pytest.mark.parametrize("length", [0, REASONS_CHARS_MIN - 1, REASONS_CHARS_MAX + 1])
def test_reasons_of_another_length_are_refused(length):
    with pytest.raises(ReasonsLengthError) as refused:
        check_reasons("x" * length, [])
    assert refused.value.length == length


def test_spaces_are_no_reasons():
    with pytest.raises(ReasonsLengthError):
        check_reasons("x" + " " * REASONS_CHARS_MIN, [])


def test_reasons_of_any_length_between_pass():
    for length in (REASONS_CHARS_MIN, REASONS_CHARS_MAX):
        check_reasons("x" * length, ["nothing in common"])


def test_five_words_of_a_note_are_a_quotation():
    note = "It's my ex: he FILMED me in the shower, without asking!"
    with pytest.raises(ReasonsQuoteError):
        check_reasons("Someone told us that HE filmed me, in... the shower.", ["fine", note])
    check_reasons("We saw that somebody was filmed in the shower.", [note])


def test_a_quotation_error_repeats_no_word_of_the_note():
    with pytest.raises(ReasonsQuoteError) as refused:
        check_reasons("because he filmed me in the shower", ["he filmed me in the shower"])
    assert "shower" not in str(refused.value)


def test_other_forms_of_letters_do_not_hide_a_quotation():
    assert overlap("Er wohnt in der STRASSE fünf", ["er wohnt in der straße fünf"])
    assert overlap("\uff48\uff45 sells fake shoes again", ["he sells fake shoes again"])
    assert overlap("cafe\u0301 a b c d", ["caf\u00e9 a b c d"])


@given(reasons=WORDS, note=WORDS, n=st.integers(1, 6))
def test_a_quotation_is_a_run_of_words_that_stands_in_both(reasons, note, n):
    joined = f" {' '.join(note)} "
    quoted = any(
        f" {' '.join(reasons[start : start + n])} " in joined
        for start in range(len(reasons) - n + 1)
    )
    assert overlap(" ".join(reasons), ["unrelated", " ".join(note)], n) == quoted


@given(reasons=st.text(), notes=st.lists(st.text(), max_size=3))
def test_any_text_can_be_compared(reasons, notes):
    assert overlap(reasons, notes) in {True, False}
    assert not overlap(reasons, [])
