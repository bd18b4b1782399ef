"""Pages that only tell: what this is, the guidelines, and figures of the work done."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.params import FromPath

from underseal.core.guideline import Guidelines
from underseal.core.language import best_text
from underseal.core.taxonomy import GuidelineEntry, TopicEntry, public_guidelines
from underseal.core.transparency import MonthFigures
from underseal.flow.system import System
from underseal.flow.transparency import read_transparency
from underseal.web.api.operation import Injected
from underseal.web.forms import form_of
from underseal.web.problems import NoSuchPlaceError
from underseal.web.public.show import show
from underseal.web.words import Words


class MonthQuery(msgspec.Struct):
    """Which month is asked about; the newest one, if none."""

    month: str = ""


@get("/")
async def start(words: Injected[Words]) -> Response[str]:
    """Say what this is, and where to go."""
    return show(words, "public_start.html", here="/")


@get("/guidelines")
async def all_guidelines(words: Injected[Words], system: Injected[System]) -> Response[str]:
    """Show all guidelines, by topic."""
    found = public_guidelines(system.guidelines, words.language)
    return show(
        words,
        "public_guidelines.html",
        here="/guidelines",
        topics=found.topics,
        version=found.version,
    )


@get("/guidelines/{guideline_id:str}")
async def one_guideline(
    guideline_id: FromPath[str], words: Injected[Words], system: Injected[System]
) -> Response[str]:
    """Show a guideline with its examples."""
    for topic, guideline in _entries(system.guidelines, words.language):
        if guideline.id == guideline_id:
            return show(
                words,
                "public_guideline.html",
                here=f"/guidelines/{guideline.id}",
                topic=topic,
                guideline=guideline,
            )
    raise NoSuchPlaceError("there is no such guideline")


@get("/transparency")
async def transparency(
    request: Request[Any, Any, Any],
    words: Injected[Words],
    system: Injected[System],
    now: Injected[datetime],
) -> Response[str]:
    """Show the figures of a month."""
    asked = form_of(request.scope["query_string"], MonthQuery).month
    months = await read_transparency(system, now)
    found = next((each for each in months if f"{each.month:%Y-%m}" == asked), None)
    if asked and found is None:
        raise NoSuchPlaceError("there are no figures of this month")
    shown = found or next(iter(months), None)
    return show(
        words,
        "public_transparency.html",
        here="/transparency",
        query={"month": asked} if asked else {},
        shown=shown,
        months=months,
        labels=_labels(system.guidelines, words),
    )


@get("/transparency.json")
async def transparency_data(system: Injected[System], now: Injected[datetime]) -> Response[bytes]:
    """Return the figures of all months; null is what is too little to tell."""
    months: Sequence[MonthFigures] = await read_transparency(system, now)
    return Response(
        msgspec.json.encode({"months": months}),
        media_type="application/json",
        headers={"access-control-allow-origin": "*", "cache-control": "no-store"},
    )


def _entries(guidelines: Guidelines, language: str) -> Iterator[tuple[TopicEntry, GuidelineEntry]]:
    for topic in public_guidelines(guidelines, language).topics:
        for guideline in topic.guidelines:
            yield topic, guideline


def _labels(guidelines: Guidelines, words: Words) -> dict[str, tuple[str, str]]:
    """The names of topics, each preceded by the language it is in."""
    return {topic.id: best_text(topic.label, words.language) for topic in guidelines.topics}


handlers = (start, all_guidelines, one_guideline, transparency, transparency_data)
