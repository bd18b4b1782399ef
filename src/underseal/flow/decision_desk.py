"""What lies on a moderator's desk beside a case: what can be undone, what came back, questions."""

from dataclasses import dataclass
from datetime import datetime

from underseal.core.case import ModeratorId
from underseal.core.draft import DraftId
from underseal.core.person import Person
from underseal.flow.system import System
from underseal.store import drafts, questions
from underseal.store.cases import CaseId
from underseal.store.drafts import CameBack, Escalation, StoredDraft, Undoable
from underseal.store.questions import Question
from underseal.store.roles import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Tray:
    """What a moderator can still undo, and what came back to them."""

    undoable: Undoable | None
    came_back: tuple[CameBack, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What there is beside a case; `draft` is the one that waits on it."""

    tray: Tray
    draft: StoredDraft | None
    questions: tuple[Question, ...]
    colleagues: tuple[Person, ...]
    escalation: Escalation | None


async def read_tray(system: System, person: Person, now: datetime) -> Tray:
    """Return what a moderator can undo, and what came back."""
    by = ModeratorId(person.principal_id)
    async with system.db.transaction(Role.CONSOLE) as conn:
        return Tray(
            undoable=await drafts.undoable(conn, by, now),
            came_back=await drafts.unread(conn, by),
        )


async def read_desk(system: System, case_id: CaseId, person: Person, now: datetime) -> Desk:
    """Return what lies beside a case that a moderator may read."""
    by = ModeratorId(person.principal_id)
    async with system.db.transaction(Role.CONSOLE) as conn:
        return Desk(
            tray=Tray(
                undoable=await drafts.undoable(conn, by, now),
                came_back=await drafts.unread(conn, by),
            ),
            draft=await drafts.live_draft(conn, case_id),
            questions=await questions.on_case(conn, case_id),
            colleagues=await questions.colleagues(conn, person),
            escalation=await drafts.escalation(conn, case_id),
        )


async def note_read(system: System, draft_id: DraftId, person: Person) -> None:
    """Note that somebody knows what became of their draft."""
    async with system.db.transaction(Role.CONSOLE) as conn:
        await drafts.mark_read(conn, draft_id, ModeratorId(person.principal_id))
