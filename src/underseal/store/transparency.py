"""Figures of whole months: counted once, published, and never changed."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

import msgspec

from underseal.core.guideline import GuidelineId, TopicId
from underseal.core.transparency import (
    MonthFigures,
    Tally,
    TopicFigures,
    ViewShare,
    next_month,
)
from underseal.store.connection import Connection
from underseal.store.queries import load

_SQL: Final = load("transparency")


async def began_on(conn: Connection) -> date | None:
    """Return the day on which the first guidelines came into force, or None before that."""
    found: date | None = await conn.fetchval(_SQL["began_on"])
    return found


async def published(conn: Connection) -> Sequence[MonthFigures]:
    """Return what was published, the newest month first."""
    return tuple(
        MonthFigures(
            month=row["month"],
            topics=msgspec.convert(row["body"], tuple[TopicFigures, ...]),
            violating_views=msgspec.convert(row["violating_views"], ViewShare | None),
        )
        for row in await conn.fetch(_SQL["months"])
    )


async def tally(
    conn: Connection, month: date, topics: Mapping[GuidelineId, TopicId]
) -> Sequence[Tally]:
    """Count what happened in a month, by topic; the topic "" is that of guidelines long gone."""
    rows = await conn.fetch(
        _SQL["tally"], month, next_month(month), list(topics), list(topics.values())
    )
    return tuple(
        Tally(
            topic=row["topic"],
            reports=row["reports"],
            flagged=row["flagged"],
            decisions=row["decisions"],
            restrictions=row["restrictions"],
            by_machine=row["by_machine"],
            days=row["days"],
            appeals=row["appeals"],
            overturned=row["overturned"],
        )
        for row in rows
    )


async def publish(conn: Connection, given: MonthFigures) -> None:
    """Keep the figures of a month, unless they were published before."""
    await conn.execute(_SQL["publish"], given.month, given.topics, given.violating_views)
