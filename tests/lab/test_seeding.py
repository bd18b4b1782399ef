"""The history that the console is shown with: there is something to do in every corner of it."""

import random
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from uuid import uuid4

import pytest
import pytest_asyncio

from underseal.core.caller import ModeratorRole
from underseal.core.decision import Outcome
from underseal.core.disclosure import TickLength, last_tick
from underseal.core.guideline_file import parse
from underseal.core.message import IncidentKind
from underseal.core.priority import Lane
from underseal.core.receipt_state import ReceiptState
from underseal.flow.adopt_guidelines import adopt_guidelines
from underseal.flow.audit import audit_all
from underseal.flow.figures import Period, read_figures
from underseal.flow.look_up_receipt import look_up_receipt
from underseal.flow.read_detectors import read_detectors
from underseal.flow.session import find_session
from underseal.flow.sign_in import PasswordProof, give_code, give_password
from underseal.flow.system import Settings, System
from underseal.lab.seeding.console import Seeded, seed_console
from underseal.lab.seeding.plan import plan
from underseal.lab.seeding.posts import DAYS
from underseal.seal.keys import KeyRing, add_year, create
from underseal.store.media import MediaFolder
from underseal.store.pool import Database
from underseal.store.roles import Role

NOW = datetime(2026, 11, 22, 12, 34, 56, tzinfo=UTC)
TICK = TickLength(timedelta(seconds=3))

