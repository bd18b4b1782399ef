"""How much will wait in the days to come, and how many people it takes that nothing is late."""

from datetime import date, timedelta
from typing import Final

from underseal.core.staffing import Staffing, Workload, staff
from underseal.store import staffing
from underseal.store.pool import Connection

LOOK_BACK: Final = timedelta(days=28)
"""What came and was decided in so long tells what is to come: whole weeks, as weekdays differ. A
setting."""


async def foresee_work(conn: Connection, today: date) -> Staffing | None:
    """Return what is to come; None where nobody has decided anything that it could be told from."""
    counted = await staffing.count_work(conn, today, today - LOOK_BACK)
    if counted.busy is None:
        return None
    days = LOOK_BACK.days
    return staff(
        Workload(
            due=counted.due,
            opened={wait: cases / days for wait, cases in counted.opened.items()},
            looks_a_day=counted.looks / days,
            looks_a_person=counted.busy,
        )
    )
