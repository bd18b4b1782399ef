"""The web application, made once for all tests of a process; each test lends it what it works on.

Making it takes longer than most of the tests that ask it something.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from hashlib import sha256
from importlib.resources import files
from types import SimpleNamespace
from typing import Any

from litestar.types import ASGIApp

from underseal.core.guideline_file import parse
from underseal.flow.authenticate import Callers
from underseal.flow.file_report import Filer
from underseal.flow.system import System
from underseal.store.guidelines import add_guidelines
from underseal.store.pool import Database
from underseal.store.roles import Role
from underseal.web.app import make_app

GUIDELINES_TEXT = (files("underseal") / "guidelines.toml").read_text()
GUIDELINES = parse(GUIDELINES_TEXT, "guidelines.toml")
"""The guidelines that are shipped."""


class Lent:
    """Stands for what the test that runs has lent."""

    def __init__(self) -> None:
        self.what: Any = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.what, name)

    def __call__(self) -> Any:
        return self.what()


@cache
def _application(cursors: bytes) -> tuple[ASGIApp, list[Any]]:
    """Make it for a key of cursors, which it does not look up anew with each request."""
    lent: list[Any] = [Lent() for _ in range(4)]
    lent[0].what = SimpleNamespace(guidelines=GUIDELINES, keys=SimpleNamespace(cursors=cursors))
    return make_app(*lent), lent


@contextmanager
def lending(
    system: System, filer: Filer, callers: Callers, clock: Callable[[], datetime]
) -> Iterator[ASGIApp]:
    """Lend the application all that `make_app` makes it of, for one test."""
    app, lent = _application(system.keys.cursors)
    assert lent[1].what is None, "two applications in one test: make the other by `make_app`"
    for each, what in zip(lent, (system, filer, callers, clock), strict=True):
        each.what = what
    try:
        yield app
    finally:
        lent[1].what = None


async def put_in_force(database: Database, now: datetime) -> None:
    """Record the guidelines that are shipped, as `underseal serve` does when it begins."""
    digest = sha256(GUIDELINES_TEXT.encode()).digest()
    async with database.transaction(Role.CORE) as conn:
        await add_guidelines(conn, GUIDELINES.version, GUIDELINES_TEXT, digest, now.date())
