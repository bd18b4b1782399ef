"""After the story: an installation with a past, its console, and the example site, to be looked at.

It is another installation than the story's, whose people have to find an empty desk.
"""

import asyncio
import json
import os
from contextlib import AsyncExitStack
from typing import Final

from rich.live import Live
from rich.table import Table

from underseal import app
from underseal.lab.demo.example import is_here, open_example
from underseal.lab.demo.example_case import moderate_example
from underseal.lab.demo.narrator import Narrator
from underseal.lab.demo.stage import HOST, Place, Stage, open_stage
from underseal.lab.seeding.console import Seeded, seed_console

ACCESS: Final = "access.json"
"""The file with addresses and sign-ins, for whoever would rather have a program look."""


async def open_house(tell: Narrator, place: Place) -> None:
    """Set everything up to be looked at, and leave it running until somebody stops it.

    Raises:
        ServerFailedError: a server did not come up, or has ended.
    """
    async with AsyncExitStack() as stack:
        with tell.waiting("making keys, starting the database"):
            stage = await stack.enter_async_context(open_stage(place, HOST + ":1"))
        with tell.progress("three months of another platform's life, in days") as told:
            seeded = await seed_console(stage.system, app.clock(), told)
        tell.say(
            f"{seeded.posts} posts were looked at, {seeded.decisions} decided, "
            f"{seeded.appeals} appeals heard; {seeded.waiting} cases wait."
        )
        with tell.waiting("starting the API, the console and the worker"):
            await stack.enter_async_context(stage.servers())
        receipt = ""
        if is_here():
            with tell.waiting("starting Loop, the example site, and letting people post"):
                await stack.enter_async_context(open_example(stage))
                receipt = await moderate_example(stage)
        _write_access(stage, seeded, receipt)
        _invite(tell, stage)
        await _run_on(tell, stage, seeded)


def _invite(tell: Narrator, stage: Stage) -> None:
    """Say what there is to look at."""
    told = {
        "The console": f"{stage.url}/console",
        "What reporters and creators see": stage.url,
        "The API, to read and to try": f"{stage.url}/docs",
    }
    if is_here():
        told["Loop, a site that uses Underseal"] = stage.example_url
    tell.console.print()
    for what, where in told.items():
        tell.console.print(f"{what:<34} [bold]{where}[/]")
    console, shell = tell.console, stage.shell
    console.print("Check that nobody has touched the past:", style="dim")
    console.print(f"  {shell('audit verify')}", style="dim", markup=False)
    console.print(f"Keys of the API, for programs: {stage.place.folder / ACCESS}", style="dim")
    console.print("\nSign in to the console; a code is good once. Ctrl-C stops everything.")


async def _run_on(tell: Narrator, stage: Stage, seeded: Seeded) -> None:
    """Show the codes as they change, until somebody stops it or a server ends."""
    if not tell.console.is_terminal:
        tell.console.print(_sign_ins(seeded))
    with Live(console=tell.console, auto_refresh=False, transient=True) as live:
        while True:
            if tell.console.is_terminal:
                live.update(_sign_ins(seeded), refresh=True)
            await asyncio.sleep(1)
            stage.check_servers()


def _sign_ins(seeded: Seeded) -> Table:
    now = app.clock()
    table = Table("role", "user name", "password", f"code, {30 - now.second % 30} s more")
    for each in seeded.people:
        table.add_row(each.person.role, each.user_name, each.password, each.code(now))
    return table


def _write_access(stage: Stage, seeded: Seeded, receipt: str) -> None:
    access = {
        "underseal": stage.url,
        "loop": stage.example_url,
        "platform_key": stage.access.platform.token,
        "platform_ticket_secret": stage.access.platform.ticket_secret,
        "receipts": seeded.receipts,
        "creator": seeded.creator,
        "loop_receipt": receipt,
        "people": {
            each.user_name: {
                "role": each.person.role,
                "user_name": each.user_name,
                "password": each.password,
                "totp_secret": each.secret,
            }
            for each in seeded.people
        },
    }
    file = stage.place.folder / ACCESS
    with os.fdopen(os.open(file, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as opened:
        json.dump(access, opened, indent=2)
