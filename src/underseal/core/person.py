"""A person who moderates, signed in to the console."""

from dataclasses import dataclass

from underseal.core.caller import ModeratorRole, PrincipalId


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who is signed in; the `name` is what colleagues call them."""

    principal_id: PrincipalId
    name: str
    role: ModeratorRole
