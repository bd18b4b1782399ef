import math
from dataclasses import replace
from datetime import date
from functools import cache
from importlib.resources import files
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from underseal.core.cliques import NO_CO_REPORTS
from underseal.core.evidence import W_MIN, Dossier, assess, probability
from underseal.core.guideline import C_NEW, GuidelineId, Guidelines, TopicId, log_odds
from underseal.core.guideline_file import parse
from underseal.core.prior import (
    DEFAULT_PRIOR,
    PRECISION_MAX,
    PRECISION_MIN,
    REPORTED_MAX,
    STRENGTH_MAX,
    STRENGTH_MIN,
    Counts,
    Population,
    Prior,
    count,
    in_force,
    learn,
    learn_reported,
    shrink,
)
from underseal.core.report import CountedReport, Pseudonym
from underseal.core.subject import SubjectId, SubjectKind
from underseal.core.track_record import TrackRecord, posterior

TODAY = date(2026, 11, 23)
NOBODY = Population()
HATE, SCAM, SPAM = TopicId("hate"), TopicId("scam"), TopicId("spam")

some_counts = st.tuples(st.floats(0, 1e4), st.floats(0, 1e4))
some_records = st.lists(some_counts, max_size=30)


def learnt(*records: Counts) -> Prior:
    return learn(count(NOBODY, records), DEFAULT_PRIOR)


@cache
def shipped() -> Guidelines:
    return parse((files("underseal") / "guidelines.toml").read_text(), "guidelines.toml")


def dossier(guideline: GuidelineId, accounts: int) -> Dossier:
    """What as many new accounts report."""
    subject_id = SubjectId(UUID(int=1))
    reports = tuple(
        CountedReport(
            subject_id=subject_id,
            guideline=guideline,
            pseudonym=Pseudonym(number.to_bytes(32)),
            round=1,
            is_notice=False,
            may_be_guessed=False,
            after_outcome=False,
        )
        for number in range(accounts)
    )
    return Dossier(
        subject_id=subject_id,
        round=1,
        kind=SubjectKind.COMMENT,
        reports=reports,
        records={},
        co_reports=NO_CO_REPORTS,
        signals=(),
        organic_views=0,
        qualifying_viewers=0,
        human={},
        spent=frozenset(),
    )


def test_of_nobody_the_default_is_believed() -> None:
    assert learnt() == DEFAULT_PRIOR
    assert learnt((0.0, 0.0), (0.0, 0.0)) == DEFAULT_PRIOR


def test_what_is_learnt_of_many_is_what_they_are() -> None:
    """4,000 reporters whose precisions are 0.5 and 0.9 in turn, 40 reports each."""
    population = [(20.0, 20.0), (36.0, 4.0)] * 2000
    prior = learnt(*population)
    assert prior.precision == pytest.approx(0.7, abs=0.01)
    # Precisions of 0.5 and 0.9 vary as those of a Beta distribution of this strength do.
    assert prior.strength == pytest.approx(0.7 * 0.3 / 0.2**2 - 1, rel=0.2)


def test_reporters_who_are_all_alike_are_known_by_any_of_them() -> None:
    assert learnt(*[(7.0, 3.0)] * 2000).strength == STRENGTH_MAX


def test_reporters_who_have_nothing_in_common_are_known_by_themselves() -> None:
    assert learnt(*[(30.0, 0.0), (0.0, 30.0)] * 1000).strength == STRENGTH_MIN


def test_the_more_is_known_the_less_the_default_counts() -> None:
    precisions = [learnt(*[(9.0, 1.0)] * many).precision for many in (0, 1, 10, 100, 1000)]
    assert precisions == sorted(precisions)
    assert precisions[1] < 0.35
    assert precisions[-1] == pytest.approx(0.9, abs=0.02)


@given(some_records, st.randoms(use_true_random=False))
def test_the_order_of_records_makes_no_difference(records, shuffle) -> None:
    shuffled = list(records)
    shuffle.shuffle(shuffled)
    prior, other = learnt(*records), learnt(*shuffled)
    assert prior.precision == pytest.approx(other.precision, abs=0.0011)
    assert prior.strength == pytest.approx(other.strength, rel=1e-3, abs=0.0011)


