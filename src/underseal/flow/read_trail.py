"""The audit trail of a subject: what happened to it, and whether that is as it was written.

Of a chain that does not verify, every event is shown, and the first that is not as it was is named.

Invariants:
    Only auditors read weights, and the hashes by which they could be guessed; everybody else
    reads that there are some.
    The assessments of a round are one event, the last of them, where the first one was: each by
    itself would tell in which order reports came, and how many at a time.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from underseal.core.caller import ModeratorRole
from underseal.core.ledger import (
    GENESIS,
    Event,
    EventKind,
    checkpoint_hash,
    head_leaf,
    merkle_root,
    verify_chain,
)
from underseal.core.subject import SubjectId, SubjectRef
from underseal.flow.system import System
from underseal.store import checkpoints, subjects, trail
from underseal.store.audit import RawEvent, read_one_moment
from underseal.store.cases import CaseId
from underseal.store.checkpoints import Checkpoint, Head
from underseal.store.connection import Connection
from underseal.store.roles import Role

PAGE: Final = 50
"""Events on a page. A limit of ours."""

_KINDS: Final[frozenset[str]] = frozenset(EventKind)

_WEIGHTS: Final = frozenset({"log_odds_nats", "terms_nats"})
"""What tells a weight in the body of an event."""

WITHHELD: Final = "for auditors"


class NoTrailError(Exception):
    """Nothing is recorded about such a subject."""

    def __init__(self) -> None:
        super().__init__("nothing is recorded about it")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which events are asked for: those of a kind, of a day, after a place; None for any."""

    kind: EventKind | None = None
    day: date | None = None
    after: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailEvent:
    """An event, readable: `place` is where it stands among those that are shown.

    `day` is None where its body tells none, or none that can be read; `hash` is None for those who
    do not read exact weights.
    """

    place: int
    kind: str
    day: date | None
    body: str
    hash: str | None
    is_sound: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointCheck:
    """The newest checkpoint, and what is wrong with it, if anything is.

    `knows` is the number of the newest checkpoint that has this subject's chain.
    """

    newest: Checkpoint
    fault: str | None
    knows: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trail:
    """A page of what happened to a subject, and whether all of it is as it was written.

    `total` is the number of events that are shown on all pages; `faults` are empty exactly if the
    whole chain verifies.
    """

    subject: SubjectRef | None
    case_id: CaseId | None
    events: tuple[TrailEvent, ...]
    total: int
    after: int | None
    faults: tuple[str, ...]
    checkpoint: CheckpointCheck | None


async def read_trail(
    system: System, about: SubjectRef | CaseId, wanted: Wanted, role: ModeratorRole
) -> Trail:
    """Return the trail of a subject, or of the subject that a case is about.

    Raises:
        NoTrailError: nothing is recorded.
    """
    async with system.db.transaction(Role.CONSOLE) as conn:
        await read_one_moment(conn)
        subject_id = (
            about.subject_id
            if isinstance(about, SubjectRef)
            else await trail.subject_of_case(conn, about)
        )
        if subject_id is None:
            raise NoTrailError
        raw, head = await trail.chain_of(conn, subject_id), await trail.head_of(conn, subject_id)
        if not raw and head is None:
            raise NoTrailError
        subject = await subjects.load_subject(conn, subject_id)
        broken_from, faults = _verify(subject_id, raw, head)
        folded = _fold(raw)
        found = [
            each
            for each in (
                _event(event, place, broken_from, role) for place, event in enumerate(folded, 1)
            )
            if each.place > wanted.after
            and wanted.kind in {None, each.kind}
            and wanted.day in {None, each.day}
        ]
        checked, missing = await _checkpoint(conn, subject_id, raw)
        return Trail(
            subject=None if subject is None else subject.ref,
            case_id=await trail.newest_case(conn, subject_id),
            events=tuple(found[:PAGE]),
            total=len(folded),
            after=found[PAGE - 1].place if len(found) > PAGE else None,
            faults=(*faults, *missing),
            checkpoint=checked,
        )


