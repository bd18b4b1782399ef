import sys

import pytest

from underseal.lab.bench import pages, pages_browser, pages_house
from underseal.lab.bench.pages_house import crowded
from underseal.lab.bench.pages_times import CannotMeasureError
from underseal.lab.seeding.plan import plan


def test_as_many_different_videos_wait_as_are_opened():
    waiting = [each for each in crowded(100) if each.verdict is None and each.clip is not None]
    assert len({each.ref for each in waiting}) == len(waiting) >= 100
    reporters = [report.reporter for each in waiting for report in each.reports]
    assert len(set(reporters)) > 100


def test_without_playwright_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "playwright.async_api", None)
    monkeypatch.delitem(sys.modules, "underseal.lab.bench.pages_browser")
    with pytest.raises(CannotMeasureError, match="needs Playwright"):
        pages.run(print)


async def test_without_chromium_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(pages_browser, "PROGRAMS", ())
    monkeypatch.setattr(pages_browser.shutil, "which", lambda _: None)
    with pytest.raises(CannotMeasureError, match="apt-get install chromium"):
        async with pages_browser.open_browser():
            pass


@pytest.mark.slow
def test_the_benchmark_gives_its_figures_and_no_page_looks_elsewhere(monkeypatch):
    lately = [each for each in plan() if each.day > 70]
    monkeypatch.setattr(pages_house, "plan", lambda: lately)
    monkeypatch.setattr(pages, "CASES", 4)
    monkeypatch.setattr(pages, "DECISIONS", 2)
    monkeypatch.setattr(pages, "WARM_UP", 1)
    told: list[str] = []
    figures = pages.run(told.append)
    assert told
    assert figures["requests_elsewhere"] == 0
    assert figures["cases"] == 4
    assert figures["decisions"] == 2
    assert 0 < figures["console_js_bytes"] <= 150_000
    assert 0 < figures["report_js_bytes"] <= 30_000
    assert figures["review_ready_p50_ms"] <= figures["review_ready_p95_ms"]
    for key in (
        "review_ready_p50_ms",
        "review_frame_p50_ms",
        "decide_to_next_p50_ms",
        "decide_to_next_p95_ms",
        "decide_to_next_frame_p95_ms",
        "console_css_bytes",
        "requests",
        "baseline_p50_ms",
        "fetched_p50_ms",
    ):
        assert figures[key] > 0
