"""What is true of an operation beside its signature: who may call it, and what it may refuse.

A handler takes what it needs by name: `asked` is its query and `given` its body, both read
strictly as the type that its signature says; `caller`, `person` (the moderator who calls), `now`,
`system` and `db` speak for themselves. The document of the API is made from the same signatures.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias, TypeVar

from litestar.params import SkipValidation
from msgspec import Struct

from underseal.core.caller import ModeratorRole, Scope

BODY_BYTES_MAX: Final = 64 * 1024
BULK_BYTES_MAX: Final = 4 * 1024 * 1024
"""Limits of ours."""

OPERATION: Final = "operation"
"""Where a handler keeps its `Operation`, in its `opt`."""

T = TypeVar("T")
Injected: TypeAlias = SkipValidation[T]
"""What a handler is given: it has been read and checked already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Who may call: keys with the scope, moderators with one of the roles, or holders of a ticket.

    Nothing given means everybody, without a key.
    """

    scope: Scope | None = None
    roles: frozenset[ModeratorRole] = frozenset()
    with_ticket: bool = False

    @property
    def is_public(self) -> bool:
        """Whether no key is needed."""
        return self.scope is None and not self.roles


EVERYBODY: Final = Access()


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """An operation of the API.

    Attributes:
        access: who may call it.
        raises: the errors of its own that it may answer, all of them in `web.problems`.
        body_bytes_max: the largest body it takes.
        is_body_optional: whether a request without a body is as good as an empty object.
        is_upload: whether the body is a file, and no JSON.
        also: what other statuses than its usual one say, if nothing went wrong.
        also_answers: what is answered with those of them that answer something else.
        media_type: of the answer.
    """

    access: Access
    raises: tuple[type[Exception], ...] = ()
    body_bytes_max: int = BODY_BYTES_MAX
    is_body_optional: bool = False
    is_upload: bool = False
    also: Mapping[int, str] = field(default_factory=dict)
    also_answers: Mapping[int, type[Struct]] = field(default_factory=dict)
    media_type: str = "application/json"


def platforms(scope: Scope, *raises: type[Exception]) -> Mapping[str, Operation]:
    """Return the `opt` of an operation for platforms' keys with a scope."""
    return {OPERATION: Operation(access=Access(scope=scope), raises=raises)}


def moderators(
    roles: frozenset[ModeratorRole], *raises: type[Exception]
) -> Mapping[str, Operation]:
    """Return the `opt` of an operation for moderators with one of the roles."""
    return {OPERATION: Operation(access=Access(roles=roles), raises=raises)}
