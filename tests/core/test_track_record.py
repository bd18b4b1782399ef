from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from underseal.core import track_record
from underseal.core.case import ModeratorId
from underseal.core.decision import Automation, Decision, DecisionId, Finding, Outcome, Verdict
from underseal.core.guideline import GuidelineId, TopicId
from underseal.core.guideline_file import parse
from underseal.core.prior import DEFAULT_PRIOR, Prior
from underseal.core.report import CountedReport, Pseudonym
from underseal.core.subject import SubjectId
from underseal.core.track_record import (
    CARRIED_LEAST,
    HALF_LIFE_DAYS,
    PROVEN_RESOLVED,
    PROVEN_RIGHT,
    Credit,
    TrackRecord,
    at,
    carried_over,
    fold,
    is_proven,
    is_proven_on,
    merge,
    posterior,
    precision,
    reversal,
)
from underseal.core.visibility import Visibility

TOPIC = TopicId("violence")
NAMED, SIBLING, ELSEWHERE = map(GuidelineId, ("praise", "threat", "nudity"))
GUIDELINES = parse(Path(__file__).with_name("judgement.toml").read_text(), "judgement.toml")
DAY = date(2026, 6, 1)
SUBJECT = SubjectId(UUID(int=1))
APPEAL = UUID(int=99)

days = st.dates(date(2024, 1, 1), date(2030, 12, 31))
amounts = st.floats(0, 1)


def person(number: int) -> Pseudonym:
    return Pseudonym(number.to_bytes(32))


def report(who: int | None = 1, about: GuidelineId = NAMED, **changes) -> CountedReport:
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


def decision(finding: Finding = Finding.ACTIONED, *, by_machine: bool = False) -> Decision:
    actioned = finding is Finding.ACTIONED
    return Decision(
        id=DecisionId(UUID(int=7)),
        subject_id=SUBJECT,
        round=1,
        verdict=Verdict(
            outcome=Outcome.REMOVE if actioned else Outcome.NO_VIOLATION,
            guideline=NAMED if actioned else None,
            finding=finding,
        ),
        visibility=Visibility(),
        automation=Automation.FULLY if by_machine else Automation.NOT_AUTOMATED,
        decided_by=None if by_machine else ModeratorId(UUID(int=3)),
        decided_at=datetime(2026, 6, 1, tzinfo=UTC),
        guidelines_version=GUIDELINES.version,
    )


def credit(right: float = 1.0, wrong: float = 0.0, on: date = DAY) -> Credit:
    return Credit(
        decision_id=UUID(int=7),
        pseudonym=person(1),
        topic=TOPIC,
        guideline=NAMED,
        finding=Finding.ACTIONED,
        right=right,
        wrong=wrong,
        resolved=1,
        on=on,
    )


def same(one: TrackRecord, other: TrackRecord) -> bool:
    return (
        one.right == pytest.approx(other.right, abs=1e-9)
        and one.wrong == pytest.approx(other.wrong, abs=1e-9)
        and one.resolved == other.resolved
        and one.as_of == other.as_of
    )


some_credits = st.lists(st.builds(credit, right=amounts, wrong=amounts, on=days), max_size=12)


def test_a_report_that_was_actioned_is_right() -> None:
    (earned,) = track_record.credits(decision(), [report()], GUIDELINES, DAY)
    assert (earned.right, earned.wrong, earned.resolved) == (1, 0, 1)
    assert (earned.pseudonym, earned.topic, earned.guideline) == (person(1), TOPIC, NAMED)
    assert earned.on == DAY


def test_a_report_of_a_sibling_guideline_is_half_right() -> None:
    (earned,) = track_record.credits(decision(), [report(about=SIBLING)], GUIDELINES, DAY)
    assert (earned.right, earned.wrong, earned.resolved) == (0.5, 0, 1)


def test_a_report_of_another_topic_earns_nothing_and_costs_nothing() -> None:
    assert track_record.credits(decision(), [report(about=ELSEWHERE)], GUIDELINES, DAY) == ()


@pytest.mark.parametrize("finding", [Finding.DUPLICATE, Finding.INSUFFICIENT])
def test_a_report_that_says_too_little_or_nothing_new_costs_nothing(finding: Finding) -> None:
    assert track_record.credits(decision(finding), [report()], GUIDELINES, DAY) == ()


def test_a_mistake_in_good_faith_costs_far_less_than_a_made_up_report() -> None:
    (mistaken,) = track_record.credits(decision(Finding.NO_VIOLATION), [report()], GUIDELINES, DAY)
    charge = track_record.charged(mistaken, DAY)
    made_up = track_record.fold(None, [mistaken, charge], DAY)
    assert mistaken.right == made_up.right == 0
    assert 0 < 4 * mistaken.wrong <= made_up.wrong
    assert made_up.resolved == mistaken.resolved


