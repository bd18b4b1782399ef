"""The evidence against the formula of its module, written down once more with nothing left out."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from underseal.core.cliques import NO_CO_REPORTS, SharedSubject, count_joint, merge_colluding
from underseal.core.confusion import SIBLING_MIN
from underseal.core.evidence import (
    C_KNOWN,
    C_NEW,
    EXPOSURE_MAX,
    GRAVE_SHARE,
    PROVEN_MAX,
    REPORTS_PER_VIEW_BENIGN,
    REPORTS_PER_VIEW_VIOLATING,
    REST_SHARE,
    TOP_PROVEN,
    UNPROVEN_MAX,
    W_MIN,
    Backing,
    Dossier,
    assess,
    is_exempt,
)
from underseal.core.guideline import Guideline, GuidelineId, TopicId, log_odds
from underseal.core.guideline_file import parse
from underseal.core.prior import PRECISION_MAX, PRECISION_MIN, STRENGTH_MAX, STRENGTH_MIN, Prior
from underseal.core.report import CountedReport, Pseudonym
from underseal.core.signal import Modality, Signal
from underseal.core.subject import SubjectId, SubjectKind
from underseal.core.track_record import TrackRecord, is_proven_on, precision

TODAY = date(2026, 11, 22)
SUBJECT = SubjectId(UUID(int=1))
GRAVE, ORDINARY, ELSEWHERE = map(GuidelineId, ("threat", "praise", "nudity"))
TOPIC = TopicId("violence")
GUIDELINES = parse(Path(__file__).with_name("judgement.toml").read_text(), "judgement.toml")

RECORDS = {
    "unknown": [],
    "devalued": [(0.0, 1_000.0, 4_000)],
    "proven": [(9.0, 0.0, 9), (4.0, 1.0, 5), (2.0, 1.0, 3)],
    "mixed": [(0.0, 50.0, 60), (9.0, 0.0, 9), (2.0, 3.0, 7), (1.5, 0.0, 3), (1.0, 0.0, 1)],
}


def person(number: int) -> Pseudonym:
    return Pseudonym(number.to_bytes(32))


def draw_dossier(draw: random.Random, size: int, kind: str, share: float) -> Dossier:
    """Reports of so many people, of whom a share has records, with groups and spent budgets."""
    people = [None, *map(person, range(1, size + 1))]
    named = draw.choice([[ORDINARY], [GRAVE], [GRAVE, ORDINARY], [GRAVE, ORDINARY, ELSEWHERE]])
    reports = tuple(
        CountedReport(
            subject_id=SUBJECT,
            round=draw.choice([1, 1, 1, 1, 2]),
            guideline=draw.choice(named),
            pseudonym=draw.choice(people),
            after_outcome=False,
            may_be_guessed=draw.random() < share,
            is_notice=draw.random() < 0.02,
            by_trusted_flagger=draw.random() < 0.02,
        )
        for _ in range(2 * size)
    )
    records = {
        (who, draw.choice([TOPIC, TOPIC, TopicId("bodies")])): TrackRecord(
            right=right,
            wrong=wrong,
            resolved=resolved,
            as_of=TODAY - timedelta(days=draw.randrange(-3, 400)),
        )
        for who in people[1:]
        for right, wrong, resolved in draw.sample(RECORDS[kind], min(1, len(RECORDS[kind])))
        if draw.random() < 2 * share
    }
    cliques = [
        frozenset(draw.sample(people[1 : size + 1][:150], draw.randint(1, min(5, size))))
        for _ in range(draw.choice([0, 1, 9]))
    ]
    met = [SharedSubject(reporters=each, reporters_count=len(each)) for each in cliques * 3]
    return Dossier(
        subject_id=SUBJECT,
        round=1,
        kind=SubjectKind.VIDEO,
        reports=reports,
        records=records,
        co_reports=count_joint(met) if met else NO_CO_REPORTS,
        signals=tuple(
            Signal(
                detector="one",
                detector_version="1",
                modality=Modality.IMAGE,
                guideline=each,
                score=0.5,
                weight=1.0,
                moment=None,
            )
            for each in (GRAVE, ORDINARY)
        ),
        organic_views=draw.choice([0, 0, 300, 10**6]),
        qualifying_viewers=100,
        human={},
        spent=frozenset(each for each in people[1:] if draw.random() < draw.choice([0, share / 3])),
    )


def formula(
    known: Dossier, guideline: Guideline, prior: Prior, reports: Sequence[CountedReport]
) -> Backing:
    """What the voices behind these reports add up to: every one weighed, in no hurry."""
    topics = {each.id: each.topic for each in GUIDELINES.by_id.values()}
    heard = [each for each in reports if topics[each.guideline] == guideline.topic]
    own = {each.pseudonym for each in heard if each.guideline == guideline.id}
    flaggers = {each.pseudonym for each in known.reports if each.by_trusted_flagger} - {None}
    base = log_odds(guideline.base_rate)

    def is_proven(who: Pseudonym | None) -> bool:
        record = None if who is None else known.records.get((who, guideline.topic))
        return record is not None and is_proven_on(record, TODAY)

    def believed(who: Pseudonym | None) -> float:
        record = None if who is None else known.records.get((who, guideline.topic))
        nats = log_odds(precision(record, prior, TODAY))
        return max(nats, log_odds(prior.precision)) if who in flaggers else nats

    def nats(who: Pseudonym | None) -> float:
        least = W_MIN
        if guideline.grave:
            least = max(least, GRAVE_SHARE * min(log_odds(prior.precision) - base, UNPROVEN_MAX))
        most = PROVEN_MAX if is_proven(who) else UNPROVEN_MAX
        return (1 if who in own else prior.sibling) * max(least, min(believed(who) - base, most))

    group_of = {who: group for group in merge_colluding(known.co_reports) for who in group}
    everybody = {each.pseudonym for each in heard}
    voices = {frozenset(everybody & group_of.get(who, {who})) for who in everybody}
    proven = [[nats(who) for who in voice if is_proven(who)] for voice in voices]
    unproven = [[nats(who) for who in voice if not is_proven(who)] for voice in voices]
    strongest = sorted((max(each) for each in proven if each), reverse=True)
    concave = sum(strongest[:TOP_PROVEN]) + REST_SHARE * sum(strongest[TOP_PROVEN:])
    said = min(C_KNOWN, concave), min(C_NEW, sum(max(each) for each in unproven if each))
    silent = (REPORTS_PER_VIEW_VIOLATING - REPORTS_PER_VIEW_BENIGN) * known.organic_views
    return Backing(
        proven_nats=said[0],
        unproven_nats=said[1],
        silence_nats=min(EXPOSURE_MAX, silent, sum(said)),
        proven=len(strongest),
        unproven=len(voices) - len(strongest),
    )


def agrees(found: Backing, expected: Backing) -> None:
    assert (found.proven, found.unproven) == (expected.proven, expected.unproven)
    for name in ("proven_nats", "unproven_nats", "silence_nats"):
        assert getattr(found, name) == pytest.approx(getattr(expected, name), abs=1e-9)


some_priors = st.builds(
    Prior,
    precision=st.floats(PRECISION_MIN, PRECISION_MAX),
    strength=st.floats(STRENGTH_MIN, STRENGTH_MAX),
    sibling=st.floats(SIBLING_MIN, 1),
)


@given(
    st.integers(0, 2**32),
    st.sampled_from([1, 2, 3, 5, 9, 20, 60, 200]),
    st.sampled_from(sorted(RECORDS)),
    st.sampled_from([0.05, 0.5]),
    st.sampled_from([None, 0.3, 0.7]),
    some_priors,
)
def test_voices_add_up_as_the_formula_says(
    seed: int, size: int, kind: str, share: float, base_rate: float | None, prior: Prior
) -> None:
    """Who is proven or not, without an account, in a group, a flagger, spent or may be guessed."""
    known = draw_dossier(random.Random(seed), size, kind, share)
    by_id: Mapping[GuidelineId, Guideline] = GUIDELINES.by_id
    if base_rate is not None:  # where it is high, one voice says little
        by_id = {name: replace(each, base_rate=base_rate) for name, each in by_id.items()}
    guidelines = replace(GUIDELINES, by_id=by_id)
    filed = [each for each in known.reports if each.round == known.round]
    unspent = [each for each in filed if each.pseudonym not in known.spent]
    for found in assess(known, guidelines, {TOPIC: prior, TopicId("bodies"): prior}, TODAY):
        guideline = by_id[found.guideline]
        everybody = formula(known, guideline, prior, filed)
        terms = {each.name: each.nats for each in found.terms}
        assert terms["proven voices"] == pytest.approx(everybody.proven_nats, abs=1e-9)
        assert terms["unproven voices"] == pytest.approx(everybody.unproven_nats, abs=1e-9)
        assert terms["silent viewers"] == pytest.approx(-everybody.silence_nats, abs=1e-9)
        assert (found.voices_proven, found.voices_unproven) == (
            everybody.proven,
            everybody.unproven,
        )
        own = [each for each in filed if each.guideline == guideline.id]
        assert found.is_reported == bool(own)
        assert found.has_notice == any(each.is_notice for each in own)
        assert found.has_flagged_notice == any(each.by_trusted_flagger for each in own)
        if is_exempt(guideline):
            agrees(found.backing, everybody)
            assert found.consenting == Backing()
        else:
            consenting = [each for each in unspent if each.may_be_guessed]
            agrees(found.backing, formula(known, guideline, prior, unspent))
            agrees(found.consenting, formula(known, guideline, prior, consenting))
