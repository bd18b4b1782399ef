"""What is known about a subject is weighed anew, and what follows from it is set in motion.

Invariants:
    However many reports came since, one assessment takes them all in, and none twice.
    An assessment is committed to exactly the reports it counted, and has no date.
    It is kept only if nothing else has happened to the subject meanwhile. Reports are no such
    thing: they wait for no assessment, and no assessment waits for them.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from underseal.core.case import CaseKind
from underseal.core.cliques import PSEUDONYMS_MAX
from underseal.core.effect import (
    Context,
    IntendedEffect,
    Look,
    Reason,
    choose,
    is_burst_of,
    needs_look,
    owed_from,
    undated_days,
    waiting_from,
)
from underseal.core.evidence import Assessment, Dossier, as_weighed, assess
from underseal.core.findings import human_shifts
from underseal.core.guideline import DisclosureClass, Guidelines
from underseal.core.priority import Standing, prioritise
from underseal.core.subject import SubjectId
from underseal.core.visibility import Level
from underseal.flow.decide_by_machine import decide_by_machine
from underseal.flow.foretell_views import foretell_views
from underseal.flow.hold import intend_effect
from underseal.flow.learn_priors import InForce, priors_in_force
from underseal.flow.publish import let_go
from underseal.flow.record_assessment import record_assessment
from underseal.flow.standing import standing, stricter
from underseal.flow.system import System
from underseal.store import (
    assessments,
    cases,
    dossier,
    effects,
    ledger,
    records,
    scans,
    strikes,
    subjects,
    views,
    visibility,
)
from underseal.store.assessments import Progress
from underseal.store.audit import read_one_moment
from underseal.store.pool import Connection
from underseal.store.roles import Role
from underseal.store.scans import FirstLook
from underseal.store.subjects import Subject
from underseal.store.views import Audience
from underseal.store.visibility import Basis, Shown

log: Final = logging.getLogger("underseal.flow.assess")

BATCH: Final = 50
AT_ONCE: Final = 4
"""How many subjects one worker takes, and how many of them it assesses side by side. Settings."""

WAITING_MAX: Final = 10_000
"""How many subjects that have waited long are taken up at a time. A limit of ours."""

LEASE: Final = timedelta(seconds=20)
RETRY: Final = timedelta(seconds=5)
RETRY_MAX: Final = timedelta(minutes=10)
"""A subject taken by a worker that dies is taken again after the lease; after a failure the waits
grow with every one up to ten minutes. Settings."""

BUDGET_EFFECTS: Final = 1
BUDGET_PERIOD: Final = timedelta(days=30)
"""One reporter counts towards so many visible effects on one creator in a month: who is behind many
is found by intersecting audiences. Measured: see docs/decisions/0013-size-of-the-crowd.md."""

REPORTS_A_SECOND: Final = 5_000
"""A subject that very many report rests after an assessment, a second for so many reports: the next
one reads them all again. A setting: about twenty times as long as it takes."""

TRIES: Final = 5
"""How often evidence is read again because something happened meanwhile. A limit of ours."""


class SubjectBusyError(Exception):
    """So much happens to the subject that no assessment of it is ever up to date."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Weighed:
    """A subject's evidence as it was at one moment, and how far its story had come by then."""

    progress: Progress
    subject: Subject
    dossier: Dossier
    views_per_hour: float
    waits_from: date
    assessments: tuple[Assessment, ...]
    priors: InForce
    commitment: ledger.Commitment


@dataclass(frozen=True, slots=True, kw_only=True)
class _Standing:
    """What holds for a subject now, and once all that was decided has taken place."""

    shown: Shown | None
    first_look: FirstLook
    is_looked_at: bool
    is_queued: bool
    level: Level

    @property
    def is_kept_back(self) -> bool:
        """Whether its present version was never published."""
        return self.shown is not None and self.shown.basis is Basis.SCAN

    @property
    def has_failed(self) -> bool:
        """Whether machines could not look at it, and nobody else has."""
        return self.first_look is FirstLook.FAILED and not self.is_looked_at


async def assess_pending(system: System, now: datetime) -> int:
    """Assess subjects that are pending; return how many were taken."""
    async with system.db.transaction(Role.CORE) as conn:
        taken = await assessments.take_pending(conn, now, now + LEASE, BATCH)
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(subject_id: SubjectId) -> None:
        async with slots:
            await _assess_or_put_off(system, subject_id, now)

    await asyncio.gather(*(one(subject_id) for subject_id in taken))
    return len(taken)


