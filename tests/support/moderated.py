"""Random rows as months of moderation could leave them, for figures to be counted over."""

import random
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from underseal.core.guideline import C_NEW
from underseal.core.report import quarter_of
from underseal.core.subject import SubjectKind, SubjectRef
from underseal.flow.system import LEASE

NOW = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
TODAY = NOW.date()
GUIDELINES = ("bullying", "spam", "phishing", None)
DETECTORS = ("words", "copies", "on_screen")


class Life:
    """Random rows as months of moderation could leave them, written past the flow."""

    def __init__(self, owner, seed: int) -> None:
        self.owner, self.draw = owner, random.Random(seed)

    def id(self) -> UUID:
        return UUID(int=self.draw.getrandbits(128), version=4)

    def day(self, back: int = 100) -> date:
        return TODAY - timedelta(days=self.draw.randrange(back))

    def at(self, day: date) -> datetime:
        # The edges of a day are drawn often: that is where two counts differ.
        edge = self.draw.choice((0, 1, 86_399, self.draw.randrange(86_400)))
        return datetime.combine(day, time(), UTC) + timedelta(seconds=edge)

    async def put(self, table: str, **row: object) -> None:
        places = ", ".join(f"${number}" for number in range(1, len(row) + 1))
        await self.owner.execute(
            f"insert into {table} ({', '.join(row)}) values ({places})", *row.values()
        )

    async def happen(self) -> None:
        await self.owner.execute("set session_replication_role = replica")
        for number in range(self.draw.randrange(12, 30)):
            await self._subject(number)
        for months in range(4):
            for guideline in GUIDELINES[:3]:
                await self.put(
                    "report_counts",
                    month=date(TODAY.year, TODAY.month - months, 1),
                    guideline=guideline,
                    shard=months,
                    reports=self.draw.randrange(1, 9),
                )
        for hours in range(self.draw.randrange(20)):
            tick = NOW.replace(minute=0) - timedelta(hours=hours)
            took = timedelta(milliseconds=self.draw.randrange(900))
            await self.put("ticks", tick=tick, done_at=tick + took)
        for _ in range(self.draw.randrange(30)):
            is_leased = self.draw.random() < 0.3
            await self.put(
                "deliveries",
                message_id=self.id(),
                endpoint_id=self.id(),
                state=self.draw.choice(("due", "due", "delivered", "given_up")),
                attempts=self.draw.randrange(int(is_leased), 3),
                next_at=NOW,
                lease_until=NOW if is_leased else None,
            )
        await self.owner.execute("set session_replication_role = origin")

    async def _subject(self, number: int) -> None:
        ref = SubjectRef(kind=SubjectKind.VIDEO, external_id=f"v{number}")
        subject, opened = ref.subject_id, self.day()
        await self.put("subjects", subject_id=subject, kind=ref.kind, external_id=ref.external_id)
        await self._machines(subject)
        await self._reports(subject)
        decided = await self._case(subject, opened)
        await self._effects(subject, opened, decided)

    async def _machines(self, subject: UUID) -> None:
        for run in (1, 2):
            state = self.draw.choice(("done", "failed"))
            await self.put(
                "scans",
                subject_id=subject,
                version=1,
                run=run,
                cause="registered",
                state=state,
                failure="it broke" if state == "failed" else None,
                wanted_at=NOW,
            )
            for ordinal in range(self.draw.randrange(4)):
                await self.put(
                    "signals",
                    subject_id=subject,
                    version=1,
                    run=run,
                    ordinal=ordinal,
                    detector=self.draw.choice(DETECTORS),
                    detector_version="1",
                    modality="text",
                    guideline=self.draw.choice(GUIDELINES[:3]),
                    score=0.5,
                    weight=self.draw.choice((None, 1.0, C_NEW, 4.0)),
                    verified=False,
                    detail="",
                )
        for guideline in self.draw.sample(GUIDELINES[:3], 2):
            await self.put(
                "assessments",
                subject_id=subject,
                round=1,
                guideline=guideline,
                log_odds=0.0,
                machine=self.draw.choice((0.0, C_NEW, 5.0)),
                terms=[],
            )

    async def _reports(self, subject: UUID) -> None:
        for _ in range(self.draw.randrange(4)):
            await self.put(
                "reports",
                subject_id=subject,
                round=1,
                guideline=self.draw.choice(GUIDELINES[:3]),
                taxonomy="1",
                reported_in=quarter_of(TODAY),
                moments=[],
                is_notice=False,
                may_be_guessed=False,
                after_outcome=False,
                **{
                    name: self.draw.randbytes(32)
                    for name in ("tag", "content", "receipt", "sealed")
                },
            )

    async def _case(self, subject: UUID, opened: date) -> datetime | None:
        """A case, perhaps with its decision and an appeal; return when it was decided."""
        draw, case = self.draw, self.id()
        state = draw.choice(("queued", "leased", "decided", "decided", "decided", "superseded"))
        looked = self.at(min(TODAY, opened + timedelta(days=draw.randrange(12))))
        await self.put(
            "cases",
            case_id=case,
            subject_id=subject,
            round=1,
            version=1,
            kind="review",
            state=state,
            lane="ordinary",
            because="",
            guideline=draw.choice(GUIDELINES),
            opened_on=opened,
            leased_by=self.id() if state == "leased" else None,
            leased_until=looked + LEASE if state == "leased" else None,
            closed_at=looked if state in {"decided", "superseded"} else None,
            first_leased_until=looked + LEASE if draw.random() < 0.8 else None,
        )
        if state != "decided":
            return None
        kind = draw.choice(("review", "review", "review", "machine"))
        decision = await self._decision(subject, 1, kind, looked)
        if draw.random() < 0.5:
            lodged = looked + timedelta(minutes=draw.randrange(10_000))
            await self.put(
                "appeals",
                appeal_id=self.id(),
                statement_id=self.id(),
                decision_id=decision,
                creator_id=self.id(),
                grounds="",
                lodged_at=lodged,
            )
            if draw.random() < 0.7:
                heard = lodged + timedelta(minutes=draw.randrange(9_000))
                await self._decision(subject, 2, "appeal", heard, decision)
        return looked

    async def _decision(
        self, subject: UUID, round_: int, kind: str, at: datetime, reviews: UUID | None = None
    ) -> UUID:
        decision, guideline = self.id(), self.draw.choice(GUIDELINES)
        await self.put(
            "decisions",
            decision_id=decision,
            subject_id=subject,
            round=round_,
            version=1,
            kind=kind,
            outcome="remove" if guideline else "no_violation",
            guideline=guideline,
            guidelines_version="1",
            finding="actioned" if guideline else "no_violation",
            automation="fully" if kind == "machine" else "not_automated",
            decided_by=None if kind == "machine" else self.id(),
            reviews=reviews,
            first_deciders=[self.id()] if reviews else None,
            reasons="looked at again" if reviews else "",
            decided_at=at,
        )
        return decision

    async def _effects(self, subject: UUID, opened: date, decided: datetime | None) -> None:
        draw = self.draw
        if draw.random() < 0.6:
            begun = self.at(opened) if decided is None else decided - timedelta(hours=1)
            ended = begun + timedelta(minutes=draw.choice((30, 60, 1440)))
            await self._effect(subject, "hold", "held", opened, "disclosed", begun, ended)
            if draw.random() < 0.4:
                await self._effect(
                    subject, "expiry", "not_recommended", self.day(), "disclosed", ended, None
                )
        if draw.random() < 0.4:
            await self._effect(subject, "decision", "removed", opened, "intended", None, None)
            await self.put("audiences", subject_id=subject, window_opened_at=self.at(self.day(7)))
        if draw.random() < 0.3:
            await self._held(subject)

    async def _held(self, subject: UUID) -> None:
        basis = self.draw.choice(("effect", "scan"))
        await self.put(
            "visibility",
            subject_id=subject,
            kind="video",
            external_id=str(subject),
            basis=basis,
            level="held",
            age_restricted=False,
            labelled=False,
            interaction_limited=False,
            geo_blocked=[],
            statement_id=self.id() if basis == "effect" else None,
            expires_at=NOW,
            changed_at=NOW,
        )

    async def _effect(
        self,
        subject: UUID,
        cause: str,
        level: str,
        on: date,
        state: str,
        disclosed_at: datetime | None,
        expires_at: datetime | None,
    ) -> None:
        await self.put(
            "effects",
            effect_id=self.id(),
            subject_id=subject,
            round=1,
            cause=cause,
            level=level,
            age_restricted=False,
            labelled=False,
            interaction_limited=False,
            geo_blocked=[],
            disclosure=self.draw.choice(("window", "tick")),
            from_window=1,
            decision_id=self.id() if cause == "decision" else None,
            statement_id=self.id(),
            hold_hours=24 if level == "held" else None,
            state=state,
            intended_on=on,
            disclosed_at=disclosed_at,
            expires_at=expires_at,
        )
