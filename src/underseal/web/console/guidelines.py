"""The guidelines in force, every version before, and what has changed between two of them."""

from typing import Any, Final

import msgspec
from litestar import Request, Response, get

from underseal.core.language import FALLBACK_LANGUAGE, best_text
from underseal.core.person import Person
from underseal.flow.read_guidelines import (
    UnknownGuidelinesError,
    compare_versions,
    read_text,
    read_versions,
)
from underseal.flow.system import System
from underseal.web.api.operation import Injected
from underseal.web.console.dashboard import topics_of
from underseal.web.console.gate import people
from underseal.web.forms import form_of
from underseal.web.pages import page
from underseal.web.problems import NoSuchPlaceError

PLACE: Final = "/console/guidelines"


class VersionQuery(msgspec.Struct, frozen=True):
    """A version of the guidelines."""

    version: str


class CompareQuery(msgspec.Struct, frozen=True):
    """Two versions of the guidelines."""

    before: str
    after: str


@get(PLACE, opt=people())
async def show(person: Injected[Person], system: Injected[System]) -> Response[str]:
    """Show what is in force, topic by topic, and the versions there were."""
    return page(
        "console_guidelines.html",
        person=person,
        guidelines=system.guidelines,
        topics=topics_of(system.guidelines),
        versions=await read_versions(system),
        told=lambda texts: best_text(texts, FALLBACK_LANGUAGE)[1],
    )


@get(f"{PLACE}/text", opt=people())
async def show_text(
    request: Request[Any, Any, Any], person: Injected[Person], system: Injected[System]
) -> Response[str]:
    """Show a version word for word."""
    asked = form_of(request.scope["query_string"], VersionQuery)
    try:
        text = await read_text(system, asked.version)
    except UnknownGuidelinesError as error:
        raise NoSuchPlaceError(str(error)) from None
    return page("console_guidelines_text.html", person=person, version=asked.version, text=text)


@get(f"{PLACE}/compare", opt=people())
async def compare(
    request: Request[Any, Any, Any], person: Injected[Person], system: Injected[System]
) -> Response[str]:
    """Show what has changed between two versions."""
    asked = form_of(request.scope["query_string"], CompareQuery)
    try:
        comparison = await compare_versions(system, asked.before, asked.after)
    except UnknownGuidelinesError as error:
        raise NoSuchPlaceError(str(error)) from None
    return page(
        "console_guidelines_compare.html",
        person=person,
        comparison=comparison,
        versions=await read_versions(system),
    )


handlers = (show, show_text, compare)
