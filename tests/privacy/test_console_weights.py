"""How much reporters weigh: pages tell a band for all of a case, and nothing of any one of them."""

import random
import re
from collections.abc import Iterator

import pytest
from arrivals import ARRIVALS, RECORDS, arrive, moderate, name_cases
from scenery import TEXT, Lots, Scenery, World, world
from showing import shown, written

from underseal.core.caller import ModeratorRole
from underseal.core.evidence import probability
from underseal.core.prior import DEFAULT_PRIOR
from underseal.core.subject import SubjectKind, SubjectRef
from underseal.core.track_record import TrackRecord, posterior
from underseal.flow.explain import explain_subject

pytestmark = pytest.mark.slow

NEARBY = tuple(share + 0.04 * (1 if share < 0.9 else -1) for share in RECORDS)
"""Other track records that make the same bands: 0.84 where the first have 0.80."""

FAR = tuple(1 - share for share in RECORDS)


async def live(here: World, shares: tuple[float, ...]) -> None:
    await here.prove(dict(zip(here.scenery.reporters, shares, strict=False)))
    await arrive(here, ARRIVALS, random.Random(1))
    await name_cases(here)
    here.lots.draw_for("what colleagues do")
    await moderate(here.site)


async def pages(here: World, role: ModeratorRole) -> dict[tuple, bytes]:
    """All pages for a role; an auditor reads exact terms in the audit trail, and in no other."""
    return {
        key: written(each)
        for key, each in (await shown(here, role, "GET")).items()
        if (role, key[1]) != (ModeratorRole.AUDITOR, "/console/audit")
    }


async def weighed(here: World) -> list[dict]:
    return await here.stage.rows(
        "select subject_id, round, guideline, log_odds, machine, terms from assessments order by 1, 2, 3"
    )


async def test_reports_that_make_the_same_bands_are_the_same_to_whoever_reads_pages(
    scenery: Scenery, lots: Lots
):
    told, exact = [], []
    for shares in (RECORDS, NEARBY, FAR):
        async with world(scenery, lots) as here:
            await live(here, shares)
            told.append({role: await pages(here, role) for role in ModeratorRole})
            exact.append(await weighed(here))
    assert len({str(each) for each in exact}) == len(exact)
    assert told[0] == told[1]
    for role in (ModeratorRole.LEAD, ModeratorRole.AUDITOR):
        assert told[0][role] != told[2][role]


def digits(number: float) -> Iterator[str]:
    """A number as a page would write it, with two digits or more that count after the point."""
    for places in (2, 3, 4, 6):
        if abs(number) > 10.0 ** (1 - places):
            yield f"{abs(number):.{places}f}"
    yield str(abs(round(number * 1e6)))


def parts(number: float) -> Iterator[str]:
    """The same for a share, which can be written in hundredths."""
    yield from digits(number)
    yield f"{number:.1%}"
    yield f"{number:.2%}"


async def numbers(here: World) -> set[str]:
    """Every exact weight there is, in every form."""
    found: set[str] = set()
    for row in await weighed(here):
        for nats in (row["log_odds"], row["machine"], *(each for _, each in row["terms"])):
            found.update(digits(nats))
        found.update(parts(probability(row["log_odds"])))
    today = here.stage.now.date()
    for share in RECORDS:
        record = TrackRecord(right=10 * share, wrong=10 * (1 - share), resolved=10, as_of=today)
        right, wrong = posterior(record, DEFAULT_PRIOR, today)
        found.update(parts(right / (right + wrong)))
    return {each for each in found if len(each.strip("0.%")) > 1} - numbers_in(TEXT)


def numbers_in(text: str) -> set[str]:
    """The numbers in a text, whole."""
    return set(re.findall(r"(?<![\d.:])\d+(?:\.\d+)?%?", text))


def written_in(wanted: set[str], page: bytes) -> set[str]:
    """Which of the numbers stand on a page; those of the guidelines' text are for everybody."""
    return wanted & numbers_in(page.decode(errors="replace"))


async def test_no_page_has_a_number_of_the_assessment(scenery: Scenery, lots: Lots):
    async with world(scenery, lots) as here:
        await live(here, RECORDS)
        wanted = await numbers(here)
        assert len(wanted) > 200
        for role in ModeratorRole:
            for key, page in (await pages(here, role)).items():
                if not key[1].endswith(("media", "strip.jpg")):
                    assert written_in(wanted, page) == set(), (role, key)
        # The search finds them where they are: in what explains a subject at the command line.
        video = SubjectRef(kind=SubjectKind.VIDEO, external_id="v1")
        lines = await explain_subject(here.system, video)
        assert len(written_in(wanted, "\n".join(lines).encode())) > 4
