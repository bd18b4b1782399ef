"""The worlds of the bench are what it says, and the correction is worth something in them."""

import math

import numpy as np
import pytest

from underseal.lab.bench import calibration
from underseal.lab.bench.calibration import BASE, UPLOADS, Fault, Way, draw, error_of, learn


def drawn(fault: Fault):
    return draw(np.random.default_rng(3), fault)


def test_people_see_what_is_reported_and_little_else() -> None:
    world = drawn(Fault.NONE)
    assert world.violating.mean() == pytest.approx(BASE, abs=0.005)
    assert world.judged[world.reported].all()
    assert world.judged[~world.reported].mean() < 0.03
    assert world.violating[world.judged].mean() > 5 * BASE


@pytest.mark.slow
def test_the_correction_makes_beliefs_true_and_its_absence_does_not() -> None:
    taught, asked = drawn(Fault.TOO_SURE), draw(np.random.default_rng(4), Fault.TOO_SURE)
    error = {way: error_of(asked, learn(taught, way)) for way in Way}
    assert error[Way.CORRECTED] < 0.02
    assert error[Way.UNCORRECTED] > 3 * error[Way.CORRECTED]


@pytest.mark.slow
def test_what_always_says_one_is_worth_nothing_whoever_was_looked_at() -> None:
    found = learn(drawn(Fault.ALWAYS_ONE), Way.CORRECTED)
    assert abs(found.weight(1.0)) < 0.05
    assert found.base == pytest.approx(math.log(BASE / (1 - BASE)), abs=0.6)


@pytest.mark.slow
def test_the_bench_tells_means_between_their_bounds(monkeypatch) -> None:
    monkeypatch.setattr(calibration, "WORLDS", 2)
    monkeypatch.setattr(calibration, "DRIFT_WORLDS", 1)
    monkeypatch.setattr(calibration, "UPLOADS", UPLOADS // 2)
    monkeypatch.setattr(calibration, "FAULTS", (Fault.NONE,))
    found = calibration.run(lambda _: None)
    told = found["calibration_error"]["honest"]
    for way in Way:
        assert told[way]["low"] <= told[way]["mean"] <= told[way]["high"]
    assert found["drift"].keys() >= {"same", "too_high", "stated"}
