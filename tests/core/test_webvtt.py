from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from underseal.core.report import MOMENT_MS_MAX, Moment
from underseal.core.timed_text import (
    LINE_CHARS_MAX,
    LINES_MAX,
    TEXT_CHARS_MAX,
    TextSource,
    TimedLine,
    bounded,
    plain,
)
from underseal.core.webvtt import WEBVTT_CHARS_MAX, CaptionsError, read_webvtt

FILE = """\
\ufeffWEBVTT - the whole story
Kind: captions

NOTE
who speaks is made up

STYLE
::cue { color: red }

1
00:01.000 --> 00:02.500 align:start position:10%
<v Mary>Send me <b>your</b> code</v>
&lt;now&gt; &amp; quickly

00:00:02.500 --> 01:00:04.000
أرسل لي الرمز

00:03.000 --> 00:05.000
"""


def stamp(at_ms: int) -> str:
    seconds, thousandths = divmod(at_ms, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}.{thousandths:03}"


def written(lines: list[TimedLine]) -> str:
    cues = (
        f"{stamp(line.moment.start_ms)} --> {stamp(line.moment.end_ms)}\n{escape(line.text)}\n"
        for line in lines
    )
    return "\n".join(["WEBVTT\n", *cues])


def line_of(start_ms: int, end_ms: int, text: str) -> TimedLine:
    moment = Moment(start_ms=start_ms, end_ms=end_ms)
    return TimedLine(source=TextSource.PLATFORM, moment=moment, text=text)


words = st.text(max_size=60).map(plain).filter(bool)
starts = st.integers(0, MOMENT_MS_MAX - 1)
lines_of_words = st.lists(
    st.builds(
        lambda start_ms, length_ms, text: line_of(
            start_ms, min(MOMENT_MS_MAX, start_ms + length_ms), text
        ),
        starts,
        st.integers(1, 10_000),
        words,
    ),
    max_size=8,
)


def test_captions_are_read_without_tags_names_and_notes():
    assert read_webvtt(FILE) == (
        line_of(1000, 2500, "Send me your code <now> & quickly"),
        line_of(2500, 3_604_000, "أرسل لي الرمز"),
    )


@given(lines_of_words)
def test_what_is_written_is_read(lines):
    lines = sorted(lines, key=lambda each: each.moment.start_ms)
    assert read_webvtt(written(lines)) == tuple(lines)


@given(lines_of_words, st.sampled_from(["\r\n", "\r"]))
def test_every_kind_of_line_break_is_one(lines, mark):
    text = written(sorted(lines, key=lambda each: each.moment.start_ms))
    assert read_webvtt(text.replace("\n", mark)) == read_webvtt(text)


pieces = st.sampled_from(
    ["WEBVTT", "\n", "\n\n", "00:01.000", " --> ", "00:02.000", "NOTE", "hi", "<b>", "&lt;", "\r"]
)


@given(st.one_of(st.text(), st.lists(pieces).map("".join), pieces.map(lambda p: f"WEBVTT\n\n{p}")))
def test_any_text_is_read_within_bounds_or_refused_with_its_line(text):
    try:
        lines = read_webvtt(text)
    except CaptionsError as error:
        refused = error
    else:
        moments = [line.moment.start_ms for line in lines]
        assert moments == sorted(moments)
        assert all(line.text == plain(line.text) != "" for line in lines)
        return
    assert 1 <= refused.line <= len(text) + 1
    assert str(refused).startswith(f"line {refused.line}: ")


HEAD = "WEBVTT\n\n"
CUE = "00:01.000 --> 00:02.000\n"

WRONG = [
    ("", 1),
    ("\nWEBVTT", 1),
    ("webvtt\n\n", 1),
    ("WEBVTTX\n\n", 1),
    (f"WEBVTT\n{CUE}hi", 2),
    (f"{HEAD}hello", 3),
    (f"{HEAD}00:01 --> 00:02.000\nhi", 3),
    (f"{HEAD}00:01,000 --> 00:02,000\nhi", 3),
    (f"{HEAD}00:61.000 --> 00:02.000\nhi", 3),
    (f"{HEAD}one\n00:01.000-->00:02.000\nhi", 4),
    (f"{HEAD}00:02.000 --> 00:02.000\nhi", 3),
    (f"{HEAD}06:00:00.000 --> 06:00:00.001\nhi", 3),
    (f"{HEAD}{CUE}hi\n{CUE}ho", 5),
    (f"{HEAD}{CUE}hi\n\n00:00.999 --> 00:03.000\nho", 6),
    (f"{HEAD}{CUE}{'x' * (LINE_CHARS_MAX + 1)}", 3),
    (f"{HEAD}{(CUE + 'hi' + chr(10) * 2) * (LINES_MAX + 1)}", 3 + 3 * LINES_MAX),
    (f"{HEAD}{(CUE + 'x' * 400 + chr(10) * 2) * 251}", 3 + 3 * 250),
    ("WEBVTT" + "\n" * WEBVTT_CHARS_MAX, 1),
]


@pytest.mark.parametrize(("text", "line"), WRONG, ids=range(len(WRONG)))
def test_what_is_written_wrongly_is_refused_with_its_line(text, line):
    with pytest.raises(CaptionsError) as refused:
        read_webvtt(text)
    assert refused.value.line == line


def test_no_more_is_kept_of_a_source_than_its_bounds():
    many = [line_of(number, number + 1, "word") for number in range(LINES_MAX + 1)]
    assert bounded(reversed(many)) == tuple(many[:LINES_MAX])
    (cut,) = bounded([line_of(0, 1, "x" * (LINE_CHARS_MAX + 1))])
    assert cut.text == "x" * LINE_CHARS_MAX
    long = [line_of(number, number + 1, "x" * LINE_CHARS_MAX) for number in range(300)]
    assert sum(len(line.text) for line in bounded(long)) == TEXT_CHARS_MAX


def test_what_could_disguise_a_text_is_not_in_it():
    assert (
        plain("a\u202eb\x00c \n\t vio\u00adlence \u2028 می\u200cریم") == "abc violence می\u200cریم"
    )
