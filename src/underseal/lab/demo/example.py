"""The example site of the demonstration: Loop, started as an operator would start it.

It is a customer: it gets an API key and an address, and nothing else of ours.
"""

import asyncio
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from underseal.lab.demo.stage import (
    HOST,
    TICK_SECONDS,
    ServerFailedError,
    Stage,
    server_environment,
)

FOLDER: Final = Path(__file__).parents[4] / "examples" / "loop"
"""Beside the package in the repository; an installation from a wheel has no examples."""

READY: Final = b"Loop is at"
STOP_S: Final = 20.0


def is_here() -> bool:
    """Whether there is an example site to run."""
    return (FOLDER / "loop").is_dir()


@asynccontextmanager
async def open_example(stage: Stage) -> AsyncIterator[str]:
    """Run Loop with people and videos in it; return its address, and stop it in the end.

    Raises:
        ServerFailedError: it did not come up.
    """
    settings = _settings(stage)
    async with _running(stage, settings, "connect") as connecting:
        await _until_done(stage, connecting)
    async with _running(stage, settings, "serve") as serving:
        await _until_ready(stage, serving)
        async with _running(stage, settings, "seed") as seeding:
            await _until_done(stage, seeding)
        yield stage.example_url


def _settings(stage: Stage) -> Mapping[str, str]:
    folder = stage.place.folder / "loop"
    folder.mkdir(mode=0o700)
    secrets = {
        "UNDERSEAL_KEY": stage.access.loop.token,
        "UNDERSEAL_TICKET_SECRET": stage.access.loop.ticket_secret or "",
    }
    for name, secret in secrets.items():
        file = folder / name.lower()
        file.touch(mode=0o600)
        file.write_text(secret)
    return {
        "LOOP_HOST": HOST,
        "LOOP_PORT": stage.example_url.rpartition(":")[2],
        "LOOP_DATA": str(folder),
        "LOOP_TICK_SECONDS": str(TICK_SECONDS),
        "UNDERSEAL_URL": stage.url,
        **{name: str(folder / name.lower()) for name in secrets},
    }


@asynccontextmanager
async def _running(
    stage: Stage, settings: Mapping[str, str], command: str
) -> AsyncIterator[Process]:
    """Run one of Loop's commands, and stop it in the end if it has not ended by itself."""
    with stage.place.log("loop").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "loop",
            command,
            cwd=FOLDER,
            env=server_environment(settings),
            stdin=DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            await asyncio.wait_for(process.wait(), STOP_S)


async def _until_done(stage: Stage, process: Process) -> None:
    if await process.wait() != 0:
        raise ServerFailedError("loop", stage.place.log("loop"))


async def _until_ready(stage: Stage, process: Process) -> None:
    while READY not in stage.place.log("loop").read_bytes():
        if process.returncode is not None:
            raise ServerFailedError("loop", stage.place.log("loop"))
        await asyncio.sleep(0.1)
