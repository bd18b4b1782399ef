"""What can be reported: a video, an account, a comment or a sound.

The platform names a subject by its kind and its own id. Underseal derives its internal id from
these, so that a report can be stored without looking anything up first.
"""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NewType
from uuid import UUID

EXTERNAL_ID_BYTES_MAX: Final = 512
"""Longest id of a platform that is accepted, in bytes of UTF-8. A limit of ours."""

SubjectId = NewType("SubjectId", UUID)


class SubjectKind(StrEnum):
    """The kinds of subject."""

    VIDEO = "video"
    ACCOUNT = "account"
    COMMENT = "comment"
    SOUND = "sound"


class InvalidExternalIdError(ValueError):
    """A platform's id is empty, longer than 512 bytes of UTF-8, or holds a NUL or a surrogate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectRef:
    """A subject as the platform names it.

    Raises:
        InvalidExternalIdError: `external_id` is not acceptable.
    """

    kind: SubjectKind
    external_id: str

    def __post_init__(self) -> None:
        check_external_id(self.external_id)

    @property
    def subject_id(self) -> SubjectId:
        """The internal id: the first 16 bytes of a SHA-256 over kind and id."""
        named = f"underseal/subject/1\0{self.kind}\0{self.external_id}".encode()
        return SubjectId(UUID(bytes=hashlib.sha256(named).digest()[:16]))


def check_external_id(external_id: str) -> None:
    """Refuse an id that cannot be stored as it came.

    Raises:
        InvalidExternalIdError: empty, too long, or with a character PostgreSQL cannot hold.
    """
    if not external_id or "\0" in external_id:
        raise InvalidExternalIdError("an id has at least one character and no NUL")
    try:
        length = len(external_id.encode())
    except UnicodeEncodeError:
        raise InvalidExternalIdError("an id is valid Unicode") from None
    if length > EXTERNAL_ID_BYTES_MAX:
        raise InvalidExternalIdError(f"an id has at most {EXTERNAL_ID_BYTES_MAX} bytes")
