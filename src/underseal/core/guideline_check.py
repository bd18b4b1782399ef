"""What the guidelines must keep: each function checks one promise of one guideline.

These are the promises that concern several numbers at once; types and ranges are checked where
a file is read.
"""

import math
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Final

from underseal.core.dsa import KEYWORDS
from underseal.core.evidence import probability
from underseal.core.guideline import (
    C_NEW,
    DefaultAction,
    DisclosureClass,
    Guideline,
    Severity,
    hold_threshold,
    level_threshold,
    log_odds,
)
from underseal.core.language import FALLBACK_LANGUAGE
from underseal.core.mistake import Fault, suggest
from underseal.core.visibility import STRICTNESS, Level

_LEVELS_OF: Final = {
    DefaultAction.REMOVE: {Level.HELD, Level.REMOVED},
    DefaultAction.NOT_RECOMMENDED: {Level.NOT_RECOMMENDED},
    DefaultAction.AGE_RESTRICT: set[Level](),
    DefaultAction.LABEL: set[Level](),
}
"""The levels that must be the cheapest at some probability, by default action."""

_BASE_RATE_MIN: Final = 1e-4
_MACHINE_BOUND_MIN: Final = 0.1
"""Hints propose nothing less than these. Limits of ours."""


def check_guideline(guideline: Guideline) -> list[Fault]:
    """Return a fault for every promise that `guideline` breaks; its path starts at a field."""
    return [fault for promise in _PROMISES for fault in promise(guideline)]


def costs_follow_strictness(guideline: Guideline) -> Iterator[Fault]:
    """A stricter level lets no more harm through and withholds no less speech."""
    for milder, stricter in pairwise(STRICTNESS):
        before, after = guideline.costs[milder], guideline.costs[stricter]
        if after.harm > before.harm:
            yield Fault(
                path=("costs", stricter, "harm"),
                message=f"`{stricter}` lets more harm through than `{milder}`, which is milder",
                hint=f"at most {before.harm:g}",
            )
        if after.speech < before.speech:
            yield Fault(
                path=("costs", stricter, "speech"),
                message=f"`{stricter}` withholds less speech than `{milder}`, which is milder",
                hint=f"at least {before.speech:g}",
            )


def public_withholds_nothing(guideline: Guideline) -> Iterator[Fault]:
    """What is public costs no speech."""
    if guideline.costs[Level.PUBLIC].speech != 0:
        yield Fault(
            path=("costs", Level.PUBLIC, "speech"),
            message="what is `public` withholds no speech",
            hint="write 0",
        )


def costs_lead_to_the_default_action(guideline: Guideline) -> Iterator[Fault]:
    """Enough certainty makes the default action the cheapest, and nothing stricter ever is."""
    action = guideline.default_action
    wanted = _LEVELS_OF[action]
    for level in (Level.NOT_RECOMMENDED, Level.HELD, Level.REMOVED):
        beats_all_milder = level_threshold(guideline, level) < math.inf
        if level in wanted and not beats_all_milder:
            yield Fault(
                path=("default_action",),
                message=f"the default action is `{action}`, but `{level}` is never the cheapest",
                hint=f"let `costs.{level}.harm` be less than that of every milder level",
            )
        if level not in wanted and level is not Level.NOT_RECOMMENDED and beats_all_milder:
            yield Fault(
                path=("default_action",),
                message=f"the default action is `{action}`, but certainty makes `{level}` cheaper",
                hint=f"let `costs.{level}.harm` be that of `not_recommended`",
            )


def unproven_reports_cannot_hold(guideline: Guideline) -> Iterator[Fault]:
    """However many unproven people report it, a subject is not held for that alone."""
    reached = log_odds(guideline.base_rate) + C_NEW
    threshold = hold_threshold(guideline)
    if reached >= threshold:
        highest = probability(threshold - C_NEW - guideline.machine_bound)
        yield Fault(
            path=("base_rate",),
            message=(
                "reports by unproven people alone could hold a subject: they can bring it to"
                f" {_percent(reached)}, and it is held from {_percent(threshold)}"
            ),
            hint=(
                f"a base rate of at most {_floor(highest):g}, or a higher `costs.held.speech`"
                if highest > _BASE_RATE_MIN
                else "a higher `costs.held.speech`: a hold that costs more comes later"
            ),
        )


