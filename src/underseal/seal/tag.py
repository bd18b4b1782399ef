"""The tag: recognises the same person's report of the same subject, and nothing else.

Tags of one person for two subjects have nothing in common to anyone without the year's key.
"""

from dataclasses import dataclass
from datetime import date
from hmac import digest
from typing import Final

from underseal.core.report import Tag
from underseal.core.subject import SubjectId
from underseal.seal.keys import KeyRing
from underseal.seal.redacted import Redacted

TAG_BYTES: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Tags(Redacted):
    """The tag to store, and those under which an earlier year may have stored the same person.

    `previous` is newest first, one for each earlier year whose key is live.
    """

    current: Tag
    previous: tuple[Tag, ...]


def tags(keys: KeyRing, today: date, reporter_id: str, subject_id: SubjectId) -> Tags:
    """Compute the tags of a person for a subject.

    Raises:
        YearKeyMissingError: this year has no key.
    """
    # The subject is always the last 16 bytes, so no two pairs make the same message.
    message = reporter_id.encode() + subject_id.bytes
    current, *previous = [Tag(digest(year.tag, message, "sha256")) for year in keys.for_day(today)]
    return Tags(current=current, previous=tuple(previous))


def anonymous_tag(random_bytes: bytes) -> Tag:
    """Make the tag of somebody without an account from 32 random bytes: it recognises nobody.

    Raises:
        ValueError: there are not 32 of them.
    """
    if len(random_bytes) != TAG_BYTES:
        raise ValueError(f"a tag is {TAG_BYTES} random bytes")
    return Tag(random_bytes)
