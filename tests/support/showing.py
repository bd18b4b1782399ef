"""What every page shows: each of its addresses asked for, in each of its ways.

`ASKED` names every route of the pages. One that is not in it is not looked at, and a test fails.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import httpx
from deciding import CLEAR, HX, REMOVE
from scenery import GUIDELINES, OLD_VERSION, World
from staging import account

from underseal.client import sign_creator_link
from underseal.core.caller import ModeratorRole
from underseal.flow.creator_view import read_statements
from underseal.web import static
from underseal.web.console.gate import ROLES
from underseal.web.site import PAGES
from underseal.web.words import LANGUAGES

Route = tuple[str, str]
NOBODY = UUID(int=0)


@dataclass(frozen=True, kw_only=True)
class Ask:
    """One request; `hx` as htmx sends it."""

    path: str
    data: Mapping[str, object] | None = None
    hx: bool = False


@dataclass(frozen=True, kw_only=True)
class Places:
    """Where there is something to be asked for in a world."""

    cases: tuple[UUID, ...]
    busy: tuple[UUID, ...]
    drafts: tuple[UUID, ...]
    charges: tuple[UUID, ...]
    questions: tuple[UUID, ...]
    incidents: tuple[UUID, ...]
    items: tuple[UUID, ...]
    statements: tuple[UUID, ...]
    subjects: tuple[tuple[str, str], ...]
    who: UUID
    link: str
    invitation: str
    receipts: tuple[str, ...]


def routes() -> dict[Route, frozenset[ModeratorRole] | None]:
    """Every route of the pages, and whom it is for; None: for everybody."""
    return {
        (method, path): handler.opt.get(ROLES)
        for module in PAGES
        for handler in module.handlers
        for method in handler.http_methods
        for path in handler.paths
    }


async def places(world: World) -> Places:
    """Find what there is; in the same order in every world."""
    rows = world.stage.rows

    async def ids(query: str) -> tuple[UUID, ...]:
        return tuple(next(iter(row.values())) for row in await rows(query))

    now = world.stage.now
    statements = await read_statements(world.system.db, account("carl").subject_id, None, 100)
    return Places(
        cases=await ids(
            "select case_id from cases join subjects using (subject_id) "
            "order by external_id, cases.round"
        ),
        busy=await ids(
            "select distinct on (external_id) case_id from cases join subjects using (subject_id) "
            "where external_id in ('v1', 'v3', 'old1') order by external_id, cases.round desc"
        ),
        drafts=await ids("select draft_id from drafts order by made_at, draft_id"),
        charges=await ids("select decision_id from charges order by decision_id"),
        questions=await ids("select question_id from questions order by question_id"),
        incidents=await ids("select incident_id from incidents order by incident_id"),
        items=await ids("select item_id from known_content order by item_id"),
        statements=tuple(each.statement.id for each in statements),
        subjects=tuple(
            (row["kind"], row["external_id"])
            for row in await rows(
                "select distinct subjects.kind, external_id from subjects join events using (subject_id) "
                "order by external_id"
            )
        ),
        who=world.site.people["nils"],
        link=sign_creator_link(
            world.scenery.platform.token,
            world.scenery.platform.ticket_secret,
            creator="carl",
            expires_at=now + timedelta(hours=1),
        ),
        invitation=world.scenery.invitation,
        receipts=world.scenery.receipts,
    )


def _get(*paths: str) -> Callable[[Places], Iterable[Ask]]:
    return lambda _: [Ask(path=path) for path in paths]


def _send(path: str, **data: object) -> Callable[[Places], Iterable[Ask]]:
    return lambda _: [Ask(path=path, data=data)]


def _of_cases(end: str, *forms: Mapping[str, object] | None) -> Callable[[Places], Iterable[Ask]]:
    return lambda at: [
        Ask(path=f"/console/cases/{case}{end}", data=form, hx=hx)
        for case in (at.cases if None in forms else at.busy)
        for form in forms
        for hx in ((False,) if form is None else (True, False))
    ]


def _of_drafts(end: str, **form: object) -> Callable[[Places], Iterable[Ask]]:
    return lambda at: [
        Ask(path=f"/console/drafts/{draft}/{end}", data=form, hx=hx)
        for draft in (*at.drafts, NOBODY)
        for hx in (True, False)
    ]


def _of_charges(end: str) -> Callable[[Places], Iterable[Ask]]:
    return lambda at: [
        Ask(path=f"/console/charges/{charge}/{end}", data={}) for charge in (*at.charges, NOBODY)
    ]


def _trails(at: Places) -> Iterable[Ask]:
    yield Ask(path="/console/audit")
    for kind, name in at.subjects:
        yield Ask(path=f"/console/audit?kind={kind}&id={name}")
    yield Ask(path="/console/audit?kind=video&id=v1&event=assessed")
    yield Ask(path=f"/console/audit?case={at.cases[0]}")


def _queues(_: Places) -> Iterable[Ask]:
    yield Ask(path="/console/queue")
    for asked in ("topic=scam", "language=en", "subject=comment", "kind=appeal", "nothing=true"):
        yield Ask(path=f"/console/queue?{asked}")


def _statements(at: Places) -> Iterable[Ask]:
    yield Ask(path="/statement")
    for language in LANGUAGES:
        yield Ask(path=f"/statement?link={at.link}&lang={language}")
    for statement in (*at.statements, NOBODY):
        yield Ask(path=f"/statement?link={at.link}&statement={statement}")


def _receipts(end: str, text: str = "") -> Callable[[Places], Iterable[Ask]]:
    return lambda at: [
        Ask(path=f"/receipt{end}", data={"receipt": receipt, "text": text})
        for receipt in (*at.receipts, "rcpt_made_up")
    ]


PREVIEW = {key: value for key, value in REMOVE.items() if key != "go"}
FORM = {"kind": "comment", "subject": "c1", "topic": "scam", "guideline": "phishing"}
_P, _W = "/console/people", "{who:uuid}"

ASKED: Mapping[Route, Callable[[Places], Iterable[Ask]]] = {
    ("GET", "/"): _get("/"),
    ("GET", "/guidelines"): _get("/guidelines"),
    ("GET", "/guidelines/{guideline_id:str}"): _get("/guidelines/phishing", "/guidelines/none"),
    ("GET", "/receipt"): _get("/receipt"),
    ("GET", "/report"): _get("/report", "/report?kind=video&subject=v1"),
    ("GET", "/statement"): _statements,
    ("GET", "/static/{name:str}"): _get(static.address("console.css"), "/static/none"),
    ("GET", "/transparency"): _get("/transparency"),
    ("GET", "/transparency.json"): _get("/transparency.json"),
    ("GET", "/console"): _get("/console"),
    ("GET", "/console/appeals"): _get("/console/appeals"),
    ("GET", "/console/audit"): _trails,
    ("GET", "/console/bulk"): lambda at: [
        Ask(path="/console/bulk"),
        Ask(path="/console/bulk?" + "&".join(f"case={each}" for each in at.busy)),
    ],
    ("GET", "/console/bulk/copies/{case_id:uuid}"): lambda at: [
        Ask(path=f"/console/bulk/copies/{each}") for each in at.cases
    ],
    ("GET", "/console/cases/{case_id:uuid}"): _of_cases("", None),
    ("GET", "/console/cases/{case_id:uuid}/decide"): _of_cases("/decide", None),
    ("GET", "/console/cases/{case_id:uuid}/media"): _of_cases("/media", None),
    ("GET", "/console/cases/{case_id:uuid}/strip.jpg"): _of_cases("/strip.jpg", None),
    ("GET", "/console/colleagues"): _get("/console/colleagues"),
    ("GET", "/console/confirmations"): _get("/console/confirmations"),
    ("GET", "/console/dashboard"): _get(*(f"/console/dashboard?days={n}" for n in (7, 30, 90))),
    ("GET", "/console/detectors"): _get("/console/detectors"),
    ("GET", "/console/guidelines"): _get("/console/guidelines"),
    ("GET", "/console/guidelines/compare"): _get(
        f"/console/guidelines/compare?before={OLD_VERSION}&after={GUIDELINES.version}"
    ),
    ("GET", "/console/guidelines/text"): _get(
        f"/console/guidelines/text?version={GUIDELINES.version}"
    ),
    ("GET", "/console/holds"): _get("/console/holds"),
    ("GET", "/console/incidents"): _get("/console/incidents"),
    ("GET", "/console/invitation/{token:str}"): lambda _: [Ask(path="/console/invitation/made-up")],
    ("GET", "/console/known"): _get("/console/known", "/console/known?retired=true"),
    ("GET", "/console/me"): _get("/console/me"),
    ("GET", "/console/people"): _get("/console/people"),
    ("GET", f"{_P}/{_W}/dismiss"): lambda at: [Ask(path=f"{_P}/{at.who}/dismiss")],
    ("GET", "/console/queue"): _queues,
    ("GET", "/console/sign-in"): _get("/console/sign-in"),
    ("GET", "/console/sign-in/code"): _get("/console/sign-in/code"),
    ("GET", "/console/sign-in/provider"): _get("/console/sign-in/provider"),
    ("GET", "/console/sign-in/provider/return"): _get("/console/sign-in/provider/return?code=x"),
    ("GET", "/console/undo"): lambda _: [Ask(path="/console/undo", hx=True)],
    # What changes something: first what leaves most as it is.
    ("POST", "/console/cases/{case_id:uuid}/stay"): _of_cases("/stay", {}),
    ("POST", "/console/cases/{case_id:uuid}/ask"): _of_cases(
        "/ask", {"to": "lead", "body": ""}, {"to": "lead", "body": "who is it?"}
    ),
    ("POST", "/console/cases/{case_id:uuid}/inquire"): _of_cases(
        "/inquire", {"report": "made up", "question": ""}, {"report": "made up", "question": "Who?"}
    ),
    ("POST", "/console/cases/{case_id:uuid}/decide"): _of_cases(
        "/decide", {"ground": "other", "topic": "scam"}, PREVIEW, {"go": "1"}, CLEAR
    ),
    ("POST", "/console/bulk"): lambda at: [
        Ask(path="/console/bulk", data={"case": list(map(str, at.busy)), **form}, hx=hx)
        for form in ({"ground": "other", "topic": "scam"}, PREVIEW, {"go": "1"}, CLEAR)
        for hx in (True, False)
    ],
    ("POST", "/console/bulk/return"): lambda at: [
        Ask(path="/console/bulk/return", data={"shown": list(map(str, at.drafts)), "body": body})
        for body in ("", "look again")
    ],
    ("POST", "/console/bulk/confirm"): lambda at: [
        Ask(path="/console/bulk/confirm", data={"draft": list(map(str, at.drafts))})
    ],
    ("POST", "/console/cases/{case_id:uuid}/take"): _of_cases("/take", {}),
    ("POST", "/console/cases/{case_id:uuid}/release"): _of_cases("/release", {"not_me": "false"}),
    ("POST", "/console/cases/{case_id:uuid}/escalate"): _of_cases(
        "/escalate", {"body": ""}, {"body": "too much for me"}
    ),
    ("POST", "/console/drafts/{draft_id:uuid}/read"): _of_drafts("read"),
    ("POST", "/console/drafts/{draft_id:uuid}/undo"): _of_drafts("undo"),
    ("POST", "/console/drafts/{draft_id:uuid}/return"): _of_drafts("return", body=""),
    ("POST", "/console/drafts/{draft_id:uuid}/confirm"): _of_drafts("confirm"),
    ("POST", "/console/charges/{decision_id:uuid}/refuse"): _of_charges("refuse"),
    ("POST", "/console/charges/{decision_id:uuid}/confirm"): _of_charges("confirm"),
    ("POST", "/console/questions/{question_id:uuid}/answer"): lambda at: [
        Ask(path=f"/console/questions/{each}/answer", data={"body": body})
        for each in (*at.questions, NOBODY)
        for body in ("", "It is.")
    ],
    ("POST", "/console/next"): _send("/console/next"),
    ("POST", "/console/incidents/{incident_id:uuid}/close"): lambda at: [
        Ask(path=f"/console/incidents/{each}/close", data={"word": word})
        for each in at.incidents[:2]
        for word in ("", "seen to")
    ],
    ("POST", "/console/known/add"): _send(
        "/console/known/add", kind="video", id="v1", guideline="phishing"
    ),
    ("POST", "/console/known/{item_id:uuid}/retire"): lambda at: [
        Ask(path=f"/console/known/{each}/retire", data={}) for each in at.items * 2
    ],
    ("POST", "/console/me/preferences"): _send("/console/me/preferences", blur="true"),
    ("POST", "/console/me/password"): _send("/console/me/password", current="x", new="y"),
    ("POST", "/console/me/recovery-codes"): _send("/console/me/recovery-codes", current="x"),
    ("POST", "/console/me/accounts"): _send("/console/me/accounts", account="mine"),
    ("POST", f"{_P}/{_W}/accounts"): lambda at: [
        Ask(path=f"{_P}/{at.who}/accounts", data={"account": account})
        for account in ("", "an account")
    ],
    ("POST", f"{_P}/{_W}/forget-accounts"): lambda at: [
        Ask(path=f"{_P}/{at.who}/forget-accounts", data={})
    ],
    ("POST", f"{_P}/invite"): _send(f"{_P}/invite", name="", user_name="", role="lead"),
    ("POST", f"{_P}/{_W}/invite-anew"): lambda _: [Ask(path=f"{_P}/{NOBODY}/invite-anew", data={})],
    ("POST", f"{_P}/{_W}/role"): lambda at: [
        Ask(path=f"{_P}/{at.who}/role", data={"role": "moderator"})
    ],
    ("POST", f"{_P}/{_W}/dismiss"): lambda _: [Ask(path=f"{_P}/{NOBODY}/dismiss", data={})],
    ("POST", "/console/sign-in"): _send("/console/sign-in", user_name="mona", password="x"),
    ("POST", "/console/sign-in/code"): _send("/console/sign-in/code", code="123456"),
    ("POST", "/console/invitation/{token:str}"): _send("/console/invitation/made-up"),
    ("POST", "/report"): lambda _: [
        Ask(path="/report", data=form) for form in ({}, FORM, {**FORM, "step": "file"})
    ],
    ("POST", "/receipt"): _receipts(""),
    ("POST", "/receipt/supplement"): _receipts("/supplement", "and this"),
    ("POST", "/receipt/answer"): _receipts("/answer", "he was there"),
    ("POST", "/receipt/complaint"): _receipts("/complaint", "look again"),
    ("POST", "/statement/appeal"): lambda at: [
        Ask(path=f"/statement/appeal?link={at.link}&statement={each}", data={"grounds": "Satire."})
        for each in (*at.statements, NOBODY)
    ],
    ("POST", "/console/me/sign-out-everywhere"): _send("/console/me/sign-out-everywhere"),
    ("POST", "/console/sign-out"): _send("/console/sign-out"),
}


async def shown(
    world: World, role: ModeratorRole | None, *methods: str, everywhere: bool = False
) -> dict[tuple[str, str, int], httpx.Response]:
    """What somebody of a role is answered by all routes for it; by the others too, if wanted.

    Without a role, by those for everybody. By method, route, and place among what is asked there.
    """
    client = await (world.site.visitor() if role is None else world.site.signed_in(role))
    at = await places(world)
    mine = {
        route for route, roles in routes().items() if role in ({None} if roles is None else roles)
    }
    return {
        (method, path, number): await ask(client, method, wanted)
        for (method, path), make in ASKED.items()
        if method in methods and (everywhere or (method, path) in mine)
        for number, wanted in enumerate(make(at))
    }


async def ask(client: httpx.AsyncClient, method: str, wanted: Ask) -> httpx.Response:
    headers = HX if wanted.hx else {}
    data = None if wanted.data is None else dict(wanted.data)
    return await client.request(method, wanted.path, data=data, headers=headers)


def written(answer: httpx.Response) -> bytes:
    """All that an answer says, in bytes: status, headers with cookies, body."""
    head = "".join(f"{name}: {value}\n" for name, value in answer.headers.multi_items())
    return f"{answer.status_code}\n{head}\n".encode() + answer.content
