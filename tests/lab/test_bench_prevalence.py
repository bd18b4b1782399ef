"""What `underseal bench prevalence` says, on few samples: every key, and figures that make sense."""

import json

import numpy as np
import pytest

from underseal.lab.bench import prevalence
from underseal.lab.bench.prevalence import CELLS, Cell, Machine, run


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(prevalence, "POPULATIONS", 1)
    monkeypatch.setattr(prevalence, "SAMPLES", 3)
    monkeypatch.setattr(prevalence, "SUBJECTS", 3_000)


@pytest.mark.slow
def test_every_world_is_beside_its_baselines_and_the_keys_are_those_of_the_design(few):
    told: list[str] = []
    found = json.loads(json.dumps(run(told.append)))
    assert found.keys() >= {"coverage", "audits", "label_share", "baselines", "populations"}
    assert found["audits"] == 1_000
    assert found["samples"] == 3 * len(CELLS)
    assert found["coverage"]["low"] < found["coverage"]["value"] <= found["coverage"]["high"]
    assert found["baselines"].keys() == {"views_normal", "views_wilson", "root_p_normal"}
    assert all(each.keys() >= {"coverage", "label_share"} for each in found["baselines"].values())
    assert found["populations"].keys() == {cell.name for cell in CELLS}
    assert len(told) == len(CELLS) + len(found["people_err"])


@pytest.mark.slow
def test_a_world_has_the_share_of_violating_views_that_it_says(few, monkeypatch):
    monkeypatch.setattr(prevalence, "SUBJECTS", 50_000)
    population = prevalence._populate(Cell(truth=0.02), np.random.default_rng(3))
    assert population.truth == pytest.approx(0.02, rel=0.25)
    known = (
        population.nats[population.violating].mean() - population.nats[~population.violating].mean()
    )
    assert known == pytest.approx(prevalence.SEPARATIONS["auc_93"] ** 2, rel=0.1)


def test_views_alone_need_as_many_labels_as_the_width_says():
    """Wilson's interval at 1,000 labels is as wide as itself at 1,000 labels."""
    width = prevalence._wilson_width(0.0042, 1_000)
    assert prevalence._wilson_width(0.0042, 4_000) == pytest.approx(width / 2, rel=0.15)
    assert {each.machine for each in CELLS} == set(Machine)
