"""The commands: `python -m loop connect | seed | serve`."""

import asyncio
import logging
import socket
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import httpx
import uvicorn

from loop.listening import connect
from loop.settings import SettingError, Settings
from loop.site import Site, open_site
from loop.web import make_app
from underseal.client import ApiError

READY: Final = "Loop is at"
"""How the line begins that is printed once Loop answers."""


class _Server(uvicorn.Server):
    """A server that says when it answers: whoever starts Loop waits for that line."""

    def __init__(self, config: uvicorn.Config, url: str) -> None:
        super().__init__(config)
        self._url = url

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            print(READY, self._url, flush=True)  # noqa: T201 - the line that is waited for


async def serve(site: Site) -> None:
    """Serve until stopped."""
    settings = site.settings
    config = uvicorn.Config(
        make_app(site),
        host=settings.host,
        port=settings.port,
        log_config=None,
        # Who asked for a ticket when is who reported when: no such log is kept.
        access_log=False,
        server_header=False,
    )
    await _Server(config, settings.url).serve()


async def seed(site: Site) -> None:
    """Fill Loop with the demonstration's people and videos."""
    # Imported here alone: the laboratory makes the videos, and no site would have one.
    from loop.seeding import fill  # noqa: PLC0415 - see the line above

    await fill(site)


COMMANDS: Final[Mapping[str, Callable[[Site], Awaitable[None]]]] = {
    "connect": connect,
    "seed": seed,
    "serve": serve,
}


async def _run(command: Callable[[Site], Awaitable[None]]) -> None:
    async with open_site(Settings.from_environment()) as site:
        await command(site)


def main() -> None:
    """Run a command; what a person can solve is told in a line, exit status 1."""
    logging.basicConfig(level=logging.WARNING, format="%(name)s: %(message)s")
    if len(sys.argv) != 2 or sys.argv[1] not in COMMANDS:  # noqa: PLR2004 - program and command
        sys.exit(f"usage: python -m loop {'|'.join(COMMANDS)}")
    try:
        asyncio.run(_run(COMMANDS[sys.argv[1]]))
    except (SettingError, ApiError, OSError) as problem:
        sys.exit(f"loop: {problem}")
    except httpx.TransportError as problem:
        sys.exit(f"loop: Underseal does not answer: {problem!r}")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
