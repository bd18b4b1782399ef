"""Effects take place: visibility, statement, strike and messages, all at the same moment.

Invariants:
    A restriction and its statement are disclosed together, and a statement once.
    What follows from a disclosure is a function of decisions, never of a report.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from underseal.core.ledger import Canonical, EventKind, rfc3339
from underseal.core.message import (
    Message,
    SubjectCleared,
    VisibilityChanged,
    encode,
    type_of,
)
from underseal.core.statement import StatementKind, inform
from underseal.core.subject import SubjectId
from underseal.core.visibility import Visibility
from underseal.flow import news
from underseal.flow.due import UNPUBLISHED, Due, gather_due
from underseal.flow.strike import strike
from underseal.flow.system import System
from underseal.store import effects, ledger, outbox, statements, subjects, visibility
from underseal.store.connection import Connection
from underseal.store.effects import Effect
from underseal.store.ledger import Entry
from underseal.store.outbox import MessageId, NewMessage
from underseal.store.statements import Disclosure, StoredStatement
from underseal.store.visibility import Basis, NewVisibility


async def disclose_now(
    conn: Connection, system: System, subject_id: SubjectId, now: datetime
) -> None:
    """Let take place what the subject waits for; its chain is locked."""
    effect = await effects.intended_effect(conn, subject_id)
    if effect is not None:
        await disclose(conn, system, (effect,), now)


async def disclose(
    conn: Connection, system: System, intended: Sequence[Effect], at: datetime
) -> None:
    """Let effects take place at `at`, told in the order given; their chains are locked."""
    if not intended:
        return
    due = await gather_due(conn, intended, at)
    new = await _disclose_statements(conn, due, at)
    told = await news.decisions_told(conn, new)
    struck = await strike(conn, system.guidelines, told, at.date())
    await _show(conn, system, due, news.messages(new, told), at)
    await effects.mark_disclosed(
        conn, [each.effect for each in due], [each.expires_at for each in due], at
    )
    await ledger.append_all(conn, [*(_event(each, at) for each in due), *struck])
    await effects.show_outcomes(
        conn, [each.effect for each in due if each.effect.visibility.is_restricted]
    )


async def send(conn: Connection, system: System, messages: Sequence[Message], at: datetime) -> None:
    """Put messages into the outbox, in the order given."""
    made = [
        NewMessage(message_id=MessageId(system.new_id()), type=type_of(each), body=encode(each, at))
        for each in messages
    ]
    await outbox.send(conn, made, at)


def canonical_visibility(shown: Visibility) -> Mapping[str, Canonical]:
    """Return a visibility as events hold it."""
    return {
        "level": shown.level,
        "age_restricted": shown.age_restricted,
        "labelled": shown.labelled,
        "interaction_limited": shown.interaction_limited,
        "geo_blocked": list(shown.geo_blocked),
    }


async def _disclose_statements(
    conn: Connection, due: Sequence[Due], at: datetime
) -> tuple[StoredStatement, ...]:
    """Let statements be read, and return those that could not be before."""
    disclosures = [
        Disclosure(
            statement_id=stored.statement.id,
            effect_id=each.effect.effect_id,
            appeal_until=_appeal_until(stored, each, at),
        )
        for each in due
        for stored in each.statements
    ]
    new = await statements.add_disclosures(conn, disclosures, at)
    return tuple(stored for each in due for stored in each.statements if stored.statement.id in new)


def _appeal_until(stored: StoredStatement, due: Due, at: datetime) -> datetime | None:
    is_hold = stored.statement.kind is StatementKind.HOLD
    return inform(stored.statement, at, due.expires_at if is_hold else None).appeal_until


async def _show(
    conn: Connection,
    system: System,
    due: Sequence[Due],
    issued: Mapping[SubjectId, Sequence[Message]],
    at: datetime,
) -> None:
    """Let the visibility of subjects hold, and tell the platform of it and of the statements."""
    revisions = await visibility.put_visibility(conn, [each.after for each in due], at)
    messages: list[Message] = []
    for each in due:
        after, revision = each.after, revisions[each.after.subject_id]
        messages.append(
            VisibilityChanged(
                subject=revision.ref, visibility=after.visibility, revision=revision.number
            )
        )
        if each.before is not None and each.before.basis is Basis.SCAN:
            messages.extend(await _cleared(conn, after))
        messages.extend(issued.get(after.subject_id, ()))
    await send(conn, system, messages, at)


async def _cleared(conn: Connection, after: NewVisibility) -> tuple[Message, ...]:
    """What waited for a look before its publication, and may be published from now on."""
    subject = await subjects.load_subject(conn, after.subject_id)
    if subject is None or after.visibility.level in UNPUBLISHED:
        return ()
    return (SubjectCleared(subject=subject.ref, version=subject.version),)


def _event(due: Due, at: datetime) -> Entry:
    effect, after = due.effect, due.after
    return Entry(
        subject_id=effect.subject_id,
        kind=EventKind.DISCLOSED,
        payload={
            "at": rfc3339(at),
            "effect": str(effect.effect_id),
            "round": effect.round,
            "cause": effect.cause,
            "visibility": canonical_visibility(after.visibility),
            "expires_at": None if after.expires_at is None else rfc3339(after.expires_at),
            "statements": [str(stored.statement.id) for stored in due.statements],
        },
    )
