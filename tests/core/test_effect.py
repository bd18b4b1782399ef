from dataclasses import replace
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from underseal.core.cliques import NO_CO_REPORTS
from underseal.core.disclosure import CROWD_MIN
from underseal.core.effect import (
    Context,
    IntendedEffect,
    Reason,
    choose,
    expected_cost,
    regret_rate,
)
from underseal.core.evidence import CLEARED, Assessment, Dossier, Weighting, assess, probability
from underseal.core.guideline import GuidelineId, TopicId, hold_threshold, level_threshold, log_odds
from underseal.core.guideline_file import parse
from underseal.core.report import CountedReport, Pseudonym
from underseal.core.signal import Modality, Signal
from underseal.core.subject import SubjectId, SubjectKind
from underseal.core.track_record import TrackRecord
from underseal.core.visibility import STRICTNESS, Level

TODAY = date(2026, 11, 22)
SUBJECT = SubjectId(UUID(int=1))


GRAVE, ORDINARY, OTHER, KNOWN = map(GuidelineId, ("threat", "praise", "nudity", "banned"))
NAMED = (GRAVE, ORDINARY, OTHER, KNOWN)
GUIDELINES = parse(Path(__file__).with_name("judgement.toml").read_text(), "judgement.toml")
PROVEN = TrackRecord(right=9.0, wrong=0.0, resolved=9, as_of=TODAY)


def person(number: int) -> Pseudonym:
    return Pseudonym(number.to_bytes(32))


def report(who: int | None = 1, about: GuidelineId = ORDINARY, **changes) -> CountedReport:
    values = {
        "subject_id": SUBJECT,
        "round": 1,
        "guideline": about,
        "pseudonym": None if who is None else person(who),
        "after_outcome": False,
        "may_be_guessed": False,
        "is_notice": False,
    }
    return CountedReport(**{**values, **changes})


def signal(
    weight: float | None,
    about: GuidelineId = ORDINARY,
    detector: str = "one",
    modality: Modality = Modality.IMAGE,
    **changes,
) -> Signal:
    values = {
        "detector": detector,
        "detector_version": "1",
        "modality": modality,
        "guideline": about,
        "score": 0.5,
        "weight": weight,
        "moment": None,
    }
    return Signal(**{**values, **changes})


def match(about: GuidelineId = KNOWN, weight: float = 13.0, *, verified: bool = True) -> Signal:
    return signal(weight, about, "hashes", Modality.KNOWN, verified=verified)


def dossier(*reports: CountedReport, **changes) -> Dossier:
    values = {
        "subject_id": SUBJECT,
        "round": 1,
        "kind": SubjectKind.VIDEO,
        "reports": reports,
        "records": {},
        "co_reports": NO_CO_REPORTS,
        "signals": (),
        "organic_views": 0,
        "qualifying_viewers": 100,
        "human": {},
        "spent": frozenset(),
    }
    return Dossier(**{**values, **changes})


def context(**changes) -> Context:
    values = {
        "level": Level.PUBLIC,
        "published": True,
        "qualifying_viewers": 100,
        "weighting": Weighting.PRIORITY_AND_THRESHOLD,
        "guess_consent": False,
    }
    return Context(**{**values, **changes})


def assessed(known: Dossier) -> tuple[Assessment, ...]:
    return assess(known, GUIDELINES, {}, TODAY)


def chosen(known: Dossier, **changes) -> IntendedEffect | None:
    return choose(assessed(known), GUIDELINES, context(**changes))


def proven(*people: int) -> dict:
    topics = [TopicId("violence"), TopicId("bodies"), TopicId("groups")]
    return {(person(each), topic): PROVEN for each in people for topic in topics}


def without_grave(known: Dossier) -> Dossier:
    return replace(
        known,
        reports=tuple(each for each in known.reports if each.guideline != GRAVE),
        signals=tuple(each for each in known.signals if each.guideline != GRAVE),
    )


def loud(**changes) -> Dossier:
    """Three proven voices and a new one: enough for a hold without any machine."""
    return dossier(*map(report, range(1, 5)), records=proven(1, 2, 3), **changes)


