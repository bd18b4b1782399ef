import math
from dataclasses import replace
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from underseal.core.cliques import NO_CO_REPORTS, SharedSubject, count_joint
from underseal.core.confusion import SIBLING_SHARE
from underseal.core.evidence import (
    C_KNOWN,
    C_NEW,
    CLEARED,
    EXPOSURE_MAX,
    GRAVE_SHARE,
    MODALITY_CAP,
    W_MIN,
    Assessment,
    Dossier,
    Weighting,
    as_weighed,
    assess,
    probability,
)
from underseal.core.guideline import GuidelineId, Guidelines, TopicId, log_odds
from underseal.core.guideline_file import parse
from underseal.core.prior import Prior
from underseal.core.report import CountedReport, Pseudonym
from underseal.core.signal import Modality, Signal
from underseal.core.subject import SubjectId, SubjectKind
from underseal.core.track_record import TrackRecord

TODAY = date(2026, 11, 22)
SUBJECT = SubjectId(UUID(int=1))


GRAVE, ORDINARY, ELSEWHERE = map(GuidelineId, ("threat", "praise", "nudity"))
NAMED = (GRAVE, ORDINARY, ELSEWHERE)
TOPIC = TopicId("violence")
GUIDELINES = parse(Path(__file__).with_name("judgement.toml").read_text(), "judgement.toml")

PROVEN = TrackRecord(right=9.0, wrong=0.0, resolved=9, as_of=TODAY)
DEVALUED = TrackRecord(right=0.0, wrong=1_000.0, resolved=4_000, as_of=TODAY)


def changed(name: GuidelineId, **values) -> Guidelines:
    """The guidelines with other values in one of them."""
    other = replace(GUIDELINES.by_id[name], **values)
    return replace(GUIDELINES, by_id={**GUIDELINES.by_id, name: other})


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
    detector: str = "one",
    modality: Modality = Modality.IMAGE,
    about: GuidelineId = ORDINARY,
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


def assess_all(known: Dossier) -> dict[GuidelineId, Assessment]:
    return {each.guideline: each for each in assess(known, GUIDELINES, {}, TODAY)}


def said(known: Dossier, about: GuidelineId = ORDINARY) -> float:
    """What the reports add, in nats."""
    assessment = assess_all(known)[about]
    return assessment.log_odds - assessment.unreported


def records(*people: int, record: TrackRecord = PROVEN) -> dict:
    return {(person(each), TOPIC): record for each in people}


some_weights = st.one_of(st.none(), st.floats(), st.floats(-20, 20))
some_signals = st.builds(
    signal,
    some_weights,
    st.sampled_from(["one", "two", "three"]),
    st.sampled_from(list(Modality)),
    st.sampled_from(NAMED),
    verified=st.booleans(),
)
some_reports = st.builds(
    report,
    st.one_of(st.none(), st.integers(1, 30)),
    st.sampled_from(NAMED),
    round=st.sampled_from([1, 1, 1, 2]),
    may_be_guessed=st.booleans(),
    is_notice=st.booleans(),
    by_trusted_flagger=st.booleans(),
)
some_records = st.dictionaries(
    st.tuples(st.integers(1, 30).map(person), st.just(TOPIC)),
    st.builds(
        TrackRecord,
        right=st.floats(0, 1e6),
        wrong=st.floats(0, 1e6),
        resolved=st.integers(0, 20),
        as_of=st.dates(date(2024, 1, 1), date(2027, 1, 1)),
    ),
    max_size=12,
)
some_co_reports = st.lists(
    st.sets(st.integers(1, 10).map(person), min_size=1).map(
        lambda people: SharedSubject(reporters=frozenset(people), reporters_count=len(people))
    ),
    max_size=8,
).map(count_joint)
some_dossiers = st.builds(
    lambda reports, **known: dossier(*reports, **known),
    st.lists(some_reports, max_size=20),
    records=some_records,
    co_reports=some_co_reports,
    signals=st.lists(some_signals, max_size=8).map(tuple),
    organic_views=st.integers(0, 10**9),
    human=st.dictionaries(st.sampled_from(NAMED), st.sampled_from([CLEARED, 0.0, 3.0])),
    spent=st.frozensets(st.integers(1, 30).map(person)),
)


@given(some_dossiers)
def test_the_terms_sum_to_the_log_odds(known: Dossier) -> None:
    for assessment in assess_all(known).values():
        total = math.fsum(term.nats for term in assessment.terms)
        assert assessment.log_odds == pytest.approx(total, abs=1e-12)
        assert math.isfinite(assessment.log_odds)
        base_rate = GUIDELINES.by_id[assessment.guideline].base_rate
        assert assessment.terms[0].nats == pytest.approx(log_odds(base_rate))


@given(some_dossiers)
def test_no_term_exceeds_its_cap(known: Dossier) -> None:
    for assessment in assess_all(known).values():
        terms = {term.name: term.nats for term in assessment.terms}
        assert 0 <= terms["unproven voices"] <= C_NEW
        assert 0 <= terms["proven voices"] <= C_KNOWN
        assert -EXPOSURE_MAX <= terms["silent viewers"] <= 0
        for modality, cap in MODALITY_CAP.items():
            assert -cap <= terms.get(f"machine: {modality}", 0) <= cap