@given(some_records)
def test_whatever_there_is_a_prior_is_within_its_bounds(records) -> None:
    prior = learnt(*records)
    assert PRECISION_MIN <= prior.precision <= PRECISION_MAX
    assert STRENGTH_MIN <= prior.strength <= STRENGTH_MAX
    assert all(math.isfinite(each) for each in shrink(0.0, 0.0, prior))


@given(some_records, some_counts, some_counts)
def test_a_record_that_changes_is_counted_as_if_it_had_always_been_so(records, old, new) -> None:
    moved = count(count(NOBODY, [*records, old]), [new], [old])
    anew = count(NOBODY, [*records, new])
    for name in ("reporters", "right", "squares", "chance"):
        assert getattr(moved, name) == pytest.approx(getattr(anew, name), abs=1e-6)


@given(some_records, some_counts)
def test_nobody_moves_a_prior_by_more_than_one_reporter_may(records, one) -> None:
    """However many reports one account has, true or false."""
    before, after = learnt(*records), learnt(*records, one)
    known = count(NOBODY, records).reporters
    assert abs(after.precision - before.precision) <= 1 / (20 + known) + 0.001


def test_who_has_reported_more_says_more_of_the_population_but_never_as_much_as_two() -> None:
    once, often, always = (learnt((n, 0.0)).precision for n in (1.0, 40.0, 1e9))
    two = learnt((1e9, 0.0), (1e9, 0.0)).precision
    assert DEFAULT_PRIOR.precision < once < often < always < two


def test_a_flood_of_new_accounts_moves_a_prior_little_and_to_its_bounds_at_most() -> None:
    """1,000 reporters with records of ten; then as many accounts with one wrong report each, in
    good faith for all that is known, with one that was made up, and with one easy true one."""
    honest = [(6.0, 4.0)] * 1000
    assert learnt(*honest).precision == pytest.approx(0.6, abs=0.015)
    assert learnt(*honest, *[(0.0, 0.25)] * 1000).precision > 0.53
    assert learnt(*honest, *[(0.0, 1.0)] * 1000).precision > 0.45
    assert learnt(*honest, *[(1.0, 0.0)] * 1000).precision < 0.7
    assert learnt(*honest, *[(0.0, 1.0)] * 20_000).precision == PRECISION_MIN
    assert learnt(*honest, *[(1.0, 0.0)] * 50_000).precision == PRECISION_MAX


def test_whatever_is_learnt_a_newcomer_says_something_on_every_shipped_guideline() -> None:
    worst = Prior(precision=PRECISION_MIN, strength=STRENGTH_MAX)
    for guideline in shipped().by_id.values():
        right, wrong = shrink(0.0, 0.0, worst)
        assert math.log(right / wrong) - log_odds(guideline.base_rate) > W_MIN


@given(
    st.floats(PRECISION_MIN, PRECISION_MAX),
    st.floats(STRENGTH_MIN, STRENGTH_MAX),
    st.integers(1, 60),
)
def test_whatever_is_learnt_unproven_accounts_stay_within_their_cap(
    precision, strength, accounts
) -> None:
    guidelines = shipped()
    priors = {
        topic.id: Prior(precision=precision, strength=strength) for topic in guidelines.topics
    }
    known = dossier(guidelines.by_id["phishing"].id, accounts)
    (assessment,) = assess(known, guidelines, priors, TODAY)
    assert 0 < assessment.backing.unproven_nats <= C_NEW
    assert assessment.backing.proven == 0


def test_newcomers_on_topics_with_a_grave_guideline_are_believed_what_they_are_by_default() -> None:
    guidelines = shipped()
    grave = {each.topic for each in guidelines.by_id.values() if each.grave}
    low = Prior(precision=0.1, strength=32.0, reported=0.7)
    used = in_force({topic.id: low for topic in guidelines.topics}, guidelines)
    assert grave
    assert used.keys() == {topic.id for topic in guidelines.topics}
    for topic, prior in used.items():
        assert prior == (replace(DEFAULT_PRIOR, reported=0.7) if topic in grave else low)


def test_where_nothing_was_judged_it_says_nothing_to_be_reported() -> None:
    assert learn_reported({}) == {}
    assert learn_reported({HATE: []}) == {HATE: 0.0}