people = st.one_of(st.none(), st.integers(1, 60))
some_reports = st.lists(
    st.builds(
        report,
        people,
        st.sampled_from(NAMED),
        may_be_guessed=st.booleans(),
        is_notice=st.booleans(),
    ),
    max_size=25,
)
unproven_records = st.dictionaries(
    st.tuples(
        st.integers(1, 60).map(person), st.sampled_from([TopicId("violence"), TopicId("bodies")])
    ),
    st.builds(
        TrackRecord,
        right=st.floats(0, 1e6),
        wrong=st.floats(0, 1e6),
        resolved=st.integers(0, 2),
        as_of=st.just(TODAY),
    ),
)
some_signals = st.lists(
    st.builds(
        signal,
        st.one_of(st.none(), st.floats(-9, 9)),
        st.sampled_from(NAMED),
        st.sampled_from(["one", "two"]),
        st.sampled_from(list(Modality)),
        verified=st.booleans(),
    ),
    max_size=6,
).map(tuple)
some_contexts = st.builds(
    context,
    level=st.sampled_from(list(Level)),
    published=st.booleans(),
    qualifying_viewers=st.integers(0, 20),
    weighting=st.sampled_from(list(Weighting)),
    guess_consent=st.booleans(),
)
some_dossiers = st.builds(
    lambda reports, **known: dossier(*reports, **known),
    some_reports,
    records=st.sets(st.integers(1, 60), max_size=20).map(lambda some: proven(*some)),
    signals=some_signals,
    organic_views=st.integers(0, 10_000),
    human=st.dictionaries(st.sampled_from(NAMED), st.just(CLEARED), max_size=1),
    spent=st.frozensets(st.integers(1, 60).map(person), max_size=20),
)


@given(some_reports, unproven_records, some_signals, some_contexts)
def test_no_number_of_unproven_reporters_restricts_what_machines_do_not_suspect(
    reports: list[CountedReport], records: dict, signals: tuple[Signal, ...], around: Context
) -> None:
    assessments = assessed(dossier(*reports, records=records, signals=signals))
    below = [
        each
        for each in assessments
        if each.machine < GUIDELINES.by_id[each.guideline].machine_bound
    ]
    assert choose(below, GUIDELINES, around) is None


def test_a_thousand_new_accounts_do_not_hold_a_video_just_below_the_bound() -> None:
    brigade = [report(each) for each in range(1_000)]
    bound = GUIDELINES.by_id[ORDINARY].machine_bound
    assert chosen(dossier(*brigade, signals=(signal(bound - 1e-6),))) is None


def test_enough_proven_reporters_hold_a_video_that_machines_do_not_suspect() -> None:
    effect = chosen(loud())
    assert effect == IntendedEffect(level=Level.HELD, guideline=ORDINARY, reason=Reason.REPORTS)
    assert (effect.by_machine, effect.reports_alone) == (False, True)


@pytest.mark.parametrize("name", [ORDINARY, GRAVE])
def test_a_lone_proven_reporter_restricts_nothing(name: GuidelineId) -> None:
    # So much machine evidence, still below the bound, that the one report would tip it.
    near = signal(1.99, name)
    alone = dossier(report(1, name), records=proven(1), signals=(near,))
    together = dossier(report(1, name), report(2, name), records=proven(1), signals=(near,))
    assert chosen(alone) is None
    assert chosen(together) is not None


def test_machine_evidence_from_the_bound_on_acts_without_any_report() -> None:
    effect = chosen(dossier(signals=(signal(6.0),)))
    assert effect == IntendedEffect(level=Level.HELD, guideline=ORDINARY, reason=Reason.MACHINE)
    assert (effect.by_machine, effect.reports_alone) == (True, False)


def test_machine_evidence_below_the_bound_does_nothing_however_probable_a_breach_is() -> None:
    common = replace(GUIDELINES.by_id[ORDINARY], base_rate=0.9)
    often = replace(GUIDELINES, by_id={**GUIDELINES.by_id, ORDINARY: common})
    known = dossier(signals=(signal(1.9),))
    assert choose(assess(known, often, {}, TODAY), often, context()) is None


