"""Videos, comments and sounds, as one visitor gets them.

A query here returns what is in the database; what a visitor gets of it, `audience.look` decides.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from loop.audience import Rules, View, is_recommended, look
from loop.following import known, rules_of
from loop.people import Person, Visitor, find
from loop.site import Site
from loop.watching import count_viewers

VIDEOS = (
    "select videos.id, videos.creator_id, videos.sound_id, videos.caption, videos.posted_at, "
    "sounds.title, sounds.creator_id as sound_creator_id "
    "from videos join sounds on sounds.id = videos.sound_id "
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """What is heard in a video. `creator` is None when the account is gone."""

    id: str
    title: str
    creator: Person | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """A video, and what this visitor gets of it. `statement_id` names the reasons, if any."""

    id: str
    creator: Person
    sound: Sound
    caption: str
    posted_at: datetime
    view: View
    rules: Rules
    is_own: bool
    is_recommended: bool
    viewers: int
    comments: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """A comment, and what this visitor gets of it."""

    id: str
    author: Person
    text: str
    view: View
    rules: Rules


def feed(site: Site, visitor: Visitor) -> list[Clip]:
    """Return what the feed puts before a visitor: what is recommended, the newest first."""
    rows = site.db.execute(f"{VIDEOS} order by posted_at desc, videos.id")
    return [
        clip
        for clip in _clips(site, visitor, rows)
        if clip.is_recommended and clip.view >= View.GATE
    ]


def of_creator(site: Site, visitor: Visitor, creator: Person) -> list[Clip]:
    """Return what a visitor finds on a profile, also what is not recommended."""
    rows = site.db.execute(
        f"{VIDEOS} where videos.creator_id = ? order by posted_at desc, videos.id", [creator.id]
    )
    return [clip for clip in _clips(site, visitor, rows) if clip.view > View.NOTHING]


def with_sound(site: Site, visitor: Visitor, sound: Sound) -> list[Clip]:
    """Return the recommended videos with a sound: its page is a kind of feed, too."""
    return [clip for clip in feed(site, visitor) if clip.sound.id == sound.id]


def find_clip(site: Site, visitor: Visitor, video_id: str) -> Clip | None:
    """Return a video, or None where there is none for this visitor."""
    rows = site.db.execute(f"{VIDEOS} where videos.id = ?", [video_id])
    return next((each for each in _clips(site, visitor, rows) if each.view > View.NOTHING), None)


def find_sound(site: Site, visitor: Visitor, sound_id: str) -> Sound | None:
    """Return a sound, or None where there is none for this visitor."""
    row = site.db.execute("select * from sounds where id = ?", [sound_id]).fetchone()
    if row is None or _look(site, visitor, ("sound", sound_id), row["creator_id"]) < View.GATE:
        return None
    return _sound(site, row["id"], row["title"], row["creator_id"])


def sounds_of(site: Site, visitor: Visitor) -> list[Sound]:
    """Return the sounds that a visitor may use in a video of theirs."""
    rows = site.db.execute("select id from sounds order by title limit 100").fetchall()
    return [each for row in rows if (each := find_sound(site, visitor, row["id"])) is not None]


def may_see_person(site: Site, visitor: Visitor, person: Person) -> bool:
    """Whether there is a profile for this visitor; everybody sees their own."""
    return visitor.owns(person.id) or (
        _look(site, visitor, ("account", person.id), person.id) is not View.NOTHING
    )


def comments_of(site: Site, visitor: Visitor, video_id: str) -> list[Comment]:
    """Return the comments of a video that a visitor sees."""
    rows = site.db.execute(
        "select * from comments where video_id = ? order by posted_at, id", [video_id]
    )
    return [each for row in rows if (each := _comment(site, visitor, row)) is not None]


def find_comment(site: Site, visitor: Visitor, comment_id: str) -> tuple[Comment, str] | None:
    """Return a comment and the id of its video, or None where there is none for this visitor."""
    row = site.db.execute("select * from comments where id = ?", [comment_id]).fetchone()
    if row is None or find_clip(site, visitor, row["video_id"]) is None:
        return None
    comment = _comment(site, visitor, row)
    return None if comment is None else (comment, row["video_id"])


def _comment(site: Site, visitor: Visitor, row: sqlite3.Row) -> Comment | None:
    author = find(site, row["creator_id"])
    assert author is not None, "comments go with their author's account"
    view = _look(site, visitor, ("comment", row["id"]), author.id)
    if view is View.NOTHING or not may_see_person(site, visitor, author):
        return None
    rules = rules_of(site, ("comment", row["id"]))
    return Comment(id=row["id"], author=author, text=row["text"], view=view, rules=rules)


def _clips(site: Site, visitor: Visitor, rows: Iterable[sqlite3.Row]) -> Iterator[Clip]:
    for row in rows:
        creator = find(site, row["creator_id"])
        assert creator is not None, "videos go with their creator's account"
        subjects = (("video", row["id"]), ("sound", row["sound_id"]), ("account", creator.id))
        rules = known(site, subjects)
        owners = (creator.id, row["sound_creator_id"], creator.id)
        views = [_look(site, visitor, each, of) for each, of in zip(subjects, owners, strict=True)]
        # A video is seen as far as all of it is: itself, what is heard in it, and whose it is.
        # Its own creator always finds at least its place, and the reasons.
        view = min(views)
        if visitor.owns(creator.id):
            view = max(views[0] if views[1] is View.FULL else View.PLACEHOLDER, View.PLACEHOLDER)
        yield Clip(
            id=row["id"],
            creator=creator,
            sound=_sound(site, row["sound_id"], row["title"], row["sound_creator_id"]),
            caption=row["caption"],
            posted_at=datetime.fromisoformat(row["posted_at"]),
            view=view,
            rules=rules[0],
            is_own=visitor.owns(creator.id),
            is_recommended=is_recommended(rules),
            viewers=count_viewers(site, ("video", row["id"])),
            comments=len(comments_of(site, visitor, row["id"])),
        )


def _look(site: Site, visitor: Visitor, subject: tuple[str, str], creator_id: str | None) -> View:
    return look(rules_of(site, subject), visitor, creator_id, site.settings.country)


def _sound(site: Site, sound_id: str, title: str, creator_id: str | None) -> Sound:
    creator = None if creator_id is None else find(site, creator_id)
    return Sound(id=sound_id, title=title, creator=creator)
