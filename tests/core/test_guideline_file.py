import math
import re
from pathlib import Path
from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import underseal
from underseal.core.guideline import (
    DefaultAction,
    DisclosureClass,
    Guideline,
    GuidelineId,
    Severity,
    TopicId,
    ViewCost,
    hold_threshold,
)
from underseal.core.guideline_file import GuidelineFileError, check_text, parse
from underseal.core.mistake import Mistake
from underseal.core.subject import SubjectKind
from underseal.core.visibility import Level

DEFAULT_TEXT = Path(underseal.__file__).with_name("guidelines.toml").read_text(encoding="utf-8")
DEFAULT = parse(DEFAULT_TEXT, "guidelines.toml")

SMALL_TEXT = """\
version = "1"

[profile.low]
severity = "low"
default_action = "remove"
disclosure = "window"
machine_bound = 2.0
strike_weight = 1
review_hours = 72
costs.public = { harm = 0.4, speech = 0 }
costs.not_recommended = { harm = 0.12, speech = 0.35 }
costs.held = { harm = 0.01, speech = 0.8 }
costs.removed = { harm = 0, speech = 1 }

[[topic]]
id = "deception"
label = { en = "Deception", de = "Täuschung" }

[[topic.guideline]]
id = "spam"
label.en = "Spam"
text.en = "Do not flood others."
examples.en = [
  "The same comment a hundred times", # and more
]
profile = "low"
base_rate = 0.02
dsa_category = "STATEMENT_CATEGORY_SCAMS_AND_FRAUD"
dsa_keywords = ["KEYWORD_INAUTHENTIC_ACCOUNTS"]
"""


def mistakes_in(text: str) -> tuple[Mistake, ...]:
    with pytest.raises(GuidelineFileError) as caught:
        parse(text, "g.toml")
    return caught.value.mistakes


def changed(before: str, after: str, text: str = SMALL_TEXT) -> str:
    assert text.count(before) == 1
    return text.replace(before, after)


def marked(text: str, mistake: Mistake) -> str:
    return text.split("\n")[mistake.line - 1][mistake.column - 1 :][: mistake.length]


def test_a_small_file_means_what_it_says():
    guideline = parse(SMALL_TEXT, "g.toml").by_id[GuidelineId("spam")]
    assert guideline == Guideline(
        id=GuidelineId("spam"),
        topic=TopicId("deception"),
        label=MappingProxyType({"en": "Spam"}),
        text=MappingProxyType({"en": "Do not flood others."}),
        examples=MappingProxyType({"en": ("The same comment a hundred times",)}),
        subjects=frozenset(SubjectKind),
        severity=Severity.LOW,
        grave=False,
        base_rate=0.02,
        machine_bound=2.0,
        costs=MappingProxyType(
            {
                Level.PUBLIC: ViewCost(harm=0.4, speech=0),
                Level.NOT_RECOMMENDED: ViewCost(harm=0.12, speech=0.35),
                Level.HELD: ViewCost(harm=0.01, speech=0.8),
                Level.REMOVED: ViewCost(harm=0, speech=1),
            }
        ),
        default_action=DefaultAction.REMOVE,
        disclosure=DisclosureClass.WINDOW,
        strike_weight=1,
        review_hours=72,
        remove_known_content=False,
        affected_person_only=False,
        illegal_notice=False,
        dsa_category="STATEMENT_CATEGORY_SCAMS_AND_FRAUD",
        dsa_keywords=("KEYWORD_INAUTHENTIC_ACCOUNTS",),
        terms=(),
    )


def test_a_file_with_windows_line_ends_means_the_same():
    assert parse(SMALL_TEXT.replace("\n", "\r\n"), "g.toml") == parse(SMALL_TEXT, "g.toml")


def test_what_a_guideline_says_itself_prevails_over_its_profile_number_by_number():
    text = changed('profile = "low"', 'profile = "low"\nreview_hours = 5\ncosts.held.speech = 0.9')
    guideline = parse(text, "g.toml").by_id[GuidelineId("spam")]
    assert guideline.review_hours == 5
    assert guideline.costs[Level.HELD] == ViewCost(harm=0.01, speech=0.9)
    assert guideline.costs[Level.PUBLIC] == ViewCost(harm=0.4, speech=0)


