"""Prevalence from the rows, counted again by brute force: Hansen and Hurwitz's sum, day by day."""

import random
from collections import defaultdict
from datetime import date, timedelta
from uuid import UUID

import pytest
from moderated import NOW, TODAY, Life

from underseal.flow.figures import Period, read_figures
from underseal.store.connection import session

TABLES = ("prevalence_days", "prevalence_draws", "decisions")


@pytest.fixture
async def owner(server, address):
    async with session(address, server.embedded.superuser()) as conn:
        yield conn


async def drawn_from(owner, life: Life, seed: int) -> None:
    """Draws of many days from whatever subjects there are, and one of nobody decided."""
    chance = random.Random(seed)
    await owner.execute("set session_replication_role = replica")
    subjects = [row["subject_id"] for row in await owner.fetch("select subject_id from subjects")]
    for back in chance.sample(range(100), 25):
        day, views = TODAY - timedelta(days=back), chance.randrange(10**4, 10**6)
        await life.put("prevalence_days", day=day, views=views, draws=40)
        for subject in chance.sample(subjects, chance.randrange(1, 8)):
            await life.put(
                "prevalence_draws",
                day=day,
                subject_id=subject,
                version=1,
                views=chance.randrange(1, 10**4),
                probability=chance.uniform(0.001, 0.5),
                times=chance.randrange(1, 4),
                nats=chance.gauss(-4, 2),
                guidelines_version="1",
            )
    await owner.execute("set session_replication_role = origin")


def again(rows: dict[str, list[dict]], since: date, guideline: str | None) -> float | None:
    """The share of views, day by day: the mean of what each draw says, weighted by the views."""
    views = {row["day"]: row["views"] for row in rows["prevalence_days"]}
    overturned = {row["reviews"] for row in rows["decisions"]}
    last: dict[UUID, dict] = {}
    for row in sorted(rows["decisions"], key=lambda row: (row["decided_at"], row["round"])):
        if row["decision_id"] not in overturned:
            last[row["subject_id"]] = row
    said: dict[date, list[float]] = defaultdict(list)
    for row in rows["prevalence_draws"]:
        found = last.get(row["subject_id"])
        if row["day"] < since or found is None:
            continue
        is_hit = found["outcome"] != "no_violation" and guideline in {None, found["guideline"]}
        one = row["views"] / views[row["day"]] / row["probability"] if is_hit else 0.0
        said[row["day"]] += [one] * row["times"]
    if not said:
        return None
    total = sum(views[day] for day in said)
    return sum(views[day] / total * sum(each) / len(each) for day, each in said.items())


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
async def test_prevalence_is_what_counting_the_draws_gives(system, owner, seed):
    life = Life(owner, seed)
    await life.happen()
    await drawn_from(owner, life, seed)
    rows = {
        table: [dict(row) for row in await owner.fetch(f"select * from {table}")]
        for table in TABLES
    }
    decided = {row["subject_id"] for row in rows["decisions"]}
    for period in Period:
        since = TODAY - timedelta(days=period - 1)
        found = (await read_figures(system, period, NOW)).prevalence
        expected = again(rows, since, None)
        assert found.overall.value == (
            None if expected is None else pytest.approx(min(1, expected))
        )
        for guideline, of in found.by_guideline.items():
            assert of.value == pytest.approx(min(1, again(rows, since, guideline)))
            assert of.low <= of.value <= of.high
        drawn = [row for row in rows["prevalence_draws"] if row["day"] >= since]
        answered = [row for row in drawn if row["subject_id"] in decided]
        assert found.overall.audits == sum(row["times"] for row in answered)
        assert found.waiting == sum(row["times"] for row in drawn) - found.overall.audits


async def test_without_audits_nothing_is_said(system):
    found = (await read_figures(system, Period.MONTH, NOW)).prevalence
    assert found.overall.value is None
    assert (found.by_guideline, found.waiting) == ({}, 0)
