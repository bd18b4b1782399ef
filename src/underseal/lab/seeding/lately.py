"""What was decided lately: about the account whose video is shown, and what is appealed against."""

from collections.abc import Iterator
from typing import Final

from underseal.core.subject import SubjectKind
from underseal.lab.seeding.posts import TODAY, Post, Reported, violation
from underseal.lab.seeding.said import PRIZE, PRIZE_ACCOUNT, Said, clip_of, report_of


def before() -> Iterator[Post]:
    """What was decided about the account of the prize, and about the video it copies."""
    for said, age, guideline, reports, is_known in _BEFORE:
        yield Post(
            ref=said.ref,
            creator=said.creator,
            caption=said.caption,
            language=said.language,
            day=TODAY - age,
            reports=reports,
            views=4_000,
            verdict=violation(guideline),
            decided_on=TODAY - age,
            is_known=is_known,
            clip=said.clip,
        )


def under_appeal() -> Iterator[Post]:
    """Removals of the last days, whose appeals were lodged today."""
    for said, age, guideline, reports in _UNDER_APPEAL:
        yield Post(
            ref=said.ref,
            creator=said.creator,
            caption=said.caption,
            language=said.language,
            day=TODAY - age,
            reports=reports,
            views=2_400,
            verdict=violation(guideline),
            decided_on=TODAY - age,
            appealed_on=TODAY,
            grounds=said.grounds,
            clip=said.clip,
        )


_BEFORE: Final[tuple[tuple[Said, int, str, tuple[Reported, ...], bool], ...]] = (
    (
        Said(
            name="kettle-winner",
            by="kettle.of.gold",
            language="en",
            caption="One in ten of you has won. Are you the one?",
            clip=PRIZE,
        ),
        24,
        "fake_offer",
        (
            report_of(
                2, "fake_offer", "I paid the fee and never heard of them again.", (9000, 14000)
            ),
            report_of(5, "fake_offer", "", (9500, 13500)),
        ),
        False,
    ),
    (
        Said(
            name="tea-giveaway",
            by=PRIZE_ACCOUNT,
            language="en",
            caption="Pay the release fee and the tea is yours.",
            clip=clip_of(23),
        ),
        40,
        "fake_offer",
        (report_of(1, "fake_offer", "There is no tea."), report_of(33, "fake_offer")),
        True,
    ),
    (
        Said(
            name="kettle-hello",
            by=PRIZE_ACCOUNT,
            language="en",
            caption="Look at my page! The kettle is waiting! Look at my page!",
            kind=SubjectKind.COMMENT,
        ),
        12,
        "spam",
        (report_of(6, "spam", "The same words below every video."), report_of(41, "spam")),
        False,
    ),
)
"""What was posted, its age in days, what it broke, reports, whether a lead has verified it."""

_UNDER_APPEAL: Final[tuple[tuple[Said, int, str, tuple[Reported, ...]], ...]] = (
    (
        Said(
            name="school-play",
            by="third_row",
            language="en",
            caption="You cannot even carry a tray, said the king, and nobody laughed but him.",
            kind=SubjectKind.COMMENT,
            grounds="It is the king's line from our school play, and I am the king.",
        ),
        3,
        "bullying",
        (report_of(3, "bullying", "He means me."), report_of(26, "bullying")),
    ),
    (
        Said(
            name="muetze",
            by="halbacht",
            language="de",
            caption="Drei Leute, eine Mütze, und nur einem steht sie nicht.",
            kind=SubjectKind.COMMENT,
            grounds="Einer der drei bin ich. Gemeint war meine eigene Mütze.",
        ),
        4,
        "bullying",
        (report_of(4, "bullying", "Das bin ich auf dem Foto."), report_of(29, "bullying")),
    ),
    (
        Said(
            name="umbrella-shop",
            by="oddsocks",
            language="en",
            caption="Claim your prize in the shop: every tenth umbrella is free.",
            clip=clip_of(12),
            grounds="The shop is mine, and every tenth umbrella really is free: come by until Friday.",
        ),
        3,
        "fake_offer",
        (report_of(0, "fake_offer", "I went there and got none.", (1000, 3000)),),
    ),
    (
        Said(
            name="canela",
            by="sin.prisa",
            language="es",
            caption="Mi abuela jura que la canela en los calcetines quita la tos.",
            kind=SubjectKind.COMMENT,
            grounds="Es un recuerdo de mi abuela. No digo en ningún momento que cure nada.",
        ),
        5,
        "health_misinfo",
        (report_of(7, "health_misinfo"), report_of(38, "health_misinfo", "Mi hijo lo ha probado.")),
    ),
)
"""What was posted, its age in days, what it broke, reports."""
