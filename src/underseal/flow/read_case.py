"""What a moderator sees of a case: never an identity, a track record, a weight or a time.

Of a reporter there is the alias and what they say; how much all reports say together is a band of
the assessment. Reports come in the order of their aliases, which fall at random: nothing tells
which came first.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, TypeAlias

from underseal.core.appeal import Appeal
from underseal.core.caller import Caller, ModeratorRole
from underseal.core.case import CaseKind, ModeratorId, NotLeasedError
from underseal.core.decision import Outcome
from underseal.core.evidence import OF_REPORTS
from underseal.core.guideline import GuidelineId
from underseal.core.person import Person
from underseal.core.priority import Band, Bands, bands_of, nats_band
from underseal.core.report import Moment
from underseal.core.signal import Modality
from underseal.core.strike import Standing, standing
from underseal.core.visibility import PUBLIC, Visibility
from underseal.flow.decide import UnknownCaseError
from underseal.flow.own_subjects import is_own
from underseal.flow.read_inquiries import InquiryView, readable
from underseal.flow.read_notes import data_key
from underseal.flow.seal_report import note_place
from underseal.flow.system import System
from underseal.seal.alias import aliases, handle
from underseal.seal.vault import DataKey, decrypt_note
from underseal.store import (
    appeals,
    assessments,
    cases,
    decisions,
    drafts,
    inquiries,
    notes,
    scans,
    strikes,
    subjects,
    visibility,
)
from underseal.store.assessments import StoredAssessment
from underseal.store.cases import CaseId, StoredCase
from underseal.store.connection import Connection
from underseal.store.decisions import StoredDecision
from underseal.store.inquiries import AskedInquiry
from underseal.store.notes import ReadableReport
from underseal.store.roles import Role
from underseal.store.subjects import Subject, Version

REPORTS_SHOWN: Final = 200
"""Reports that a moderator is shown, those with a note first. A limit of ours."""

UNLEASED: Final = frozenset({ModeratorRole.LEAD, ModeratorRole.AUDITOR, ModeratorRole.ADMIN})
"""Who may read a case that they have not taken."""

Reader: TypeAlias = Caller | Person
"""Who reads: somebody with a key, or signed in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalView:
    """What a detector says; `detail` is what it read or matched."""

    detector: str
    modality: Modality
    guideline: GuidelineId
    band: Band
    moment: Moment | None
    verified: bool
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportView:
    """A report under an alias; `notes` are what its reporter says, and unverified.

    `handle` is what a form calls it; `can_ask` says that its reporter has no open question.
    """

    alias: str
    handle: str
    guideline: GuidelineId
    is_notice: bool
    by_trusted_flagger: bool
    notes: tuple[str, ...]
    moments: tuple[Moment, ...]
    inquiries: tuple[InquiryView, ...]
    can_ask: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierDecision:
    """A decision on the subject; `is_overturned` if an appeal changed it."""

    outcome: Outcome
    guideline: GuidelineId | None
    decided_on: date
    is_overturned: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealView:
    """What an appeal is against, and what the creator says."""

    grounds: str
    first: EarlierDecision


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFile:
    """A case as moderators see it. `version` is None for a subject known from reports only."""

    case: StoredCase
    subject: Subject
    version: Version | None
    shown: Visibility
    guidelines: tuple[tuple[GuidelineId, Bands], ...]
    signals: tuple[SignalView, ...]
    reports: tuple[ReportView, ...]
    earlier: tuple[EarlierDecision, ...]
    standing: Standing
    appeal: AppealView | None


async def read_case(system: System, case_id: CaseId, reader: Reader, now: datetime) -> CaseFile:
    """Return a case to the moderator who has it, or to a lead, auditor or admin.

    Raises:
        UnknownCaseError: there is no such case.
        NotLeasedError: the reader is a moderator and does not have it, or no longer.
    """
    async with system.db.transaction(Role.CONSOLE) as conn:
        case = await open_case(conn, system, case_id, reader, now)
        return await load_file(conn, system, case, now)


async def load_file(conn: Connection, system: System, case: StoredCase, now: datetime) -> CaseFile:
    """Return all that moderators see of a case."""
    subject = await subjects.load_subject(conn, case.subject_id)
    assert subject is not None, "cases refer to subjects"
    taken = (await decisions.decisions_on(conn, [case.subject_id])).get(case.subject_id, ())
    first = next((each for each in taken if each.decision.id == case.reviews), None)
    round_ = first.decision.round if first else case.round
    assessed = await assessments.load_assessments(conn, case.subject_id, round_)
    shown = (await visibility.load_visibility(conn, [case.subject_id])).get(case.subject_id)
    return CaseFile(
        case=case,
        subject=subject,
        version=await subjects.load_version(conn, case.subject_id, case.version),
        shown=PUBLIC if shown is None else shown.visibility,
        guidelines=tuple((each.guideline, _bands(each)) for each in assessed),
        signals=await _signals(conn, case),
        reports=await _reports(conn, system, case, round_),
        earlier=tuple(_earlier(each, taken) for each in taken),
        standing=await _standing(conn, subject, now),
        appeal=await _appeal(conn, case, first, taken),
    )


