"""A case as it is written for moderators: aliases, never who, how often right, or in what order.

It is an allow-list; what is not here cannot be told.
"""

from datetime import date, datetime
from uuid import UUID

from underseal.core.case import CaseKind, CaseState
from underseal.core.decision import Outcome
from underseal.core.guideline import Guidelines
from underseal.core.language import best_text
from underseal.core.priority import Band, Lane
from underseal.core.report import Moment as CoreMoment
from underseal.flow.read_case import (
    AppealView,
    CaseFile,
    EarlierDecision,
    ReportView,
    SignalView,
)
from underseal.web.api.bodies import Answer, Moment, Subject


class BelievedAnswer(Answer):
    """How probable it is that a guideline is broken, and how much of it comes from where."""

    id: str
    label: str
    band: Band
    machine_band: Band
    reports_band: Band


class SignalAnswer(Answer):
    """What a detector says; `detail` is what it read or matched."""

    detector: str
    guideline: str
    band: Band
    moment: Moment | None
    verified: bool
    detail: str


class InquiryAnswer(Answer):
    """What a moderator asked a reporter, and what they answered, if they have."""

    question: str
    unverified_answer: str | None


class ReportAnswer(Answer):
    """A report under an alias; `unverified_notes` are what its reporter says."""

    alias: str
    guideline: str
    is_notice: bool
    by_trusted_flagger: bool
    unverified_notes: tuple[str, ...]
    moments: tuple[Moment, ...]
    inquiries: tuple[InquiryAnswer, ...]


class EarlierAnswer(Answer):
    """An earlier decision; `is_overturned` if an appeal changed it."""

    outcome: Outcome
    guideline: str | None
    decided_on: date
    is_overturned: bool


class CreatorStandingAnswer(Answer):
    """What counts against the creator today."""

    points: int
    active_strikes: int


class UnderAppealAnswer(Answer):
    """What an appeal is against, and what the creator says."""

    grounds: str
    first: EarlierAnswer


class CaseAnswer(Answer):
    """A case as moderators see it; reports stand in the order of their aliases."""

    case_id: UUID
    kind: CaseKind
    state: CaseState
    subject: Subject
    version: int
    caption: str
    language: str
    has_media: bool
    round: int
    lane: Lane
    because: str
    due_at: datetime | None
    lease_until: datetime | None
    guidelines: tuple[BelievedAnswer, ...]
    signals: tuple[SignalAnswer, ...]
    reports: tuple[ReportAnswer, ...]
    earlier_decisions: tuple[EarlierAnswer, ...]
    creator_standing: CreatorStandingAnswer
    appeal: UnderAppealAnswer | None


def write_case(file: CaseFile, guidelines: Guidelines, language: str) -> CaseAnswer:
    """Write a case, with the labels of guidelines in a language or else in English."""
    case, version = file.case, file.version
    return CaseAnswer(
        case_id=case.case_id,
        kind=case.kind,
        state=case.state,
        subject=Subject.of(file.subject.ref),
        version=case.version,
        caption=version.caption if version else "",
        language=version.language if version else "",
        has_media=version is not None and version.copy is not None,
        round=case.round,
        lane=case.lane,
        because=case.because,
        due_at=case.due_at,
        lease_until=case.leased_until,
        guidelines=_believed(file, guidelines, language),
        signals=tuple(map(_signal, file.signals)),
        reports=tuple(map(_report, file.reports)),
        earlier_decisions=tuple(map(_earlier, file.earlier)),
        creator_standing=CreatorStandingAnswer(
            points=file.standing.points, active_strikes=len(file.standing.active)
        ),
        appeal=None if file.appeal is None else _appeal(file.appeal),
    )


def _believed(file: CaseFile, guidelines: Guidelines, language: str) -> tuple[BelievedAnswer, ...]:
    """What is believed about guidelines that are in force; of others there is nothing to read."""
    return tuple(
        BelievedAnswer(
            id=guideline_id,
            label=best_text(guidelines.by_id[guideline_id].label, language)[1],
            band=bands.probability,
            machine_band=bands.machine,
            reports_band=bands.reports,
        )
        for guideline_id, bands in file.guidelines
        if guideline_id in guidelines.by_id
    )


def _signal(signal: SignalView) -> SignalAnswer:
    return SignalAnswer(
        detector=signal.detector,
        guideline=signal.guideline,
        band=signal.band,
        moment=None if signal.moment is None else _moment(signal.moment),
        verified=signal.verified,
        detail=signal.detail,
    )


def _report(report: ReportView) -> ReportAnswer:
    return ReportAnswer(
        alias=report.alias,
        guideline=report.guideline,
        is_notice=report.is_notice,
        by_trusted_flagger=report.by_trusted_flagger,
        unverified_notes=report.notes,
        moments=tuple(map(_moment, report.moments)),
        inquiries=tuple(
            InquiryAnswer(question=each.question, unverified_answer=each.answer)
            for each in report.inquiries
        ),
    )


def _earlier(decision: EarlierDecision) -> EarlierAnswer:
    return EarlierAnswer(
        outcome=decision.outcome,
        guideline=decision.guideline,
        decided_on=decision.decided_on,
        is_overturned=decision.is_overturned,
    )


def _appeal(appeal: AppealView) -> UnderAppealAnswer:
    return UnderAppealAnswer(grounds=appeal.grounds, first=_earlier(appeal.first))


def _moment(moment: CoreMoment) -> Moment:
    return Moment(start_ms=moment.start_ms, end_ms=moment.end_ms)
