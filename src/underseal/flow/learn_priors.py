"""What is believed of reports before anything is known of their reporters: learnt once a quarter.

From all track records, and from what became of what was reported in the quarter before.

Invariants:
    Assessments of a quarter use what was learnt as it began: no finer date can be read out of one
    than its reports have, and nobody sees on the morrow what their reports have moved.
    The ledger tells what was learnt; of whom, nobody.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from underseal.core.confusion import SIBLING_SHARE, Confusions, learn_siblings
from underseal.core.evidence import REPORTED, Weighting
from underseal.core.guideline import TopicId
from underseal.core.ledger import INSTALLATION, EventKind
from underseal.core.prior import (
    DEFAULT_PRIOR,
    Judged,
    Population,
    Prior,
    count,
    in_force,
    learn,
    learn_reported,
)
from underseal.core.report import quarter_of
from underseal.core.track_record import at
from underseal.flow.system import System
from underseal.store import ledger, priors, records
from underseal.store.pool import Connection
from underseal.store.priors import Learnt
from underseal.store.roles import Role

BATCH: Final = 5_000
"""Track records that are read at a time. A limit of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """The priors that assessments use, and the quarter in which they were learnt, if any were."""

    learnt_in: date | None
    by_topic: Mapping[TopicId, Prior]


async def priors_in_force(conn: Connection, system: System) -> InForce:
    """Return the newest priors, without those that this region or its guidelines do not use."""
    match system.settings.weighting:
        case Weighting.OFF | Weighting.SHADOW:
            newest = None
        case Weighting.PRIORITY_ONLY | Weighting.PRIORITY_AND_THRESHOLD:
            newest = await priors.newest_priors(conn)
    if newest is None:
        return InForce(learnt_in=None, by_topic={})
    return InForce(learnt_in=newest.learnt_in, by_topic=in_force(newest.priors, system.guidelines))


async def learn_priors(system: System, now: datetime) -> bool:
    """Learn the priors of this quarter, unless they or later ones were learnt; return whether.

    When it fails nothing is learnt, and assessments go on with the priors that there are.
    """
    quarter = quarter_of(now.date())
    if not await _is_missing(system, quarter):
        return False
    populations = await _populations(system, quarter)
    reported = learn_reported(await _judged(system, quarter))
    siblings = learn_siblings(await _confusions(system, quarter), system.guidelines)
    topics = {*populations, *(topic.id for topic in system.guidelines.topics)}
    priors_of = {
        topic: replace(
            learn(populations.get(topic, Population()), DEFAULT_PRIOR),
            reported=reported.get(topic, 0.0),
            sibling=siblings.get(topic, SIBLING_SHARE),
        )
        for topic in sorted(topics)
    }
    learnt = Learnt(learnt_in=quarter, priors=priors_of)
    async with system.db.transaction(Role.CORE) as conn:
        await ledger.lock_chain(conn, INSTALLATION)
        newest = await priors.newest_priors(conn)
        if newest is not None and newest.learnt_in >= quarter:
            return False
        await priors.save_priors(conn, learnt)
        await ledger.append(conn, INSTALLATION, EventKind.PRIORS_LEARNT, learnt.payload)
    return True


async def _is_missing(system: System, quarter: date) -> bool:
    async with system.db.transaction(Role.CORE) as conn:
        newest = await priors.newest_priors(conn)
    return newest is None or newest.learnt_in < quarter


async def _judged(system: System, quarter: date) -> Mapping[TopicId, Sequence[Judged]]:
    """What became of what was reported, by topic, in the quarter before this one."""
    before = quarter_of(quarter - timedelta(days=1))
    async with system.db.transaction(Role.CORE) as conn:
        judged = await priors.judged_reports(conn, before, quarter, REPORTED)
    found: dict[TopicId, list[Judged]] = {topic.id: [] for topic in system.guidelines.topics}
    for guideline, each in judged.items():
        named = system.guidelines.by_id.get(guideline)
        if named is not None:
            found[named.topic].extend(each)
    return found


async def _confusions(system: System, quarter: date) -> Confusions:
    """Which guidelines were taken for which in the quarter before this one."""
    before = quarter_of(quarter - timedelta(days=1))
    async with system.db.transaction(Role.CORE) as conn:
        return await priors.confusions(conn, before, quarter)


async def _populations(system: System, on: date) -> Mapping[TopicId, Population]:
    """The reporters of each topic, by their records as they stand on a day."""
    found: dict[TopicId, Population] = {}
    after = records.FIRST
    while True:
        async with system.db.transaction(Role.CORE) as conn:
            batch = await records.living_records(conn, after, BATCH)
        for (_, topic), record in batch.items():
            now = at(record, on)
            counts = max(0.0, now.right), max(0.0, now.wrong)
            found[topic] = count(found.get(topic, Population()), [counts])
        if len(batch) < BATCH:
            return found
        after = list(batch)[-1]
