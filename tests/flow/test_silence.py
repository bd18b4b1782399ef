"""Twin worlds: the same platform twice, and only in one of them does anybody report.

Until an effect of a report takes place, whatever creators and the code that serves them can get is
the same to the byte, but for ids that are drawn at random.
"""

import random
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from underseal.core.case import CaseKind
from underseal.core.disclosure import CROWD_MIN, EPOCH, K
from underseal.core.evidence import Weighting
from underseal.core.guideline import DisclosureClass
from underseal.core.message import MessageType
from underseal.core.priority import Lane
from underseal.core.report import Moment
from underseal.core.subject import SubjectKind, SubjectRef
from underseal.flow import assess
from underseal.flow.creator_view import read_appeals, read_standing, read_statements
from underseal.flow.open_appeal import open_appeals
from underseal.flow.publish import put_off_unseen
from underseal.flow.read_visibility import read_changes, read_visibility
from underseal.flow.register_endpoint import register_endpoint
from underseal.store.connection import session
from underseal.store.pool import Database
from underseal.store.roles import Role

CREATORS = ("carl", "dora")
VIDEOS = tuple(
    SubjectRef(kind=SubjectKind.VIDEO, external_id=f"video{number}") for number in range(5)
)
PROVEN = tuple(f"proven{number}" for number in range(3))
REASONS = "Somebody else has looked at it again, and this is why."
STEPS = 18
RANDOM_ID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")


@dataclass
class World:
    """A platform, its creators and its moderators."""

    stage: object
    moderators: list = field(default_factory=list)
    known: frozenset[str] = frozenset()

    async def begin(self) -> None:
        await self.stage.begin()
        self.moderators = [await self.stage.moderator(name) for name in ("mona", "nils")]
        await register_endpoint(
            self.stage.system,
            "https://platform.example/hook",
            list(MessageType),
            bytes(32),
            self.stage.now,
        )
        for name in PROVEN:
            for topic in {each.topic for each in self.stage.system.guidelines.by_id.values()}:
                await self.stage.prove(name, topic)

    async def act(self, step: tuple) -> None:
        """Let the platform, a creator or a moderator do something, and the workers what follows."""
        kind, *what = step
        stage = self.stage
        if await stage.rows("select 1 from subjects where version > 0") or kind == "register":
            await getattr(self, kind)(*what)
        await stage.assess()
        await open_appeals(stage.system, stage.now)
        await put_off_unseen(stage.system, stage.now)

    async def register(self, ref: SubjectRef) -> None:
        await self.stage.change(ref, self.owner(ref))

    async def scan(self, ref: SubjectRef, weight: float) -> None:
        await self.stage.scan(ref, **({"bullying": weight} if weight else {}))

    async def fail(self, ref: SubjectRef) -> None:
        await self.stage.scan(ref, failure="crashed")

    async def watch(self, ref: SubjectRef, viewers: int) -> None:
        await self.stage.watch(ref, viewers)

    async def tick(self, hours: int) -> None:
        await self.stage.tick(hours)

    async def decide(self, ref: SubjectRef, outcome: str, guideline: str | None) -> None:
        if await self.stage.rows(
            "select 1 from subjects where subject_id = $1 and version > 0", ref.subject_id
        ):
            first = {"lane": Lane.GRAVE, "due_at": EPOCH, "duty_from": EPOCH}
            await self.stage.enqueue(ref, **first)
            await self.stage.judge(self.moderators[0], outcome, guideline, kind=CaseKind.REVIEW)

    async def appeal(self, creator: str) -> None:
        """The creator appeals against the newest removal that they have not appealed against."""
        stage = self.stage
        appealed = {
            each.statement_id for each in await read_appeals(stage.system.db, account(creator))
        }
        for read in await stage.statements(creator):
            is_fresh = read.statement.id not in appealed
            if is_fresh and read.statement.kind == "removal" and read.appeal_until > stage.now:
                await stage.appeal(read.statement.id, creator)
                await open_appeals(stage.system, stage.now)
                await stage.judge(
                    self.moderators[1], "no_violation", kind=CaseKind.APPEAL, reasons=REASONS
                )
                return

    @staticmethod
    def owner(ref: SubjectRef) -> str:
        return CREATORS[int(ref.external_id[-1]) % 2]

    async def observed(self) -> dict[str, str]:
        """All that creators, and the code of the platform that serves them, can get."""
        system, stage = self.stage.system, self.stage
        seen = {}
        for relation in await self.readable():
            async with system.db.transaction(Role.CREATOR) as conn:
                rows = await conn.fetch(f"select to_jsonb(t)::text as line from {relation} t")
            seen[relation] = self.told("\n".join(sorted(self.told(row["line"]) for row in rows)))
        changes = await read_changes(system.db, 0, 1000)
        seen["changes"] = self.told("\n".join(map(repr, changes)))
        seen["visibility"] = self.told(repr(await read_visibility(system.db, VIDEOS)))
        for creator in CREATORS:
            own = account(creator)
            statements = await read_statements(system.db, own, None, 100)
            seen[f"statements of {creator}"] = "\n".join(
                sorted(self.told(repr(each)) for each in statements)
            )
            standing = await read_standing(system.db, own, stage.now.date())
            seen[f"standing of {creator}"] = self.told(repr(standing))
            appeals = await read_appeals(system.db, own)
            seen[f"appeals of {creator}"] = self.told(repr(appeals))
        messages = await stage.rows(
            "select m.type, convert_from(m.body, 'UTF8') as body, m.made_at, d.state, d.attempts, "
            "d.next_at from messages m left join deliveries d using (message_id)"
        )
        seen["messages"] = "\n".join(sorted(self.told(repr(each)) for each in messages))
        return seen

    async def readable(self) -> list[str]:
        rows = await self.stage.rows(
            "select c.oid::regclass::text as name from pg_class c join pg_namespace n "
            "on n.oid = c.relnamespace where n.nspname in ('underseal', 'vault') "
            "and c.relkind in ('r', 'v', 'm', 'S') and has_table_privilege($1, c.oid, 'select')",
            Role.CREATOR,
        )
        return sorted(row["name"] for row in rows)

    def told(self, text: str) -> str:
        """What is told, without the ids that were drawn at random."""
        return RANDOM_ID.sub(lambda found: found[0] if found[0] in KNOWN else "an id", text)

    async def moved(self) -> list[dict]:
        """The effects that reports have led to and that can be seen."""
        return await self.stage.rows(
            "select e.subject_id, e.disclosure, e.disclosed_at, e.from_window, a.window_number, "
            "a.window_opened_at, v.changed_at, v.statement_id = e.statement_id as is_told "
            "from effects e join visibility v using (subject_id) "
            "left join audiences a using (subject_id) join statements s "
            "on s.statement_id = e.statement_id where e.state = 'disclosed' "
            "and e.cause in ('hold', 'measure') and not (s.body ->> 'automated_detection')::boolean"
        )


