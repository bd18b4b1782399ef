"""Subjects: what a platform tells of what can be reported, and of every new version of it."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, ClassVar, Final
from urllib.parse import urlencode

from litestar import Response, post
from msgspec import Meta

from underseal.core.caller import Scope
from underseal.core.timed_text import TimedLine
from underseal.core.webvtt import WEBVTT_CHARS_MAX, CaptionsError, read_webvtt
from underseal.flow.register_subject import (
    OtherCreatorError,
    Registration,
    register_subject,
)
from underseal.flow.system import System
from underseal.web.api.bodies import (
    NO_NUL,
    Answer,
    Creator,
    Language,
    Strict,
    Subject,
    Url,
    Version,
)
from underseal.web.api.operation import OPERATION, Access, Injected, Operation
from underseal.web.api.visibility import VisibilityAnswer, visibility_of

CAPTION_CHARS_MAX: Final = 10_000
"""Longest caption, in characters. A limit of ours."""

BODY_BYTES_MAX: Final = 1024 * 1024
"""Largest body: the longest caption and captions, in any script. A limit of ours."""


Captions = Annotated[
    str,
    Meta(
        max_length=WEBVTT_CHARS_MAX,
        pattern=NO_NUL,
        description="What is said in it, as WebVTT. Moderators read it as unverified.",
    ),
]


class MediaBody(Strict):
    """Where the media comes from: an address to fetch it from once, or an upload that follows."""

    RULES: ClassVar[dict[str, Any]] = {
        "anyOf": [
            {
                "properties": {"url": {"type": "string"}, "upload": {"const": False}},
                "required": ["url"],
            },
            {
                "properties": {"url": {"type": "null"}, "upload": {"const": True}},
                "required": ["upload"],
            },
        ]
    }

    url: Url | None = None
    upload: bool = False
    captions: Captions | None = None

    def __post_init__(self) -> None:
        if (self.url is not None) == self.upload:
            raise ValueError("media has either a `url`, or `upload`: true")


class RegistrationBody(Strict):
    """A subject, or a new version of one. A video has media; an account or a comment has none."""

    RULES: ClassVar[dict[str, Any]] = {
        "anyOf": [
            {
                "properties": {
                    "subject": {"properties": {"kind": {"const": "video"}}},
                    "media": {"type": "object"},
                },
                "required": ["media"],
            },
            {"properties": {"subject": {"properties": {"kind": {"const": "sound"}}}}},
            {
                "properties": {
                    "subject": {"properties": {"kind": {"enum": ["account", "comment"]}}},
                    "media": {"type": "null"},
                },
            },
        ]
    }

    subject: Subject
    creator: Creator
    caption: Annotated[str, Meta(max_length=CAPTION_CHARS_MAX, pattern=NO_NUL)]
    language: Language
    media: MediaBody | None = None

    def __post_init__(self) -> None:
        _ = self.registration

    @property
    def registration(self) -> Registration:
        """What the platform tells."""
        return Registration(
            ref=self.subject.ref,
            creator=self.creator.ref,
            caption=self.caption,
            language=self.language,
            media_url=None if self.media is None else self.media.url,
            has_upload=self.media is not None and self.media.upload,
        )


class VersionAnswer(Answer):
    """The version that stands now, and who may see it: nobody before it has been scanned."""

    subject: Subject
    version: Version
    visibility: VisibilityAnswer


class RegistrationAnswer(VersionAnswer):
    """What stands after a registration; `upload_url` is where its media is awaited."""

    upload_url: str | None


@post(
    "/v1/subjects",
    opt={
        OPERATION: Operation(
            access=Access(scope=Scope.SUBJECTS_WRITE),
            raises=(OtherCreatorError, CaptionsError),
            body_bytes_max=BODY_BYTES_MAX,
            also={200: "It was known already."},
        )
    },
)
async def register(
    given: Injected[RegistrationBody], system: Injected[System], now: Injected[datetime]
) -> Response[RegistrationAnswer]:
    """Tell of a subject, or of a new version of it. Telling the same twice changes nothing."""
    registration = replace(given.registration, captions=_captions(given.media))
    registered = await register_subject(system, registration, now)
    upload_url = None
    if registered.awaits_upload:
        upload_url = f"/v1/media?{_version_query(given.subject, registered.version)}"
    answer = RegistrationAnswer(
        subject=given.subject,
        version=registered.version,
        visibility=await visibility_of(system.db, registered.ref),
        upload_url=upload_url,
    )
    return Response(answer, status_code=201 if registered.is_new else 200)


def _captions(media: MediaBody | None) -> tuple[TimedLine, ...]:
    """Read them here and not while the body is decoded: so a fault of theirs names its place."""
    return () if media is None or media.captions is None else read_webvtt(media.captions)


def _version_query(subject: Subject, version: int) -> str:
    return urlencode({"kind": subject.kind, "id": subject.id, "version": version})


handlers = (register,)
