"""A trusted flagger is never believed less than a newcomer, whatever their record."""

from datetime import date
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from underseal.core.cliques import NO_CO_REPORTS
from underseal.core.evidence import Assessment, Dossier, assess
from underseal.core.guideline import GuidelineId
from underseal.core.guideline_file import parse
from underseal.core.prior import Prior
from underseal.core.report import CountedReport, Pseudonym
from underseal.core.subject import SubjectKind, SubjectRef
from underseal.core.track_record import TrackRecord

GUIDELINES = parse(Path(__file__).with_name("judgement.toml").read_text(), "judgement.toml")
GRAVE, ORDINARY = GuidelineId("threat"), GuidelineId("praise")
SUBJECT = SubjectRef(kind=SubjectKind.VIDEO, external_id="v1").subject_id
TODAY = date(2026, 11, 22)
FLAGGER = 99

others = st.sets(st.integers(1, 12), max_size=8)
records = st.builds(
    TrackRecord,
    right=st.floats(0, 1e6),
    wrong=st.floats(0, 1e6),
    resolved=st.integers(0, 50),
    as_of=st.dates(date(2024, 1, 1), TODAY),
)
priors = st.builds(Prior, precision=st.floats(0.1, 0.95), strength=st.floats(1, 50))


def report(who: int, about: GuidelineId, *, flagged: bool = False) -> CountedReport:
    return CountedReport(
        subject_id=SUBJECT,
        round=1,
        guideline=about,
        pseudonym=Pseudonym(who.to_bytes(32)),
        after_outcome=False,
        may_be_guessed=False,
        is_notice=flagged,
        by_trusted_flagger=flagged,
    )


def judged(
    reports: list[CountedReport], about: GuidelineId, prior: Prior, record: TrackRecord | None
) -> Assessment:
    """What is believed where whoever is the flagger has this record."""
    topic = GUIDELINES.by_id[about].topic
    known = Dossier(
        subject_id=SUBJECT,
        round=1,
        kind=SubjectKind.VIDEO,
        reports=tuple(reports),
        records={} if record is None else {(Pseudonym(FLAGGER.to_bytes(32)), topic): record},
        co_reports=NO_CO_REPORTS,
        signals=(),
        organic_views=0,
        qualifying_viewers=100,
        human={},
        spent=frozenset(),
    )
    (found,) = assess(known, GUIDELINES, {topic: prior}, TODAY)
    return found


@given(others, st.sampled_from([GRAVE, ORDINARY]), priors, records)
def test_no_record_makes_a_trusted_flagger_say_less_than_a_newcomer(who, about, prior, record):
    besides = [report(each, about) for each in who]
    newcomer = judged([*besides, report(FLAGGER, about)], about, prior, None)
    flagger = judged([*besides, report(FLAGGER, about, flagged=True)], about, prior, record)
    assert flagger.log_odds >= newcomer.log_odds - 1e-12
    assert flagger.backing.nats >= newcomer.backing.nats - 1e-12


@given(others, priors)
def test_one_who_was_always_wrong_says_what_a_newcomer_says_and_anybody_else_less(who, prior):
    always_wrong = TrackRecord(right=0.0, wrong=1e6, resolved=50, as_of=TODAY)
    besides = [report(each, ORDINARY) for each in who]
    newcomer = judged([*besides, report(FLAGGER, ORDINARY)], ORDINARY, prior, None)
    flagged = [*besides, report(FLAGGER, ORDINARY, flagged=True)]
    flagger = judged(flagged, ORDINARY, prior, always_wrong)
    anybody = judged([*besides, report(FLAGGER, ORDINARY)], ORDINARY, prior, always_wrong)
    assert flagger.log_odds == newcomer.log_odds
    assert flagger.has_flagged_notice
    assert anybody.log_odds <= newcomer.log_odds
