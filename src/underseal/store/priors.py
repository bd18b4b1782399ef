"""What was learnt of the reporters of each topic, quarter by quarter."""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final

from underseal.core.confusion import Confusions
from underseal.core.guideline import GuidelineId, TopicId
from underseal.core.ledger import INSTALLATION, Canonical, EventKind
from underseal.core.prior import Judged, Prior
from underseal.store.connection import Connection, Row
from underseal.store.queries import load

_SQL: Final = load("priors")

_PERMILLE: Final = 1_000

Told = Mapping[str, Canonical]
"""What an event says, or should."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """The priors that were learnt in a quarter, by topic."""

    learnt_in: date
    priors: Mapping[TopicId, Prior]

    @property
    def payload(self) -> Told:
        """What the ledger says of it, in thousandths."""
        return {
            "quarter": self.learnt_in.isoformat(),
            "priors_permille": {
                topic: list(_permille(prior)) for topic, prior in sorted(self.priors.items())
            },
        }


async def newest_priors(conn: Connection) -> Learnt | None:
    """Return the priors that were learnt last, if any were."""
    found = _learnt(await conn.fetch(_SQL["newest"]))
    return found[0] if found else None


async def all_priors(conn: Connection) -> tuple[Learnt, ...]:
    """Return all priors that were ever learnt, the oldest first."""
    return _learnt(await conn.fetch(_SQL["all"]))


async def save_priors(conn: Connection, learnt: Learnt) -> None:
    """Keep what was learnt; of each quarter once."""
    permille = zip(*map(_permille, learnt.priors.values()), strict=True)
    await conn.execute(_SQL["save"], learnt.learnt_in, list(learnt.priors), *map(list, permille))


async def judged_reports(
    conn: Connection, since: date, until: date, without: str
) -> Mapping[GuidelineId, Sequence[Judged]]:
    """Return what became of reported subjects that people decided on from one day to another.

    By guideline that was reported, and by log-odds without the term `without`.
    """
    await conn.execute(_SQL["be_patient"])
    found: dict[GuidelineId, list[Judged]] = {}
    for row in await conn.fetch(_SQL["judged"], _day(since), _day(until), without):
        judged = row["nats"], row["judged"], row["broke"]
        found.setdefault(GuidelineId(row["guideline"]), []).append(judged)
    return found


async def confusions(conn: Connection, since: date, until: date) -> Confusions:
    """Return which guidelines were named where people found which broken, from one day to another."""
    await conn.execute(_SQL["be_patient"])
    rows = await conn.fetch(_SQL["confusions"], _day(since), _day(until))
    return {
        (GuidelineId(row["named"]), GuidelineId(row["broken"])): row["subjects"] for row in rows
    }


async def told_priors(conn: Connection) -> Mapping[str, Told]:
    """Return what the ledger tells of priors, by quarter.

    What cannot be read is left out: the audit finds it in the chain.
    """
    told = {}
    for row in await conn.fetch(_SQL["told"], INSTALLATION, EventKind.PRIORS_LEARNT):
        with suppress(ValueError, KeyError, TypeError):
            said = json.loads(row["body"])
            told[str(said["quarter"])] = said
    return told


def _permille(prior: Prior) -> tuple[int, ...]:
    """A prior in thousandths: it is learnt no finer."""
    parts = prior.precision, prior.strength, prior.reported, prior.sibling
    return tuple(round(_PERMILLE * each) for each in parts)


def _learnt(rows: Sequence[Row]) -> tuple[Learnt, ...]:
    found: dict[date, dict[TopicId, Prior]] = {}
    for row in rows:
        found.setdefault(row["learnt_in"], {})[TopicId(row["topic"])] = Prior(
            precision=row["precision_permille"] / _PERMILLE,
            strength=row["strength_permille"] / _PERMILLE,
            reported=row["reported_permille"] / _PERMILLE,
            sibling=row["sibling_permille"] / _PERMILLE,
        )
    return tuple(Learnt(learnt_in=quarter, priors=priors) for quarter, priors in found.items())


def _day(on: date) -> datetime:
    return datetime.combine(on, time(), UTC)