async def assess_subject(system: System, subject_id: SubjectId, now: datetime) -> None:
    """Assess a subject that is pending, and set in motion what follows.

    Raises:
        SubjectBusyError: it never stood still.
    """
    for _ in range(TRIES):
        weighed = await _weigh(system, subject_id, now)
        if weighed is None:
            return
        async with system.db.transaction(Role.CORE) as conn:
            await ledger.lock_chain(conn, subject_id)
            now_at = await assessments.load_progress(conn, subject_id)
            if (now_at.seq, now_at.done) == (weighed.progress.seq, weighed.progress.done):
                await record_assessment(
                    conn,
                    weighed.subject,
                    weighed.assessments,
                    weighed.commitment,
                    weighed.priors.learnt_in,
                )
                await _follow(conn, system, weighed, now)
                await _note(conn, weighed, now)
                return
    raise SubjectBusyError


async def want_waiting(system: System, now: datetime) -> int:
    """Want the assessment of what was reported so long ago that somebody must look; count them."""
    undated = timedelta(days=undated_days(system.settings.report_age_days_max))
    async with system.db.transaction(Role.CORE) as conn:
        return await assessments.want_waiting(conn, now.date() - undated, WAITING_MAX)


async def _assess_or_put_off(system: System, subject_id: SubjectId, now: datetime) -> None:
    try:
        await assess_subject(system, subject_id, now)
    except Exception as failure:  # noqa: BLE001 - one subject must not stop the others
        log.warning("assess_failed error=%s", type(failure).__name__)
        async with system.db.transaction(Role.CORE) as conn:
            await assessments.put_off(conn, subject_id, now, RETRY, RETRY_MAX)


async def _weigh(system: System, subject_id: SubjectId, now: datetime) -> _Weighed | None:
    """Weigh the evidence as it is at one moment; None if there is nothing new."""
    async with system.db.transaction(Role.CORE) as conn:
        await read_one_moment(conn)
        progress = await assessments.load_progress(conn, subject_id)
        if progress.wanted <= progress.done:
            return None
        subject = await subjects.load_subject(conn, subject_id)
        assert subject is not None, "pending assessments refer to subjects"
        audience = await views.load_audience(conn, subject_id)
        gathered = await _gather(conn, system, subject, audience, now)
        commitment = await dossier.count_reports(conn, subject_id, subject.round)
        priors = await priors_in_force(conn, system)
        views_per_hour = await foretell_views(conn, system, audience)
    return _Weighed(
        progress=progress,
        subject=subject,
        dossier=gathered,
        views_per_hour=views_per_hour,
        waits_from=progress.waits_from
        or waiting_from(now.date(), system.settings.report_age_days_max),
        assessments=assess(
            as_weighed(gathered, system.settings.weighting),
            system.guidelines,
            priors.by_topic,
            now.date(),
        ),
        priors=priors,
        commitment=commitment,
    )


async def _gather(
    conn: Connection, system: System, subject: Subject, audience: Audience | None, now: datetime
) -> Dossier:
    subject_id, round_ = subject.subject_id, subject.round
    reports = await dossier.reports_of_round(conn, subject_id, round_)
    reporters = list(
        dict.fromkeys(each.pseudonym for each in reports if each.pseudonym is not None)
    )
    by_id = system.guidelines.by_id
    topics = {by_id[each.guideline].topic for each in reports if each.guideline in by_id}
    findings = await dossier.findings_on_version(conn, subject_id, subject.version)
    return Dossier(
        subject_id=subject_id,
        round=round_,
        kind=subject.ref.kind,
        reports=reports,
        records=await records.records_of(conn, reporters, sorted(topics)),
        co_reports=await dossier.co_reports(conn, subject_id, reporters[:PSEUDONYMS_MAX]),
        signals=await scans.newest_signals(conn, subject_id, subject.version),
        organic_views=audience.organic if audience else 0,
        qualifying_viewers=audience.qualifying if audience else 0,
        human=human_shifts(findings, system.guidelines),
        spent=await dossier.spent_budgets(
            conn,
            subject.creator_id,
            subject_id,
            reporters,
            since=now - BUDGET_PERIOD,
            effects_max=BUDGET_EFFECTS,
        ),
        is_struck=await strikes.is_struck(conn, subject.creator_id, now.date()),
    )


async def _note(conn: Connection, weighed: _Weighed, now: datetime) -> None:
    """Note how far the assessment has come; last, for intake waits for nobody who waits for it."""
    subject_id, reports = weighed.subject.subject_id, weighed.commitment.reports
    await assessments.note_assessed(
        conn,
        subject_id,
        weighed.subject.round,
        weighed.progress.wanted,
        reported=reports > 0,
        waits_from=weighed.waits_from,
    )
    if reports >= REPORTS_A_SECOND:
        seconds = reports // REPORTS_A_SECOND
        await assessments.rest(conn, subject_id, now + timedelta(seconds=seconds))


