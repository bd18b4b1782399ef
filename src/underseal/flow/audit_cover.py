"""Now and then a video that few have seen is looked at by chance, so that a look says nothing.

Whoever shows a video to five friends and sees it removed cannot tell whether one of them reported
it (DESIGN §7, "Crowd"). Which video it is depends on its windows and on a secret draw alone.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Final

from underseal.core.disclosure import is_cover_audit
from underseal.core.priority import Lane, Priority
from underseal.core.subject import SubjectId, SubjectKind
from underseal.core.visibility import Level
from underseal.flow.system import System
from underseal.store import cases, dossier, ledger, subjects, visibility
from underseal.store.pool import Connection
from underseal.store.roles import Role

REVIEW: Final = timedelta(days=7)
"""How long a look by chance may wait. A setting: as long as a window."""

BECAUSE: Final = "Its audience is small, and chance has chosen it."


async def audit_cover(system: System, ended: Sequence[tuple[SubjectId, int]], now: datetime) -> int:
    """Draw from the subjects whose window, by its number, ended with few viewers; count the queued.

    A draw that is lost with its process is made up for by others.
    """
    draw, rate = system.draw(), system.settings.cover_audit_rate
    queued = 0
    for subject_id, number in ended:
        if is_cover_audit(subject_id, number, draw, rate):
            async with system.db.transaction(Role.CORE) as conn:
                await ledger.lock_chain(conn, subject_id)
                queued += await _enqueue(conn, system, subject_id, now)
    return queued


async def _enqueue(conn: Connection, system: System, subject_id: SubjectId, now: datetime) -> bool:
    """Queue a video that can be seen, unless somebody has looked at it or is about to."""
    subject = await subjects.load_subject(conn, subject_id)
    assert subject is not None, "audiences refer to subjects"
    shown = (await visibility.load_visibility(conn, [subject_id])).get(subject_id)
    if (
        subject.ref.kind is not SubjectKind.VIDEO
        or (shown is not None and shown.visibility.level in {Level.HELD, Level.REMOVED})
        or await dossier.findings_on_version(conn, subject_id, subject.version)
        or await cases.lock_case_of_round(conn, subject_id, subject.round) is not None
    ):
        return False
    due_at = datetime.combine(now.date(), time(), UTC) + REVIEW
    priority = Priority(
        lane=Lane.ORDINARY,
        guideline=None,
        due_at=due_at,
        duty_from=due_at - REVIEW / 8,
        rate=0.0,
        because=BECAUSE,
    )
    await cases.enqueue(conn, system.new_id(), subject, priority, now.date())
    return True
