"""Draws of looks by chance as they are stored: once a day, with their probability, for good."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from underseal.core.prevalence import Drawn, Viewed
from underseal.core.subject import SubjectId
from underseal.store import figures, prevalence
from underseal.store.connection import session

DAY = date(2026, 11, 20)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
SUBJECTS = [SubjectId(UUID(int=number)) for number in range(1, 5)]


@pytest.fixture
async def conn(server, address):
    """Somebody whom constraints between tables do not bind, so that rows can be few."""
    async with session(address, server.embedded.superuser()) as conn:
        await conn.execute("set session_replication_role = replica")
        for number, subject in enumerate(SUBJECTS):
            await conn.execute(
                "insert into subjects (subject_id, kind, external_id, version) values ($1, $2, $3, $4)",
                subject,
                "comment" if number == 3 else "video",
                f"v{number}",
                0 if number == 2 else 2,
            )
        yield conn


async def view(conn, subject, tick, organic):
    await conn.execute("insert into views values ($1, $2, $3, 0)", subject, tick, organic)


async def decide(conn, number, kind, outcome, *, hour, reviews=None):
    await conn.execute(
        "insert into decisions (decision_id, subject_id, round, version, kind, outcome, guideline, "
        "guidelines_version, finding, automation, reviews, first_deciders, decided_by, reasons, "
        "decided_at) "
        "values ($1, $2, $3, 2, $4, $5, $6, '1', 'actioned', 'not_automated', $7, case when $7::uuid is not null then array[$7::uuid] end, $1, 'why', $8)",
        UUID(int=number),
        SUBJECTS[0],
        number,
        kind,
        outcome,
        None if outcome == "no_violation" else "spam",
        reviews and UUID(int=reviews),
        NOON + timedelta(hours=hour),
    )


def drawn(number, times=1):
    viewed = Viewed(subject_id=SUBJECTS[number], views=10, nats=-3.0)
    return Drawn(viewed=viewed, probability=0.1, times=times)


async def put(conn, *given, day=DAY):
    versions = dict.fromkeys(SUBJECTS, 2)
    return await prevalence.add_draws(conn, day, 100, given, versions, guidelines_version="1")


async def test_views_of_a_day_are_those_of_its_ticks_and_of_registered_videos(conn):
    midnight = datetime(2026, 11, 20, tzinfo=UTC)
    for subject in SUBJECTS:
        await view(conn, subject, NOON, 7)
    await view(conn, SUBJECTS[0], midnight, 1_000)  # the last tick of the day before
    await view(conn, SUBJECTS[0], midnight + timedelta(days=1), 5)
    await view(conn, SUBJECTS[1], NOON + timedelta(days=1), 9)
    seen = await prevalence.seen_between(conn, midnight, midnight + timedelta(days=1))
    assert [(each.subject_id, each.version, each.views) for each in seen] == [
        (SUBJECTS[0], 2, 12),
        (SUBJECTS[1], 2, 7),
    ]


async def test_a_day_that_was_drawn_from_stays_as_it_was_drawn(conn):
    assert not await prevalence.is_drawn(conn, DAY)
    assert await put(conn, drawn(0, times=3), drawn(1))
    assert await prevalence.is_drawn(conn, DAY)
    assert not await put(conn, drawn(1))
    rows = await conn.fetch("select subject_id, times from prevalence_draws order by 1")
    assert [tuple(row) for row in rows] == [(SUBJECTS[0], 3), (SUBJECTS[1], 1)]


async def test_the_answer_is_the_last_word_on_the_version_drawn(conn):
    await put(conn, drawn(0, times=2), drawn(1))
    assert await figures.prevalence(conn, DAY) == ()
    tomorrow = DAY + timedelta(days=1)
    assert await prevalence.waiting(conn, DAY, tomorrow) == 3
    await decide(conn, 1, "review", "remove", hour=1)
    (answered,) = await figures.prevalence(conn, DAY)
    assert (answered.audit.found, answered.audit.times, answered.guideline) == (True, 2, "spam")
    await decide(conn, 2, "appeal", "no_violation", hour=2, reviews=1)
    (answered,) = await figures.prevalence(conn, DAY)
    assert (answered.audit.found, answered.guideline) == (False, None)
    assert await prevalence.waiting(conn, DAY, tomorrow) == 1
    assert await prevalence.waiting(conn, DAY, DAY) == 0
    assert await figures.prevalence(conn, tomorrow) == ()


async def test_what_has_a_case_or_a_new_version_is_not_asked_about_again(conn):
    await put(conn, drawn(0), drawn(1))
    assert await prevalence.unasked(conn, DAY) == ((SUBJECTS[0], 2), (SUBJECTS[1], 2))
    assert await prevalence.unasked(conn, DAY + timedelta(days=1)) == ()
    await conn.execute(
        "insert into cases (case_id, subject_id, round, version, kind, state, lane, because, "
        "opened_on, duty_from) values ($1, $2, 1, 2, 'review', 'queued', 'ordinary', '', $3, now())",
        UUID(int=9),
        SUBJECTS[0],
        DAY,
    )
    await conn.execute("update subjects set version = 3 where subject_id = $1", SUBJECTS[1])
    assert await prevalence.unasked(conn, DAY) == ()
