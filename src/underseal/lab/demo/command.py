"""The command `underseal demo`."""

import asyncio
import signal
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.markup import escape

from underseal import app
from underseal.core.case import ModeratorId
from underseal.flow.scan_subject import ScanDesk
from underseal.lab.demo.narrator import Narrator, StoryError
from underseal.lab.demo.open_house import open_house
from underseal.lab.demo.receiver import Receiver
from underseal.lab.demo.scene import open_scene
from underseal.lab.demo.stage import (
    FolderInUseError,
    ServerFailedError,
    Stage,
    open_stage,
    prepare,
)
from underseal.lab.demo.story import make_videos, play
from underseal.lab.history import seed_history

STOPPED: Final = 130
"""The exit status of a story that was interrupted, as shells have it."""


def demo(
    *,
    headless: Annotated[
        bool, typer.Option("--headless", help="End after the story; exit 0 only if all is well.")
    ] = False,
    data: Annotated[
        Path, typer.Option(help="A folder for it; that of an earlier demonstration is wiped.")
    ] = Path("build/demo"),
) -> None:
    """Play the whole story against real servers, then open the house: console, pages, Loop."""
    tell = Narrator(Console(highlight=False, soft_wrap=True))
    try:
        asyncio.run(_demo(tell, data, headless=headless))
    except (StoryError, ServerFailedError, FolderInUseError) as problem:
        tell_failure(tell, problem)
        raise typer.Exit(1) from None
    except (KeyboardInterrupt, asyncio.CancelledError):
        tell.console.print("\nstopped")
        raise typer.Exit(STOPPED if headless else 0) from None


async def _demo(tell: Narrator, data: Path, *, headless: bool) -> None:
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None, "a coroutine runs in a task"
    loop.add_signal_handler(signal.SIGTERM, task.cancel)
    began_s = loop.time()
    tell.console.print("[bold]Underseal[/]: reports under seal, decisions explained in the open")
    place = prepare(data)
    async with AsyncExitStack() as stack:
        receiver = stack.enter_context(Receiver(place.videos))
        with tell.waiting("making keys, starting the database"):
            stage = await stack.enter_async_context(open_stage(place, receiver.host))
        await _set_up(tell, stage)
        with tell.waiting("starting the API and the worker"):
            await stack.enter_async_context(stage.servers())
        scene = await stack.enter_async_context(open_scene(stage, receiver, tell))
        await play(scene)
        tell.console.print(
            f"\n[bold green]All is as it should be[/]: {tell.checks} things were checked in "
            f"{loop.time() - began_s:.0f} s."
        )
    if not headless:
        await open_house(tell, place.house)


async def _set_up(tell: Narrator, stage: Stage) -> None:
    """Let three months pass, and make the videos meanwhile."""
    videos = asyncio.create_task(make_videos(stage.place))
    scanner = await asyncio.to_thread(app.make_scanner, stage.config, stage.system.guidelines)
    access = stage.access
    try:
        with tell.progress("three months of a platform's life, in days") as told:
            history = await seed_history(
                stage.system,
                ScanDesk(scanner, app.terms_of(stage.system.guidelines)),
                (
                    ModeratorId(access.moderator.principal_id),
                    ModeratorId(access.colleague.principal_id),
                    ModeratorId(access.lead.principal_id),
                ),
                app.clock(),
                told,
            )
    finally:
        scanner.close()
        await videos
    tell.say(
        f"Three months have passed: {len(history.episodes)} subjects were reported and decided, "
        f"{history.appeals} appeals heard."
    )


def tell_failure(tell: Narrator, problem: Exception) -> None:
    """Say which step failed, what was expected and what was found."""
    tell.console.print(f"\n[bold red]The story failed.[/] Step: {escape(tell.title)}")
    if isinstance(problem, StoryError):
        tell.console.print(f"  expected: {escape(problem.expected)}", style="red")
        tell.console.print(f"  found:    {escape(problem.found)}", style="red")
    else:
        tell.console.print(escape(str(problem)), style="red")
