"""What reporters, creators, moderators and a platform do, from the first report to the last."""

import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex

import httpx
from running import TICK, Underseal

from underseal.client.tickets import sign_ticket
from underseal.core.disclosure import CROWD_MIN, last_tick
from underseal.lab.videos import make_video

HATE = "hate_incitement"
NOTE = "she told me at the party in May that {} was meant by it"
REASONS = "Somebody else has watched it from beginning to end, and comes to the same finding."


def mark(kind: str) -> str:
    return f"{kind}-{token_hex(10)}"


@dataclass
class Marks:
    """What reporters could be known by."""

    proven: tuple[str, ...] = tuple(mark("id") for _ in range(2))
    others: tuple[str, ...] = tuple(mark("id") for _ in range(4))
    deleted: str = mark("id")
    agent: str = mark("agent")
    address: str = f"2001:db8:{token_hex(2)}:{token_hex(2)}::{token_hex(2)}"
    notes: tuple[str, ...] = tuple(mark("note") for _ in range(3))
    subject: str = mark("subject")

    @property
    def people(self) -> tuple[str, ...]:
        """What must be nowhere at all."""
        return (*self.proven, *self.others, self.deleted, self.agent, self.address)


@dataclass
class Story:
    """What reporters, creators, moderators and the platform do."""

    underseal: Underseal
    marks: Marks
    receipts: list[str] = field(default_factory=list)

    @property
    def traced(self) -> dict[str, str]:
        """Headers by which a reporter's device could be known."""
        address = self.marks.address
        return {
            "user-agent": self.marks.agent,
            "x-forwarded-for": address,
            "x-real-ip": address,
            "forwarded": f'for="[{address}]"',
        }

    def body(self, subject: str, reporter: str | None, note: str = "", **given) -> dict:
        return {
            "subject": {"kind": "comment", "id": subject},
            "reporter": None if reporter is None else {"id": reporter},
            "guideline": HATE,
            "note": note and NOTE.format(note),
            **given,
        }

    async def register(self, kind: str, name: str, creator: str = "carl", **given) -> None:
        answer = await self.underseal.ask(
            "platform",
            "POST",
            "/v1/subjects",
            json={
                "subject": {"kind": kind, "id": name},
                "creator": {"id": creator},
                "caption": "my opinion",
                "language": "en",
                **given,
            },
        )
        assert answer.status_code == 201, answer.text

    async def report(self, *args, **given) -> None:
        answer = await self.underseal.ask(
            "platform",
            "POST",
            "/v1/reports",
            json=self.body(*args, **given),
            headers=self.traced,
        )
        assert answer.status_code == 201, answer.text
        self.receipts.append(answer.json()["receipt"])

    async def decide(self, moderator: str, outcome: str, kind: str = "review", **given) -> str:
        """Take the next case, read it, watch it and decide it."""
        ask = self.underseal.ask
        taken = await self.underseal.until(
            moderator, "POST", "/v1/cases/take", lambda answer: answer.status_code == 200,
            json={"kind": kind},
        )  # fmt: skip
        case = taken.json()
        place = f"/v1/cases/{case['case_id']}"
        assert (await ask(moderator, "GET", place)).status_code == 200
        if case["has_media"]:
            assert (await ask(moderator, "GET", f"{place}/media")).status_code == 200
        assert (await ask("lea", "GET", f"{place}/explanation")).status_code == 200
        guideline = None if outcome == "no_violation" else HATE
        finding = "no_violation" if outcome == "no_violation" else "actioned"
        decided = await ask(
            moderator, "POST", f"{place}/decision",
            json={"outcome": outcome, "guideline": guideline, "finding": finding, **given},
        )  # fmt: skip
        assert decided.status_code == 200, decided.text
        return case["subject"]["id"]

    async def shown(self, kind: str, name: str, *levels: str) -> dict:
        """Wait until a subject is shown at one of these levels."""
        answer = await self.underseal.until(
            "platform", "GET", f"/v1/visibility?kind={kind}&id={name}",
            lambda answer: answer.json()["level"] in levels,
        )  # fmt: skip
        return answer.json()

    async def watch(self, kind: str, name: str, viewers: int) -> None:
        view = {"subject": {"kind": kind, "id": name}, "organic": viewers, "qualifying": viewers}

        async def tell() -> httpx.Response:
            tick = last_tick(datetime.now(UTC), TICK).isoformat()
            return await self.underseal.ask(
                "platform", "POST", "/v1/views", json={"tick": tick, "views": [view]}
            )

        assert (await tell()).json()["counted"] == 1

    async def prove(self, reporter: str, names: list[str]) -> None:
        """Notices that turn out to be right make a reporter proven."""
        for name in names:
            await self.register("comment", name, creator="dora")
            notice = {"law": "§ 130 StGB", "good_faith": True}
            await self.report(name, reporter, notice=notice)
            assert await self.decide("mona", "remove") == name
            await self.shown("comment", name, "removed")

    async def tell(self) -> None:
        """All of it."""
        marks, ask = self.marks, self.underseal.ask
        await self.prove(marks.proven[0], ["c1", "c2", "c3"])
        await self.prove(marks.proven[1], ["c4", "c5", "c6"])
        await self.film()
        await self.hold()
        await self.appeal()
        await self.look_up()
        forgotten = {"reporter": {"id": marks.deleted}}
        for headers in ({}, {"idempotency-key": '"once"'}, {"idempotency-key": '"once"'}):
            answer = await ask(
                "platform", "POST", "/v1/reporters/forget",
                json=forgotten, headers={**self.traced, **headers},
            )  # fmt: skip
            assert answer.status_code == 202, answer.text
        for method in ("GET", "DELETE", "PATCH", "PUT"):
            refused = await ask("platform", method, "/v1/reports", headers=self.traced)
            assert refused.status_code == 405
        await ask("platform", "POST", "/v1/reports", json={"reporter": {"id": marks.deleted}})
        await ask(
            "platform", "POST", "/v1/reports", json=self.body("c9", marks.deleted, guideline="no")
        )
        await ask("lea", "GET", "/v1/incidents")
        await ask("lea", "GET", "/v1/queue")

    async def film(self) -> None:
        """A video is uploaded, reported in several ways, looked at and cleared."""
        ask, marks = self.underseal.ask, self.marks
        await self.register("video", "film", media={"upload": True})
        with tempfile.TemporaryDirectory() as folder:
            make_video(Path(folder) / "film.mp4", scene=2, seconds=2, fps=8)
            film = (Path(folder) / "film.mp4").read_bytes()
        sent = await ask("platform", "PUT", "/v1/media?kind=video&id=film&version=1", content=film)
        assert sent.status_code == 202, sent.text
        await self.shown("video", "film", "public")
        video = {"subject": {"kind": "video", "id": "film"}}
        bulk = [
            {**self.body("film", marks.others[0], marks.notes[0]), **video},
            {**self.body("film", marks.others[1]), **video, "guideline": "no such guideline"},
            {**self.body("film", None, marks.notes[1]), **video, "guideline": "threat_to_life"},
            self.body(marks.subject, marks.deleted, marks.notes[2]),
        ]
        answer = await ask(
            "platform", "POST", "/v1/reports/bulk", json={"reports": bulk}, headers=self.traced
        )
        results = answer.json()["results"]
        assert ["receipt" in each for each in results] == [True, False, True, True]
        self.receipts += [each["receipt"] for each in results if "receipt" in each]
        ticket = sign_ticket(
            self.underseal.tokens["platform"],
            self.underseal.ticket_secret,
            subject=("video", "film"),
            reporter=marks.others[2],
            expires_at=datetime.now(UTC) + timedelta(minutes=5),
        )
        for note in (marks.notes[0], marks.notes[1]):
            filed = await ask(
                None, "POST", "/v1/reports",
                json={"guideline": HATE, "note": NOTE.format(note), "moments": [{"start_ms": 1, "end_ms": 9}]},
                headers={"authorization": f"Ticket {ticket}", **self.traced},
            )  # fmt: skip
            assert filed.status_code == 201, filed.text
        spoiled = await ask(
            None, "POST", "/v1/reports",
            json={"guideline": HATE}, headers={"authorization": f"Ticket {ticket}x", **self.traced},
        )  # fmt: skip
        assert spoiled.status_code == 401
        assert await self.decide("mona", "no_violation") == "film"

    async def hold(self) -> None:
        """What proven reporters report of what a crowd has seen is held until somebody looks."""
        marks = self.marks
        await self.register("comment", "loud")
        await self.watch("comment", "loud", CROWD_MIN + 2)
        for person in (*marks.proven, marks.others[0], None):
            await self.report("loud", person, marks.notes[0])
        await self.shown("comment", "loud", "held", "not_recommended")
        for person in marks.others[1:]:
            await self.report("loud", person, marks.notes[0])
        await self.report("loud", marks.deleted, marks.notes[1])
        assert await self.decide("mona", "remove") == "loud"
        await self.shown("comment", "loud", "removed")

    async def appeal(self) -> None:
        """The creator reads why, appeals, and somebody else agrees with the first decision."""
        ask = self.underseal.ask
        read = await ask("platform", "GET", "/v1/creators/statements?creator=carl&limit=100")
        removals = [each for each in read.json()["statements"] if each["kind"] == "removal"]
        newest = next(each for each in removals if each["subject"]["id"] == "loud")
        await ask(
            "platform", "GET", f"/v1/creators/statements/{newest['statement_id']}?creator=carl"
        )
        lodged = await ask(
            "platform", "POST", "/v1/appeals",
            json={
                "statement_id": newest["statement_id"],
                "creator": {"id": "carl"},
                "grounds": "I was quoting somebody",
            },
        )  # fmt: skip
        assert lodged.status_code == 201, lodged.text
        quoting = await self.refuse(f"As we heard, {NOTE.format(self.marks.notes[0])}, it is hate.")
        assert quoting == 409
        assert await self.refuse(REASONS) == 200
        decided = await self.underseal.until(
            "platform", "GET", "/v1/creators/appeals?creator=carl",
            lambda answer: answer.json()["appeals"][0]["state"] == "refused",
        )  # fmt: skip
        assert decided.json()["appeals"][0]["reasons"] == REASONS
        for place in ("standing?creator=carl", "statements?creator=carl&limit=100"):
            await ask("platform", "GET", f"/v1/creators/{place}")
        await ask("platform", "GET", "/v1/visibility/changes?limit=100")

    async def refuse(self, reasons: str) -> int:
        """Uphold a removal on appeal, in these words."""
        ask = self.underseal.ask
        taken = await self.underseal.until(
            "nils", "POST", "/v1/cases/take", lambda answer: answer.status_code == 200,
            json={"kind": "appeal"},
        )  # fmt: skip
        place = f"/v1/cases/{taken.json()['case_id']}"
        answer = await ask(
            "nils", "POST", f"{place}/decision",
            json={
                "outcome": "remove", "guideline": HATE, "finding": "actioned", "reasons": reasons,
            },
        )  # fmt: skip
        if not answer.is_success:
            await ask("nils", "POST", f"{place}/release", json={})
        return answer.status_code

    async def look_up(self) -> None:
        """Every reporter asks what became of their report."""
        for receipt in self.receipts:
            answer = await self.underseal.ask(
                "platform", "POST", "/v1/receipts/lookup",
                json={"receipt": receipt}, headers=self.traced,
            )  # fmt: skip
            assert answer.status_code == 200, answer.text
