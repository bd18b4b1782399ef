"""The laboratory's platform: what it draws, and how it is played."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from underseal.core.visibility import Level
from underseal.lab.platform.baselines import CountFive, NaiveBayes
from underseal.lab.platform.crowd import Temper
from underseal.lab.platform.moderators import capacity
from underseal.lab.platform.ours import Ours
from underseal.lab.platform.play import play, play_world
from underseal.lab.platform.reports import NO_ATTACK
from underseal.lab.platform.settings import Attackers, Crowd, Feed, Settings, Staff
from underseal.lab.platform.videos import HARMLESS
from underseal.lab.platform.world import draw_world

SMALL = Settings(
    days=30,
    warm_up_days=12,
    crowd=Crowd(accounts=3_000, communities=8),
    feed=Feed(videos=1_500, creators=300),
    attackers=Attackers(brigades=3, attacks=3, sizes=(20,), camouflages=(0, 5), rest_days=3),
)
PEACEFUL = replace(SMALL, attackers=replace(SMALL.attackers, brigades=0, puppeteers=0))
SEED = 31

pytestmark = pytest.mark.xdist_group("platform")  # it is played once, by one worker


@pytest.fixture(scope="module")
def world():
    return draw_world(SMALL, SEED)


@pytest.fixture(scope="module")
def played(world):
    return play_world(world, Ours)


def test_a_seed_gives_the_same_world_and_another_one_gives_another(world):
    again, other = draw_world(SMALL, SEED), draw_world(SMALL, SEED + 1)
    assert again.attacks == world.attacks != other.attacks
    assert np.array_equal(again.watched, world.watched)
    for name in ("hour", "account", "video", "guideline", "chance", "attack"):
        assert np.array_equal(getattr(again.reports, name), getattr(world.reports, name)), name
    assert again.reports.count != other.reports.count


def test_attackers_change_nothing_of_what_others_do(world):
    """So worlds with and without them can be compared."""
    peaceful = draw_world(PEACEFUL, SEED)
    assert np.array_equal(peaceful.watched, world.watched)
    honest = [
        Counter(
            zip(
                each.reports.account[each.people.temper[each.reports.account] != Temper.FALSE],
                each.reports.video[each.people.temper[each.reports.account] != Temper.FALSE],
                strict=True,
            )
        )
        for each in (world, peaceful)
    ]
    assert honest[0] == honest[1]


@pytest.mark.slow
def test_a_play_is_the_same_each_time(played):
    again = play(SMALL, Ours, SEED)
    assert (again.looked, again.restrictions, again.harm) == (
        played.looked,
        played.restrictions,
        played.harm,
    )


def test_most_reports_are_volunteered_by_few_and_right_far_oftener_than_videos_break_anything(
    world,
):
    videos, reports = world.videos, world.reports
    bad = videos.breaks != HARMLESS
    crowd = world.people.temper[reports.account] == Temper.HONEST
    assert 0.02 < bad.mean() < 0.09
    assert bad[reports.video[crowd]].mean() > 4 * bad.mean()
    filed = np.sort(np.bincount(reports.account[crowd]))[::-1]
    assert filed[: len(filed) // 50].sum() > 0.3 * filed.sum()


def test_few_videos_have_most_views_and_views_fade(world):
    views = world.videos.views
    watched = np.sort(views.sum(1))[::-1]
    assert watched[: len(watched) // 10].sum() > 0.5 * watched.sum()
    assert views[:, :24].sum() > 5 * views[:, 96:120].sum()
    assert (views[:, 96:].sum(1) > 0.5 * views.sum(1)).mean() > 0.02, "some rise late"


def test_detectors_say_what_their_scores_are_worth(world):
    """Of all videos with a weight of about w, e^w as many break the guideline as by its share."""
    expected, found, of_breaches, of_others = 0.0, 0, [], []
    for number, machine in enumerate(world.settings.machines):
        weights = np.array([each[number].weight for each in world.videos.signals])
        breaks = world.videos.breaks == world.settings.guidelines.index(machine.guideline)
        odds = np.exp(weights) * breaks.mean() / (1 - breaks.mean())
        expected, found = expected + (odds / (1 + odds)).sum(), found + breaks.sum()
        of_breaches.append(weights[breaks])
        of_others.append(weights[~breaks])
    assert expected == pytest.approx(found, rel=0.3)
    assert np.concatenate(of_breaches).mean() > 2 > -2 > np.concatenate(of_others).mean()


def test_brigades_attack_what_breaks_nothing_after_their_camouflage(world):
    reports = world.reports
    assert len(world.attacks) == 9
    for number, attack in enumerate(world.attacks):
        of_attack = reports.attack == number
        assert world.videos.breaks[attack.video] == HARMLESS
        assert set(reports.video[of_attack]) == {attack.video}
        assert 0.9 * attack.size <= of_attack.sum() <= attack.size
        members = np.isin(reports.account, reports.account[of_attack])
        invested = members & (reports.attack == NO_ATTACK)
        assert (world.videos.breaks[reports.video[invested]] != HARMLESS).all()
        assert invested.sum() <= attack.size * attack.camouflage
        assert invested.sum() >= 0.7 * attack.size * attack.camouflage
        if attack.turn == 0 and attack.camouflage:
            assert reports.hour[invested].max() < attack.hour


def test_moderators_judge_as_many_cases_as_their_shifts_allow():
    staff = Staff()
    per_day = sum(each.cases_an_hour * (each.ends - each.begins) for each in staff.shifts)
    assert sum(capacity(staff, hour) for hour in range(24 * 10)) == pytest.approx(
        10 * per_day, abs=1
    )
    assert sum(capacity(staff, hour) for hour in range(6)) == 0, "nobody is there at night"


@pytest.mark.slow
def test_every_decision_comes_with_what_was_held_probable_and_with_the_truth(played):
    world = played.world
    assert len(played.looked) > 100
    for each in played.looked:
        place = int(world.videos.breaks[each.video])
        assert each.truth == (None if place == HARMLESS else world.guideline(place))
        assert all(0 < opinion.probability < 1 for opinion in each.opinions)
        assert each.queued_at <= each.hour
    assert len(played.waits) == len(played.looked)
    erred = [(each.truth is None) != (each.found is None) for each in played.looked]
    assert np.mean(erred) < 3 * world.settings.staff.error


@pytest.mark.slow
def test_moderation_prevents_harm_and_never_adds_any(played):
    assert sum(played.harm) < 0.6 * sum(played.harm_unmoderated)
    assert all(
        left <= all_ + 1e-6 for left, all_ in zip(played.harm, played.harm_unmoderated, strict=True)
    )


@pytest.mark.slow
def test_nobody_reports_what_is_hidden(played):
    """A video that is held has no views to report it by: an attack that is under way stops."""
    world = played.world
    seen = {each.video: 0 for each in played.looked}
    for each in played.looked:
        seen[each.video] += each.reports
    hidden = [each for each in played.restrictions if each.level is Level.HELD]
    assert hidden
    for each in hidden:
        of_video = world.reports.hour[world.reports.video == each.video]
        during = ((of_video >= each.since) & (of_video < each.until)).sum()
        assert seen.get(each.video, 0) <= len(of_video) - during


@pytest.mark.slow
@pytest.mark.parametrize("rule", [Ours, NaiveBayes, lambda _: CountFive()])
def test_in_peace_hardly_anything_harmless_is_held_because_of_reports(rule):
    played = play(PEACEFUL, rule, SEED)
    harmless = {
        each.video
        for each in played.restrictions
        if each.by_reports and played.world.videos.breaks[each.video] == HARMLESS
    }
    assert len(harmless) <= 0.01 * played.world.videos.count
    assert not any(each.attacked for each in played.restrictions)
