"""What several resources send and answer: subjects, people, pages of a list."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Final

import msgspec
from msgspec import Meta

from underseal.core.subject import EXTERNAL_ID_BYTES_MAX, SubjectKind, SubjectRef

INT_MAX: Final = 2**31 - 1
"""The largest count and version: what a column of the database holds."""

BULK_MAX: Final = 1_000
"""Subjects in one request. A limit of ours."""

URL_CHARS_MAX: Final = 2_000
"""Longest address that is taken. A limit of ours."""

NO_NUL: Final = r"^[^\x00]*$"
"""A text that the database can hold."""

ExternalId = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=EXTERNAL_ID_BYTES_MAX,
        pattern=NO_NUL,
        description="An id of the platform's: at most 512 bytes of UTF-8.",
    ),
]
Version = Annotated[int, Meta(ge=1, le=INT_MAX, description="Versions of a subject count from 1.")]
Limit = Annotated[int, Meta(ge=1, le=100, description="How many at most.")]
Cursor = Annotated[
    str,
    Meta(
        max_length=1_000,
        description="Where to go on: the `cursor` of an answer before. It is opaque, and good for "
        "the same question only.",
    ),
]
Language = Annotated[
    str,
    Meta(pattern=r"^[A-Za-z0-9-]{2,35}$", description="A language tag (BCP 47), such as `pt-BR`."),
]
Url = Annotated[
    str,
    Meta(
        max_length=URL_CHARS_MAX,
        pattern=r"^https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?([/?][!-~]*)?$",
        description="An address of the open internet, by https.",
    ),
]


class Strict(msgspec.Struct, forbid_unknown_fields=True):
    """An object with these fields and no others.

    `RULES` is what JSON Schema says beside the fields: how they depend on each other.
    """

    RULES: ClassVar[Mapping[str, Any]] = {}


class Answer(msgspec.Struct):
    """What is answered: these fields, and perhaps others in time."""


class Subject(Strict):
    """A subject as the platform names it."""

    kind: SubjectKind
    id: ExternalId

    def __post_init__(self) -> None:
        _ = self.ref

    @property
    def ref(self) -> SubjectRef:
        """The subject itself."""
        return SubjectRef(kind=self.kind, external_id=self.id)

    @classmethod
    def of(cls, ref: SubjectRef) -> "Subject":
        """Return the subject as the platform names it."""
        return cls(kind=ref.kind, id=ref.external_id)


class Creator(Strict):
    """The owner of a subject: an account."""

    id: ExternalId

    def __post_init__(self) -> None:
        _ = self.ref

    @property
    def ref(self) -> SubjectRef:
        """The account."""
        return SubjectRef(kind=SubjectKind.ACCOUNT, external_id=self.id)


class Moment(Strict):
    """A stretch of the video, from the one millisecond up to the other."""

    start_ms: Annotated[int, Meta(ge=0, le=INT_MAX)]
    end_ms: Annotated[int, Meta(ge=0, le=INT_MAX)]
