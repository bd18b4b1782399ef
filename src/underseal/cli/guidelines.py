"""`underseal guidelines`: what is done to a file of guidelines before it comes into force."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from underseal import app
from underseal.cli.backtest_picture import draw
from underseal.cli.backtest_table import notes, record, table
from underseal.cli.opening import config, err, out
from underseal.core.backtest import Backtest
from underseal.core.disclosure import TickLength
from underseal.core.evidence import Weighting
from underseal.core.guideline import Guidelines
from underseal.core.guideline_file import GuidelineFileError, check_text, parse
from underseal.flow.backtest import backtest
from underseal.flow.past_rounds import Trial
from underseal.flow.system import Settings
from underseal.store.pool import Database
from underseal.store.roles import Role, load_passwords

guidelines_cli: Final = typer.Typer(no_args_is_help=True, help="Check guidelines, and try them.")


@guidelines_cli.command("check")
def guidelines_check(file: Path) -> None:
    """Check a file of guidelines; every mistake with its place and a hint."""
    mistakes = check_text(file.read_text(), str(file))
    for mistake in mistakes:
        err.print(mistake, markup=False)
    if mistakes:
        raise typer.Exit(1)
    out.print(f"{file}: no mistakes")


@guidelines_cli.command("backtest")
def guidelines_backtest(
    file: Path,
    since: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="The first day that is replayed.")
    ],
    *,
    picture: Annotated[
        Path | None,
        typer.Option(help="Where the picture goes; FILE.backtest.svg unless it is given."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print it as JSON instead of a table.")
    ] = False,
) -> None:
    """Replay history under other guidelines: what they would have held, queued and removed.

    Nothing is changed. Draws a picture (SVG) beside the file.
    """
    tried = _read(file)
    found = asyncio.run(_backtest(tried, since))
    place = picture or file.with_suffix(".backtest.svg")
    place.write_text(draw(found))
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(record(found)), indent=2).decode())
    else:
        out.print(table(found), soft_wrap=False)
        for note in notes(found):
            out.print(note, markup=False, soft_wrap=False)
    err.print(f"drawn in {place}", markup=False)


def _read(file: Path) -> Guidelines:
    try:
        return parse(file.read_text(), str(file))
    except GuidelineFileError as error:
        for mistake in error.rendered:
            err.print(mistake, markup=False)
        raise typer.Exit(1) from None


async def _backtest(tried: Guidelines, since: datetime) -> Backtest:
    """Replay it with one pool, of the role that cannot write."""
    settings = config()
    now = app.clock()
    trial = Trial(
        before=app.read_guidelines(settings).guidelines,
        after=tried,
        since=since.replace(tzinfo=UTC).date(),
    )
    async with app.open_database(settings, now.date()) as address:
        pools = {Role.BACKTEST: 1}
        db = await Database.open(address, load_passwords(settings.data), pools)
        try:
            with Progress(
                TextColumn("replaying"),
                BarColumn(),
                MofNCompleteColumn(),
                console=err,
                transient=True,
            ) as progress:
                task = progress.add_task("", total=None)
                return await backtest(
                    db,
                    Settings(
                        tick_length=TickLength(settings.tick),
                        weighting=Weighting(settings.weighting),
                    ),
                    trial,
                    now,
                    lambda done, of: progress.update(task, completed=done, total=of),
                )
        finally:
            await db.close()
