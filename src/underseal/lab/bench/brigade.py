"""`underseal bench brigade`: what attacks by reports come to, on platforms that the laboratory draws.

Worlds of `lab.platform` are played under Underseal's own rule and under three others, with the same
reports, moderators and moments of effect. Guidelines with a detector and those without are told
apart. Worlds are the unit of chance: intervals are over them.
"""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from types import MappingProxyType
from typing import Final

import numpy as np

from underseal.lab.platform.baselines import CountFive, DiscourseScore, NaiveBayes
from underseal.lab.platform.crowd import Temper
from underseal.lab.platform.ours import Ours
from underseal.lab.platform.play import RuleOf, play_world
from underseal.lab.platform.played import Played
from underseal.lab.platform.settings import EVEN, Attackers, Feed, Settings, Shift, Staff
from underseal.lab.platform.videos import HARMLESS
from underseal.lab.platform.world import draw_world

Progress = Callable[[str], None]

SEEDS: Final = tuple(range(2_026_100, 2_026_110))
"""The worlds that are measured. Whatever was chosen was chosen on worlds 1 to 9."""

SIZES: Final = (5, 20, 80, 500)
CAMOUFLAGES: Final = (0, 3, 5, 15, 50)
CURVE_SEEDS: Final = (2_026_201, 2_026_202)
CURVE: Final = Settings(
    days=60, warm_up_days=30, feed=Feed(videos=4_000), attackers=Attackers(attacks=3, puppeteers=0)
)
"""The worlds of the curve: each has one brigade of every size, all with the same camouflage."""

WORLDWIDE: Final = Settings(feed=Feed(rhythm=EVEN))
"""The same worlds, watched as much at night, when no moderator is there, as by day."""

AROUND_THE_CLOCK: Final = replace(
    WORLDWIDE,
    staff=Staff(
        shifts=(
            Shift(begins=0, ends=7, cases_an_hour=0.5),
            Shift(begins=7, ends=15, cases_an_hour=2.0),
            Shift(begins=13, ends=21, cases_an_hour=2.0),
            Shift(begins=21, ends=24, cases_an_hour=0.5),
        )
    ),
)
"""And with somebody there at night, who judges a case in two hours."""

DIGITS: Final = 4
Z: Final = 1.96
T: Final = 2.262
"""For intervals of 95 %: the normal distribution's, and Student's for ten worlds."""

RULES: Final[Mapping[str, RuleOf]] = MappingProxyType(
    {
        "": Ours,
        "_count5": lambda _: CountFive(),
        "_discourse": lambda _: DiscourseScore(),
        "_naive_bayes": NaiveBayes,
    }
)
"""The rules by the suffix of their figures."""

