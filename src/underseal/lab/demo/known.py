"""What is grave is removed for good, and does not come back in disguise."""

from underseal.client import ApiError, requests
from underseal.lab.demo.narrator import StoryError
from underseal.lab.demo.people import (
    CALL,
    COMPLAINT,
    COPIES,
    COPYIST,
    PASSER_BY,
    RECRUITER,
    REFUSED,
    TERRORISM,
)
from underseal.lab.demo.scene import Scene
from underseal.lab.videos import Edit

EDITS = (Edit.REENCODED, Edit.SCALED, Edit.MIRRORED)
"""What the copies have gone through, in their order."""


async def refuse_appeal(scene: Scene) -> None:
    """What is grave is removed at once; an appeal is refused, with reasons, and that is final."""
    tell = scene.tell
    tell.say("One person reports a call to join an armed group: somebody always looks at that.")
    await scene.publish(CALL, RECRUITER, "Who is coming with us?")
    await scene.report(CALL, [PASSER_BY], TERRORISM)
    case = await scene.until_case(scene.moderator, "review", CALL)
    await scene.moderator.send(
        requests.decide(
            case.case_id, "remove", guideline=TERRORISM, finding="actioned", observed=[0]
        )
    )
    tell.check_equal("it is removed at once", await scene.level(CALL), "removed")
    (removal,) = (await scene.platform.send(requests.statements(RECRUITER))).statements
    await scene.platform.send(requests.appeal(removal.statement_id, RECRUITER, COMPLAINT))
    case = await scene.until_case(scene.colleague, "appeal", CALL)
    await scene.colleague.send(
        requests.decide(
            case.case_id, "remove", guideline=TERRORISM, finding="actioned", reasons=REFUSED
        )
    )
    await scene.until_message(CALL, "appeal.decided", is_granted=False)
    (appeal,) = (await scene.platform.send(requests.appeals(RECRUITER))).appeals
    tell.check_equal(
        "the appeal is refused, with reasons", (appeal.state, appeal.reasons), ("refused", REFUSED)
    )
    await _check_final(scene)
    tell.check_equal("the video stays removed", await scene.level(CALL), "removed")
    standing = await scene.platform.send(requests.standing(RECRUITER))
    tell.check_equal("and the strike stays", len(standing.active), 1)


async def catch_copies(scene: Scene) -> None:
    """It comes again, edited: machines remove it before anybody sees it, without any report."""
    tell = scene.tell
    for video, edit in zip(COPIES, EDITS, strict=True):
        registered = await scene.platform.send(
            requests.register(video, COPYIST, caption="For my friends", upload=True)
        )
        await scene.platform.upload(registered, scene.video_file(video[1]))
        await scene.until_level(video, "removed")
        levels = await scene.levels_of(video)
        tell.check(
            f"a copy that was {edit} is removed, and nobody ever saw it",
            "public" not in levels and levels[-1] == "removed",
            levels,
        )
    found = (await scene.platform.send(requests.statements(COPYIST))).statements
    of_machine = [
        each.kind == "removal" and each.automated_detection and each.automated_decision == "fully"
        for each in found
    ]
    tell.check_equal(
        "each has a statement, which says that software decided", of_machine, [True] * len(COPIES)
    )
    lodged = await scene.platform.send(requests.appeal(found[0].statement_id, COPYIST, COMPLAINT))
    tell.check_equal("and can be appealed against", lodged.state, "lodged")
    subject = found[0].subject
    case = await scene.until_case(scene.moderator, "appeal", (subject.kind, subject.id))
    tell.check("a person will decide about that", case.kind == "appeal")
    tell.check_equal("nobody had to report it", case.reports, ())
    await scene.moderator.send(
        requests.decide(
            case.case_id, "remove", guideline=TERRORISM, finding="actioned", reasons=REFUSED
        )
    )


async def _check_final(scene: Scene) -> None:
    """Neither the removal nor the decision on the appeal can be appealed against again."""
    found = (await scene.platform.send(requests.statements(RECRUITER))).statements
    for statement in found:
        try:
            await scene.platform.send(requests.appeal(statement.statement_id, RECRUITER, COMPLAINT))
        except ApiError as refused:
            scene.tell.check_equal(
                f"the {statement.kind.replace('_', ' ')} cannot be appealed against again",
                refused.status,
                409,
            )
        else:
            raise StoryError("that an appeal is decided once", f"a second one on {statement.kind}")
