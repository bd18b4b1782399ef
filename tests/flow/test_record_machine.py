"""Track records, whatever happens in whatever order: folded as it happens, and recomputed from it.

What is stored is continued from event to event. Beside it stands what the decisions that hold say of
the reports that they ended, each computed anew: nothing that was overturned is among it.
"""

import asyncio
import random
import secrets
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from stage import Stage
from truth import Given, Truth, reports_of, same
from years import THEN, Years

from underseal.core import track_record
from underseal.core.appeal import AlreadyAppealedError, AppealTooLateError, NothingToAppealError
from underseal.core.caller import Caller, KeyId, ModeratorRole
from underseal.core.case import CaseKind, SameModeratorError
from underseal.core.charge import ChargeEndedError
from underseal.core.draft import SecondPersonError
from underseal.core.track_record import TrackRecord, carried_over, merge
from underseal.flow.audit import audit_all
from underseal.flow.confirm_charge import end_charge
from underseal.flow.credit import credit_reporters, reverse_credit
from underseal.flow.decide import HarsherOnAppealError
from underseal.flow.destroy_year import (
    EarlierYearError,
    YearKeptError,
    YearNeededError,
    YearUnknownError,
)
from underseal.flow.doubt_clock import ClockDoubtedError
from underseal.flow.erase_identities import erase_identities
from underseal.flow.forget_reporter import forget_reporter
from underseal.flow.open_appeal import open_appeals
from underseal.flow.take_case import take_case
from underseal.seal.keys import add_year, create
from underseal.seal.pseudonym import pseudonyms
from underseal.store.decisions import load_decision
from underseal.store.guidelines import add_guidelines
from underseal.store.ledger import lock_chain
from underseal.store.pool import Database
from underseal.store.records import records_of
from underseal.store.roles import Role

REPORTERS = ("anna", "bert", "cleo")
NAMED = ("phishing", "investment_scam", "spam")
SIBLING = "investment_scam"
LAST_YEAR = 2029
REASONS = "Somebody else has looked at it again, and this is why."
VERDICTS = (
    ("remove", "phishing", None),
    ("remove", "investment_scam", None),
    ("label", "phishing", None),
    ("no_violation", None, "no_violation"),
    ("no_violation", None, "manifestly_unfounded"),
    ("no_violation", None, "insufficient"),
)
REFUSED = (HarsherOnAppealError, SameModeratorError)
KEPT = (ClockDoubtedError, EarlierYearError, YearKeptError, YearNeededError, YearUnknownError)


subjects = moderators = st.integers(0, 2)
some_reporters = st.lists(st.sampled_from(REPORTERS), min_size=1, unique=True)


