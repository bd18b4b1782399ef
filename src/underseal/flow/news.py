"""What has become known in a disclosure: statements, the decisions they explain, and appeals."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from underseal.core.appeal import AppealId
from underseal.core.decision import Decision, DecisionId
from underseal.core.message import AppealDecided, Message, StatementIssued
from underseal.core.subject import SubjectId
from underseal.store import appeals, decisions
from underseal.store.connection import Connection
from underseal.store.statements import StoredStatement


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A statement of a decision. `first` is the one it reviews, and `appeal` why it did."""

    stored: StoredStatement
    decision: Decision
    first: Decision | None
    appeal: AppealId | None

    @property
    def overturns(self) -> bool:
        """Whether an appeal was granted, wholly or in part."""
        return (
            self.first is not None
            and self.first.verdict.outcome is not self.decision.verdict.outcome
        )


async def decisions_told(conn: Connection, news: Sequence[StoredStatement]) -> tuple[Told, ...]:
    """Return those statements that explain decisions, with all that follows from them."""
    of_decisions = [(each, each.decision_id) for each in news if each.decision_id is not None]
    taken = await decisions.load_decisions(conn, [decision for _, decision in of_decisions])
    reviewed = [each.reviews for each in taken.values() if each.reviews is not None]
    first = await decisions.load_decisions(conn, reviewed)
    against = await appeals.appeals_against(conn, reviewed)

    def tell(stored: StoredStatement, decision_id: DecisionId) -> Told:
        decided = taken[decision_id]
        reviews = decided.reviews
        return Told(
            stored=stored,
            decision=decided.decision,
            first=first[reviews].decision if reviews is not None else None,
            appeal=against[reviews] if reviews is not None else None,
        )

    return tuple(tell(stored, decision_id) for stored, decision_id in of_decisions)


def messages(
    news: Sequence[StoredStatement], told: Sequence[Told]
) -> Mapping[SubjectId, Sequence[Message]]:
    """Return what the platform is told of statements, by subject, in the order given."""
    by_subject: dict[SubjectId, list[Message]] = {}
    by_statement = {each.stored.statement.id: each for each in told}
    for stored in news:
        said = by_subject.setdefault(stored.subject_id, [])
        said.extend(_of(stored, by_statement.get(stored.statement.id)))
    return by_subject


def _of(stored: StoredStatement, told: Told | None) -> Iterator[Message]:
    statement = stored.statement
    if stored.creator_id is not None:
        yield StatementIssued(
            subject=statement.subject, statement_id=statement.id, kind=statement.kind
        )
    if told is not None and told.appeal is not None:
        yield AppealDecided(
            subject=statement.subject,
            appeal_id=told.appeal,
            statement_id=statement.id,
            is_granted=told.overturns,
        )
