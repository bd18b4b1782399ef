"""The audit: whether anything was changed, removed or added behind the ledger's back.

It finds any changed or removed byte of an event, and any report that was changed or removed after
it was counted. What was cut off at the end of a chain shows in the checkpoints that were taken out.
"""

import math
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Final

from underseal.core.ledger import GENESIS, checkpoint_hash, head_leaf, merkle_root
from underseal.core.track_record import TrackRecord, fold, merge
from underseal.flow.audit_subject import AuditFinding, FindingKind, audit_subject
from underseal.flow.system import System
from underseal.store import audit, calibrations, checkpoints, priors, years
from underseal.store.audit import ReporterRecord
from underseal.store.checkpoints import Checkpoint
from underseal.store.connection import Connection
from underseal.store.roles import Role
from underseal.store.years import YearStage

BATCH: Final = 200
"""Subjects or reporters that are read at a time. A limit of ours."""

ROUNDING: Final = 1e-6
"""So much may be lost when a track record is continued day by day. A limit of ours."""


async def audit_all(system: System, exported: Sequence[Checkpoint]) -> tuple[AuditFinding, ...]:
    """Audit the whole database as it is at this moment, against exported checkpoints."""
    async with system.db.transaction(Role.CORE) as conn:
        await audit.read_one_moment(conn)
        return await verify(conn, exported)


async def verify(conn: Connection, exported: Sequence[Checkpoint]) -> tuple[AuditFinding, ...]:
    """Return all that is not as it was; nobody may write while it reads."""
    return (
        *[each async for each in _subjects(conn)],
        *[each async for each in _reporters(conn)],
        *[each async for each in _years(conn)],
        *[each async for each in _priors(conn)],
        *[each async for each in _calibrations(conn)],
        *await _checkpoints(conn, exported),
    )


async def _subjects(conn: Connection) -> AsyncIterator[AuditFinding]:
    after = None
    while records := await audit.subject_records(conn, after, BATCH):
        for record in records:
            for finding in audit_subject(record):
                yield finding
        after = records[-1].subject_id


async def _reporters(conn: Connection) -> AsyncIterator[AuditFinding]:
    after = None
    while reporters := await audit.reporter_records(conn, after, BATCH):
        for reporter in reporters:
            for detail in _track_records(reporter):
                yield AuditFinding(kind=FindingKind.TRACK_RECORD, subject_id=None, detail=detail)
        after = reporters[-1].pseudonym


def _track_records(reporter: ReporterRecord) -> Iterator[str]:
    """What is wrong with the records of a reporter, whom no finding names."""
    for topic in sorted({*reporter.records, *reporter.credits, *reporter.carried}):
        stored = reporter.records.get(topic)
        if stored is None:
            yield f"credits in {topic} have no track record"
            continue
        expected = fold(None, reporter.credits.get(topic, ()), stored.as_of)
        for carried in reporter.carried.get(topic, ()):
            expected = merge(carried, expected)
        if not _is_fold(stored, expected):
            yield f"a track record in {topic} is not what its credits add up to"


def _is_fold(stored: TrackRecord, folded: TrackRecord) -> bool:
    return (
        stored.resolved == folded.resolved
        and stored.as_of == folded.as_of
        and math.isclose(stored.right, folded.right, abs_tol=ROUNDING)
        and math.isclose(stored.wrong, folded.wrong, abs_tol=ROUNDING)
    )


async def _years(conn: Connection) -> AsyncIterator[AuditFinding]:
    """Whether what was carried over from years that were destroyed is what it was."""
    begun, told = set(), {}
    for step in await years.steps(conn):
        begun.add(step.year)
        if step.stage is YearStage.CARRIED_OVER:
            told[step.year] = step.carried
    for year in sorted(await years.carried_years(conn) | told.keys()):
        if year not in begun or told.get(year, b"") != await years.commit_carried(conn, year):
            yield AuditFinding(
                # Of a year that is being destroyed it is told once all is carried over.
                kind=FindingKind.PENDING
                if year in begun - told.keys()
                else FindingKind.TRACK_RECORD,
                subject_id=None,
                detail=f"what was carried over from {year} is not what the ledger says",
            )


async def _priors(conn: Connection) -> AsyncIterator[AuditFinding]:
    """Whether the priors of each quarter are those that the ledger says were learnt."""
    told = await priors.told_priors(conn)
    kept = {each.learnt_in.isoformat(): each.payload for each in await priors.all_priors(conn)}
    for quarter in sorted({*told, *kept}):
        if told.get(quarter) != kept.get(quarter):
            yield AuditFinding(
                kind=FindingKind.PRIOR,
                subject_id=None,
                detail=f"the priors of {quarter} are not those that were learnt",
            )


async def _calibrations(conn: Connection) -> AsyncIterator[AuditFinding]:
    """Whether what scores are worth is, of each day, what the ledger says was learnt."""
    told = await calibrations.told_calibrations(conn)
    kept = await calibrations.all_calibrations(conn)
    learnt = {each.learnt_on.isoformat(): each.payload for each in kept}
    for day in sorted({*told, *learnt}):
        if told.get(day) != learnt.get(day):
            yield AuditFinding(
                kind=FindingKind.CALIBRATION,
                subject_id=None,
                detail=f"the calibrations of {day} are not those that were learnt",
            )


async def _checkpoints(
    conn: Connection, exported: Sequence[Checkpoint]
) -> tuple[AuditFinding, ...]:
    stored = await checkpoints.checkpoints(conn)
    faults = [*_chained(stored)]
    for each in stored:
        faults.extend([fault async for fault in _heads(conn, each)])
    by_number = {each.number: each for each in stored}
    faults.extend(
        f"checkpoint {each.number} is not the one that was exported"
        for each in exported
        if by_number.get(each.number) != each
    )
    return tuple(
        AuditFinding(kind=FindingKind.CHECKPOINT, subject_id=None, detail=each) for each in faults
    )


def _chained(stored: Sequence[Checkpoint]) -> Iterator[str]:
    prev_hash = GENESIS
    for number, each in enumerate(stored, start=1):
        expected = checkpoint_hash(each.prev_hash, each.root, each.number, each.made_at)
        if (each.number, each.prev_hash, each.hash) != (number, prev_hash, expected):
            yield f"checkpoint {number} is not as it was made"
            return
        prev_hash = each.hash


async def _heads(conn: Connection, checkpoint: Checkpoint) -> AsyncIterator[str]:
    """Whether the heads of a checkpoint are what it was made over, and still stand."""
    heads = await checkpoints.heads_of(conn, checkpoint.number)
    root = merkle_root([head_leaf(each.subject_id, each.seq, each.hash) for each in heads])
    if (len(heads), root) != (checkpoint.heads, checkpoint.root):
        yield f"checkpoint {checkpoint.number} was made over other chains"
        return
    found = await audit.hashes_at(conn, [(each.subject_id, each.seq) for each in heads])
    for each in heads:
        if found.get((each.subject_id, each.seq)) != each.hash:
            yield (
                f"event {each.seq} of subject {each.subject_id} is not the one in checkpoint "
                f"{checkpoint.number}"
            )
