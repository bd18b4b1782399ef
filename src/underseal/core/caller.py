"""A caller of the API: a platform's server, which has scopes, or a moderator, who has a role."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType
from uuid import UUID

PrincipalId = NewType("PrincipalId", UUID)
"""Who a key belongs to; one principal may have several keys."""

KeyId = NewType("KeyId", str)
"""The part of an API key that names it: 12 lower-case letters and digits."""


class Scope(StrEnum):
    """What a platform's key may be used for."""

    REPORTS_WRITE = "reports:write"
    RECEIPTS_READ = "receipts:read"
    SUBJECTS_WRITE = "subjects:write"
    VIEWS_WRITE = "views:write"
    VISIBILITY_READ = "visibility:read"
    CREATORS_READ = "creators:read"
    APPEALS_WRITE = "appeals:write"
    GUIDELINES_READ = "guidelines:read"
    WEBHOOKS_WRITE = "webhooks:write"
    TICKET_SIGN = "ticket:sign"


class ModeratorRole(StrEnum):
    """What a moderator's key may be used for."""

    MODERATOR = "moderator"
    LEAD = "lead"
    AUDITOR = "auditor"
    ADMIN = "admin"


class ScopeMissingError(Exception):
    """The key was not given the scope that the request needs."""

    def __init__(self, scope: Scope) -> None:
        super().__init__(f"this key does not have the scope {scope}")
        self.scope = scope


class RoleMissingError(Exception):
    """The request is for moderators of another role, or for moderators alone."""

    def __init__(self, roles: frozenset[ModeratorRole]) -> None:
        super().__init__(f"this is for the roles {', '.join(sorted(roles))}")
        self.roles = roles


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Whose key a request came with. A platform has no `role`, a moderator no `scopes`."""

    key_id: KeyId
    principal_id: PrincipalId
    role: ModeratorRole | None
    scopes: frozenset[Scope]


def require_scope(caller: Caller, scope: Scope) -> None:
    """Refuse a caller without `scope`.

    Raises:
        ScopeMissingError: it is not among the caller's.
    """
    if scope not in caller.scopes:
        raise ScopeMissingError(scope)


def require_role(caller: Caller, *roles: ModeratorRole) -> None:
    """Refuse a caller who has none of `roles`.

    Raises:
        RoleMissingError: it is another moderator, or a platform.
    """
    if caller.role not in roles:
        raise RoleMissingError(frozenset(roles))
