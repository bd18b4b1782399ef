"""A creator asks for somebody else to look again at a decision, once."""

from datetime import datetime

from underseal.core.appeal import (
    EXPLANATION_CHARS_MAX,
    AlreadyAppealedError,
    AppealId,
    can_lodge,
)
from underseal.core.statement import StatementId
from underseal.core.subject import SubjectId
from underseal.flow.creator_view import UnknownStatementError
from underseal.store import creator
from underseal.store.pool import Database
from underseal.store.roles import Role


class ExplanationTooLongError(ValueError):
    """What the creator says is longer than is taken."""

    def __init__(self, length: int) -> None:
        super().__init__(
            f"an explanation has at most {EXPLANATION_CHARS_MAX} characters, not {length}"
        )
        self.length = length


async def lodge_appeal(
    db: Database,
    appeal_id: AppealId,
    *,
    account: SubjectId,
    statement_id: StatementId,
    grounds: str,
    now: datetime,
) -> None:
    """Lodge an appeal of `account` against the decision that a statement explains.

    Raises:
        UnknownStatementError: there is no such statement, or it is somebody else's.
        NothingToAppealError: it explains nothing that can be appealed against.
        AlreadyAppealedError: there was an appeal.
        AppealTooLateError: the time to appeal is over.
        ExplanationTooLongError: `grounds` are too long.
    """
    if len(grounds) > EXPLANATION_CHARS_MAX:
        raise ExplanationTooLongError(len(grounds))
    async with db.transaction(Role.CREATOR) as conn:
        against = await creator.statement_of(conn, account, statement_id)
        if against is None:
            raise UnknownStatementError
        can_lodge(
            against.statement,
            affected=account,
            appellant=account,
            is_appealed=await creator.is_appealed(conn, statement_id),
            at=now,
        )
        is_first = await creator.lodge(
            conn, appeal_id, against=against, creator=account, grounds=grounds, now=now
        )
        if not is_first:
            raise AlreadyAppealedError
