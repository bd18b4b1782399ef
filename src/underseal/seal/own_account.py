"""An account on the platform that somebody who moderates uses themself: encrypted, to be compared.

What is inside is the internal id of the account and as long for every account. Who has the
database alone does not learn which account is whose.
"""

from typing import Final
from uuid import UUID

from underseal.core.subject import SubjectId
from underseal.seal.box import close_box, open_box
from underseal.seal.keys import NotesKey

_PLACE: Final = b"underseal/own-account/1\0"


def seal_account(key: NotesKey, account: SubjectId, principal: UUID) -> bytes:
    """Encrypt the account of a person, to be stored."""
    return close_box(key, account.bytes, _PLACE + principal.bytes)


def open_account(key: NotesKey, sealed: bytes, principal: UUID) -> SubjectId:
    """Return the account of a person.

    Raises:
        TamperedError: it is not this person's, or not this key's.
    """
    return SubjectId(UUID(bytes=open_box(key, sealed, _PLACE + principal.bytes)))
