"""What reporters see of how much they are believed, over the whole life of their reports: nothing.

The same is done in three worlds. All that differs is the track record of one reporter: trusted, new
or devalued. Every answer to her is compared, byte by byte, after every step and at every tick.
"""

import re
from dataclasses import dataclass, field
from datetime import timedelta

import msgspec
import pytest
from scenery import GUIDELINES, Lots, Scenery, World, comment, video, world

from underseal.client.tickets import sign_ticket
from underseal.core.case import CaseKind
from underseal.core.evidence import Weighting
from underseal.core.receipt_state import ReceiptState
from underseal.core.subject import SubjectRef
from underseal.core.track_record import TrackRecord
from underseal.flow.assess import want_waiting
from underseal.flow.count_views import count_views
from underseal.flow.export_reporter import export_reporter
from underseal.flow.take_case import take_case
from underseal.seal.pseudonym import pseudonyms
from underseal.store.records import lock_records, save_records
from underseal.store.roles import Role
from underseal.store.views import ViewCount

pytestmark = pytest.mark.slow

RECORDS = {"trusted": (40.0, 0.0), "new": None, "devalued": (0.0, 400.0)}
VIEWS = 60
"""So many in an hour that somebody looks in any case, and so few that they do not outvote reports."""

FEW = 30
"""So many in an hour that somebody looks at once if a trusted reporter reports it, and else not."""
REASONS = "Somebody else has looked at it again, and this is why."
ORDINARY, RIVAL, GRAVE, REMOVED = video("mine"), video("rival"), comment("c1"), comment("c2")
FILED = (
    (ORDINARY, "bullying", "it goes on for minutes"),
    (GRAVE, "threat_to_life", "he says when and where"),
    (REMOVED, "phishing", "look where the link leads"),
)
VERDICTS = {
    ORDINARY.subject_id: ("no_violation", None),
    RIVAL.subject_id: ("remove", "bullying"),
    GRAVE.subject_id: ("remove", "threat_to_life"),
    REMOVED.subject_id: ("remove", "phishing"),
}


