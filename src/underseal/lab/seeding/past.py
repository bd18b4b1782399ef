"""What happened in the months before: about a post a day, reported, decided, appealed against."""

import random
from collections.abc import Iterator
from typing import Final

from underseal.core.guideline import GuidelineId
from underseal.core.subject import SubjectKind, SubjectRef
from underseal.lab.seeding.posts import (
    NOTHING_BROKEN,
    TODAY,
    Clip,
    Post,
    Reported,
    account,
    violation,
)
from underseal.lab.seeding.sayings import CAPTIONS, GROUNDS, HANDLES, NOTES, THINGS, Speaker

ORDINARY: Final = tuple(GuidelineId(each) for each in CAPTIONS)
ACCOUNTS_ONLY: Final = frozenset({"impersonation", "counterfeit"})
WITH_CLIPS: Final = frozenset(
    {
        "investment_scam",
        "fake_offer",
        "fake_engagement",
        "unlabelled_ai",
        "dangerous_challenge",
        "reckless_driving",
    }
)
"""What only videos or accounts can break, and what is posted as a video here."""

PROMPT: Final = {"personal_data": (0,), "unlabelled_ai": (1, 2, 3), "spam": (0, 1, 2)}
"""By guideline: after how many days somebody looks; everything else by the next day. In time."""

SMALL: Final = (144, 256)
SCAMS: Final = ("viewer-01", "viewer-02", "viewer-05")
EXPERTS: Final = {
    "investment_scam": SCAMS,
    "fake_offer": SCAMS,
    "bullying": ("viewer-03", "viewer-04", "viewer-06"),
    "spam": ("viewer-00", "viewer-06", "viewer-07"),
}
EXPERTS_END: Final = 8
REPORTERS: Final = tuple(f"viewer-{number:02}" for number in range(48))
"""Who reports, and by guideline who reports only what breaks it; the last ones see to the rest."""

BROKEN: Final = {False: 0.5, True: 0.8}
"""The share of posts that break what they are reported for, without and with a video."""

APPEALED: Final = 0.45
OVERTURNED: Final = 0.15
"""The share of those that are appealed against, and of these that are overturned. Settings."""

NOTED: Final = 0.5
"""The share of reports with a note. A setting."""

TAIL: Final = 1.2
VIEWS_MIN: Final = 600
VIEWS_MAX: Final = 9_000
"""Views of the first day are Pareto's, with this exponent and within these bounds. Settings."""

RAN_OUT: Final = (31, 66)
"""The days of two posts that nobody decided in time."""


def draw_past(seed: int) -> Iterator[Post]:
    """Yield the posts that were decided long ago, one a day."""
    draw = random.Random(seed)
    speaker = Speaker(draw)
    for day in range(1, TODAY - 4):
        yield _past(draw, speaker, day)


def _past(draw: random.Random, speaker: Speaker, day: int) -> Post:
    guideline = GuidelineId("investment_scam") if day in RAN_OUT else draw.choice(ORDINARY)
    language, caption = speaker.caption(guideline)
    clip = None
    kind = draw.choice((SubjectKind.COMMENT, SubjectKind.COMMENT, SubjectKind.SOUND))
    if guideline in {"personal_data", "unsafe_product"}:
        kind = SubjectKind.COMMENT
    if guideline in WITH_CLIPS:
        kind, clip = SubjectKind.VIDEO, Clip(scene=100 + day, seconds=1, size=SMALL)
    elif guideline in ACCOUNTS_ONLY:
        kind = SubjectKind.ACCOUNT
    name = draw.choice(THINGS["en"]).replace(" ", "-")
    ref = SubjectRef(kind=kind, external_id=f"{name}-{day:02}")
    is_broken = draw.random() < BROKEN[clip is not None]
    is_appealed = is_broken and draw.random() < APPEALED
    delay = 5 if day in RAN_OUT else draw.choice(PROMPT.get(guideline, (0, 0, 1)))
    return Post(
        ref=ref,
        creator=ref if kind is SubjectKind.ACCOUNT else account(draw.choice(HANDLES)),
        caption=caption,
        language=language,
        day=day,
        reports=tuple(_reports(draw, guideline, is_broken=is_broken)),
        views=round(min(VIEWS_MAX, VIEWS_MIN * draw.paretovariate(TAIL))),
        verdict=violation(guideline) if is_broken else NOTHING_BROKEN,
        decided_on=day + delay,
        appealed_on=day + delay if is_appealed else None,
        grounds=draw.choice(GROUNDS) if is_appealed else "",
        heard_on=day + delay + 1 if is_appealed else None,
        is_overturned=is_appealed and draw.random() < OVERTURNED,
        clip=clip,
    )


def _reports(draw: random.Random, guideline: GuidelineId, *, is_broken: bool) -> Iterator[Reported]:
    """Some people report it, somebody careful among them if they are right."""
    others = draw.sample(REPORTERS[EXPERTS_END:], draw.choice((1, 1, 2, 3)))
    expert = EXPERTS.get(guideline, EXPERTS["spam"])
    careful = draw.sample(expert, draw.choice((1, 2))) if is_broken else ()
    notes = draw.sample(NOTES, len(NOTES))
    for number, reporter in enumerate((*careful, *others)):
        note = notes[number] if draw.random() < NOTED else ""
        yield Reported(reporter=reporter, guideline=guideline, note=note)
