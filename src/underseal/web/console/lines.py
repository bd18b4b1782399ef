"""The lines beside a player: what is said and shown in the media, by who says so."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from underseal.core.timed_text import LINES_MAX, TextSource, TimedLine
from underseal.flow.review_case import Review

UNFOLDED_MAX: Final = 60
"""So many lines of one source stand there at once; more are unfolded. A setting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineGroup:
    """The lines of one source; `lines` says of each whether a word of the guidelines is in it."""

    name: str
    origin: str
    caution: str
    lines: tuple[tuple[TimedLine, bool], ...]

    @property
    def is_open(self) -> bool:
        """Whether they stand there at once."""
        return len(self.lines) <= UNFOLDED_MAX

    @property
    def is_cut(self) -> bool:
        """Whether there may be more than are kept."""
        return len(self.lines) == LINES_MAX


_NAMES: Final[Mapping[TextSource, tuple[str, str, str]]] = {
    TextSource.PLATFORM: ("Transcript", "captions from the platform", "unverified"),
    TextSource.FILE: ("Transcript", "subtitles in the file", "unverified"),
    TextSource.SCREEN: ("On-screen text", "", "read by a machine"),
}


def line_groups(review: Review) -> tuple[LineGroup, ...]:
    """Return the lines beside a player, those of each source that has any."""
    groups = (
        LineGroup(
            name=name,
            origin=origin,
            caution=caution,
            lines=tuple(
                (line, number in review.matched)
                for number, line in enumerate(review.lines)
                if line.source is source
            ),
        )
        for source, (name, origin, caution) in _NAMES.items()
    )
    return tuple(group for group in groups if group.lines)
