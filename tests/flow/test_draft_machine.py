"""Whatever moderators and workers do, in any order: no decision is lost, and none is taken twice."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stage import NOW
from staging import account

from underseal.core.caller import ModeratorRole
from underseal.core.case import NotLeasedError, StepNotAllowedError
from underseal.core.decision import Finding, Outcome, Verdict
from underseal.core.draft import (
    CONFIRM_TIME,
    UNDO_TIME,
    AlreadyDraftedError,
    Draft,
    DraftEndedError,
    NotYourDraftError,
    SecondPersonError,
    UndoTooLateError,
)
from underseal.core.guideline import GuidelineId
from underseal.core.person import Person
from underseal.flow.confirm_draft import confirm_draft, return_draft
from underseal.flow.decide import Submission
from underseal.flow.draft_decision import (
    draft_decision,
    settle_drafts,
    submit_decision,
    undo_draft,
)
from underseal.flow.take_case import release_case, take_case

REFUSED = (
    AlreadyDraftedError,
    DraftEndedError,
    NotLeasedError,
    NotYourDraftError,
    SecondPersonError,
    StepNotAllowedError,
    UndoTooLateError,
)

REMOVE = Verdict(
    outcome=Outcome.REMOVE, guideline=GuidelineId("phishing"), finding=Finding.ACTIONED
)
VERDICTS = (
    *(REMOVE, REMOVE),  # of an account it takes two: it is drawn the oftener
    Verdict(outcome=Outcome.NO_VIOLATION, guideline=None, finding=Finding.NO_VIOLATION),
    Verdict(outcome=Outcome.NO_VIOLATION, guideline=None, finding=Finding.MANIFESTLY_UNFOUNDED),
)

who = st.integers(0, 1)
acts = st.one_of(
    st.tuples(st.just("take"), who),
    st.tuples(st.just("draft"), who, st.integers(0, 1), st.sampled_from(VERDICTS)),
    st.tuples(st.just("submit"), who, st.integers(0, 1), st.sampled_from(VERDICTS)),
    st.tuples(st.just("undo"), who, st.integers(0, 5)),
    st.tuples(st.just("confirm"), who, st.integers(0, 5)),
    st.tuples(st.just("send_back"), who, st.integers(0, 5)),
    st.tuples(st.just("release"), who, st.integers(0, 1)),
    st.tuples(st.just("wait"), st.sampled_from([1, 59, 60, 700, 90_000])),
    st.tuples(st.just("settle"), st.integers(1, 3)),
)
names = count()


@dataclass
class Made:
    """A draft as a test knows it."""

    draft_id: object
    by: Person
    final_at: datetime
    is_undone: bool = False


@dataclass
class Play:
    """Two moderators at two cases, one of a comment and one of its account, and workers."""

    stage: object
    people: list[Person]
    cases: list
    made: list[Made] = field(default_factory=list)
    alone: set = field(default_factory=set)

    async def take(self, one: int) -> None:
        await take_case(self.stage.system, self.people[one].principal_id, None, self.stage.now)

    async def draft(self, one: int, number: int, verdict: Verdict) -> None:
        case_id = self.cases[number % len(self.cases)]
        given = Submission(verdict=verdict)
        person = self.people[one]
        done = await draft_decision(self.stage.system, case_id, person, given, self.stage.now)
        if done.draft is not None:
            self._note(done.draft, person)

    async def submit(self, one: int, number: int, verdict: Verdict) -> None:
        case_id = self.cases[number % len(self.cases)]
        given, person = Submission(verdict=verdict), self.people[one]
        done = await submit_decision(self.stage.system, case_id, person, given, self.stage.now)
        if isinstance(done, Draft):
            self._note(done, person)
        else:
            self.alone.add(case_id)

    def _note(self, draft: Draft, person: Person) -> None:
        assert draft.made_by == person.principal_id
        if draft.id not in {each.draft_id for each in self.made}:
            self.made.append(Made(draft.id, person, draft.final_at))

    async def undo(self, one: int, number: int) -> None:
        if self.made:
            made = self.made[number % len(self.made)]
            await undo_draft(self.stage.system, made.draft_id, self.people[one], self.stage.now)
            assert self.stage.now < made.final_at
            assert made.by == self.people[one]
            made.is_undone = True

    async def confirm(self, one: int, number: int) -> None:
        if self.made:
            made = self.made[number % len(self.made)]
            await confirm_draft(self.stage.system, made.draft_id, self.people[one], self.stage.now)

    async def send_back(self, one: int, number: int) -> None:
        if self.made:
            made = self.made[number % len(self.made)]
            person = self.people[one]
            await return_draft(self.stage.system, made.draft_id, person, "no", self.stage.now)

    async def release(self, one: int, number: int) -> None:
        case_id = self.cases[number % len(self.cases)]
        moderator = self.people[one].principal_id
        await release_case(self.stage.system, case_id, moderator, not_me=False)

    async def wait(self, seconds: int) -> None:
        self.stage.now += timedelta(seconds=seconds)

    async def settle(self, workers: int) -> None:
        system, now = self.stage.system, self.stage.now
        await asyncio.gather(*(settle_drafts(system, now) for _ in range(workers)))

    async def check(self) -> None:
        rows = await self.stage.rows(
            "select d.draft_id, d.case_id, d.state, d.needs_second, d.made_by, d.confirmed_by, "
            "d.word, d.outcome, d.finding, c.state as case_state, x.decided_by, "
            "x.outcome as decided_outcome, x.finding as decided_finding, "
            "exists (select from charges h where h.decision_id = x.decision_id) as is_charged "
            "from drafts d join cases c using (case_id) "
            "left join decisions x on (x.subject_id, x.round) = (c.subject_id, c.round) "
            "where d.case_id = any ($1)",
            self.cases,
        )
        assert {row["draft_id"] for row in rows} == {each.draft_id for each in self.made}
        undone = {each.draft_id for each in self.made if each.is_undone}
        taken = Counter(row["case_id"] for row in rows if row["state"] == "decided")
        assert all(times == 1 for times in taken.values())
        assert not self.alone & set(taken)
        assert len(await self._decided()) == len(self.alone) + len(taken)
        for row in await self._decided():
            if (row["kind"], row["outcome"]) == ("account", "remove"):
                assert row["confirmed_by"] not in {None, row["decided_by"]}
        for row in rows:
            assert (row["draft_id"] in undone) == (row["state"] == "undone")
            assert row["state"] in {"decided", "undone", "returned", "refused"}
            if row["state"] == "decided":
                assert row["case_state"] == "decided"
                assert row["decided_by"] == row["made_by"]
                assert row["outcome"] == row["decided_outcome"]
                is_charge = row["finding"] == "manifestly_unfounded"
                assert row["is_charged"] == is_charge
                assert row["decided_finding"] == ("no_violation" if is_charge else row["finding"])
                assert row["needs_second"] == (row["confirmed_by"] is not None)
            elif row["state"] != "undone":
                assert row["word"]
            if not taken[row["case_id"]] and row["case_id"] not in self.alone:
                assert row["case_state"] in {"queued", "leased"}

    async def _decided(self) -> list[dict]:
        """All decisions, and who has confirmed them."""
        return await self.stage.rows(
            "select s.kind, x.outcome, x.decided_by, d.confirmed_by from decisions x "
            "join cases c using (subject_id, round) join subjects s using (subject_id) "
            "left join drafts d on d.case_id = c.case_id and d.state = 'decided' "
            "where c.case_id = any ($1)",
            self.cases,
        )


@pytest.mark.slow
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(acts, min_size=8, max_size=24))
async def test_no_decision_is_lost_and_none_is_taken_twice(stage, played):
    stage.now = NOW
    people = [
        Person(principal_id=await stage.moderator(name), name=name, role=ModeratorRole.MODERATOR)
        for name in ("mona", "nils")
    ]
    creator = f"carl{next(names)}"
    refs = [await stage.comment(f"c{next(names)}", creator), account(creator)]
    play = Play(stage, people, [await stage.enqueue(ref, rate=1e9) for ref in refs])
    for one in (0, 1):
        await play.take(one)
    for name, *given_ in played:
        try:
            await getattr(play, name)(*given_)
        except REFUSED:
            continue
    stage.now += CONFIRM_TIME + UNDO_TIME
    await play.settle(2)
    await play.check()
    async with stage.system.db.transaction("underseal_core") as conn:
        await conn.execute(
            "update cases set state = 'superseded', leased_by = null, leased_until = null, "
            "closed_at = $1 where state in ('queued', 'leased')",
            stage.now,
        )
