"""Why a subject is believed to break a guideline, term by term, for auditors."""

from collections.abc import Mapping, Sequence
from datetime import date

from underseal.core.evidence import probability
from underseal.core.guideline import Guidelines, TopicId
from underseal.core.prior import DEFAULT_PRIOR, Prior, in_force
from underseal.core.subject import SubjectRef
from underseal.flow.system import System
from underseal.store import assessments, priors, subjects
from underseal.store.assessments import StoredAssessment
from underseal.store.roles import Role


async def explain_subject(system: System, ref: SubjectRef) -> Sequence[str]:
    """Return the newest assessments of a subject's present round, a line for each term."""
    async with system.db.transaction(Role.CORE) as conn:
        subject = await subjects.load_subject(conn, ref.subject_id)
        if subject is None:
            return ["nobody has told of this subject"]
        stored = await assessments.load_assessments(conn, subject.subject_id, subject.round)
        learnt = {each.learnt_in: each.priors for each in await priors.all_priors(conn)}
    lines = [f"{ref.kind} {ref.external_id}, version {subject.version}, round {subject.round}"]
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
        f"{prior.strength:g} reports ({since})"
    )
