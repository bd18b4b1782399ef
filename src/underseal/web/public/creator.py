"""A creator's pages: statements, what they mean, appeals, and where the account stands.

This file reaches nothing but what was disclosed to creators: the import rules see to it. Links are
read and pages are rendered elsewhere (`creator_gate`); what comes here is who may read what.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeAlias
from uuid import UUID

import msgspec
from litestar import Response, get, post

from underseal.core.appeal import (
    EXPLANATION_CHARS_MAX,
    AlreadyAppealedError,
    AppealId,
    AppealTooLateError,
    NothingToAppealError,
)
from underseal.core.language import best_text
from underseal.core.statement import StatementId, statement_parts
from underseal.core.subject import SubjectId
from underseal.flow.creator_view import (
    CreatorStanding,
    UnknownStatementError,
    read_appeals,
    read_standing,
    read_statement,
    read_statements,
)
from underseal.flow.lodge_appeal import ExplanationTooLongError, lodge_appeal
from underseal.store.creator import CreatorStrike, DisclosedStatement, Place
from underseal.store.pool import Database
from underseal.web.api.operation import Injected
from underseal.web.words import Words

PATH: Final = "/statement"
LISTED: Final = 20
"""Statements on one page. A setting."""

Show: TypeAlias = Callable[..., Response[str]]
"""What renders a page: `web.public.show.show`."""

_SAID_OF: Final[Mapping[type[Exception], str]] = {
    ExplanationTooLongError: "error.grounds",
    AlreadyAppealedError: "error.appealed",
    AppealTooLateError: "error.appeal_late",
    NothingToAppealError: "error.nothing_to_appeal",
}


class CreatorQuery(msgspec.Struct, frozen=True):
    """What is asked for beside the link; `after` is the last statement of the page before."""

    statement: UUID | None = None
    after: UUID | None = None


class AppealForm(msgspec.Struct, frozen=True):
    """An appeal as it was typed."""

    grounds: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Somebody with a link: an account, let in to one statement, or to all if it names none.

    `asked` is what the address says beside the link.
    """

    account: SubjectId
    only: StatementId | None
    link: str
    asked: CreatorQuery
    db: Database
    now: datetime
    words: Words
    show: Show

    @property
    def wanted(self) -> StatementId | None:
        """The one statement that is asked for, if it is one."""
        asked = self.asked.statement
        return self.only or (None if asked is None else StatementId(asked))


@get(PATH)
async def look(visit: Injected[Visit]) -> Response[str]:
    """Show a statement, or all of them."""
    if visit.wanted is not None:
        return await _one(visit, visit.wanted)
    return await _all(visit)


@post(f"{PATH}/appeal")
async def appeal(
    visit: Injected[Visit],
    appeal_form: Injected[AppealForm],
    new_id: Injected[Callable[[], UUID]],
) -> Response[str]:
    """Lodge an appeal, and go back to the statement."""
    wanted = visit.wanted
    if wanted is None:
        raise UnknownStatementError
    grounds = appeal_form.grounds.replace("\r\n", "\n").strip()
    try:
        await lodge_appeal(
            visit.db,
            AppealId(new_id()),
            account=visit.account,
            statement_id=wanted,
            grounds=grounds,
            now=visit.now,
        )
    except (
        ExplanationTooLongError,
        AlreadyAppealedError,
        AppealTooLateError,
        NothingToAppealError,
    ) as error:
        return await _one(visit, wanted, typed=grounds, error=_SAID_OF[type(error)])
    back = visit.words.to(PATH, link=visit.link, statement=str(wanted))
    return Response("", status_code=303, headers={"location": back})


async def _all(visit: Visit) -> Response[str]:
    place, after = None, visit.asked.after
    if after is not None:
        last = await read_statement(visit.db, visit.account, StatementId(after))
        place = Place(disclosed_at=last.disclosed_at, statement_id=last.statement.id)
    found = await read_statements(visit.db, visit.account, place, LISTED)
    language = visit.words.language
    return visit.show(
        visit.words,
        "public_statements.html",
        here=PATH,
        query={"link": visit.link},
        statements=[(each, statement_parts(each.statement, language)) for each in found],
        standing=await read_standing(visit.db, visit.account, visit.now.date()),
        labels=_labels(found, language),
        more=str(found[-1].statement.id) if len(found) == LISTED else None,
    )


async def _one(
    visit: Visit, statement_id: StatementId, *, typed: str = "", error: str = ""
) -> Response[str]:
    found = await read_statement(visit.db, visit.account, statement_id)
    appeals = await read_appeals(visit.db, visit.account)
    lodged = next((each for each in appeals if each.statement_id == statement_id), None)
    until = found.appeal_until
    can_appeal = lodged is None and until is not None and visit.now < until
    own = {"link": visit.link, "statement": str(statement_id)}
    return visit.show(
        visit.words,
        "public_statement.html",
        here=PATH,
        query=own,
        status=400 if error else 200,
        disclosed=found,
        statement=found.statement,
        parts=statement_parts(found.statement, visit.words.language),
        appeal=lodged,
        appeal_by=until - timedelta(microseconds=1) if can_appeal and until else None,
        appeal_to=visit.words.to(f"{PATH}/appeal", **own),
        all_link=None if visit.only else visit.link,
        strike=_strike(found, await read_standing(visit.db, visit.account, visit.now.date())),
        grounds_max=EXPLANATION_CHARS_MAX,
        typed=typed,
        error=error,
    )


def _strike(found: DisclosedStatement, standing: CreatorStanding) -> CreatorStrike | None:
    """Return the strike that came with a statement: of the same guideline and day."""
    quoted = found.statement.guideline
    return next(
        (
            each
            for each in (*standing.active, *standing.past)
            if quoted is not None
            and each.guideline == quoted.id
            and each.issued_on == found.disclosed_at.date()
        ),
        None,
    )


def _labels(found: Sequence[DisclosedStatement], language: str) -> dict[str, tuple[str, str]]:
    """The names of guidelines as the statements quote them, each preceded by its language."""
    quoted = (each.statement.guideline for each in found)
    return {each.id: best_text(each.label, language) for each in quoted if each}


handlers = (look, appeal)
