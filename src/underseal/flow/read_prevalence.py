"""Which share of the views of a period landed on what breaks a guideline, and how sure that is."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from underseal.core.guideline import GuidelineId
from underseal.core.prevalence import Prevalence, Readers, estimate
from underseal.store import figures, prevalence
from underseal.store.connection import Connection
from underseal.store.figures import Answered


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPrevalence:
    """Of all guidelines together, and of each that an audit has found broken, by id.

    Where it was tested how people judge, that of all together is corrected by it; which guidelines
    they take for which was not tested.
    `waiting` are audits of the period that nobody has decided yet, a video drawn twice twice.
    """

    overall: Prevalence
    by_guideline: Mapping[GuidelineId, Prevalence]
    waiting: int


async def read_prevalence(
    conn: Connection, since: date, until: date, readers: Readers | None
) -> ReadPrevalence:
    """Estimate it from what was drawn from the days since one and before another, as decided.

    The last word on a video counts.
    """
    answered = [each for each in await figures.prevalence(conn, since) if each.audit.day < until]
    # In a thread: it takes tens of milliseconds for each guideline, and others want to be answered.
    overall, by_guideline = await asyncio.to_thread(_estimates, answered, readers)
    return ReadPrevalence(
        overall=overall,
        by_guideline=by_guideline,
        waiting=await prevalence.waiting(conn, since, until),
    )


def _estimates(
    answered: Sequence[Answered], readers: Readers | None
) -> tuple[Prevalence, Mapping[GuidelineId, Prevalence]]:
    broken = sorted({each.guideline for each in answered if each.guideline is not None})
    return estimate([each.audit for each in answered], readers), {
        guideline: estimate(
            [replace(each.audit, found=each.guideline == guideline) for each in answered]
        )
        for guideline in broken
    }
