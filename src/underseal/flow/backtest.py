"""History is replayed under other guidelines, and nothing is changed.

Every round is put together as it was just before its end (`flow.past_rounds`), and judged under the
guidelines in force and under those that are tried (`core.backtest`). What people decided about it is
what either is held against.

Invariants:
    All is read as it was at one moment, by a role that can write nothing, a few subjects at a time.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Final

from underseal.core.backtest import Backtest, Backtesting, Drawn, Fate, RoundEnd, fates
from underseal.core.reach import forecast
from underseal.core.report import quarter_of
from underseal.flow.past_rounds import Reading, Trial, past_round, rounds_of, seen_then
from underseal.flow.system import Settings
from underseal.store import backtest as past
from underseal.store import priors, reach
from underseal.store.audit import read_one_moment
from underseal.store.backtest import VersionKey
from underseal.store.pool import Database
from underseal.store.roles import Role

BATCH: Final = 100
"""Subjects that are read at a time. A limit of ours."""


class SinceAheadError(Exception):
    """History is asked for from a day on that has not come."""

    def __init__(self, since: date, today: date) -> None:
        super().__init__(f"nothing has happened yet since {since}: today is {today}")
        self.since = since


class BeforeHistoryError(Exception):
    """History is asked for from a day on before it begins."""

    def __init__(self, since: date, first: date) -> None:
        super().__init__(
            f"nothing is known of {since}: history begins on {first}, ask for --since {first}"
        )
        self.since = since
        self.first = first


class NoHistoryError(Exception):
    """Nothing was registered, reported or decided yet."""

    def __init__(self) -> None:
        super().__init__("there is no history yet: nothing was registered, reported or decided")


async def backtest(
    db: Database,
    settings: Settings,
    trial: Trial,
    now: datetime,
    progress: Callable[[int, int], None],
) -> Backtest:
    """Replay what has happened since a day; `progress` is told how many subjects of how many are done.

    `db` needs no pool but that of `Role.BACKTEST`.

    Raises:
        SinceAheadError, BeforeHistoryError, NoHistoryError: there is nothing to replay.
    """
    if trial.since > now.date():
        raise SinceAheadError(trial.since, now.date())
    async with db.transaction(Role.BACKTEST) as conn:
        await read_one_moment(conn)
        first = await past.first_day(conn)
        if first is None:
            raise NoHistoryError
        if trial.since < first:
            raise BeforeHistoryError(trial.since, first)
        reading = Reading(
            conn=conn,
            settings=settings,
            trial=trial,
            learnt=await priors.all_priors(conn),
            outlook=forecast(await reach.load_outlook(conn)),
        )
        return await _replay(reading, now, progress)


async def _replay(
    reading: Reading, now: datetime, progress: Callable[[int, int], None]
) -> Backtest:
    conn, trial = reading.conn, reading.trial
    drawn = await past.drawn_since(conn, trial.since)
    chosen = frozenset(version for version, _ in drawn)
    testing = Backtesting(before=trial.before, after=trial.after)
    led: dict[VersionKey, tuple[frozenset[Fate], frozenset[Fate]]] = {}
    done, everything = 0, await past.count_subjects(conn)
    after, quarter = None, quarter_of(trial.since)
    while known := await past.subjects_after(conn, after, trial.since_at, quarter, BATCH):
        rounds = await rounds_of(reading, known, chosen, now)
        seen = await seen_then(conn, [each.at for each in rounds])
        for each, then in zip(rounds, seen, strict=True):
            found = await past_round(reading, each, then)
            if each.counts:
                fate = testing.add(found)
            else:
                fate = fates(found, trial.before).overall, fates(found, trial.after).overall
            if each.judged is not None or each.end is RoundEnd.MACHINE:
                led[each.at.subject_id, each.at.version] = fate
        after = known[-1].subject_id
        done += len(known)
        progress(done, everything)
    answered = [
        Drawn(audit=audit, before=led[version][0], after=led[version][1])
        for version, audit in drawn
        if version in led
    ]
    return testing.result(trial.since, answered)