def test_a_machine_teaches_nothing_about_reporters() -> None:
    assert track_record.credits(decision(by_machine=True), [report()], GUIDELINES, DAY) == ()


@pytest.mark.parametrize(
    "unearned", [report(after_outcome=True), report(who=None), report(round=2)]
)
def test_followers_strangers_and_other_rounds_earn_nothing(unearned: CountedReport) -> None:
    assert track_record.credits(decision(), [unearned], GUIDELINES, DAY) == ()


def test_naming_every_guideline_of_a_topic_earns_no_more_than_naming_the_right_one() -> None:
    shotgun = [report(about=each) for each in (SIBLING, NAMED)]
    assert track_record.credits(decision(), shotgun, GUIDELINES, DAY) == track_record.credits(
        decision(), [report()], GUIDELINES, DAY
    )


@given(st.lists(st.tuples(st.integers(1, 4), st.sampled_from((NAMED, SIBLING, ELSEWHERE)))))
def test_credits_do_not_depend_on_the_order_of_reports(
    named: list[tuple[int, GuidelineId]],
) -> None:
    reports = [report(who, about) for who, about in named]
    assert track_record.credits(decision(), reports, GUIDELINES, DAY) == track_record.credits(
        decision(), reports[::-1], GUIDELINES, DAY
    )


@given(some_credits, days, st.randoms(use_true_random=False))
def test_a_record_does_not_depend_on_the_order_of_credits(earned, on, random) -> None:
    shuffled = random.sample(earned, len(earned))
    assert fold(None, earned, on) == fold(None, shuffled, on)


@given(some_credits, some_credits, days, days)
def test_a_record_is_the_same_folded_at_once_or_in_pieces(
    first, second, one_day, other_day
) -> None:
    pieces = fold(fold(None, first, one_day), second, other_day)
    assert same(pieces, fold(None, [*first, *second], max(one_day, other_day)))


@given(some_credits, st.builds(credit, right=amounts, wrong=amounts, on=days), days, days)
def test_what_an_appeal_takes_back_leaves_no_trace(others, overturned, reversed_on, on) -> None:
    last = max(on, reversed_on, overturned.on)
    taken_back = reversal(overturned, APPEAL, reversed_on)
    assert taken_back.decision_id == APPEAL
    assert same(fold(None, [*others, overturned, taken_back], last), fold(None, others, last))


def test_credits_lose_half_their_weight_every_half_life() -> None:
    later = at(fold(None, [credit()], DAY), DAY + timedelta(days=HALF_LIFE_DAYS))
    assert (later.right, later.resolved) == (0.5, 1)


def test_a_clock_that_was_behind_makes_no_record_grow() -> None:
    record = fold(None, [credit(on=DAY)], DAY - timedelta(days=3))
    assert (record.right, record.as_of) == (1, DAY)


@given(some_credits, some_credits, days, days)
def test_a_new_years_pseudonym_inherits_the_record(old, new, one_day, other_day) -> None:
    merged = merge(fold(None, old, one_day), fold(None, new, other_day))
    assert same(merged, fold(None, [*old, *new], max(one_day, other_day)))


@given(some_credits, days, st.floats(0.01, 0.99), st.floats(0.1, 100))
def test_precision_is_a_probability_and_rises_with_each_right_report(
    earned, on, mean, strength
) -> None:
    prior = Prior(precision=mean, strength=strength)
    record = fold(None, earned, on)
    better = fold(record, [credit(on=record.as_of)], on)
    worse = fold(record, [credit(right=0, wrong=1, on=record.as_of)], on)
    ordered = [precision(each, prior, record.as_of) for each in (worse, record, better)]
    assert 0 < ordered[0] < ordered[1] < ordered[2] < 1


def test_a_new_reporter_is_believed_like_the_population() -> None:
    prior = Prior(precision=0.3, strength=5)
    assert precision(None, prior, DAY) == pytest.approx(0.3)
    assert posterior(None, prior, DAY) == pytest.approx((1.5, 3.5))


def test_an_old_record_says_no_more_than_the_population() -> None:
    record = fold(None, [credit()] * 50, DAY)
    assert precision(record, DEFAULT_PRIOR, DAY) > 0.9
    much_later = DAY + timedelta(days=20 * HALF_LIFE_DAYS)
    assert precision(record, DEFAULT_PRIOR, much_later) == pytest.approx(
        DEFAULT_PRIOR.precision, abs=1e-3
    )


