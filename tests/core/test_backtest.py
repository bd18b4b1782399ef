"""What other guidelines would have led to, counted."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from types import MappingProxyType
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from underseal.core.backtest import (
    RESTRICTED,
    Backtesting,
    Drawn,
    Fate,
    Judged,
    PastRound,
    RoundEnd,
    Tally,
    audit_figures,
    fates,
)
from underseal.core.cliques import NO_CO_REPORTS
from underseal.core.decision import Finding, Outcome
from underseal.core.effect import Context
from underseal.core.evidence import Dossier, Weighting
from underseal.core.figures import FEW
from underseal.core.guideline import GuidelineId, Guidelines, TopicId
from underseal.core.guideline_file import parse
from underseal.core.prevalence import Audit
from underseal.core.report import CountedReport, Pseudonym
from underseal.core.signal import Modality, Signal
from underseal.core.subject import SubjectId, SubjectKind
from underseal.core.track_record import Credit, TrackRecord, as_it_stood, fold, is_proven
from underseal.core.visibility import Level

TODAY = date(2026, 11, 22)
SUBJECT = SubjectId(UUID(int=1))
IN_FORCE = parse(Path(__file__).with_name("judgement.toml").read_text(), "judgement.toml")
NAMED = tuple(IN_FORCE.by_id)
PRAISE, NUDITY = GuidelineId("praise"), GuidelineId("nudity")
PROVEN = TrackRecord(right=9.0, wrong=0.0, resolved=9, as_of=TODAY)


def changed(guideline: GuidelineId, **changes) -> Guidelines:
    """The guidelines in force, with one of them changed."""
    one = replace(IN_FORCE.by_id[guideline], **changes)
    by_id = MappingProxyType({**IN_FORCE.by_id, guideline: one})
    return replace(IN_FORCE, version="tried", by_id=by_id)


def without(guideline: GuidelineId) -> Guidelines:
    by_id = {name: each for name, each in IN_FORCE.by_id.items() if name != guideline}
    return replace(IN_FORCE, version="tried", by_id=MappingProxyType(by_id))


def cheaper_hold(guidelines: Guidelines, share: float) -> Guidelines:
    """Guidelines under which a hold withholds less speech, though no less than a milder level."""
    by_id = {}
    for name, each in guidelines.by_id.items():
        held, milder = each.costs[Level.HELD], each.costs[Level.NOT_RECOMMENDED]
        speech = milder.speech + share * (held.speech - milder.speech)
        costs = {**each.costs, Level.HELD: replace(held, speech=speech)}
        by_id[name] = replace(each, costs=MappingProxyType(costs))
    return replace(guidelines, version="tried", by_id=MappingProxyType(by_id))


def person(number: int) -> Pseudonym:
    return Pseudonym(number.to_bytes(32))


def report(who: int, about: GuidelineId, **changes) -> CountedReport:
    values = {
        "subject_id": SUBJECT,
        "round": 1,
        "guideline": about,
        "pseudonym": person(who),
        "after_outcome": False,
        "may_be_guessed": False,
        "is_notice": False,
    }
    return CountedReport(**{**values, **changes})


def signal(about: GuidelineId, weight: float, *, verified: bool = False) -> Signal:
    return Signal(
        detector="one",
        detector_version="1",
        modality=Modality.KNOWN if verified else Modality.IMAGE,
        guideline=about,
        score=0.5,
        weight=weight,
        moment=None,
        verified=verified,
    )


def past(
    *reports: CountedReport, signals=(), broken=..., views: int = 0, found=(), **changes
) -> PastRound:
    """A round that a person has decided, unless `broken` is left out."""
    records = {
        (each.pseudonym, IN_FORCE.by_id[each.guideline].topic): PROVEN
        for each in reports
        if each.pseudonym is not None and each.pseudonym[-1] % 2
    }
    values = {
        "dossier": Dossier(
            subject_id=SUBJECT,
            round=1,
            kind=SubjectKind.VIDEO,
            reports=reports,
            records=records,
            co_reports=NO_CO_REPORTS,
            signals=tuple(signals),
            organic_views=views,
            qualifying_viewers=views,
            human={},
            spent=frozenset(),
        ),
        "found": found,
        "context": Context(
            level=Level.PUBLIC,
            published=True,
            qualifying_viewers=views,
            weighting=Weighting.PRIORITY_AND_THRESHOLD,
            guess_consent=False,
            views_per_hour=views / 100,
        ),
        "priors": {},
        "on": TODAY,
        "end": RoundEnd.NOTHING if broken is ... else RoundEnd.PERSON,
        "judged": None if broken is ... else Judged(broken=broken),
    }
    return PastRound(**{**values, **changes})


def replayed(*rounds: PastRound, tried: Guidelines = IN_FORCE, drawn=()):
    testing = Backtesting(before=IN_FORCE, after=tried)
    for each in rounds:
        testing.add(each)
    return testing.result(TODAY, drawn)


guideline_ids = st.sampled_from(NAMED)
rounds = st.builds(
    lambda people, weights, broken, views, known: past(
        *(report(who, about) for who, about in people),
        signals=[signal(about, weight) for about, weight in weights]
        + [signal(about, 13.0, verified=True) for about in known],
        broken=broken,
        views=views,
    ),
    st.lists(st.tuples(st.integers(0, 9), guideline_ids), max_size=8),
    st.lists(st.tuples(guideline_ids, st.floats(-5, 9)), max_size=4),
    st.sampled_from([..., None, *NAMED]),
    st.integers(0, 5_000),
    st.lists(guideline_ids, max_size=1),
)


@given(st.lists(rounds, max_size=6))
def test_the_same_guidelines_lead_to_the_same(history):
    result = replayed(*history)
    for row in (result.overall, *result.by_guideline):
        for change in row.fates.values():
            assert change.come.rounds == change.go.rounds == 0
            assert change.before == change.after
    assert sum(result.rounds.values()) == result.overall.named.rounds == len(history)


@given(st.lists(rounds, max_size=6), st.floats(0, 1))
def test_a_lower_threshold_of_a_hold_never_holds_less(history, share):
    result = replayed(*history, tried=cheaper_hold(IN_FORCE, share))
    for row in (result.overall, *result.by_guideline):
        assert row.fates[Fate.HELD].go.rounds == 0


@given(st.lists(rounds, max_size=6), st.floats(0, 1))
def test_what_is_counted_adds_up(history, share):
    result = replayed(*history, tried=cheaper_hold(IN_FORCE, share))
    for row in (result.overall, *result.by_guideline):
        assert row.broken <= len(history)
        for change in row.fates.values():
            for tally in (change.before, change.after):
                assert tally.undecided >= 0
                assert tally.broke <= row.broken
                assert tally.rounds <= row.named.rounds
                assert tally.precision.hits == row.recall(tally).hits == tally.broke


def test_a_cheaper_hold_holds_more_and_says_what_people_found_of_it():
    weak, strong = signal(NUDITY, 4.0), signal(NUDITY, 8.0)
    history = [
        past(signals=[strong], broken=NUDITY, views=100),
        past(signals=[weak], broken=NUDITY, views=1_000),
        past(signals=[weak], broken=None, views=20),
        past(signals=[weak], views=3),
    ]
    result = replayed(*history, tried=cheaper_hold(IN_FORCE, 0.1))
    (row,) = result.by_guideline
    held = row.fates[Fate.HELD]
    assert row.guideline == NUDITY
    assert (held.before.rounds, held.after.rounds) == (1, 4)
    assert (held.come.broke, held.come.cleared, held.come.undecided) == (1, 1, 1)
    assert (held.come.views, held.after.views) == (1_023, 1_123)
    assert (held.after.precision.hits, held.after.precision.cases) == (2, 3)
    assert row.fates[Fate.NOT_RECOMMENDED].go == held.come
    assert (row.recall(held.before).hits, row.recall(held.after).hits, row.broken) == (1, 2, 2)


def test_what_was_judged_to_break_another_guideline_is_no_hit_for_this_one():
    result = replayed(past(signals=[signal(NUDITY, 8.0)], broken=PRAISE))
    row = next(each for each in result.by_guideline if each.guideline == NUDITY)
    assert row.fates[Fate.HELD].before.precision.hits == 0
    assert result.overall.fates[Fate.HELD].before.precision.hits == 1


def test_known_content_that_machines_would_remove_needs_no_look():
    on = changed(PRAISE, remove_known_content=True)
    match = past(signals=[signal(PRAISE, 13.0, verified=True)])
    assert fates(match, on).overall == {Fate.REMOVED}
    off = fates(match, changed(PRAISE, remove_known_content=False)).overall
    assert off == {Fate.HELD, Fate.QUEUED}


def test_a_guideline_that_is_gone_leads_to_nothing_and_is_named():
    result = replayed(past(signals=[signal(NUDITY, 8.0)], broken=NUDITY), tried=without(NUDITY))
    assert (result.gone, result.new, result.unknown) == ((NUDITY,), (), ())
    (row,) = result.by_guideline
    assert row.fates[Fate.HELD].go.broke == 1
    assert row.fates[Fate.HELD].after.rounds == 0
    back = Backtesting(before=without(NUDITY), after=IN_FORCE)
    back.add(past(signals=[signal(NUDITY, 8.0)]))
    assert back.result(TODAY, ()).new == (NUDITY,)
    assert back.result(TODAY, ()).by_guideline[0].fates[Fate.HELD].come.rounds == 1


def test_a_guideline_of_the_past_that_nobody_knows_any_more_is_named_and_counts_in_all():
    old = GuidelineId("of-old")
    result = replayed(past(signals=[signal(old, 8.0)], broken=old))
    assert result.unknown == (old,)
    assert result.by_guideline == ()
    assert result.overall.broken == 1


def test_what_a_person_had_cleared_before_does_not_lead_to_anything_again():
    seen = past(signals=[signal(NUDITY, 6.0)])
    cleared = replace(seen, found=[(None, Outcome.NO_VIOLATION)])
    assert Fate.HELD in fates(seen, IN_FORCE).overall
    assert fates(cleared, IN_FORCE).overall == frozenset()


def test_what_is_removed_already_is_not_held():
    seen = past(signals=[signal(NUDITY, 8.0)])
    removed = replace(seen, context=replace(seen.context, level=Level.REMOVED))
    assert not fates(removed, IN_FORCE).overall & RESTRICTED


def test_few_reports_are_not_told_where_no_machine_has_spoken():
    lone = replayed(past(report(1, NUDITY))).by_guideline[0]
    assert lone.by_reports_alone
    told = [lone.is_told(Tally(), Tally(rounds=count)) for count in (0, 1, FEW - 1, FEW)]
    assert told == [True, False, False, True]
    assert not lone.is_told(Tally(rounds=FEW, broke=1))
    machine = replayed(past(report(1, NUDITY)), past(signals=[signal(NUDITY, 1.0)]))
    assert machine.by_guideline[0].is_told(Tally(rounds=1))


def test_looks_by_chance_are_counted_for_themselves():
    seen = past(signals=[signal(NUDITY, 8.0)], broken=None)
    result = replayed(seen, replace(seen, is_cover=True))
    assert result.overall.fates[Fate.HELD].before.rounds == 2
    assert result.cover.fates[Fate.HELD].before.cleared == 1


def audit(day_views: int, views: int, *, found: bool) -> Audit:
    return Audit(
        day=TODAY,
        day_views=day_views,
        views=views,
        probability=views / day_views,
        times=1,
        nats=-2.0,
        found=found,
    )


def test_audits_say_which_share_of_the_views_is_missed_and_wrongly_withheld():
    nothing, held = frozenset[Fate](), frozenset({Fate.HELD, Fate.QUEUED})
    queued = frozenset({Fate.QUEUED})
    figures = audit_figures([
        Drawn(audit=audit(1_000, 100, found=True), before=nothing, after=held),
        Drawn(audit=audit(1_000, 10, found=True), before=queued, after=queued),
        Drawn(audit=audit(1_000, 50, found=False), before=nothing, after=held),
        Drawn(audit=audit(1_000, 50, found=False), before=nothing, after=nothing),
    ])  # fmt: skip
    assert figures.violating.value == pytest.approx(2 / 4)
    assert figures.missed.before.value == pytest.approx(1 / 4)
    assert figures.missed.after.value == 0
    assert figures.caught.after.value == pytest.approx(1 / 4)
    assert figures.withheld.before.value == 0
    assert figures.withheld.after.value == pytest.approx(1 / 4)
    assert audit_figures([]).violating.value is None


def credit(days_ago: int, right: float = 1.0) -> Credit:
    return Credit(
        decision_id=UUID(int=days_ago),
        pseudonym=person(1),
        topic=TopicId("bodies"),
        guideline=NUDITY,
        finding=Finding.ACTIONED,
        right=right,
        wrong=0.0,
        resolved=1,
        on=TODAY - timedelta(days=days_ago),
    )


@given(
    st.lists(st.integers(0, 700), unique=True, min_size=1, max_size=12),
    st.integers(0, 700),
)
def test_a_record_is_as_it_stood_before_what_was_credited_since(days, ago):
    earned = [credit(each) for each in days]
    day = TODAY - timedelta(days=ago)
    earlier = [each for each in earned if each.on < day]
    stood = as_it_stood(fold(None, earned, TODAY), [each for each in earned if each.on >= day], day)
    if not earlier:
        assert stood is None
        return
    expected = fold(None, earlier, day)
    assert stood is not None
    assert stood.right == pytest.approx(expected.right, abs=1e-6)
    assert (stood.wrong, stood.resolved, stood.as_of) == (0.0, expected.resolved, day)


def test_who_was_proven_by_the_round_itself_was_not_proven_in_it():
    own = [credit(3), replace(credit(3), decision_id=UUID(int=99))]
    earned = [credit(30), *own]
    assert is_proven(fold(None, earned, TODAY))
    stood = as_it_stood(fold(None, earned, TODAY), own, TODAY - timedelta(days=3))
    assert stood is not None
    assert not is_proven(stood)