@given(some_dossiers, st.randoms(use_true_random=False))
def test_the_order_of_reports_and_signals_makes_no_difference(known: Dossier, random) -> None:
    shuffled = replace(
        known,
        reports=tuple(random.sample(known.reports, len(known.reports))),
        signals=tuple(random.sample(known.signals, len(known.signals))),
    )
    assert assess(shuffled, GUIDELINES, {}, TODAY) == assess(known, GUIDELINES, {}, TODAY)


@given(some_dossiers, st.integers(100, 101).map(report), st.booleans())
def test_one_more_independent_report_never_speaks_for_a_subject(
    known: Dossier, more: CountedReport, proven: bool
) -> None:
    if proven and more.pseudonym is not None:
        known = replace(known, records={**known.records, (more.pseudonym, TOPIC): PROVEN})
    before = assess_all(known)
    after = assess_all(replace(known, reports=(*known.reports, more)))
    for name, assessment in before.items():
        assert after[name].log_odds >= assessment.log_odds - 1e-12
        assert after[name].backing.nats >= assessment.backing.nats - 1e-12


@given(some_dossiers)
def test_reports_never_speak_for_a_subject(known: Dossier) -> None:
    for assessment in assess_all(known).values():
        assert assessment.log_odds >= assessment.unreported - 1e-12
        assert assessment.backing.nats >= 0
        assert assessment.consenting.nats >= 0


def test_even_the_least_believed_reporter_is_heard() -> None:
    assert said(dossier(report(), records=records(1, record=DEVALUED))) == pytest.approx(W_MIN)


def test_new_reporters_say_a_quarter_of_their_cap_each_and_four_reach_it() -> None:
    assert said(dossier(report())) == pytest.approx(C_NEW / 4)
    assert said(dossier(*map(report, range(4)))) == pytest.approx(C_NEW)
    assert said(dossier(*map(report, range(500)))) == pytest.approx(C_NEW)


def test_proven_reporters_say_a_third_of_their_cap_each_and_three_reach_it() -> None:
    assert said(dossier(report(), records=records(1))) == pytest.approx(C_KNOWN / 3)
    many = range(1, 20)
    assert said(dossier(*map(report, many), records=records(*many))) == pytest.approx(C_KNOWN)


def test_proven_voices_after_the_third_count_a_quarter() -> None:
    often_broken = changed(ORDINARY, base_rate=0.5)
    even = {TOPIC: Prior(precision=0.5, strength=2.0)}
    mostly_right = TrackRecord(right=3.0, wrong=1.0, resolved=4, as_of=TODAY)
    people = range(5)
    known = dossier(*map(report, people), records=records(*people, record=mostly_right))
    (assessment,) = assess(known, often_broken, even, TODAY)
    one_voice = math.log((3 + 1) / (1 + 1))  # with the prior's one right and one wrong report
    assert assessment.backing.proven_nats == pytest.approx((3 + 2 / 4) * one_voice)


def test_proven_and_new_reporters_add_up() -> None:
    known = dossier(report(1), report(2), records=records(1))
    assert said(known) == pytest.approx(C_KNOWN / 3 + C_NEW / 4)
    assessment = assess_all(known)[ORDINARY]
    assert (assessment.voices_proven, assessment.voices_unproven) == (1, 1)


def test_three_human_decisions_are_needed_to_be_proven_however_good_the_record() -> None:
    unproven = replace(PROVEN, resolved=2)
    assert said(dossier(report(), records=records(1, record=unproven))) == pytest.approx(C_NEW / 4)


def test_everybody_without_an_account_is_one_voice() -> None:
    strangers = dossier(*[report(None)] * 500)
    assert said(strangers) == pytest.approx(C_NEW / 4)
    assert assess_all(strangers)[ORDINARY].voices_unproven == 1


def test_colluding_reporters_are_one_voice() -> None:
    clique = [SharedSubject(reporters=frozenset({person(1), person(2)}), reporters_count=2)] * 3
    pair = dossier(report(1), report(2), co_reports=count_joint(clique))
    assert said(pair) == pytest.approx(C_NEW / 4)
    assert assess_all(pair)[ORDINARY].voices_unproven == 1


def test_a_report_for_a_sibling_guideline_counts_in_part_and_another_topic_not_at_all() -> None:
    known = dossier(report(1, GRAVE), report(2, ELSEWHERE), signals=(signal(0.0),))
    assert said(known) == pytest.approx(SIBLING_SHARE * C_NEW / 4)


def test_a_report_for_a_sibling_counts_what_the_topic_has_taught() -> None:
    known = dossier(report(guideline=GRAVE))
    for sibling in (0.25, 0.8):
        priors = {TOPIC: Prior(precision=0.26, strength=4.0, sibling=sibling)}
        found = {
            each.guideline: each
            for each in assess(replace(known, signals=(signal(0.0),)), GUIDELINES, priors, TODAY)
        }
        assert found[ORDINARY].backing.unproven_nats == pytest.approx(sibling * C_NEW / 4)


