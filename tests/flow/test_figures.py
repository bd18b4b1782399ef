"""The figures of the dashboard, each counted again by brute force over the rows."""

from collections import Counter
from datetime import date, timedelta
from uuid import UUID

import pytest
from moderated import NOW, TODAY, Life

from underseal.core.figures import Share, age_of, spread
from underseal.core.guideline import C_NEW
from underseal.flow.figures import Figures, Period, definition, read_figures
from underseal.flow.system import LEASE, System
from underseal.store import figures as counted
from underseal.store.connection import session

TABLES = (
    "cases",
    "decisions",
    "appeals",
    "effects",
    "visibility",
    "assessments",
    "signals",
    "scans",
    "report_counts",
    "ticks",
    "audiences",
    "deliveries",
)


class Recount:
    """The same figures from all rows, by the words of their definitions."""

    def __init__(self, system: System, rows: dict[str, list[dict]], period: Period) -> None:
        self.since = TODAY - timedelta(days=period - 1)
        self.topic = {each.id: each.topic for each in system.guidelines.by_id.values()}
        self.rows = rows
        self.first = {row["decision_id"]: row for row in rows["decisions"]}

    def decided(self, *kinds: str) -> list[dict]:
        return [
            row
            for row in self.rows["decisions"]
            if row["kind"] in kinds and row["decided_at"].date() >= self.since
        ]

    def backlog(self):
        found: dict = {}
        for case in self.rows["cases"]:
            if case["state"] in {"queued", "leased"}:
                age = age_of((TODAY - case["opened_on"]).days)
                found.setdefault(self.topic.get(case["guideline"]), Counter())[age] += 1
        return found

    def first_looks(self):
        looked = [
            (case, (case["first_leased_until"] - LEASE).date())
            for case in self.rows["cases"]
            if case["kind"] == "review" and case["first_leased_until"]
        ]
        return spread((day - case["opened_on"]).days for case, day in looked if day >= self.since)

    def decisions(self):
        opened = {
            (case["subject_id"], case["round"]): case["opened_on"] for case in self.rows["cases"]
        }
        return spread(
            (row["decided_at"].date() - opened[row["subject_id"], row["round"]]).days
            for row in self.decided("review")
            if (row["subject_id"], row["round"]) in opened
        )

    def appeals(self):
        lodged = {row["decision_id"]: row["lodged_at"] for row in self.rows["appeals"]}
        return spread(
            -((lodged[row["reviews"]] - row["decided_at"]) // timedelta(hours=1))
            for row in self.decided("appeal")
        )

    def weeks(self):
        found: dict[date, Counter] = {}
        for row in self.decided("review", "appeal", "machine"):
            day = row["decided_at"].date()
            found.setdefault(day - timedelta(days=day.weekday()), Counter())[row["kind"]] += 1
        return [
            (week, kinds["review"], kinds["appeal"], kinds["machine"])
            for week, kinds in sorted(found.items())
        ]

    def overturned(self):
        heard = self.decided("appeal")
        changed = [row for row in heard if row["outcome"] != self.first[row["reviews"]]["outcome"]]
        return Share(hits=len(changed), cases=len(heard))

    def holds(self):
        now = [
            row
            for row in self.rows["visibility"]
            if row["level"] == "held" and row["basis"] == "effect"
        ]
        by_subject = {row["subject_id"]: row for row in self.decided("review")}
        ended = [
            row
            for row in self.rows["effects"]
            if row["cause"] == "hold"
            and row["subject_id"] in by_subject
            and row["disclosed_at"]
            <= by_subject[row["subject_id"]]["decided_at"]
            <= row["expires_at"]
        ]
        expired = [
            row
            for row in self.rows["effects"]
            if row["cause"] == "expiry" and row["intended_on"] >= self.since
        ]
        return len(now), len(ended), len(expired)

    def by_guideline(self):
        found: dict[str, Counter] = {}
        by_subject = {row["subject_id"]: row["guideline"] for row in self.decided("review")}
        for row in self.rows["assessments"]:
            if row["subject_id"] in by_subject:
                is_found = by_subject[row["subject_id"]] == row["guideline"]
                key = (row["machine"] >= C_NEW, is_found)
                found.setdefault(row["guideline"], Counter())[key] += 1
        return [
            (name, by[True, True], by[True, True] + by[True, False], by[False, True])
            for name, by in sorted(found.items())
            if by.total() > by[False, False]
        ]

    def by_detector(self):
        last: dict[UUID, int] = {}
        for row in self.rows["scans"]:
            if row["state"] == "done":
                last[row["subject_id"]] = max(last.get(row["subject_id"], 0), row["run"])
        spoke = {
            (row["detector"], row["subject_id"], row["guideline"])
            for row in self.rows["signals"]
            if row["run"] == last.get(row["subject_id"]) and (row["weight"] or 0.0) >= C_NEW
        }
        by_subject = {row["subject_id"]: row["guideline"] for row in self.decided("review")}
        found: dict[str, Counter] = {}
        for detector, subject, guideline in spoke:
            if subject in by_subject:
                found.setdefault(detector, Counter())[by_subject[subject] == guideline] += 1
        return [(name, by[True], by.total()) for name, by in sorted(found.items())]

    def reports(self):
        found: Counter[str] = Counter()
        for row in self.rows["report_counts"]:
            if row["month"] >= self.since.replace(day=1):
                found[self.topic[row["guideline"]]] += row["reports"]
        return {topic: count if count >= 5 else None for topic, count in found.items()}

    def ticks(self):
        at = Counter(row["disclosed_at"] for row in self.rows["effects"])
        newest = sorted(self.rows["ticks"], key=lambda row: row["tick"], reverse=True)[:12]
        return [(row["tick"], row["done_at"] - row["tick"], at[row["tick"]]) for row in newest]

    def waiting(self):
        found: dict[str, list[date]] = {}
        for row in self.rows["effects"]:
            if row["state"] == "intended":
                found.setdefault(row["disclosure"], []).append(row["intended_on"])
        return [(name, len(days), (TODAY - min(days)).days) for name, days in sorted(found.items())]

    def longest_window(self):
        wait = {
            row["subject_id"]
            for row in self.rows["effects"]
            if (row["state"], row["disclosure"]) == ("intended", "window")
        }
        return max(
            (
                (TODAY - row["window_opened_at"].date()).days
                for row in self.rows["audiences"]
                if row["subject_id"] in wait
            ),
            default=None,
        )

    def deliveries(self):
        due = [row for row in self.rows["deliveries"] if row["state"] == "due"]
        failed = [row for row in due if row["attempts"] - bool(row["lease_until"]) > 0]
        states = Counter(row["state"] for row in self.rows["deliveries"])
        return len(due) - len(failed), len(failed), states["delivered"], states["given_up"]


@pytest.fixture
async def owner(server, address):
    async with session(address, server.embedded.superuser()) as conn:
        yield conn


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
async def test_every_figure_is_what_counting_the_rows_gives(system, owner, seed):
    await Life(owner, seed).happen()
    rows = {
        table: [dict(row) for row in await owner.fetch(f"select * from {table}")]
        for table in TABLES
    }
    for period in Period:
        found = await read_figures(system, period, NOW)
        again = Recount(system, rows, period)
        _agree(found, again)


def _agree(found: Figures, again: Recount) -> None:
    assert found.backlog == again.backlog()
    assert found.first_looks == again.first_looks()
    assert found.decisions == again.decisions()
    assert found.appeals == again.appeals()
    assert [
        (each.begins_on, each.reviews, each.appeals, each.machines) for each in found.weeks
    ] == again.weeks()
    assert found.overturned == again.overturned()
    assert (found.holds.now, found.holds.ended, found.holds.expired) == again.holds()
    assert [
        (each.name, each.share.hits, each.share.cases, each.missed) for each in found.by_guideline
    ] == again.by_guideline()
    assert [
        (each.name, each.share.hits, each.share.cases) for each in found.by_detector
    ] == again.by_detector()
    assert found.reports == again.reports()
    assert [(each.tick, each.took, each.disclosed) for each in found.ticks] == again.ticks()
    assert [
        (each.disclosure, each.effects, each.oldest_days) for each in found.waiting
    ] == again.waiting()
    assert found.longest_window == again.longest_window()
    told = found.deliveries
    assert (told.pending, told.failing, told.delivered, told.given_up) == again.deliveries()


async def test_an_empty_platform_has_figures_that_say_so(system):
    found = await read_figures(system, Period.MONTH, NOW)
    assert found.backlog == {}
    assert found.first_looks.p50 is None
    assert found.overturned.value is None
    assert found.longest_window is None


async def test_few_reports_of_a_topic_are_not_told(stage):
    ref = await stage.comment()
    await stage.report(ref, "bullying", "a", "b", "c", "d")
    topic = stage.system.guidelines.by_id["bullying"].topic
    assert (await read_figures(stage.system, Period.WEEK, stage.now)).reports == {topic: None}
    await stage.report(ref, "bullying", "e")
    assert (await read_figures(stage.system, Period.WEEK, stage.now)).reports == {topic: 5}


async def test_the_first_look_is_noted_and_later_ones_are_not(stage):
    ref = await stage.comment()
    await stage.enqueue(ref)
    mona = await stage.moderator("mona")
    stage.now += timedelta(days=2)
    await stage.judge(mona, "no_violation")
    (case,) = await stage.rows("select first_leased_until from cases")
    assert case["first_leased_until"] == stage.now + LEASE
    looks = (await read_figures(stage.system, Period.WEEK, stage.now)).first_looks
    assert (looks.p50, looks.p90, looks.cases) == (2, 2, 1)


def test_every_figure_says_in_words_what_it_counts():
    told = counted.definitions()
    assert set(told) == set(counted._SQL)
    assert all(text.endswith(".") and len(text) > 40 for text in told.values())
    assert definition("overturned").startswith("Of the appeals decided in the period")
