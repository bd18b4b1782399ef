"""What somebody posts, and how it is told of: the words of the tables of the last days."""

from dataclasses import dataclass
from typing import Final

from underseal.core.guideline import GuidelineId
from underseal.core.report import Moment
from underseal.core.subject import SubjectKind, SubjectRef
from underseal.core.timed_text import TextSource, TimedLine
from underseal.lab.seeding.posts import Clip, Reported, account

TALL: Final = (270, 480)
SECONDS: Final = 6.0
PRIZE_SECONDS: Final = 24.0

PRIZE_ACCOUNT: Final = "golden.kettle"
"""Who posts the video that the console is shown with; all else about them is in `before`."""


def clip_of(scene: int, text: str = "", shown: tuple[int, int] | None = None) -> Clip:
    """Return a video of some seconds, with a text in its picture for a part of them."""
    return Clip(
        scene=scene,
        seconds=SECONDS,
        size=TALL,
        text=text,
        shown=Moment(start_ms=shown[0], end_ms=shown[1]) if shown else None,
    )


PRIZE: Final = Clip(
    scene=36,
    seconds=PRIZE_SECONDS,
    size=TALL,
    text="Claim your prize",
    shown=Moment(start_ms=9_000, end_ms=14_000),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a post says, who posts it, and why they appeal; the clip makes it a video."""

    name: str
    by: str
    language: str
    caption: str
    kind: SubjectKind = SubjectKind.VIDEO
    clip: Clip | None = None
    spoken: tuple[TimedLine, ...] = ()
    grounds: str = ""

    @property
    def ref(self) -> SubjectRef:
        """The subject."""
        return SubjectRef(kind=self.kind, external_id=self.name)

    @property
    def creator(self) -> SubjectRef:
        """Whose it is."""
        return self.ref if self.kind is SubjectKind.ACCOUNT else account(self.by)


def lines_of(*lines: tuple[int, int, str]) -> tuple[TimedLine, ...]:
    """Return what is said in a video, as its platform tells it."""
    return tuple(
        TimedLine(source=TextSource.PLATFORM, moment=Moment(start_ms=start, end_ms=end), text=text)
        for start, end, text in lines
    )


def report_of(
    reporter: int | str,
    guideline: str,
    note: str = "",
    *moments: tuple[int, int],
    law: str | None = None,
) -> Reported:
    """Return a report; a number stands for one of the viewers of the months before."""
    name = f"viewer-{reporter:02}" if isinstance(reporter, int) else reporter
    return Reported(
        reporter=name,
        guideline=GuidelineId(guideline),
        note=note,
        moments=tuple(Moment(start_ms=start, end_ms=end) for start, end in moments),
        law=law,
    )
