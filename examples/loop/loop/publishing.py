"""Step 1: tell Underseal of everything that can be reported, before anybody sees it.

Each function registers first and writes Loop's own row afterwards, together with the answer: a
thing that Underseal has not been told of is never in the database, so it cannot be shown.
"""

import shutil
from pathlib import Path
from typing import Final

from loop.database import transaction
from loop.following import remember
from loop.people import Person
from loop.site import Site
from underseal.client import ApiError, requests
from underseal.client.requests import SubjectName

CAPTION_CHARS_MAX: Final = 300
COMMENT_CHARS_MAX: Final = 500
TITLE_CHARS_MAX: Final = 60
"""Settings."""

MP4_MARK: Final = b"ftyp"
"""What stands at bytes 4 to 8 of an MP4 file. Source: ISO/IEC 14496-12, §4.3."""


CAPTIONS: Final = "/media/captions"
"""Where captions stand in a registration, as a problem names it."""


class NotPublishedError(ValueError):
    """Something cannot be published as it is; the message is for the person who wrote it."""


async def join(
    site: Site,
    name: str,
    handle: str,
    bio: str,
    *,
    person_id: str | None = None,
    is_listed: bool = False,
) -> Person:
    """Make an account; the sign-in page offers those that are listed.

    Raises:
        ApiError, httpx.TransportError: Underseal did not take it, and there is no account.
    """
    person = Person(id=person_id or site.new_id("p"), handle=handle, name=name, bio=bio)
    # What is judged of an account is what others see of it: its name and its words.
    registered = await site.underseal.send(
        requests.register(("account", person.id), person.id, caption=f"{name} (@{handle}): {bio}")
    )
    with transaction(site.db):
        site.db.execute(
            "insert into people values (?, ?, ?, ?, ?)", [person.id, handle, name, bio, is_listed]
        )
        remember(site, registered.visibility, is_news=False)
    return person


async def publish_sound(site: Site, creator: Person, title: str) -> str:
    """Make a sound that videos can use, and return its id.

    Raises:
        ApiError, httpx.TransportError: as `join`.
    """
    sound_id = site.new_id("s")
    registered = await site.underseal.send(
        requests.register(("sound", sound_id), creator.id, caption=title)
    )
    with transaction(site.db):
        site.db.execute("insert into sounds values (?, ?, ?)", [sound_id, creator.id, title])
        remember(site, registered.visibility, is_news=False)
    return sound_id


async def publish_video(
    site: Site,
    creator: Person,
    source: Path,
    caption: str,
    sound_id: str | None = None,
    *,
    captions: str | None = None,
) -> str:
    """Take a video over, and return its id. Nobody sees it until Underseal has looked at it.

    `captions` are what is said in it (WebVTT): moderators get them, to judge by.

    Raises:
        NotPublishedError: it is no MP4, its caption is too long, or its captions are no WebVTT.
        ApiError, httpx.TransportError: as `join`; nothing of it is kept.
    """
    caption = _checked(caption, CAPTION_CHARS_MAX, "The caption")
    with source.open("rb") as file:
        if file.read(8)[4:] != MP4_MARK:
            raise NotPublishedError("This is not an MP4 video.")
    video: SubjectName = ("video", site.new_id("v"))
    # `upload`: Underseal freezes the very bytes that Loop will serve. With `media_url` it would
    # fetch them from here, which is as good for a site with signed addresses of its own.
    registration = requests.register(
        video, creator.id, caption=caption, language="en", upload=True, captions=captions
    )
    try:
        registered = await site.underseal.send(registration)
    except ApiError as refused:
        for fault in refused.errors:
            if fault.pointer == CAPTIONS:
                raise NotPublishedError(f"In the captions, {fault.detail}.") from None
        raise
    if sound_id is None:
        sound_id = await publish_sound(site, creator, f"Original sound by {creator.name}")
    await site.underseal.upload(registered, source)
    shutil.copyfile(source, site.media(video[1]))
    with transaction(site.db):
        site.db.execute(
            "insert into videos values (?, ?, ?, ?, ?)",
            [video[1], creator.id, sound_id, caption, site.clock().isoformat()],
        )
        # It says `held`: machines have not looked yet. The feed of changes will say when.
        remember(site, registered.visibility, is_news=False)
    return video[1]


async def publish_comment(site: Site, author: Person, video_id: str, text: str) -> str:
    """Post a comment, and return its id.

    Raises:
        NotPublishedError: it is empty or too long.
        ApiError, httpx.TransportError: as `join`.
    """
    text = _checked(text, COMMENT_CHARS_MAX, "The comment")
    if not text:
        raise NotPublishedError("The comment is empty.")
    comment: SubjectName = ("comment", site.new_id("c"))
    registered = await site.underseal.send(requests.register(comment, author.id, caption=text))
    with transaction(site.db):
        site.db.execute(
            "insert into comments values (?, ?, ?, ?, ?)",
            [comment[1], video_id, author.id, text, site.clock().isoformat()],
        )
        remember(site, registered.visibility, is_news=False)
    return comment[1]


def _checked(text: str, chars_max: int, what: str) -> str:
    """Return a text without the space around it.

    Raises:
        NotPublishedError: it is too long, or holds a character that no text has.
    """
    text = text.strip()
    if len(text) > chars_max:
        raise NotPublishedError(f"{what} has at most {chars_max} characters.")
    if "\0" in text:
        raise NotPublishedError(f"{what} holds a character that cannot be shown.")
    return text