NOTES: Final = (
    "Every number of these worlds is an assumption; which rule does better is the finding.",
    "held_attacked counts what reports did before anybody looked, not what moderators err on later.",
    "Moderators err on what is hard to judge, whoever looks and however often.",
    "Attacks begin in the evening, when hardly any moderator is there; none is from 23 to 7 o'clock.",
    "Views have a rhythm of one time zone; worldwide has none, and still nobody there at night.",
    "around_the_clock is worldwide with somebody there at night.",
    "A burst keeps reports from showing until a person has looked, also where they are right.",
    "merged_honest counts careless reporters, too; merged_honest_active leaves out the single reports.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What came of one world, of one kind of guideline, under one rule.

    `held` counts attacks that succeeded, `later` those that were not their brigade's first.
    `harm_left` is a share of the harm without moderation.
    """

    attacks: int
    held: int
    later: int
    held_later: int
    harm_left: float


def run(progress: Progress) -> dict[str, object]:
    """Measure, and return the figures."""
    by_night = {suffix: RULES[suffix] for suffix in ("", "_naive_bayes")}
    return {
        **compare(Settings(), SEEDS, progress),
        "worldwide": compare(WORLDWIDE, SEEDS, progress, by_night),
        "around_the_clock": compare(AROUND_THE_CLOCK, SEEDS, progress, by_night),
        "cost_of_attack": cost_of_attack(CURVE, CURVE_SEEDS, progress),
        "notes": list(NOTES),
    }


def compare(
    settings: Settings,
    seeds: Sequence[int],
    progress: Progress,
    rules: Mapping[str, RuleOf] = RULES,
) -> dict[str, object]:
    """Play every world under every rule, and return the means with their intervals."""
    scores: dict[tuple[bool, str], list[Score]] = {}
    merged: list[Counter[str]] = []
    for seed in seeds:
        world = draw_world(settings, seed)
        for suffix, rule in rules.items():
            played = play_world(world, rule)
            for detected in (True, False):
                scores.setdefault((detected, suffix), []).append(score(played, detected=detected))
            if rule is Ours:
                merged.append(merged_honest(played))
            progress(_told(seed, suffix, scores[True, suffix][-1], scores[False, suffix][-1]))
    with_detector, without = (
        _figures({suffix: scores[kind, suffix] for suffix in rules}) for kind in (True, False)
    )
    honest = sum(merged, Counter[str]())
    return {
        **with_detector,
        **_share("merged_honest", honest["merged"], honest["all"]),
        **_share("merged_honest_active", honest["merged_active"], honest["active"]),
        "no_detector": without,
        "worlds": len(seeds),
        "seeds": list(seeds),
    }


def score(played: Played, *, detected: bool) -> Score:
    """Return what came of the attacks and breaches of one kind of guideline."""
    world = played.world
    of_kind = world.settings.detected if detected else world.settings.undetected
    held = wrongly_restricted(played)
    attacks = [each for each in world.attacks if world.guideline(each.guideline) in of_kind]
    later = [each for each in attacks if each.turn > 0]
    breaches = [
        video
        for video, place in enumerate(world.videos.breaks.tolist())
        if place != HARMLESS and world.guideline(place) in of_kind
    ]
    possible = math.fsum(played.harm_unmoderated[each] for each in breaches)
    left = math.fsum(played.harm[each] for each in breaches)
    return Score(
        attacks=len(attacks),
        held=sum(each.video in held for each in attacks),
        later=len(later),
        held_later=sum(each.video in held for each in later),
        harm_left=left / possible if possible else 0.0,
    )


def wrongly_restricted(played: Played) -> frozenset[int]:
    """Return the attacked videos that reports restricted, those of the attack among them."""
    return frozenset(
        each.video for each in played.restrictions if each.by_reports and each.attacked
    )


def merged_honest(played: Played) -> Counter[str]:
    """Count honest reporters, and those who were taken for a group; of them the active ones, too."""
    world = played.world
    filed = np.bincount(world.reports.account, minlength=world.people.count)
    honest = np.isin(world.people.temper, (Temper.HONEST, Temper.CARELESS))
    counted: Counter[str] = Counter()
    for account in np.flatnonzero(honest & (filed > 0)).tolist():
        reporter, is_active = world.pseudonyms[account], filed[account] > 1
        if reporter in played.weighed:
            is_merged = reporter in played.merged
            counted += Counter(
                all=1,
                active=int(is_active),
                merged=int(is_merged),
                merged_active=int(is_merged and is_active),
            )
    return counted


def cost_of_attack(
    settings: Settings, seeds: Sequence[int], progress: Progress, rule: RuleOf = Ours
) -> list[dict[str, float | None]]:
    """Return what brigades invest, and what they get for it under a rule, by size and camouflage.

    `reports_per_hour` is how many true reports an hour of wrongful restriction takes, or None
    where none was ever had.
    """
    invested: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for camouflage, seed in product(CAMOUFLAGES, seeds):
        attackers = replace(
            settings.attackers, brigades=len(SIZES), sizes=SIZES, camouflages=(camouflage,)
        )
        played = play_world(draw_world(replace(settings, attackers=attackers), seed), rule)
        hours = hours_restricted(played)
        for attack in played.world.attacks:
            spent = attack.size * camouflage if attack.turn == 0 else 0
            invested.setdefault((attack.size, camouflage), []).append(
                (spent, hours.get(attack.video, 0))
            )
        progress(f"camouflage {camouflage}, world {seed}: {sum(hours.values())} hours of hold")
    return [_cost(size, camouflage, each) for (size, camouflage), each in sorted(invested.items())]


def hours_restricted(played: Played) -> dict[int, int]:
    """Return for how many hours each attacked video was restricted because of reports."""
    hours: dict[int, int] = {}
    for each in played.restrictions:
        if each.by_reports and each.attacked:
            hours[each.video] = hours.get(each.video, 0) + each.until - each.since
    return hours


def _cost(
    size: int, camouflage: int, attacks: Sequence[tuple[int, int]]
) -> dict[str, float | None]:
    spent, hours = (sum(each) for each in zip(*attacks, strict=True))
    return {
        "size": size,
        "camouflage": camouflage,
        "attacks": len(attacks),
        "held": round(sum(held > 0 for _, held in attacks) / len(attacks), DIGITS),
        "true_reports": spent,
        "hours_held": hours,
        "reports_per_hour": round(spent / hours, DIGITS) if hours else None,
    }


def _figures(by_rule: Mapping[str, Sequence[Score]]) -> dict[str, float]:
    attacks = sum(each.attacks for each in by_rule[""])
    figures: dict[str, float] = {"attacks": attacks}
    for suffix, scores in by_rule.items():
        figures |= _share(f"held_attacked{suffix}", sum(each.held for each in scores), attacks)
        figures |= _mean(f"harm_left{suffix}", [each.harm_left for each in scores])
    ours, theirs = by_rule[""], by_rule["_naive_bayes"]
    later = sum(each.later for each in ours)
    figures |= _share("held_later", sum(each.held_later for each in ours), later)
    beyond = [one.harm_left - other.harm_left for one, other in zip(ours, theirs, strict=True)]
    return figures | _mean("harm_left_beyond_naive_bayes", beyond)


def _share(name: str, part: int, whole: int) -> dict[str, float]:
    """A share with Wilson's interval (JASA 1927)."""
    if not whole:
        return {name: 0.0, f"{name}_low": 0.0, f"{name}_high": 1.0}
    share, square = part / whole, Z**2 / whole
    middle = (share + square / 2) / (1 + square)
    half = Z / (1 + square) * math.sqrt(share * (1 - share) / whole + square / whole / 4)
    return _rounded(name, share, max(0.0, middle - half), middle + half)


def _mean(name: str, values: Sequence[float]) -> dict[str, float]:
    """A mean over worlds with Student's interval."""
    middle = float(np.mean(values))
    half = T * float(np.std(values, ddof=1)) / math.sqrt(len(values)) if len(values) > 1 else 0.0
    return _rounded(name, middle, middle - half, middle + half)


def _rounded(name: str, value: float, low: float, high: float) -> dict[str, float]:
    found = {name: value, f"{name}_low": low, f"{name}_high": high}
    return {key: round(each, DIGITS) for key, each in found.items()}


def _told(seed: int, suffix: str, detected: Score, undetected: Score) -> str:
    return f"world {seed}, {suffix[1:] or 'ours'}: " + "; ".join(
        f"{each.held} of {each.attacks} attacks held {where} a detector, "
        f"{each.harm_left:.3f} of the harm left"
        for where, each in (("with", detected), ("without", undetected))
    )
