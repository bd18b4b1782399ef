"""What happens in the seeded months: who posts what, who reports it, and what is decided when.

Everything is invented and harmless; what is reported for something grave is a misunderstanding.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from underseal.core.decision import Finding, Outcome, Verdict
from underseal.core.guideline import GuidelineId
from underseal.core.report import Moment
from underseal.core.subject import SubjectKind, SubjectRef

DAYS: Final = 90
SEED: Final = 2026


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """A video of the laboratory; `text` stands in the picture during `shown`."""

    scene: int
    seconds: float
    size: tuple[int, int]
    text: str = ""
    shown: Moment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """A report: by whom, for what, with which words, about which part of a video."""

    reporter: str
    guideline: GuidelineId
    note: str = ""
    moments: tuple[Moment, ...] = ()
    law: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One subject's story. `day` counts from the beginning; so do the days of what follows.

    Nobody decides before `decided_on`; None: it still waits. `heard_on` is when an appeal is
    decided: None with `is_appealed` means that it still waits. An account is its own creator.
    """

    ref: SubjectRef
    creator: SubjectRef
    caption: str
    language: str
    day: int
    reports: tuple[Reported, ...]
    views: int
    verdict: Verdict | None = None
    decided_on: int | None = None
    is_appealed: bool = False
    heard_on: int | None = None
    is_overturned: bool = False
    clip: Clip | None = None


CAPTIONS: Final = {
    "bullying": (
        ("en", "Everybody laughed at the way you hold your spoon."),
        ("de", "Alle haben über deine Mütze gelacht."),
        ("es", "Toda la clase se rió de tu paraguas."),
        ("en", "Still waiting for you to catch a single ball."),
    ),
    "spam": (
        ("en", "Look at my page! Look at my page! Look at my page!"),
        ("de", "Schaut auf mein Profil! Schaut auf mein Profil!"),
        ("es", "¡Mira mi perfil! ¡Mira mi perfil!"),
    ),
    "fake_engagement": (("en", "Buy followers, a thousand for a cup of tea."),),
    "investment_scam": (
        ("en", "Double your money with my turnip fund."),
        ("en", "Guaranteed profit, only pumpkins, only today."),
    ),
    "fake_offer": (("en", "Claim your prize: a lifetime of paper clips."),),
    "health_misinfo": (
        ("en", "A spoon of honey under the pillow cures every cold."),
        ("de", "Gegen Schnupfen hilft nur ein Hut aus Kohl."),
        ("es", "Contra la tos, calcetines con canela."),
    ),
    "counterfeit": (("en", "Genuine imitation garden gnomes, all sizes."),),
    "impersonation": (("en", "I am the real lighthouse keeper, all others are not."),),
    "unlabelled_ai": (("en", "My cat has learned to play the cello."),),
}
"""By guideline: languages, and what is posted."""

ORDINARY: Final = tuple(GuidelineId(each) for each in CAPTIONS)
ACCOUNTS_ONLY: Final = frozenset({"impersonation", "counterfeit"})
WITH_CLIPS: Final = frozenset({"investment_scam", "fake_offer", "fake_engagement", "unlabelled_ai"})
"""What only videos or accounts can break, and what is posted as a video here."""

NOTES: Final = (
    "",
    "",
    "I know the person it is about, and they are not amused.",
    "Das steht unter jedem zweiten Video.",
    "Lo he visto tres veces hoy.",
    "It looks like the one from last week.",
    "",
)

OUTCOMES: Final = {
    "unlabelled_ai": Outcome.LABEL,
    "health_misinfo": Outcome.NOT_RECOMMENDED,
}
SMALL: Final = (144, 256)
TALL: Final = (270, 480)
REPORTERS: Final = tuple(f"viewer-{number:02}" for number in range(48))
BROKEN: Final = {False: 0.5, True: 0.8}
"""The share of posts that break what they are reported for, without and with a video."""

APPEALED: Final = 0.45
OVERTURNED: Final = 0.25
"""The share of those that are appealed against, and of these that are overturned. Settings."""

NOTHING_BROKEN: Final = Verdict(
    outcome=Outcome.NO_VIOLATION, guideline=None, finding=Finding.NO_VIOLATION
)
RAN_OUT: Final = (31, 66)
"""The days of two posts that nobody decided in time."""


