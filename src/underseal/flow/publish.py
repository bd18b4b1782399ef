"""Before its first look a version is kept back, and after it let go.

An upload that machines could not look at stays back until a human has, however long that takes;
that is no restriction of anything that was public, so it has no statement.
"""

from datetime import datetime, timedelta
from typing import Final

from underseal.core.ledger import EventKind, rfc3339
from underseal.core.message import IncidentKind, SubjectCleared, VisibilityChanged
from underseal.core.subject import SubjectId, SubjectRef
from underseal.core.visibility import Level, Visibility
from underseal.flow.disclose import canonical_visibility, send
from underseal.flow.standing import standing_disclosed
from underseal.flow.system import System
from underseal.store import decisions, incidents, ledger, scans, subjects, visibility
from underseal.store.incidents import IncidentId
from underseal.store.pool import Connection
from underseal.store.roles import Role
from underseal.store.subjects import Subject
from underseal.store.visibility import Basis, NewVisibility

UNSEEN_MAX: Final = timedelta(days=3)
"""How long an upload that machines could not look at waits until an incident is raised, and until
the platform is told anew that it waits. A setting."""

KEPT: Final = frozenset({Level.HELD, Level.REMOVED})
"""A new version does not end what is in force: that would be the way round it."""


async def keep_back(conn: Connection, ref: SubjectRef, until: datetime, now: datetime) -> None:
    """Show a version to nobody until machines have looked; what is held or removed stays so."""
    shown = (await visibility.load_visibility(conn, [ref.subject_id])).get(ref.subject_id)
    if shown is not None and shown.basis is Basis.EFFECT and shown.visibility.level in KEPT:
        return
    held = NewVisibility(
        subject_id=ref.subject_id,
        basis=Basis.SCAN,
        visibility=Visibility(level=Level.HELD),
        expires_at=until,
    )
    await visibility.put_visibility(conn, [held], now)
    await _record(conn, EventKind.KEPT_BACK, held)


async def put_off(conn: Connection, ref: SubjectRef, until: datetime, now: datetime) -> None:
    """Keep a version back for longer that is kept back; the chain is locked."""
    shown = (await visibility.load_visibility(conn, [ref.subject_id])).get(ref.subject_id)
    if shown is not None and shown.basis is Basis.SCAN:
        await keep_back(conn, ref, until, now)


async def put_off_unseen(system: System, now: datetime) -> int:
    """Keep back for longer what nobody has looked at in time, and return how many were.

    Where there is anything to look at, an incident says so. Nothing is published unseen.
    """
    async with system.db.transaction(Role.CORE) as conn:
        unseen = await scans.kept_too_long(conn, now)
    for subject_id in unseen:
        async with system.db.transaction(Role.CORE) as conn:
            await ledger.lock_chain(conn, subject_id)
            await _put_off_unseen(conn, system, subject_id, now)
    return len(unseen)


async def let_go(conn: Connection, system: System, subject: Subject, now: datetime) -> None:
    """Show a version that machines have looked at, as far as earlier decisions allow."""
    stands = await standing_disclosed(conn, subject.subject_id)
    statement_id = None
    if stands.decision_id is not None:
        statement_id = await decisions.statement_of(conn, stands.decision_id)
    shown = NewVisibility(
        subject_id=subject.subject_id,
        basis=Basis.NONE if stands.decision_id is None else Basis.EFFECT,
        visibility=stands.visibility,
        statement_id=statement_id,
    )
    revisions = await visibility.put_visibility(conn, [shown], now)
    await _record(conn, EventKind.LET_GO, shown)
    await send(
        conn,
        system,
        [
            VisibilityChanged(
                subject=subject.ref,
                visibility=stands.visibility,
                revision=revisions[subject.subject_id].number,
            ),
            SubjectCleared(subject=subject.ref, version=subject.version),
        ],
        now,
    )


async def _put_off_unseen(
    conn: Connection, system: System, subject_id: SubjectId, now: datetime
) -> None:
    subject = await subjects.load_subject(conn, subject_id)
    assert subject is not None, "visibility refers to subjects"
    shown = (await visibility.load_visibility(conn, [subject_id]))[subject_id]
    if shown.basis is not Basis.SCAN or shown.expires_at is None or shown.expires_at > now:
        return
    await keep_back(conn, subject.ref, now + UNSEEN_MAX, now)
    version = await subjects.load_version(conn, subject_id, subject.version)
    if version is not None and (version.copy is not None or version.media_url is not None):
        await incidents.raise_incidents(
            conn,
            IncidentKind.REVIEW_OVERDUE,
            [(IncidentId(system.new_id()), subject_id)],
            "nobody has looked at an upload, and it is kept back",
            now,
        )


async def _record(conn: Connection, kind: EventKind, shown: NewVisibility) -> None:
    await ledger.append(
        conn,
        shown.subject_id,
        kind,
        {
            "visibility": canonical_visibility(shown.visibility),
            "expires_at": None if shown.expires_at is None else rfc3339(shown.expires_at),
        },
    )
