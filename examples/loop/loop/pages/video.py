"""One video with its comments, and the page of a sound."""

from litestar import Response, get, post
from litestar.exceptions import ClientException, NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect

from loop import clips
from loop.audience import View
from loop.injected import AnyRequest, Injected
from loop.people import Person, Visitor
from loop.publishing import NotPublishedError, publish_comment
from loop.rendering import page, see_other
from loop.site import Site
from loop.watching import saw


@get("/v/{video_id:str}")
async def video(
    video_id: FromPath[str], site: Injected[Site], visitor: Injected[Visitor]
) -> Response[str]:
    """Show a video and its comments."""
    return show_video(site, visitor, video_id)


@post("/v/{video_id:str}/comments")
async def comment(
    video_id: FromPath[str], request: AnyRequest, site: Injected[Site], person: Injected[Person]
) -> Redirect | Response[str]:
    """Post a comment; one that cannot be posted is shown again, with what is wrong."""
    visitor = Visitor(person=person, is_adult=True)
    clip = clips.find_clip(site, visitor, video_id)
    if clip is None or clip.view is not View.FULL:
        raise NotFoundException(detail="There is no such video.")
    # `interaction_limited` is Underseal's word; what it means here is that comments are closed.
    if clip.rules.interaction_limited:
        raise ClientException(detail="Comments are closed.", status_code=403)
    text = str((await request.form()).get("text", ""))
    try:
        comment_id = await publish_comment(site, person, clip.id, text)
    except NotPublishedError as problem:
        return show_video(site, visitor, video_id, text=text, problem=str(problem))
    return see_other(f"/v/{clip.id}#{comment_id}")


def show_video(
    site: Site, visitor: Visitor, video_id: str, *, text: str = "", problem: str = ""
) -> Response[str]:
    """Show a video, with a comment that is being written.

    Raises:
        NotFoundException: there is none for this visitor.
    """
    clip = clips.find_clip(site, visitor, video_id)
    if clip is None:
        raise NotFoundException(detail="There is no such video.")
    comments = clips.comments_of(site, visitor, clip.id) if clip.view is View.FULL else []
    if visitor.person is not None:
        seen = [(("comment", each.id), each.author.id) for each in comments]
        saw(site, visitor.person, seen)
    return page(
        site,
        visitor,
        "video.html",
        status=400 if problem else 200,
        clip=clip,
        said=comments,
        text=text,
        problem=problem,
    )


@get("/sounds/{sound_id:str}")
async def sound(
    sound_id: FromPath[str], site: Injected[Site], visitor: Injected[Visitor]
) -> Response[str]:
    """Show a sound and the videos with it."""
    found = clips.find_sound(site, visitor, sound_id)
    if found is None:
        raise NotFoundException(detail="There is no such sound.")
    return page(
        site, visitor, "sound.html", sound=found, clips=clips.with_sound(site, visitor, found)
    )


handlers = (video, comment, sound)
