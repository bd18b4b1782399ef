"""A platform tells of a subject, or of a new version of one.

A video waits for its scan before anybody sees it; what has no media is public at once. Telling the
same twice changes nothing. A new version ends the round: reports of the old one stop counting.
"""

from dataclasses import dataclass
from datetime import datetime

from underseal.core.disclosure import first_window
from underseal.core.ledger import EventKind
from underseal.core.subject import SubjectId, SubjectKind, SubjectRef
from underseal.core.timed_text import TimedLine
from underseal.flow.end_round import supersede_round
from underseal.flow.publish import keep_back
from underseal.flow.system import SCAN_DEADLINE, System
from underseal.store import assessments, ledger, scans, subjects, timed_texts, views
from underseal.store.pool import Connection
from underseal.store.roles import Role
from underseal.store.scans import ScanCause
from underseal.store.subjects import Subject, Version


class MediaMismatchError(ValueError):
    """A video comes with media, and nothing but a video or a sound does."""


class OtherCreatorError(ValueError):
    """The subject belongs to another creator: an owner does not change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """What a platform tells of a subject. `has_upload`: its media follows by an upload.

    `captions` are what is said in the media, and nothing that we have checked.

    Raises:
        MediaMismatchError: a video without media, or an account or comment with some.
    """

    ref: SubjectRef
    creator: SubjectRef
    caption: str
    language: str
    media_url: str | None = None
    has_upload: bool = False
    captions: tuple[TimedLine, ...] = ()

    def __post_init__(self) -> None:
        has_media = self.has_upload or self.media_url is not None
        if self.ref.kind is SubjectKind.VIDEO and not has_media:
            raise MediaMismatchError("a video has media: a url, or an upload")
        if self.ref.kind in {SubjectKind.ACCOUNT, SubjectKind.COMMENT} and has_media:
            raise MediaMismatchError(f"{self.ref.kind} has no media")
        if self.captions and not has_media:
            raise MediaMismatchError("captions belong to media")

    @property
    def has_media(self) -> bool:
        """Whether there is anything to be scanned but text."""
        return self.has_upload or self.media_url is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """The version that stands after a registration, and whether it is new."""

    ref: SubjectRef
    version: int
    is_new: bool
    awaits_upload: bool


async def register_subject(system: System, given: Registration, now: datetime) -> Registered:
    """Record a subject or a new version of it, and ask for its scan.

    Raises:
        OtherCreatorError: it is registered as somebody else's.
    """
    subject_id = given.ref.subject_id
    async with system.db.transaction(Role.CORE) as conn:
        # By id, as reports make them: two that wait for each other's would wait for ever.
        for ref in sorted((given.ref, given.creator), key=lambda each: each.subject_id):
            await subjects.add_subject(conn, ref)
        await ledger.lock_chain(conn, subject_id)
        subject = await subjects.lock_subject(conn, subject_id)
        assert subject is not None, "it was added above"
        if subject.version > 0 and subject.creator_id != given.creator.subject_id:
            raise OtherCreatorError("the subject belongs to another creator")
        current = await subjects.load_version(conn, subject_id, subject.version)
        if current is not None and await _is_same(conn, current, given):
            awaits = given.has_upload and current.copy is None
            return Registered(
                ref=given.ref, version=current.version, is_new=False, awaits_upload=awaits
            )
        version = await _begin_version(conn, system, subject, given, now)
    return Registered(ref=given.ref, version=version, is_new=True, awaits_upload=given.has_upload)


async def _begin_version(
    conn: Connection, system: System, subject: Subject, given: Registration, now: datetime
) -> int:
    subject_id, number = subject.subject_id, subject.version + 1
    if subject.version > 0:
        await supersede_round(conn, subject, now)
    version = Version(
        subject_id=subject_id,
        version=number,
        registered_at=now,
        caption=given.caption,
        language=given.language,
        has_media=given.has_media,
        media_url=given.media_url,
        copy=None,
    )
    await subjects.begin_version(conn, version, given.creator.subject_id)
    await timed_texts.add_lines(conn, subject_id, number, timed_texts.AS_REGISTERED, given.captions)
    window = first_window(now, system.settings.tick_length)
    await views.open_audience(conn, subject_id, window.opened_at)
    await ledger.append(
        conn,
        subject_id,
        EventKind.REGISTERED if number == 1 else EventKind.VERSIONED,
        {"version": number, "language": given.language, "has_media": given.has_media},
    )
    if given.has_media:
        await keep_back(conn, given.ref, now + SCAN_DEADLINE, now)
    if not given.has_upload:
        await scans.want_scan(conn, subject_id, number, ScanCause.REGISTERED, now)
    await assessments.want_assessments(conn, [SubjectId(subject_id)])
    return number


async def _is_same(conn: Connection, current: Version, given: Registration) -> bool:
    return (
        (current.caption, current.language) == (given.caption, given.language)
        and (current.has_media, current.media_url) == (given.has_media, given.media_url)
        and given.captions
        == await timed_texts.load_captions(conn, current.subject_id, current.version)
    )
