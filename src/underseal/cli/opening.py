"""What every command begins with: the settings, an open system, and whose key it is asked with."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Annotated, Final

import typer
from rich.console import Console

from underseal import app
from underseal.config import Config, environment
from underseal.core.caller import Caller
from underseal.flow.authenticate import Callers
from underseal.flow.system import System

err: Final = Console(stderr=True, highlight=False)
out: Final = Console(highlight=False, soft_wrap=True)

Token = Annotated[
    str, typer.Option(envvar="UNDERSEAL_TOKEN", prompt=True, hide_input=True, help="Your API key.")
]


def config() -> Config:
    """Read the settings."""
    return Config.from_environment(environment())


@asynccontextmanager
async def system() -> AsyncIterator[System]:
    """Open everything, for one command."""
    async with app.open_system(config()) as opened:
        yield opened


def run(command: Callable[[System], Awaitable[int]]) -> None:
    """Run a command on an open system and exit with what it answers."""

    async def go() -> int:
        async with system() as opened:
            return await command(opened)

    raise typer.Exit(asyncio.run(go()))


async def caller(opened: System, token: str) -> Caller:
    """Return whose API key it is.

    Raises:
        UnknownKeyError: nobody's.
    """
    return await Callers(opened.db, opened.keys).by_token(token)
