import itertools

import msgspec
import pytest

from underseal.lab.bench import intake
from underseal.lab.bench.load import NEWCOMERS, NOTED, Job, build, reports
from underseal.web.report_body import read_bulk, read_report


def job(**changes) -> Job:
    return msgspec.structs.replace(
        Job(ports=[1], token="us_x", guidelines=["spam", "bullying"], seed=7, requests=5), **changes
    )


def bodies(built: list[bytes]) -> list[bytes]:
    return [request.partition(b"\r\n\r\n")[2] for request in built]


def test_the_same_seed_draws_the_same_reports():
    assert build(job()) == build(job())
    assert not set(bodies(build(job()))) & set(bodies(build(job(seed=8))))


def test_requests_are_reports_as_the_api_reads_them():
    for raw in bodies(build(job(requests=200))):
        filing, reporter = read_report(raw)
        assert reporter
        assert filing.guideline in {"spam", "bullying"}
    for raw in bodies(build(job(reports_each=3))):
        assert len([read_report(report) for report in read_bulk(raw)]) == 3


def test_the_reports_are_as_mixed_as_the_figures_say():
    drawn = list(itertools.islice(reports(job()), 5000))
    newcomers = sum(report["reporter"]["id"].startswith("n") for report in drawn)
    noted = sum("note" in report for report in drawn)
    assert newcomers / 5000 == pytest.approx(NEWCOMERS, rel=0.2)
    assert noted / 5000 == pytest.approx(NOTED, rel=0.2)


@pytest.mark.slow
def test_the_benchmark_gives_its_figures_and_loses_nothing(monkeypatch):
    monkeypatch.setattr(intake, "REPORTS", 2_000)
    monkeypatch.setattr(intake, "ROUNDS", 1)
    monkeypatch.setattr(intake, "BULK_REQUESTS", 4)
    monkeypatch.setattr(intake, "BULK_ROUNDS", 1)
    monkeypatch.setattr(intake, "KILL_AFTER_S", 0.2)
    told: list[str] = []
    figures = intake.run(told.append)
    assert figures["lost"] == 0
    assert told
    for key in (
        "reports_per_s",
        "p99_ms",
        "pgbench_ratio",
        "bulk_reports_per_s",
        "cpu_us_per_report",
    ):
        assert figures[key] > 0
