"""`underseal keys`: make the key folder, add the key of a year, destroy the key of a year."""

from pathlib import Path
from typing import Annotated, Final

import typer

from underseal import app
from underseal.cli.opening import Token, caller, config, out, run
from underseal.cli.private_file import private_file
from underseal.flow.destroy_year import destroy_year
from underseal.flow.system import System
from underseal.seal import keys
from underseal.seal.escrow_key import private_key_text
from underseal.seal.key_file import KeyFolderError

keys_cli: Final = typer.Typer(no_args_is_help=True, help="Make keys, and destroy those of a year.")


@keys_cli.command("create")
def keys_create(
    escrow: Annotated[
        Path,
        typer.Option(help="Where the private escrow key goes: a medium that is taken offline."),
    ],
) -> None:
    """Make a complete key folder, and the escrow key that is kept away from every server."""
    settings = config()
    if escrow.exists():
        raise KeyFolderError(f"{escrow} exists already: choose another place")
    if escrow.absolute().is_relative_to(settings.keys):
        raise KeyFolderError(f"{escrow} is in the server's key folder: choose another place")
    private_key = keys.create(settings.keys, app.clock().date())
    with private_file(escrow) as file:
        file.write(private_key_text(private_key) + "\n")
    out.print(f"keys: {settings.keys}\nprivate escrow key: {escrow}; take it offline now")


@keys_cli.command("add-year")
def keys_add_year(year: int) -> None:
    """Make the key of a year, before it begins; restart the servers afterwards."""
    keys.add_year(config().keys, year)


@keys_cli.command("destroy-year")
def keys_destroy_year(year: int, token: Token) -> None:
    """Destroy a past year: its identities, the links to them, and then its key.

    Track records go on under the next year's pseudonyms. What is broken off goes on when the
    command is run again; run it, too, wherever else a copy of the key is.
    """

    async def command(opened: System) -> int:
        who = await caller(opened, token)
        await destroy_year(opened, config().keys, year, who, app.clock())
        out.print(
            f"{year} is destroyed here: restart the servers, run this command on every machine that "
            "has the key, destroy every backup of it, and run `underseal db sort`"
        )
        return 0

    run(command)
