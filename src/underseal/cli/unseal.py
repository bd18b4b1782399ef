"""`underseal unseal`: break-glass."""

import asyncio
from pathlib import Path
from typing import Annotated, Final
from uuid import UUID

import typer

from underseal import app
from underseal.cli.opening import Token, caller, config, out, run
from underseal.core.subject import SubjectKind, SubjectRef
from underseal.flow import unseal
from underseal.flow.system import System
from underseal.seal.escrow_key import parse_private_key
from underseal.store.roles import Role

unseal_cli: Final = typer.Typer(
    no_args_is_help=True,
    help="Open one sealed identity: two people, and the key that no server has.",
)


@unseal_cli.command("request")
def unseal_request(
    kind: SubjectKind,
    subject: str,
    alias: str,
    *,
    round_: Annotated[int, typer.Option("--round", help="The round of the case.")] = 1,
    reason: Annotated[str, typer.Option(help="Why; it stays in the ledger.")],
    word: Annotated[
        str | None, typer.Option(help="What the reporter reads first, with their receipt.")
    ] = None,
    wait_days: Annotated[int, typer.Option(help="How long they have to answer the word.")] = 14,
    token: Token,
) -> None:
    """Ask to open the identity behind an alias, and say why."""

    async def command(opened: System) -> int:
        who = unseal.Named(
            ref=SubjectRef(kind=kind, external_id=subject), round=round_, alias=alias
        )
        request_id = await unseal.request_unsealing(
            opened,
            who,
            reason,
            await caller(opened, token),
            app.clock(),
            word=None if word is None else unseal.Word(text=word, wait_days=wait_days),
        )
        out.print(f"request {request_id}: somebody else must now approve it")
        return 0

    run(command)


@unseal_cli.command("approve")
def unseal_approve(request_id: UUID, token: Token) -> None:
    """Agree to somebody else's request."""

    async def command(opened: System) -> int:
        await unseal.approve_unsealing(opened, request_id, await caller(opened, token), app.clock())
        return 0

    run(command)


@unseal_cli.command("refuse")
def unseal_refuse(request_id: UUID, token: Token) -> None:
    """End a request without opening anything: one's own, or somebody else's."""

    async def command(opened: System) -> int:
        await unseal.refuse_unsealing(opened, request_id, await caller(opened, token), app.clock())
        return 0

    run(command)


@unseal_cli.command("open")
def unseal_open(
    request_id: UUID,
    key: Annotated[Path, typer.Option(help="The private escrow key.")],
    token: Token,
) -> None:
    """Print the identity of an approved request; run it where the escrow key may be."""
    private_key = parse_private_key(key.read_text())

    async def go() -> int:
        async with app.open_system(config(), also=Role.VAULT) as opened:
            reporter_id = await unseal.open_unsealing(
                opened, request_id, private_key, await caller(opened, token), app.clock()
            )
        typer.echo(reporter_id)
        return 0

    raise typer.Exit(asyncio.run(go()))
