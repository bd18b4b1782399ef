"""What an audit reads: everything that is recorded about subjects and reporters, as it stands.

Nothing is taken for what it says it is: events come as raw rows, digests are computed anew.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar
from uuid import UUID

from underseal.core.decision import DecisionId, Finding
from underseal.core.guideline import GuidelineId, TopicId
from underseal.core.ledger import Canonical, rfc3339
from underseal.core.report import Pseudonym
from underseal.core.strike import Strike
from underseal.core.subject import SubjectId
from underseal.core.track_record import Credit, TrackRecord
from underseal.core.visibility import Visibility
from underseal.store import years
from underseal.store.checkpoints import Head
from underseal.store.connection import Connection, Row
from underseal.store.ledger import report_digest, supplement_digest
from underseal.store.queries import load
from underseal.store.visibility import read_visibility

_SQL: Final = load("audit")

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class RawEvent:
    """A row of events; `kind` may be any text."""

    seq: int
    kind: str
    body: bytes
    prev_hash: bytes
    hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedRow:
    """A report or supplement as its columns are; only a report has what was stored as `sealed`."""

    round: int
    digest: bytes
    sealed: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundCommitment:
    """What a round is said to hold."""

    round: int
    reports: int
    root: bytes
    closed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditCount:
    """How many credits a decision gave, or took back."""

    decision_id: DecisionId
    takes_back: bool
    credits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectRecord:
    """Everything that is recorded about a subject. `shown` comes with the end of a hold."""

    subject_id: SubjectId
    events: Sequence[RawEvent]
    head: Head | None
    rows: Sequence[CountedRow]
    commitments: Sequence[RoundCommitment]
    round: int | None
    is_pending: bool
    shown: tuple[Visibility, str | None] | None
    strikes: Sequence[Strike]
    decisions: Sequence[Mapping[str, Canonical]]
    credits: Sequence[CreditCount]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReporterRecord:
    """A reporter's track records, credits, and what was carried over from earlier years, by topic."""

    pseudonym: Pseudonym
    records: Mapping[TopicId, TrackRecord]
    credits: Mapping[TopicId, Sequence[Credit]]
    carried: Mapping[TopicId, Sequence[TrackRecord]]


async def read_one_moment(conn: Connection) -> None:
    """Let the transaction read everything as it is at one moment; call it first."""
    await conn.execute(_SQL["one_moment"])


async def subject_records(
    conn: Connection, after: SubjectId | None, limit: int
) -> Sequence[SubjectRecord]:
    """Return up to `limit` subjects after a place, in the order of their ids."""
    rows = await conn.fetch(_SQL["subjects_after"], after, limit)
    ids = [SubjectId(row["subject_id"]) for row in rows]
    found = _Found(
        events=await _by_subject(conn, "events", ids, _event),
        heads=await _by_subject(conn, "heads", ids, _head),
        reports=await _by_subject(conn, "reports", ids, _report),
        supplements=await _by_subject(conn, "supplements", ids, _supplement),
        commitments=await _by_subject(conn, "commitments", ids, _commitment),
        rounds=await _by_subject(conn, "rounds", ids, lambda row: int(row["round"])),
        pending=await _by_subject(conn, "pending", ids, lambda _: True),
        shown=await _by_subject(conn, "visibility", ids, _shown),
        strikes=await _by_subject(conn, "strikes", ids, _strike),
        decisions=await _by_subject(conn, "decisions", ids, _decision),
        credits=await _by_subject(conn, "credits_given", ids, _credit_count),
    )
    return [found.record(subject_id) for subject_id in ids]


async def reporter_records(
    conn: Connection, after: Pseudonym | None, limit: int
) -> Sequence[ReporterRecord]:
    """Return up to `limit` reporters after a place, in the order of their pseudonyms."""
    rows = await conn.fetch(_SQL["records_after"], after, limit)
    pseudonyms = [Pseudonym(row["pseudonym"]) for row in rows]
    records: dict[Pseudonym, dict[TopicId, TrackRecord]] = {each: {} for each in pseudonyms}
    given: dict[Pseudonym, dict[TopicId, list[Credit]]] = {each: {} for each in pseudonyms}
    carried: dict[Pseudonym, dict[TopicId, list[TrackRecord]]] = {each: {} for each in pseudonyms}
    for (pseudonym, topic), record in await years.carried_to(conn, pseudonyms):
        carried[pseudonym].setdefault(topic, []).append(record)
    for row in await conn.fetch(_SQL["records"], pseudonyms):
        records[row["pseudonym"]][row["topic"]] = _track_record(row)
    for row in await conn.fetch(_SQL["credits"], pseudonyms):
        given[row["pseudonym"]].setdefault(row["topic"], []).append(_credit(row))
    return [
        ReporterRecord(
            pseudonym=each, records=records[each], credits=given[each], carried=carried[each]
        )
        for each in pseudonyms
    ]