def account(name: str):
    return SubjectRef(kind=SubjectKind.ACCOUNT, external_id=name).subject_id


KNOWN = frozenset(
    str(each) for each in (*(ref.subject_id for ref in VIDEOS), *map(account, CREATORS))
)


def story(draw: random.Random) -> list[tuple]:
    """What happens in both worlds."""
    steps: list[tuple] = [("register", VIDEOS[0]), ("scan", VIDEOS[0], 0.0)]
    for _ in range(STEPS):
        ref = draw.choice(VIDEOS)
        steps.append(
            draw.choice(
                [
                    ("register", ref),
                    ("scan", ref, draw.choice([0.0, 0.0, 8.0])),
                    ("fail", ref),
                    ("watch", ref, draw.choice([1, CROWD_MIN, K])),
                    ("watch", VIDEOS[0], CROWD_MIN),
                    ("tick", draw.choice([1, 1, 30, 170])),
                    ("decide", ref, "remove", draw.choice(["bullying", "phishing"])),
                    ("decide", ref, "no_violation", None),
                    ("appeal", draw.choice(CREATORS)),
                ]
            )
        )
    return steps


async def report(world: World, draw: random.Random) -> None:
    """People report, whatever and however they like, but for the exceptions to silence.

    Those are notices of illegality, and what cannot wait once it is believed.
    """
    stage = world.stage
    urgent = {
        each.topic
        for each in stage.system.guidelines.by_id.values()
        if each.disclosure is DisclosureClass.AT_ONCE
    }
    for _ in range(draw.randint(0, 3)):
        guideline = draw.choice(
            [each for each in stage.system.guidelines.by_id.values() if "video" in each.subjects]
        )
        reporters = draw.sample(["anna", "bert", "cleo", None], k=draw.randint(1, 4))
        if guideline.topic not in urgent and draw.random() < 0.7:
            reporters += PROVEN
        await stage.report(
            draw.choice([VIDEOS[0], *VIDEOS]),
            guideline.id,
            *reporters,
            note=draw.choice(["", "look at this"]),
            moments=draw.choice([(), (Moment(start_ms=0, end_ms=9),)]),
            may_be_guessed=draw.random() < 0.2,
        )
    await stage.assess()


@pytest.fixture(autouse=True)
def one_by_one(monkeypatch):
    """Workers side by side would publish what waits in any order, reports or not."""
    monkeypatch.setattr(assess, "AT_ONCE", 1)


@pytest.fixture
async def twins(stage, server) -> AsyncIterator[tuple[World, World]]:
    """Two worlds on databases of their own that have the same keys."""
    name = f"twin_{random.getrandbits(64):x}"
    db = await Database.open(
        await server.create_database(name), server.passwords, dict.fromkeys(Role, 4)
    )
    twin = type(stage)(replace(stage.system, db=db))
    yield World(stage), World(twin)
    await db.close()
    await server.drop_database(name)


def weigh(world: World, weighting: Weighting) -> None:
    settings = replace(world.stage.system.settings, weighting=weighting)
    world.stage.system = replace(world.stage.system, settings=settings)


