import math
from dataclasses import replace
from types import MappingProxyType

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from underseal.core.dsa import KEYWORDS
from underseal.core.guideline import (
    C_NEW,
    DefaultAction,
    DisclosureClass,
    Guideline,
    GuidelineId,
    Severity,
    TopicId,
    ViewCost,
    hold_threshold,
    level_threshold,
    log_odds,
)
from underseal.core.guideline_check import check_guideline
from underseal.core.mistake import Fault
from underseal.core.subject import SubjectKind
from underseal.core.visibility import STRICTNESS, Level


def costs_of(*pairs: tuple[float, float]) -> MappingProxyType[Level, ViewCost]:
    return MappingProxyType(
        {
            level: ViewCost(harm=harm, speech=speech)
            for level, (harm, speech) in zip(STRICTNESS, pairs, strict=True)
        }
    )


SPAM = Guideline(
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
    costs=costs_of((0.4, 0), (0.12, 0.35), (0.01, 0.8), (0, 1)),
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
CALM = replace(
    SPAM,
    default_action=DefaultAction.NOT_RECOMMENDED,
    costs=costs_of((0.4, 0), (0, 0.35), (0, 0.8), (0, 1)),
)

amounts = st.floats(0, 1e6, allow_subnormal=False)
any_costs = st.lists(st.tuples(amounts, amounts), min_size=4, max_size=4)
rates = st.floats(1e-12, 1 - 1e-12)


@st.composite
def guidelines(draw) -> Guideline:
    """Guidelines whose costs follow strictness; many break another promise."""
    harms = sorted(draw(st.lists(amounts, min_size=4, max_size=4)), reverse=True)
    speeches = [0.0, *sorted(draw(st.lists(amounts, min_size=3, max_size=3)))]
    return replace(
        SPAM,
        costs=costs_of(*zip(harms, speeches, strict=True)),
        base_rate=draw(rates),
        machine_bound=draw(st.floats(1e-6, 50)),
        default_action=draw(st.sampled_from(DefaultAction)),
    )


def keys_of(guideline: Guideline) -> list[tuple[str | int, ...]]:
    return [broken.path for broken in check_guideline(guideline)]


def expected_cost(cost: ViewCost, odds: float) -> float:
    """The cost per view at some log-odds, divided by 1 - p."""
    return cost.harm * math.exp(odds) + cost.speech


def test_a_sound_guideline_breaks_no_promise():
    assert check_guideline(SPAM) == []
    assert check_guideline(CALM) == []


def test_the_hold_threshold_is_where_a_hold_becomes_cheaper_than_being_kept_from_recommendation():
    assert hold_threshold(SPAM) == pytest.approx(math.log((0.8 - 0.35) / (0.12 - 0.01)))


def test_where_recommending_is_all_the_harm_no_certainty_holds_anything():
    assert hold_threshold(CALM) == math.inf


@given(guideline=guidelines(), odds=st.floats(-30, 30), level=st.sampled_from(Level))
def test_beyond_its_threshold_and_only_there_a_level_costs_less_than_every_milder(
    guideline, odds, level
):
    threshold = level_threshold(guideline, level)
    if abs(odds - threshold) < 1e-6:
        return
    here = expected_cost(guideline.costs[level], odds)
    milder = [
        expected_cost(guideline.costs[other], odds)
        for other in STRICTNESS[: STRICTNESS.index(level)]
    ]
    tiny = 1e-9 * max([here, *milder])
    if odds > threshold:
        assert all(here <= cost + tiny for cost in milder)
    else:
        assert any(here >= cost - tiny for cost in milder)


@given(
    harms=st.tuples(st.floats(1, 100), st.floats(0.1, 1, exclude_max=True), st.floats(0.001, 0.09)),
    speeches=st.tuples(st.floats(0.01, 1), st.floats(1.01, 2)),
    bound=st.floats(0.01, 50),
    slack=st.floats(-1, 3),
    machine=st.floats(0, 1),
)
@example(harms=(1, 0.5, 0.05), speeches=(0.75, 1.25), bound=1, slack=-1, machine=1)
def test_no_accepted_guideline_lets_unproven_reports_hold_below_its_machine_bound(
    harms, speeches, bound, slack, machine
):
    public, not_recommended, held = harms
    costs = costs_of(
        (public, 0), (not_recommended, speeches[0]), (held, speeches[1]), (held / 2, 3)
    )
    guideline = replace(SPAM, costs=costs, machine_bound=bound)
    odds = math.exp(hold_threshold(guideline) - C_NEW - bound - slack)
    guideline = replace(guideline, base_rate=odds / (1 + odds))
    assert (check_guideline(guideline) == []) == (slack >= 0) or abs(slack) < 1e-6
    if check_guideline(guideline) == []:
        reached = log_odds(guideline.base_rate) + machine * bound + C_NEW
        assert reached <= hold_threshold(guideline) + 1e-9


@given(guideline=guidelines())
def test_a_guideline_whose_base_odds_times_ten_reach_its_hold_threshold_is_refused(guideline):
    odds = guideline.base_rate / (1 - guideline.base_rate)
    refused = any("alone could hold" in each.message for each in check_guideline(guideline))
    threshold = hold_threshold(guideline)
    if abs(math.log(10 * odds) - threshold) > 1e-9:
        assert refused == (math.log(10 * odds) > threshold)


@given(guideline=guidelines())
def test_following_the_hint_for_the_base_rate_mends_it(guideline):
    for broken in check_guideline(guideline):
        if broken.hint.startswith("a base rate of at most "):
            rate = float(broken.hint.removeprefix("a base rate of at most ").split(",")[0])
            assert ("base_rate",) not in keys_of(replace(guideline, base_rate=rate))
            assert ("machine_bound",) not in keys_of(replace(guideline, base_rate=rate))


@given(guideline=guidelines())
def test_following_the_hint_for_the_machine_bound_mends_it(guideline):
    for broken in check_guideline(guideline):
        if broken.path == ("machine_bound",) and broken.hint.startswith("at most "):
            bound = float(broken.hint.removeprefix("at most ").split(",")[0])
            assert ("machine_bound",) not in keys_of(replace(guideline, machine_bound=bound))


@given(costs=any_costs)
def test_costs_that_do_not_follow_strictness_are_refused(costs):
    harms, speeches = zip(*costs, strict=True)
    sound = list(harms) == sorted(harms, reverse=True) and list(speeches) == sorted(speeches)
    found = [key for key in keys_of(replace(SPAM, costs=costs_of(*costs))) if key[0] == "costs"]
    assert (found == []) == (sound and speeches[0] == 0)


def test_a_removal_that_is_never_the_cheapest_is_refused():
    costs = costs_of((0.4, 0), (0.12, 0.35), (0.01, 0.8), (0.01, 1))
    [broken] = check_guideline(replace(SPAM, costs=costs))
    assert broken == Fault(
        path=("default_action",),
        message="the default action is `remove`, but `removed` is never the cheapest",
        hint="let `costs.removed.harm` be less than that of every milder level",
    )


@pytest.mark.parametrize(
    "action", [DefaultAction.NOT_RECOMMENDED, DefaultAction.AGE_RESTRICT, DefaultAction.LABEL]
)
def test_costs_that_hold_what_a_moderator_would_leave_up_are_refused(action):
    keys = keys_of(replace(SPAM, default_action=action))
    assert keys == [("default_action",), ("default_action",)]
    assert keys_of(replace(CALM, default_action=action)) == []


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"severity": Severity.GRAVE}, ("grave",)),
        ({"grave": True, "disclosure": DisclosureClass.TICK}, ("grave",)),
        ({"disclosure": DisclosureClass.AT_ONCE}, ("disclosure",)),
        ({"severity": Severity.HIGH, "grave": True}, ("disclosure",)),
        ({"dsa_keywords": ("KEYWORD_PHISHING", "KEYWORD_NUDITY")}, ("dsa_keywords", 1)),
        ({"dsa_keywords": ("KEYWORD_STALKING",)}, ("dsa_keywords", 0)),
        ({"base_rate": 0.5}, ("base_rate",)),
        ({"machine_bound": 4.0}, ("machine_bound",)),
    ],
)
def test_one_wrong_value_breaks_one_promise(change, key):
    assert keys_of(replace(SPAM, **change)) == [key]