def plan(seed: int = SEED) -> tuple[Post, ...]:
    """Draw the posts of the seeded months, in the order of their days."""
    draw = random.Random(seed)
    past = [_past(draw, number) for number in range(84)]
    return tuple(sorted((*past, *_waiting(), *_appealed()), key=lambda each: each.day))


def account(name: str) -> SubjectRef:
    """Return the account of somebody."""
    return SubjectRef(kind=SubjectKind.ACCOUNT, external_id=name)


def _past(draw: random.Random, number: int) -> Post:
    """A post that was decided long ago."""
    day = 1 + number
    guideline = GuidelineId("investment_scam") if day in RAN_OUT else draw.choice(ORDINARY)
    language, caption = draw.choice(CAPTIONS[guideline])
    clip = None
    kind = draw.choice((SubjectKind.COMMENT, SubjectKind.COMMENT, SubjectKind.SOUND))
    if guideline in WITH_CLIPS:
        kind, clip = SubjectKind.VIDEO, Clip(scene=100 + number, seconds=1, size=SMALL)
    elif guideline in ACCOUNTS_ONLY:
        kind = SubjectKind.ACCOUNT
    ref = SubjectRef(kind=kind, external_id=f"{kind}-{number:03}")
    is_broken = draw.random() < BROKEN[clip is not None]
    is_appealed = is_broken and draw.random() < APPEALED
    delay = 5 if day in RAN_OUT else draw.choice((0, 0, 1, 1, 1, 2, 2, 4))
    decided_on = min(day + delay, DAYS - 6)
    return Post(
        ref=ref,
        creator=ref if kind is SubjectKind.ACCOUNT else account(f"creator-{number % 19:02}"),
        caption=caption,
        language=language,
        day=day,
        reports=tuple(_reports(draw, guideline)),
        views=draw.choice((240, 600, 1800)),
        verdict=_verdict(guideline if is_broken else None),
        decided_on=max(day, decided_on),
        is_appealed=is_appealed,
        heard_on=decided_on + draw.choice((4, 5, 6)) if is_appealed else None,
        is_overturned=is_appealed and draw.random() < OVERTURNED,
        clip=clip,
    )


def _reports(draw: random.Random, guideline: GuidelineId) -> Iterator[Reported]:
    for reporter in draw.sample(REPORTERS, draw.choice((1, 2, 2, 3, 4))):
        yield Reported(reporter=reporter, guideline=guideline, note=draw.choice(NOTES))


def _verdict(broken: GuidelineId | None) -> Verdict:
    if broken is None:
        return NOTHING_BROKEN
    outcome = OUTCOMES.get(broken, Outcome.REMOVE)
    return Verdict(outcome=outcome, guideline=broken, finding=Finding.ACTIONED)


def _appealed() -> Iterator[Post]:
    """Removals of the last week whose appeals still wait."""
    for number, (language, caption) in enumerate(CAPTIONS["bullying"][:3]):
        yield Post(
            ref=SubjectRef(kind=SubjectKind.COMMENT, external_id=f"appealed-{number}"),
            creator=account(f"appellant-{number}"),
            caption=caption,
            language=language,
            day=DAYS - 6 + number,
            reports=(
                Reported(reporter=f"pupil-{number}", guideline=GuidelineId("bullying")),
                Reported(reporter=f"teacher-{number}", guideline=GuidelineId("bullying")),
            ),
            views=900,
            verdict=_verdict(GuidelineId("bullying")),
            decided_on=DAYS - 6 + number,
            is_appealed=True,
        )


def _waiting() -> Iterator[Post]:
    """What waits for a person: in every lane, in several languages, most of it with pictures."""
    for name, age, language, caption, clip, views, reports in _WAITING:
        kind = SubjectKind.COMMENT if clip is None else SubjectKind.VIDEO
        yield Post(
            ref=SubjectRef(kind=kind, external_id=name),
            creator=account(f"{name}-author"),
            caption=caption,
            language=language,
            day=DAYS - 1 - age,
            reports=reports,
            views=views,
            clip=clip,
        )


def _report(
    reporter: str, guideline: str, note: str = "", *moments: tuple[int, int], law: str | None = None
) -> Reported:
    return Reported(
        reporter=reporter,
        guideline=GuidelineId(guideline),
        note=note,
        moments=tuple(Moment(start_ms=start, end_ms=end) for start, end in moments),
        law=law,
    )


