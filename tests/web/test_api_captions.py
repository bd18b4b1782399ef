"""Captions that a platform sends with a video: WebVTT, or refused with the place of its fault."""

from underseal.core.webvtt import WEBVTT_CHARS_MAX
from underseal.store.roles import Role

GOOD = "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ana>Hola &amp; adiós\n\n00:02.000 --> 00:03.000\nأرسل لي\n"


async def lines_of(system) -> list[tuple]:
    async with system.db.transaction(Role.CORE) as conn:
        rows = await conn.fetch("select version, source, starts_ms, lines from timed_texts")
    return [tuple(row.values()) for row in rows]


async def test_captions_come_with_the_media(register, system):
    answer = await register("video", "v1", media={"upload": True, "captions": GOOD})
    assert answer.status_code == 201
    assert answer.json()["upload_url"] is not None
    assert await lines_of(system) == [(1, "platform", [1000, 2000], ["Hola & adiós", "أرسل لي"])]
    again = await register("video", "v1", media={"upload": True, "captions": GOOD})
    assert (again.status_code, again.json()["version"]) == (200, 1)
    without = await register("video", "v1")
    assert (without.status_code, without.json()["version"]) == (201, 2)


async def test_captions_as_long_as_they_may_be_are_taken_in_any_script(register):
    notes = "\n\nNOTE " + "語" * (WEBVTT_CHARS_MAX - len(GOOD) - 8)
    answer = await register("video", "v1", media={"upload": True, "captions": GOOD + notes})
    assert answer.status_code == 201


FAULTS = [
    ("", "line 1: captions are WebVTT, which begins with `WEBVTT`"),
    ("1\n00:00:01,000 --> 00:00:02,000\nSubRip", "line 1: captions are WebVTT"),
    (GOOD.replace("00:03.000", "00:01.000"), "line 6: a caption ends after it begins"),
    (GOOD.replace(" --> ", "-->"), "line 3: times are written"),
]


async def test_what_is_no_webvtt_is_refused_with_its_place(register, system, subtests):
    for captions, detail in FAULTS:
        with subtests.test(detail):
            answer = await register("video", "v1", media={"upload": True, "captions": captions})
            assert answer.status_code == 400
            problem = answer.json()
            assert problem["type"] == "/problems/invalid-request"
            (fault,) = problem["errors"]
            assert fault["pointer"] == "/media/captions"
            assert fault["detail"].startswith(detail)
    assert await lines_of(system) == []


async def test_captions_that_are_no_text_are_refused_at_their_place(register, subtests):
    for captions in (7, ["WEBVTT"], "WEBVTT\n\n\0", GOOD + "x" * WEBVTT_CHARS_MAX):
        with subtests.test(str(captions)[:20]):
            answer = await register("video", "v1", media={"upload": True, "captions": captions})
            assert answer.status_code == 400
            assert answer.json()["errors"][0]["pointer"] == "/media/captions"


async def test_captions_alone_are_no_media(register):
    assert (await register("comment", "c1", media={"captions": GOOD})).status_code == 400
    assert (await register("video", "v1", media={"captions": GOOD})).status_code == 400
