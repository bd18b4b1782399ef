"""Subjects, their versions, and where their frozen copies are."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from underseal.core.subject import SubjectId, SubjectKind, SubjectRef
from underseal.store.pool import Connection, Row
from underseal.store.queries import load

_SQL: Final = load("subjects")


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A subject as stored. `version` 0 means that only reports have told of it."""

    subject_id: SubjectId
    ref: SubjectRef
    creator_id: SubjectId | None
    version: int
    round: int
    outcome_visible: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenCopy:
    """Where the frozen media of a version is, and how to open it. `sha256` is of the plain bytes."""

    location: str
    sha256: bytes
    size_bytes: int
    wrapped_key: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of a subject; its media is at `media_url`, or uploaded, until there is a `copy`."""

    subject_id: SubjectId
    version: int
    registered_at: datetime
    caption: str
    language: str
    has_media: bool
    media_url: str | None
    copy: FrozenCopy | None


async def add_subject(conn: Connection, ref: SubjectRef) -> None:
    """Make sure that the subject exists."""
    await conn.execute(_SQL["add_subject"], ref.subject_id, ref.kind, ref.external_id)


async def load_subject(conn: Connection, subject_id: SubjectId) -> Subject | None:
    """Return the subject, if anybody has ever told of it."""
    return _subject(await conn.fetchrow(_SQL["load_subject"], subject_id))


async def lock_subject(conn: Connection, subject_id: SubjectId) -> Subject | None:
    """Return the subject and keep reports out of its round until the transaction ends."""
    return _subject(await conn.fetchrow(_SQL["lock_subject"], subject_id))


async def begin_version(conn: Connection, version: Version, creator_id: SubjectId) -> None:
    """Record a version and make it the current one; its frozen copy comes by `add_copy`."""
    await conn.execute(_SQL["begin_version"], version.subject_id, version.version, creator_id)
    await conn.execute(
        _SQL["add_version"],
        version.subject_id,
        version.version,
        version.registered_at,
        version.caption,
        version.language,
        version.has_media,
        version.media_url,
    )


async def end_round(conn: Connection, subject_id: SubjectId, day: date, *, is_known: bool) -> int:
    """End the round of a locked subject and return the number of the next.

    `is_known` is whether everybody may know that it has ended; else receipts stay as they are on
    this day until a tick tells.
    """
    ended: int = await conn.fetchval(_SQL["end_round"], subject_id, is_known, day)
    return ended


async def show_outcome(conn: Connection, subject_id: SubjectId) -> None:
    """Note that an effect of this round can be seen."""
    await conn.execute(_SQL["show_outcome"], subject_id)


async def load_version(conn: Connection, subject_id: SubjectId, version: int) -> Version | None:
    """Return one version of a subject."""
    row = await conn.fetchrow(_SQL["load_version"], subject_id, version)
    if row is None:
        return None
    copy = row["location"] and FrozenCopy(
        location=row["location"],
        sha256=row["sha256"],
        size_bytes=row["size_bytes"],
        wrapped_key=row["wrapped_key"],
    )
    return Version(
        subject_id=SubjectId(row["subject_id"]),
        version=row["version"],
        registered_at=row["registered_at"],
        caption=row["caption"],
        language=row["language"],
        has_media=row["has_media"],
        media_url=row["media_url"],
        copy=copy,
    )


async def add_copy(
    conn: Connection, subject_id: SubjectId, version: int, copy: FrozenCopy, now: datetime
) -> bool:
    """Record the frozen copy of a version; answers False if it has one already."""
    added = await conn.fetchval(
        _SQL["add_media"],
        subject_id,
        version,
        copy.location,
        copy.sha256,
        copy.size_bytes,
        copy.wrapped_key,
        now,
    )
    return bool(added)


def _subject(row: Row | None) -> Subject | None:
    if row is None:
        return None
    return Subject(
        subject_id=SubjectId(row["subject_id"]),
        ref=SubjectRef(kind=SubjectKind(row["kind"]), external_id=row["external_id"]),
        creator_id=row["creator_id"],
        version=row["version"],
        round=row["round"],
        outcome_visible=row["outcome_visible"],
    )
