"""Effects: what creators can notice, intended and disclosed. A subject waits for one at most."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from underseal.core.decision import DecisionId
from underseal.core.disclosure import LONGEST
from underseal.core.guideline import DisclosureClass, GuidelineId
from underseal.core.statement import StatementId
from underseal.core.subject import SubjectId
from underseal.core.visibility import Visibility
from underseal.store.connection import Connection, Row
from underseal.store.queries import load
from underseal.store.visibility import read_visibility

_SQL: Final = load("effects")


class EffectCause(StrEnum):
    """Where an effect comes from."""

    HOLD = "hold"
    MEASURE = "measure"
    DECISION = "decision"
    REINSTATEMENT = "reinstatement"
    EXPIRY = "expiry"


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What is to become of a subject's visibility, and when.

    `from_window` is the subject's window when it was intended. Only a hold has `hold_hours`;
    every restriction has a statement.
    """

    effect_id: UUID
    subject_id: SubjectId
    round: int
    cause: EffectCause
    visibility: Visibility
    guideline: GuidelineId | None
    disclosure: DisclosureClass
    from_window: int
    decision_id: DecisionId | None = None
    statement_id: StatementId | None = None
    hold_hours: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawnEffect:
    """An effect that will not take place."""

    effect_id: UUID
    cause: EffectCause
    decision_id: DecisionId | None


async def withdraw_effect(conn: Connection, subject_id: SubjectId) -> WithdrawnEffect | None:
    """Give up what was intended for the subject, and return it."""
    row = await conn.fetchrow(_SQL["withdraw_intended"], subject_id)
    if row is None:
        return None
    return WithdrawnEffect(
        effect_id=row["effect_id"],
        cause=EffectCause(row["cause"]),
        decision_id=row["decision_id"],
    )


async def add_effect(conn: Connection, effect: Effect, on: date) -> None:
    """Intend an effect for a subject that waits for none."""
    await conn.execute(
        _SQL["add_effect"],
        effect.effect_id,
        effect.subject_id,
        effect.round,
        effect.cause,
        effect.visibility.level,
        effect.visibility.age_restricted,
        effect.visibility.labelled,
        effect.visibility.interaction_limited,
        effect.visibility.geo_blocked,
        effect.guideline,
        effect.disclosure,
        effect.from_window,
        effect.decision_id,
        effect.statement_id,
        effect.hold_hours,
        on,
    )


async def intended_effect(conn: Connection, subject_id: SubjectId) -> Effect | None:
    """Return the effect that the subject waits for."""
    row = await conn.fetchrow(_SQL["intended_effect"], subject_id)
    return None if row is None else _effect(row)


async def intended_effects(
    conn: Connection, subject_ids: Sequence[SubjectId]
) -> tuple[Effect, ...]:
    """Return the effects that these subjects wait for."""
    return tuple(_effect(row) for row in await conn.fetch(_SQL["intended_effects"], subject_ids))


async def was_held(conn: Connection, subject_id: SubjectId, round_: int) -> bool:
    """Return whether a hold has taken place in a round; there is no second one."""
    return bool(await conn.fetchval(_SQL["was_held"], subject_id, round_))


async def undecided_shown(
    conn: Connection, subject_ids: Sequence[SubjectId]
) -> frozenset[SubjectId]:
    """Return the subjects on which a restriction is in force that is still undecided."""
    rows = await conn.fetch(_SQL["undecided_shown"], subject_ids)
    return frozenset(SubjectId(row["subject_id"]) for row in rows)


async def mark_disclosed(
    conn: Connection, effects: Sequence[Effect], expires_at: Sequence[datetime | None], at: datetime
) -> None:
    """Note that effects took place at `at` as they are; `expires_at`, by position, ends holds."""
    await conn.execute(
        _SQL["mark_disclosed"],
        [effect.effect_id for effect in effects],
        at,
        [effect.visibility.level for effect in effects],
        [effect.visibility.age_restricted for effect in effects],
        [effect.visibility.labelled for effect in effects],
        [effect.visibility.interaction_limited for effect in effects],
        [f"{{{','.join(effect.visibility.geo_blocked)}}}" for effect in effects],
        [effect.hold_hours for effect in effects],
        expires_at,
    )


async def show_outcomes(conn: Connection, effects: Sequence[Effect]) -> None:
    """Note that an outcome shows in the rounds of these effects, where they are under way.

    It keeps reports out of these rounds until the transaction ends: call it last.
    """
    await conn.execute(
        _SQL["show_outcomes"],
        [effect.subject_id for effect in effects],
        [effect.round for effect in effects],
    )


async def due_effects(conn: Connection, tick: datetime) -> tuple[SubjectId, ...]:
    """Return the subjects whose effect takes place at a tick; windows were advanced to it."""
    rows = await conn.fetch(_SQL["due_effects"], tick)
    return tuple(SubjectId(row["subject_id"]) for row in rows)


async def window_of(conn: Connection, subject_id: SubjectId, at: datetime) -> int:
    """Return the number of the window that the subject is in; they count from 1."""
    number: int | None = await conn.fetchval(_SQL["window_of"], subject_id, at, LONGEST)
    return number or 1


def _effect(row: Row) -> Effect:
    return Effect(
        effect_id=row["effect_id"],
        subject_id=SubjectId(row["subject_id"]),
        round=row["round"],
        cause=EffectCause(row["cause"]),
        visibility=read_visibility(row),
        guideline=row["guideline"],
        disclosure=DisclosureClass(row["disclosure"]),
        from_window=row["from_window"],
        decision_id=row["decision_id"],
        statement_id=row["statement_id"],
        hold_hours=row["hold_hours"],
    )
