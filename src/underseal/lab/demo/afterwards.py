"""A brigade, attempts to withdraw a report, and what the records say in the end."""

import asyncpg

from underseal.client import requests
from underseal.core.subject import SubjectKind, SubjectRef
from underseal.lab.demo.narrator import StoryError
from underseal.lab.demo.people import (
    BRIGADE,
    BULLYING,
    CALL,
    DANCE,
    DANCER,
    FIRST_WITNESS,
    SKETCH,
)
from underseal.lab.demo.scene import Scene
from underseal.store.connection import session
from underseal.store.roles import Role, load_passwords

STATES = {
    SKETCH: {"no_violation"},
    CALL: {"action_taken"},
    DANCE: {"received", "in_review"},
}
"""What the receipts of each video's reporters may say in the end: of what shows to everybody, what came of
it; of what does not, nothing before the answer day."""


async def brigade(scene: Scene) -> None:
    """Five hundred fresh accounts report a harmless video: somebody looks, and that is all."""
    tell = scene.tell
    await scene.watch(DANCE, organic=120, qualifying=80)
    await scene.let_ticks_pass(1)
    before = await scene.seen_by(DANCER, DANCE)
    filed = await scene.platform.send(
        requests.report_many([requests.report_body(DANCE, who, BULLYING) for who in BRIGADE])
    )
    receipts = [each.receipt for each in filed.results if each.receipt is not None]
    tell.check_equal("every report is taken", len(set(receipts)), len(BRIGADE))
    scene.receipts[DANCE] = dict(zip(BRIGADE[:5], receipts, strict=False))
    await scene.watch(DANCE, organic=120, qualifying=80)
    await scene.until_waiting("review")
    await scene.let_ticks_pass(2)
    tell.check_equal("two windows later the video is public", await scene.level(DANCE), "public")
    await scene.check_unseen(
        "and everything its creator can fetch is the same to the byte", DANCER, DANCE, before
    )
    case = await scene.until_case(scene.moderator, "review", DANCE)
    band = {each.id: each.reports_band for each in case.guidelines}.get(BULLYING)
    tell.check(
        "a moderator looks; 500 of whom nobody was right before say less than those seven did",
        band in {"medium", "high"},
        band,
    )
    await scene.moderator.send(
        requests.decide(case.case_id, "no_violation", finding="no_violation")
    )
    await scene.let_ticks_pass(2)
    await scene.check_unseen(
        "after the decision, too, there is nothing to notice", DANCER, DANCE, before
    )


async def withdraw(scene: Scene) -> None:
    """Support cannot withdraw a report, and the database would refuse."""
    tell = scene.tell
    receipt = scene.receipts[SKETCH][FIRST_WITNESS]
    answers = {
        (await scene.http.request(method, path, json={"receipt": receipt})).status_code
        for method in ("DELETE", "PUT", "PATCH")
        for path in ("/v1/reports", f"/v1/reports/{receipt}", "/v1/reports/bulk")
    }
    tell.check_equal("the API knows no way, not even for an administrator", answers, {405})
    stage = scene.stage
    logins = load_passwords(stage.config.data)
    counted = await _count_reports(scene)
    for role in Role:
        for attempt in (
            "delete from underseal.reports",
            "update underseal.reports set note = null",
        ):
            async with session(stage.system.db.address, logins.login(role)) as conn:
                try:
                    await conn.execute(attempt)
                except (
                    asyncpg.InsufficientPrivilegeError,
                    asyncpg.IntegrityConstraintViolationError,
                ):
                    continue
                raise StoryError(
                    f"that the database refuses {role} to `{attempt}`", "that it did it"
                )
    tell.done(f"the database refuses all of its {len(Role)} roles")
    tell.check_equal("every report is still there", await _count_reports(scene), counted)


async def receipts(scene: Scene) -> None:
    """Every receipt tells the truth."""
    for video, states in STATES.items():
        said = await scene.receipt_states(video)
        words = " or ".join(sorted(each.replace("_", " ") for each in said))
        scene.tell.check(f"those who reported {video[1]} read: {words}", said <= states, said)
    scene.tell.say(
        f"That nothing is wrong with {DANCE[1]} they read on a day that depends on theirs alone."
    )
    answer = await scene.platform.send(
        requests.look_up_receipt(scene.receipts[SKETCH][FIRST_WITNESS])
    )
    scene.tell.say(f"“{answer.text['en']}”")
    scene.tell.check_equal("no message was forged or refused", scene.receiver.refused, 0)


async def audit(scene: Scene) -> None:
    """The ledger is whole."""
    status, output = await scene.stage.run("audit", "verify")
    scene.tell.say(f"$ underseal audit verify\n    {output}")
    scene.tell.check("nothing was changed, removed or added behind its back", status == 0, output)


async def _count_reports(scene: Scene) -> int:
    subject_ids = [
        SubjectRef(kind=SubjectKind(kind), external_id=name).subject_id
        for kind, name in (SKETCH, CALL, DANCE)
    ]
    async with scene.stage.system.db.transaction(Role.CORE) as conn:
        counted: int = await conn.fetchval(
            "select count(*) from reports where subject_id = any ($1)", subject_ids
        )
    return counted
