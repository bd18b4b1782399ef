"""Record an assessment: the newest as it is, and in the ledger what may be kept of it for ever.

Invariants:
    The ledger is told of an assessment only if it says something new: otherwise the number of its
    events would tell in how many hours somebody has watched since the first report.
    What it is told has no date, and tells of no views: whoever knows these hour by hour would know
    the hour of a report.
"""

import math
from collections.abc import Mapping, Sequence
from datetime import date

from underseal.core.evidence import SILENT_VIEWERS, Assessment
from underseal.core.ledger import Canonical, EventKind, canonical
from underseal.store import assessments, ledger
from underseal.store.connection import Connection
from underseal.store.ledger import Commitment
from underseal.store.subjects import Subject


async def record_assessment(
    conn: Connection,
    subject: Subject,
    assessed: Sequence[Assessment],
    commitment: Commitment,
    priors_of: date | None,
) -> None:
    """Keep what was found on a subject, and the reports it was found on; its chain is locked.

    `priors_of` is the quarter of the priors that were used, None where it was the default.
    """
    subject_id, round_ = subject.subject_id, subject.round
    await assessments.save_assessments(conn, subject_id, round_, assessed, priors_of)
    payload: Mapping[str, Canonical] = {
        "round": round_,
        "commitment": dict(commitment.payload),
        "assessments": [_canonical(each) for each in assessed],
    }
    told = await ledger.last_event(conn, subject_id, EventKind.ASSESSED)
    if told != canonical(payload):
        await ledger.store_commitment(conn, subject_id, round_, commitment, closed=False)
        await ledger.append(conn, subject_id, EventKind.ASSESSED, payload)


def _canonical(assessment: Assessment) -> Canonical:
    """An assessment without what the silence of viewers says, in whole nats.

    Finer ones would tell the day of a report, by how much track records had faded.
    """
    said = [each for each in assessment.terms if each.name != SILENT_VIEWERS]
    return {
        "guideline": assessment.guideline,
        "log_odds_nats": round(math.fsum(each.nats for each in said)),
        "terms_nats": [[each.name, round(each.nats)] for each in said],
    }
