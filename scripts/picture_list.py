"""The pictures that are taken: of which page, as whom, and what is done before each.

Every page of the application is among them: `tests/repo/test_pictures.py` compares `PICTURES` and
`UNPICTURED` with the routes that the application and the example site answer.
"""

from dataclasses import dataclass
from typing import Final

from picture_steps import (
    SHOWN,
    Prepare,
    choose_several,
    choose_topic,
    compare,
    dismiss,
    fill_in_decision,
    give_back,
    give_password,
    invite,
    join,
    keep_receipt,
    look_up,
    open_appeal,
    open_case,
    open_conversation,
    open_invitation,
    open_letter,
    open_report,
    open_sound,
    report_details,
    send_details,
    send_report,
    show_decision_alone,
    statement,
    statements,
)

CASE: Final = "/console/cases/{case_id:uuid}"
TRAIL: Final = f"/console/audit?kind=video&id={SHOWN}"


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A page to look at: who looks, where, and what they do before the picture and after it.

    `route` is the page as the application says it; `path` is where to begin, the same if empty.
    Nobody is signed in as "", and somebody else each as "newcomer". `is_full`: all of the page.
    """

    name: str
    who: str = ""
    route: str
    path: str = ""
    prepare: Prepare | None = None
    after: Prepare | None = None
    is_full: bool = True


CONSOLE: Final = (
    Picture(name="sign-in", route="/console/sign-in"),
    Picture(
        name="second-factor",
        route="/console/sign-in/code",
        path="/console/sign-in",
        prepare=give_password,
    ),
    Picture(name="queue", who="mona", route="/console/queue"),
    Picture(
        name="review",
        who="lea",
        route=CASE,
        path=TRAIL,
        prepare=open_case,
        after=give_back,
        is_full=False,
    ),
    Picture(
        name="review-decision",
        who="lea",
        route=CASE,
        path=TRAIL,
        prepare=fill_in_decision,
        after=give_back,
        is_full=False,
    ),
    Picture(
        name="review-all", who="lea", route=CASE, path=TRAIL, prepare=open_case, after=give_back
    ),
    Picture(
        name="review-appeal", who="lea", route=CASE, path="/console/appeals", prepare=open_appeal
    ),
    Picture(
        name="decide",
        who="lea",
        route=f"{CASE}/decide",
        path=TRAIL,
        prepare=show_decision_alone,
        after=give_back,
    ),
    Picture(
        name="bulk",
        who="mona",
        route="/console/bulk",
        path="/console/queue",
        prepare=choose_several,
    ),
    Picture(name="colleagues", who="omar", route="/console/colleagues"),
    Picture(name="confirmations", who="lea", route="/console/confirmations"),
    Picture(name="appeals", who="lea", route="/console/appeals"),
    Picture(name="holds", who="lea", route="/console/holds"),
    Picture(name="dashboard", who="lea", route="/console/dashboard"),
    Picture(name="incidents", who="lea", route="/console/incidents"),
    Picture(name="detectors", who="lea", route="/console/detectors"),
    Picture(name="known", who="lea", route="/console/known"),
    Picture(name="guidelines", who="mona", route="/console/guidelines", is_full=False),
    Picture(
        name="guidelines-compared",
        who="mona",
        route="/console/guidelines/compare",
        path="/console/guidelines",
        prepare=compare,
    ),
    Picture(name="audit", who="aude", route="/console/audit"),
    Picture(name="audit-trail", who="aude", route="/console/audit", path=TRAIL),
    Picture(
        name="people-invited",
        who="adam",
        route="/console/people/invite",
        path="/console/people",
        prepare=invite,
    ),
    Picture(name="people", who="adam", route="/console/people"),
    Picture(
        name="people-dismiss",
        who="adam",
        route="/console/people/{who:uuid}/dismiss",
        path="/console/people",
        prepare=dismiss,
    ),
    Picture(
        name="invitation",
        who="newcomer",
        route="/console/invitation/{token:str}",
        path="/",
        prepare=open_invitation,
    ),
    Picture(
        name="recovery-codes",
        who="newcomer",
        route="/console/invitation/{token:str}",
        path="/",
        prepare=join,
    ),
    Picture(
        name="invitation-over",
        who="newcomer",
        route="/console/invitation/{token:str}",
        path="/",
        prepare=open_invitation,
    ),
    Picture(name="me", who="mona", route="/console/me"),
    Picture(name="problem", route="", path="/console/nowhere"),
)
PUBLIC: Final = (
    Picture(name="start", route="/"),
    Picture(name="report", route="/report", is_full=False),
    Picture(name="report-why", route="/report", path="/report", prepare=choose_topic),
    Picture(name="report-thanks", route="/report", path="/report", prepare=send_report),
    Picture(name="receipt", route="/receipt"),
    Picture(name="receipt-outcome", route="/receipt", prepare=look_up("remove")),
    Picture(name="receipt-no-violation", route="/receipt", prepare=look_up("no_violation")),
    Picture(name="statements", route="/statement", path="/", prepare=statements()),
    Picture(name="statement", route="/statement", path="/", prepare=statement()),
    Picture(
        name="statement-appealed", route="/statement", path="/", prepare=statement("third_row")
    ),
    Picture(name="link-refused", route="/statement", path="/statement?link=x"),
    Picture(name="public-guidelines", route="/guidelines", is_full=False),
    Picture(
        name="public-guideline",
        route="/guidelines/{guideline_id:str}",
        path="/guidelines/fake_offer",
    ),
    Picture(name="transparency", route="/transparency"),
)
LOOP: Final = (
    Picture(name="loop-sign-in", route="/sign-in"),
    Picture(name="loop-feed", route="/", is_full=False),
    Picture(name="loop-report", who="Gus", route="/", prepare=open_report, is_full=False),
    Picture(
        name="loop-report-details", who="Gus", route="/", prepare=report_details, is_full=False
    ),
    Picture(name="loop-report-thanks", who="Gus", route="/", prepare=send_details, is_full=False),
    Picture(
        name="loop-video",
        who="Gus",
        route="/v/{video_id:str}",
        path="/",
        prepare=open_conversation,
        is_full=False,
    ),
    Picture(
        name="loop-sound", who="Gus", route="/sounds/{sound_id:str}", path="/", prepare=open_sound
    ),
    Picture(name="loop-profile", who="Ada", route="/u/{handle:str}", path="/u/ada"),
    Picture(name="loop-upload", who="Ada", route="/upload"),
    Picture(name="loop-inbox", who="Cleo", route="/inbox"),
    Picture(
        name="loop-statement",
        who="Cleo",
        route="/inbox/{statement_id:uuid}",
        path="/inbox",
        prepare=open_letter,
    ),
    Picture(name="loop-account", who="Cleo", route="/account"),
    Picture(name="loop-reports", who="Hana", route="/reports", prepare=keep_receipt),
)
"""Pictures of the console, of what reporters and creators see, and of the example site."""

UNPICTURED: Final = {
    "/static/{name:str}": "files that pages are made of",
    "/console": "leads on to the queue",
    "/console/undo": "a piece of the queue and of cases",
    f"{CASE}/media": "the video of a case",
    f"{CASE}/strip.jpg": "the frames of a case",
    "/console/bulk/copies/{case_id:uuid}": "leads on to the cases that it chooses",
    "/console/guidelines/text": "a text to be saved",
    "/console/sign-in/provider": "leads on to the provider of the operator",
    "/console/sign-in/provider/return": "leads back from there",
    "/transparency.json": "for programs",
    "/media/{video_id:str}": "Loop's videos",
    "/ticket": "for the report dialog",
}
"""Routes without a picture, and why."""