async def hashes_at(
    conn: Connection, places: Sequence[tuple[SubjectId, int]]
) -> Mapping[tuple[SubjectId, int], bytes]:
    """Return the hashes of single events, of those that are there."""
    rows = await conn.fetch(
        _SQL["hashes_at"], [subject for subject, _ in places], [seq for _, seq in places]
    )
    return {(SubjectId(row["subject_id"]), row["seq"]): row["hash"] for row in rows}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What was read of some subjects."""

    events: Mapping[SubjectId, Sequence[RawEvent]]
    heads: Mapping[SubjectId, Sequence[Head]]
    reports: Mapping[SubjectId, Sequence[CountedRow]]
    supplements: Mapping[SubjectId, Sequence[CountedRow]]
    commitments: Mapping[SubjectId, Sequence[RoundCommitment]]
    rounds: Mapping[SubjectId, Sequence[int]]
    pending: Mapping[SubjectId, Sequence[bool]]
    shown: Mapping[SubjectId, Sequence[tuple[Visibility, str | None]]]
    strikes: Mapping[SubjectId, Sequence[Strike]]
    decisions: Mapping[SubjectId, Sequence[Mapping[str, Canonical]]]
    credits: Mapping[SubjectId, Sequence[CreditCount]]

    def record(self, subject_id: SubjectId) -> SubjectRecord:
        """Everything about one of them."""
        return SubjectRecord(
            subject_id=subject_id,
            events=self.events.get(subject_id, ()),
            head=next(iter(self.heads.get(subject_id, ())), None),
            rows=[*self.reports.get(subject_id, ()), *self.supplements.get(subject_id, ())],
            commitments=self.commitments.get(subject_id, ()),
            round=next(iter(self.rounds.get(subject_id, ())), None),
            is_pending=subject_id in self.pending,
            shown=next(iter(self.shown.get(subject_id, ())), None),
            strikes=self.strikes.get(subject_id, ()),
            decisions=self.decisions.get(subject_id, ()),
            credits=self.credits.get(subject_id, ()),
        )


async def _by_subject(
    conn: Connection, query: str, ids: Sequence[SubjectId], read: Callable[[Row], _T]
) -> Mapping[SubjectId, Sequence[_T]]:
    found: dict[SubjectId, list[_T]] = {}
    for row in await conn.fetch(_SQL[query], ids):
        found.setdefault(SubjectId(row["subject_id"]), []).append(read(row))
    return found


def _event(row: Row) -> RawEvent:
    return RawEvent(
        seq=row["seq"],
        kind=row["kind"],
        body=row["body"],
        prev_hash=row["prev_hash"],
        hash=row["hash"],
    )


def _head(row: Row) -> Head:
    return Head(subject_id=SubjectId(row["subject_id"]), seq=row["seq"], hash=row["hash"])


def _report(row: Row) -> CountedRow:
    return CountedRow(round=row["round"], digest=report_digest(row), sealed=row["sealed"])


def _supplement(row: Row) -> CountedRow:
    return CountedRow(round=row["round"], digest=supplement_digest(row), sealed=None)


def _commitment(row: Row) -> RoundCommitment:
    return RoundCommitment(
        round=row["round"], reports=row["reports"], root=row["root"], closed=row["closed"]
    )


def _shown(row: Row) -> tuple[Visibility, str | None]:
    ends: datetime | None = row["expires_at"]
    return read_visibility(row), None if ends is None else rfc3339(ends)


def _strike(row: Row) -> Strike:
    return Strike(
        decision_id=row["decision_id"],
        guideline=row["guideline"],
        weight=row["weight"],
        issued_on=row["issued_on"],
        expires_on=row["expires_on"],
        voided_by=row["voided_by"],
    )


def _decision(row: Row) -> Mapping[str, Canonical]:
    return {
        "decision": str(row["decision_id"]),
        "round": row["round"],
        "version": row["version"],
        "kind": row["kind"],
        "outcome": row["outcome"],
        "guideline": row["guideline"],
        "guidelines_version": row["guidelines_version"],
        "finding": row["finding"],
        "automation": row["automation"],
        "by": _name(row["decided_by"]),
        "confirmed_by": _name(row["confirmed_by"]),
        "reviews": _name(row["reviews"]),
        "at": rfc3339(row["decided_at"]),
    }


def _name(of: UUID | None) -> str | None:
    return None if of is None else str(of)


def _credit_count(row: Row) -> CreditCount:
    return CreditCount(
        decision_id=row["decision_id"], takes_back=row["takes_back"], credits=row["credits"]
    )


def _track_record(row: Row) -> TrackRecord:
    return TrackRecord(
        right=row["right_weight"],
        wrong=row["wrong_weight"],
        resolved=row["resolved"],
        as_of=row["as_of"],
    )


def _credit(row: Row) -> Credit:
    return Credit(
        decision_id=row["decision_id"],
        pseudonym=Pseudonym(row["pseudonym"]),
        topic=TopicId(row["topic"]),
        guideline=GuidelineId(row["guideline"]),
        finding=Finding(row["finding"]),
        right=row["right_weight"],
        wrong=row["wrong_weight"],
        resolved=row["resolved"],
        on=row["credited_on"],
    )
