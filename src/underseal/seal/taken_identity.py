"""The file in which one sealed identity goes from the server to where the private escrow key is.

It is JSON: `schema`, the request that it was taken for, and what `escrow.open_identity` needs. By
itself it opens nothing.
"""

from dataclasses import dataclass
from typing import Annotated, Final, Literal
from uuid import UUID

import msgspec

from underseal.core.report import Pseudonym
from underseal.seal.redacted import Redacted

Schema = Literal["underseal/sealed-identity/1"]
"""The form of the file; another one has another number."""

_SCHEMA: Final[Schema] = "underseal/sealed-identity/1"


class NotTakenIdentityError(ValueError):
    """The bytes are not a file that `taken_text` wrote, or not all of it."""

    def __init__(self) -> None:
        super().__init__(
            "this is no sealed identity, or not all of one, or of another version: copy the file "
            "again, or take it again with `underseal unseal take`"
        )


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class TakenIdentity(Redacted):
    """A sealed identity outside of the vault, and the pseudonym and year that it is bound to."""

    request_id: UUID
    pseudonym: Pseudonym
    year: int
    sealed: bytes


class _Written(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    schema: Schema
    request: UUID
    year: Annotated[int, msgspec.Meta(ge=1, le=9999)]
    pseudonym: Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
    sealed: bytes


def taken_text(taken: TakenIdentity) -> str:
    """Write a sealed identity down."""
    written = _Written(
        schema=_SCHEMA,
        request=taken.request_id,
        year=taken.year,
        pseudonym=taken.pseudonym,
        sealed=taken.sealed,
    )
    return msgspec.json.format(msgspec.json.encode(written), indent=2).decode() + "\n"


def parse_taken(raw: bytes) -> TakenIdentity:
    """Read what `taken_text` wrote.

    Raises:
        NotTakenIdentityError: it did not write this.
    """
    try:
        written = msgspec.json.decode(raw, type=_Written)
    except msgspec.DecodeError:
        raise NotTakenIdentityError from None
    return TakenIdentity(
        request_id=written.request,
        pseudonym=Pseudonym(written.pseudonym),
        year=written.year,
        sealed=written.sealed,
    )