def _verify(
    subject_id: SubjectId, raw: Sequence[RawEvent], head: Head | None
) -> tuple[int | None, tuple[str, ...]]:
    """From which event on nothing is to be believed, and why."""
    events = []
    for position, each in enumerate(raw, start=1):
        if each.kind not in _KINDS:
            return position, (f"Event {position} of the chain is of no kind that there is.",)
        events.append(
            Event(
                subject_id=subject_id,
                seq=each.seq,
                kind=EventKind(each.kind),
                body=each.body,
                prev_hash=each.prev_hash,
                hash=each.hash,
            )
        )
    at = verify_chain(events)
    if at is not None:
        return at, (
            f"Event {at} of the chain is not as it was written, or one before it was removed.",
        )
    last = (events[-1].seq, events[-1].hash) if events else (0, GENESIS)
    if head is None or last != (head.seq, head.hash):
        known = 0 if head is None else head.seq
        return None, (f"The chain has {last[0]} events and should have {known}.",)
    return None, ()


async def _checkpoint(
    conn: Connection, subject_id: SubjectId, raw: Sequence[RawEvent]
) -> tuple[CheckpointCheck | None, tuple[str, ...]]:
    """The newest checkpoint, and what checkpoints find wrong with this chain."""
    newest = await trail.newest_checkpoints(conn)
    if not newest:
        return None, ()
    known = await trail.head_in_checkpoint(conn, subject_id)
    missing: tuple[str, ...] = ()
    if known is not None:
        number, head = known
        if head.hash not in {each.hash for each in raw if each.seq == head.seq}:
            missing = (f"Event {head.seq} is not the one that checkpoint {number} knows.",)
    check = CheckpointCheck(
        newest=newest[0],
        fault=await _fault(conn, *newest),
        knows=None if known is None else known[0],
    )
    return check, missing


async def _fault(
    conn: Connection, newest: Checkpoint, before: Checkpoint | None = None
) -> str | None:
    """What is wrong with a checkpoint."""
    expected = checkpoint_hash(newest.prev_hash, newest.root, newest.number, newest.made_at)
    prev_hash = GENESIS if before is None else before.hash
    if (newest.hash, newest.prev_hash) != (expected, prev_hash):
        return "It is not as it was made."
    heads = await checkpoints.heads_of(conn, newest.number)
    root = merkle_root([head_leaf(each.subject_id, each.seq, each.hash) for each in heads])
    if (len(heads), root) != (newest.heads, newest.root):
        return "It was made over other chains."
    return None


def _fold(raw: Sequence[RawEvent]) -> Sequence[RawEvent]:
    """Put the last assessment of a round where the first one was, and leave the others."""
    shown: dict[int | str, RawEvent] = {}
    for each in raw:
        payload = _payload(each) if each.kind == EventKind.ASSESSED else None
        key = each.seq if payload is None else str(payload.get("round"))
        shown[key] = each
    return tuple(shown.values())


def _event(raw: RawEvent, place: int, broken_from: int | None, role: ModeratorRole) -> TrailEvent:
    payload = _payload(raw)
    if payload is None:
        body = raw.body.decode(errors="replace")
    else:
        body = json.dumps(_readable(payload, role), indent=2, ensure_ascii=False)
    return TrailEvent(
        place=place,
        kind=raw.kind,
        day=None if payload is None else _day(payload),
        body=body,
        hash=raw.hash.hex() if role is ModeratorRole.AUDITOR else None,
        is_sound=broken_from is None or raw.seq < broken_from,
    )


def _payload(raw: RawEvent) -> Mapping[str, Any] | None:
    """What an event says, or None if that is not as events are written."""
    try:
        payload = json.loads(raw.body)
    except ValueError:
        return None
    return payload if isinstance(payload, dict) else None


def _readable(value: Any, role: ModeratorRole) -> Any:
    match value:
        case dict():
            return {
                key: WITHHELD
                if key in _WEIGHTS and role is not ModeratorRole.AUDITOR
                else _readable(each, role)
                for key, each in value.items()
            }
        case list():
            return [_readable(each, role) for each in value]
        case _:
            return value


def _day(payload: Mapping[str, Any]) -> date | None:
    """The day that an event tells: of what a report may have caused, there is nothing finer."""
    try:
        return date.fromisoformat(str(payload.get("on") or payload.get("at"))[:10])
    except ValueError:
        return None
