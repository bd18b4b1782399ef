"""What is believed of a subject that nobody has reported and nobody has looked at.

Machines and base rates alone: no track record, prior or audience says anything where no voice is.
"""

from collections.abc import Sequence
from datetime import date

from underseal.core.cliques import CoReports
from underseal.core.evidence import Assessment, Backing, Dossier, Term, assess
from underseal.core.guideline import GuidelineId, Guidelines, log_odds
from underseal.core.signal import Signal
from underseal.core.subject import SubjectId, SubjectKind


def weigh_unreported(
    subject_id: SubjectId,
    kind: SubjectKind,
    signals: Sequence[Signal],
    guidelines: Guidelines,
    on: date,
) -> tuple[Assessment, ...]:
    """Return one assessment for each guideline about this kind of subject, ordered by id."""
    dossier = Dossier(
        subject_id=subject_id,
        round=1,
        kind=kind,
        reports=(),
        records={},
        co_reports=CoReports(joint={}, totals={}),
        signals=tuple(signals),
        organic_views=0,
        qualifying_viewers=0,
        human={},
        spent=frozenset(),
    )
    spoken = {each.guideline: each for each in assess(dossier, guidelines, {}, on)}
    return tuple(
        spoken.get(each.id) or unheard(each.id, log_odds(each.base_rate))
        for _, each in sorted(guidelines.by_id.items())
        if kind in each.subjects
    )


def unheard(guideline: GuidelineId, nats: float) -> Assessment:
    """Return an assessment of so many nats, of a subject of which nobody and no machine has spoken."""
    return Assessment(
        guideline=guideline,
        log_odds=nats,
        terms=(Term(name="base rate", nats=nats),),
        machine=0.0,
        voices_proven=0,
        voices_unproven=0,
        unreported=nats,
        backing=Backing(),
        consenting=Backing(),
        is_reported=False,
        has_notice=False,
        has_flagged_notice=False,
        is_known=False,
        is_looked_at=False,
    )
