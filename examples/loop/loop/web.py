"""The web application."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import httpx
from litestar import Litestar, Request, Response
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.response import Redirect
from litestar.static_files import create_static_files_router

from loop import gate
from loop.listening import Listener
from loop.pages import MODULES
from loop.people import Visitor
from loop.rendering import page, see_other
from loop.site import Site
from underseal.client import ApiError

log: Final = logging.getLogger("loop")

AnyRequest = Request[Any, Any, Any]


def make_app(site: Site) -> Litestar:
    """Return the application; while it runs, it follows what Underseal says."""
    listener = Listener(site)

    @asynccontextmanager
    async def listening(_: Litestar) -> AsyncIterator[None]:
        task = asyncio.create_task(listener.run())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    def answer_problem(request: AnyRequest, error: Exception) -> Response[str]:
        return _problem(site, gate.visitor(request, site), error)

    return Litestar(
        [
            *(handler for module in MODULES for handler in module.handlers),
            create_static_files_router(
                path="/static",
                directories=[Path(__file__).with_name("static")],
                cache_control=None,
            ),
        ],
        dependencies={
            "site": Provide(lambda: site, sync_to_thread=False),
            "listener": Provide(lambda: listener, sync_to_thread=False),
            "visitor": Provide(gate.visitor, sync_to_thread=False),
            "person": Provide(gate.person, sync_to_thread=False),
        },
        guards=[gate.own_pages_only],
        exception_handlers={gate.SignedOutError: _to_sign_in, Exception: answer_problem},
        lifespan=[listening],
        openapi_config=None,
        logging_config=None,
    )


def _to_sign_in(request: AnyRequest, _: Exception) -> Redirect:
    """Ask to sign in, and go on where somebody wanted to be; a form is not sent again."""
    wanted = request.url.path if request.method == "GET" else "/"
    return see_other(f"/sign-in?{urlencode({'next_path': wanted})}")


def _problem(site: Site, visitor: Visitor, error: Exception) -> Response[str]:
    """Say what went wrong, in words for people."""
    match error:
        case HTTPException():
            status, detail = error.status_code, error.detail
        case httpx.TransportError() | ApiError():
            # Without Underseal nothing is published and nothing more is shown: better closed.
            log.warning("underseal: %s", type(error).__name__)
            status, detail = 503, "This does not work at the moment. Nothing has been changed."
        case _:
            log.error("a request failed", exc_info=error)
            status, detail = 500, "Something went wrong on our side."
    return page(site, visitor, "problem.html", status=status, detail=detail)