class RecordLife(RuleBasedStateMachine):
    """Reports, decisions, appeals, erasures, carry-overs of years, and clocks that jump."""

    run = None
    open_years = None

    def wait(self, awaitable):
        return type(self).run(awaitable)

    @initialize()
    def begin(self):
        self.years, self.close = self.wait(type(self).open_years())
        self.stage = self.years.stage
        self.full = self.stage.system.guidelines
        self.refs = [self.wait(self.stage.comment(f"c{n}")) for n in range(3)]
        self.moderators = [self.wait(self.stage.moderator(f"m{n}")) for n in range(3)]
        self.truth = Truth()
        self.charged = []

    @rule(subject=subjects, reporters=some_reporters, guideline=st.sampled_from(NAMED))
    def report(self, subject, reporters, guideline):
        self.wait(self.file(subject, reporters, guideline))

    async def file(self, subject, reporters, guideline):
        if guideline in self.stage.system.guidelines.by_id:
            await self.stage.report(self.refs[subject], guideline, *reporters)

    @rule(
        subject=subjects,
        reporters=some_reporters,
        guideline=st.sampled_from(NAMED),
        moderator=moderators,
        verdict=st.sampled_from(VERDICTS),
        skew=st.sampled_from([0, 0, 0, -40]),
    )
    def decide(self, subject, reporters, guideline, moderator, verdict, skew):
        """By a clock that may be behind."""
        self.wait(self.file(subject, reporters, guideline))
        self.wait(self.judge(self.refs[subject], moderator, verdict, CaseKind.REVIEW, skew))

    @rule(
        days=st.sampled_from([0, 0, 20]),
        moderator=moderators,
        verdict=st.sampled_from(VERDICTS),
        skew=st.sampled_from([0, 0, -40]),
    )
    def appeal(self, days, moderator, verdict, skew):
        """Against what can be read, the newest first; somebody else looks at one."""
        self.wait(self.pass_to(self.stage.now + timedelta(days=days)))
        for read in self.wait(self.stage.statements()):
            with suppress(NothingToAppealError, AlreadyAppealedError, AppealTooLateError):
                self.wait(self.stage.appeal(read.statement.id))
        self.wait(open_appeals(self.stage.system, self.stage.now))
        for each in (moderator, moderator + 1):  # one of them has not decided it first
            self.wait(self.judge(None, each % 3, verdict, CaseKind.APPEAL, skew))

    async def judge(self, ref, moderator, verdict, kind, skew):
        outcome, guideline, finding = verdict
        if guideline is not None and guideline not in self.stage.system.guidelines.by_id:
            return
        who, right_now = self.moderators[moderator], self.stage.now
        if ref is not None:
            await self.stage.enqueue(ref, rate=1e9)
        lease = await take_case(self.stage.system, who, kind, self.stage.now)
        if lease is None:
            return
        self.stage.now += timedelta(days=skew)
        on = self.stage.now.date()
        try:
            decision_id = await self.stage.submit(
                lease.case_id, who, outcome, guideline, finding, reasons=REASONS
            )
        except REFUSED:
            return
        finally:
            self.stage.now = right_now
        await self.note(decision_id, on)
        if finding == "manifestly_unfounded":
            self.charged.append(decision_id)

    async def note(self, decision_id, on):
        """Compute what a decision says, and forget what it overturned."""
        async with self.stage.system.db.transaction(Role.CORE) as conn:
            stored = (await load_decision(conn, decision_id)).decision
        (row,) = await self.stage.rows(
            "select reviews from decisions where decision_id = $1", decision_id
        )
        guidelines, about = self.stage.system.guidelines, stored
        if row["reviews"] is not None:
            first = self.truth.given[row["reviews"]]
            if first.decision.verdict.outcome is stored.verdict.outcome:
                return
            first.overturned_by = decision_id
            about = replace(stored, round=first.decision.round)
        says = track_record.credits(about, await reports_of(self.stage, about), guidelines, on)
        self.truth.given[decision_id] = Given(about, guidelines, on, says)

    @rule(data=st.data(), moderator=moderators, is_right=st.booleans())
    def end_charge(self, data, moderator, is_right):
        """That reports were made up is confirmed or refused, by somebody else, in time or not."""
        if self.charged:
            decision_id = data.draw(st.sampled_from(self.charged))
            self.wait(self.end_one(decision_id, self.moderators[moderator], is_right))

    async def end_one(self, decision_id, by, is_right):
        system, now = self.stage.system, self.stage.now
        with suppress(ChargeEndedError, SameModeratorError, SecondPersonError):
            await end_charge(system, decision_id, by, is_right=is_right, now=now)
            if is_right:
                one = self.truth.given[decision_id]
                added = [track_record.charged(each, now.date()) for each in one.says]
                one.says = (*one.says, *added)

    @rule(data=st.data(), days=st.sampled_from([0, 5, 200]))
    def tell_again(self, data, days):
        """A decision arrives twice, and late: of a round that closed long ago."""
        if not self.truth.given:
            return
        one = data.draw(st.sampled_from(sorted(self.truth.given)))
        self.wait(self.give_again(self.truth.given[one], days))

    async def give_again(self, one, days):
        late = self.stage.now.date() + timedelta(days=days)
        async with self.stage.system.db.transaction(Role.CORE) as conn:
            subject_id = one.decision.subject_id
            await lock_chain(conn, subject_id)
            await credit_reporters(conn, one.guidelines, one.decision, late)
            if one.overturned_by is not None:
                await reverse_credit(conn, subject_id, one.decision.id, one.overturned_by, late)

    @rule(without=st.sampled_from([(), (SIBLING,), ("phishing",), NAMED]))
    def change_guidelines(self, without):
        """Guidelines disappear between versions, and come back."""
        changed = replace(
            self.full,
            version="-".join(["v", *without]),
            by_id={name: each for name, each in self.full.by_id.items() if name not in without},
        )
        self.wait(self.adopt(changed))

    async def adopt(self, changed):
        async with self.stage.system.db.transaction(Role.CORE) as conn:
            known = await conn.fetchval(
                "select exists (select from guideline_versions where version = $1)", changed.version
            )
            if not known:
                digest = changed.version.encode().ljust(32)[:32]
                await add_guidelines(conn, changed.version, "", digest, self.stage.now.date())
        self.stage.system = replace(self.stage.system, guidelines=changed)

    @rule(days=st.sampled_from([0, 0, 1, 30, 170]))
    def days_pass(self, days):
        self.wait(self.pass_to(self.stage.now + timedelta(days=days)))

    async def pass_to(self, then):
        if then.year < LAST_YEAR:
            await self.stage.tick(hours=max(1, int((then - self.stage.now) / timedelta(hours=1))))
            self.years.restart()

    @rule(reporter=st.sampled_from(REPORTERS))
    def forget(self, reporter):
        self.wait(forget_reporter(self.stage.system, reporter, self.stage.now))

    @rule()
    def erase(self):
        self.wait(erase_identities(self.stage.system, self.stage.now))

    @rule()
    def destroy(self):
        """Once nothing needs the oldest year: what is open is decided first, and time goes by."""
        self.wait(self.end_the_oldest_year())

    async def end_the_oldest_year(self):
        year = min(self.stage.system.keys.live)
        if year + 2 >= LAST_YEAR:
            return
        # Who reported in that year reports again in the next: a link leads from one to the other.
        await self.pass_to(max(self.stage.now, datetime(year + 1, 3, 1, 9, 30, tzinfo=UTC)))
        await self.file(0, REPORTERS, "spam")
        for number, ref in enumerate(self.refs * 2):
            await self.judge(ref, number % 3, VERDICTS[3], CaseKind.REVIEW, 0)
            await self.judge(None, number % 3, VERDICTS[3], CaseKind.APPEAL, 0)
        await self.pass_to(max(self.stage.now, datetime(year + 2, 1, 4, 9, 30, tzinfo=UTC)))
        if year < self.stage.now.year:
            await self.destroy_year(year)

    async def destroy_year(self, year):
        today = self.stage.now.date()
        links = await self.years.vault("select pseudonym, previous from vault.pseudonym_links")
        known = await self.keys()
        with suppress(*KEPT):
            await self.years.destroy(year)
            self.years.restart()
            left = set(await self.years.vault("select pseudonym from vault.pseudonym_links"))
            for pseudonym, previous in links:
                if (pseudonym,) in left:
                    continue
                for key in [each for each in known if each[0] == previous]:
                    old = self.truth.record(key, known[key].as_of)
                    carried = carried_over(old, today)
                    new = pseudonym, key[1]
                    self.truth.carried.setdefault(new, []).append(carried)

    async def keys(self):
        rows = await self.stage.rows(
            "select pseudonym, topic, right_weight, wrong_weight, resolved, as_of "
            "from track_records"
        )
        return {
            (row["pseudonym"], row["topic"]): TrackRecord(
                right=row["right_weight"],
                wrong=row["wrong_weight"],
                resolved=row["resolved"],
                as_of=row["as_of"],
            )
            for row in rows
        }

    @invariant()
    def what_is_stored_is_what_it_comes_from(self):
        if hasattr(self, "truth"):
            self.wait(self.compare())

    async def compare(self):
        stored = await self.keys()
        for key, record in stored.items():
            assert same(record, self.truth.record(key, record.as_of)), key
        earned = {
            (credit.pseudonym, credit.topic)
            for each in self.truth.given.values()
            for credit in each.says
        }
        assert earned <= stored.keys()

    def teardown(self):
        if hasattr(self, "truth"):
            try:
                self.wait(self.check_the_rest())
            finally:
                self.wait(self.close())

    async def check_the_rest(self):
        """What whoever weighs a report finds, over all years; and the product's own audit."""
        stored, today = await self.keys(), self.stage.now.date()
        links = dict(
            await self.years.vault("select pseudonym, previous from vault.pseudonym_links")
        )
        topics = sorted({topic for _, topic in stored})
        for reporter in REPORTERS:
            who = pseudonyms(self.stage.system.keys, today, reporter).current
            async with self.stage.system.db.transaction(Role.CORE) as conn:
                found = await records_of(conn, [who], topics)
            for (_, topic), record in found.items():
                expected, line = [], who
                while line is not None:
                    if (line, topic) in stored:
                        day = stored[line, topic].as_of
                        expected.append(self.truth.record((line, topic), day))
                    line = links.get(line)
                total = expected[0]
                for each in expected[1:]:
                    total = merge(total, each)
                assert same(record, total)
        faults = [each for each in await audit_all(self.stage.system, ()) if each.is_fault]
        assert faults == []


