"""What a burst of reports does to the effects of a subject, and what it does not."""

from datetime import date
from pathlib import Path
from uuid import UUID

from underseal.core.cliques import NO_CO_REPORTS
from underseal.core.effect import Context, IntendedEffect, Look, choose, needs_look
from underseal.core.evidence import Assessment, Dossier, Weighting, assess
from underseal.core.guideline import GuidelineId, TopicId
from underseal.core.guideline_file import parse
from underseal.core.report import CountedReport, Pseudonym
from underseal.core.signal import Modality, Signal
from underseal.core.subject import SubjectId, SubjectKind
from underseal.core.track_record import TrackRecord
from underseal.core.visibility import Level

TODAY = date(2026, 7, 1)
SUBJECT = SubjectId(UUID(int=1))
GUIDELINES = parse((Path(__file__).parent / "judgement.toml").read_text(), "judgement.toml")
ORDINARY, GRAVE = GuidelineId("nudity"), GuidelineId("threat")
RIGHT = TrackRecord(right=9.0, wrong=0.0, resolved=9, as_of=TODAY)
SURE = Signal(
    detector="test",
    detector_version="1",
    modality=Modality.IMAGE,
    guideline=ORDINARY,
    score=0.9,
    weight=6.0,
    moment=None,
)


def reported(*signals: Signal, people: int = 6, about: GuidelineId = ORDINARY) -> list[Assessment]:
    """What `people` proven reporters of one guideline say, and machines."""
    who = [Pseudonym(each.to_bytes(32)) for each in range(people)]
    topics = [TopicId("violence"), TopicId("bodies")]
    dossier = Dossier(
        subject_id=SUBJECT,
        round=1,
        kind=SubjectKind.VIDEO,
        reports=tuple(
            CountedReport(
                subject_id=SUBJECT,
                round=1,
                guideline=about,
                pseudonym=each,
                after_outcome=False,
                may_be_guessed=False,
                is_notice=False,
            )
            for each in who
        ),
        records={(each, topic): RIGHT for each in who for topic in topics},
        co_reports=NO_CO_REPORTS,
        signals=signals,
        organic_views=50,
        qualifying_viewers=50,
        human={},
        spent=frozenset(),
    )
    return list(assess(dossier, GUIDELINES, {}, TODAY))


def context(*, is_burst: bool) -> Context:
    return Context(
        level=Level.PUBLIC,
        published=True,
        qualifying_viewers=50,
        weighting=Weighting.PRIORITY_AND_THRESHOLD,
        guess_consent=False,
        is_burst=is_burst,
    )


def chosen(assessments: list[Assessment], *, is_burst: bool) -> IntendedEffect | None:
    return choose(assessments, GUIDELINES, context(is_burst=is_burst))


def test_a_burst_of_reports_shows_in_nothing_until_a_person_has_looked() -> None:
    assessments = reported()
    assert chosen(assessments, is_burst=False) is not None
    assert chosen(assessments, is_burst=True) is None
    assert needs_look(assessments, GUIDELINES, context(is_burst=True)) is Look.REGRET


def test_a_burst_that_would_lead_to_nothing_is_no_reason_to_look() -> None:
    assert needs_look(reported(people=1), GUIDELINES, context(is_burst=True)) is None


def test_whoever_floods_a_subject_keeps_machines_from_nothing() -> None:
    alone = chosen(reported(SURE, people=0), is_burst=False)
    assert alone is not None
    assert chosen(reported(SURE), is_burst=True) == alone


def test_what_is_grave_is_acted_on_however_many_report_it() -> None:
    assessments = reported(about=GRAVE)
    assert chosen(assessments, is_burst=False) is not None
    assert chosen(assessments, is_burst=True) == chosen(assessments, is_burst=False)
