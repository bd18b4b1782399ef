"""Uploads that machines have looked at and people have judged, many at once."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from stage import Stage

from underseal.store.connection import session


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A video; `score` is what the detector gave it, None for nothing; `broken` what somebody found."""

    score: float | None
    is_judged: bool = True
    broken: str | None = None
    is_reported: bool = False
    detector: str = "caption_terms"
    version: str = "1"
    guideline: str = "spam"


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
            (id_, each) for id_, each in zip(ids, uploads, strict=True) if each.score is not None
        ]
        await conn.execute(
            "insert into underseal.signals (subject_id, version, run, ordinal, detector, "
            "detector_version, modality, guideline, score, verified, detail) "
            "select g.id, 1, 1, 1, g.detector, g.version, 'text', g.guideline, g.score, false, '' "
            "from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::real[]) "
            "g (id, detector, version, guideline, score)",
            [id_ for id_, _ in said],
            [each.detector for _, each in said],
            [each.version for _, each in said],
            [each.guideline for _, each in said],
            [each.score for _, each in said],
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
