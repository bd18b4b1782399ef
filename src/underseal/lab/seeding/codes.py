"""Comments that ask for codes and cards, and some that warn of it in the same words.

A list of terms cannot tell them apart; what it says is worth what people find, and they find enough
of them for that to be learnt.
"""

import random
from collections.abc import Iterator
from itertools import product
from typing import Final

from underseal.core.guideline import GuidelineId
from underseal.core.subject import SubjectKind, SubjectRef
from underseal.lab.seeding.posts import NOTHING_BROKEN, Post, Reported, account, violation
from underseal.lab.seeding.sayings import THINGS

ASKING: Final = (
    "Your {thing} is on its way: send me the code you received.",
    "You left a {thing} with us. Send me the code you received and it is yours.",
    "Confirm your card details and I post the {thing} tonight.",
    "Verify your account to avoid suspension of your {thing}.",
)
WARNING: Final = (
    "Somebody wrote 'send me the code you received' about a {thing}. Do not.",
    "Whoever says 'confirm your card details' has no {thing} for you.",
)
WARNS: Final = 3
"""Every so many comments one warns. A setting."""

EVERY_DAYS: Final = 2
VIEWS: Final = 500
"""One comes every so many days, and so many read it on its first. Settings."""


def draw_codes(seed: int, reporters: tuple[str, ...]) -> Iterator[Post]:
    """Yield the comments; each is reported by one of the reporters, and looked at the same day."""
    draw = random.Random(seed)
    asking, warning = _captions(draw, ASKING), _captions(draw, WARNING)
    for number in range(len(asking) + len(warning)):
        day, warns = EVERY_DAYS * (number + 1), number % WARNS == WARNS - 1
        yield Post(
            ref=SubjectRef(kind=SubjectKind.COMMENT, external_id=f"code-{number:02}"),
            creator=account(f"parcel.desk.{number:02}"),
            caption=(warning if warns else asking).pop(),
            language="en",
            day=day,
            reports=(Reported(reporter=draw.choice(reporters), guideline=GuidelineId("phishing")),),
            views=VIEWS,
            verdict=NOTHING_BROKEN if warns else violation("phishing"),
            decided_on=day,
        )


def _captions(draw: random.Random, templates: tuple[str, ...]) -> list[str]:
    said = [each.format(thing=thing) for each, thing in product(templates, THINGS["en"])]
    draw.shuffle(said)
    return said