def test_what_is_of_grave_severity_is_grave_without_saying_so():
    text = changed('severity = "low"', 'severity = "grave"')
    text = changed('disclosure = "window"', 'disclosure = "at_once"', text)
    assert parse(text, "g.toml").by_id[GuidelineId("spam")].grave


GOLDEN = [
    (
        ("review_hours = 72", "reveiw_hours = 72"),
        """\
g.toml:9:1: error: the key `reveiw_hours` is not known here
    reveiw_hours = 72
    ^^^^^^^^^^^^
    hint: did you mean `review_hours`?
g.toml:20:6: error: this guideline lacks `review_hours`
    id = "spam"
         ^^^^^^""",
    ),
    (
        ('disclosure = "window"', 'disclosure = "windows"  # slow'),
        """\
g.toml:6:14: error: `windows` is not known here
    disclosure = "windows"  # slow
                 ^^^^^^^^^
    hint: did you mean `window`?""",
    ),
    (
        ("base_rate = 0.02", "base_rate = 0.3"),
        """\
g.toml:27:13: error: reports by unproven people alone could hold a subject: they can bring it to \
81.1 %, and it is held from 80.4 %
    base_rate = 0.3
                ^^^
    hint: a base rate of at most 0.052, or a higher `costs.held.speech`""",
    ),
    (
        ("machine_bound = 2.0", "machine_bound = 4.5"),
        """\
g.toml:7:17: error: machine evidence below this bound and reports by unproven people could \
together hold a subject under `spam`
    machine_bound = 4.5
                    ^^^
    hint: at most 2.9, or a lower base rate""",
    ),
    (
        ('["KEYWORD_INAUTHENTIC_ACCOUNTS"]', '["KEYWORD_OTHER", "KEYWORD_HATE_SPEECH"]'),
        """\
g.toml:29:34: error: `KEYWORD_HATE_SPEECH` is no keyword of `STATEMENT_CATEGORY_SCAMS_AND_FRAUD`
    dsa_keywords = ["KEYWORD_OTHER", "KEYWORD_HATE_SPEECH"]
                                     ^^^^^^^^^^^^^^^^^^^^^
    hint: it belongs to `STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH`""",
    ),
    (
        ('{ en = "Deception", de = "Täuschung" }', '{ zh = "欺诈", de_de = 5 }'),
        """\
g.toml:17:9: error: there is no text in English, `en`
    label = { zh = "欺诈", de_de = 5 }
            ^^^^^^^^^^^^^^^^^^^^^^^^^^
    hint: English is what people get whose own language is not there
g.toml:17:22: error: `de_de` is not a language tag
    label = { zh = "欺诈", de_de = 5 }
                           ^^^^^
    hint: such as `en`, `pt-BR` or `zh-Hant`
g.toml:17:30: error: expected a text, found a whole number
    label = { zh = "欺诈", de_de = 5 }
                                   ^
    hint: put it in quotes""",
    ),
    (
        ('profile = "low"\nbase_rate = 0.02', '\tprofile = "lwo"\nbase_rate = 2'),
        """\
g.toml:26:12: error: there is no profile `lwo`
    \tprofile = "lwo"
    \t          ^^^^^
    hint: did you mean `low`?
g.toml:27:13: error: the number must lie between 0 and 1, both excluded
    base_rate = 2
                ^
    hint: the share of reported subjects that break the guideline, such as 0.02""",
    ),
    (
        ('text.en = "Do not flood others."', 'text.en = "Do not flood others.'),
        """\
g.toml:22:32: error: this is not TOML: illegal character '\\n'
    text.en = "Do not flood others.
                                   ^
    hint: texts stand in quotes, lists in brackets, and each key or table is given once""",
    ),
]


@pytest.mark.parametrize(("change", "shown"), GOLDEN)
def test_mistakes_are_shown_like_this(change, shown):
    assert "\n".join(check_text(changed(*change), "g.toml")) == shown


