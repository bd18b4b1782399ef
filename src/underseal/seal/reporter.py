"""A reporter, sealed: what is left of who somebody is when their report goes on its way.

This is the hot path of intake. After it, nothing that is kept holds the reporter's id.
"""

import os
from dataclasses import dataclass
from datetime import date

from underseal.core.report import Pseudonym, Tag
from underseal.core.subject import SubjectId, check_external_id
from underseal.seal.escrow import IdentityNotSealedError, SealedOnce, seal_identity
from underseal.seal.key_file import KeyFolderError
from underseal.seal.keys import KeyRing
from underseal.seal.pseudonym import pseudonyms
from underseal.seal.redacted import Redacted
from underseal.seal.tag import TAG_BYTES, anonymous_tag, tags


class SealingError(Exception):
    """The reporter could not be sealed, so the report must not be stored."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SealedReporter(Redacted):
    """What may be stored of a reporter.

    `tag` is stored, unless a report is stored under one of `previous_tags`: then this repeats it.
    Without an account there is only a tag. `identity` is None where it is known to be stored; where
    it is not, store it with the link from `pseudonym` to `previous_pseudonym`, and once that is
    committed add `pseudonym` to the `SealedOnce`.
    """

    tag: Tag
    previous_tags: tuple[Tag, ...]
    pseudonym: Pseudonym | None
    previous_pseudonym: Pseudonym | None
    identity: bytes | None
    year: int


def seal_reporter(
    keys: KeyRing,
    today: date,
    reporter_id: str | None,
    subject_id: SubjectId,
    sealed_once: SealedOnce,
) -> SealedReporter:
    """Turn a reporter's id, or None without an account, into what may be stored.

    Raises:
        InvalidExternalIdError: it is not an acceptable id.
        SealingError: the year has no key, or a computation failed; store nothing.
    """
    if reporter_id is None:
        return SealedReporter(
            tag=anonymous_tag(os.urandom(TAG_BYTES)),
            previous_tags=(),
            pseudonym=None,
            previous_pseudonym=None,
            identity=None,
            year=today.year,
        )
    check_external_id(reporter_id)
    try:
        tag = tags(keys, today, reporter_id, subject_id)
        pseudonym = pseudonyms(keys, today, reporter_id)
        identity = (
            None
            if pseudonym.current in sealed_once
            else seal_identity(keys.escrow, reporter_id, pseudonym.current, today.year)
        )
    except KeyFolderError as error:
        raise SealingError(str(error)) from None
    except (IdentityNotSealedError, ValueError):
        # The reason may quote what was sealed, so it goes no further.
        raise SealingError("a reporter could not be sealed") from None
    return SealedReporter(
        tag=tag.current,
        previous_tags=tag.previous,
        pseudonym=pseudonym.current,
        previous_pseudonym=pseudonym.previous,
        identity=identity,
        year=today.year,
    )
