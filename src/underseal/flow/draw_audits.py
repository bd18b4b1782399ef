"""Once a day, looks are drawn by chance from everything that was seen, to learn what share breaks.

Whoever decides them is not told: an audit is queued as any other case, in words that any other case
may have, and nobody outside notices a look. It is no cover audit (`flow.audit_cover`), which is of
videos that few have seen and whose probability nobody keeps.

Invariants:
    A day is drawn from once, and no more often than the setting says.
    Nothing about a report enters the draw: not the reports, not what a person has found because of
    them, not whether there is an assessment. Views count, and what machines see by themselves: the
    assessment of a dossier without reports. What audits have found corrects machines as a whole.
    What was drawn is asked about until somebody has decided, or its version is gone.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from underseal.core.case import CaseKind
from underseal.core.cliques import CoReports
from underseal.core.effect import Look
from underseal.core.evidence import Assessment, Backing, Dossier, Term, assess
from underseal.core.guideline import GuidelineId, Guidelines, log_odds
from underseal.core.prevalence import Viewed, any_breach, believe, draw
from underseal.core.priority import Standing, prioritise
from underseal.core.signal import Signal
from underseal.core.subject import SubjectId, SubjectKind
from underseal.core.visibility import Level
from underseal.flow.system import System
from underseal.store import cases, figures, ledger, prevalence, scans, subjects, views, visibility
from underseal.store.pool import Connection
from underseal.store.prevalence import Seen
from underseal.store.roles import Role
from underseal.store.subjects import Subject

TOLD_LATE: Final = timedelta(hours=6)
"""How long after its end a day is drawn from: views that are told later were nobody's. A setting."""

LEARNT_FROM: Final = timedelta(days=90)
"""How far back audits say how much machines are to be believed. A setting."""

ASKED_FOR: Final = timedelta(days=30)
"""How long what was drawn is asked about. A setting: longer than any case waits."""

CHUNK: Final = 1_000
"""Of so many videos at a time it is read what machines said. A limit of ours."""


async def draw_audits(system: System, now: datetime) -> int:
    """Draw from the last day that is complete, unless that was done; return how many were queued."""
    day = (now - TOLD_LATE).date() - timedelta(days=1)
    if system.settings.prevalence_audits:
        await _draw_day(system, day)
    queued = 0
    async with system.db.transaction(Role.CORE) as conn:
        unasked = await prevalence.unasked(conn, now.date() - ASKED_FOR)
    for subject_id, version in unasked:
        async with system.db.transaction(Role.CORE) as conn:
            await ledger.lock_chain(conn, subject_id)
            queued += await _enqueue(conn, system, subject_id, version, now)
    return queued


async def _draw_day(system: System, day: date) -> None:
    begin = datetime.combine(day, time(), UTC)
    async with system.db.transaction(Role.CORE) as conn:
        if await prevalence.is_drawn(conn, day):
            return
        seen = await prevalence.seen_between(conn, begin, begin + timedelta(days=1))
        viewed = await _viewed(conn, system.guidelines, seen, day)
        audits = [each.audit for each in await figures.prevalence(conn, day - LEARNT_FROM)]
        chances = [system.draw() for _ in range(system.settings.prevalence_audits)]
        drawn = await asyncio.to_thread(lambda: draw(viewed, believe(audits), chances))
        if drawn:
            await prevalence.add_draws(
                conn,
                day,
                sum(each.views for each in seen),
                drawn,
                {each.subject_id: each.version for each in seen},
                guidelines_version=system.guidelines.version,
            )


async def _viewed(
    conn: Connection, guidelines: Guidelines, seen: Sequence[Seen], day: date
) -> list[Viewed]:
    """What can be drawn: views, and the log-odds of any breach as machines see it."""
    silent = any_breach({}, guidelines, SubjectKind.VIDEO)
    viewed = []
    for start in range(0, len(seen), CHUNK):
        some = seen[start : start + CHUNK]
        said = await prevalence.spoken_of(conn, some)
        for each in some:
            nats = silent
            if each.subject_id in said:
                assessments = _by_machine(each.subject_id, said[each.subject_id], guidelines, day)
                unreported = {one.guideline: one.unreported for one in assessments}
                nats = any_breach(unreported, guidelines, SubjectKind.VIDEO)
            viewed.append(Viewed(subject_id=each.subject_id, views=each.views, nats=nats))
    return viewed


def _by_machine(
    subject_id: SubjectId, signals: tuple[Signal, ...], guidelines: Guidelines, on: date
) -> tuple[Assessment, ...]:
    """What would be believed of a video that nobody has reported and nobody has looked at."""
    dossier = Dossier(
        subject_id=subject_id,
        round=1,
        kind=SubjectKind.VIDEO,
        reports=(),
        records={},
        co_reports=CoReports(joint={}, totals={}),
        signals=signals,
        organic_views=0,
        qualifying_viewers=0,
        human={},
        spent=frozenset(),
    )
    return assess(dossier, guidelines, {}, on)


async def _enqueue(
    conn: Connection, system: System, subject_id: SubjectId, version: int, now: datetime
) -> bool:
    """Queue what was drawn like any other case; the chain is locked."""
    subject = await subjects.load_subject(conn, subject_id)
    assert subject is not None, "draws refer to subjects"
    if (
        subject.version != version
        or await cases.lock_case_of_round(conn, subject_id, subject.round) is not None
    ):
        return False
    shown = (await visibility.load_visibility(conn, [subject_id])).get(subject_id)
    audience = await views.load_audience(conn, subject_id)
    hours = system.settings.tick_length / timedelta(hours=1)
    priority = prioritise(
        [await _most_probable(conn, system.guidelines, subject, now.date())],
        system.guidelines,
        Standing(
            kind=CaseKind.REVIEW,
            level=shown.visibility.level if shown else Level.PUBLIC,
            look=Look.REGRET,
            views_per_hour=audience.last_organic / hours if audience else 0.0,
            queued_at=datetime.combine(now.date(), time(), UTC),
        ),
    )
    await cases.enqueue(conn, system.new_id(), subject, priority, now)
    return True


async def _most_probable(
    conn: Connection, guidelines: Guidelines, subject: Subject, on: date
) -> Assessment:
    """What a video most probably breaks, as machines see it; by the base rates, if they say nothing."""
    signals = await scans.newest_signals(conn, subject.subject_id, subject.version)
    spoken = _by_machine(subject.subject_id, signals, guidelines, on)
    named = {each.guideline for each in spoken}
    silent = [
        _by_base_rate(each.id, log_odds(each.base_rate))
        for each in guidelines.by_id.values()
        if SubjectKind.VIDEO in each.subjects and each.id not in named
    ]
    return max([*spoken, *silent], key=lambda each: (each.unreported, each.guideline))


def _by_base_rate(guideline: GuidelineId, nats: float) -> Assessment:
    return Assessment(
        guideline=guideline,
        log_odds=nats,
        terms=(Term(name="base rate", nats=nats),),
        machine=0.0,
        voices_proven=0,
        voices_unproven=0,
        unreported=nats,
        backing=Backing(),
        consenting=Backing(),
        is_reported=False,
        has_notice=False,
        is_known=False,
        is_looked_at=False,
    )
