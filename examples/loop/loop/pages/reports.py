"""Reporting: tickets for the dialog, and what became of somebody's reports."""

import msgspec
from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromQuery
from litestar.response import Redirect

from loop import clips, people, reporting
from loop.injected import AnyRequest, Injected
from loop.pages.inbox import name_of
from loop.people import Person, Visitor
from loop.rendering import page, see_other
from loop.site import Site
from loop.watching import has_few_viewers
from underseal.client import ApiError
from underseal.client.requests import SubjectName


class Ticket(msgspec.Struct, frozen=True):
    """What the dialog needs to file a report."""

    ticket: str
    few_viewers: bool


UNKNOWN_RECEIPT = frozenset({400, 404, 422})
"""What Underseal answers to something that is no receipt of its own."""


@get("/ticket")
async def ticket(
    kind: FromQuery[str],
    id: FromQuery[str],  # noqa: A002 - the name in the address
    site: Injected[Site],
    visitor: Injected[Visitor],
) -> Response[Ticket]:
    """Sign a ticket for something that this visitor sees, when they open the dialog.

    It is signed now and not with the page: a page may be open for longer than a ticket lives.
    """
    if not _is_seen(site, visitor, (kind, id)):
        raise NotFoundException(detail="There is nothing like that here.")
    answer = Ticket(
        ticket=reporting.ticket_for(site, visitor, (kind, id)),
        few_viewers=has_few_viewers(site, (kind, id)),
    )
    return Response(answer, headers={"cache-control": "no-store"})


@get("/reports")
async def mine(site: Injected[Site], person: Injected[Person]) -> Response[str]:
    """Show somebody what has become of their reports."""
    return await _show(site, person)


@post("/reports")
async def keep(
    request: AnyRequest, site: Injected[Site], person: Injected[Person]
) -> Redirect | Response[str]:
    """Keep a receipt for its reporter, who got it from the dialog and may as well not tell us."""
    receipt = str((await request.form()).get("receipt", "")).strip()
    try:
        await reporting.keep_receipt(site, person, receipt)
    except ApiError as refused:
        if refused.status not in UNKNOWN_RECEIPT:
            raise
        return await _show(site, person, receipt, "There is no such receipt.")
    return see_other("/reports")


async def _show(site: Site, person: Person, receipt: str = "", problem: str = "") -> Response[str]:
    reports = [
        (receipt, each, name_of(site, person, each.subject))
        for receipt, each in await reporting.reports_of(site, person)
    ]
    return page(
        site,
        Visitor(person=person),
        "reports.html",
        status=400 if problem else 200,
        reports=reports,
        receipt=receipt,
        problem=problem,
    )


def _is_seen(site: Site, visitor: Visitor, subject: SubjectName) -> bool:
    kind, name = subject
    match kind:
        case "video":
            return clips.find_clip(site, visitor, name) is not None
        case "comment":
            return clips.find_comment(site, visitor, name) is not None
        case "sound":
            return clips.find_sound(site, visitor, name) is not None
        case "account":
            found = people.find(site, name)
            return found is not None and clips.may_see_person(site, visitor, found)
        case _:
            return False


handlers = (ticket, keep, mine)
