"""What detectors and guidelines touch, day by day, and what is stopped because of it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

from underseal.core.breaker import Target, TargetKind, Touches, Tripped
from underseal.store.connection import Connection, Row
from underseal.store.incidents import IncidentId
from underseal.store.queries import load

_SQL: Final = load("breakers")

_UPLOAD: Final = ("upload", "")


async def count_upload(conn: Connection, day: date, touched_by: Iterable[Target]) -> None:
    """Count a new upload that machines have looked at, and what touched it."""
    counted = [_UPLOAD, *((target.kind, target.name) for target in sorted(touched_by))]
    await conn.execute(
        _SQL["count"], day, [kind for kind, _ in counted], [name for _, name in counted]
    )


async def touched_on(
    conn: Connection, day: date, since: date
) -> Mapping[Target, tuple[tuple[date, Touches], ...]]:
    """Return for all that touched something on a day, and may be stopped, its days in order."""
    found: dict[Target, list[tuple[date, Touches]]] = defaultdict(list)
    for row in await conn.fetch(_SQL["touched"], day, since):
        touches = Touches(touched=row["touched"], uploads=row["uploads"])
        found[_target(row)].append((row["day"], touches))
    return {target: tuple(days) for target, days in found.items()}


async def stopped(conn: Connection) -> frozenset[Target]:
    """Return what is stopped now."""
    return frozenset(await stopping(conn))


async def stopping(conn: Connection) -> Mapping[Target, IncidentId]:
    """Return what is stopped now, and the incident that stops it."""
    return {
        _target(row): IncidentId(row["incident_id"]) for row in await conn.fetch(_SQL["stopped"])
    }


async def stop(conn: Connection, incident_id: IncidentId, tripped: Tripped) -> None:
    """Stop a target as long as an incident is open."""
    await conn.execute(
        _SQL["stop"],
        incident_id,
        tripped.target.kind,
        tripped.target.name,
        tripped.today.touched,
        tripped.today.uploads,
        tripped.expected,
    )


async def stopped_by(conn: Connection, incident_id: IncidentId) -> Target | None:
    """Return what an incident stops or has stopped, if it is about a breaker."""
    row = await conn.fetchrow(_SQL["broken"], incident_id)
    return None if row is None else _target(row)


def _target(row: Row) -> Target:
    return Target(kind=TargetKind(row["kind"]), name=row["name"])