def test_reports_add_to_machine_evidence_above_the_bound() -> None:
    suspected = signal(2.5)
    assert chosen(dossier(signals=(suspected,))) is None
    effect = chosen(dossier(*map(report, range(4)), signals=(suspected,)))
    assert effect.reason is Reason.MACHINE_AND_REPORTS
    assert (effect.by_machine, effect.reports_alone) == (False, False)


@given(some_dossiers, some_contexts)
def test_reports_that_may_not_be_acted_on_change_nothing_a_creator_can_notice(
    known: Dossier, around: Context
) -> None:
    assume(around.weighting is not Weighting.PRIORITY_AND_THRESHOLD or not around.published)
    silent = assessed(replace(known, reports=()))
    assert choose(assessed(known), GUIDELINES, around) == choose(silent, GUIDELINES, around)


@given(some_dossiers, some_contexts)
def test_below_the_crowd_only_consenting_reporters_change_what_a_creator_can_notice(
    known: Dossier, around: Context
) -> None:
    around = replace(around, qualifying_viewers=CROWD_MIN - 1)
    known = without_grave(known)
    willing = tuple(each for each in known.reports if each.may_be_guessed and around.guess_consent)
    alone = assessed(replace(known, reports=willing))
    assert choose(assessed(known), GUIDELINES, around) == choose(alone, GUIDELINES, around)


@given(some_dossiers, some_contexts)
def test_reporters_whose_budget_is_spent_change_nothing_a_creator_can_notice(
    known: Dossier, around: Context
) -> None:
    known = without_grave(known)
    others = tuple(each for each in known.reports if each.pseudonym not in known.spent)
    without = assessed(replace(known, reports=others))
    assert choose(assessed(known), GUIDELINES, around) == choose(without, GUIDELINES, around)


def test_below_the_crowd_ordinary_reports_alone_do_nothing() -> None:
    assert chosen(loud(), qualifying_viewers=CROWD_MIN) is not None
    assert chosen(loud(), qualifying_viewers=CROWD_MIN - 1) is None
    assert chosen(loud(), qualifying_viewers=CROWD_MIN - 1, guess_consent=True) is None


def test_below_the_crowd_reporters_who_asked_for_it_are_acted_on() -> None:
    willing = [report(each, may_be_guessed=True) for each in range(1, 5)]
    known = dossier(*willing, records=proven(1, 2, 3))
    assert chosen(known, qualifying_viewers=1, guess_consent=True).level is Level.HELD
    assert chosen(known, qualifying_viewers=1, guess_consent=False) is None


def test_a_grave_guideline_waits_for_no_crowd_and_no_budget() -> None:
    threats = [report(each, GRAVE) for each in range(1, 5)]
    spent = frozenset(map(person, range(1, 5)))
    known = dossier(*threats, records=proven(1, 2, 3), spent=spent)
    assert chosen(known, qualifying_viewers=1).guideline == GRAVE


@pytest.mark.parametrize("weighting", [Weighting.OFF, Weighting.SHADOW, Weighting.PRIORITY_ONLY])
def test_a_region_may_keep_reports_to_the_queue(weighting: Weighting) -> None:
    assert chosen(loud(), weighting=weighting) is None


def test_what_is_not_yet_published_is_held_by_machines_and_never_by_reports() -> None:
    assert chosen(dossier(signals=(signal(6.0),)), published=False) is not None
    assert chosen(loud(), published=False) is None


def test_machines_remove_verified_known_content_where_the_guideline_says_so() -> None:
    effect = chosen(dossier(signals=(match(),)))
    assert effect == IntendedEffect(
        level=Level.REMOVED, guideline=KNOWN, reason=Reason.KNOWN_CONTENT
    )
    assert (effect.by_machine, effect.reports_alone) == (True, False)


@pytest.mark.parametrize("almost", [match(verified=False), match(ORDINARY)])
def test_machines_only_hold_what_is_not_verified_or_may_not_be_removed(almost: Signal) -> None:
    effect = chosen(dossier(signals=(almost,)))
    assert effect is not None
    assert effect.level is Level.HELD