@dataclass
class Life:
    """One reporter in one world; `seen` is all that she was answered, by step."""

    here: World
    record: tuple[float, float] | None
    seen: list[tuple[str, object]] = field(default_factory=list)
    receipts: dict[SubjectRef, str] = field(default_factory=dict)
    order: list = field(default_factory=list)
    looked_at_day: int | None = None

    @property
    def stage(self):
        return self.here.stage

    @property
    def reporter(self) -> str:
        return self.here.scenery.reporters[0]

    async def live(self) -> None:
        await self.begin()
        self.browser = await self.here.site.visitor()
        await self.file("files")
        await self.stage.assess()
        await self.look("assessed")
        await self.file("repeats")
        await self.add("and there is more to say", "supplements")
        await self.stage.assess()
        for hour in range(3):
            await self.pass_tick(f"hour {hour}")
        await self.pass_tick("the next day", hours=24)
        await self.pass_tick("an hour later")  # the queue goes by what is watched
        await self.stage.enqueue(REMOVED)
        await self.moderate("mona")
        await self.look("decided, and not told")
        await self.file("repeats what is decided")
        await self.pass_tick("told")
        for day in range(1, self.here.system.settings.report_age_days_max + 2):
            await self.pass_tick(f"day {day}", hours=24)
        await self.add("too late", "supplements what is answered")
        await self.complain("Look again, it is at the end", "complains")
        await self.complain("Look again", "complains twice")
        await self.file("reports anew")
        await self.stage.assess()
        for hour in range(2):
            await self.pass_tick(f"hour {hour} of the complaint")
        await self.moderate("nils")
        for day in range(1, 9):
            await self.pass_tick(f"day {day} after the complaint", hours=24)

    async def begin(self, views: int = VIEWS) -> None:
        """Two videos that as many watch, and a past for one reporter."""
        stage = self.stage
        self.here.lots.draw_for("the beginning")
        for ref in (ORDINARY, RIVAL):
            await stage.video(ref.external_id, "vera")
            await stage.scan(ref)
        await stage.assess()
        await self.watched(views)
        await stage.tick()
        await stage.report(RIVAL, "bullying", *self.here.scenery.reporters[3:5])
        if self.record is not None:
            await self.prove(*self.record)

    async def be_answered(self) -> None:
        """Report what few watch, every day, and look at every tick until the answer is there."""
        await self.begin(views=FEW)
        self.browser = await self.here.site.visitor()
        await self.file("files")
        await self.stage.assess()
        began, first = self.stage.now.replace(hour=0, minute=0, second=0), dict(self.receipts)
        days_max = self.here.system.settings.report_age_days_max
        for day in range(1, days_max + 3):
            for hours in (1, 2, 4):
                await self.moderate("mona")
                await self.pass_tick(f"day {day}, {hours} hours later", hours=hours, views=1)
                if self.looked_at_day is None and ORDINARY.subject_id in self.order:
                    self.looked_at_day = (self.stage.now - began).days
            left = began + timedelta(days=day) - self.stage.now
            await self.moderate("mona")
            hours = left // timedelta(hours=1) + 1
            await self.pass_tick(f"day {day}", hours=hours, views=1)
            await self.file(f"repeats on day {day}")
            await self.look(f"repeated on day {day}")
            self.receipts = dict(first)

    async def watched(self, views: int = VIEWS) -> None:
        tick = self.stage.now.replace(minute=0, second=0) + timedelta(hours=1)
        counts = [
            ViewCount(subject_id=ref.subject_id, organic=views, qualifying=views // 2)
            for ref in (ORDINARY, RIVAL)
        ]
        await count_views(self.stage.system, tick, counts, tick)

    async def prove(self, right: float, wrong: float) -> None:
        today = self.stage.now.date()
        who = pseudonyms(self.stage.system.keys, today, self.reporter).current
        records = {
            (who, topic.id): TrackRecord(right=right, wrong=wrong, resolved=40, as_of=today)
            for topic in GUIDELINES.topics
        }
        async with self.stage.system.db.transaction(Role.CORE) as conn:
            await lock_records(conn, sorted(records), today)
            await save_records(conn, records)

    def note(self, step: str, answer) -> None:
        self.seen.append((step, (answer.status_code, answer.headers.raw, answer.content)))

    async def file(self, step: str) -> None:
        """By the platform, and once more by a ticket."""
        self.here.lots.draw_for(step)
        key = self.here.scenery.platform
        for ref, guideline, note in FILED:
            subject = {"kind": ref.kind, "id": ref.external_id}
            answer = await self.browser.post(
                "/v1/reports",
                headers={"authorization": f"Bearer {key.token}"},
                json={
                    "subject": subject,
                    "reporter": {"id": self.reporter},
                    "guideline": guideline,
                    "note": note,
                },
            )
            self.note(f"{step}: {guideline}", answer)
            self.receipts[ref] = answer.json()["receipt"]
            ticket = sign_ticket(
                key.token,
                key.ticket_secret,
                subject=(ref.kind, ref.external_id),
                reporter=self.reporter,
                expires_at=self.stage.now + timedelta(minutes=5),
            )
            by_ticket = await self.browser.post(
                "/v1/reports",
                headers={"authorization": f"Ticket {ticket}"},
                json={"guideline": guideline, "note": note},
            )
            self.note(f"{step} by ticket: {guideline}", by_ticket)

    async def add(self, text: str, step: str) -> None:
        await self.send("supplement", text, step)

    async def complain(self, text: str, step: str) -> None:
        await self.send("complaint", text, step)

    async def send(self, what: str, text: str, step: str) -> None:
        self.here.lots.draw_for(step)
        for ref, receipt in self.receipts.items():
            form = {"receipt": receipt, "text": text}
            answer = await self.browser.post(f"/receipt/{what}", data=form)
            self.note(f"{step}: {ref.external_id}", answer)
        await self.look(step)

    async def look(self, step: str) -> None:
        """All that can be asked: receipts over the API and as a page, the export, public pages."""
        token = self.here.scenery.platform.token
        for ref, receipt in self.receipts.items():
            about = f"{step}: {ref.external_id}"
            asked = {"receipt": receipt}
            bearer = {"authorization": f"Bearer {token}"}
            looked_up = await self.browser.post("/v1/receipts/lookup", json=asked, headers=bearer)
            self.note(f"{about}, looked up", looked_up)
            self.note(f"{about}, page", await self.browser.post("/receipt", data=asked))
            self.seen.append((f"{about}, level", await self.stage.level(ref)))
        everything = await export_reporter(
            self.stage.system, list(self.receipts.values()), self.stage.now
        )
        self.seen.append((f"{step}: export", msgspec.json.encode(everything)))
        for path in ("/transparency.json", "/guidelines"):
            self.note(f"{step}: {path}", await self.browser.get(path))

    async def pass_tick(self, step: str, hours: int = 1, views: int = VIEWS) -> None:
        self.here.lots.draw_for(step)
        await self.watched(views)
        await self.stage.tick(hours=hours)
        await want_waiting(self.stage.system, self.stage.now)
        await self.stage.assess()
        await self.look(step)

    async def moderate(self, name: str) -> None:
        """Somebody decides all that waits, in the order of the queue."""
        who = self.here.scenery.people[name]
        while lease := await take_case(self.stage.system, who, CaseKind.REVIEW, self.stage.now):
            (case,) = await self.stage.rows(
                "select subject_id from cases where case_id = $1", lease.case_id
            )
            self.order.append(case["subject_id"])
            times = self.order.count(case["subject_id"])
            self.here.lots.draw_for(f"{name} decides {case['subject_id']} {times}")
            verdict = VERDICTS.get(case["subject_id"], ("no_violation", None))
            await self.stage.submit(lease.case_id, who, *verdict, reasons=REASONS)

    def state(self, step: str, ref: SubjectRef) -> str:
        (answer,) = (
            answer for at, answer in self.seen if at == f"{step}: {ref.external_id}, looked up"
        )
        return msgspec.json.decode(answer[2])["state"]


def numbered(seen: list[tuple[str, object]]) -> list[tuple[str, str]]:
    """Put numbers for receipts, in the order in which they came: all that one day's tell is their own."""
    known: dict[str, str] = {}

    def number(receipt: re.Match[str]) -> str:
        return known.setdefault(receipt[0], f"receipt number {len(known)}")

    return [(step, re.sub("rcpt_[a-z2-7]{64}", number, repr(answer))) for step, answer in seen]


async def lived(scenery: Scenery, lots: Lots, **settings) -> dict[str, Life]:
    lives = {}
    for name, record in RECORDS.items():
        async with world(scenery, lots, **settings) as here:
            lives[name] = Life(here, record)
            await lives[name].live()
    return lives


@pytest.mark.parametrize("weighting", [Weighting.PRIORITY_ONLY, Weighting.OFF])
async def test_a_devalued_reporter_sees_what_a_trusted_one_sees_whenever_they_look(
    scenery: Scenery, lots: Lots, weighting: Weighting
):
    lives = await lived(scenery, lots, weighting=weighting)
    trusted, new, devalued = lives.values()
    assert [step for step, _ in trusted.seen] == [step for step, _ in devalued.seen]
    for one, other, third in zip(trusted.seen, new.seen, devalued.seen, strict=True):
        assert one == other == third, one[0]
    # It is not for want of difference: the queue was another one, where records are used.
    first = [
        next(each for each in life.order if each in {ORDINARY.subject_id, RIVAL.subject_id})
        for life in lives.values()
    ]
    if weighting is Weighting.PRIORITY_ONLY:
        assert first == [ORDINARY.subject_id, RIVAL.subject_id, RIVAL.subject_id]
    else:
        assert len(set(first)) == 1
    # Nor for want of anything to see.
    assert trusted.state("assessed", ORDINARY) == ReceiptState.RECEIVED
    assert trusted.state("the next day", ORDINARY) == ReceiptState.IN_REVIEW
    assert trusted.state("decided, and not told", ORDINARY) == ReceiptState.IN_REVIEW
    assert trusted.state("told", ORDINARY) == ReceiptState.RECEIVED
    assert trusted.state("day 7", ORDINARY) == ReceiptState.IN_REVIEW
    assert trusted.state("day 8", ORDINARY) == ReceiptState.NO_VIOLATION
    assert trusted.state("told", REMOVED) == ReceiptState.ACTION_TAKEN
    assert trusted.state("told", GRAVE) == ReceiptState.ACTION_TAKEN


async def test_a_report_that_weighs_little_is_looked_at_later_and_answered_at_the_same_tick(
    scenery: Scenery, lots: Lots
):
    """Whoever decides does so days apart; what the reporter is answered is the same at every tick."""
    lives = {}
    for name, record in RECORDS.items():
        async with world(scenery, lots) as here:
            lives[name] = Life(here, record)
            await lives[name].be_answered()
            days_max = here.system.settings.report_age_days_max
    trusted, _, devalued = lives.values()
    assert trusted.looked_at_day == 0
    assert 0 < devalued.looked_at_day <= days_max
    assert [step for step, _ in trusted.seen] == [step for step, _ in devalued.seen]
    seen = [numbered(life.seen) for life in lives.values()]
    for one, other, third in zip(*seen, strict=True):
        assert one == other == third, one[0]
    days = [devalued.state(f"day {day}", ORDINARY) for day in range(1, days_max + 3)]
    assert days == [ReceiptState.IN_REVIEW] * days_max + [ReceiptState.NO_VIOLATION] * 2
