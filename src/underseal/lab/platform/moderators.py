"""The moderators: when they are there, and what they find."""

from uuid import UUID

from underseal.core.case import ModeratorId
from underseal.core.decision import (
    VISIBILITY_OF,
    Automation,
    Decision,
    DecisionId,
    Finding,
    Outcome,
    Verdict,
)
from underseal.core.guideline import GuidelineId
from underseal.lab.platform.rules import Case, at
from underseal.lab.platform.settings import Staff
from underseal.lab.platform.videos import HARMLESS
from underseal.lab.platform.world import World

_MODERATOR = ModeratorId(UUID(int=1))


def capacity(staff: Staff, hour: int) -> int:
    """Return how many cases are judged in an hour; fractions add up from hour to hour."""
    return int(_judged_until(staff, hour + 1)) - int(_judged_until(staff, hour))


def decide(world: World, case: Case, about: GuidelineId | None, number: int, hour: int) -> Decision:
    """Return what a moderator finds who looks at a case.

    They err on the videos that are hard to judge, the same under every rule and whoever looks; a
    harmless one is then taken for what the case is about.
    """
    breaks = int(world.videos.breaks[case.video])
    errs = world.error[case.video] < world.settings.staff.error
    found = None
    if breaks == HARMLESS and errs:
        found = about
    elif breaks != HARMLESS and not errs:
        found = world.guideline(breaks)
    outcome = Outcome.NO_VIOLATION if found is None else Outcome.REMOVE
    return Decision(
        id=DecisionId(UUID(int=number)),
        subject_id=world.subjects[case.video],
        round=case.round,
        verdict=Verdict(
            outcome=outcome,
            guideline=found,
            finding=Finding.NO_VIOLATION if found is None else Finding.ACTIONED,
        ),
        visibility=VISIBILITY_OF[outcome],
        automation=Automation.NOT_AUTOMATED,
        decided_by=_MODERATOR,
        decided_at=at(hour),
        guidelines_version=world.guidelines.version,
    )


def _judged_until(staff: Staff, hour: int) -> float:
    """How many cases all shifts have judged by the beginning of an hour."""
    days, of_day = divmod(hour, 24)
    return sum(
        shift.cases_an_hour
        * (days * (shift.ends - shift.begins) + max(0, min(of_day, shift.ends) - shift.begins))
        for shift in staff.shifts
    )
