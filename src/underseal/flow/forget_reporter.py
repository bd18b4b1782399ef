"""Forget a reporter whose account was deleted: their sealed identities get a last day.

Their reports stay, as every report does; from that day on nobody can open who filed them. It begins
a quarter, so that it does not tell on which day the account was deleted.
"""

from datetime import date, datetime

from underseal.core.report import quarter_of
from underseal.core.subject import check_external_id
from underseal.flow.system import IDENTITY_KEPT, System
from underseal.seal.pseudonym import pseudonyms
from underseal.store.reports import schedule_erasure
from underseal.store.roles import Role


async def forget_reporter(system: System, reporter_id: str, now: datetime) -> date:
    """Return the day by which the identities are destroyed; it is told of anybody, known or not.

    Raises:
        InvalidExternalIdError: it is not an acceptable id.
    """
    check_external_id(reporter_id)
    today = now.date()
    of_years = [
        pseudonyms(system.keys, date(year.year, 1, 1), reporter_id).current
        for year in system.keys.for_day(today)
    ]
    last_day = quarter_of(today + IDENTITY_KEPT)
    async with system.db.transaction(Role.RETENTION) as conn:
        await schedule_erasure(conn, of_years, last_day)
    return last_day
