"""What was watched a day ago, and has been since, teaches how many people will watch a subject.

Views teach, and nothing else does: what was reported is drawn and weighed as everything else is.
"""

from datetime import datetime, timedelta
from typing import Final

from underseal.core.disclosure import last_tick
from underseal.core.reach import HORIZON, learn
from underseal.flow.system import System
from underseal.store import reach
from underseal.store.roles import Role

SUBJECTS_MAX: Final = 2_000
"""How many subjects of one tick teach at most. A setting: more change the forecast by less than an
hour's chance does."""


async def learn_reach(system: System, now: datetime) -> bool:
    """Learn from the newest tick that is a day old, once; answer whether there was one.

    Ticks that were missed are left out: any hour teaches the same.
    """
    length = system.settings.tick_length
    tick = last_tick(now - HORIZON, length)
    async with system.db.transaction(Role.CORE) as conn:
        learnt = await reach.lock_outlook(conn)
        if learnt.until is not None and tick <= learnt.until:
            return False
        watched = await reach.watched_in(conn, tick, length, HORIZON, SUBJECTS_MAX)
        elapsed = timedelta() if learnt.until is None else tick - learnt.until
        await reach.save_outlook(conn, learn(learnt.outlook, watched, elapsed), tick)
    return True