def test_a_record_half_taken_back_before_it_arrived_still_has_a_precision() -> None:
    early = fold(None, [reversal(credit(), APPEAL, DAY)], DAY)
    assert early.right == -1
    assert precision(early, DEFAULT_PRIOR, DAY) == pytest.approx(DEFAULT_PRIOR.precision)


def test_who_is_right_every_fourth_time_is_still_believed() -> None:
    honest = [credit(), *[credit(right=0, wrong=0.25)] * 3] * 20
    assert precision(fold(None, honest, DAY), DEFAULT_PRIOR, DAY) > 0.5


def test_three_right_reports_prove_a_reporter_and_two_do_not() -> None:
    assert is_proven(fold(None, [credit()] * 3, DAY))
    assert not is_proven(fold(None, [credit()] * 2, DAY))


def test_no_number_of_mistakes_proves_a_reporter_who_was_right_once() -> None:
    mistakes = [credit(right=0, wrong=0.25)] * 9
    assert not is_proven(fold(None, [credit(), *mistakes], DAY))


def test_who_is_mostly_wrong_is_not_proven_by_being_right_often() -> None:
    mixed = [*[credit()] * 5, *[credit(right=0, wrong=1)] * 5]
    assert not is_proven(fold(None, mixed, DAY))


def test_who_has_not_reported_for_long_is_no_longer_proven() -> None:
    record = fold(None, [credit()] * 3, DAY)
    assert is_proven(at(record, DAY + timedelta(days=HALF_LIFE_DAYS)))
    assert not is_proven(at(record, DAY + timedelta(days=HALF_LIFE_DAYS + 1)))


def test_a_record_of_a_day_that_has_not_come_says_what_it_will_say_then() -> None:
    record = TrackRecord(right=2.0, wrong=1.1, resolved=4, as_of=DAY)
    earlier = DAY - timedelta(days=2 * HALF_LIFE_DAYS)
    assert posterior(record, DEFAULT_PRIOR, earlier) == posterior(record, DEFAULT_PRIOR, DAY)
    nearly = TrackRecord(right=PROVEN_RIGHT, wrong=0.0, resolved=3, as_of=DAY)
    assert is_proven_on(nearly, earlier)
    assert not is_proven_on(nearly, DAY + timedelta(days=1))


@pytest.mark.parametrize(("mean", "strength"), [(0, 1), (1, 1), (0.5, 0), (0.5, float("inf"))])
def test_a_prior_that_no_report_could_change_or_that_says_nothing_is_refused(
    mean: float, strength: float
) -> None:
    with pytest.raises(ValueError, match="precision"):
        Prior(precision=mean, strength=strength)


def test_topics_are_kept_apart() -> None:
    both = [report(about=NAMED), report(about=ELSEWHERE)]
    topics = [
        each.topic
        for each in track_record.credits(decision(Finding.NO_VIOLATION), both, GUIDELINES, DAY)
    ]
    assert sorted(topics) == ["bodies", "violence"]


records = st.builds(
    TrackRecord,
    right=st.floats(0, 500),
    wrong=st.floats(0, 500),
    resolved=st.integers(0, 900),
    as_of=days,
)


@given(records, st.integers(0, 2000))
def test_what_is_carried_over_is_near_what_was_there(record, later) -> None:
    day = record.as_of + timedelta(days=later)
    left, carried = at(record, day), carried_over(record, day)
    for exact, rounded in ((left.right, carried.right), (left.wrong, carried.wrong)):
        assert rounded == 0 or rounded in {2.0**power for power in range(-4, 10)}
        assert rounded / 1.4143 <= exact <= max(rounded, CARRIED_LEAST) * 1.4143
    assert carried.resolved == min(record.resolved, PROVEN_RESOLVED)
    assert carried.as_of == day
    assert carried_over(carried, day) == carried


@given(records, records)
def test_who_is_proven_by_what_was_carried_over_was_so_before_or_nearly(old, new) -> None:
    """Precision moves by less than a moderator's band is wide, however large the record was."""
    day = max(old.as_of, new.as_of)
    before = precision(merge(old, new), DEFAULT_PRIOR, day)
    after = precision(merge(carried_over(old, day), new), DEFAULT_PRIOR, day)
    assert abs(after - before) < 0.18


def test_a_record_that_nothing_is_left_of_is_carried_over_as_nothing() -> None:
    gone = TrackRecord(right=0.01, wrong=-1e-12, resolved=0, as_of=DAY)
    assert carried_over(gone, DAY) == TrackRecord(right=0.0, wrong=0.0, resolved=0, as_of=DAY)


def test_a_clock_that_was_ahead_leaves_no_day_of_its_own() -> None:
    ahead = TrackRecord(right=1.0, wrong=0.0, resolved=1, as_of=DAY + timedelta(days=9))
    assert carried_over(ahead, DAY).as_of == DAY
