"""Why a subject is believed to break a guideline, term by term, for auditors."""

from collections.abc import Sequence

from underseal.core.evidence import probability
from underseal.core.subject import SubjectRef
from underseal.flow.system import System
from underseal.store import assessments, subjects
from underseal.store.roles import Role


async def explain_subject(system: System, ref: SubjectRef) -> Sequence[str]:
    """Return the newest assessments of a subject's present round, a line for each term."""
    async with system.db.transaction(Role.CORE) as conn:
        subject = await subjects.load_subject(conn, ref.subject_id)
        if subject is None:
            return ["nobody has told of this subject"]
        stored = await assessments.load_assessments(conn, subject.subject_id, subject.round)
    lines = [f"{ref.kind} {ref.external_id}, version {subject.version}, round {subject.round}"]
    for each in stored:
        lines.append(each.guideline)
        lines.extend(f"  {nats:+9.4f}  {name}" for name, nats in each.terms)
        chance = probability(each.log_odds)
        lines.append(f"  {each.log_odds:+9.4f}  log-odds, a probability of {chance:.2%}")
    return lines
