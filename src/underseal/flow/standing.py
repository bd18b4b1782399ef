"""What decisions have led to: the visibility that stands once nothing undecided is on top of it.

A decision stands until another one is taken on an appeal against it. Where several stand, the
strictest level and all flags apply.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from underseal.core.decision import DecisionId
from underseal.core.subject import SubjectId
from underseal.core.visibility import PUBLIC, STRICTNESS, Level, Visibility
from underseal.store import decisions
from underseal.store.connection import Connection
from underseal.store.decisions import StoredDecision


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The visibility that stands, and the latest decision that restricts, if any does."""

    visibility: Visibility
    decision_id: DecisionId | None


async def standing(conn: Connection, subject_id: SubjectId) -> Standing:
    """Return what the decisions on a subject add up to."""
    return fold((await decisions.decisions_on(conn, [subject_id])).get(subject_id, ()))


async def standing_disclosed(conn: Connection, subject_id: SubjectId) -> Standing:
    """Return what those decisions on a subject add up to that have been disclosed."""
    taken = (await decisions.decisions_on(conn, [subject_id])).get(subject_id, ())
    hidden = await decisions.undisclosed(conn, subject_id)
    return fold(each for each in taken if each.decision.id not in hidden)


def fold(taken: Iterable[StoredDecision]) -> Standing:
    """Return what decisions on one subject, the oldest first, add up to."""
    in_order = tuple(taken)
    overturned = {each.reviews for each in in_order}
    visibility, decision_id = PUBLIC, None
    for each in in_order:
        decision = each.decision
        if decision.id not in overturned and decision.visibility.is_restricted:
            visibility = both(visibility, decision.visibility)
            decision_id = decision.id
    return Standing(visibility=visibility, decision_id=decision_id)


def both(one: Visibility, other: Visibility) -> Visibility:
    """Return the strictest level of two visibilities, with the flags of both."""
    return Visibility(
        level=stricter(one.level, other.level),
        age_restricted=one.age_restricted or other.age_restricted,
        labelled=one.labelled or other.labelled,
        interaction_limited=one.interaction_limited or other.interaction_limited,
        geo_blocked=tuple(sorted({*one.geo_blocked, *other.geo_blocked})),
    )


def stricter(one: Level, other: Level) -> Level:
    """Return the stricter of two levels."""
    return max(one, other, key=STRICTNESS.index)
