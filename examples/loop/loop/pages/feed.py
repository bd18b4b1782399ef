"""The feed, the videos in it, and who has watched them."""

from litestar import Response, get, head, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Stream

from loop import clips
from loop.audience import View
from loop.byte_ranges import send_file
from loop.injected import AnyRequest, Injected
from loop.people import Visitor
from loop.rendering import page
from loop.site import Site
from loop.watching import saw


@get("/")
async def feed(site: Injected[Site], visitor: Injected[Visitor]) -> Response[str]:
    """Show what is recommended."""
    found = [
        (clip, clips.comments_of(site, visitor, clip.id)) for clip in clips.feed(site, visitor)
    ]
    return page(site, visitor, "feed.html", clips=found)


@get("/media/{video_id:str}")
async def media(
    video_id: FromPath[str], request: AnyRequest, site: Injected[Site], visitor: Injected[Visitor]
) -> Response[bytes] | Stream:
    """Send a video to whoever may see it. Its address is no secret, so it is asked each time."""
    clip = clips.find_clip(site, visitor, video_id)
    if clip is None or clip.view is not View.FULL:
        raise NotFoundException(detail="There is no such video.")
    return send_file(site.media(clip.id), request.headers.get("range"))


@post("/v/{video_id:str}/watched", status_code=204)
async def watched(
    video_id: FromPath[str], site: Injected[Site], visitor: Injected[Visitor]
) -> None:
    """Take a player's word that a video was on for two seconds; `feed.js` sends it.

    Only people who are signed in are counted, each once, so nobody can make a crowd by reloading.
    """
    clip = clips.find_clip(site, visitor, video_id)
    if clip is None or clip.view is not View.FULL:
        raise NotFoundException(detail="There is no such video.")
    if visitor.person is not None:
        sound_creator = clip.sound.creator
        saw(
            site,
            visitor.person,
            [
                (("video", clip.id), clip.creator.id),
                (("sound", clip.sound.id), sound_creator.id if sound_creator else None),
            ],
        )


@head("/healthz")
async def health() -> None:
    """Say that Loop is up."""


handlers = (feed, media, watched, health)
