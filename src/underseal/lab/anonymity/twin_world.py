"""A world of the twin plays: a creator with a second account, what is theirs, and who reports it.

Everything about it is drawn by its seed. The second account reports the first one's video, as a
creator would who wants to learn what becomes of reports.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from underseal.client import requests
from underseal.client.requests import SubjectName
from underseal.core.guideline import DisclosureClass, GuidelineId, Guidelines
from underseal.core.subject import SubjectKind, SubjectRef

REPORTERS: Final = tuple(f"reporter-{number:02}" for number in range(40))
PROVEN: Final = REPORTERS[:24]
"""Those whom decisions have borne out: what they report together may lead to an effect."""

REPORTS_MAX: Final = 8
"""Of one subject at a time."""

CONSENTING: Final = 5
"""One report in so many may be acted on though the creator may guess."""

NOTES: Final = ("", "", "It is about me.", "from the start to the end", "Every day the same.")
LENGTH_MS: Final = 20_000

TOLD: Final = 100
"""Worlds after which it is told how far it is."""

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """One creator's world, by its number; `seed` is that of all worlds."""

    number: int
    seed: int

    @property
    def creator(self) -> str:
        """The account that is reported."""
        return f"creator-{self.number:04}"

    @property
    def other(self) -> str:
        """The creator's second account."""
        return f"other-{self.number:04}"

    @property
    def reported(self) -> tuple[SubjectName, ...]:
        """What others report in one of the plays: a video, a comment, and the account."""
        return (
            ("video", f"video-{self.number:04}"),
            ("comment", f"comment-{self.number:04}"),
            ("account", self.creator),
        )

    @property
    def removed(self) -> SubjectName:
        """A comment of the second account that is removed before, in both plays."""
        return "comment", f"removed-{self.number:04}"

    @property
    def late(self) -> SubjectName:
        """A comment of the second account that is removed meanwhile, in both plays."""
        return "comment", f"late-{self.number:04}"

    @property
    def subjects(self) -> tuple[SubjectName, ...]:
        """All that is there."""
        return (*self.reported, self.removed, self.late)

    def draw(self, about: str) -> random.Random:
        """Return the world's own chance for something."""
        return random.Random(f"{self.seed} {self.number} {about}")

    def registrations(self) -> Iterator[Any]:
        """Yield how the platform tells of what is there."""
        for kind, name in self.subjects:
            owner = self.creator if (kind, name) in self.reported else self.other
            media_url = f"https://media.example/{name}" if kind == "video" else None
            yield requests.register(
                (kind, name), owner, caption=f"This is {name}.", media_url=media_url
            )

    def own_reports(self) -> Iterator[Any]:
        """Yield what the second account reports, each time the same."""
        yield requests.report(self.reported[0], self.other, "bullying", note="Is anybody there?")
        yield requests.report(self.reported[1], self.other, "spam")

    def reports(
        self, about: str, guidelines: Guidelines, classes: frozenset[DisclosureClass]
    ) -> Iterator[requests.Json]:
        """Yield what others report, for guidelines of these classes."""
        draw = self.draw(about)
        for subject in self.reported:
            choices = guidelines_of(guidelines, SubjectKind(subject[0]), classes)
            topic = draw.choice(choices)
            for reporter in draw.sample(REPORTERS, draw.randint(0, REPORTS_MAX)):
                start_ms = draw.randrange(LENGTH_MS)
                yield requests.report_body(
                    subject,
                    draw.choice((reporter, reporter, reporter, None)),
                    draw.choice((topic, topic, draw.choice(choices))),
                    note=draw.choice(NOTES) or None,
                    moments=[(start_ms, start_ms + 500)] if subject[0] == "video" else (),
                    act_even_if_guessed=draw.randrange(CONSENTING) == 0,
                )


def ref(subject: SubjectName) -> SubjectRef:
    """Return what the platform's name of a subject stands for."""
    kind, name = subject
    return SubjectRef(kind=SubjectKind(kind), external_id=name)


def guidelines_of(
    guidelines: Guidelines, kind: SubjectKind, classes: frozenset[DisclosureClass]
) -> Sequence[GuidelineId]:
    """Return the guidelines of some classes that subjects of a kind can break, but grave ones."""
    return [
        each.id
        for each in guidelines.by_id.values()
        if kind in each.subjects and each.disclosure in classes and not each.grave
    ]


def counted(worlds: Sequence[World], about: str, progress: Progress) -> Iterator[World]:
    """Yield one world after the other, and tell how far it is."""
    for done, world in enumerate(worlds):
        if done and done % TOLD == 0:
            progress(f"{about}: {done} of {len(worlds)} worlds")
        yield world