def machine_bound_leaves_room(guideline: Guideline) -> Iterator[Fault]:
    """Machine evidence below the bound does not let unproven reports hold a subject either."""
    reached = log_odds(guideline.base_rate) + C_NEW
    room = hold_threshold(guideline) - reached
    if 0 < room < guideline.machine_bound:
        yield Fault(
            path=("machine_bound",),
            message=(
                "machine evidence below this bound and reports by unproven people could together"
                f" hold a subject under `{guideline.id}`"
            ),
            hint=(
                f"at most {_floor(room):g}, or a lower base rate"
                if room > _MACHINE_BOUND_MIN
                else "lower the base rate"
            ),
        )


def grave_agrees_with_severity(guideline: Guideline) -> Iterator[Fault]:
    """What is of grave severity is grave; what is grave is at least of high severity."""
    if guideline.severity is Severity.GRAVE and not guideline.grave:
        yield Fault(
            path=("grave",),
            message="a guideline of severity `grave` is grave",
            hint="leave `grave` out, or choose severity `high`",
        )
    if guideline.grave and guideline.severity in {Severity.LOW, Severity.MEDIUM}:
        yield Fault(
            path=("grave",),
            message=f"what is grave cannot be of severity `{guideline.severity}`",
            hint="choose severity `high` or `grave`",
        )


def disclosure_agrees_with_gravity(guideline: Guideline) -> Iterator[Fault]:
    """Only what is grave takes effect at once, and nothing grave waits for an audience."""
    if guideline.disclosure is DisclosureClass.AT_ONCE and not guideline.grave:
        yield Fault(
            path=("disclosure",),
            message="only a grave guideline takes effect `at_once`: it may show who reported",
            hint="choose `tick`",
        )
    if guideline.disclosure is DisclosureClass.WINDOW and guideline.grave:
        yield Fault(
            path=("disclosure",),
            message="a grave guideline cannot wait for a `window`, which takes up to seven days",
            hint="choose `tick` or `at_once`",
        )


def known_content_is_removed_where_a_breach_is(guideline: Guideline) -> Iterator[Fault]:
    """Machines remove known content only where humans would remove it too."""
    if guideline.remove_known_content and guideline.default_action is not DefaultAction.REMOVE:
        yield Fault(
            path=("remove_known_content",),
            message=f"known content is removed, but a breach leads to `{guideline.default_action}`",
            hint="leave `remove_known_content` out, or let `default_action` be `remove`",
        )


def keywords_belong_to_their_category(guideline: Guideline) -> Iterator[Fault]:
    """The DSA keywords are those of the guideline's category."""
    known = KEYWORDS.get(guideline.dsa_category, ())
    for index, keyword in enumerate(guideline.dsa_keywords):
        if keyword not in known:
            homes = [category for category, keywords in KEYWORDS.items() if keyword in keywords]
            hint = f"it belongs to `{homes[0]}`" if len(homes) == 1 else suggest(keyword, known)
            yield Fault(
                path=("dsa_keywords", index),
                message=f"`{keyword}` is no keyword of `{guideline.dsa_category}`",
                hint=hint,
            )


def examples_correspond(guideline: Guideline) -> Iterator[Fault]:
    """The examples are the same in every language, so that one can be pointed at by its place."""
    count = len(guideline.examples[FALLBACK_LANGUAGE])
    for language, examples in guideline.examples.items():
        if len(examples) != count:
            yield Fault(
                path=("examples", language),
                message=f"there are {len(examples)} examples, but {count} in English",
                hint="translate each one, in the same order",
            )


_PROMISES: Final[tuple[Callable[[Guideline], Iterator[Fault]], ...]] = (
    costs_follow_strictness,
    public_withholds_nothing,
    costs_lead_to_the_default_action,
    unproven_reports_cannot_hold,
    machine_bound_leaves_room,
    grave_agrees_with_severity,
    disclosure_agrees_with_gravity,
    known_content_is_removed_where_a_breach_is,
    keywords_belong_to_their_category,
    examples_correspond,
)


def _percent(odds: float) -> str:
    return f"{100 * probability(odds):.3g} %"


def _floor(number: float) -> float:
    """Round a positive number down to two significant digits."""
    digit = 10.0 ** (math.floor(math.log10(number)) - 1)
    return math.floor(number / digit) * digit