@given(st.floats(0.0, 2.0), st.floats(-6.0, 0.0))
def test_what_it_says_to_be_reported_makes_probabilities_come_true(added, nats) -> None:
    """100,000 subjects at each of three log-odds, broken as often as `added` nats more would say, and
    one in fifty decided wrongly."""
    judged = [
        (each, 100_000, round(100_000 * (0.02 + 0.96 * probability(each + added))))
        for each in (nats - 1, nats, nats + 1)
    ]
    assert learn_reported({HATE: judged})[HATE] == pytest.approx(added, abs=0.02)


def test_what_is_reported_is_never_taken_to_be_less_probable_for_it() -> None:
    assert learn_reported({HATE: [(0.0, 1000, 0)]}) == {HATE: 0.0}
    assert learn_reported({HATE: [(-3.0, 1000, 1000)]})[HATE] == pytest.approx(
        REPORTED_MAX, abs=0.01
    )


def test_a_few_mistakes_of_moderators_about_what_is_improbable_move_little() -> None:
    known = [(-1.0, 1000, round(1000 * probability(0.0))), (-6.0, 1000, 2)]
    plain = learn_reported({HATE: known})[HATE]
    mistaken = learn_reported({HATE: [*known, (-8.0, 20, 20)]})[HATE]
    assert plain == pytest.approx(1.0, abs=0.15)
    assert mistaken == pytest.approx(plain, abs=0.15)


def test_a_topic_of_which_little_is_known_is_taken_for_the_others() -> None:
    known = [(-3.0, 10_000, round(10_000 * (0.02 + 0.96 * probability(-2.0))))]
    learnt = learn_reported({HATE: known, SCAM: [(-3.0, 2, 0)], SPAM: []})
    assert learnt[HATE] == pytest.approx(1.0, abs=0.02)
    assert learnt[SPAM] == pytest.approx(learnt[HATE], abs=0.01)
    assert learnt[SCAM] == pytest.approx(0.97, abs=0.03)


def test_that_it_was_reported_is_said_once_and_moves_nothing_but_the_queue() -> None:
    guidelines = shipped()
    named = guidelines.by_id["phishing"]
    told = {named.topic: Prior(precision=0.26, strength=4.0, reported=1.2)}
    for accounts in (1, 3):
        known = dossier(named.id, accounts)
        (plain,) = assess(known, guidelines, {}, TODAY)
        (assessment,) = assess(known, guidelines, told, TODAY)
        assert assessment.log_odds == pytest.approx(plain.log_odds + 1.2)
        assert assessment.backing == plain.backing
        assert assessment.unreported == plain.unreported
        assert math.fsum(each.nats for each in assessment.terms) == assessment.log_odds


def test_a_record_outweighs_a_prior_after_as_many_reports_as_the_prior_is_worth() -> None:
    prior = Prior(precision=0.2, strength=8.0)
    record = TrackRecord(right=8.0, wrong=0.0, resolved=8, as_of=TODAY)
    right, wrong = posterior(record, prior, TODAY)
    assert right / (right + wrong) == pytest.approx((0.2 + 1.0) / 2)
    assert posterior(replace(record, right=0.0), prior, TODAY) == shrink(0.0, 0.0, prior)
    assert posterior(None, prior, TODAY) == shrink(0.0, 0.0, prior)


@pytest.mark.parametrize(
    ("precision", "strength"), [(0.0, 1.0), (1.0, 1.0), (0.5, 0.0), (0.5, math.inf)]
)
def test_a_prior_outside_its_range_is_refused(precision, strength) -> None:
    with pytest.raises(ValueError, match="a prior has"):
        Prior(precision=precision, strength=strength)


@pytest.mark.parametrize("sibling", [0.0, 0.2, 1.01, math.nan])
def test_a_report_of_a_sibling_is_neither_ignored_nor_worth_more_than_a_report(sibling) -> None:
    with pytest.raises(ValueError, match="counts something"):
        Prior(precision=0.26, strength=4.0, sibling=sibling)


def test_that_something_was_reported_cannot_speak_for_it() -> None:
    with pytest.raises(ValueError, match="never speaks for it"):
        Prior(precision=0.5, strength=1.0, reported=-0.1)
