"""The seeded history: who is proven afterwards, and that everything went through the flow."""

import random
import secrets
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from itertools import combinations
from uuid import uuid4

import pytest
import pytest_asyncio

from underseal.core.caller import ModeratorRole
from underseal.core.case import ModeratorId
from underseal.core.cliques import merge_colluding
from underseal.core.decision import Outcome
from underseal.core.disclosure import TickLength, last_tick
from underseal.core.guideline_file import parse
from underseal.core.report import Pseudonym
from underseal.core.subject import SubjectId
from underseal.core.track_record import at, is_proven
from underseal.flow.adopt_guidelines import adopt_guidelines
from underseal.flow.authenticate import admit_moderator
from underseal.flow.scan_subject import ScanDesk
from underseal.flow.system import Settings, System
from underseal.lab.history import (
    CARELESS,
    DAYS,
    HONEST,
    PETTY,
    TOPIC,
    History,
    plan,
    seed_history,
)
from underseal.scan.known import KnownContent
from underseal.scan.limits import Limits
from underseal.scan.scanner import Scanner
from underseal.scan.text import TermList
from underseal.seal.keys import KeyRing, create
from underseal.seal.pseudonym import pseudonyms
from underseal.store.dossier import co_reports
from underseal.store.media import MediaFolder
from underseal.store.pool import Database
from underseal.store.records import records_of
from underseal.store.roles import Role

UNTIL = datetime(2026, 11, 22, 12, 34, 56, tzinfo=UTC)
TICK = TickLength(timedelta(seconds=3))

on_the_history = [
    pytest.mark.slow,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.xdist_group("three months"),  # they happen once, in one worker
]


@dataclass(frozen=True, kw_only=True)
class Seeded:
    """A system whose last three months have happened."""

    system: System
    history: History
    told: list[tuple[int, int]]

    def pseudonym(self, reporter: str) -> Pseudonym:
        return pseudonyms(self.system.keys, UNTIL.date(), reporter).current

    async def records(self, reporters):
        topic = self.system.guidelines.by_id[TOPIC[0]].topic
        by_pseudonym = {self.pseudonym(each): each for each in reporters}
        async with self.system.db.transaction(Role.CORE) as conn:
            found = await records_of(conn, list(by_pseudonym), [topic])
        return {
            by_pseudonym[pseudonym]: at(record, UNTIL.date())
            for (pseudonym, _), record in found.items()
        }

    async def rows(self, query: str):
        async with self.system.db.transaction(Role.CORE) as conn:
            return await conn.fetch(query)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def seeded(server, tmp_path_factory) -> AsyncIterator[Seeded]:
    folder = tmp_path_factory.mktemp("history")
    create(folder / "keys", date(2026, 11, 22))
    name = f"test_{secrets.token_hex(8)}"
    database = await Database.open(
        await server.create_database(name), server.passwords, dict.fromkeys(Role, 4)
    )
    text = (files("underseal") / "guidelines.toml").read_text()
    await adopt_guidelines(database, text, "guidelines.toml", UNTIL.date())
    system = System(
        db=database,
        keys=KeyRing.load(folder / "keys", UNTIL.date()),
        guidelines=parse(text, "guidelines.toml"),
        media=MediaFolder(folder / "media"),
        settings=Settings(tick_length=TICK),
        new_id=uuid4,
        draw=random.Random(1).random,
    )
    terms = TermList({each.id: each.terms for each in system.guidelines.by_id.values()})
    told: list[tuple[int, int]] = []
    with Scanner(
        known=KnownContent(), terms=TermList({}), limits=Limits(), require_sandbox=False
    ) as scanner:
        moderators = [
            await admit_moderator(system, each, ModeratorRole.MODERATOR, date(2026, 8, 1))
            for each in ("first", "second", "third")
        ]
        history = await seed_history(
            system,
            ScanDesk(scanner, terms),
            tuple(ModeratorId(each.principal_id) for each in moderators),
            UNTIL,
            lambda *progress: told.append(progress),
        )
        yield Seeded(system=system, history=history, told=told)
    await database.close()
    await server.drop_database(name)


def test_no_two_honest_reporters_report_more_than_one_subject_together():
    met = Counter(
        pair
        for episode in plan()
        for pair in combinations(sorted({who for who, _ in episode.reports if who in HONEST}), 2)
    )
    assert set(met.values()) == {1}
    assert len(met) == len(HONEST) * (len(HONEST) - 1) // 2


