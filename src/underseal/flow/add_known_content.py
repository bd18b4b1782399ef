"""A lead lets machines recognise a decided subject when it comes again."""

from datetime import date
from typing import Final

from underseal.core.caller import PrincipalId
from underseal.core.guideline import GuidelineId
from underseal.core.subject import SubjectRef
from underseal.flow.settle import HASH_QUALITY_MIN
from underseal.flow.system import System
from underseal.store import decisions, known, ledger, subjects
from underseal.store.decisions import StoredDecision
from underseal.store.known import KnownItem
from underseal.store.roles import Role

CONFIRMED_LIST: Final = "confirmed"
"""The list of known content that leads make."""


class NotDecidedError(Exception):
    """No decision that stands says that the subject breaks the guideline."""

    def __init__(self) -> None:
        super().__init__("no decision that stands says that the subject breaks this guideline")


class NothingToMatchError(Exception):
    """There are no frames of the subject by which it could be recognised."""

    def __init__(self) -> None:
        super().__init__("there are no frames by which it could be recognised")


async def add_known_content(
    system: System,
    ref: SubjectRef,
    guideline: GuidelineId,
    *,
    by: PrincipalId,
    is_verified: bool,
    today: date,
) -> KnownItem:
    """Add the version that was decided on, or verify what its removal has added; `by` says so.

    Raises:
        NotDecidedError: nobody found that it breaks the guideline, or that was overturned.
        NothingToMatchError: it has no frames that are good enough.
    """
    subject_id = ref.subject_id
    async with system.db.transaction(Role.CORE) as conn:
        if await subjects.load_subject(conn, subject_id) is None:
            raise NotDecidedError
        await ledger.lock_chain(conn, subject_id)
        taken = (await decisions.decisions_on(conn, [subject_id])).get(subject_id, ())
        found = [each for each in taken if each.decision.verdict.guideline == guideline]
        overturned = {each.reviews for each in taken}
        standing = [each for each in found if each.decision.id not in overturned]
        if not standing:
            raise NotDecidedError
        latest: StoredDecision = standing[-1]
        hashes = await known.hashes_of_version(conn, subject_id, latest.version, HASH_QUALITY_MIN)
        if not hashes:
            raise NothingToMatchError
        item = KnownItem(
            item_id=system.new_id(),
            list_name=CONFIRMED_LIST,
            guideline=guideline,
            verified=is_verified,
            hashes=tuple(hashes),
        )
        return await known.put_known(conn, item, latest.decision.id, by, today)
