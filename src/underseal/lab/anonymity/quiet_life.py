"""What happens without any report: machines look and find nothing, and a moderator removes."""

from datetime import datetime, timedelta
from typing import Final

from underseal.core.case import ModeratorId
from underseal.core.decision import Finding, Outcome, Verdict
from underseal.core.guideline import GuidelineId
from underseal.core.priority import Lane, Priority
from underseal.core.subject import SubjectRef
from underseal.flow.decide import Submission, decide
from underseal.flow.system import System
from underseal.flow.take_case import take_one
from underseal.store.assessments import want_assessments
from underseal.store.cases import CaseId, enqueue
from underseal.store.ledger import lock_chain
from underseal.store.roles import Role
from underseal.store.scans import end_scan, take_scan
from underseal.store.subjects import load_subject

SCANNER: Final = "none"
LEASE: Final = timedelta(minutes=1)


async def look_at_all(system: System, now: datetime) -> None:
    """Let machines end all looks that wait, without a finding; nothing is fetched for it."""
    while True:
        async with system.db.transaction(Role.CORE) as conn:
            taken = await take_scan(conn, now, now + LEASE)
            if taken is None:
                return
            await lock_chain(conn, taken.subject_id)
            await end_scan(conn, taken, SCANNER, None, now)
            await want_assessments(conn, [taken.subject_id])


async def remove(
    system: System, moderator: ModeratorId, ref: SubjectRef, guideline: GuidelineId, now: datetime
) -> None:
    """Let a moderator look at something of which there is no case, and remove it."""
    case_id = CaseId(system.new_id())
    async with system.db.transaction(Role.CORE) as conn:
        subject = await load_subject(conn, ref.subject_id)
        assert subject is not None, "it was registered"
        place = Priority(
            lane=Lane.ORDINARY, guideline=None, due_at=now, duty_from=now, rate=0.0, because=""
        )
        await enqueue(conn, case_id, subject, place, now.date())
    await take_one(system, case_id, moderator, now)
    verdict = Verdict(outcome=Outcome.REMOVE, guideline=guideline, finding=Finding.ACTIONED)
    await decide(system, case_id, moderator, Submission(verdict=verdict), now)
