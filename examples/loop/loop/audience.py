"""Who may see what: Underseal's visibility, read for one visitor. Nothing here asks or stores.

Everything that Loop shows goes through `look`, so that there is one place to check.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from loop.people import Visitor
from underseal.client.answers import Level


class View(IntEnum):
    """What a visitor gets of something, from nothing at all to everything."""

    NOTHING = 0
    """As if it had never been there."""
    PLACEHOLDER = 1
    """Its creator, of what was removed: that it was here, and where the reasons are."""
    GATE = 2
    """First a question about age."""
    FULL = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What Underseal says of a subject."""

    level: Level
    age_restricted: bool = False
    labelled: bool = False
    interaction_limited: bool = False
    geo_blocked: tuple[str, ...] = ()
    statement_id: str | None = None


UNKNOWN: Final = Rules(level="held")
"""What is not known yet is shown to nobody: a video may wait for its scan."""


def look(rules: Rules, visitor: Visitor, creator_id: str | None, country: str) -> View:
    """Return what a visitor gets of one subject."""
    is_own = creator_id is not None and visitor.owns(creator_id)
    if rules.level == "removed":
        return View.PLACEHOLDER if is_own else View.NOTHING
    if is_own:
        return View.FULL
    if rules.level == "held" or country in rules.geo_blocked:
        return View.NOTHING
    return View.GATE if rules.age_restricted and not visitor.is_adult else View.FULL


def is_recommended(rules: Iterable[Rules]) -> bool:
    """Whether feeds may put something before people who did not look for it."""
    return all(each.level == "public" for each in rules)
