"""Destroy a year: what its reporters have earned is carried over, and nobody finds them any more.

First every link that ends with the year is cut, and with each, in one transaction, the record is
carried over to the next year's pseudonym; then the identities go, and last the key.

Invariants:
    At every moment a record counts once, over the link or as what was carried.
    Nothing is destroyed while anything needs the year, or before the ledger says that it begins.
    Wherever it was broken off, it goes on from there when it is run again.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

from underseal.core.caller import Caller, ModeratorRole, require_role
from underseal.core.guideline import TopicId
from underseal.core.ledger import INSTALLATION, Canonical, EventKind, rfc3339
from underseal.core.track_record import carried_over, merge
from underseal.flow.doubt_clock import ClockDoubtedError, doubt_clock
from underseal.flow.system import IDENTITY_KEPT, System
from underseal.seal import keys
from underseal.store import ledger, years
from underseal.store.roles import Role
from underseal.store.years import CarriedRecord, EndingLink, YearNeeds, YearStage, YearStep

LINKS_AT_ONCE: Final = 1_000
"""Links that are cut in one transaction. A limit of ours."""

AHEAD_MAX: Final = timedelta(days=1)
"""So much may the clock be ahead of the last tick, lest a year be destroyed too early. A setting."""


class YearKeptError(Exception):
    """The identities of the year are still kept."""

    def __init__(self, year: int, until: date) -> None:
        super().__init__(f"the identities of {year} are kept until {until}: come again then")
        self.year = year
        self.until = until


class YearUnknownError(Exception):
    """There is nothing of the year that could be destroyed."""

    def __init__(self, year: int) -> None:
        super().__init__(f"there is neither a key nor an identity of {year} here")
        self.year = year


class EarlierYearError(Exception):
    """Years are destroyed in order: the records of the earlier one would be lost."""

    def __init__(self, earlier: int) -> None:
        super().__init__(f"destroy {earlier} first: `underseal keys destroy-year {earlier}`")
        self.earlier = earlier


class YearNeededError(Exception):
    """Something that is under way needs the year."""

    def __init__(self, year: int, needs: YearNeeds) -> None:
        super().__init__(
            f"{year} is needed by {needs.rounds} undecided rounds, {needs.complaints} undecided "
            f"complaints, {needs.decisions} decisions that an appeal could overturn or a "
            f"charge adds to, and {needs.unsealings} open requests to unseal: decide or refuse them, or wait"
        )
        self.year = year
        self.needs = needs


async def destroy_year(
    system: System, folder: Path, year: int, caller: Caller, now: datetime
) -> None:
    """Destroy the identities of a year, the links to them and the key in `folder`.

    Where the year was destroyed before, what has been left or come back of it is destroyed, too.

    Raises:
        RoleMissingError: only an admin may.
        KeyFolderError, YearKeptError, YearUnknownError, EarlierYearError, YearNeededError,
        ClockDoubtedError: nothing is destroyed.
    """
    require_role(caller, ModeratorRole.ADMIN)
    today = now.date()
    taken = {each.stage: each for each in await ended_years(system) if each.year == year}
    if YearStage.BEGUN not in taken:
        await _check(system, year, now)
        await _record(system, YearStage.BEGUN, {"year": year}, caller, now)
    await _carry_over(system, year, today)
    async with system.db.transaction(Role.CORE) as conn:
        carried = await years.commit_carried(conn, year)
    told = taken.get(YearStage.CARRIED_OVER)
    if told is None or told.carried != carried:
        said: Mapping[str, Canonical] = {"year": year, "carried": carried.hex()}
        await _record(system, YearStage.CARRIED_OVER, said, caller, now)
    async with system.db.transaction(Role.RETENTION) as conn:
        await years.be_patient(conn)
        await years.erase_year(conn, year)
    if keys.has_year(folder, year):
        keys.destroy_year(folder, year, today)
    if YearStage.DESTROYED not in taken:
        await _record(system, YearStage.DESTROYED, {"year": year}, caller, now)


async def ended_years(system: System) -> Sequence[YearStep]:
    """Return what the ledger tells of years being destroyed, the oldest step first."""
    async with system.db.transaction(Role.CORE) as conn:
        return await years.steps(conn)


async def _check(system: System, year: int, now: datetime) -> None:
    """Refuse what must not be destroyed, or not yet."""
    if await doubt_clock(system, now, ahead_max=AHEAD_MAX) is None:
        raise ClockDoubtedError(now, None)
    until = date(year + 1, 1, 1) + IDENTITY_KEPT
    if now.date() < until:
        raise YearKeptError(year, until)
    async with system.db.transaction(Role.RETENTION) as conn:
        await years.be_patient(conn)
        needs = await years.needs_of(conn, year, now)
    first = min(system.keys.live)
    if needs.first_year is not None:
        first = min(first, needs.first_year)
    if year < first or (year not in system.keys.live and year != needs.first_year):
        raise YearUnknownError(year)
    if first < year:
        raise EarlierYearError(first)
    if needs.rounds or needs.complaints or needs.decisions or needs.unsealings:
        raise YearNeededError(year, needs)


async def _carry_over(system: System, year: int, today: date) -> None:
    after = years.FIRST
    while True:
        async with system.db.transaction(Role.RETENTION) as conn:
            await years.be_patient(conn)
            links = await years.lock_ending_links(conn, year, after, LINKS_AT_ONCE, today)
            if not links:
                return
            carried = {
                (link.pseudonym, topic): each
                for link in links
                for topic, each in _carried(link, today).items()
            }
            await years.end_links(conn, links, year, carried, today)
        after = links[-1].pseudonym


def _carried(link: EndingLink, today: date) -> Mapping[TopicId, CarriedRecord]:
    """What goes over a link, by topic; of a record with nothing left in it, nothing."""
    found = {}
    for topic, (old, new) in link.records.items():
        carried = carried_over(old, today)
        if carried.right or carried.wrong or carried.resolved:
            found[topic] = CarriedRecord(carried=carried, total=merge(carried, new))
    return found


async def _record(
    system: System,
    stage: YearStage,
    said: Mapping[str, Canonical],
    caller: Caller,
    now: datetime,
) -> None:
    payload = {**said, "stage": stage, "by": str(caller.principal_id), "at": rfc3339(now)}
    async with system.db.transaction(Role.CORE) as conn:
        await ledger.lock_chain(conn, INSTALLATION)
        await ledger.append(conn, INSTALLATION, EventKind.YEAR_DESTROYED, payload)
