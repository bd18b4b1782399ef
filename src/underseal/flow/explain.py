"""Why a subject is believed to break a guideline, term by term, for auditors."""

from collections.abc import Mapping, Sequence
from datetime import date

from underseal.core.evidence import probability
from underseal.core.guideline import Guidelines, TopicId
from underseal.core.prior import DEFAULT_PRIOR, Prior, in_force
from underseal.core.subject import SubjectId, SubjectRef
from underseal.flow.system import System
from underseal.store import assessments, cases, decisions, priors, subjects
from underseal.store.assessments import StoredAssessment
from underseal.store.cases import CaseId
from underseal.store.connection import Connection
from underseal.store.roles import Role


class NothingToExplainError(LookupError):
    """There is no such case or subject."""


async def explain_case(system: System, case_id: CaseId) -> Sequence[str]:
    """Return the newest assessments of a case's round, a line for each term.

    An appeal's are those of the round that the decision was about.

    Raises:
        NothingToExplainError: there is no such case.
    """
    async with system.db.transaction(Role.CORE) as conn:
        case = await cases.load_case(conn, case_id)
        if case is None:
            raise NothingToExplainError(f"there is no case {case_id}")
        first = await decisions.load_decision(conn, case.reviews) if case.reviews else None
        round_ = first.decision.round if first else case.round
        return await _explain(conn, system, case.subject_id, round_)


async def explain_subject(system: System, ref: SubjectRef) -> Sequence[str]:
    """Return the newest assessments of a subject's present round, a line for each term.

    Raises:
        NothingToExplainError: nobody has told of the subject.
    """
    async with system.db.transaction(Role.CORE) as conn:
        return await _explain(conn, system, ref.subject_id, None)


async def _explain(
    conn: Connection, system: System, subject_id: SubjectId, round_: int | None
) -> Sequence[str]:
    subject = await subjects.load_subject(conn, subject_id)
    if subject is None:
        raise NothingToExplainError("nobody has told of this subject")
    round_ = round_ or subject.round
    stored = await assessments.load_assessments(conn, subject_id, round_)
    learnt = {each.learnt_in: each.priors for each in await priors.all_priors(conn)}
    ref = subject.ref
    lines = [f"{ref.kind} {ref.external_id}, version {subject.version}, round {round_}"]
    for each in stored:
        lines.append(each.guideline)
        lines.extend(f"  {nats:+9.4f}  {name}" for name, nats in each.terms)
        chance = probability(each.log_odds)
        lines.append(f"  {each.log_odds:+9.4f}  log-odds, a probability of {chance:.2%}")
        lines.append(f"  {_newcomers(each, learnt, system.guidelines)}")
    return lines


def _newcomers(
    assessment: StoredAssessment,
    learnt: Mapping[date, Mapping[TopicId, Prior]],
    guidelines: Guidelines,
) -> str:
    """What reporters without a record were believed, and since when."""
    prior, since = DEFAULT_PRIOR, "the default"
    named = guidelines.by_id.get(assessment.guideline)
    if assessment.priors_of is not None and named is not None:
        used = in_force(learnt[assessment.priors_of], guidelines)
        if named.topic in used:
            prior = used[named.topic]
            since = f"learnt in the quarter from {assessment.priors_of}"
    return (
        f"reporters without a record: right {prior.precision:.1%} of the time, a belief worth "
        f"{prior.strength:g} reports ({since}); a report of another guideline of the topic counts "
        f"{prior.sibling:.0%} of one of its own"
    )
