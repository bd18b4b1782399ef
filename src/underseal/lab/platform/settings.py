"""What a world is drawn from: every number an assumption of the laboratory's, none measured but one."""

from dataclasses import dataclass, field
from typing import Final

from underseal.core.guideline import GuidelineId


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """Accounts in communities, and what they are like.

    `overlap` is the share of an account's views outside its own community; half of them are in
    the one beside it. Spreads are the standard deviations of logarithms. `activity` is how much
    an account watches, `eagerness` how readily it reports.
    """

    accounts: int = 8_000
    communities: int = 30
    overlap: float = 0.3
    activity_spread: float = 1.2
    eagerness_spread: float = 1.8
    careless: float = 0.05
    petty: float = 0.02
    trolls: float = 0.003


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporting:
    """How often a view leads to a report, and how often it names something else.

    Rates are per view, of viewers and videos of the usual kind; `carelessness` multiplies the one
    for harmless videos. `sibling` is the share of reports that name another guideline of the
    topic, `astray` of those that name any.
    """

    violating: float = 0.002
    harmless: float = 0.0001
    blatancy_spread: float = 0.7
    likeness_spread: float = 1.0
    carelessness: float = 15.0
    dislikes: int = 2
    spite: float = 0.25
    troll_reports: float = 12.0
    sibling: float = 0.2
    astray: float = 0.03


RHYTHM: Final = (
    *(1.42, 0.51, 0.25, 0.13, 0.07, 0.09, 0.19, 0.59, 0.92, 1.21, 1.00, 1.08),
    *(1.45, 1.43, 1.49, 1.30, 1.56, 1.44, 1.03, 1.00, 0.96, 1.34, 1.50, 2.05),
)
"""How much more than on average is watched in each hour of the day, where all live in one time zone.

Source:
    Shares of 156 posts on Weibo by the hour in China, each post counting alike: the recorded
    cascades of CURB (Kim et al., WSDM 2018).
"""

EVEN: Final = (1.0,) * 24
"""As much at night as by day: viewers all over the world."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """Videos, and how they are watched; reach is views in all if nobody moderates.

    `fading_hours` is the median time in which the rate of views falls to a third; `rhythm` has what
    is published and watched in each hour of the day, 1 being the average.
    """

    videos: int = 6_000
    creators: int = 1_500
    violating: float = 0.05
    reach: float = 350.0
    reach_spread: float = 1.7
    reach_max: float = 100_000.0
    fame_spread: float = 0.8
    fading_hours: float = 14.0
    fading_spread: float = 0.5
    late: float = 0.08
    life_hours: int = 336
    rhythm: tuple[float, ...] = RHYTHM


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """A detector: harmless scores are standard normal, violating ones `separation` above."""

    name: str
    guideline: GuidelineId
    separation: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Attackers:
    """Brigades: each attacks harmless videos one after another, for one guideline.

    Brigades go through all pairs of `sizes` and `camouflages`, in a random order: `camouflage` is
    how many true reports each member invests beforehand. Attacks begin when few moderators are there,
    between two hours of the day, and last some `hours`. A share of `inflating` brigades brings views
    of their own; `counted` is the share of such views that the platform takes for organic ones.
    `puppeteers` are creators whose spoiled accounts report their own violating videos first.
    """

    brigades: int = 8
    attacks: int = 5
    sizes: tuple[int, ...] = (5, 10, 20, 40, 80, 160)
    camouflages: tuple[int, ...] = (0, 3, 5, 15)
    begins: tuple[int, int] = (20, 26)
    hours: int = 4
    rest_days: float = 6.0
    inflating: float = 0.25
    inflated_views: int = 5_000
    counted: float = 0.1
    puppeteers: int = 3
    puppets: int = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """Hours of a day, `[begins, ends)`, and how many cases are judged in each of them."""

    begins: int
    ends: int
    cases_an_hour: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """Moderators, none of them at night. `error` is how often they find something harmless to be a breach, and not."""

    shifts: tuple[Shift, ...] = (
        Shift(begins=7, ends=15, cases_an_hour=2.0),
        Shift(begins=13, ends=21, cases_an_hour=2.0),
        Shift(begins=21, ends=23, cases_an_hour=0.5),
    )
    error: float = 0.04


DETECTED = ("sexual_activity", "nudity", "hate_degrading", "hate_incitement")
UNDETECTED = ("health_misinfo", "crisis_misinfo", "bullying", "coordinated_harassment")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """A whole world. Guidelines are of the file that Underseal comes with.

    `warm_up_days` is how long there are no attacks: records have to be earned first.
    """

    days: int = 90
    warm_up_days: int = 25
    detected: tuple[GuidelineId, ...] = tuple(map(GuidelineId, DETECTED))
    undetected: tuple[GuidelineId, ...] = tuple(map(GuidelineId, UNDETECTED))
    machines: tuple[Machine, ...] = (
        Machine(name="lab_image", guideline=GuidelineId("sexual_activity"), separation=3.0),
        Machine(name="lab_image", guideline=GuidelineId("nudity"), separation=3.0),
        Machine(name="lab_text", guideline=GuidelineId("hate_degrading"), separation=2.4),
        Machine(name="lab_text", guideline=GuidelineId("hate_incitement"), separation=2.4),
    )
    crowd: Crowd = field(default_factory=Crowd)
    reporting: Reporting = field(default_factory=Reporting)
    feed: Feed = field(default_factory=Feed)
    attackers: Attackers = field(default_factory=Attackers)
    staff: Staff = field(default_factory=Staff)

    @property
    def hours(self) -> int:
        """How long it lasts."""
        return 24 * self.days

    @property
    def guidelines(self) -> tuple[GuidelineId, ...]:
        """All guidelines that are broken in it; arrays name them by their place here."""
        return self.detected + self.undetected
