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
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from underseal.core.case import CaseKind
from underseal.core.effect import Look
from underseal.core.evidence import Assessment
from underseal.core.guideline import Guidelines
from underseal.core.prevalence import Viewed, any_breach, believe, draw, spread
from underseal.core.priority import SUSPECTED_REVIEW, Standing, prioritise
from underseal.core.subject import SubjectId, SubjectKind
from underseal.core.unreported import weigh_unreported
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

OWED_BEFORE: Final = SUSPECTED_REVIEW / 4
"""So long before it is due an audit goes before what a look is worth. A setting: as with reports."""

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
        drawn = await asyncio.to_thread(lambda: draw(viewed, believe(audits), spread(chances)))
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
                weighed = weigh_unreported(
                    each.subject_id, SubjectKind.VIDEO, said[each.subject_id], guidelines, day
                )
                unreported = {one.guideline: one.unreported for one in weighed}
                nats = any_breach(unreported, guidelines, SubjectKind.VIDEO)
            viewed.append(Viewed(subject_id=each.subject_id, views=each.views, nats=nats))
    return viewed


async def _enqueue(
    conn: Connection, system: System, subject_id: SubjectId, version: int, now: datetime
) -> bool:
    """Queue what was drawn like any other case; the chain is locked."""
    subject = await subjects.load_subject(conn, subject_id)
    assert subject is not None, "draws refer to subjects"
    if subject.version != version:
        return False
    today = datetime.combine(now.date(), time(), UTC)
    # A mere suspicion is owed no look, but what chance has drawn is.
    owed_from = today + SUSPECTED_REVIEW - OWED_BEFORE
    if await cases.lock_case_of_round(conn, subject_id, subject.round) is not None:
        await cases.owe_look(conn, subject, owed_from)
        return False
    shown = (await visibility.load_visibility(conn, [subject_id])).get(subject_id)
    audience = await views.load_audience(conn, subject_id)
    hours = system.settings.tick_length / timedelta(hours=1)
    place = prioritise(
        [await _most_probable(conn, system.guidelines, subject, now.date())],
        system.guidelines,
        Standing(
            kind=CaseKind.REVIEW,
            level=shown.visibility.level if shown else Level.PUBLIC,
            look=Look.REGRET,
            views_per_hour=audience.last_organic / hours if audience else 0.0,
            queued_at=today,
        ),
    )
    priority = replace(place, duty_from=place.duty_from or owed_from)
    await cases.enqueue(conn, system.new_id(), subject, priority, now.date())
    return True


async def _most_probable(
    conn: Connection, guidelines: Guidelines, subject: Subject, on: date
) -> Assessment:
    """What a video most probably breaks, as machines see it."""
    signals = await scans.newest_signals(conn, subject.subject_id, subject.version)
    return max(
        weigh_unreported(subject.subject_id, SubjectKind.VIDEO, signals, guidelines, on),
        key=lambda each: (each.unreported, each.guideline),
    )