@pytest.fixture
def open_years(server, stage, tmp_path):
    """Makes a stage in 2025, on a database and with a key folder of its own, and what closes it."""

    async def open_one():
        name = f"records_{secrets.token_hex(8)}"
        address = await server.create_database(name)
        database = await Database.open(address, server.passwords, dict.fromkeys(Role, 2))
        draws = random.Random(1)
        system = replace(stage.system, db=database, new_id=lambda: UUID(int=draws.getrandbits(128)))
        fresh = Stage(system, THEN)
        await fresh.begin()
        folder = tmp_path / name
        create(folder, THEN.date())
        for year in range(THEN.year + 1, LAST_YEAR + 1):
            add_year(folder, year)
        admin = Caller(
            key_id=KeyId("a" * 12),
            principal_id=await fresh.moderator("ada", ModeratorRole.ADMIN),
            role=ModeratorRole.ADMIN,
            scopes=frozenset(),
        )
        years = Years(fresh, folder, admin, admin.principal_id, server.passwords.login(Role.OWNER))
        years.restart()

        async def close() -> None:
            await database.close()
            await server.drop_database(name)

        return years, close

    return open_one


@pytest.mark.slow
async def test_no_order_of_events_makes_a_record_differ_from_what_it_comes_from(open_years):
    loop = asyncio.get_running_loop()

    def run(awaitable):
        return asyncio.run_coroutine_threadsafe(awaitable, loop).result(60)

    members = {"open_years": staticmethod(open_years), "run": staticmethod(run)}
    machine = type("TheseRecords", (RecordLife,), members)
    once = settings(
        max_examples=8,
        stateful_step_count=30,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.reuse, Phase.generate],  # to make one smaller takes minutes
    )
    await asyncio.to_thread(run_state_machine_as_test, machine, settings=once)