async def live(twins, seed: int, weighting: Weighting):
    """Live both worlds step by step, and tell what is seen of each; only in one are there reports."""
    quiet, loud = twins
    for world in twins:
        weigh(world, weighting)
        await world.begin()
    draw = random.Random(seed)
    for step in story(random.Random(seed)):
        await report(loud, draw)
        for world in twins:
            await world.act(step)
        assert quiet.stage.now == loud.stage.now
        yield step, await quiet.observed(), await loud.observed()


@pytest.mark.parametrize("seed", range(2))
async def test_where_reports_only_order_the_queue_a_creator_never_learns_of_any(twins, seed):
    told = 0
    async for step, without, with_reports in live(twins, seed, Weighting.PRIORITY_ONLY):
        assert with_reports == without, step
        told = max(told, len(without["visibility_changes"]))
    assert told > 0
    (filed,) = await twins[1].stage.rows("select count(*) as filed from reports")
    assert filed["filed"] > 20


@pytest.mark.parametrize("seed", range(10, 14))
async def test_until_the_first_disclosure_a_creator_sees_the_same_and_then_at_a_tick(twins, seed):
    loud = twins[1].stage
    async for step, without, with_reports in live(twins, seed, Weighting.PRIORITY_AND_THRESHOLD):
        if with_reports == without:
            continue
        moved = await twins[1].moved()
        assert moved, step
        tick = loud.now.replace(second=0, microsecond=0)
        assert step[0] in {"tick", "watch"}
        for each in moved:
            assert each["disclosed_at"] == each["changed_at"] == tick
            assert each["is_told"]
            assert each["disclosure"] == "tick" or each["window_opened_at"] <= tick
            assert each["disclosure"] == "tick" or each["window_number"] > each["from_window"]
        subjects = {str(each["subject_id"]) for each in moved}
        before, after = (
            set(text.splitlines()) for text in (without["visibility"], with_reports["visibility"])
        )
        assert before != after
        assert {subject for subject in KNOWN if subject in str(after - before)} <= subjects
        break


async def test_an_effect_takes_place_when_its_window_ends_and_not_a_tick_before(twins):
    quiet, loud = twins
    ref = VIDEOS[0]
    for world in twins:
        weigh(world, Weighting.PRIORITY_AND_THRESHOLD)
        await world.begin()
        for step in (("register", ref), ("scan", ref, 0.0), ("watch", ref, CROWD_MIN)):
            await world.act(step)
    await loud.stage.report(ref, "bullying", *PROVEN)
    await loud.stage.assess()
    (effect,) = await loud.stage.rows("select level, state from effects")
    assert effect == {"level": "held", "state": "intended"}
    for viewers in (0, K - CROWD_MIN - 1):
        for world in twins:
            await world.act(("watch", ref, viewers))
        assert await loud.observed() == await quiet.observed()
    for world in twins:
        await world.act(("watch", ref, 1))
    seen, unseen = await loud.observed(), await quiet.observed()
    differing = {name for name in seen if seen[name] != unseen[name]}
    assert differing >= {"visibility", "creator_statements", "messages", "visibility_changes"}
    (moved,) = await loud.moved()
    assert moved["disclosed_at"] == moved["changed_at"] == moved["window_opened_at"]


async def test_the_comparison_sees_whatever_a_creator_can_see(twins):
    """A single change in any of the tables is found, or nothing that was shown above is true."""
    quiet, loud = twins
    for world in twins:
        await world.begin()
        await world.act(("register", VIDEOS[0]))
    before = await loud.observed()
    assert before == await quiet.observed()
    loud.stage.now += timedelta(microseconds=1)
    await put_off_unseen(loud.stage.system, loud.stage.now + timedelta(hours=2))
    after = await loud.observed()
    assert {name for name in after if after[name] != before[name]} == {
        "changes", "visibility", "visibility_changes",
    }  # fmt: skip


async def test_the_order_of_messages_says_nothing_of_reports(twins, server):
    """They are stored and sent in the order of their subjects at a tick, not of intentions."""
    orders = []
    for world, names in zip(twins, (VIDEOS[:3], VIDEOS[2::-1]), strict=True):
        weigh(world, Weighting.PRIORITY_AND_THRESHOLD)
        await world.begin()
        for ref in VIDEOS[:3]:
            for step in (("register", ref), ("scan", ref, 0.0), ("watch", ref, CROWD_MIN)):
                await world.act(step)
        for ref in names:
            await world.stage.report(ref, "stalking", *PROVEN)
            await world.stage.assess()
        await world.stage.tick()
        address = world.stage.system.db.address
        async with session(address, server.passwords.login(Role.OWNER)) as owner:
            rows = await owner.fetch(
                "select convert_from(body, 'UTF8') as body from messages "
                "where made_at = $1 order by ctid",
                world.stage.now.replace(second=0),
            )
        orders.append([RANDOM_ID.sub("an id", row["body"]) for row in rows])
    assert orders[0] == orders[1]
    assert len(orders[0]) == 6
