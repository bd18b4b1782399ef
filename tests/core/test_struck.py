"""That the creator has a strike counts for the queue alone."""

import math
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from weighed import GRAVE, GUIDELINES, ORDINARY, OTHER

from underseal.core.cliques import NO_CO_REPORTS
from underseal.core.effect import Context, choose
from underseal.core.evidence import STRUCK, Dossier, Weighting, assess
from underseal.core.priority import Band, bands
from underseal.core.report import CountedReport, Pseudonym
from underseal.core.signal import Modality, Signal
from underseal.core.subject import SubjectId, SubjectKind
from underseal.core.visibility import Level

TODAY = date(2026, 11, 23)
SUBJECT = SubjectId(UUID(int=1))


def report(who: int, about) -> CountedReport:
    return CountedReport(
        subject_id=SUBJECT,
        round=1,
        guideline=about,
        pseudonym=Pseudonym(who.to_bytes(32)),
        after_outcome=False,
        may_be_guessed=False,
        is_notice=False,
    )


def signal(weight: float) -> Signal:
    return Signal(
        detector="one",
        detector_version="1",
        modality=Modality.IMAGE,
        guideline=OTHER,
        score=0.5,
        weight=weight,
        moment=None,
    )


def dossier(reports=(), weight: float = 1.5) -> Dossier:
    return Dossier(
        subject_id=SUBJECT,
        round=1,
        kind=SubjectKind.VIDEO,
        reports=tuple(reports),
        records={},
        co_reports=NO_CO_REPORTS,
        signals=(signal(weight),),
        organic_views=1_000,
        qualifying_viewers=1_000,
        human={},
        spent=frozenset(),
    )


some_reports = st.lists(
    st.builds(report, st.integers(1, 9), st.sampled_from([GRAVE, ORDINARY, OTHER])), max_size=20
)


@given(some_reports, st.floats(-9, 9))
def test_it_raises_what_is_believed_and_changes_nothing_that_can_show(reports, weight) -> None:
    clean = dossier(reports, weight)
    context = Context(
        level=Level.PUBLIC,
        published=True,
        qualifying_viewers=1_000,
        weighting=Weighting.PRIORITY_AND_THRESHOLD,
        guess_consent=False,
    )
    with_strike, without = (
        assess(replace(clean, is_struck=each), GUIDELINES, {}, TODAY) for each in (True, False)
    )
    for one, other in zip(with_strike, without, strict=True):
        assert one.log_odds == pytest.approx(other.log_odds + STRUCK)
        assert math.fsum(term.nats for term in one.terms) == one.log_odds
        assert replace(one, log_odds=other.log_odds, terms=other.terms) == other
    assert choose(with_strike, GUIDELINES, context) == choose(without, GUIDELINES, context)


def test_moderators_do_not_read_it_as_what_reports_say() -> None:
    (suspected,) = assess(replace(dossier(), is_struck=True), GUIDELINES, {}, TODAY)
    assert bands(suspected).reports is Band.NONE
