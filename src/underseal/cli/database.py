"""`underseal db`: what is done to the database as a whole."""

import asyncio
from typing import Final

import typer

from underseal import app
from underseal.cli.opening import config, out
from underseal.store.order import sort_rows
from underseal.store.roles import load_passwords

db_cli: Final = typer.Typer(no_args_is_help=True, help="Tend the database.")


@db_cli.command("sort")
def db_sort() -> None:
    """Sort all rows, so that no dump tells in which order reports came; do so before a backup.

    While a table is sorted nothing is read or written in it: about fifteen seconds for a million reports.
    """
    settings = config()

    async def go() -> int:
        async with app.open_database(settings, app.clock().date()) as address:
            return await sort_rows(address, load_passwords(settings.data))

    out.print(f"{asyncio.run(go())} tables are sorted")
