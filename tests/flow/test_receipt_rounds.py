"""What receipts show of a decision before it is told: nothing, however often somebody reports."""

import random
from datetime import timedelta

import pytest

from underseal.core.case import CaseKind
from underseal.core.complaint import NothingToComplainError
from underseal.core.disclosure import K
from underseal.flow.audit import audit_all
from underseal.flow.complain import complain
from underseal.flow.count_views import count_views
from underseal.flow.export_reporter import export_reporter
from underseal.flow.file_report import Filer
from underseal.flow.look_up_receipt import look_up_receipt
from underseal.flow.open_appeal import open_appeals
from underseal.flow.read_receipt import read_receipt
from underseal.flow.supplement import ReportAnsweredError, supplement
from underseal.seal.receipt import parse
from underseal.store.views import ViewCount

PEOPLE = tuple(f"person {number}" for number in range(5))
OUTCOMES = (("remove", "bullying"), ("remove", "phishing"), ("no_violation", None))
"""What shows when a window closes, what shows at the next tick, and what shows nothing."""


@pytest.fixture
async def mona(stage):
    return await stage.moderator("mona")


@pytest.fixture
async def nils(stage):
    return await stage.moderator("nils")


async def filed(stage, ref, who="anna", guideline="bullying", note=""):
    async with Filer(
        stage.system.db, stage.system.keys, stage.system.guidelines, lambda: stage.now
    ) as filer:
        return await filer.file(stage.filing(ref, guideline, note=note), who)


async def state(stage, token):
    return (await look_up_receipt(stage.system, token, stage.now)).state


def digest(stage, token):
    return parse(stage.system.keys, token).digest


def same(stage, one, other):
    """Whether two receipts are made of the same: they look alike on one day only."""
    digests = digest(stage, one), digest(stage, other)
    assert (one == other) <= (digests[0] == digests[1])
    return digests[0] == digests[1]


async def test_a_repeat_has_the_same_receipt_until_a_decision_shows(stage, mona):
    ref = await stage.comment()
    first = await filed(stage, ref)
    await stage.decide(ref, mona, "remove", "bullying")
    for _ in range(3):
        assert same(stage, await filed(stage, ref), first)
        await stage.tick()
    await stage.tick(hours=7 * 24)
    assert not same(stage, await filed(stage, ref), first)


async def test_who_reported_before_a_decision_and_who_did_after_it_are_told_the_same(stage, mona):
    ref = await stage.comment()
    before = await filed(stage, ref, "anna")
    await stage.decide(ref, mona, "remove", "bullying")
    between = await filed(stage, ref, "bert")
    for hours in (1, 24, 6 * 24 + 1):
        await stage.tick(hours)
        told = [await look_up_receipt(stage.system, each, stage.now) for each in (before, between)]
        assert told[0] == told[1]
    assert told[0].state == "action_taken"
    assert await state(stage, await filed(stage, ref, "cora")) == "received"


async def test_a_receipt_speaks_of_the_next_round_too_whoever_has_reported_in_it(stage, mona, nils):
    """Its report may have fallen into it; whether anybody's did is not to be seen either."""
    silent, spoken = await stage.comment("c1"), await stage.comment("c2")
    first = {ref: await filed(stage, ref) for ref in (silent, spoken)}
    for ref in first:
        await stage.decide(ref, mona, "no_violation")
    between = await filed(stage, spoken, "bert")
    await stage.answer_day()
    told = await look_up_receipt(stage.system, between, stage.now)
    assert told.state == "no_violation"
    later = [await filed(stage, ref, "cora") for ref in first]
    for ref in first:
        await stage.decide(ref, nils, "remove", "phishing")
    assert await look_up_receipt(stage.system, between, stage.now) == told
    await stage.tick()
    for token in (*first.values(), between, *later):
        assert await state(stage, token) == "action_taken"
    latest = {ref: await filed(stage, ref, "dora") for ref in first}
    for ref in first:
        await stage.decide(ref, mona, "no_violation")
    await stage.answer_day()
    for ref, earlier in first.items():
        assert await state(stage, latest[ref]) == "no_violation"
        assert await state(stage, earlier) == "action_taken"