def _clip(scene: int, text: str = "", shown: tuple[int, int] = (0, 6000)) -> Clip:
    return Clip(
        scene=scene,
        seconds=6,
        size=TALL,
        text=text,
        shown=Moment(start_ms=shown[0], end_ms=shown[1]) if text else None,
    )


_WAITING: Final[tuple[tuple[str, int, str, str, Clip | None, int, tuple[Reported, ...]], ...]] = (
    (
        "turnip-fund",
        0,
        "en",
        "Ask me how. Link in my profile.",
        _clip(3, "Double your money", (2000, 4500)),
        5200,
        (
            _report("viewer-01", "investment_scam", "He sold my uncle a turnip.", (2000, 4500)),
            _report("viewer-07", "investment_scam", "Same text as yesterday.", (2100, 4000)),
            _report("viewer-12", "spam"),
        ),
    ),
    (
        "snowball",
        0,
        "en",
        "Wait until Friday after school. You know who you are.",
        _clip(1),
        1400,
        (
            _report(
                "viewer-03",
                "threat_to_life",
                "It sounds like a threat. Maybe it is only about the snowball fight.",
                (500, 3000),
            ),
        ),
    ),
    (
        "gnomes",
        2,
        "en",
        "New gnomes! Only the hats are different.",
        _clip(4),
        800,
        (
            _report(
                "gnome-works",
                "counterfeit",
                "These are our gnomes with other hats.",
                (0, 5000),
                law="Our trade mark no. 17 for garden gnomes",
            ),
        ),
    ),
    (
        "kohlhut",
        1,
        "de",
        "Mein Kohlhut gegen Schnupfen, dritter Tag.",
        _clip(7),
        3900,
        (
            _report("viewer-15", "health_misinfo", "Das hilft nicht, es riecht nur.", (1000, 2500)),
            _report("viewer-16", "health_misinfo", "", (800, 2600)),
        ),
    ),
    (
        "paraguas",
        3,
        "es",
        "El paraguas de siempre, el alumno de siempre.",
        _clip(2),
        2600,
        (
            _report("viewer-21", "bullying", "Es mi hermano y no le hace gracia.", (1500, 4200)),
            _report("viewer-22", "bullying", "Lo hacen cada lunes.", (1400, 4000)),
            _report("viewer-23", "coordinated_harassment"),
        ),
    ),
    (
        "cello-cat",
        4,
        "en",
        "She practises every morning at six.",
        _clip(5),
        7400,
        (
            _report("viewer-30", "unlabelled_ai", "Cats have no elbows like that.", (3000, 5500)),
            _report("viewer-31", "unlabelled_ai"),
        ),
    ),
    (
        "followers",
        0,
        "en",
        "Tea for everybody.",
        _clip(6, "Buy followers", (0, 3000)),
        4100,
        (_report("viewer-33", "fake_engagement", "", (0, 3000)),),
    ),
    (
        "pumpkins",
        4,
        "en",
        "Guaranteed profit, only pumpkins, only today.",
        _clip(9),
        2200,
        (_report("viewer-34", "investment_scam", "My grandmother has nine pumpkins now."),),
    ),
    (
        "spoon",
        5,
        "en",
        "Nobody else holds a spoon like that.",
        None,
        1100,
        (
            _report("viewer-40", "bullying", "She has stopped coming to lunch."),
            _report("viewer-41", "bullying"),
        ),
    ),
    (
        "schaut-her",
        6,
        "de",
        "Schaut auf mein Profil! Schaut auf mein Profil!",
        None,
        900,
        (_report("viewer-44", "spam"),),
    ),
    (
        "prize",
        0,
        "en",
        "Claim your prize, pay only the paper.",
        None,
        3000,
        (
            _report("viewer-45", "fake_offer", "I paid and got no paper clips."),
            _report("viewer-46", "fake_offer"),
        ),
    ),
    (
        "receita",
        9,
        "pt",
        "Mel debaixo da almofada cura tudo.",
        None,
        1300,
        (_report("viewer-47", "health_misinfo"),),
    ),
)
"""Name, age in days, language, caption, video, views a day, reports."""
