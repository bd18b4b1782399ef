"""What tests of assessments ask and arrange."""

import asyncio
import json

from underseal.store.assessments import load_progress
from underseal.store.roles import Role


async def published(stage, name: str = "v1"):
    ref = await stage.video(name)
    await stage.scan(ref)
    await stage.assess()
    return ref


async def progress(stage, ref):
    async with stage.system.db.transaction(Role.CORE) as conn:
        return await load_progress(conn, ref.subject_id)


async def assessed(stage, ref) -> list[dict]:
    rows = await stage.rows(
        "select body from events where subject_id = $1 and kind = 'assessed' order by seq",
        ref.subject_id,
    )
    return [json.loads(row["body"]) for row in rows]


async def cases_of(stage, ref) -> list[dict]:
    return await stage.rows(
        "select round, version, lane, state, guideline from cases where subject_id = $1 "
        "order by round",
        ref.subject_id,
    )


async def effects_of(stage, ref) -> list[dict]:
    return await stage.rows(
        "select cause, level, guideline, state from effects where subject_id = $1 "
        "order by intended_on, state",
        ref.subject_id,
    )


async def back(stage, ref, guideline: str, *reporters: str) -> None:
    """Let proven reporters report something that a crowd has seen."""
    topic = stage.system.guidelines.by_id[guideline].topic
    for reporter in reporters:
        await stage.prove(reporter, topic)
    await stage.report(ref, guideline, *reporters)


async def _dies(*_):
    raise asyncio.CancelledError
