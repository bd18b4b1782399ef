"""Posting a video."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.exceptions import NotFoundException
from litestar.response import Redirect

from loop import clips
from loop.injected import AnyRequest, Injected
from loop.people import Person, Visitor
from loop.publishing import CAPTION_CHARS_MAX, NotPublishedError, publish_video
from loop.rendering import page, see_other
from loop.site import Site

VIDEO_BYTES_MAX = 100_000_000
"""Largest upload. A setting."""

CAPTIONS_BYTES_MAX = 500_000
"""Largest file of captions. A setting."""


@get("/upload")
async def ask(site: Injected[Site], person: Injected[Person]) -> Response[str]:
    """Show the form."""
    return _form(site, person)


@post("/upload", request_max_body_size=VIDEO_BYTES_MAX)
async def upload(
    request: AnyRequest, site: Injected[Site], person: Injected[Person]
) -> Redirect | Response[str]:
    """Take a video; it is shown to others when Underseal has looked at it."""
    form = await request.form()
    video, caption = form.get("video"), str(form.get("caption", ""))
    sound_id = str(form.get("sound", "")) or None
    captions = form.get("captions")
    if not isinstance(video, UploadFile) or not video.filename:
        return _form(site, person, caption, "Choose a video.")
    if sound_id is not None and clips.find_sound(site, Visitor(person=person), sound_id) is None:
        raise NotFoundException(detail="There is no such sound.")
    with TemporaryDirectory() as folder:
        source = Path(folder) / "upload.mp4"
        with source.open("wb") as file:
            shutil.copyfileobj(video.file, file)
        try:
            said = await _read(captions) if isinstance(captions, UploadFile) else None
            video_id = await publish_video(site, person, source, caption, sound_id, captions=said)
        except NotPublishedError as problem:
            return _form(site, person, caption, str(problem))
    return see_other(f"/v/{video_id}")


async def _read(file: UploadFile) -> str | None:
    """Return what is in a file of text; None if none was chosen.

    Raises:
        NotPublishedError: it is too large, or no text.
    """
    if not file.filename:
        return None
    content = await file.read(CAPTIONS_BYTES_MAX + 1)
    if len(content) > CAPTIONS_BYTES_MAX:
        raise NotPublishedError("The captions are too large.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotPublishedError("The captions are not text in UTF-8.") from None


def _form(site: Site, person: Person, caption: str = "", problem: str = "") -> Response[str]:
    visitor = Visitor(person=person)
    return page(
        site,
        visitor,
        "upload.html",
        status=400 if problem else 200,
        sounds=clips.sounds_of(site, visitor),
        caption=caption,
        caption_chars_max=CAPTION_CHARS_MAX,
        problem=problem,
    )


handlers = (ask, upload)
