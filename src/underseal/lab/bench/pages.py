"""`underseal bench pages`: how long moderators wait for the pages of the console.

The pages are those of the demonstration, served as there, in a real Chromium on this machine. A
review page is ready when all of it has arrived, its timeline is drawn and the first frame of its
video has been painted; the next case is there when its page is painted and its keys decide. Times
are taken inside the pages. The baselines are a page without data in the same browser, and the
review page fetched without a browser.
"""

import asyncio
import os
import time
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import TYPE_CHECKING, Final

import httpx

from underseal.lab.bench.installation import machine_cpu_s, own_cpu_s
from underseal.lab.bench.pages_house import House, open_house, waiting
from underseal.lab.bench.pages_times import CannotMeasureError, Taken, Times
from underseal.web.static import address

if TYPE_CHECKING:
    from underseal.lab.bench.pages_browser import Seat

CASES: Final = 120
"""Different cases that are opened, each once."""
DECISIONS: Final = 60
WARM_UP: Final = 3
"""Openings that do not count: of the browser's own start."""
BASELINE: Final = "/"
"""The start page: a document and a style, with nothing from the database."""
BASELINE_EACH: Final = 4
"""So many openings later the baseline is opened again."""
QUEUE: Final = "/console/queue?subject=video&kind=review"
PICKS: Final = ("0", "1")
"""Half of the decisions are that nothing is broken, the others that the likeliest guideline is."""
FILES: Final = ("console.js", "console.css", "report.js")

Progress = Callable[[str], None]


def run(progress: Progress) -> dict[str, object]:
    """Measure, and return the figures.

    Raises:
        CannotMeasureError: Playwright or Chromium is missing, or a page did not do what it should.
    """
    return _figures(asyncio.run(_measure(progress)))


async def _measure(progress: Progress) -> Taken:
    try:
        # Imported late: Playwright is for development, and the other benchmarks do without.
        from underseal.lab.bench.pages_browser import open_browser, take_seat  # noqa: PLC0415 - see above
    except ModuleNotFoundError as missing:
        if missing.name is None or not missing.name.startswith("playwright"):
            raise
        raise CannotMeasureError(
            "needs Playwright: `make setup` installs it, or `pip install playwright`"
        ) from None
    taken = Taken()
    async with open_browser() as browser:
        async with open_house(CASES + WARM_UP, progress) as house:
            began_s, busy_s, own_s = time.monotonic(), machine_cpu_s(), own_cpu_s()
            lead = await take_seat(browser, house.stage.url)
            await lead.sign_in(house.lead)
            await _open_all(house, lead, taken, progress)
            taken.fetched_ms = await _fetch_all(house, await lead.cookie())
            taken.bytes_of = await _weigh(house)
            moderator = await take_seat(browser, house.stage.url)
            await moderator.sign_in(house.moderator)
            await _decide_all(moderator, taken, progress)
            elsewhere_s = machine_cpu_s() - busy_s - (own_cpu_s() - own_s)
            taken.elsewhere = elsewhere_s / (time.monotonic() - began_s)
        taken.requests = lead.requests + moderator.requests
        taken.strayed = lead.strayed + moderator.strayed
    return taken


async def _open_all(house: House, seat: "Seat", taken: Taken, progress: Progress) -> None:
    """Open every case once, and the baseline now and then."""
    found = await waiting(house)
    for number, case_id in enumerate(found[: CASES + WARM_UP]):
        times = await seat.open(f"/console/cases/{case_id}")
        if number < WARM_UP:
            continue
        taken.reviews.append(times)
        if number % BASELINE_EACH == 0:
            taken.baseline.append(await seat.open(BASELINE))
    if len(taken.reviews) < CASES or not all(each.has_video for each in taken.reviews):
        raise CannotMeasureError(f"only {len(taken.reviews)} cases with a video wait")
    ready = _ready(taken.reviews)
    progress(
        f"{CASES} review pages opened: ready after {median(ready):.0f} ms, "
        f"95 % within {_p95(ready):.0f} ms"
    )


async def _decide_all(seat: "Seat", taken: Taken, progress: Progress) -> None:
    """Decide one case after the other, by keyboard."""
    await seat.take_next(QUEUE)
    for number in range(DECISIONS):
        taken.nexts.append(await seat.decide(PICKS[number % len(PICKS)]))
    waited = _waited(taken.nexts)
    progress(
        f"{DECISIONS} cases decided: the next one after {median(waited):.0f} ms, "
        f"95 % within {_p95(waited):.0f} ms"
    )


async def _fetch_all(house: House, cookie: str) -> list[float]:
    """Fetch review pages one after the other; return what each took, in milliseconds."""
    found = []
    async with httpx.AsyncClient(base_url=house.stage.url, trust_env=False) as http:
        for case_id in (await waiting(house))[:CASES]:
            began_s = time.perf_counter()
            answer = await http.get(f"/console/cases/{case_id}", headers={"cookie": cookie})
            found.append(1000 * (time.perf_counter() - began_s))
            if not answer.is_success:
                raise CannotMeasureError(f"a review page answers {answer.status_code}")
    return found


async def _weigh(house: House) -> Mapping[str, int]:
    """Return how many bytes each of the files takes on its way to a browser."""
    found = {}
    async with httpx.AsyncClient(base_url=house.stage.url, trust_env=False) as http:
        for name in FILES:
            async with http.stream("GET", address(name)) as answer:
                found[name] = sum([len(part) async for part in answer.aiter_raw()])
    return found


def _figures(taken: Taken) -> dict[str, object]:
    ready, baseline = _ready(taken.reviews), _ready(taken.baseline)
    frames = [each.frame_ms for each in taken.reviews]
    waited = _waited(taken.nexts)
    shown = [each.ready_ms + (each.since_key_ms or 0) for each in taken.nexts]
    return {
        "review_ready_p50_ms": round(median(ready)),
        "review_ready_p95_ms": round(_p95(ready)),
        "review_ready_max_ms": round(max(ready)),
        "review_frame_p50_ms": round(median(frames)),
        "decide_to_next_p50_ms": round(median(waited)),
        "decide_to_next_p95_ms": round(_p95(waited)),
        "decide_to_next_max_ms": round(max(waited)),
        "decide_to_next_frame_p50_ms": round(median(shown)),
        "decide_to_next_frame_p95_ms": round(_p95(shown)),
        "console_js_bytes": taken.bytes_of["console.js"],
        "console_css_bytes": taken.bytes_of["console.css"],
        "report_js_bytes": taken.bytes_of["report.js"],
        "requests_elsewhere": len(taken.strayed),
        "requests": taken.requests,
        "baseline_p50_ms": round(median(baseline)),
        "baseline_p95_ms": round(_p95(baseline)),
        "baseline_ratio": round(median(ready) / median(baseline), 2),
        "fetched_p50_ms": round(median(taken.fetched_ms), 1),
        "fetched_p95_ms": round(_p95(taken.fetched_ms), 1),
        "cases": len(taken.reviews),
        "decisions": len(taken.nexts),
        "cores": os.cpu_count(),
        "busy_elsewhere": round(taken.elsewhere, 1),
    }


def _ready(pages: Sequence[Times]) -> list[float]:
    return [each.ready_ms for each in pages]


def _waited(pages: Sequence[Times]) -> list[float]:
    """How long after the key each page was there to be decided on."""
    return [each.decidable_ms + (each.since_key_ms or 0) for each in pages]


def _p95(values: Sequence[float]) -> float:
    """The least value that 95 % do not exceed."""
    return sorted(values)[-(-len(values) * 95 // 100) - 1]
