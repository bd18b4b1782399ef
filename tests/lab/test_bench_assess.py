import random
from importlib.resources import files

import pytest

from underseal.core.evidence import assess
from underseal.core.guideline_file import parse
from underseal.lab.bench import assess_subject
from underseal.lab.bench.assess import CLIQUE, REPORTS, SEED, TODAY, draw_dossier, run, weigh_ms

GUIDELINES = parse((files("underseal") / "guidelines.toml").read_text(), "guidelines.toml")


def drawn(share: float):
    return draw_dossier(random.Random(SEED), GUIDELINES, share)


def test_the_same_seed_draws_the_same_dossier() -> None:
    assert drawn(1 / 3) == drawn(1 / 3)


@pytest.mark.parametrize("share", [0.0, 1 / 3, 1.0])
def test_a_dossier_is_as_the_figures_say(share: float) -> None:
    dossier = drawn(share)
    assert len({each.pseudonym for each in dossier.reports}) == REPORTS
    assert len(dossier.records) == round(share * REPORTS)
    assert len(dossier.co_reports.totals) == 200
    found = assess(dossier, GUIDELINES, {}, TODAY)
    assert len(found) == 3
    for each in found:
        voices = each.voices_proven + each.voices_unproven
        assert REPORTS - 3 * CLIQUE < voices <= REPORTS - CLIQUE + 1
        assert (each.voices_proven > 0) == (share > 0)
        assert each.backing != each.consenting


def test_weighing_takes_time() -> None:
    assert weigh_ms(1 / 3, rounds=3) > 0


@pytest.mark.slow
def test_the_benchmark_counts_assessments_and_gives_its_figures(monkeypatch) -> None:
    monkeypatch.setattr(assess_subject, "VERY_MANY", 4_000)
    monkeypatch.setattr(assess_subject, "ROUNDS", {1: 2, 1_000: 2, 4_000: 1})
    monkeypatch.setattr(assess_subject, "PASSES", 4)
    told: list[str] = []
    figures = run(told.append)
    assert told
    assert (figures["reports"], figures["passes"], figures["assessments"]) == (4_000, 4, 4)
    for key in ("assess_1000_ms", "assess_1000_records_ms", "subject_1_ms", "subject_1000_ms"):
        assert figures[key] > 0
