"""What waits for a person on the last day: in every lane, of every kind, most of it with pictures."""

from collections.abc import Iterator
from typing import Final

from underseal.core.subject import SubjectKind
from underseal.lab.seeding.posts import TODAY, Post, Reported
from underseal.lab.seeding.said import (
    PRIZE,
    PRIZE_ACCOUNT,
    Said,
    clip_of,
    lines_of,
    report_of,
)


def waiting() -> Iterator[Post]:
    """What waits for a person: in every lane, of every kind, most of it with pictures."""
    for said, age, views, reports in _WAITING:
        yield Post(
            ref=said.ref,
            creator=said.creator,
            caption=said.caption,
            language=said.language,
            day=TODAY - age,
            reports=reports,
            views=views,
            clip=said.clip,
            spoken=said.spoken,
        )


_WAITING: Final[tuple[tuple[Said, int, int, tuple[Reported, ...]], ...]] = (
    (
        Said(
            name="golden-kettle",
            by=PRIZE_ACCOUNT,
            language="en",
            caption="One in ten of you has won a kettle. Ask me how, the link is in my profile.",
            clip=PRIZE,
            spoken=lines_of(
                (400, 3_200, "Good evening, everybody, and welcome to the kettle draw."),
                (3_600, 6_800, "Last week one of you won it. This week it may be you."),
                (7_200, 9_000, "All you need is a little luck and a little tea."),
                (9_200, 13_800, "Claim your prize now: the fee covers nothing but the paper."),
                (14_400, 17_200, "Write to me before midnight, the link is in my profile."),
                (17_600, 21_800, "These are the winners so far. They all look very happy."),
                (22_200, 23_800, "See you on Friday. Bring a cup."),
            ),
        ),
        1,
        52_000,
        (
            report_of(
                1,
                "fake_offer",
                "My uncle sent them the fee for the kettle. There is no kettle.",
                (9000, 14000),
            ),
            report_of(2, "fake_offer", "This is last month's video again.", (0, 6000)),
            report_of(
                5,
                "fake_offer",
                "At the end he shows a list of winners, and they are all the same person.",
                (17500, 22000),
            ),
            report_of(33, "fake_offer", "", (9500, 13000)),
            report_of("kettle-works", "fake_offer", "We make these kettles and give none away."),
            report_of(44, "spam"),
        ),
    ),
    (
        Said(
            name="kettle-again",
            by="back.in.five",
            language="en",
            caption="Found this. Is it real? I have written to them.",
            clip=PRIZE,
        ),
        0,
        3_900,
        (report_of(14, "fake_offer", "It is the kettle again.", (9000, 14000)),),
    ),
    (
        Said(
            name="pool-picture",
            by="gravelpit",
            language="en",
            caption="Five paper clips by Friday, or everybody sees the picture from the pool.",
            kind=SubjectKind.COMMENT,
        ),
        0,
        1_400,
        (report_of(11, "sexual_extortion", "He has a picture of me. I am in swimming things."),),
    ),
    (
        Said(
            name="gnomes",
            by="moss-and-stone",
            language="en",
            caption="New gnomes! Only the hats are different.",
            clip=clip_of(4),
        ),
        1,
        1_900,
        (
            report_of(
                "gnome-works",
                "counterfeit",
                "These are our gnomes with other hats.",
                (0, 5000),
                law="Our trade mark no. 17 for garden gnomes",
            ),
        ),
    ),
    (
        Said(
            name="lullaby",
            by="nebelhorn",
            language="de",
            caption="Schlaflied, selbst gesungen.",
            kind=SubjectKind.SOUND,
        ),
        1,
        2_300,
        (
            report_of(
                "singer-of-it",
                "copyright",
                "Das singe ich, und gefragt hat mich niemand.",
                law="§ 77 UrhG",
            ),
        ),
    ),
    (
        Said(
            name="bakery-door",
            by="gravelpit",
            language="en",
            caption="This is where she lives: behind the bakery, the green door.",
            clip=clip_of(14),
        ),
        0,
        6_100,
        (
            report_of(3, "personal_data", "That is my neighbour's door.", (1500, 4500)),
            report_of(19, "personal_data", "", (1200, 5000)),
            report_of(20, "stalking", "He films there every evening."),
        ),
    ),
    (
        Said(
            name="code-please",
            by="back.in.five",
            language="en",
            caption="Send me the code you received, and I send you the stickers.",
            kind=SubjectKind.COMMENT,
        ),
        0,
        3_300,
        (report_of(0, "phishing", "It was the code of my bank."), report_of(24, "phishing")),
    ),
    (
        Said(
            name="kohlhut",
            by="ofenwarm",
            language="de",
            caption="Mein Kohlhut gegen Schnupfen, dritter Tag.",
            clip=clip_of(7),
        ),
        0,
        7_900,
        (
            report_of(15, "health_misinfo", "Das hilft nicht, es riecht nur.", (1000, 2500)),
            report_of(16, "health_misinfo", "", (800, 2600)),
        ),
    ),
    (
        Said(
            name="paraguas",
            by="la.del.tejado",
            language="es",
            caption="El paraguas de siempre, el alumno de siempre.",
            clip=clip_of(2),
        ),
        1,
        9_600,
        (
            report_of(6, "bullying", "Es mi hermano y no le hace gracia.", (1500, 4200)),
            report_of(22, "bullying", "Lo hacen cada lunes.", (1400, 4000)),
            report_of(23, "coordinated_harassment"),
        ),
    ),
    (
        Said(
            name="shed-jump",
            by="petit_detour",
            language="fr",
            caption="Le défi du hangar, et c'est à vous maintenant.",
            clip=clip_of(8),
        ),
        0,
        21_000,
        (
            report_of(17, "dangerous_challenge", "Ma fille veut le faire.", (2000, 4000)),
            report_of(18, "dangerous_challenge", "", (2000, 3500)),
        ),
    ),
    (
        Said(
            name="cello-cat",
            by="tuba.tuesday",
            language="en",
            caption="She practises every morning at six.",
            clip=clip_of(5),
        ),
        2,
        14_500,
        (
            report_of(30, "unlabelled_ai", "Cats have no elbows like that.", (3000, 5500)),
            report_of(31, "unlabelled_ai"),
        ),
    ),
    (
        Said(
            name="followers",
            by="lamplighter",
            language="en",
            caption="Tea for everybody.",
            clip=clip_of(6, "Buy followers", (0, 3000)),
        ),
        1,
        4_100,
        (report_of(35, "fake_engagement", "He sold me a thousand lamps.", (0, 3000)),),
    ),
    (
        Said(
            name="pumpkins",
            by="quince",
            language="en",
            caption="Guaranteed profit, only pumpkins, only today.",
            clip=clip_of(9),
        ),
        3,
        600,
        (report_of(34, "investment_scam", "My grandmother has nine pumpkins now."),),
    ),
    (
        Said(
            name="turnip-fund",
            by="slow.train",
            language="en",
            caption="Double your money, says the turnip.",
            clip=clip_of(13, "Double your money", (2000, 4500)),
        ),
        0,
        0,
        (),
    ),
    (
        Said(
            name="spoon",
            by="third_row",
            language="en",
            caption="Nobody else holds a spoon like that. Nobody else would want to.",
            kind=SubjectKind.COMMENT,
        ),
        1,
        2_700,
        (
            report_of(40, "bullying", "She has stopped coming to lunch."),
            report_of(43, "bullying"),
        ),
    ),
    (
        Said(
            name="ladeira",
            by="farol_velho",
            language="pt",
            caption="Sem freio, sem medo, quase sem curva.",
            clip=clip_of(11),
        ),
        1,
        12_000,
        (report_of(27, "reckless_driving", "Passou a um palmo do meu avô.", (2500, 4500)),),
    ),
    (
        Said(
            name="schaut-her",
            by="halbacht",
            language="de",
            caption="Schaut auf mein Profil! Gleich zwei neue Schlitten! Schaut!",
            kind=SubjectKind.COMMENT,
        ),
        2,
        1_800,
        (report_of(44, "spam"), report_of(45, "spam", "Steht auch unter meinem Video.")),
    ),
    (
        Said(
            name="real.lighthouse",
            by="",
            language="en",
            caption="I am the real lighthouse keeper, all others are not.",
            kind=SubjectKind.ACCOUNT,
        ),
        1,
        3_600,
        (
            report_of("lighthouse", "impersonation", "I keep the lighthouse. This is not me."),
            report_of(25, "impersonation", "He asks my followers for lamp oil."),
        ),
    ),
    (
        Said(
            name="quiet-kettle",
            by="paper.fleet",
            language="en",
            caption="A kettle that does not whistle is only a pot.",
            kind=SubjectKind.COMMENT,
        ),
        0,
        4_400,
        (report_of(46, "personal_data", "I do not like what she says about kettles."),),
    ),
)
"""What was posted, its age in days, views of its first day, reports."""