async def test_that_nothing_was_found_again_changes_no_earlier_receipt(stage, mona, nils):
    """Else it would tell that somebody has reported again."""
    ref = await stage.comment()
    token = await filed(stage, ref)
    await stage.decide(ref, mona, "no_violation")
    await stage.answer_day()
    told = await read_receipt(stage.system, token, stage.now)
    assert told.answer.state == "no_violation"
    await filed(stage, ref, "bert")
    await stage.decide(ref, nils, "no_violation")
    await stage.answer_day()
    assert await read_receipt(stage.system, token, stage.now) == told


async def test_a_repeat_after_the_telling_is_looked_up_like_any_other(stage, mona, nils):
    """Whether there is a report from between the decision and its telling, which it repeats."""
    ref = await stage.comment()
    for who in ("anna", "bert"):
        await filed(stage, ref, who)
    await stage.decide(ref, mona, "no_violation")
    between = await filed(stage, ref, "bert")
    for hours in (1, 24):
        await stage.tick(hours)
    again = [await filed(stage, ref, who, note="again") for who in ("anna", "bert")]
    assert not same(stage, again[1], between)
    answers = [await look_up_receipt(stage.system, token, stage.now) for token in again]
    assert answers[0] == answers[1]
    assert answers[0].state == "received"
    await stage.decide(ref, nils, "remove", "phishing")
    await stage.tick()
    assert [await state(stage, token) for token in again] == ["action_taken"] * 2


async def test_a_new_version_gives_new_receipts_and_old_ones_say_nothing_of_it(stage, mona):
    ref = await stage.video()
    await stage.scan(ref)
    old = await filed(stage, ref)
    await stage.change(ref)
    await stage.scan(ref)
    new = await filed(stage, ref)
    assert not same(stage, old, new)
    await stage.decide(ref, mona, "remove", "phishing")
    await stage.tick()
    assert [await state(stage, each) for each in (old, new)] == ["received", "action_taken"]


async def test_an_appeal_moves_no_receipts_on(stage, mona, nils):
    """It is told of receipts from before: that a later decision waits must not show with it."""
    answers = {}
    for name, decided in (("c1", False), ("c2", True)):
        ref = await stage.comment(name)
        await filed(stage, ref)
        await stage.decide(ref, mona, "remove", "phishing")
        await stage.tick()
        present = await filed(stage, ref)
        newest, *_ = await stage.statements()
        await stage.appeal(newest.statement.id)
        await open_appeals(stage.system, stage.now)
        if decided:
            await stage.decide(ref, mona, "remove", "bullying")
        await stage.judge(
            nils, "no_violation", kind=CaseKind.APPEAL, reasons="It is satire, which is allowed."
        )
        await stage.tick()
        answers[name] = same(stage, await filed(stage, ref), present), await state(stage, present)
    assert answers["c1"] == answers["c2"] == (True, "received")


async def test_complaints_are_heard_once_whenever_their_reports_came(stage, mona, nils):
    ref = await stage.comment()
    before = await filed(stage, ref, "anna")
    await stage.decide(ref, mona, "no_violation")
    between = await filed(stage, ref, "bert")
    both = await filed(stage, ref, "anna")
    assert same(stage, both, before)
    for token in (before, between):
        with pytest.raises(NothingToComplainError):
            await complain(stage.system, token, "look again", stage.now)
    await stage.answer_day()
    for token in (between, before):
        await complain(stage.system, token, "look again", stage.now)
        view = await read_receipt(stage.system, token, stage.now)
        assert (view.complaint, view.complain_until) == ("in_review", None)
    rows = await stage.rows("select distinct heard_in from complaints")
    assert len(rows) == 1
    await stage.judge(nils, "no_violation")
    await stage.tick()
    for token in (before, between):
        view = await read_receipt(stage.system, token, stage.now)
        assert view.complaint == "no_violation"
    # Who reports again has a new receipt, and may complain again of what comes of it.
    await stage.tick(hours=24)
    later = await filed(stage, ref, "bert")
    await stage.decide(ref, mona, "no_violation")
    await stage.answer_day()
    view = await read_receipt(stage.system, later, stage.now)
    assert (view.complaint, view.can_add) == (None, False)
    assert view.complain_until