def test_known_content_is_not_removed_where_a_moderator_would_leave_it_up():
    assert keys_of(replace(CALM, remove_known_content=True)) == [("remove_known_content",)]


def test_examples_that_are_not_as_many_in_every_language_are_refused():
    examples = MappingProxyType({"en": ("one", "two"), "de": ("eins",), "es": ("uno", "dos")})
    assert keys_of(replace(SPAM, examples=examples)) == [("examples", "de")]


def test_a_guideline_without_a_category_has_no_keywords():
    unspecified = replace(
        SPAM,
        dsa_category="STATEMENT_CATEGORY_NOT_SPECIFIED_NOTICE",
        dsa_keywords=("KEYWORD_OTHER",),
    )
    assert keys_of(unspecified) == [("dsa_keywords", 0)]


def test_every_category_but_the_unspecified_one_ends_with_the_other_keyword():
    assert {keywords[-1:] for category, keywords in KEYWORDS.items()} == {("KEYWORD_OTHER",), ()}
    assert [category for category, keywords in KEYWORDS.items() if not keywords] == [
        "STATEMENT_CATEGORY_NOT_SPECIFIED_NOTICE"
    ]


def test_only_the_other_keyword_belongs_to_more_than_one_category():
    words = [word for keywords in KEYWORDS.values() for word in keywords if word != "KEYWORD_OTHER"]
    assert len(words) == len(set(words)) == 67
