import re

import pytest
from footage import upload
from saying import keep, line, term

from underseal.core.caller import ModeratorRole
from underseal.core.timed_text import LINES_MAX, TextSource
from underseal.web.console.lines import UNFOLDED_MAX

FILE, PLATFORM, SCREEN = TextSource.FILE, TextSource.PLATFORM, TextSource.SCREEN


@pytest.fixture
async def lead(site):
    return await site.signed_in(ModeratorRole.LEAD)


async def shown(site, lead, lines, *signals) -> str:
    ref = await upload(site.stage, b"not really a video")
    await keep(site.stage, ref, lines, *signals)
    case_id = await site.stage.enqueue(ref)
    return (await lead.get(f"/console/cases/{case_id}")).text


def groups(text: str) -> list[tuple[bool, str, list[str]]]:
    """Of each source whether it is unfolded, its name, and its lines."""
    return [
        (
            bool(is_open),
            " ".join(re.sub("<.*?>", " ", head).split()),
            re.findall("<bdi>(.*?)<", body),
        )
        for is_open, head, body in re.findall(
            r'<details class="lines"( open)?>\s*<summary>(.*?)</summary>(.*?)</details>',
            text,
            re.DOTALL,
        )
    ]


async def test_every_line_stands_beside_the_player_and_leads_to_its_second(site, lead):
    text = await shown(
        site,
        lead,
        [
            line(SCREEN, 3000, 4000, "FREE"),
            line(SCREEN, 3000, 4000, "robux <b>"),
            line(FILE, 200, 900, "hello"),
            line(PLATFORM, 61_500, 62_000, "أرسل لي الرمز"),
        ],
        term("screen_terms", 3000, 4000, "free robux"),
        term("transcript_terms", 200, 900, "hello"),
    )
    assert groups(text) == [
        (True, "Transcript captions from the platform unverified 1 line", ["أرسل لي الرمز"]),
        (True, "Transcript subtitles in the file unverified 1 line", ["hello"]),
        (True, "On-screen text read by a machine 2 lines", ["FREE", "robux &lt;b&gt;"]),
    ]
    assert re.findall("<mark><bdi>(.*?)</bdi>", text) == ["hello", "FREE", "robux &lt;b&gt;"]
    assert re.search(r'href="\?at=61500#player" data-seek="61500" data-end="62000"', text)
    assert 'data-mark="transcript" data-lane-name="Transcript" data-start="200"' in text
    assert re.search(r"hello</bdi> <span[^>]*>[^<]*, said <a", text)
    assert text.index("data-player") < text.index("data-line-list") < text.index("believed-title")


async def test_a_video_that_says_nothing_has_no_place_for_it(site, lead):
    assert "What is said and shown" not in await shown(site, lead, [])


async def test_what_is_enormous_is_folded_and_says_where_it_was_cut(site, lead):
    many = [line(FILE, at_ms, at_ms + 1, f"line {at_ms}") for at_ms in range(UNFOLDED_MAX + 1)]
    full = [line(SCREEN, at_ms, at_ms + 1, "word") for at_ms in range(LINES_MAX)]
    text = await shown(site, lead, [*many, *full])
    assert [(is_open, name) for is_open, name, _ in groups(text)] == [
        (False, "Transcript subtitles in the file unverified 61 lines"),
        (False, "On-screen text read by a machine 2,000 lines"),
    ]
    assert text.count("no further lines are kept") == 1
