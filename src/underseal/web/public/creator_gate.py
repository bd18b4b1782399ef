"""The gate of creators' pages: whom a link lets in. It knows keys, and the pages do not."""

from datetime import datetime
from typing import Any

from litestar import Request, Response
from litestar.status_codes import HTTP_403_FORBIDDEN, HTTP_404_NOT_FOUND

from underseal.flow.authenticate import Callers, KeySignsNoTicketsError, UnknownKeyError
from underseal.flow.system import System
from underseal.seal.link import LinkError
from underseal.web.api.operation import Injected
from underseal.web.forms import form_of, read_form
from underseal.web.problems import InvalidRequestError
from underseal.web.public.creator import PATH, AppealForm, CreatorQuery, Visit
from underseal.web.public.show import show
from underseal.web.words import Words, words_of


class LinkRefusedError(Exception):
    """The link opens nothing; why is nobody's business but its platform's."""


async def visit(
    request: Request[Any, Any, Any],
    callers: Injected[Callers],
    now: Injected[datetime],
    system: Injected[System],
    words: Injected[Words],
) -> Visit:
    """Return whom the link in the address lets in.

    Raises:
        LinkRefusedError: nobody.
    """
    text = request.query_params.get("link", "")
    try:
        found = await callers.by_link(text, now)
    except (LinkError, UnknownKeyError, KeySignsNoTicketsError):
        raise LinkRefusedError from None
    return Visit(
        account=found.account.subject_id,
        only=found.statement_id,
        link=text,
        asked=_asked(request),
        db=system.db,
        now=now,
        words=words,
        show=show,
    )


async def appeal_form(request: Request[Any, Any, Any]) -> AppealForm:
    """Return an appeal as it was typed."""
    return await read_form(request, AppealForm)


def refuse(request: Request[Any, Any, Any], _: Exception) -> Response[str]:
    """Say that the link opens nothing."""
    return show(words_of(request), "public_link_refused.html", here=PATH, status=HTTP_403_FORBIDDEN)


def unknown(request: Request[Any, Any, Any], _: Exception) -> Response[str]:
    """Say that the account has no such statement."""
    return show(
        words_of(request), "public_statement_unknown.html", here=PATH, status=HTTP_404_NOT_FOUND
    )


def _asked(request: Request[Any, Any, Any]) -> CreatorQuery:
    """What is asked for beside the link; what cannot be is nothing."""
    try:
        return form_of(request.scope["query_string"], CreatorQuery)
    except InvalidRequestError:
        return CreatorQuery()
