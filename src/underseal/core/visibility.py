"""The one answer the platform gets per subject: who may see it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Level(StrEnum):
    """How far a subject is shown, from freely to not at all."""

    PUBLIC = "public"
    NOT_RECOMMENDED = "not_recommended"
    HELD = "held"
    REMOVED = "removed"


STRICTNESS: Final = tuple(Level)
"""The levels from the mildest to the strictest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visibility:
    """A level, and the flags that apply beside it.

    `geo_blocked` holds ISO 3166-1 alpha-2 codes, sorted.
    """

    level: Level = Level.PUBLIC
    age_restricted: bool = False
    labelled: bool = False
    interaction_limited: bool = False
    geo_blocked: tuple[str, ...] = ()

    @property
    def is_restricted(self) -> bool:
        """Whether a creator could notice anything: every such state needs a statement."""
        return self != PUBLIC


PUBLIC: Final = Visibility()
