"""What tests of scans ask."""

from underseal.core.subject import SubjectRef


async def scans_of(stage, ref: SubjectRef) -> list[dict]:
    return await stage.rows(
        "select state, failure, attempts from scans where subject_id = $1 order by version, run",
        ref.subject_id,
    )


async def events_of(stage, ref: SubjectRef) -> list[str]:
    rows = await stage.rows(
        "select kind from events where subject_id = $1 order by seq", ref.subject_id
    )
    return [row["kind"] for row in rows]


async def cases_of(stage, ref: SubjectRef) -> list[dict]:
    return await stage.rows(
        "select round, state, because from cases where subject_id = $1 order by round",
        ref.subject_id,
    )
