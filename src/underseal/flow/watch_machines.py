"""Breakers: what suddenly touches an unusual share of new uploads is stopped until somebody looks.

Invariants:
    What is stopped counts nothing in looks that end from then on. What machines have said and done
    before stays, before the people who were given it.
    Nothing starts again by itself: whoever closes the incident says so, with a word and a name.
"""

from datetime import datetime, timedelta

from underseal.core.breaker import DAYS, Tripped, trip
from underseal.core.ledger import INSTALLATION, EventKind
from underseal.core.message import IncidentKind
from underseal.flow.system import System
from underseal.store import breakers, incidents, ledger
from underseal.store.connection import Connection
from underseal.store.incidents import IncidentId
from underseal.store.roles import Role


async def watch_machines(system: System, now: datetime) -> int:
    """Stop what touches too much today; return how much was stopped."""
    async with system.db.transaction(Role.CORE) as conn:
        tripped = await _tripping(conn, now)
        if not tripped:
            return 0
        await ledger.lock_chain(conn, INSTALLATION)
        stopped = await breakers.stopped(conn)
        new = [each for each in tripped if each.target not in stopped]
        for each in new:
            await _stop(conn, system, each, now)
    return len(new)


async def note_reset(conn: Connection, incident_id: IncidentId, word: str) -> None:
    """Tell the ledger that a breaker was reset, if the incident that was closed is about one."""
    target = await breakers.stopped_by(conn, incident_id)
    if target is not None:
        await ledger.lock_chain(conn, INSTALLATION)
        await ledger.append(
            conn,
            INSTALLATION,
            EventKind.BREAKER_RESET,
            {
                "incident": str(incident_id),
                "kind": target.kind,
                "name": target.name,
                "word": word,
            },
        )


async def _tripping(conn: Connection, now: datetime) -> list[Tripped]:
    today = now.date()
    tripping = []
    touched = await breakers.touched_on(conn, today, today - timedelta(days=DAYS))
    for target, days in touched.items():
        past = [touches for day, touches in days if day < today]
        found = trip(target, days[-1][1], past)
        if found is not None:
            tripping.append(found)
    return tripping


async def _stop(conn: Connection, system: System, tripped: Tripped, now: datetime) -> None:
    incident_id = IncidentId(system.new_id())
    target, today = tripped.target, tripped.today
    await incidents.raise_incidents(
        conn,
        IncidentKind.BREAKER_TRIPPED,
        [(incident_id, None)],
        f"{target.kind} {target.name} touched {today.touched} of {today.uploads} new uploads "
        f"today, where {tripped.expected:.1%} were to be expected, and counts nothing until this "
        "is closed",
        now,
    )
    await breakers.stop(conn, incident_id, tripped)
    await ledger.append(
        conn,
        INSTALLATION,
        EventKind.BREAKER_TRIPPED,
        {
            "incident": str(incident_id),
            "kind": target.kind,
            "name": target.name,
            "touched": today.touched,
            "uploads": today.uploads,
            "expected_millionths": round(1e6 * tripped.expected),
        },
    )
