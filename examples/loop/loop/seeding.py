"""Fill Loop for a demonstration: its people, their videos, and what they said about them.

Everything is done by the site's own functions, against a running Underseal, as if people had done
it by hand. The videos are drawn by Underseal's laboratory; nothing here is anybody's footage.
"""

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from loop import people
from loop.following import follow, known
from loop.people import Person
from loop.publishing import join, publish_comment, publish_sound, publish_video
from loop.site import Site
from loop.watching import saw
from underseal.lab.videos import make_video

PATIENCE_S: Final = 180.0
LOOK_S: Final = 0.25
"""Settings: how long the machines may take to look at all videos, and how often is asked."""

SECONDS: Final = 6
SIZE: Final = (540, 960)


class NotCheckedError(OSError):
    """Underseal has not looked at the videos in time: does its worker run?"""

    def __init__(self, waiting: int) -> None:
        super().__init__(f"{waiting} videos still wait for Underseal's scan: does its worker run?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A video of the demonstration: who posts it, which scene it shows, and who answers what."""

    by: str
    scene: int
    caption: str
    sound: str | None
    viewers: int
    said: tuple[tuple[str, str], ...] = ()


PEOPLE: Final = {
    "Ada": "Draws landscapes with arithmetic.",
    "Ben": "Marbles, mostly. Some physics.",
    "Cleo": "Night walks through cities that do not exist.",
    "Dara": "Patterns. Do not stare for too long.",
    "Elif": "Fireworks, indoors, without fire.",
    "Femi": "Tunnels and where they lead.",
    "Gus": "Here to watch.",
    "Hana": "Sunsets on demand.",
}

SOUNDS: Final = {"Five notes, slowly": "Ada", "Glass marimba": "Ben", "Late tram": "Cleo"}

POSTS: Final = (
    Post(
        by="Femi",
        scene=15,
        caption="Left, left, and then it bends. Would you go in?",
        sound="Late tram",
        viewers=34,
        said=(("Gus", "Absolutely not."), ("Dara", "Only if there is a café at the end.")),
    ),
    Post(by="Ada", scene=0, caption="Red hills, low sun", sound="Five notes, slowly", viewers=58),
    Post(
        by="Dara",
        scene=20,
        caption="Three drops in a pond, and nobody counted the colours",
        sound=None,
        viewers=21,
        said=(("Elif", "I count seven."), ("Ben", "Six and a half.")),
    ),
    Post(
        by="Cleo",
        scene=16,
        caption="Everybody is still awake on this street",
        sound="Late tram",
        viewers=66,
        said=(
            ("Hana", "The yellow window on the left is me."),
            ("Femi", "I hear the tram."),
        ),
    ),
    Post(by="Ben", scene=7, caption="Nine marbles, no losers", sound="Glass marimba", viewers=40),
    Post(
        by="Elif",
        scene=35,
        caption="The neighbours never complain about these",
        sound=None,
        viewers=47,
        said=(("Cleo", "Can you see them from the tram?"), ("Ada", "More yellow, please!")),
    ),
    Post(
        by="Hana",
        scene=24,
        caption="Six in the evening, as ordered",
        sound="Five notes, slowly",
        viewers=69,
        said=(("Gus", "Best one so far."),),
    ),
    Post(by="Femi", scene=9, caption="The blue one has no end", sound=None, viewers=12),
    Post(by="Dara", scene=14, caption="Slow down. Look again.", sound="Glass marimba", viewers=3),
    Post(
        by="Ben",
        scene=43,
        caption="What happens if they never stop?",
        sound="Glass marimba",
        viewers=28,
        said=(("Dara", "They do not. I waited."),),
    ),
    Post(by="Cleo", scene=22, caption="Blue hour, orange windows", sound="Late tram", viewers=51),
    Post(
        by="Hana",
        scene=30,
        caption="A pink one for whoever had a long day",
        sound="Five notes, slowly",
        viewers=63,
        said=(("Ada", "Thank you."), ("Elif", "This is the whole internet I need.")),
    ),
    Post(by="Elif", scene=41, caption="Grand finale, take one", sound=None, viewers=4),
    Post(
        by="Ada",
        scene=42,
        caption="Five layers of sine waves and one sun. That is all it takes.",
        sound="Five notes, slowly",
        viewers=70,
        said=(("Hana", "Teaching me sunsets, are you?"), ("Ben", "Where do I roll a marble?")),
    ),
)
"""The oldest first: the feed begins with the last."""

AUDIENCE: Final = Path(__file__).with_name("viewers.txt").read_text().split()
"""Who watches and posts nothing. Without a crowd, nothing visible ever happens to a video."""


async def fill(site: Site) -> None:
    """Fill an empty Loop; one with people in it stays as it is.

    Raises:
        NotCheckedError: Underseal has not looked at the videos in time.
        ApiError, httpx.TransportError: it does not answer, or refuses.
    """
    if people.listed(site):
        _tell("There are people already; nothing was added.")
        return
    cast = {
        name: await join(
            site, name, name.lower(), bio, person_id=f"p-{name.lower()}", is_listed=True
        )
        for name, bio in PEOPLE.items()
    }
    audience = [
        await join(site, name, name.lower(), "", person_id=f"p-{name.lower()}") for name in AUDIENCE
    ]
    _tell(f"{len(cast)} people, and {len(audience)} who watch")
    sounds = {title: await publish_sound(site, cast[by], title) for title, by in SOUNDS.items()}
    posted = [await _post(site, cast, sounds, each) for each in POSTS]
    await _until_checked(site, posted)
    for video_id, post in zip(posted, POSTS, strict=True):
        for name, text in post.said:
            await publish_comment(site, cast[name], video_id, text)
        sound_id = site.db.execute(
            "select sound_id from videos where id = ?", [video_id]
        ).fetchone()[0]
        for viewer in audience[: post.viewers]:
            watched = (("video", video_id), cast[post.by].id), (("sound", sound_id), None)
            saw(site, viewer, watched)
    _tell("done")


async def _post(site: Site, cast: dict[str, Person], sounds: dict[str, str], post: Post) -> str:
    sound_id = None if post.sound is None else sounds[post.sound]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "video.mp4"
        await asyncio.to_thread(make_video, path, scene=post.scene, seconds=SECONDS, size=SIZE)
        video_id = await publish_video(site, cast[post.by], path, post.caption, sound_id)
    _tell(f"{post.by}: {post.caption}")
    return video_id


async def _until_checked(site: Site, video_ids: list[str]) -> None:
    """Wait until machines have looked at all videos."""
    waiting = len(video_ids)
    try:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                await follow(site)
                rules = known(site, [("video", each) for each in video_ids])
                waiting = sum(each.level == "held" for each in rules)
                if not waiting:
                    return
                await asyncio.sleep(LOOK_S)
    except TimeoutError:
        raise NotCheckedError(waiting) from None


def _tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
