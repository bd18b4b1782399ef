"""The benchmark of credibility: it reads what it should, looks at nothing too early, and can tell."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from underseal.core.guideline import TopicId
from underseal.lab.bench import credibility_crowd
from underseal.lab.bench.credibility_baselines import dawid_skene, majority, streamed
from underseal.lab.bench.credibility_crowd import measure
from underseal.lab.bench.credibility_sets import CrowdDataError, CrowdSet, read_sets
from underseal.lab.bench.credibility_stream import LAG, Stream, by_margin, one_pass, whole
from underseal.lab.bench.credibility_volunteered import Claim, auc, calibration_error, figures

some_labels = st.lists(st.tuples(st.integers(0, 4), st.booleans()), min_size=1, max_size=5)
some_items = st.lists(some_labels, min_size=1, max_size=12)


def crowd(name: str = "planted", *, items: int = 400, seed: int = 1) -> CrowdSet:
    """Three people who know, and four who guess, of whom two always say yes."""
    rng = random.Random(seed)
    truths = [rng.random() < 0.4 for _ in range(items)]
    labels = []
    for truth in truths:
        know = [(person, truth if rng.random() < 0.9 else not truth) for person in range(3)]
        guess = [(3, rng.random() < 0.5), (4, rng.random() < 0.5), (5, True), (6, True)]
        labels.append([*know, *guess])
    return CrowdSet(name=name, items=labels, truths=truths, people=7)


def percent(correct) -> float:
    return 100 * sum(correct) / len(correct)


@pytest.fixture
def folder(tmp_path):
    def write(name: str, labels: str, truths: str):
        (tmp_path / name).mkdir()
        (tmp_path / name / "label.csv").write_text("item,worker,label\n" + labels)
        (tmp_path / name / "truth.csv").write_text("item,truth\n" + truths)
        return tmp_path

    return write


def test_a_set_is_read_with_each_label_once(folder) -> None:
    path = folder("a", "x,anna,1\nx,anna,1\nx,bert,0\ny,bert,1\nz,bert,0\n", "x,1\ny,0\n")
    (found,) = read_sets(path)
    assert (found.name, found.people, found.labels) == ("a", 2, 4)
    assert found.items == [[(0, True), (1, False)], [(1, True)], [(1, False)]]
    assert found.truths == [True, False, None]


def test_sets_of_more_classes_are_left_out(folder) -> None:
    folder("two", "x,anna,1\ny,anna,0\n", "x,1\n")
    path = folder("three", "x,anna,2\n", "x,1\n")
    assert [each.name for each in read_sets(path)] == ["two"]


@pytest.mark.parametrize(
    ("labels", "problem"),
    [("x,anna\n", "line 2 is not whole"), ("x,anna,2\n", "holds no sets of two classes")],
)
def test_what_cannot_be_read_is_named(folder, labels, problem) -> None:
    with pytest.raises(CrowdDataError, match=problem):
        read_sets(folder("bad", labels, "x,1\n"))


def test_a_folder_without_sets_is_refused_by_name(tmp_path) -> None:
    with pytest.raises(CrowdDataError, match="holds no sets") as refused:
        read_sets(tmp_path)
    assert refused.value.path == tmp_path


def test_a_tie_is_half_right() -> None:
    found = CrowdSet(name="a", items=[[], [], []], truths=[True, False, None], people=0)
    assert found.correct([0.5, 0.2, 0.9]) == [0.5, 1.0]


@given(some_items, some_items, st.sampled_from([whole, by_margin]))
def test_what_is_said_depends_on_nothing_that_comes_later(before, after, share) -> None:
    order = range(len(before) + len(after))
    alone = one_pass(before, range(len(before)), share, lag=2)
    followed = one_pass([*before, *after], order, share, lag=2)
    assert followed[: len(before)] == alone


@given(some_labels)
def test_an_item_is_judged_before_it_teaches(labels) -> None:
    assert one_pass([labels], [0], whole) == [Stream(whole).judge(labels)]


@given(some_items, some_labels, st.floats(0, 1), st.sampled_from([whole, by_margin]))
def test_what_is_taken_back_leaves_no_trace(items, labels, yes, share) -> None:
    stream = Stream(share)
    for each in items:
        stream.learn(each, stream.judge(each))
    before = stream.judge(labels)
    stream.learn(labels, yes)
    stream.learn(labels, yes, sign=-1.0)
    assert stream.judge(labels) == pytest.approx(before, abs=1e-9)
    stream.learn_priors()


def test_who_knows_is_learnt_by_nothing_but_what_people_say() -> None:
    planted, order = crowd(), list(range(400))
    ours = percent(planted.correct(one_pass(planted.items, order, by_margin)))
    assert percent(planted.correct(majority(planted))) < 80
    assert ours > 85
    assert percent(planted.correct(streamed(planted, order))) > 85
    assert percent(planted.correct(dawid_skene(planted))) > 90


def test_doubt_teaches_nothing_by_margin_and_certainty_all() -> None:
    assert by_margin(0.5) == (0.0, 0.0)
    assert by_margin(1.0) == (1.0, 0.0)
    assert by_margin(0.25) == (0.0, 0.5)
    assert whole(0.25) == (0.25, 0.75)


def test_all_keys_are_there_and_each_set_is_chosen_for_by_the_others(monkeypatch) -> None:
    monkeypatch.setattr(credibility_crowd, "CHOOSING", range(2))
    monkeypatch.setattr(credibility_crowd, "MEASURING", range(2, 5))
    told: list[str] = []
    found = measure([crowd("a"), crowd("b", seed=2)], told.append)
    assert found["binary_mean"] > found["majority_binary_mean"]
    assert found["us_per_label"] > 0
    low, high = found["gain_on_one_pass_ci"]
    assert low < found["gain_on_one_pass"] < high
    assert {each["chosen_by_others"] for each in found["sets"].values()} <= {"whole", "by_margin"}
    assert any("b: ours" in each for each in told)
    assert LAG > 0


def test_the_calibration_error_of_what_comes_true_is_small_and_of_what_does_not_is_large() -> None:
    rng = np.random.default_rng(1)
    held = rng.random(30_000)
    true = rng.random(30_000) < held
    assert calibration_error(held, true) < 0.01
    assert calibration_error(np.full(30_000, 0.9), true) == pytest.approx(0.4, abs=0.01)


@settings(max_examples=30)
@given(
    st.lists(st.tuples(st.sampled_from([0.1, 0.4, 0.9]), st.booleans()), min_size=2, max_size=30)
)
def test_the_auc_is_how_often_what_is_broken_is_held_more_probable(claims) -> None:
    held = np.array([probable for probable, _ in claims])
    broken = np.array([is_broken for _, is_broken in claims], float)
    if not 0 < broken.sum() < len(broken):
        return
    pairs = [(a > b) + (a == b) / 2 for a in held[broken == 1] for b in held[broken == 0]]
    assert auc(held, broken) == pytest.approx(sum(pairs) / len(pairs))


def test_what_was_learnt_shows_beside_what_would_be_said_without() -> None:
    """Half of what was reported is broken; without what was learnt it would be held at 0.27."""
    claims = [
        Claim(topic=TopicId("hate"), nats=0.0, reported=1.0, is_broken=number % 2 == 0, found=None)
        for number in range(1500)
    ]
    found = figures(claims)
    assert found["volunteered_calibration_error"] < 0.01
    assert found["volunteered_calibration_error_untaught"] == pytest.approx(0.23, abs=0.01)
    assert found["volunteered_auc"] == 0.5
