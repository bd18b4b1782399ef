"""Known content: what machines are to recognise when it comes again."""

from datetime import datetime
from uuid import UUID

from litestar import post

from underseal.core.caller import Caller, ModeratorRole
from underseal.core.guideline import GuidelineId
from underseal.flow.add_known_content import (
    NotDecidedError,
    NothingToMatchError,
    add_known_content,
)
from underseal.flow.system import System
from underseal.web.api.bodies import Answer, ExternalId, Strict, Subject
from underseal.web.api.operation import Injected, moderators


class KnownContentBody(Strict):
    """A subject that was found to break a guideline.

    `verified` says that a second pair of eyes has confirmed it: only then may machines remove its
    copies, where the guideline allows it.
    """

    subject: Subject
    guideline: ExternalId
    verified: bool


class KnownContentAnswer(Answer):
    """What machines recognise from now on, by so many of its frames."""

    item_id: UUID
    frames: int
    verified: bool


@post(
    "/v1/known-content",
    opt=moderators(frozenset({ModeratorRole.LEAD}), NotDecidedError, NothingToMatchError),
)
async def add(
    given: Injected[KnownContentBody],
    caller: Injected[Caller],
    system: Injected[System],
    now: Injected[datetime],
) -> KnownContentAnswer:
    """Let machines recognise the frozen copy of a decided subject."""
    item = await add_known_content(
        system,
        given.subject.ref,
        GuidelineId(given.guideline),
        by=caller.principal_id,
        is_verified=given.verified,
        today=now.date(),
    )
    return KnownContentAnswer(item_id=item.item_id, frames=len(item.hashes), verified=item.verified)


handlers = (add,)
