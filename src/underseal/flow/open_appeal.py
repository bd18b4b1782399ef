"""Appeals that were lodged come before somebody else than who decided first."""

from datetime import datetime
from typing import Final

from underseal.core.case import CaseKind
from underseal.core.effect import Look
from underseal.core.ledger import EventKind
from underseal.core.priority import Standing, prioritise
from underseal.core.visibility import Level
from underseal.flow.system import System
from underseal.store import appeals, cases, decisions, ledger, subjects, visibility
from underseal.store.appeals import LodgedAppeal
from underseal.store.roles import Role

AT_ONCE: Final = 100
"""Appeals that are opened in one go. A limit of ours."""


async def open_appeals(system: System, now: datetime) -> int:
    """Queue appeals that nobody has begun to hear, and return how many."""
    async with system.db.transaction(Role.CORE) as conn:
        lodged = await appeals.lodged_appeals(conn, AT_ONCE)
    opened = [await _open(system, each, now) for each in lodged]
    return sum(opened)


async def _open(system: System, lodged: LodgedAppeal, now: datetime) -> bool:
    """Open a round for an appeal, unless another process was quicker."""
    async with system.db.transaction(Role.CORE) as conn:
        await ledger.lock_chain(conn, lodged.subject_id)
        if await cases.is_opened(conn, lodged.decision_id):
            return False
        subject = await subjects.load_subject(conn, lodged.subject_id)
        first = await decisions.load_decision(conn, lodged.decision_id)
        assert subject is not None, "appeals refer to decisions, and these to subjects"
        assert first is not None, "appeals refer to decisions"
        shown = (await visibility.load_visibility(conn, [lodged.subject_id])).get(lodged.subject_id)
        priority = prioritise(
            (),
            system.guidelines,
            Standing(
                kind=CaseKind.APPEAL,
                level=Level.PUBLIC if shown is None else shown.visibility.level,
                look=Look.WAITED,
                views_per_hour=0.0,
                queued_at=now,
            ),
        )
        round_ = 1 + await cases.last_round(conn, lodged.subject_id)
        await cases.open_appeal(
            conn,
            system.new_id(),
            first,
            round_,
            priority,
            now=now,
        )
        await ledger.append(
            conn,
            lodged.subject_id,
            EventKind.APPEAL_LODGED,
            {
                "appeal": str(lodged.appeal_id),
                "decision": str(lodged.decision_id),
                "round": round_,
            },
        )
    return True
