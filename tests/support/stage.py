"""A stage: a platform, its moderators, and a day that tests can move, on a running Underseal."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from staging import account, signals

from underseal.core.appeal import AppealId
from underseal.core.caller import ModeratorRole, PrincipalId
from underseal.core.case import CaseKind
from underseal.core.decision import Automation, DecisionId, Finding, Outcome, Verdict
from underseal.core.guideline import DisclosureClass, GuidelineId, TopicId
from underseal.core.priority import Lane, Priority
from underseal.core.receipt_state import answer_days
from underseal.core.report import quarter_of
from underseal.core.statement import Statement, StatementId, StatementKind, quote
from underseal.core.subject import SubjectKind, SubjectRef
from underseal.core.track_record import TrackRecord
from underseal.core.visibility import Level, Visibility
from underseal.flow.assess import assess_pending
from underseal.flow.count_views import count_views
from underseal.flow.creator_view import read_standing, read_statements
from underseal.flow.decide import Submission, decide
from underseal.flow.file_report import Filer
from underseal.flow.intend import Intention, intend
from underseal.flow.lodge_appeal import lodge_appeal
from underseal.flow.register_subject import Registration, register_subject
from underseal.flow.scan_subject import fail_scan
from underseal.flow.seal_report import Filing
from underseal.flow.system import System
from underseal.flow.take_case import take_case
from underseal.flow.tick import TickDone, run_tick
from underseal.seal.pseudonym import pseudonyms
from underseal.store.assessments import want_assessments
from underseal.store.cases import CaseId, enqueue, lock_case_of_round
from underseal.store.connection import session
from underseal.store.effects import Effect, EffectCause, window_of
from underseal.store.guidelines import add_guidelines
from underseal.store.keys import add_principal
from underseal.store.ledger import lock_chain
from underseal.store.records import lock_records, save_records
from underseal.store.roles import Role
from underseal.store.scans import add_signals, end_scan, take_scan
from underseal.store.statements import StoredStatement
from underseal.store.subjects import load_subject
from underseal.store.views import ViewCount
from underseal.store.visibility import Shown, load_visibility

NOW = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)


@dataclass
class Stage:
    """A platform, its moderators and a clock that tests move, on a running Underseal."""

    system: System
    now: datetime = NOW

    async def begin(self) -> None:
        async with self.system.db.transaction(Role.CORE) as conn:
            version = self.system.guidelines.version
            await add_guidelines(conn, version, "the text", bytes(32), self.now.date())

    async def comment(self, name: str = "c1", creator: str = "carl") -> SubjectRef:
        """A comment: published as soon as it is registered."""
        ref = SubjectRef(kind=SubjectKind.COMMENT, external_id=name)
        await self._register(ref, creator)
        return ref

    async def video(self, name: str = "v1", creator: str = "carl") -> SubjectRef:
        """A video that waits for its scan."""
        ref = SubjectRef(kind=SubjectKind.VIDEO, external_id=name)
        await self._register(ref, creator, media_url="https://media.example/v")
        return ref

    async def change(self, ref: SubjectRef, creator: str = "carl") -> None:
        """Let there be a new version of a video."""
        await self._register(ref, creator, "https://media.example/v", f"changed at {self.now}")

    async def _register(
        self, ref: SubjectRef, creator: str, media_url: str | None = None, caption: str = ""
    ) -> None:
        given = Registration(
            ref=ref, creator=account(creator), caption=caption, language="en", media_url=media_url
        )
        await register_subject(self.system, given, self.now)

    def filing(self, ref: SubjectRef, guideline: str, **given: object) -> Filing:
        return Filing(
            **{
                "subject": ref,
                "guideline": GuidelineId(guideline),
                "note": "",
                "moments": (),
                "is_notice": False,
                "law": None,
                "may_be_guessed": False,
                **given,
            }
        )

    async def report(
        self, ref: SubjectRef, guideline: str, *reporters: str | None, **given: object
    ) -> None:
        filing = self.filing(ref, guideline, **given)
        async with Filer(
            self.system.db, self.system.keys, self.system.guidelines, lambda: self.now
        ) as filer:
            await asyncio.gather(*(filer.file(filing, reporter) for reporter in reporters))

    async def flood(
        self, server, address, ref: SubjectRef, guideline: str, count: int, first: int = 1
    ) -> None:
        """Put so many reports of different people into the database, quicker than by filing.

        These are numbered from `first` on. The assessment is wanted a thousand times over.
        """
        async with session(address, server.passwords.login(Role.OWNER)) as owner:
            await owner.execute(
                "insert into reports (subject_id, round, guideline, tag, pseudonym, taxonomy, "
                "reported_in, moments, note, content, is_notice, law, may_be_guessed, "
                "after_outcome, receipt, sealed) "
                "select $1, s.round, $2, sha256(('tag' || i)::bytea), sha256(('who' || i)::bytea), "
                "'1', $3, '{}', null, sha256('content'), false, null, false, false, "
                "sha256(('receipt' || i)::bytea), sha256(('sealed' || i)::bytea) "
                "from subjects s, generate_series($5::int, $5 + $4::int - 1) i "
                "where s.subject_id = $1",
                ref.subject_id,
                guideline,
                quarter_of(self.now.date()),
                count,
                first,
            )
            await owner.execute(
                "insert into report_counts values ($1, $2, 0, $3) on conflict "
                "(month, guideline, shard) do update set reports = report_counts.reports + $3",
                self.now.date().replace(day=1),
                guideline,
                count,
            )
            await owner.execute(
                "select want_assessments(array[$1::uuid]) from generate_series(1, 1000)",
                ref.subject_id,
            )

    async def moderator(self, name: str, role: ModeratorRole = ModeratorRole.MODERATOR):
        """A moderator, as whom cases can be taken."""
        principal = PrincipalId(self.system.new_id())
        async with self.system.db.transaction(Role.CORE) as conn:
            await add_principal(conn, principal, name, role, self.now.date())
        return principal

    async def enqueue(self, ref: SubjectRef, rate: float = 1.0, **given: object) -> CaseId:
        """Queue the present round of a subject."""
        priority = Priority(
            **{
                "lane": Lane.ORDINARY,
                "guideline": None,
                "due_at": self.now + timedelta(days=3),
                "duty_from": self.now + timedelta(days=2),
                "rate": rate,
                "because": "",
                **given,
            }
        )
        async with self.system.db.transaction(Role.CORE) as conn:
            subject = await load_subject(conn, ref.subject_id)
            await enqueue(conn, self.system.new_id(), subject, priority, self.now.date())
            case = await lock_case_of_round(conn, ref.subject_id, subject.round)
        return case.case_id

    async def decide(
        self,
        ref: SubjectRef,
        moderator,
        outcome: str,
        guideline: str | None = None,
        finding: str | None = None,
        **given: object,
    ) -> DecisionId:
        """Queue, take and decide the present round of a subject."""
        await self.enqueue(ref, rate=1e9)
        return await self.judge(moderator, outcome, guideline, finding, **given)

    async def judge(
        self,
        moderator,
        outcome: str,
        guideline: str | None = None,
        finding: str | None = None,
        kind: CaseKind | None = None,
        **given: object,
    ) -> DecisionId:
        """Take the next case and decide it."""
        lease = await take_case(self.system, moderator, kind, self.now)
        return await self.submit(lease.case_id, moderator, outcome, guideline, finding, **given)

    async def submit(
        self,
        case_id: CaseId,
        moderator,
        outcome: str,
        guideline: str | None = None,
        finding: str | None = None,
        **given: object,
    ) -> DecisionId:
        """Decide a case that the moderator may or may not have."""
        usual = Finding.NO_VIOLATION if guideline is None else Finding.ACTIONED
        verdict = Verdict(
            outcome=Outcome(outcome),
            guideline=guideline and GuidelineId(guideline),
            finding=Finding(finding) if finding else usual,
        )
        submission = Submission(verdict=verdict, **given)
        return await decide(self.system, case_id, moderator, submission, self.now)

    async def hold(self, ref: SubjectRef, guideline: str, disclosure: str = "tick") -> None:
        """Intend a hold, as an assessment would."""
        async with self.system.db.transaction(Role.CORE) as conn:
            await lock_chain(conn, ref.subject_id)
            subject = await load_subject(conn, ref.subject_id)
            statement = Statement(
                id=StatementId(self.system.new_id()),
                subject=ref,
                kind=StatementKind.HOLD,
                visibility=Visibility(level=Level.HELD),
                guideline=quote(self.system.guidelines.by_id[guideline]),
                automated_detection=False,
                automated_decision=Automation.FULLY,
            )
            stored = StoredStatement(
                statement=statement,
                subject_id=ref.subject_id,
                creator_id=subject.creator_id,
                decision_id=None,
            )
            effect = Effect(
                effect_id=self.system.new_id(),
                subject_id=ref.subject_id,
                round=subject.round,
                cause=EffectCause.HOLD,
                visibility=statement.visibility,
                guideline=GuidelineId(guideline),
                disclosure=DisclosureClass(disclosure),
                from_window=await window_of(conn, ref.subject_id, self.now),
                statement_id=statement.id,
                hold_hours=24,
            )
            intention = Intention(effect=effect, statement=stored)
            at_once = disclosure == "at_once"
            await intend(conn, self.system, intention, self.now, at_once=at_once)

    async def tick(self, hours: int = 1) -> TickDone | None:
        """Let the clock run to a tick, and run it."""
        tick = self.now.replace(minute=0, second=0) + timedelta(hours=hours)
        self.now = tick + timedelta(seconds=5)
        return await run_tick(self.system, tick, self.now)

    async def answer_day(self) -> None:
        """Let time pass until what was reported today is answered, if nothing shows."""
        for hours in (1, 24 * answer_days(self.system.settings.report_age_days_max)):
            await self.tick(hours)

    async def watch(self, ref: SubjectRef, qualifying: int, organic: int | None = None) -> None:
        """Let so many people watch during the next hour, and run its tick."""
        count = ViewCount(
            subject_id=ref.subject_id,
            organic=qualifying if organic is None else organic,
            qualifying=qualifying,
        )
        tick = self.now.replace(minute=0, second=0) + timedelta(hours=1)
        await count_views(self.system, tick, [count], tick)
        await self.tick()

    async def assess(self) -> None:
        """Assess all that is pending."""
        while await assess_pending(self.system, self.now):
            pass

    async def scan(
        self,
        ref: SubjectRef,
        *,
        failure: str | None = None,
        verified: bool = False,
        **weights: float,
    ) -> None:
        """Let machines end the looks that wait; of `ref` they say `weights`, in nats by guideline."""
        while True:
            async with self.system.db.transaction(Role.CORE) as conn:
                taken = await take_scan(conn, self.now, self.now + timedelta(minutes=1))
                if taken is None:
                    return
                is_meant = taken.subject_id == ref.subject_id
                if failure is None or not is_meant:
                    await lock_chain(conn, taken.subject_id)
                    await end_scan(conn, taken, "test", None, self.now)
                    await add_signals(conn, taken, signals(weights if is_meant else {}, verified))
                    await want_assessments(conn, [taken.subject_id])
            if failure is not None and is_meant:
                await fail_scan(self.system, taken, failure, self.now)

    async def prove(self, reporter: str, topic: str, right: float = 10.0) -> None:
        """Give a reporter a track record, as decisions would."""
        today = self.now.date()
        key = (pseudonyms(self.system.keys, today, reporter).current, TopicId(topic))
        record = TrackRecord(right=right, wrong=0.0, resolved=10, as_of=today)
        async with self.system.db.transaction(Role.CORE) as conn:
            await lock_records(conn, [key], today)
            await save_records(conn, {key: record})

    async def level(self, ref: SubjectRef) -> Level:
        shown = await self.shown(ref)
        return Level.PUBLIC if shown is None else shown.visibility.level

    async def shown(self, ref: SubjectRef) -> Shown | None:
        async with self.system.db.transaction(Role.CREATOR) as conn:
            return (await load_visibility(conn, [ref.subject_id])).get(ref.subject_id)

    async def statements(self, creator: str = "carl"):
        """What a creator reads, the newest first."""
        return await read_statements(self.system.db, account(creator).subject_id, None, 100)

    async def standing(self, creator: str = "carl"):
        return await read_standing(self.system.db, account(creator).subject_id, self.now.date())

    async def appeal(self, statement_id: StatementId, creator: str = "carl") -> AppealId:
        appeal_id = AppealId(self.system.new_id())
        await lodge_appeal(
            self.system.db,
            appeal_id,
            account=account(creator).subject_id,
            statement_id=statement_id,
            grounds="it is satire",
            now=self.now,
        )
        return appeal_id

    async def rows(self, query: str, *args: object) -> list[dict]:
        """What the flow's role reads from the database."""
        async with self.system.db.transaction(Role.CORE) as conn:
            return [dict(row) for row in await conn.fetch(query, *args)]
