"""A video is reported, held, removed, and comes back whole."""

from typing import Final

from underseal.client import ApiError, requests
from underseal.client.answers import Statement
from underseal.client.case_answers import Case
from underseal.core.disclosure import K
from underseal.lab.demo.narrator import StoryError
from underseal.lab.demo.people import (
    APPEAL,
    BULLYING,
    DANCE,
    DANCER,
    FIRST_WITNESS,
    GRANTED,
    JOKER,
    MOMENT,
    NEWCOMERS,
    NOTE,
    OTHER_WITNESSES,
    QUOTING,
    SKETCH,
)
from underseal.lab.demo.scene import Scene

WITNESSES: Final = (FIRST_WITNESS, *OTHER_WITNESSES, *NEWCOMERS)
UNSEEN: Final = ("report", "cried about this", *WITNESSES)
"""What stands in nothing that the creator gets."""


async def upload(scene: Scene) -> None:
    """A video is uploaded; nobody sees it before machines have looked."""
    tell = scene.tell
    tell.say(f"{DANCER} uploads a harmless video.")
    registered = await scene.platform.send(
        requests.register(DANCE, DANCER, caption="My first spin", upload=True)
    )
    tell.check_equal(
        "before the scan only its creator can see it", registered.visibility.level, "held"
    )
    await scene.platform.upload(registered, scene.video_file(DANCE[1]))
    await scene.until_public(DANCE)
    tell.done("machines found nothing, and it is public")
    tell.done("the platform was told, by webhooks that are signed as they should be")
    seen = await scene.platform.send(requests.statements(DANCER))
    tell.check_equal("nothing was restricted, so there is nothing to explain", seen.statements, ())


async def lone_report(scene: Scene) -> None:
    """One report changes nothing that anybody could notice."""
    tell = scene.tell
    tell.say(f"{JOKER} posts a clip; the platform names a URL, which is fetched once.")
    await scene.platform.send(
        requests.register(
            SKETCH, JOKER, caption="Guess who", media_url=scene.receiver.media_url("sketch.mp4")
        )
    )
    await scene.until_public(SKETCH)
    fetched = scene.receiver.fetched
    await scene.watch(SKETCH, organic=40, qualifying=30)
    await scene.let_ticks_pass(1)
    before = await scene.seen_by(JOKER, SKETCH)
    tell.say("One person reports it, whose reports were right before.")
    await scene.report(SKETCH, [FIRST_WITNESS], BULLYING)
    again = await scene.platform.send(requests.report(SKETCH, FIRST_WITNESS, BULLYING))
    receipt = scene.receipts[SKETCH][FIRST_WITNESS]
    tell.check_equal("reporting twice is one report, with one receipt", again.receipt, receipt)
    await scene.until_waiting("review")
    await scene.let_ticks_pass(2)
    await scene.check_unseen(
        "everything the creator can fetch is the same to the byte", JOKER, SKETCH, before
    )
    tell.check_equal("its URL was not fetched again", scene.receiver.fetched, fetched)
    states = await scene.receipt_states(SKETCH)
    tell.check("the receipt says that the report has come in", states <= {"received", "in_review"})


async def hold(scene: Scene) -> None:
    """Independent people with a track record report it; it is held at its tick, not before."""
    tell = scene.tell
    before = await scene.seen_by(JOKER, SKETCH)
    tell.say(f"{len(OTHER_WITNESSES)} more who were right before report it.")
    await scene.report(SKETCH, OTHER_WITNESSES, BULLYING, note=NOTE, moments=[MOMENT])
    await scene.until_waiting("review", lane="held")
    tell.done("the evidence warrants a hold: the case has moved up in the queue")
    tell.say(f"{len(NEWCOMERS)} newcomers report it as well.")
    await scene.report(SKETCH, NEWCOMERS, BULLYING)
    await scene.let_ticks_pass(2)
    await scene.check_unseen(
        "two ticks later it is still the same to the byte: 30 viewers are no crowd",
        JOKER,
        SKETCH,
        before,
    )
    tick = await scene.watch(SKETCH, organic=60, qualifying=45)
    await scene.until_level(SKETCH, "held")
    shown = await scene.platform.send(requests.visibility(SKETCH))
    changed_at = shown.changed_at
    tell.check(
        f"it is held at the first tick at which {K} viewers have gathered",
        changed_at is not None and scene.is_tick(changed_at) and tick <= changed_at,
        f"{changed_at} where the crowd was complete at {tick}",
    )
    tell.check("the hold has an end", shown.expires_at is not None)
    statement = await _statement(scene, "hold")
    tell.check_equal("the statement and the hold came together", statement.informed_at, changed_at)
    _check_statement(scene, statement)
    message = await scene.until_message(SKETCH, "statement.issued", kind="hold")
    tell.check_equal("the webhook bears the time of the tick", message.timestamp, changed_at)
    states = await scene.receipt_states(SKETCH)
    tell.check(
        "receipts say nothing yet: a hold is no decision", states <= {"received", "in_review"}
    )


async def forget(scene: Scene) -> None:
    """A reporter deletes their account, and the report stays."""
    tell = scene.tell
    forgotten = await scene.platform.send(requests.forget_reporter(FIRST_WITNESS))
    tell.say(f"Who {FIRST_WITNESS} was is destroyed by {forgotten.identity_destroyed_by}.")
    receipt = scene.receipts[SKETCH][FIRST_WITNESS]
    answer = await scene.platform.send(requests.look_up_receipt(receipt))
    tell.check_equal("the receipt still answers", answer.subject.id, SKETCH[1])


