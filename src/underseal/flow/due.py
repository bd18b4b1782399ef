"""Effects as they take place: what is due, with its end, its statements and what holds then.

What a decision leads to is told as the decisions stand at the moment of the disclosure, and beside
a hold that is still undecided. A new version that nobody has looked at yet is kept back for it.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from underseal.core.statement import StatementId
from underseal.core.subject import SubjectId
from underseal.core.visibility import Level, Visibility
from underseal.flow.standing import Standing, fold, stricter
from underseal.flow.system import SCAN_DEADLINE
from underseal.store import decisions, effects, scans, statements, visibility
from underseal.store.connection import Connection
from underseal.store.effects import Effect, EffectCause
from underseal.store.statements import StoredStatement
from underseal.store.visibility import Basis, NewVisibility, Shown

UNPUBLISHED: Final = frozenset({Level.HELD, Level.REMOVED})
"""The levels at which nobody sees a subject."""

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """An effect that takes place. `before` is what held until then, and `after` from then on.

    Among the `statements` are those of decisions whose own effect gave way to this one.
    """

    effect: Effect
    before: Shown | None
    after: NewVisibility
    expires_at: datetime | None
    statements: tuple[StoredStatement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What is known of the subjects whose effects are due."""

    shown: Mapping[SubjectId, Shown]
    stands: Mapping[SubjectId, Standing]
    undecided: frozenset[SubjectId]
    unseen: frozenset[SubjectId]
    own: Mapping[StatementId, StoredStatement]
    overtaken: Mapping[SubjectId, Sequence[StoredStatement]]


async def gather_due(conn: Connection, intended: Sequence[Effect], at: datetime) -> tuple[Due, ...]:
    """Return effects as they take place at `at`, in the order given."""
    subject_ids = [effect.subject_id for effect in intended]
    overtaken: dict[SubjectId, list[StoredStatement]] = {}
    for each in await statements.overtaken_statements(conn, subject_ids):
        overtaken.setdefault(each.subject_id, []).append(each)
    taken = await decisions.decisions_on(conn, subject_ids)
    known = _Known(
        shown=await visibility.load_visibility(conn, subject_ids),
        stands={each: fold(taken.get(each, ())) for each in subject_ids},
        undecided=await effects.undecided_shown(conn, subject_ids),
        unseen=await scans.unseen(conn, subject_ids),
        own=await statements.load_statements(
            conn, [effect.statement_id for effect in intended if effect.statement_id is not None]
        ),
        overtaken=overtaken,
    )
    return tuple([await _due(conn, effect, known, at) for effect in intended])


async def _due(conn: Connection, effect: Effect, known: _Known, at: datetime) -> Due:
    effect, ground = await _as_it_stands(conn, effect, known, at)
    subject_id, statement_id = effect.subject_id, effect.statement_id
    expires_at = at + effect.hold_hours * _HOUR if effect.hold_hours else None
    after = NewVisibility(
        subject_id=subject_id,
        basis=Basis.EFFECT if effect.visibility.is_restricted else Basis.NONE,
        visibility=effect.visibility,
        statement_id=ground if effect.visibility.is_restricted else None,
        expires_at=expires_at,
    )
    if subject_id in known.unseen and effect.visibility.level not in UNPUBLISHED:
        after = NewVisibility(
            subject_id=subject_id,
            basis=Basis.SCAN,
            visibility=Visibility(level=Level.HELD),
            expires_at=at + SCAN_DEADLINE,
        )
    return Due(
        effect=effect,
        before=known.shown.get(subject_id),
        after=after,
        expires_at=expires_at,
        statements=(
            *([known.own[statement_id]] if statement_id is not None else ()),
            *known.overtaken.get(subject_id, ()),
        ),
    )


async def _as_it_stands(
    conn: Connection, effect: Effect, known: _Known, at: datetime
) -> tuple[Effect, StatementId | None]:
    """The effect of a decision as the decisions stand now, and the statement that says why."""
    is_reinstatement = effect.cause is EffectCause.REINSTATEMENT
    if effect.decision_id is None and not is_reinstatement:
        return effect, effect.statement_id
    stands, shown = known.stands[effect.subject_id], known.shown.get(effect.subject_id)
    after = replace(effect, visibility=stands.visibility, hold_hours=None)
    if shown is not None and effect.subject_id in known.undecided:
        level = stricter(stands.visibility.level, shown.visibility.level)
        if level is not stands.visibility.level:
            hours = None
            if level is Level.HELD and shown.expires_at is not None:
                hours = max(1, math.ceil((shown.expires_at - at) / _HOUR))
            visible = replace(stands.visibility, level=level)
            return replace(after, visibility=visible, hold_hours=hours), shown.statement_id
    if is_reinstatement and stands.decision_id is not None:
        return after, await decisions.statement_of(conn, stands.decision_id)
    return after, effect.statement_id
