"""`underseal export`: what somebody is answered who asks for their data."""

import asyncio
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer

from underseal import app
from underseal.cli.opening import config, err, system
from underseal.cli.private_file import private_file
from underseal.core.subject import SubjectKind, SubjectRef
from underseal.flow.export_creator import CreatorExport, export_creator
from underseal.flow.export_reporter import ReporterExport, export_reporter
from underseal.store.pool import Database
from underseal.store.roles import Role, load_passwords

export_cli: Final = typer.Typer(
    no_args_is_help=True, help="Answer a creator, or a reporter, who asks for their data, in JSON."
)

Output = Annotated[
    Path | None,
    typer.Option(help="A new file that its owner alone can read; without it, it is printed."),
]


@export_cli.command("creator")
def export_of_creator(account: str, output: Output = None) -> None:
    """Write what was disclosed to the owner of an account; there is nothing in it about reports."""
    settings = config()

    async def go() -> CreatorExport:
        now = app.clock()
        async with app.open_database(settings, now.date()) as address:
            pools = {Role.CREATOR: 1}
            db = await Database.open(address, load_passwords(settings.data), pools)
            try:
                ref = SubjectRef(kind=SubjectKind.ACCOUNT, external_id=account)
                return await export_creator(db, ref, now)
            finally:
                await db.close()

    _write(asyncio.run(go()), output)


@export_cli.command("reporter")
def export_of_reporter(
    receipt: Annotated[
        list[str],
        typer.Option(
            envvar="UNDERSEAL_RECEIPTS",  # separated by spaces; other users can read arguments
            help="A receipt of theirs; as often as there are some.",
        ),
    ],
    output: Output = None,
) -> None:
    """Write what is known of the reports that somebody holds receipts of."""

    async def go() -> ReporterExport:
        async with system() as opened:
            return await export_reporter(opened, receipt, app.clock())

    _write(asyncio.run(go()), output)


def _write(answer: CreatorExport | ReporterExport, output: Path | None) -> None:
    text = msgspec.json.format(msgspec.json.encode(answer), indent=2).decode()
    if output is None:
        typer.echo(text)
        return
    with private_file(output) as file:
        file.write(text + "\n")
    err.print(f"written to {output}", markup=False)
