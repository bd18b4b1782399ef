"""`underseal unseal`: break-glass."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated, Final
from uuid import UUID

import typer

from underseal import app
from underseal.cli.opening import Token, caller, config, err, out, run
from underseal.cli.private_file import private_file
from underseal.core.subject import InvalidExternalIdError, SubjectKind, SubjectRef
from underseal.flow.approve_unsealing import approve_unsealing
from underseal.flow.confirm_identity import confirm_identity
from underseal.flow.refuse_unsealing import refuse_unsealing
from underseal.flow.request_unsealing import Named, Word, request_unsealing
from underseal.flow.system import System
from underseal.flow.take_identity import take_identity
from underseal.seal.escrow import open_identity
from underseal.seal.escrow_key import parse_private_key
from underseal.seal.taken_identity import TakenIdentity, parse_taken, taken_text
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
        who = Named(ref=SubjectRef(kind=kind, external_id=subject), round=round_, alias=alias)
        request_id = await request_unsealing(
            opened,
            who,
            reason,
            await caller(opened, token),
            app.clock(),
            word=None if word is None else Word(text=word, wait_days=wait_days),
        )
        out.print(f"request {request_id}: somebody else must now approve it")
        return 0

    run(command)


@unseal_cli.command("approve")
def unseal_approve(request_id: UUID, token: Token) -> None:
    """Agree to somebody else's request."""

    async def command(opened: System) -> int:
        who = await caller(opened, token)
        ends_at = await approve_unsealing(opened, request_id, who, app.clock())
        out.print(f"approved until {ends_at:%Y-%m-%d %H:%M} UTC: `underseal unseal take` is next")
        return 0

    run(command)


@unseal_cli.command("refuse")
def unseal_refuse(request_id: UUID, token: Token) -> None:
    """End a request without opening anything: one's own, or somebody else's."""

    async def command(opened: System) -> int:
        await refuse_unsealing(opened, request_id, await caller(opened, token), app.clock())
        return 0

    run(command)


@unseal_cli.command("take")
def unseal_take(
    request_id: UUID,
    to: Annotated[Path, typer.Option("--out", help="A new file, which opens nothing by itself.")],
    token: Token,
) -> None:
    """Write the sealed identity of an approved request to a file, for where the key is."""

    async def go() -> TakenIdentity:
        async with app.open_system(config(), also=Role.VAULT) as opened:
            return await take_identity(opened, request_id, await caller(opened, token), app.clock())

    with private_file(to) as file:
        file.write(taken_text(asyncio.run(go())))
    out.print(
        f"{to}: bring it to where the escrow key is, and run `underseal unseal open {to.name} "
        "--key KEY` there",
        markup=False,
    )


@unseal_cli.command("open")
def unseal_open(
    file: Annotated[Path, typer.Argument(help="What `underseal unseal take` has written.")],
    key: Annotated[Path, typer.Option(help="The private escrow key.")],
) -> None:
    """Print the identity in a file; run it on a machine that is no server, without a network."""
    private_key = parse_private_key(key.read_text(errors="replace"))
    taken = parse_taken(file.read_bytes())
    typer.echo(open_identity(private_key, taken.sealed, taken.pseudonym, taken.year))


@unseal_cli.command("confirm")
def unseal_confirm(request_id: UUID, token: Token) -> None:
    """Say whether an id, read from the standard input, is that of who reported."""
    reporter_id = _read_id()

    async def command(opened: System) -> int:
        who = await caller(opened, token)
        await confirm_identity(opened, request_id, reporter_id, who, app.clock())
        out.print("confirmed: this is who reported")
        return 0

    run(command)


def _read_id() -> str:
    """Read the id where no other user of the machine sees it, as they do arguments."""
    if sys.stdin.isatty():
        err.print("the id that was opened:")
    try:
        return sys.stdin.readline().removesuffix("\n")
    except UnicodeDecodeError:
        raise InvalidExternalIdError("an id is valid Unicode") from None