def test_a_file_without_mistakes_has_nothing_to_show():
    assert check_text(SMALL_TEXT, "g.toml") == []
    assert check_text(DEFAULT_TEXT, "guidelines.toml") == []


def test_all_mistakes_are_found_at_once_and_in_order():
    text = SMALL_TEXT
    for (before, after), _ in (GOLDEN[6], GOLDEN[0], GOLDEN[5], GOLDEN[1]):
        text = changed(before, after, text)
    found = mistakes_in(text)
    assert [mistake.line for mistake in found] == [6, 9, 17, 17, 17, 26, 27]


def test_the_second_of_two_equal_ids_is_refused_and_the_first_named():
    block = SMALL_TEXT[SMALL_TEXT.index("[[topic.guideline]]") :]
    [mistake] = mistakes_in(SMALL_TEXT + block)
    assert (mistake.line, mistake.message) == (31, "`spam` is already the id of a guideline")
    assert mistake.hint == "that of line 20"


def test_a_mistake_in_a_profile_is_told_once_however_many_guidelines_use_it():
    block = SMALL_TEXT[SMALL_TEXT.index("[[topic.guideline]]") :]
    text = SMALL_TEXT + changed('id = "spam"', 'id = "scam"', block)
    text = changed("removed = { harm = 0,", "removed = { harm = 0.01,", text)
    [mistake] = mistakes_in(text)
    assert marked(text, mistake) == '"remove"'


def test_everything_that_is_missing_is_named():
    text = SMALL_TEXT[: SMALL_TEXT.index("label.en")]
    [mistake] = mistakes_in(text)
    assert mistake.line == 20
    assert mistake.message == (
        "this guideline lacks `base_rate`, `costs`, `default_action`, `disclosure`,"
        " `dsa_category`, `examples`, `label`, `machine_bound`, `review_hours`, `severity`,"
        " `strike_weight`, `text`"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "`topic` is missing"),
        ('version = "1"\ntopic = []', "`topic` is a list of tables"),
        ('version = "1"\n[topic]\nid = "a"', "`topic` is a list of tables"),
        ('version = "1"\n[[topic]]\nid = "a"\nlabel.en = "A"', "`guideline` is missing"),
        ('version = "1"\nprofile = 5', "expected a table, found a whole number"),
        ('version = "1"\nprofile.low = 5', "expected a table, found a whole number"),
        ('version = " "', "the text is blank"),
        ("version = 2026-11-22", "expected a text, found a date or time"),
        ("version = " + "9" * 5000, "this cannot be read: Exceeds the limit (4300 digits)"),
        ("version = " + "[" * 5000, "this cannot be read: maximum recursion depth exceeded"),
        ("[version", "this is not TOML: expected ']' at the end of a table declaration"),
    ],
)
def test_a_file_of_another_shape_is_refused(text, message):
    assert any(mistake.message.startswith(message) for mistake in mistakes_in(text))


@pytest.mark.parametrize(
    ("before", "after", "wrong"),
    [
        ('id = "spam"', 'id = "Spam!"', '"Spam!"'),
        ('id = "spam"', f'id = "{"s" * 65}"', f'"{"s" * 65}"'),
        ("base_rate = 0.02", "base_rate = 0", "0"),
        ("base_rate = 0.02", "base_rate = nan", "nan"),
        ("base_rate = 0.02", "base_rate = true", "true"),
        ("machine_bound = 2.0", "machine_bound = 0", "0"),
        ("machine_bound = 2.0", "machine_bound = inf", "inf"),
        ("review_hours = 72", "review_hours = 0.5", "0.5"),
        ("review_hours = 72", "review_hours = 169", "169"),
        ("strike_weight = 1", "strike_weight = -1", "-1"),
        ("harm = 0.4", "harm = -0.4", "-0.4"),
        ("harm = 0.4", "harm = " + "9" * 400, "9" * 400),
        ("speech = 0 }", "speech = 0.1 }", "0.1"),
        ("speech = 0.8", "speech = 0.2", "0.2"),
        ("[profile.low]", "[profile.low]\nterms = []", "terms"),
        ('profile = "low"', 'profile = "low"\nsubjects = []', "[]"),
        ('profile = "low"', 'profile = "low"\nsubjects = ["video", "vido"]', '"vido"'),
        ('profile = "low"', 'profile = "low"\nsubjects = ["video", "video"]', '"video"'),
        ('profile = "low"', 'profile = "low"\ngrave = true', "true"),
        ('profile = "low"', 'profile = "low"\ngrave = "yes"', '"yes"'),
        ('profile = "low"', 'profile = "low"\nterms = ["a", ""]', '""'),
        ('text.en = "', 'text.en_GB = "Do not."\ntext.en = "', "en_GB"),
        ("STATEMENT_CATEGORY_SCAMS_AND_FRAUD", "SCAMS", '"SCAMS"'),
    ],
)
def test_what_is_marked_is_what_is_wrong(before, after, wrong):
    text = changed(before, after)
    assert wrong in {marked(text, mistake) for mistake in mistakes_in(text)}


