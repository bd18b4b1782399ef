"""What track records come from: each time computed anew, from what the decisions that hold say."""

import math
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from underseal.core.decision import Decision
from underseal.core.guideline import Guidelines
from underseal.core.report import CountedReport
from underseal.core.track_record import Credit, TrackRecord, fold, merge


@dataclass
class Given:
    """A decision, the guidelines and the day it was taken by, and what it says of reporters."""

    decision: Decision
    guidelines: Guidelines
    on: date
    says: tuple[Credit, ...]
    overturned_by: UUID | None = None


@dataclass
class Truth:
    """What track records come from: decisions, and what was carried over from a year."""

    given: dict[UUID, Given] = field(default_factory=dict)
    carried: dict[tuple, list[TrackRecord]] = field(default_factory=dict)

    def record(self, key: tuple, on: date) -> TrackRecord:
        """What a track record should be, if it stands as of a day."""
        earned = [
            credit
            for each in self.given.values()
            if each.overturned_by is None
            for credit in each.says
            if (credit.pseudonym, credit.topic) == key
        ]
        record = fold(None, earned, on)
        for each in self.carried.get(key, ()):
            record = merge(each, record)
        return record


async def reports_of(stage, decision: Decision) -> list[CountedReport]:
    """The reports of the round that a decision has ended, as they are stored."""
    rows = await stage.rows(
        "select guideline, pseudonym, after_outcome from reports "
        "where (subject_id, round) = ($1, $2)",
        decision.subject_id,
        decision.round,
    )
    return [
        CountedReport(
            subject_id=decision.subject_id,
            round=decision.round,
            guideline=row["guideline"],
            pseudonym=row["pseudonym"],
            after_outcome=row["after_outcome"],
            may_be_guessed=False,
            is_notice=False,
        )
        for row in rows
    ]


def same(one: TrackRecord, other: TrackRecord) -> bool:
    return (
        one.resolved == other.resolved
        and math.isclose(one.right, other.right, abs_tol=1e-9)
        and math.isclose(one.wrong, other.wrong, abs_tol=1e-9)
    )