def test_who_reports_a_guideline_and_its_sibling_speaks_once() -> None:
    assert said(dossier(report(1), report(1, GRAVE))) == pytest.approx(C_NEW / 4)


def test_reports_of_a_decided_round_no_longer_count() -> None:
    assert assess_all(dossier(report(round=2))) == {}


def test_viewers_who_did_not_report_speak_for_the_subject_but_never_beyond_the_reports() -> None:
    four = [report(each) for each in range(4)]
    quiet = said(dossier(*four, organic_views=0))
    some = said(dossier(*four, organic_views=500))
    assert quiet - some == pytest.approx(0.0019 * 500)
    assert said(dossier(*four, organic_views=10**9)) == pytest.approx(0)


def test_silence_says_no_more_than_its_cap() -> None:
    many = range(1, 8)
    loud = dossier(*map(report, many), report(90), records=records(*many), organic_views=10**9)
    assert said(loud) == pytest.approx(C_KNOWN + C_NEW / 4 - math.log(50))


def test_a_grave_guideline_devalues_nobody_below_half_of_a_new_reporter() -> None:
    for name, least in ((GRAVE, GRAVE_SHARE * C_NEW / 4), (ORDINARY, W_MIN)):
        known = dossier(report(1, name), records=records(1, record=DEVALUED))
        assert said(known, name) == pytest.approx(least)


def test_what_was_cleared_stays_improbable_whatever_is_reported() -> None:
    many = range(1, 50)
    known = dossier(
        *map(report, many),
        *(report(each) for each in range(100, 150)),
        records=records(*many),
        signals=(signal(20.0),),
        human={ORDINARY: CLEARED},
    )
    assessment = assess_all(known)[ORDINARY]
    assert assessment.is_looked_at
    assert probability(assessment.log_odds) <= GUIDELINES.by_id[ORDINARY].base_rate * 1.001


@given(some_dossiers)
def test_who_has_spent_their_budget_moves_the_queue_but_no_effect(known: Dossier) -> None:
    others = tuple(each for each in known.reports if each.pseudonym not in known.spent)
    without = assess_all(replace(known, reports=others))
    for name, assessment in assess_all(known).items():
        if name in without and name != GRAVE:
            assert assessment.backing == without[name].backing


def test_the_queue_still_hears_who_has_spent_their_budget() -> None:
    assert said(dossier(report(1), spent=frozenset({person(1)}))) == pytest.approx(C_NEW / 4)


def test_a_spent_budget_does_not_bind_a_grave_guideline() -> None:
    known = dossier(report(1, GRAVE), spent=frozenset({person(1)}))
    assert assess_all(known)[GRAVE].backing.nats == pytest.approx(C_NEW / 4)


def test_only_who_consented_backs_an_effect_that_lets_them_be_guessed() -> None:
    known = dossier(report(1, may_be_guessed=True), report(2))
    assessment = assess_all(known)[ORDINARY]
    assert assessment.backing.unproven == 2
    assert assessment.consenting.unproven == 1


def test_a_guideline_for_other_kinds_of_subject_is_not_assessed() -> None:
    narrow = changed(ORDINARY, subjects=frozenset({SubjectKind.VIDEO}))
    on_account = dossier(report(), kind=SubjectKind.ACCOUNT)
    assert assess(on_account, narrow, {}, TODAY) == ()
    assert len(assess(dossier(report()), narrow, {}, TODAY)) == 1


def test_a_guideline_that_no_longer_exists_is_passed_over() -> None:
    gone = GuidelineId("gone")
    known = dossier(report(1, gone), report(2), signals=(signal(1.0, about=gone),))
    assert list(assess_all(known)) == [ORDINARY]


def test_an_assessment_knows_of_notices_and_verified_matches() -> None:
    match = signal(9.0, "known", Modality.KNOWN, verified=True)
    assessment = assess_all(dossier(report(is_notice=True), signals=(match,)))[ORDINARY]
    assert assessment.has_notice
    assert assessment.is_known
    assert assessment.is_reported
    plain = assess_all(dossier(signals=(signal(9.0, verified=True),)))[ORDINARY]
    known_of_it = (plain.is_known, plain.has_notice, plain.is_reported, plain.is_looked_at)
    assert known_of_it == (False,) * 4


@pytest.mark.parametrize("weighting", [Weighting.OFF, Weighting.SHADOW])
def test_where_track_records_are_not_used_everybody_counts_as_new(weighting: Weighting) -> None:
    known = dossier(report(1), report(2), records={**records(1), **records(2, record=DEVALUED)})
    assert said(as_weighed(known, weighting)) == pytest.approx(C_NEW / 2)
    assert as_weighed(known, Weighting.PRIORITY_ONLY) is known


def test_probability_is_the_inverse_of_log_odds_and_never_overflows() -> None:
    assert probability(log_odds(0.03)) == pytest.approx(0.03)
    assert (probability(-1e6), probability(1e6)) == (0, 1)
