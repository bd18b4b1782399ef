"""What a case tells of the track records of those who reported it, by the real evidence.

It tells by its bands and by its place in the queue. Nothing blurs it: machines say nothing, and the
place is read as exactly as in a queue without end.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Final
from uuid import UUID

from underseal.core.cliques import NO_CO_REPORTS
from underseal.core.effect import regret_rate
from underseal.core.evidence import Dossier, Weighting, as_weighed, assess
from underseal.core.guideline import Guideline, GuidelineId
from underseal.core.priority import Bands, bands
from underseal.core.report import CountedReport, Pseudonym
from underseal.core.subject import SubjectId, SubjectKind
from underseal.core.track_record import TrackRecord, is_proven
from underseal.core.visibility import Level
from underseal.lab.own_guidelines import own_guidelines

GUIDELINE: Final = GuidelineId("bullying")
"""What all that is reported is reported for: records are by topic."""

TODAY: Final = date(2026, 1, 1)
"""The day of the records and of the look, so that nothing has faded."""


class Regard(StrEnum):
    """What decisions have said of a reporter so far, as it stood beside their alias once."""

    NEW = "new"
    KNOWN = "known"
    PROVEN = "proven"


def _record(right: float, wrong: float, resolved: int) -> TrackRecord:
    return TrackRecord(right=right, wrong=wrong, resolved=resolved, as_of=TODAY)


RECORDS: Final = (
    None,
    _record(1, 0, 1),
    _record(0, 0.25, 1),
    _record(1, 1, 5),
    _record(0, 30, 30),
    _record(3, 0, 3),
    _record(12, 0.5, 14),
)
RECORD_SHARES: Final = (0.9, 0.02, 0.02, 0.02, 0.02, 0.01, 0.01)
"""Track records, and how many of those who report have each (an assumption): 90 in 100 are new, 8
known, of whom 2 have made reports up until they count less, and 2 proven."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a case tells beyond what it would if as many newcomers had reported it.

    Whoever knows the rules can reckon that. `is_other_band` is what its bands tell, `ahead` what
    its place in the queue does, in tenths of a nat.
    """

    is_other_band: bool
    ahead: int


def regard(record: int) -> Regard:
    """Return what stood beside the alias of whoever has a record, by its number."""
    given = RECORDS[record]
    if given is None:
        return Regard.NEW
    return Regard.PROVEN if is_proven(given) else Regard.KNOWN


@cache
def told(records: Sequence[int], views: int, weighting: Weighting) -> Told:
    """Return what a case tells that people with these records reported, of so many who saw it."""
    of_people = [RECORDS[each] for each in records]
    shown, rate = _weighed(of_people, views, weighting)
    of_newcomers, newcomers_rate = _weighed(of_people, views, Weighting.OFF)
    return Told(
        is_other_band=shown != of_newcomers,
        ahead=round(10 * math.log(rate / newcomers_rate)),
    )


def _weighed(
    records: Sequence[TrackRecord | None], views: int, weighting: Weighting
) -> tuple[Bands, float]:
    guideline = own_guidelines().by_id[GUIDELINE]
    dossier = as_weighed(_dossier(guideline, records, views), weighting)
    (assessment,) = assess(dossier, own_guidelines(), {}, TODAY)
    return bands(assessment), regret_rate(assessment, guideline, Level.PUBLIC, 1.0)


def _dossier(guideline: Guideline, records: Sequence[TrackRecord | None], views: int) -> Dossier:
    people = [Pseudonym(number.to_bytes(32)) for number in range(len(records))]
    subject_id = SubjectId(UUID(int=0))
    return Dossier(
        subject_id=subject_id,
        round=1,
        kind=SubjectKind.VIDEO,
        reports=tuple(
            CountedReport(
                subject_id=subject_id,
                round=1,
                guideline=guideline.id,
                pseudonym=who,
                after_outcome=False,
                may_be_guessed=False,
                is_notice=False,
            )
            for who in people
        ),
        records={
            (who, guideline.topic): record
            for who, record in zip(people, records, strict=True)
            if record is not None
        },
        co_reports=NO_CO_REPORTS,
        signals=(),
        organic_views=views,
        qualifying_viewers=views,
        human={},
        spent=frozenset(),
    )
