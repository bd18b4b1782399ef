"""The life of a few subjects, whatever happens to them in whatever order, on a real database."""

import asyncio
import random
import secrets
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from underseal.core.appeal import AlreadyAppealedError, NothingToAppealError
from underseal.core.case import CaseKind, NotLeasedError, SameModeratorError, StepNotAllowedError
from underseal.core.visibility import PUBLIC, Level
from underseal.flow.audit import audit_all
from underseal.flow.decide import HarsherOnAppealError
from underseal.flow.open_appeal import open_appeals
from underseal.flow.register_subject import Registration, register_subject
from underseal.flow.standing import standing
from underseal.flow.system import LEASE
from underseal.flow.take_case import release_case, take_case
from underseal.store.pool import Database
from underseal.store.roles import Role

OUTCOMES = (
    ("no_violation", None),
    ("remove", "phishing"),
    ("remove", "bullying"),
    ("remove", "threat_to_life"),
    ("age_restrict", "self_injury"),
    ("label", "crisis_misinfo"),
)
REASONS = "Somebody else has looked at it again, and this is why."

subjects = st.integers(0, 2)
moderators = st.integers(0, 2)


class CaseLife(RuleBasedStateMachine):
    """Reports, holds, leases, decisions, appeals, new versions and ticks."""

    run = None
    open_stage = None

    def wait(self, awaitable):
        return type(self).run(awaitable)

    @initialize()
    def begin(self):
        self.stage, self.close = self.wait(type(self).open_stage())
        self.creator = "carl"
        self.refs = [self.wait(self.stage.comment(f"c{n}")) for n in range(3)]
        self.moderators = [self.wait(self.stage.moderator(f"m{n}")) for n in range(3)]
        self.leases = {}

    @rule(subject=subjects, reporter=st.sampled_from("abc"))
    def report(self, subject, reporter):
        self.wait(self.stage.report(self.refs[subject], "phishing", reporter, note="see there"))

    @rule(subject=subjects, rate=st.integers(0, 9))
    def enqueue(self, subject, rate):
        self.wait(self.stage.enqueue(self.refs[subject], rate=rate))

    @rule(subject=subjects, disclosure=st.sampled_from(["window", "tick", "at_once"]))
    def hold(self, subject, disclosure):
        ref = self.refs[subject]
        is_free = self.wait(self.rows(
            "select not exists (select from effects e where e.subject_id = $1 and e.state = "
            "'intended') and not exists (select from visibility v where v.subject_id = $1 and "
            "v.level in ('held', 'removed')) as is_free",
            ref.subject_id,
        ))[0]["is_free"]  # fmt: skip
        if is_free:  # an assessment intends nothing milder than what is there
            self.wait(self.stage.hold(ref, "phishing", disclosure=disclosure))

    @rule(moderator=moderators, kind=st.sampled_from([None, *CaseKind]))
    def take(self, moderator, kind):
        who = self.moderators[moderator]
        lease = self.wait(take_case(self.stage.system, who, kind, self.stage.now))
        if lease is not None:
            held_by = self.leases.get(lease.case_id)
            assert held_by is None or held_by[1] <= self.stage.now, "two moderators, one case"
            self.leases[lease.case_id] = who, lease.until

    @precondition(lambda self: self.leases)
    @rule(data=st.data(), not_me=st.booleans())
    def release(self, data, not_me):
        case_id = data.draw(st.sampled_from(list(self.leases)))
        who, _ = self.leases.pop(case_id)
        with suppress(NotLeasedError):  # it was superseded, or taken by another one
            self.wait(release_case(self.stage.system, case_id, who, not_me=not_me))

    @precondition(lambda self: self.leases)
    @rule(data=st.data(), chosen=st.sampled_from(OUTCOMES), by_another=st.booleans())
    def decide(self, data, chosen, by_another):
        case_id = data.draw(st.sampled_from(list(self.leases)))
        who, until = self.leases[case_id]
        if by_another:
            who = next(each for each in self.moderators if each != who)
        is_lost = until <= self.stage.now or by_another
        try:
            self.wait(self.stage.submit(case_id, who, *chosen, reasons=REASONS))
        except (NotLeasedError, StepNotAllowedError, SameModeratorError):
            assert is_lost or self.is_over(case_id)
        except HarsherOnAppealError:
            pass
        else:
            assert not is_lost
            del self.leases[case_id]

    @rule(data=st.data())
    def appeal(self, data):
        statements = self.wait(self.stage.statements(self.creator))
        if statements:
            chosen = data.draw(st.sampled_from([each.statement.id for each in statements]))
            with suppress(NothingToAppealError, AlreadyAppealedError):
                self.wait(self.stage.appeal(chosen, self.creator))
        self.wait(open_appeals(self.stage.system, self.stage.now))

    @rule(subject=subjects)
    def new_version(self, subject):
        ref = self.refs[subject]
        owner = type(ref)(kind="account", external_id=self.creator)
        given = Registration(ref=ref, creator=owner, caption=f"{self.stage.now}", language="en")
        self.wait(register_subject(self.stage.system, given, self.stage.now))

    @rule()
    def let_leases_run_out(self):
        self.stage.now += LEASE

    @rule(hours=st.sampled_from([1, 1, 1, 24, 7 * 24]))
    def tick(self, hours):
        self.wait(self.stage.tick(hours=hours))

    def is_over(self, case_id) -> bool:
        (row,) = self.wait(self.rows("select state from cases where case_id = $1", case_id))
        return row["state"] in {"decided", "superseded"}

    async def rows(self, query, *args):
        return await self.stage.rows(query, *args)

    @invariant()
    def a_hold_has_an_end_that_is_kept(self):
        if not hasattr(self, "stage"):
            return
        held = self.wait(self.rows(
            "select expires_at from visibility where level = 'held' and basis = 'effect'"
        ))  # fmt: skip
        for row in held:
            # The next tick ends it at the latest.
            assert row["expires_at"] > self.stage.now - timedelta(days=8)
            assert row["expires_at"] is not None

    @invariant()
    def a_restriction_has_a_statement_that_its_creator_can_read(self):
        if not hasattr(self, "stage"):
            return
        unexplained = self.wait(self.rows(
            "select 1 from visibility v where basis = 'effect' and not exists "
            "(select from disclosures d where d.statement_id = v.statement_id)"
        ))  # fmt: skip
        assert unexplained == []

    @invariant()
    def nothing_undecided_outlasts_its_decision(self):
        for ref in getattr(self, "refs", ()):
            self.wait(self.check_visibility(ref))

    async def check_visibility(self, ref):
        """What shows is what the decisions that were told led to, or a hold on top of it."""
        shown = await self.stage.shown(ref)
        waiting = await self.rows(
            "select 1 from effects where subject_id = $1 and state = 'intended'", ref.subject_id
        )
        undecided = await self.rows(
            "select 1 from effects e where subject_id = $1 and state = 'disclosed' and cause in "
            "('hold', 'measure', 'expiry') and not exists (select from decisions d where "
            "d.subject_id = e.subject_id and d.round >= e.round and d.reviews is null)",
            ref.subject_id,
        )
        async with self.stage.system.db.transaction(Role.CORE) as conn:
            stands = await standing(conn, ref.subject_id)
        visible = PUBLIC if shown is None else shown.visibility
        if not waiting and not undecided:
            assert visible == stands.visibility
        if not waiting and undecided:
            assert visible.level is not Level.PUBLIC

    def teardown(self):
        if hasattr(self, "stage"):
            try:
                self.wait(self.check_the_rest())
            finally:
                self.wait(self.close())

    async def check_the_rest(self):
        faults = [each for each in await audit_all(self.stage.system, ()) if each.is_fault]
        assert faults == []
        own = await self.rows(
            "select 1 from decisions d join decisions f on f.decision_id = d.reviews "
            "where d.decided_by = f.decided_by"
        )
        assert own == []
        doubled = await self.rows(
            "select 1 from statements s where s.decision_id is not null group by s.decision_id "
            "having count(*) > 1"
        )
        assert doubled == []


@pytest.fixture
def open_stage(server, stage):
    """Makes a stage on a database of its own, and what closes it."""

    async def open_one():
        name = f"life_{secrets.token_hex(8)}"
        address = await server.create_database(name)
        database = await Database.open(address, server.passwords, dict.fromkeys(Role, 2))
        draws = random.Random(1)
        system = replace(stage.system, db=database, new_id=lambda: UUID(int=draws.getrandbits(128)))
        fresh = type(stage)(system)
        await fresh.begin()

        async def close() -> None:
            await database.close()
            await server.drop_database(name)

        return fresh, close

    return open_one


@pytest.mark.slow
async def test_whatever_happens_the_rules_of_a_case_hold(open_stage):
    loop = asyncio.get_running_loop()

    def run(awaitable):
        return asyncio.run_coroutine_threadsafe(awaitable, loop).result(60)

    members = {"open_stage": staticmethod(open_stage), "run": staticmethod(run)}
    machine = type("ThisLife", (CaseLife,), members)
    once = settings(
        max_examples=15,
        stateful_step_count=30,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    await asyncio.to_thread(run_state_machine_as_test, machine, settings=once)
