"""Step 2: know who may see what.

Underseal's feed of changes leaves none out and keeps their order, so Loop reads it from where it
stopped and keeps the last word on each subject. A webhook only wakes the reader up: if one is
lost, late or forged, nothing is missed and nothing wrong is believed.
"""

import json
import sqlite3
from collections.abc import Sequence
from typing import Final

from loop.audience import UNKNOWN, Rules
from loop.database import transaction
from loop.site import Site
from underseal.client import requests
from underseal.client.answers import Visibility
from underseal.client.requests import SubjectName

ASKED_MAX: Final = 1_000
"""Subjects in one question. Underseal's limit."""

NEWS: Final = "insert or replace into visibility values (?, ?, ?, ?, ?, ?, ?, ?)"
ANSWER: Final = "insert or ignore into visibility values (?, ?, ?, ?, ?, ?, ?, ?)"


def remember(site: Site, told: Visibility, *, is_news: bool) -> None:
    """Keep what Underseal says of a subject.

    Only the feed brings news. The answer to a question may be older than what the feed has told
    meanwhile, so it is kept only where nothing is known.
    """
    site.db.execute(
        NEWS if is_news else ANSWER,
        [
            told.subject.kind,
            told.subject.id,
            told.level,
            told.age_restricted,
            told.labelled,
            told.interaction_limited,
            json.dumps(told.geo_blocked),
            told.statement_id,
        ],
    )


def rules_of(site: Site, subject: SubjectName) -> Rules:
    """Return what is known of a subject."""
    return known(site, [subject])[0]


def known(site: Site, subjects: Sequence[SubjectName]) -> list[Rules]:
    """Return what is known of each subject, in the order asked."""
    found = (
        site.db.execute("select * from visibility where kind = ? and id = ?", each).fetchone()
        for each in subjects
    )
    return [UNKNOWN if row is None else _rules(row) for row in found]


async def follow(site: Site) -> int:
    """Read the feed of changes to its end, and return how many there were.

    All changes of a long absence are written at once: nobody sees a state that has passed.

    Raises:
        ApiError, httpx.TransportError: Underseal did not answer; the next call goes on from here.
    """
    row = site.db.execute("select cursor from feed").fetchone()
    cursor: str | None = None if row is None else row["cursor"]
    changes: list[Visibility] = []
    while True:
        page = await site.underseal.send(requests.visibility_changes(cursor))
        cursor = page.cursor
        changes += page.changes
        if not page.changes:
            break
    if changes:
        with transaction(site.db):
            for change in changes:
                remember(site, change, is_news=True)
            site.db.execute("delete from feed")
            site.db.execute("insert into feed values (?)", [cursor])
    return len(changes)


async def ask_unknown(site: Site) -> None:
    """Ask about subjects of which nothing is known, as after a restored backup.

    Raises:
        ApiError, httpx.TransportError: as `follow`; they stay hidden until there is an answer.
    """
    rows = site.db.execute(
        "select kind, id from ("
        "select 'video' as kind, id from videos union all "
        "select 'comment', id from comments union all "
        "select 'sound', id from sounds union all "
        "select 'account', id from people"
        ") where (kind, id) not in (select kind, id from visibility) limit ?",
        [ASKED_MAX],
    )
    unknown = [(row["kind"], row["id"]) for row in rows]
    if unknown:
        answer = await site.underseal.send(requests.visibility_of_many(unknown))
        for each in answer.visibility:
            remember(site, each, is_news=False)


def _rules(row: sqlite3.Row) -> Rules:
    return Rules(
        level=row["level"],
        age_restricted=row["age_restricted"] == 1,
        labelled=row["labelled"] == 1,
        interaction_limited=row["interaction_limited"] == 1,
        geo_blocked=tuple(json.loads(row["geo_blocked"])),
        statement_id=row["statement_id"],
    )