async def _follow(conn: Connection, system: System, weighed: _Weighed, now: datetime) -> None:
    """Decide what the assessments lead to: effects, a look, publication, or nothing."""
    subject = weighed.subject
    stands = await _stands(conn, weighed)
    context = _context(system, weighed, stands, now)
    chosen = _soonest_first(weighed.assessments, system.guidelines, context)
    look = needs_look(weighed.assessments, system.guidelines, context)
    known = [each for each in chosen if each.reason is Reason.KNOWN_CONTENT]
    if known:
        await decide_by_machine(conn, system, subject, known[0].guideline, now)
        return
    for effect in chosen:
        about = next(each for each in weighed.assessments if each.guideline == effect.guideline)
        await intend_effect(
            conn,
            system,
            subject,
            effect,
            assessment=about,
            published=context.published,
            now=now,
        )
    if look is not None:
        await _enqueue(conn, system, weighed, context, look=look, shown=stands.shown, now=now)
    is_seen = stands.first_look is FirstLook.SEEN or (
        stands.first_look is FirstLook.FAILED and stands.is_looked_at
    )
    if not chosen and stands.is_kept_back and is_seen:
        await let_go(conn, system, subject, now)


def _soonest_first(
    assessments: Sequence[Assessment], guidelines: Guidelines, context: Context
) -> Sequence[IntendedEffect]:
    """The effects that are called for: of what is published, one of each disclosure class.

    What is grave and cannot wait is not kept waiting by what is more probable and can.
    """
    if not context.published:
        effect = choose(assessments, guidelines, context)
        return () if effect is None else (effect,)
    chosen: list[IntendedEffect] = []
    for disclosure in reversed(DisclosureClass):
        of_class = [
            each
            for each in assessments
            if guidelines.by_id[each.guideline].disclosure is disclosure
        ]
        effect = choose(of_class, guidelines, context)
        if effect is not None:
            chosen.append(effect)
        if effect is not None and disclosure is DisclosureClass.AT_ONCE:
            context = replace(context, level=effect.level)
    return chosen


async def _stands(conn: Connection, weighed: _Weighed) -> _Standing:
    subject = weighed.subject
    subject_id = subject.subject_id
    shown = (await visibility.load_visibility(conn, [subject_id])).get(subject_id)
    level = (await standing(conn, subject_id)).visibility.level
    is_effect = shown is not None and shown.basis is Basis.EFFECT
    if shown and is_effect and await effects.undecided_shown(conn, [subject_id]):
        level = stricter(level, shown.visibility.level)
    return _Standing(
        shown=shown,
        first_look=await scans.first_look(conn, subject_id, subject.version),
        is_looked_at=bool(weighed.dossier.human),
        is_queued=await cases.is_queued_for_worth(conn, subject_id, subject.round),
        level=level,
    )


def _context(system: System, weighed: _Weighed, stands: _Standing, now: datetime) -> Context:
    is_reported = weighed.commitment.reports > 0
    return Context(
        level=stands.level,
        published=not stands.is_kept_back,
        qualifying_viewers=weighed.dossier.qualifying_viewers,
        weighting=system.settings.weighting,
        guess_consent=any(each.may_be_guessed for each in weighed.dossier.reports),
        views_per_hour=weighed.views_per_hour,
        is_burst=is_burst_of(weighed.dossier),
        scan_failed=stands.has_failed,
        waited_days=max(0, (now.date() - weighed.waits_from).days) if is_reported else 0,
        waited_days_max=system.settings.report_age_days_max,
        is_queued=stands.is_queued,
    )


async def _enqueue(
    conn: Connection,
    system: System,
    weighed: _Weighed,
    context: Context,
    *,
    look: Look,
    shown: Shown | None,
    now: datetime,
) -> None:
    """Put the case in the queue, or move it there. Dated to the day: a report may be behind it."""
    opened_on = queued_on = now.date()
    if look is Look.REPORTED:  # dated, and due, as what waits undated is
        opened_on = weighed.waits_from
        queued_on = owed_from(opened_on, context.waited_days_max)
    is_held = shown is not None and shown.basis is Basis.EFFECT and context.level is Level.HELD
    reports_due_on = weighed.waits_from + timedelta(days=context.waited_days_max)
    priority = prioritise(
        weighed.assessments,
        system.guidelines,
        Standing(
            kind=CaseKind.REVIEW,
            level=context.level,
            look=look,
            views_per_hour=context.views_per_hour,
            queued_at=_day(queued_on),
            reports_due_at=_day(reports_due_on) if weighed.commitment.reports else None,
            hold_since=shown.changed_at if shown and is_held else None,
            hold_expires_at=shown.expires_at if shown and is_held else None,
        ),
    )
    await cases.enqueue(conn, system.new_id(), weighed.subject, priority, opened_on)


def _day(on: date) -> datetime:
    return datetime.combine(on, time(), UTC)