on_the_history = [
    pytest.mark.slow,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.xdist_group("history"),  # it is made once, by one worker
]


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A system that was seeded for the console."""

    system: System
    seeded: Seeded
    told: list[tuple[int, int]]

    async def rows(self, query: str) -> list[dict]:
        async with self.system.db.transaction(Role.CORE) as conn:
            return [dict(row) for row in await conn.fetch(query)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shown(server, tmp_path_factory) -> AsyncIterator[Shown]:
    folder = tmp_path_factory.mktemp("seeding")
    create(folder / "keys", date(2026, 11, 22))
    add_year(folder / "keys", 2027)
    name = f"test_{secrets.token_hex(8)}"
    database = await Database.open(
        await server.create_database(name), server.passwords, dict.fromkeys(Role, 4)
    )
    text = (files("underseal") / "guidelines.toml").read_text()
    await adopt_guidelines(database, text, "guidelines.toml", NOW.date())
    system = System(
        db=database,
        keys=KeyRing.load(folder / "keys", NOW.date()),
        guidelines=parse(text, "guidelines.toml"),
        media=MediaFolder(folder / "media"),
        settings=Settings(tick_length=TICK),
        new_id=uuid4,
        draw=random.Random(1).random,
    )
    told: list[tuple[int, int]] = []
    seeded = await seed_console(system, NOW, lambda *progress: told.append(progress))
    yield Shown(system=system, seeded=seeded, told=told)
    await database.close()
    await server.drop_database(name)


def test_the_same_seed_gives_the_same_plan_and_another_seed_another_one():
    assert plan(7) == plan(7)
    assert plan(7) != plan(8)


def test_every_post_is_of_its_own_and_of_a_day_of_the_history():
    posts = plan()
    assert len({each.ref for each in posts}) == len(posts)
    assert all(0 <= each.day < DAYS for each in posts)
    assert len({each.language for each in posts}) >= 4


def test_nobody_says_the_same_thing_twice():
    captions = [each.caption for each in plan()]
    assert len(set(captions)) == len(captions)
    assert all(captions)


class TestTheConsoleIsShownWith:
    pytestmark = on_the_history

    async def test_something_that_waits_in_every_lane(self, shown):
        lanes = {
            row["lane"] for row in await shown.rows("select lane from cases where state = 'queued'")
        }
        assert lanes == set(Lane)

    async def test_pictures_of_what_waits_with_marks_of_reporters_and_machines(self, shown):
        waiting = await shown.rows(
            "select s.external_id, exists (select from media m where m.subject_id = s.subject_id) "
            "as has_copy, exists (select from signals g where g.subject_id = s.subject_id "
            "and g.start_ms is not null) as has_signal, exists (select from reports r "
            "where r.subject_id = s.subject_id and r.moments <> '{}' and r.note is not null) "
            "as has_moment from subjects s where s.kind = 'video' and exists "
            "(select from cases c where c.subject_id = s.subject_id and c.state = 'queued')"
        )
        assert sum(row["has_copy"] for row in waiting) >= 6
        assert sum(row["has_signal"] for row in waiting) >= 2
        assert sum(row["has_moment"] for row in waiting) >= 4

    async def test_a_hold_in_force_and_one_that_ran_out(self, shown):
        figures = await read_figures(shown.system, Period.QUARTER, NOW)
        assert figures.holds.now >= 1
        assert figures.holds.ended >= 1
        assert figures.holds.expired >= 2

    async def test_open_incidents(self, shown):
        kinds = {
            row["kind"]
            for row in await shown.rows("select kind from incidents where closed_at is null")
        }
        assert kinds == {IncidentKind.HOLD_EXPIRED, IncidentKind.REVIEW_OVERDUE}

    async def test_appeals_that_were_heard_and_some_that_wait(self, shown):
        figures = await read_figures(shown.system, Period.QUARTER, NOW)
        assert figures.overturned.cases >= 8
        assert 0 < figures.overturned.hits < figures.overturned.cases
        waiting = await shown.rows(
            "select from cases where kind = 'appeal' and state in ('queued', 'leased')"
        )
        assert len(waiting) >= 2

    async def test_figures_of_all_sorts(self, shown):
        figures = await read_figures(shown.system, Period.QUARTER, NOW)
        assert len(figures.backlog) >= 5
        assert figures.decisions.cases >= 50
        assert (figures.decisions.p90 or 0) >= 1
        assert len(figures.weeks) >= 10
        assert figures.by_guideline
        assert figures.by_detector
        assert sum(1 for count in figures.reports.values() if count) >= 3

    async def test_detectors_on_their_way_out_of_the_shadow(self, shown):
        read = await read_detectors(shown.system)
        assert read.learnt_on == NOW.date()
        assert {each.name for each in read.detectors} >= {"caption_terms", "screen_terms"}
        assert any(each.found.learnt.violating for each in read.detectors)
        assert min(each.since for each in read.detectors) < NOW.date() - timedelta(days=60)

    async def test_two_versions_of_the_guidelines_and_known_content(self, shown):
        assert len(await shown.rows("select from guideline_versions")) == 2
        assert await shown.rows("select from known_content")

    async def test_nothing_overdue_but_what_a_hold_has_left_behind(self, shown):
        async with shown.system.db.transaction(Role.CORE) as conn:
            overdue = await conn.fetch(
                "select s.external_id, exists (select from incidents i "
                "where i.subject_id = c.subject_id and i.kind = $2) as ran_out "
                "from cases c join subjects s using (subject_id) "
                "where c.state in ('queued', 'leased') and c.due_at <= $1",
                NOW,
                IncidentKind.HOLD_EXPIRED,
            )
        assert [row["ran_out"] for row in overdue] == [True]

    async def test_an_arithmetic_that_agrees_with_its_sentence(self, shown):
        waiting = await shown.rows(
            "select because, views_per_hour from cases where state = 'queued' "
            "and because like '%views an hour.'"
        )
        assert len(waiting) >= 6
        for row in waiting:
            told = int(row["because"].rsplit(" ", 4)[1].replace(",", ""))
            assert told == pytest.approx(row["views_per_hour"], rel=0.06)

    async def test_colleagues_who_ask_each_other_and_wait_for_a_second_person(self, shown):
        questions = await shown.rows("select answer from questions")
        assert sorted(row["answer"] is None for row in questions) == [False, True]
        assert len(await shown.rows("select from drafts where state = 'unconfirmed'")) == 1
        assert len(await shown.rows("select from charges where state = 'waiting'")) == 1
        assert await shown.rows("select from cases where for_leads and state = 'queued'")

    async def test_receipts_of_reports_that_were_right_and_of_one_that_was_not(self, shown):
        for outcome, state in (
            (Outcome.REMOVE, ReceiptState.ACTION_TAKEN),
            (Outcome.NO_VIOLATION, ReceiptState.NO_VIOLATION),
        ):
            told = await look_up_receipt(shown.system, shown.seeded.receipts[outcome], NOW)
            assert told.state is state

    async def test_people_of_every_role_who_can_sign_in(self, shown):
        assert {each.person.role for each in shown.seeded.people} == set(ModeratorRole)
        later = NOW + timedelta(minutes=1)
        for account in shown.seeded.people:
            proof = PasswordProof(user_name=account.user_name, password=account.password)
            step = await give_password(shown.system, proof, later)
            token = await give_code(shown.system, step, account.code(later), later)
            assert await find_session(shown.system, token, later) == account.person

    async def test_nothing_that_the_audit_finds_fault_with(self, shown):
        assert not [each for each in await audit_all(shown.system, ()) if each.is_fault]

    async def test_nothing_dated_after_the_present(self, shown):
        (row,) = await shown.rows(
            "select max(reported_in) as reported, (select max(decided_at) from decisions) as decided, "
            "(select max(tick) from ticks) as tick from reports"
        )
        assert row["reported"] <= NOW.date()
        assert row["decided"] <= NOW
        assert row["tick"] == last_tick(NOW, TICK) == shown.seeded.ended_at

    async def test_progress_day_by_day(self, shown):
        assert shown.told == [(day, DAYS) for day in range(1, DAYS + 1)]
