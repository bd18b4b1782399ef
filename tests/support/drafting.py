"""Moderators who submit decisions, and what they submit."""

from underseal.core.caller import ModeratorRole
from underseal.core.decision import Finding, Outcome, Verdict
from underseal.core.draft import UNDO_TIME
from underseal.core.guideline import GuidelineId
from underseal.core.person import Person
from underseal.core.subject import SubjectRef
from underseal.flow.confirm_draft import confirm_draft
from underseal.flow.decide import Submission
from underseal.flow.draft_decision import draft_decision, settle_drafts
from underseal.flow.take_case import take_case

REMOVE = Submission(
    verdict=Verdict(
        outcome=Outcome.REMOVE, guideline=GuidelineId("phishing"), finding=Finding.ACTIONED
    ),
    observed=(1,),
)
CLEAR = Submission(
    verdict=Verdict(outcome=Outcome.NO_VIOLATION, guideline=None, finding=Finding.NO_VIOLATION)
)
UNFOUNDED = Submission(
    verdict=Verdict(
        outcome=Outcome.NO_VIOLATION, guideline=None, finding=Finding.MANIFESTLY_UNFOUNDED
    )
)
THREAT = Submission(
    verdict=Verdict(
        outcome=Outcome.REMOVE, guideline=GuidelineId("threat_to_life"), finding=Finding.ACTIONED
    )
)


async def hire(stage, name: str, role: ModeratorRole = ModeratorRole.MODERATOR) -> Person:
    return Person(principal_id=await stage.moderator(name, role), name=name, role=role)


async def take(stage, person: Person):
    return await take_case(stage.system, person.principal_id, None, stage.now)


async def draft(stage, person: Person, case_id, given: Submission = REMOVE):
    return (await draft_decision(stage.system, case_id, person, given, stage.now)).draft


async def ban(stage, ref: SubjectRef, by: Person, second: Person) -> None:
    """Remove an account: somebody submits it, a second person confirms it, a tick tells it."""
    case_id = await stage.enqueue(ref, rate=1e9)
    await take(stage, by)
    made = await draft(stage, by, case_id)
    await confirm_draft(stage.system, made.id, second, stage.now)
    stage.now += UNDO_TIME
    assert await settle_drafts(stage.system, stage.now) == 1
    await stage.tick()


async def decided(stage) -> list[dict]:
    return await stage.rows("select outcome, finding, decided_by, decided_at from decisions")