async def remove(scene: Scene) -> None:
    """A moderator removes it; its creator is told which guideline it breaks."""
    tell = scene.tell
    case = await scene.until_case(scene.moderator, "review", SKETCH)
    _check_case(scene, case)
    await _check_media(scene, case)
    records = await scene.track_records()
    await scene.moderator.send(
        requests.decide(
            case.case_id,
            "remove",
            guideline=BULLYING,
            finding="actioned",
            moments=[MOMENT],
            observed=[0],
        )
    )
    await scene.until_level(SKETCH, "removed")
    statement = await _statement(scene, "removal")
    _check_statement(scene, statement)
    observed = statement.guideline.observed["en"] if statement.guideline else ()
    tell.say(f"“{statement.text['en'].splitlines()[0]}”")
    tell.check_equal(
        "it says what was seen", observed, ("Filming a classmate in order to make fun of them",)
    )
    standing = await scene.platform.send(requests.standing(JOKER))
    tell.check_equal("the removal is a strike", (standing.points, len(standing.active)), (2, 1))
    tell.check_equal("every receipt says so", await scene.receipt_states(SKETCH), {"action_taken"})
    tell.check("those who reported are believed more", await scene.track_records() != records)
    scene.records_before.update(records)


async def reinstate(scene: Scene) -> None:
    """The creator appeals; somebody else decides, and everything comes back."""
    tell = scene.tell
    removal = await _statement(scene, "removal")
    lodged = await scene.platform.send(requests.appeal(removal.statement_id, JOKER, APPEAL))
    await scene.until_waiting("appeal")
    own = await scene.moderator.send(requests.take_case("appeal"))
    tell.check_equal("who decided first does not get the appeal", own, None)
    case = await scene.until_case(scene.colleague, "appeal", SKETCH)
    tell.check(
        "a colleague reads what the creator says", case.appeal and case.appeal.grounds == APPEAL
    )
    await _check_quotation(scene, case)
    await scene.colleague.send(
        requests.decide(case.case_id, "no_violation", finding="insufficient", reasons=GRANTED)
    )
    await scene.until_level(SKETCH, "public")
    tell.done("the video is back, and with it its reach")
    standing = await scene.platform.send(requests.standing(JOKER))
    tell.check_equal("the strike is gone", (standing.points, standing.active), (0, ()))
    (appeal,) = (await scene.platform.send(requests.appeals(JOKER))).appeals
    tell.check_equal(
        "the appeal is granted, with reasons", (appeal.state, appeal.reasons), ("granted", GRANTED)
    )
    records = await scene.track_records()
    changed = records.items() ^ scene.records_before.items()
    tell.check("all track records are what they were", not changed, f"{len(changed)} differences")
    tell.check_equal(
        "receipts tell the truth", await scene.receipt_states(SKETCH), {"no_violation"}
    )
    await scene.until_message(SKETCH, "appeal.decided", appeal_id=lodged.appeal_id, is_granted=True)
    levels = await scene.levels_of(SKETCH)
    tell.check_equal(
        "the feed of changes tells its whole way",
        levels,
        ["held", "public", "held", "removed", "public"],
    )
    await scene.until_message(SKETCH, "visibility.changed", revision=len(levels))
    tell.done("and so do the webhooks")


async def _statement(scene: Scene, kind: str) -> Statement:
    found = (await scene.platform.send(requests.statements(JOKER))).statements
    of_kind = [each for each in found if each.kind == kind]
    if len(of_kind) != 1:
        raise StoryError(f"one statement of the kind {kind}", [each.kind for each in found])
    return of_kind[0]


def _check_statement(scene: Scene, statement: Statement) -> None:
    """It names the guideline, and nothing of the reports."""
    label = statement.guideline.label["en"] if statement.guideline else ""
    scene.tell.check(
        f"the statement names the guideline: {label}",
        statement.guideline is not None
        and statement.guideline.id == BULLYING
        and label in statement.text["en"],
    )
    said = repr(statement).casefold()
    told = [word for word in UNSEEN if word.casefold() in said]
    scene.tell.check("and nothing of reports", not told and not statement.after_notice, told)


def _check_case(scene: Scene, case: Case) -> None:
    tell = scene.tell
    aliases = [each.alias for each in case.reports]
    tell.say(f"A moderator sees reports of {', '.join(aliases)}.")
    tell.check_equal("all reports are there, also that of the deleted account", len(aliases), 7)
    tell.check_equal(
        "together they say very much: four of them were right before, and nothing tells which",
        {each.id: each.reports_band for each in case.guidelines}.get(BULLYING),
        "very_high",
    )
    notes = {note for each in case.reports for note in each.unverified_notes}
    tell.check_equal("the notes can be read", notes, {NOTE})
    named = [who for who in WITNESSES if who in repr(case)]
    tell.check("and nobody is named", not named, named)


async def _check_media(scene: Scene, case: Case) -> None:
    first = scene.video_file("sketch").read_bytes()[:1000]
    answer = await scene.http.get(
        f"/v1/cases/{case.case_id}/media",
        headers={
            "range": "bytes=0-999",
            "authorization": f"Bearer {scene.stage.access.moderator.token}",
        },
    )
    scene.tell.check_equal(
        "the frozen copy can be watched", (answer.status_code, answer.content), (206, first)
    )


async def _check_quotation(scene: Scene, case: Case) -> None:
    """Reasons that repeat a note are refused: the creator would read them."""
    try:
        await scene.colleague.send(
            requests.decide(
                case.case_id, "remove", guideline=BULLYING, finding="actioned", reasons=QUOTING
            )
        )
    except ApiError as refused:
        scene.tell.check_equal(
            "reasons that quote a reporter are refused", refused.errors[0].pointer, "/reasons"
        )
    else:
        raise StoryError("that reasons which quote a reporter are refused", "that they were taken")
