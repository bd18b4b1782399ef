"""What is taken of pages in a browser, before figures are made of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec


class CannotMeasureError(Exception):
    """A program that is needed is missing, or a page did not do what it should."""


class Times(msgspec.Struct, frozen=True):
    """What one page took, in milliseconds since its beginning: `pages_clock.js` says how.

    `since_key_ms` passed between a key and that beginning, if a key led to it.
    """

    address: str
    can_decide: bool
    has_video: bool
    answered_ms: float
    decidable_ms: float
    frame_ms: float
    ready_ms: float
    since_key_ms: float | None


@dataclass(slots=True, kw_only=True)
class Taken:
    """All that was taken: openings of reviews and of the baseline, and cases after decisions.

    `fetched_ms` are review pages fetched without a browser; `bytes_of` files as they are sent;
    `strayed` addresses elsewhere that a page asked for; `elsewhere` is how many processors were
    busy with other things.
    """

    reviews: list[Times] = field(default_factory=list)
    baseline: list[Times] = field(default_factory=list)
    nexts: list[Times] = field(default_factory=list)
    fetched_ms: list[float] = field(default_factory=list)
    bytes_of: Mapping[str, int] = field(default_factory=dict)
    requests: int = 0
    strayed: list[str] = field(default_factory=list)
    elsewhere: float = 0