async def test_an_export_does_not_show_where_a_decision_fell(stage, mona):
    found = []
    for name, decided in (("c1", False), ("c2", True)):
        ref = await stage.comment(name)
        token = await filed(stage, ref, note="first")
        if decided:
            await stage.decide(ref, mona, "remove", "bullying")
        for note in ("zebra", "first", "ant", ""):
            assert same(stage, await filed(stage, ref, note=note), token)
        await supplement(stage.system, token, "middle", stage.now)
        await supplement(stage.system, token, "ant", stage.now)
        (report,) = (await export_reporter(stage.system, [token], stage.now)).reports
        found.append(
            (report.said.note, [each.note for each in report.added], report.stored_quarter)
        )
    assert found[0] == found[1]
    assert found[0][:2] == ("first", ["ant", "middle", "zebra"])


async def watched(stage, refs, viewers):
    """Let so many people watch during this hour."""
    tick = stage.now.replace(minute=0, second=0) + timedelta(hours=1)
    counts = [
        ViewCount(subject_id=ref.subject_id, organic=viewers, qualifying=viewers) for ref in refs
    ]
    await count_views(stage.system, tick, counts, tick)


async def test_what_is_said_in_a_complaint_after_its_round_has_ended_is_no_fault(stage, mona):
    ref = await stage.comment()
    token = await filed(stage, ref)
    await stage.assess()
    await stage.decide(ref, mona, "no_violation")
    await stage.answer_day()
    await complain(stage.system, token, "look again", stage.now)
    rows = await stage.rows("select round, after_end from report_supplements")
    assert rows == [{"round": 1, "after_end": True}]
    assert await audit_all(stage.system, ()) == ()


class Play:
    """One of two plays of the same life: what people are answered about a comment."""

    def __init__(self, stage, ref, draw) -> None:
        self.stage, self.ref, self.draw = stage, ref, draw
        self.receipts = {who: [] for who in PEOPLE}
        self.seen = []

    async def report(self, who: str) -> None:
        token = await filed(self.stage, self.ref, who)
        known = self.receipts[who]
        if token not in known:
            known.append(token)
        self.seen.append((who, known.index(token)))
        await self.look()

    async def add(self, who: str) -> None:
        for token in self.receipts[who]:
            try:
                await supplement(self.stage.system, token, "and more", self.stage.now)
            except ReportAnsweredError:
                self.seen.append((who, "too late"))

    async def complain(self, who: str) -> None:
        for token in self.receipts[who]:
            try:
                await complain(self.stage.system, token, "look again", self.stage.now)
            except Exception as error:  # noqa: BLE001 - what it is, is compared
                self.seen.append((who, type(error).__name__))

    async def look(self) -> None:
        """See what all receipts say."""
        now = self.stage.now
        for who, tokens in self.receipts.items():
            for token in tokens:
                view = await read_receipt(self.stage.system, token, now)
                self.seen.append((who, view.answer.state, view.answer.changed_at))
                self.seen.append((who, view.complaint, view.complain_until, view.can_add))

    async def hour(self, acts, decisions) -> None:
        """Let both happen, in their own orders and with each other in another one each time."""
        places = sorted(self.draw.randrange(len(acts) + 1) for _ in decisions)
        for place in range(len(acts) + 1):
            for outcome, at in zip(decisions, places, strict=True):
                if at == place:
                    moderator = await self.stage.moderator(f"m {self.draw.random()}")
                    await self.stage.decide(self.ref, moderator, *outcome)
                    self.stage.now += timedelta(seconds=1)
            if place < len(acts):
                act, who = acts[place]
                await getattr(self, act)(who)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
async def test_nothing_tells_when_between_two_ticks_somebody_decided(stage, seed):
    draw = random.Random(seed)
    plays = [
        Play(stage, await stage.comment(f"c{number}", f"carl {number}"), random.Random(number))
        for number in range(2)
    ]
    for hours in (1, 1, 23, 1, 24, 8 * 24, 1, 48, 8 * 24):
        acts = [
            (draw.choice(("report", "report", "add")), draw.choice(PEOPLE))
            for _ in range(draw.randrange(5))
        ]
        decisions = draw.choices(OUTCOMES, k=draw.choice((0, 1, 1, 2)))
        complainer = draw.choice(PEOPLE)
        viewers = draw.choice((0, K))
        began = stage.now
        for play in plays:
            stage.now = began
            await play.complain(complainer)
            await play.hour(acts, decisions)
        await watched(stage, [play.ref for play in plays], viewers)
        await stage.tick(hours=hours)
        for play in plays:
            await play.look()
        assert plays[0].seen == plays[1].seen
    assert [each for each in await audit_all(stage.system, ()) if each.is_fault] == []