async def explain_case(
    system: System, case_id: CaseId, reader: Reader, now: datetime
) -> Sequence[StoredAssessment]:
    """Return every term of what is believed about a case, for leads and auditors.

    Raises:
        UnknownCaseError: there is no such case.
    """
    async with system.db.transaction(Role.CONSOLE) as conn:
        case = await open_case(conn, system, case_id, reader, now)
        first = await decisions.load_decision(conn, case.reviews) if case.reviews else None
        round_ = first.decision.round if first else case.round
        return await assessments.load_assessments(conn, case.subject_id, round_)


async def open_case(
    conn: Connection, system: System, case_id: CaseId, reader: Reader, now: datetime
) -> StoredCase:
    """Return a case that the reader may see.

    Raises:
        UnknownCaseError, NotLeasedError: as `read_case`.
    """
    case = await cases.load_case(conn, case_id)
    if case is None:
        raise UnknownCaseError
    has_lease = (
        case.leased_by == reader.principal_id
        and case.leased_until is not None
        and now < case.leased_until
    )
    if not (has_lease or reader.role in UNLEASED or await _is_asked(conn, case_id, reader)):
        raise NotLeasedError
    subject = await subjects.load_subject(conn, case.subject_id)
    assert subject is not None, "cases refer to subjects"
    if await is_own(conn, system, reader.principal_id, subject):
        raise UnknownCaseError
    return case


async def _is_asked(conn: Connection, case_id: CaseId, reader: Reader) -> bool:
    """Whether a colleague wants the reader to look at the case, too."""
    if reader.role is None:
        return False
    moderator = ModeratorId(reader.principal_id)
    return await drafts.may_read(conn, case_id, moderator, reader.role)


def _bands(assessed: StoredAssessment) -> Bands:
    unreported = math.fsum(nats for name, nats in assessed.terms if name not in OF_REPORTS)
    return bands_of(assessed.log_odds, assessed.machine, unreported)


async def _signals(conn: Connection, case: StoredCase) -> tuple[SignalView, ...]:
    return tuple(
        SignalView(
            detector=each.detector,
            modality=each.modality,
            guideline=each.guideline,
            band=nats_band(each.weight or 0.0),
            moment=each.moment,
            verified=each.verified,
            detail=each.detail,
        )
        for each in await scans.newest_signals(conn, case.subject_id, case.version)
    )


async def _reports(
    conn: Connection, system: System, case: StoredCase, round_: int
) -> tuple[ReportView, ...]:
    found = await notes.reports_of_round(conn, case.subject_id, round_, REPORTS_SHOWN)
    named = aliases(system.keys.aliases, case.subject_id, round_, [each.tag for each in found])
    key = await data_key(conn, system.keys, case.subject_id)
    asked = await inquiries.on_subject(conn, case.subject_id)
    busy = {
        each.about.tag for each in asked if each.case_id == case.case_id and not each.is_answered
    }
    views = [
        ReportView(
            alias=named[each.tag],
            handle=handle(system.keys.aliases, case.subject_id, case.round, _place(case, each)),
            guideline=each.guideline,
            is_notice=each.is_notice,
            by_trusted_flagger=each.by_trusted_flagger,
            notes=_notes(key, case, each),
            moments=each.moments,
            inquiries=_inquiries(key, each, asked),
            can_ask=key is not None and case.kind is CaseKind.REVIEW and each.tag not in busy,
        )
        for each in found
    ]
    return tuple(sorted(views, key=lambda each: (len(each.alias), each.alias, each.guideline)))


def _notes(key: DataKey | None, case: StoredCase, report: ReadableReport) -> tuple[str, ...]:
    if key is None:
        return ()
    place = _place(case, report)
    return tuple(sorted(decrypt_note(key, note, place) for note in report.notes))


def _inquiries(
    key: DataKey | None, report: ReadableReport, asked: Sequence[AskedInquiry]
) -> tuple[InquiryView, ...]:
    if key is None:
        return ()
    named = (report.round, report.guideline, report.tag)
    return tuple(
        readable(key, each)
        for each in asked
        if (each.about.round, each.about.guideline, each.about.tag) == named
    )


def _place(case: StoredCase, report: ReadableReport) -> bytes:
    return note_place(case.subject_id, report.round, report.guideline, report.tag)


def _earlier(taken: StoredDecision, all_taken: Sequence[StoredDecision]) -> EarlierDecision:
    decision = taken.decision
    return EarlierDecision(
        outcome=decision.verdict.outcome,
        guideline=decision.verdict.guideline,
        decided_on=decision.decided_at.date(),
        is_overturned=any(
            each.reviews == decision.id
            and each.decision.verdict.outcome is not decision.verdict.outcome
            for each in all_taken
        ),
    )


async def _standing(conn: Connection, subject: Subject, now: datetime) -> Standing:
    if subject.creator_id is None:
        return standing((), now.date())
    return standing(await strikes.strikes_of(conn, subject.creator_id), now.date())


async def _appeal(
    conn: Connection,
    case: StoredCase,
    first: StoredDecision | None,
    taken: Sequence[StoredDecision],
) -> AppealView | None:
    if case.kind is not CaseKind.APPEAL or first is None:
        return None
    appeal: Appeal | None = await appeals.appeal_against(conn, first.decision.id)
    assert appeal is not None, "a case of an appeal is opened for one"
    return AppealView(grounds=appeal.explanation, first=_earlier(first, taken))
