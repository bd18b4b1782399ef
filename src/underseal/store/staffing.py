"""What moderators have to do, counted."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from underseal.store.pool import Connection
from underseal.store.queries import load

_SQL: Final = load("staffing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Cases that wait and cases that came, by days; looks, and those of one person's busy day.

    `busy` is None where nobody has decided anything.
    """

    due: Mapping[int, int]
    opened: Mapping[int, int]
    looks: int
    busy: int | None


async def count_work(conn: Connection, today: date, since: date) -> Counted:
    """Count what waits, and what came and was decided from `since` until yesterday."""
    due = await conn.fetch(_SQL["due"], today)
    opened = await conn.fetch(_SQL["opened"], today, since)
    looks = await conn.fetchrow(_SQL["looks"], today, since)
    assert looks is not None, "it counts, be it nothing"
    return Counted(
        due={row["days"]: row["cases"] for row in due},
        opened={row["days"]: row["cases"] for row in opened},
        looks=looks["looks"],
        busy=looks["busy"],
    )
