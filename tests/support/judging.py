"""Uploads that machines have looked at and people have judged, many at once."""

import json
import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from stage import Stage

from underseal.core.breaker import Target, TargetKind
from underseal.flow.calibrate import RECENT, calibrate
from underseal.flow.watch_machines import watch_machines
from underseal.store.breakers import count_upload
from underseal.store.connection import session
from underseal.store.roles import Role


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A video; `score` is what the detector gave it, None for nothing; `broken` what somebody found.

    `others` is what other detectors say: by name and version, of a guideline, and the score.
    """

    score: float | None
    is_judged: bool = True
    broken: str | None = None
    is_reported: bool = False
    detector: str = "caption_terms"
    version: str = "1"
    guideline: str = "spam"
    others: tuple[tuple[str, str, str, float], ...] = ()

    @property
    def said(self) -> list[tuple[str, str, str, float]]:
        own = (self.detector, self.version, self.guideline, self.score)
        return [*([own] if self.score is not None else []), *self.others]


async def upload_all(stage: Stage, server, uploads: Sequence[Upload], at: datetime) -> None:
    """Let uploads have been looked at, at a moment, and judged: rows as the flow would write them."""
    ids = [uuid4() for _ in uploads]
    async with session(stage.system.db.address, server.embedded.superuser()) as conn:
        await conn.execute("set session_replication_role = replica")
        await conn.execute(
            "insert into underseal.subjects (subject_id, kind, external_id, version) "
            "select id, 'video', id::text, 1 from unnest($1::uuid[]) id",
            ids,
        )
        await conn.execute(
            "insert into underseal.scans (subject_id, version, run, cause, state, wanted_at, "
            "ended_at) select id, 1, 1, 'registered', 'done', $2, $2 from unnest($1::uuid[]) id",
            ids,
            at,
        )
        said = [
            (id_, ordinal, *one)
            for id_, each in zip(ids, uploads, strict=True)
            for ordinal, one in enumerate(each.said, 1)
        ]
        await conn.execute(
            "insert into underseal.signals (subject_id, version, run, ordinal, detector, "
            "detector_version, modality, guideline, score, verified, detail) "
            "select g.id, 1, 1, g.ordinal, g.detector, g.version, 'text', g.guideline, g.score, "
            "false, '' from unnest($1::uuid[], $2::int[], $3::text[], $4::text[], $5::text[], "
            "$6::real[]) g (id, ordinal, detector, version, guideline, score)",
            *([one[place] for one in said] for place in range(6)),
        )
        await _judge(conn, stage, list(zip(ids, uploads, strict=True)), at)
        reported = [id_ for id_, each in zip(ids, uploads, strict=True) if each.is_reported]
        await conn.execute(
            "insert into underseal.reports (subject_id, round, guideline, tag, taxonomy, "
            "reported_in, moments, content, is_notice, may_be_guessed, after_outcome, receipt, "
            "sealed) select id, 1, 'spam', b, 'v', date_trunc('quarter', $2::date)::date, '{}', "
            "b, false, false, false, b, b "
            "from (select id, sha256(id::text::bytea) as b from unnest($1::uuid[]) id) g",
            reported,
            at.date(),
        )


def of_a_platform(seed: int, count: int, *, too_high: float = 0.0) -> Iterator[Upload]:
    """Uploads of which machines say what machines say: `spam_words` with an area of about .93.

    One in eight is spam; people see what is reported, which is mostly that, and one in ten of the
    rest. `spam_sounds` knows less, and says `too_high` by so many nats.
    """
    draw = random.Random(seed)

    def said(apart: float, *, is_so: bool, by: float = 0.0) -> float:
        nats = apart * draw.gauss(apart * is_so) - apart**2 / 2 - 1.95 + by
        return round(1 / (1 + math.exp(-nats)), 4)

    for _ in range(count):
        is_spam = draw.random() < 0.125
        is_insult = not is_spam and draw.random() < 0.004
        is_reported = draw.random() < (0.4 if is_spam or is_insult else 0.02)
        others = [
            ("spam_sounds", "1", "spam", said(1.4, is_so=is_spam, by=too_high)),
            ("insults", "2", "bullying", said(1.8, is_so=is_insult)),
        ]
        if draw.random() < (0.5 if is_spam else 0.01):
            others.append(("caption_terms", "1", "spam", 1.0))
        yield Upload(
            score=said(2.1, is_so=is_spam),
            is_judged=is_reported or draw.random() < 0.1,
            broken="spam" if is_spam else "bullying" if is_insult else None,
            is_reported=is_reported,
            detector="spam_words",
            version="4",
            others=tuple(others),
        )


async def let_detectors_work(stage: Stage, server) -> None:
    """Let detectors have spoken for two months, and people have judged.

    `spam_words` and `caption_terms` are as they should be; `spam_sounds` says too much of late.
    `insults` is in shadow, and so is the next version of `spam_words`; all that machines say of
    bullying was stopped today.
    """
    lately, yesterday = stage.now - timedelta(days=5), stage.now - timedelta(days=1)
    for at, uploads in (
        (stage.now - RECENT - timedelta(days=25), of_a_platform(1, 2_000)),
        (stage.now - RECENT - timedelta(days=10), of_a_platform(2, 2_000)),
        (lately, of_a_platform(3, 3_000, too_high=2.5)),
        (yesterday, (replace(each, version="5", others=()) for each in of_a_platform(4, 90))),
    ):
        await upload_all(stage, server, list(uploads), at)
        await calibrate(stage.system, at + timedelta(hours=1))
    await calibrate(stage.system, stage.now)
    rule = Target(kind=TargetKind.GUIDELINE, name="bullying")
    async with stage.system.db.transaction(Role.CORE) as conn:
        for _ in range(60):
            await count_upload(conn, stage.now.date(), [rule])
    await watch_machines(stage.system, stage.now)


async def _judge(conn, stage: Stage, uploads: list[tuple[UUID, Upload]], at: datetime) -> None:
    judged = [(id_, each) for id_, each in uploads if each.is_judged]
    await conn.execute(
        "insert into underseal.decisions (decision_id, subject_id, round, version, kind, outcome, "
        "guideline, guidelines_version, finding, automation, decided_by, reasons, decided_at) "
        "select gen_random_uuid(), g.id, 1, 1, 'review', "
        "case when g.broken is null then 'no_violation' else 'remove' end, g.broken, $3, "
        "case when g.broken is null then 'no_violation' else 'actioned' end, 'not_automated', "
        "gen_random_uuid(), '', $4 from unnest($1::uuid[], $2::text[]) g (id, broken)",
        [id_ for id_, _ in judged],
        [each.broken for _, each in judged],
        stage.system.guidelines.version,
        at,
    )


async def of_installation(stage: Stage) -> list[tuple[str, dict]]:
    """What the ledger tells of the installation."""
    rows = await stage.rows(
        "select kind, body from events where subject_id = $1 order by seq", UUID(int=0)
    )
    return [(row["kind"], json.loads(row["body"])) for row in rows]
