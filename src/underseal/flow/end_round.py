"""A round ends: its reports are committed to, and what is filed from now on is for the next one.

It ends with a decision, or with a new version of its subject.
"""

from datetime import date, datetime

from underseal.core.case import ENDED, CaseStep, advance
from underseal.core.ledger import EventKind
from underseal.flow.intend import withdraw
from underseal.store import assessments, cases, effects, ledger, subjects
from underseal.store.connection import Connection
from underseal.store.ledger import Commitment
from underseal.store.subjects import Subject


async def end_round(
    conn: Connection, subject: Subject, round_: int, day: date, *, is_known: bool = False
) -> Commitment:
    """End a round for good; chain and subject are locked.

    Unless it `is_known`, receipts do not show it before a tick tells of an outcome. An appeal has a
    round of its own, to which nobody reports: that of the reports goes on.
    """
    subject_id = subject.subject_id
    commitment = await ledger.commit_reports(conn, subject_id, round_, closed=True)
    if round_ == subject.round:
        await subjects.end_round(conn, subject_id, day, is_known=is_known)
        await assessments.wait_no_more(conn, subject_id)
    return commitment


async def supersede_round(conn: Connection, subject: Subject, now: datetime) -> None:
    """End the present round because there is a new version; chain and subject are locked.

    What the old version was to be kept from is given up. What is in force stays so until somebody
    has looked: a new version is no way round it.
    """
    subject_id = subject.subject_id
    case = await cases.lock_case_of_round(conn, subject_id, subject.round)
    if case is not None and case.state not in ENDED:
        await cases.end_case(conn, case.case_id, advance(case.state, CaseStep.SUPERSEDE), now)
    waiting = await effects.intended_effect(conn, subject_id)
    if waiting is not None and waiting.decision_id is None:
        await withdraw(conn, subject_id)
    commitment = await end_round(conn, subject, subject.round, now.date(), is_known=True)
    await ledger.append(
        conn,
        subject_id,
        EventKind.SUPERSEDED,
        {"round": subject.round, "commitment": dict(commitment.payload)},
    )
