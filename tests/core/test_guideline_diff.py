"""What has changed between two versions of the guidelines."""

from hypothesis import given
from hypothesis import strategies as st

from underseal.core.guideline_diff import LineChange, guideline_diff

BEFORE = """version = "1"

[guideline.spam]
text = "no spam"
rate = 0.1

[guideline.scam]
text = "no scams"
"""
AFTER = BEFORE.replace('"1"', '"2"').replace("no scams", "no fraud")

lines = st.lists(st.sampled_from(["a", "b", "[c]", "d = 1", ""])).map("\n".join)


def kinds(hunk):
    return [(each.change, each.text) for each in hunk.lines]


def test_what_changes_is_shown_under_the_section_it_is_in():
    first, second = guideline_diff(BEFORE, AFTER)
    assert (first.section, second.section) == ("", "guideline.scam")
    assert kinds(second) == [
        (LineChange.KEPT, "[guideline.scam]"),
        (LineChange.REMOVED, 'text = "no scams"'),
        (LineChange.ADDED, 'text = "no fraud"'),
    ]


@given(lines)
def test_a_text_does_not_differ_from_itself(text):
    assert guideline_diff(text, text) == ()


@given(lines, lines)
def test_every_line_that_goes_or_comes_is_shown(before, after):
    shown = [line for hunk in guideline_diff(before, after) for line in hunk.lines]
    gone = [each.text for each in shown if each.change is LineChange.REMOVED]
    come = [each.text for each in shown if each.change is LineChange.ADDED]
    old, new = before.splitlines(), after.splitlines()
    assert sorted([*old, *come]) == sorted([*new, *gone])
