"""What a decision would tell the person affected, and when: written as the real one is.

Nothing is kept. Dates in the text follow from the moment of the disclosure, which is a guess here.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from underseal.core.case import ModeratorId
from underseal.core.disclosure import LONGEST, tick_of
from underseal.core.draft import UNDO_TIME, needs_second
from underseal.core.guideline import DisclosureClass
from underseal.core.person import Person
from underseal.core.statement import inform, statement_text
from underseal.flow.decide import Submission, UnknownCaseError, judge
from underseal.flow.draft_decision import is_at_once
from underseal.flow.reinstate import plan_reinstatement
from underseal.flow.settle import Judgement, is_unseen, pace, write_statement
from underseal.flow.system import System
from underseal.store import cases, effects, subjects, visibility
from underseal.store.cases import CaseId
from underseal.store.connection import Connection
from underseal.store.roles import Role
from underseal.store.statements import StoredStatement
from underseal.store.subjects import Subject


class When(StrEnum):
    """When the effect of a decision can be noticed; never, if it has none."""

    NEVER = "never"
    AT_ONCE = "at_once"
    TICK = "tick"
    WINDOW = "window"


_WHEN = {
    DisclosureClass.AT_ONCE: When.AT_ONCE,
    DisclosureClass.TICK: When.TICK,
    DisclosureClass.WINDOW: When.WINDOW,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What would be told: None if nothing is, or nobody is known to tell it to.

    `tick` is the next one; what waits for its window takes place by `latest` in any case.
    `takes_undo` says that it can be taken back for a minute.
    """

    text: str | None
    is_known: bool
    when: When
    tick: datetime
    latest: datetime
    needs_second: bool
    takes_undo: bool


async def preview_decision(
    system: System,
    case_id: CaseId,
    person: Person,
    given: Submission,
    language: str,
    *,
    now: datetime,
) -> Preview:
    """Return what a submission would lead to.

    Raises:
        Whatever `flow.decide.decide` refuses.
    """
    moderator = ModeratorId(person.principal_id)
    async with system.db.transaction(Role.CONSOLE) as conn:
        case = await cases.load_case(conn, case_id)
        if case is None:
            raise UnknownCaseError
        subject = await subjects.load_subject(conn, case.subject_id)
        assert subject is not None, "cases refer to subjects"
        judgement = await judge(conn, system, case, subject, by=moderator, given=given, now=now)
        return await preview_judgement(conn, system, subject, judgement, language, now=now)


async def preview_judgement(
    conn: Connection,
    system: System,
    subject: Subject,
    judgement: Judgement,
    language: str,
    *,
    now: datetime,
) -> Preview:
    """Return what a judgement would lead to."""
    when, stored = await _outcome(conn, system, subject, judgement, now)
    second = needs_second(subject.ref.kind, judgement.taken.decision.verdict)
    tick = tick_of(now + UNDO_TIME, system.settings.tick_length)
    text = None
    if stored is not None:
        informed = inform(stored.statement, now if when is When.AT_ONCE else tick)
        text = statement_text(informed, language)
    return Preview(
        text=text,
        is_known=subject.creator_id is not None,
        when=when,
        tick=tick,
        latest=tick_of(now + LONGEST, system.settings.tick_length),
        needs_second=second,
        takes_undo=second or not is_at_once(judgement),
    )


async def _outcome(
    conn: Connection, system: System, subject: Subject, judgement: Judgement, now: datetime
) -> tuple[When, StoredStatement | None]:
    """When something can be noticed, and the statement that goes with it."""
    decision = judgement.taken.decision
    if judgement.on_appeal is None and judgement.guideline is None:
        waiting = await effects.intended_effect(conn, subject.subject_id)
        if waiting is not None and waiting.decision_id is not None:
            return When.NEVER, None
        plan = await plan_reinstatement(conn, system, subject, decision)
        if plan is None:
            return When.NEVER, None
        return When.AT_ONCE if plan.is_unpublished else When.TICK, plan.statement
    stored = await write_statement(conn, system, subject, judgement)
    shown = (await visibility.load_visibility(conn, [subject.subject_id])).get(subject.subject_id)
    if is_unseen(shown, judgement):
        return When.AT_ONCE, stored
    window = await effects.window_of(conn, subject.subject_id, now)
    disclosure, _ = await pace(conn, subject.subject_id, judgement, window)
    return _WHEN[disclosure], stored