# What follows starts from the guidelines that Underseal comes with.

HEAD, *BLOCKS = re.split(r"(?m)^(?=\[\[topic\]\]$)", DEFAULT_TEXT)
NAMED = "profile|dsa_category|dsa_keywords|subjects|severity|default_action|disclosure"


def mutants_of(text: str) -> list[tuple[str, int, int, str]]:
    """What can be put in place of what: (kind, start, end, token)."""
    found = []
    for line in re.finditer(r"(?m)^(?!\s*#).*$", text):
        for string in re.finditer(r'"([^"]*)"', line[0]):
            start, end = line.start() + string.start(), line.start() + string.end()
            found.append(("no text", start, end, "-31337"))
            if re.match(rf"\s*({NAMED}) =", line[0]):
                found.append(("no name", start, end, f'"{string[1]}qx"'))
        for value in re.finditer(r"(?<== )[0-9.]+\b", line[0]):
            start, end = line.start() + value.start(), line.start() + value.end()
            found.append(("no number", start, end, '"qx"'))
        for key in re.finditer(r"(\w+)(?= = )", line[0]):
            start, end = line.start() + key.start(), line.start() + key.end()
            found.append(("no key", start, end, f"{key[1]}_qx"))
    return found


@settings(max_examples=150)
@given(data=st.data())
def test_a_mutated_token_is_what_is_marked(data):
    text = HEAD + data.draw(st.sampled_from(BLOCKS))
    _, start, end, token = data.draw(st.sampled_from(mutants_of(text)))
    mutant = text[:start] + token + text[end:]
    line = text.count("\n", 0, start) + 1
    column = start - text.rfind("\n", 0, start)
    assert (line, column, token) in {
        (mistake.line, mistake.column, marked(mutant, mistake)) for mistake in mistakes_in(mutant)
    }


def test_the_mutants_are_of_every_kind():
    assert {kind for block in BLOCKS for kind, *_ in mutants_of(HEAD + block)} == {
        "no text",
        "no name",
        "no number",
        "no key",
    }


@given(data=st.data())
def test_whatever_is_cut_out_of_a_file_it_is_read_or_refused_at_a_place_that_exists(data):
    start = data.draw(st.integers(0, len(SMALL_TEXT)))
    end = data.draw(st.integers(start, min(len(SMALL_TEXT), start + 40)))
    inserted = data.draw(st.text("[]{}\"'=.#,\n\r\t a1\0é", max_size=6))
    text = SMALL_TEXT[:start] + inserted + SMALL_TEXT[end:]
    shown = check_text(text, "g.toml")
    for mistake in mistakes_in(text) if shown else ():
        assert 1 <= mistake.line <= text.count("\n") + 1
        assert 1 <= mistake.column <= len(text.split("\n")[mistake.line - 1]) + 1


def test_the_file_in_the_guide_is_a_whole_file():
    guide = Path(__file__).parents[2] / "docs" / "guides" / "guidelines.md"
    [text] = re.findall(r"```toml\n(.*?)```", guide.read_text(encoding="utf-8"), re.DOTALL)
    guideline = parse(text, "guide.toml").by_id[GuidelineId("bullying")]
    assert guideline.review_hours == 24
    assert hold_threshold(guideline) == pytest.approx(math.log(0.45 / 0.22))
