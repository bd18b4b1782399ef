"""Past rounds, each put together as it was just before its end.

Invariants:
    No round has anything of its own outcome in it: of findings, standing decisions, credits,
    signals, views and budgets only what was there before counts.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from underseal.core.backtest import Judged, PastRound, RoundEnd
from underseal.core.cliques import NO_CO_REPORTS, PSEUDONYMS_MAX
from underseal.core.effect import Context, is_burst_of
from underseal.core.evidence import Dossier, Weighting
from underseal.core.findings import FoundOnVersion
from underseal.core.guideline import Guidelines, TopicId
from underseal.core.prior import Prior
from underseal.core.reach import Forecast, Seen
from underseal.core.report import CountedReport, Pseudonym
from underseal.core.signal import Signal
from underseal.core.subject import SubjectId
from underseal.core.track_record import TrackRecord, as_it_stood
from underseal.flow.assess import BUDGET_EFFECTS, BUDGET_PERIOD
from underseal.flow.audit_cover import BECAUSE
from underseal.flow.standing import fold
from underseal.flow.system import Settings
from underseal.store import backtest as past
from underseal.store import decisions, dossier, records, strikes
from underseal.store.backtest import CaseEnd, Known, Moment, VersionKey, Watched
from underseal.store.connection import Connection
from underseal.store.decisions import DecisionKind, StoredDecision
from underseal.store.priors import Learnt


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """Guidelines in force, and others that are tried since the beginning of a day."""

    before: Guidelines
    after: Guidelines
    since: date

    @property
    def since_at(self) -> datetime:
        """The first moment of the day."""
        return datetime.combine(self.since, time(), UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """A round that is to be replayed; `earlier` are the decisions on its subject before its end.

    `counts` says that it belongs to the period; others were only looked at by chance in it.
    """

    known: Known
    number: int
    at: Moment
    end: RoundEnd
    judged: Judged | None
    is_cover: bool
    counts: bool
    earlier: tuple[StoredDecision, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenThen:
    """What machines had said by the end of a round, and who had watched."""

    signals: tuple[Signal, ...]
    has_failed: bool
    watched: Watched


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What is the same for all rounds."""

    conn: Connection
    settings: Settings
    trial: Trial
    learnt: Sequence[Learnt]
    outlook: Forecast


async def rounds_of(
    reading: Reading, known: Sequence[Known], drawn: frozenset[VersionKey], now: datetime
) -> list[Round]:
    """Return the rounds of some subjects; `drawn` are versions that chance had looked at."""
    ids = [each.subject_id for each in known]
    since = reading.trial.since_at
    taken = await decisions.decisions_on(reading.conn, ids)
    ends: dict[SubjectId, list[CaseEnd]] = {}
    for end in await past.case_ends(reading.conn, ids, since, BECAUSE):
        ends.setdefault(end.subject_id, []).append(end)
    rounds: list[Round] = []
    for each in known:
        of_subject = taken.get(each.subject_id, ()), ends.get(each.subject_id, ())
        rounds += _decided(each, *of_subject, since, drawn)
        rounds += _undecided(each, *of_subject, now)
    return rounds


def _decided(
    known: Known,
    taken: Sequence[StoredDecision],
    ends: Sequence[CaseEnd],
    since: datetime,
    drawn: frozenset[VersionKey],
) -> Iterator[Round]:
    """Rounds that a decision ended, but for those of appeals: they say what of an earlier one holds."""
    on_appeal = {each.reviews: each for each in taken if each.reviews is not None}
    by_chance = {end.round for end in ends if end.is_cover}
    for each in taken:
        decision = each.decision
        counts = decision.decided_at >= since
        is_drawn = (known.subject_id, each.version) in drawn
        if each.kind is DecisionKind.APPEAL or not (counts or is_drawn):
            continue
        by_machine = each.kind is DecisionKind.MACHINE
        last = on_appeal.get(decision.id, each)
        is_judged = last.kind is not DecisionKind.MACHINE
        yield Round(
            known=known,
            number=decision.round,
            at=Moment(subject_id=known.subject_id, version=each.version, until=decision.decided_at),
            end=RoundEnd.MACHINE if by_machine else RoundEnd.PERSON,
            judged=Judged(broken=last.decision.verdict.guideline) if is_judged else None,
            is_cover=decision.round in by_chance,
            counts=counts,
            earlier=_before(taken, decision.decided_at),
        )


def _undecided(
    known: Known, taken: Sequence[StoredDecision], ends: Sequence[CaseEnd], now: datetime
) -> Iterator[Round]:
    """Rounds whose case a new version ended, and the present one."""
    over = [
        (end.round, end.version, end.closed_at, RoundEnd.NEW_VERSION)
        for end in ends
        if end.is_superseded and end.closed_at is not None
    ]
    if known.is_present:
        over.append((known.round, known.version, now, RoundEnd.NOTHING))
    for number, version, until, end in over:
        yield Round(
            known=known,
            number=number,
            at=Moment(subject_id=known.subject_id, version=version, until=until),
            end=end,
            judged=None,
            is_cover=False,
            counts=True,
            earlier=_before(taken, until),
        )