def test_reports_never_turn_a_hold_into_a_removal() -> None:
    # A verified match that a detector is not sure of: held, and reports would tip it further.
    unsure = match(weight=6.0)
    crowd = [report(each, KNOWN) for each in range(1, 9)]
    effect = chosen(dossier(*crowd, records=proven(1, 2, 3, 4), signals=(unsure,)))
    assert effect is not None
    assert effect.level is Level.HELD


@given(some_dossiers, some_contexts)
def test_only_verified_known_content_is_ever_removed(known: Dossier, around: Context) -> None:
    effect = choose(assessed(known), GUIDELINES, around)
    if effect and effect.level is Level.REMOVED:
        assert effect.guideline == KNOWN
        assert any(
            each.verified and each.modality is Modality.KNOWN and each.guideline == KNOWN
            for each in known.signals
        )


@given(some_dossiers, some_contexts)
def test_an_effect_is_stricter_than_what_is_there_and_the_cheapest_of_what_is_allowed(
    known: Dossier, around: Context
) -> None:
    assessments = assessed(known)
    effect = choose(assessments, GUIDELINES, around)
    if effect is None:
        return
    assert STRICTNESS.index(effect.level) > STRICTNESS.index(around.level)
    this = next(each for each in assessments if each.guideline == effect.guideline)
    rules = GUIDELINES.by_id[effect.guideline]
    backed = this.unreported + max(this.backing.nats, this.consenting.nats)
    assert backed >= level_threshold(rules, effect.level) - 1e-9
    if effect.by_machine:
        assert this.unreported >= level_threshold(rules, effect.level) - 1e-9


@given(some_dossiers, some_contexts, st.randoms(use_true_random=False))
def test_the_order_of_reports_changes_no_effect(known: Dossier, around: Context, random) -> None:
    shuffled = replace(known, reports=tuple(random.sample(known.reports, len(known.reports))))
    first, second = assessed(known), assessed(shuffled)
    assert choose(first, GUIDELINES, around) == choose(second, GUIDELINES, around)


def test_a_version_that_was_cleared_is_not_held_again_by_reports() -> None:
    assert chosen(loud(human={ORDINARY: CLEARED})) is None


def test_the_strictest_of_several_effects_is_intended() -> None:
    mild, strict = signal(4.0, ORDINARY), signal(6.0, OTHER, "two")
    assert chosen(dossier(signals=(mild,))).level is Level.NOT_RECOMMENDED
    effect = chosen(dossier(signals=(mild, strict)))
    assert (effect.level, effect.guideline) == (Level.HELD, OTHER)


def test_a_report_that_may_not_be_acted_on_does_not_change_which_guideline_is_named() -> None:
    both = (signal(6.0, ORDINARY), signal(6.1, OTHER, "two"))
    for around in ({}, {"weighting": Weighting.PRIORITY_ONLY}):
        assert chosen(dossier(report(1), signals=both), **around).guideline == OTHER
        assert chosen(dossier(signals=both), **around).guideline == OTHER


def test_a_hold_begins_where_it_costs_less_than_showing() -> None:
    rules = GUIDELINES.by_id[ORDINARY]
    needed = hold_threshold(rules) - log_odds(rules.base_rate)
    assert chosen(dossier(signals=(signal(needed + 1e-6),))).level is Level.HELD
    assert chosen(dossier(signals=(signal(needed - 1e-6),))).level is Level.NOT_RECOMMENDED


@given(some_dossiers, st.sampled_from(list(Level)), st.floats(0, 1e6))
def test_regret_is_what_the_present_level_costs_beyond_knowing_the_truth(
    known: Dossier, level: Level, views: float
) -> None:
    for each in assessed(known):
        rules = GUIDELINES.by_id[each.guideline]
        breach = probability(each.log_odds)
        best = min(expected_cost(rules, other, breach) for other in Level)
        regret = expected_cost(rules, level, breach) - best
        rate = regret_rate(each, rules, level, views)
        assert rate >= views * regret - 1e-6
        assert regret_rate(each, rules, level, 2 * views) == pytest.approx(2 * rate)
