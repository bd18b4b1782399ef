import pytest
from hypothesis import given
from hypothesis import strategies as st

from underseal.web.cursors import Cursors, InvalidCursorError

words = st.lists(st.text(), max_size=3)
places = st.lists(st.integers(-(2**63), 2**63 - 1) | st.text(), max_size=3)
cursors = Cursors(b"k" * 32)


@given(words, places)
def test_a_cursor_leads_back_to_its_place(question, place):
    assert cursors.read(question, cursors.write(question, place)) == place


@given(words, words, places)
def test_a_cursor_is_good_for_one_question(question, other, place):
    if question != other:
        with pytest.raises(InvalidCursorError):
            cursors.read(other, cursors.write(question, place))


@given(words, st.text())
def test_nobody_makes_one_up(question, text):
    with pytest.raises(InvalidCursorError):
        cursors.read(question, text)


@given(words, places, st.data())
def test_a_cursor_that_was_changed_is_refused(question, place, data):
    cursor = cursors.write(question, place)
    at = data.draw(st.integers(0, len(cursor) - 2))
    letter = data.draw(st.sampled_from("ABCDabcd0123-_").filter(lambda each: each != cursor[at]))
    with pytest.raises(InvalidCursorError):
        cursors.read(question, cursor[:at] + letter + cursor[at + 1 :])


def test_another_key_reads_no_cursor_of_ours():
    with pytest.raises(InvalidCursorError):
        Cursors(b"l" * 32).read(["a"], cursors.write(["a"], [1]))