def _before(taken: Sequence[StoredDecision], until: datetime) -> tuple[StoredDecision, ...]:
    return tuple(each for each in taken if each.decision.decided_at < until)


async def seen_then(conn: Connection, moments: Sequence[Moment]) -> Sequence[SeenThen]:
    """Return what was said and seen by each moment, in their order."""
    signals = await past.signals_by(conn, moments)
    failed = await past.failed_by(conn, moments)
    watched = await past.watched_by(conn, moments)
    return [
        SeenThen(
            signals=tuple(signals.get(place, ())),
            has_failed=place in failed,
            watched=watched.get(place, Watched()),
        )
        for place in range(len(moments))
    ]


async def past_round(reading: Reading, round_: Round, seen: SeenThen) -> PastRound:
    """Return a round as it was just before its end, or as it is."""
    found = _found(round_)
    weighed = await _dossier(reading, round_, seen)
    tick_hours = reading.settings.tick_length / timedelta(hours=1)
    seen_last = Seen(rate=seen.watched.last_organic / tick_hours, total=seen.watched.organic)
    is_open = round_.end is RoundEnd.NOTHING
    return PastRound(
        dossier=weighed,
        found=found,
        context=Context(
            level=fold(round_.earlier).visibility.level,
            published=not (is_open and round_.known.is_kept_back),
            qualifying_viewers=weighed.qualifying_viewers,
            weighting=reading.settings.weighting,
            guess_consent=any(each.may_be_guessed for each in weighed.reports),
            views_per_hour=reading.outlook.views_per_hour(seen_last),
            is_burst=is_burst_of(weighed),
            scan_failed=seen.has_failed and not found,
        ),
        priors=_priors(reading, round_.at.until.date()),
        on=round_.at.until.date(),
        end=round_.end,
        judged=round_.judged,
        is_cover=round_.is_cover,
    )


def _found(round_: Round) -> Sequence[FoundOnVersion]:
    """What people had found on the version, and no appeal had overturned."""
    overturned = {each.reviews for each in round_.earlier}
    return [
        (each.decision.verdict.guideline, each.decision.verdict.outcome)
        for each in round_.earlier
        if each.version == round_.at.version
        and each.kind is not DecisionKind.MACHINE
        and each.decision.id not in overturned
    ]


def _priors(reading: Reading, on: date) -> Mapping[TopicId, Prior]:
    """What was learnt last by then; the region may not use it."""
    match reading.settings.weighting:
        case Weighting.OFF | Weighting.SHADOW:
            return {}
        case Weighting.PRIORITY_ONLY | Weighting.PRIORITY_AND_THRESHOLD:
            then = [each.priors for each in reading.learnt if each.learnt_in <= on]
            return then[-1] if then else {}


async def _dossier(reading: Reading, round_: Round, seen: SeenThen) -> Dossier:
    conn, at = reading.conn, round_.at
    reports = await dossier.reports_of_round(conn, at.subject_id, round_.number)
    reporters = list(
        dict.fromkeys(each.pseudonym for each in reports if each.pseudonym is not None)
    )
    co_reports, spent = NO_CO_REPORTS, frozenset[Pseudonym]()
    if reporters:
        co_reports = await dossier.co_reports(conn, at.subject_id, reporters[:PSEUDONYMS_MAX])
        spent = await dossier.spent_budgets(
            conn,
            round_.known.creator_id,
            at.subject_id,
            reporters,
            since=at.until - BUDGET_PERIOD,
            until=at.until,
            effects_max=BUDGET_EFFECTS,
        )
    return Dossier(
        subject_id=at.subject_id,
        round=round_.number,
        kind=round_.known.kind,
        reports=reports,
        records=await _records(reading, round_, reporters, reports) if reporters else {},
        co_reports=co_reports,
        signals=seen.signals,
        organic_views=seen.watched.organic,
        qualifying_viewers=seen.watched.qualifying,
        human={},
        spent=spent,
        is_struck=await strikes.is_struck(conn, round_.known.creator_id, at.until.date()),
    )


async def _records(
    reading: Reading,
    round_: Round,
    reporters: Sequence[Pseudonym],
    reports: Sequence[CountedReport],
) -> Mapping[records.RecordKey, TrackRecord]:
    """The track records of reporters as they stood before the day on which the round ended."""
    topics = {
        guidelines.by_id[each.guideline].topic
        for each in reports
        for guidelines in (reading.trial.before, reading.trial.after)
        if each.guideline in guidelines.by_id
    }
    present = await records.records_of(reading.conn, reporters, sorted(topics))
    if round_.end is RoundEnd.NOTHING or not present:
        return present
    day = round_.at.until.date()
    later = await past.credited_since(reading.conn, reporters, day)
    then = {key: as_it_stood(record, later.get(key, ()), day) for key, record in present.items()}
    return {key: record for key, record in then.items() if record is not None}
