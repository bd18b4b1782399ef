"""How the story is told: steps, what happens in them, and what was found to be as it should."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from textwrap import shorten
from typing import Final, TypeVar

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

T = TypeVar("T")

POLL_S: Final = 0.1
"""How often something that is waited for is looked at. A setting."""

PATIENCE_S: Final = 45.0
"""How long anything may take before the story has failed: far longer than it does. A setting."""


FOUND_CHARS_MAX: Final = 500
"""So much of what was found is told. A limit of ours."""


class StoryError(Exception):
    """Something is not as it should be."""

    def __init__(self, expected: str, found: object) -> None:
        super().__init__(f"expected {expected}; found {found}")
        self.expected = expected
        self.found = shorten(str(found), FOUND_CHARS_MAX)


class Narrator:
    """Tells the story on a console, and knows which step it is at."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.title = "setting up"
        self._step = 0
        self.checks = 0

    def step(self, title: str) -> None:
        """Begin a step."""
        self._step += 1
        self.title = f"{self._step}. {title}"
        self.console.print(f"\n[bold cyan]{self._step:>2}[/]  [bold]{escape(title)}[/]")

    def say(self, text: str) -> None:
        """Tell what happens."""
        self.console.print(f"    {escape(text)}")

    def done(self, what: str) -> None:
        """State what has been waited for, and came."""
        self.checks += 1
        self.console.print(f"    [green]✓[/] {escape(what)}")

    def check(self, expected: str, holds: object, found: object = None) -> None:
        """State what is as it should be.

        Raises:
            StoryError: it is not.
        """
        if not holds:
            raise StoryError(expected, "otherwise" if found is None else found)
        self.done(expected)

    def check_equal(self, expected: str, found: T, wanted: T) -> None:
        """State that something is exactly what it should be.

        Raises:
            StoryError: it is not.
        """
        self.check(expected, found == wanted, f"{found!r} where {wanted!r} was expected")

    async def until(self, what: str, look: Callable[[], Awaitable[T | None]]) -> T:
        """Wait until `look` finds something, and return it.

        Raises:
            StoryError: it found nothing for `PATIENCE_S`.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + PATIENCE_S
        with self.waiting(what):
            while (found := await look()) is None:
                if loop.time() > deadline:
                    raise StoryError(what, f"nothing of the kind within {PATIENCE_S:.0f} s")
                await asyncio.sleep(POLL_S)
        return found

    @contextmanager
    def waiting(self, what: str) -> Iterator[None]:
        """Show that something is waited for."""
        with self.console.status(f"[dim]{escape(what)} …[/]", spinner="dots"):
            yield

    @contextmanager
    def progress(self, what: str) -> Iterator[Callable[[int, int], None]]:
        """Show a bar; gives what tells it how much of how much is done."""
        columns = (
            TextColumn("    [dim]{task.description}[/]"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=self.console, transient=True) as progress:
            task = progress.add_task(what, total=None)
            yield lambda done, total: progress.update(task, completed=done, total=total)