def test_the_same_seed_gives_the_same_plan_and_another_seed_another_one():
    assert plan(7) == plan(7)
    assert plan(7) != plan(8)


def test_a_few_dozen_subjects_fall_into_the_days_of_the_history():
    episodes = plan()
    assert 24 <= len(episodes) <= 60
    assert len({episode.ref for episode in episodes}) == len(episodes)
    assert all(0 < episode.day < DAYS for episode in episodes)


class TestTheHistory:
    pytestmark = on_the_history

    async def test_every_subject_is_decided_once_and_every_appeal_by_somebody_else(self, seeded):
        decided = await seeded.rows(
            "select subject_id, kind, outcome, deciders, first_deciders from decisions"
        )
        reviews = {row["subject_id"]: row for row in decided if row["kind"] == "review"}
        assert {episode.ref.subject_id for episode in seeded.history.episodes} == set(reviews)
        for episode in seeded.history.episodes:
            assert reviews[episode.ref.subject_id]["outcome"] == episode.verdict.outcome
        appeals = [row for row in decided if row["kind"] == "appeal"]
        assert len(appeals) == seeded.history.appeals == 4
        assert all(set(row["deciders"]).isdisjoint(row["first_deciders"]) for row in appeals)
        assert len(decided) == seeded.history.decisions

    async def test_honest_reporters_are_proven_in_the_topic_and_nobody_else_is(self, seeded):
        honest = await seeded.records(HONEST)
        assert set(honest) == set(HONEST)
        assert all(is_proven(record) for record in honest.values())
        others = await seeded.records((*CARELESS, *PETTY))
        assert not any(is_proven(record) for record in others.values())
        assert all(record.wrong > record.right for record in others.values())

    async def test_nobody_honest_is_taken_for_one_of_a_group(self, seeded):
        async with seeded.system.db.transaction(Role.CORE) as conn:
            together = await co_reports(
                conn, SubjectId(uuid4()), [seeded.pseudonym(each) for each in HONEST]
            )
        assert len(together.totals) == len(HONEST)
        assert merge_colluding(together) == ()

    async def test_those_who_always_report_together_are_one_group(self, seeded):
        petty = [seeded.pseudonym(each) for each in PETTY]
        async with seeded.system.db.transaction(Role.CORE) as conn:
            together = await co_reports(conn, SubjectId(uuid4()), petty)
        assert merge_colluding(together) == (frozenset(petty),)

    async def test_all_that_was_removed_is_disclosed_and_all_that_was_not_is_public(self, seeded):
        levels = {
            row["subject_id"]: row["level"]
            for row in await seeded.rows("select subject_id, level from visibility")
        }
        for episode in seeded.history.episodes:
            is_removed = episode.verdict.outcome is Outcome.REMOVE and not episode.is_overturned
            level = levels.get(episode.ref.subject_id, "public")
            assert level == ("removed" if is_removed else "public"), episode

    async def test_an_overturned_removal_leaves_no_strike(self, seeded):
        struck = await seeded.rows(
            "select creator_id from strikes where voided_by is null order by creator_id"
        )
        removed = sorted(
            episode.creator.subject_id
            for episode in seeded.history.episodes
            if episode.verdict.outcome is Outcome.REMOVE and not episode.is_overturned
        )
        assert [row["creator_id"] for row in struck] == removed

    async def test_it_ends_with_the_last_tick_before_the_present_and_nothing_to_do(self, seeded):
        assert seeded.history.ended_at == last_tick(UNTIL, TICK)
        last = await seeded.rows("select max(tick) as tick from ticks")
        assert last[0]["tick"] == seeded.history.ended_at
        waiting = await seeded.rows(
            "select (select count(*) from cases where state in ('queued', 'leased'))"
            " + (select count(*) from scans where state in ('wanted', 'running'))"
            " + (select count(*) from effects where state = 'intended') as waiting"
        )
        assert waiting[0]["waiting"] == 0

    async def test_nothing_is_dated_after_the_present(self, seeded):
        dated = await seeded.rows(
            "select max(reported_in) as reported, (select max(decided_at) from decisions) as decided"
            " from reports"
        )
        assert dated[0]["reported"] <= UNTIL.date()
        assert dated[0]["decided"] <= UNTIL

    async def test_progress_is_told_day_by_day(self, seeded):
        assert seeded.told == [(day, DAYS) for day in range(1, DAYS + 1)]
