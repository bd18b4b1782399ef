"""Two moderators at work: the second one confirms what the first may not decide alone."""

from datetime import datetime

from underseal.core.caller import ModeratorRole, PrincipalId
from underseal.core.case import ModeratorId
from underseal.core.decision import DecisionId
from underseal.core.draft import Draft
from underseal.core.person import Person
from underseal.flow.confirm_draft import confirm_draft
from underseal.flow.decide import Submission
from underseal.flow.draft_decision import settle_drafts, submit_decision
from underseal.flow.system import System
from underseal.store.cases import CaseId


async def take_decision(
    system: System,
    case_id: CaseId,
    moderators: tuple[ModeratorId, ModeratorId],
    given: Submission,
    now: datetime,
) -> DecisionId | None:
    """Let the first of two moderators decide a case that they have taken.

    Where it takes two, the second confirms it, and it is decided a minute later; the answer is then
    None.
    """
    first, second = (
        Person(principal_id=PrincipalId(each), name="", role=ModeratorRole.MODERATOR)
        for each in moderators
    )
    match await submit_decision(system, case_id, first, given, now):
        case Draft() as draft:
            await confirm_draft(system, draft.id, second, now)
            await settle_drafts(system, draft.final_at)
            return None
        case decision_id:
            return decision_id
