"""How many people are about to see a subject, by what its audience was and what others taught."""

from datetime import timedelta

from underseal.core.reach import Seen, forecast
from underseal.flow.system import System
from underseal.store import reach
from underseal.store.pool import Connection
from underseal.store.views import Audience


async def foretell_views(conn: Connection, system: System, audience: Audience | None) -> float:
    """Return organic views an hour over the next day; of what nobody may watch, those it is denied."""
    hours = system.settings.tick_length / timedelta(hours=1)
    seen = Seen(
        rate=audience.last_organic / hours if audience else 0.0,
        total=float(audience.organic) if audience else 0.0,
    )
    return forecast(await reach.load_outlook(conn)).views_per_hour(seen)
