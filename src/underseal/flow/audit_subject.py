"""Whether what is recorded about one subject is what its ledger tells.

The ledger is a hash chain; visibility, strikes, decisions, credits and the counts of reports are
folds of it, and are computed anew here.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final, NewType
from uuid import UUID

from underseal.core import ledger, strike
from underseal.core.decision import DecisionId
from underseal.core.ledger import GENESIS, Event, EventKind
from underseal.core.strike import Strike, StrikeVoided
from underseal.core.subject import SubjectId
from underseal.core.visibility import Level, Visibility
from underseal.store.audit import CountedRow, RoundCommitment, SubjectRecord

Payload = NewType("Payload", Mapping[str, Any])
"""What an event says, parsed; the chain has shown that it is as it was written."""

_SHOWS: Final = frozenset({EventKind.DISCLOSED, EventKind.KEPT_BACK, EventKind.LET_GO})
_ENDS: Final = frozenset({EventKind.DECIDED, EventKind.APPEAL_DECIDED, EventKind.SUPERSEDED})
_CREDITS: Final = frozenset(
    {EventKind.CREDITED, EventKind.CHARGE_CONFIRMED, EventKind.CREDIT_REVERSED}
)
_DECIDES: Final = frozenset({EventKind.DECIDED, EventKind.APPEAL_DECIDED})


class FindingKind(StrEnum):
    """What an audit can find. `PENDING` is no fault: reports that have not been counted yet."""

    CHAIN = "chain"
    HEAD = "head"
    CHECKPOINT = "checkpoint"
    REPORT = "report"
    COMMITMENT = "commitment"
    DECISION = "decision"
    VISIBILITY = "visibility"
    STRIKE = "strike"
    CREDIT = "credit"
    TRACK_RECORD = "track_record"
    PRIOR = "prior"
    CALIBRATION = "calibration"
    PENDING = "pending"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFinding:
    """What is not as it was, in words; `subject_id` is None for what is about no subject."""

    kind: FindingKind
    subject_id: SubjectId | None
    detail: str

    @property
    def is_fault(self) -> bool:
        """Whether anything is wrong."""
        return self.kind is not FindingKind.PENDING


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """An event and what it says."""

    kind: EventKind
    payload: Payload


def audit_subject(record: SubjectRecord) -> Iterator[AuditFinding]:
    """Find what is wrong with one subject; of a broken chain nothing is believed."""

    def finding(kind: FindingKind, detail: str) -> AuditFinding:
        return AuditFinding(kind=kind, subject_id=record.subject_id, detail=detail)

    for row in record.rows:
        if row.sealed is not None and row.sealed != row.digest:
            yield finding(FindingKind.REPORT, f"a report of round {row.round} was changed")
    broken = list(_chain(record))
    if broken:
        yield from (finding(kind, detail) for kind, detail in broken)
        return
    told = [
        _Told(kind=EventKind(each.kind), payload=Payload(json.loads(each.body)))
        for each in record.events
    ]
    for kind, detail in (
        *_rounds(record, told),
        *_decisions(record, told),
        *_visibility(record, told),
        *_strikes(record, told),
        *_credits(record, told),
    ):
        yield finding(kind, detail)


def _chain(record: SubjectRecord) -> Iterator[tuple[FindingKind, str]]:
    events = []
    for position, raw in enumerate(record.events, start=1):
        try:
            kind = EventKind(raw.kind)
        except ValueError:
            yield FindingKind.CHAIN, f"event {position} is not as it was"
            return
        events.append(
            Event(
                subject_id=record.subject_id,
                seq=raw.seq,
                kind=kind,
                body=raw.body,
                prev_hash=raw.prev_hash,
                hash=raw.hash,
            )
        )
    at = ledger.verify_chain(events)
    if at is not None:
        yield FindingKind.CHAIN, f"event {at} is not as it was"
        return
    last = (events[-1].seq, events[-1].hash) if events else (0, GENESIS)
    head = (record.head.seq, record.head.hash) if record.head else (0, GENESIS)
    if last != head:
        yield FindingKind.HEAD, f"the chain has {last[0]} events and should have {head[0]}"


def _rounds(record: SubjectRecord, told: Sequence[_Told]) -> Iterator[tuple[FindingKind, str]]:
    """The reports of each round against what the ledger says they were."""
    said: dict[int, RoundCommitment] = {}
    for each in told:
        if each.kind is EventKind.ASSESSED or each.kind in _ENDS:
            said[each.payload["round"]] = _said(each)
    stored = {each.round: each for each in record.commitments}
    rows: dict[int, list[CountedRow]] = {}
    for row in record.rows:
        rows.setdefault(row.round, []).append(row)
    for number in sorted({*said, *stored, *rows}):
        expected = said.get(number)
        is_closed = expected is not None and expected.closed
        holds = _holds(rows.get(number, ()), with_supplements=is_closed)
        if stored.get(number) != expected:
            yield FindingKind.COMMITMENT, f"round {number} is said to hold other reports"
        elif expected is not None and holds == (expected.reports, expected.root):
            continue
        elif record.is_pending and not is_closed:
            yield FindingKind.PENDING, f"round {number} has reports that are still to be counted"
        else:
            yield FindingKind.REPORT, f"round {number} does not hold the reports it held"


def _said(told: _Told) -> RoundCommitment:
    commitment = told.payload["commitment"]
    return RoundCommitment(
        round=told.payload["round"],
        reports=commitment["reports"],
        root=bytes.fromhex(commitment["root"]),
        closed=told.kind in _ENDS,
    )


def _holds(rows: Sequence[CountedRow], *, with_supplements: bool) -> tuple[int, bytes]:
    """How many reports there are, and what they add up to."""
    reports = [row for row in rows if row.sealed is not None]
    counted = rows if with_supplements else reports
    return len(reports), ledger.commitment(row.digest for row in counted)


def _decisions(record: SubjectRecord, told: Sequence[_Told]) -> Iterator[tuple[FindingKind, str]]:
    taken = {str(each["decision"]): dict(each) for each in record.decisions}
    for each in told:
        if each.kind in _DECIDES:
            said = {name: value for name, value in each.payload.items() if name != "commitment"}
            if taken.pop(said["decision"], None) != said:
                yield FindingKind.DECISION, f"decision {said['decision']} is not as it was taken"
    for decision in taken:
        yield FindingKind.DECISION, f"nobody took decision {decision}"


def _visibility(record: SubjectRecord, told: Sequence[_Told]) -> Iterator[tuple[FindingKind, str]]:
    shows = [each.payload for each in told if each.kind in _SHOWS]
    expected = None
    if shows:
        said = shows[-1]["visibility"]
        visibility = Visibility(
            level=Level(said["level"]),
            age_restricted=said["age_restricted"],
            labelled=said["labelled"],
            interaction_limited=said["interaction_limited"],
            geo_blocked=tuple(said["geo_blocked"]),
        )
        expected = visibility, shows[-1]["expires_at"]
    if record.shown != expected:
        yield FindingKind.VISIBILITY, "the visibility is not what was disclosed"


def _strikes(record: SubjectRecord, told: Sequence[_Told]) -> Iterator[tuple[FindingKind, str]]:
    expected = {each.decision_id: each for each in strike.fold(_strike_events(told))}
    stored = {each.decision_id: each for each in record.strikes}
    for decision in sorted({*expected, *stored}):
        if expected.get(decision) != stored.get(decision):
            yield FindingKind.STRIKE, f"the strike of decision {decision} is not as it was issued"


def _strike_events(told: Sequence[_Told]) -> Iterator[Strike | StrikeVoided]:
    for each in told:
        said = each.payload
        if each.kind is EventKind.STRUCK:
            yield Strike(
                decision_id=DecisionId(UUID(said["decision"])),
                guideline=said["guideline"],
                weight=said["weight"],
                issued_on=date.fromisoformat(said["issued_on"]),
                expires_on=date.fromisoformat(said["expires_on"]),
            )
        elif each.kind is EventKind.STRIKE_VOIDED:
            yield StrikeVoided(
                decision_id=DecisionId(UUID(said["decision"])),
                voided_by=DecisionId(UUID(said["voided_by"])),
            )


def _credits(record: SubjectRecord, told: Sequence[_Told]) -> Iterator[tuple[FindingKind, str]]:
    expected = Counter[tuple[str, bool]]()
    for each in told:
        if each.kind in _CREDITS:
            key = each.payload["decision"], each.kind is EventKind.CREDIT_REVERSED
            expected[key] += each.payload["credits"]
    stored = {(str(each.decision_id), each.takes_back): each.credits for each in record.credits}
    for key in sorted({*expected, *stored}):
        if expected.get(key) != stored.get(key):
            yield (
                FindingKind.CREDIT,
                f"the credits of decision {key[0]} are not as many as were given",
            )
