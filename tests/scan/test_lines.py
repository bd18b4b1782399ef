from hypothesis import given
from hypothesis import strategies as st

from underseal.core.guideline import GuidelineId
from underseal.core.report import Moment
from underseal.core.timed_text import LINE_CHARS_MAX, TextSource, TimedLine
from underseal.scan.lines import matched, screen_lines
from underseal.scan.subtitles import SubtitleFormat, line_of
from underseal.scan.text import (
    STRETCHES_MAX,
    ScreenText,
    TermList,
    fold,
    screen_signals,
    transcript_signals,
)

SCAMS, SPAM = GuidelineId("scams"), GuidelineId("spam")
TERMS = TermList({SCAMS: ["free robux", "giveaway"], SPAM: ["follow me"]})


def shown(at_ms: int, *lines: str) -> ScreenText:
    return ScreenText(at_ms=at_ms, text="\n".join(lines), confidence=0.9)


def said(start_ms: int, end_ms: int, text: str, source=TextSource.FILE) -> TimedLine:
    moment = Moment(start_ms=start_ms, end_ms=end_ms)
    return TimedLine(source=source, moment=moment, text=text)


def told(lines: tuple[TimedLine, ...]) -> list[tuple[int, int, str]]:
    return [(line.moment.start_ms, line.moment.end_ms, line.text) for line in lines]


def test_a_line_stands_once_for_as_long_as_it_is_shown():
    pictures = [
        shown(0, "Hello", "a clock 12:01"),
        shown(1000, "hello!", "a clock 12:02"),
        shown(2000),
        shown(3000, "Hello"),
    ]
    assert told(screen_lines(pictures, 4000)) == [
        (0, 1000, "a clock 12:01"),
        (0, 2000, "Hello"),
        (1000, 2000, "a clock 12:02"),
        (3000, 4000, "Hello"),
    ]


def test_a_letter_alone_is_no_line_but_a_word_of_one_sign_is():
    pictures = [shown(0, "S", "Claim your prize", "死", "7.", "ok")]
    assert {text for _, _, text in told(screen_lines(pictures, 1000))} == {
        "Claim your prize",
        "死",
        "ok",
    }


@given(st.lists(st.lists(st.text(), max_size=3), max_size=6))
def test_every_line_that_was_read_is_kept_at_its_second(pictures):
    texts = [shown(number * 1000, *lines) for number, lines in enumerate(pictures)]
    lines = screen_lines(texts, len(texts) * 1000)
    for number, read in enumerate(texts):
        at_ms = number * 1000
        standing = [each for each in lines if each.moment.start_ms <= at_ms < each.moment.end_ms]
        words = [w for w in read.text.split() if w.isalpha() and len(fold(w)) > 1]
        wanted = TermList({SCAMS: words})
        assert {hit for each in standing for hit in wanted.find(each.text)} == wanted.find(
            read.text
        )


def test_a_term_is_heard_where_it_is_said_also_across_lines():
    lines = [
        said(0, 900, "hi there"),
        said(1000, 2000, "get your FREE"),
        said(2100, 3000, "<3"),
        said(3100, 4000, "r0bux! and follow me"),
        said(5000, 6000, "Give-away", TextSource.PLATFORM),
        said(5500, 7000, "giveaway", TextSource.FILE),
        said(0, 9000, "free robux", TextSource.SCREEN),
    ]
    signals = transcript_signals(TERMS, lines, {})
    assert [(each.detail, each.moment.start_ms, each.moment.end_ms) for each in signals] == [
        ("giveaway", 5500, 7000),
        ("follow me", 3100, 4000),
    ]
    del lines[2]
    first = transcript_signals(TERMS, lines, {SCAMS: 1.5})[0]
    assert (first.detector, first.modality, first.weight) == ("transcript_terms", "text", 1.5)
    assert (first.detail, first.moment) == ("free robux", Moment(start_ms=1000, end_ms=4000))


def test_a_term_said_all_the_time_is_pointed_to_so_often_and_no_more():
    lines = [said(number * 1000, number * 1000 + 500, "a giveaway") for number in range(100)]
    assert len(transcript_signals(TERMS, lines, {})) == STRETCHES_MAX
    assert len(matched(lines, transcript_signals(TERMS, lines, {}))) == 100


def test_the_lines_in_which_a_detector_found_its_term_are_known():
    texts = [shown(0, "look here", "FREE", "robux"), shown(2000, "follow me")]
    lines = [
        *screen_lines(texts, 4000),
        said(0, 1000, "follow me"),
        said(1000, 2000, "give"),
    ]
    found = matched(lines, screen_signals(TERMS, texts, 4000, {}))
    assert [lines[number].text for number in sorted(found)] == ["FREE", "robux", "follow me"]
    assert matched(lines, ()) == frozenset()
    heard = matched(lines, transcript_signals(TERMS, lines, {}))
    assert [lines[number].moment.end_ms for number in heard] == [1000]


def test_a_sample_of_subtitles_says_its_line():
    styled = b"\x00\x05hello" + b"\x00\x00\x00\x16styl\x00\x01"
    length_first, tagged = SubtitleFormat.LENGTH_FIRST, SubtitleFormat.TAGGED
    assert line_of(length_first, styled, 5, 9) == said(5, 9, "hello")
    wide = "مرحبا".encode("utf-16")
    assert line_of(length_first, len(wide).to_bytes(2) + wide, 5, 9).text == "مرحبا"
    assert line_of(length_first, b"\x00\x05{\\b1}", 5, 9).text == "{\\b1}"
    assert line_of(tagged, b"<i>free</i>\nrobux &amp; more", 5, 9).text == "free robux & more"
    for nothing in (b"", b"\x00", b"\x00\x00", b"\x00\x02\n "):
        assert line_of(length_first, nothing, 5, 9) is None
    assert line_of(tagged, b"for no time", 5, 5) is None


@given(st.sampled_from(SubtitleFormat), st.binary(max_size=200))
def test_any_sample_says_a_line_that_can_be_kept_or_none(format_, sample):
    line = line_of(format_, sample, 0, 1)
    if line is not None:
        assert 0 < len(line.text.encode()) <= 4 * LINE_CHARS_MAX
        assert "\0" not in line.text
