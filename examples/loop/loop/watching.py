"""Step 3: tell how many have watched, tick by tick.

Underseal waits for a crowd before anything visible happens to what was reported, so that nobody
can tell who did it. That protects reporters only as well as these numbers are honest:

- a view counts for people who are signed in, who are not the creator, and who watched for two
  seconds: Loop cannot tell others from machines, so it does not count them at all;
- a viewer qualifies once for each subject, in the tick in which they first saw it.

A bigger site would leave out accounts that its own bot detection distrusts, too.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Final

from loop.database import transaction
from loop.people import Person
from loop.site import Site
from underseal.client import requests
from underseal.client.requests import SubjectName

FEW: Final = 5
"""With fewer viewers, a reporter is warned that the creator may guess. Underseal's own bound."""

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def tick_ms(at: datetime, length: timedelta) -> int:
    """Return the end of the tick that a moment falls into, in milliseconds since 1970."""
    end = EPOCH - (EPOCH - at) // length * length
    return (end - EPOCH) // timedelta(milliseconds=1)


def saw(site: Site, viewer: Person, subjects: Iterable[tuple[SubjectName, str | None]]) -> None:
    """Note that somebody saw these subjects, each with its creator."""
    tick = tick_ms(site.clock(), site.settings.tick)
    with transaction(site.db):
        for (kind, name), creator_id in subjects:
            if creator_id == viewer.id:
                continue
            is_first = site.db.execute(
                "insert or ignore into viewers values (?, ?, ?)", [kind, name, viewer.id]
            ).rowcount
            site.db.execute(
                "insert or ignore into untold_views values (?, ?, ?, ?, ?)",
                [tick, kind, name, viewer.id, is_first],
            )


def count_viewers(site: Site, subject: SubjectName) -> int:
    """Return how many people have ever seen a subject."""
    counted: int = site.db.execute(
        "select count(*) from viewers where kind = ? and id = ?", subject
    ).fetchone()[0]
    return counted


def has_few_viewers(site: Site, subject: SubjectName) -> bool:
    """Whether so few have seen a subject that its creator might guess who reported it."""
    return count_viewers(site, subject) < FEW


async def tell_views(site: Site) -> int:
    """Tell the views of each tick that is over, and return of how many ticks.

    What was told is deleted afterwards. If the answer is lost, it is told again: Underseal counts
    a subject once in a tick.

    Raises:
        ApiError, httpx.TransportError: Underseal did not take them; the next call tells them.
    """
    now_ms = (site.clock() - EPOCH) // timedelta(milliseconds=1)
    rows = site.db.execute(
        "select tick, kind, id, count(*) as organic, sum(is_first) as qualifying "
        "from untold_views where tick <= ? group by tick, kind, id order by tick",
        [now_ms],
    ).fetchall()
    ticks = 0
    for tick, of_tick in groupby(rows, key=lambda row: int(row["tick"])):
        views = [((row["kind"], row["id"]), row["organic"], row["qualifying"]) for row in of_tick]
        await site.underseal.send(requests.count_views(EPOCH + timedelta(milliseconds=tick), views))
        site.db.execute("delete from untold_views where tick = ?", [tick])
        ticks += 1
    return ticks
