"""Every place of the pages, as their handlers say it: who adds a page adds it here, too."""

import re
from dataclasses import dataclass

import msgspec

from underseal.core.caller import ModeratorRole
from underseal.web.console.gate import ROLES
from underseal.web.site import PAGES

GAP = re.compile(r"\{(\w+):(\w+)\}")
SOME_ID = "00000000-0000-4000-8000-000000000000"


@dataclass(frozen=True)
class Place:
    """A method and a path. `roles` are of whom it is for, or None; `fields` what it may read."""

    method: str
    path: str
    roles: frozenset[ModeratorRole] | None
    fields: tuple[str, ...]

    def filled(self, **given: str) -> str:
        """The path with something in its gaps, which need not be there."""
        return GAP.sub(
            lambda gap: given.get(gap[1], SOME_ID if gap[2] == "uuid" else "x"), self.path
        )

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def _fields(module: object) -> tuple[str, ...]:
    structs = [each for each in vars(module).values() if isinstance(each, type)]
    return tuple(
        sorted(
            {
                name
                for each in structs
                if issubclass(each, msgspec.Struct)
                for name in each.__struct_encode_fields__
            }
        )
    )


PLACES = [
    Place(method, path, handler.opt.get(ROLES), _fields(module))
    for module in PAGES
    for handler in module.handlers
    for path in sorted(handler.paths)
    for method in sorted(handler.http_methods)
]
POSTS = [each for each in PLACES if each.method == "POST"]
GETS = [each for each in PLACES if each.method == "GET"]
