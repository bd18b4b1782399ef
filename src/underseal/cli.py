"""The command line: `underseal COMMAND`.

Commands of other distributions join by the entry-point group `underseal.commands`; that is how the
laboratory's `demo` and `bench` get here although nothing may import the laboratory.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated, Final
from uuid import UUID

import typer
from rich.console import Console

from underseal import app
from underseal.config import Config, SettingError, environment
from underseal.core.caller import Caller, KeyId, ModeratorRole, Scope
from underseal.core.guideline_file import GuidelineFileError, check_text
from underseal.core.person import InvalidPersonError
from underseal.core.subject import InvalidExternalIdError, SubjectKind, SubjectRef
from underseal.flow import authenticate, invite, unseal
from underseal.flow.adopt_guidelines import GuidelinesChangedError
from underseal.flow.audit import audit_all
from underseal.flow.checkpoint import CheckpointFileError, read_exported
from underseal.flow.explain import explain_subject
from underseal.flow.system import System
from underseal.scan.limits import SandboxMissingError
from underseal.scan.scanner import ScanFailed
from underseal.seal import keys
from underseal.seal.escrow import IdentityNotOpenedError
from underseal.seal.escrow_key import EscrowKeyError, parse_private_key, private_key_text
from underseal.seal.key_file import KeyFolderError
from underseal.store.binaries import ServerError
from underseal.store.bootstrap import UnsuitableDatabaseError
from underseal.store.connection import DatabaseUrlError, PasswordMismatchError
from underseal.store.migrate import MigrationError
from underseal.store.passwords import PasswordsExposedError
from underseal.store.pool import DatabaseAwayError
from underseal.store.roles import Role

EXPECTED: Final = (
    SettingError,
    KeyFolderError,
    EscrowKeyError,
    IdentityNotOpenedError,
    GuidelineFileError,
    GuidelinesChangedError,
    UnsuitableDatabaseError,
    DatabaseUrlError,
    DatabaseAwayError,
    PasswordMismatchError,
    PasswordsExposedError,
    MigrationError,
    CheckpointFileError,
    ServerError,
    SandboxMissingError,
    InvalidExternalIdError,
    InvalidPersonError,
    invite.UserNameTakenError,
    invite.UnknownPersonError,
    authenticate.UnknownKeyError,
    unseal.ReasonTooShortError,
    unseal.UnknownReporterError,
    unseal.UnknownRequestError,
    unseal.SamePersonError,
    unseal.NotApprovedError,
    unseal.IdentityDestroyedError,
    unseal.FalseIdentityError,
    OSError,
)
"""What a person at the keyboard can do something about: told in a line, without a traceback."""

err: Final = Console(stderr=True, highlight=False)
out: Final = Console(highlight=False, soft_wrap=True)

cli: Final = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__
)
keys_cli: Final = typer.Typer(no_args_is_help=True, help="Make keys.")
guidelines_cli: Final = typer.Typer(no_args_is_help=True, help="Check guidelines.")
people_cli: Final = typer.Typer(no_args_is_help=True, help="Say who may sign in to the console.")
access_cli: Final = typer.Typer(no_args_is_help=True, help="Say who may call the API.")
audit_cli: Final = typer.Typer(no_args_is_help=True, help="Check the ledger.")
unseal_cli: Final = typer.Typer(
    no_args_is_help=True,
    help="Open one sealed identity: two people, and the key that no server has.",
)
for group, name in (
    (keys_cli, "keys"),
    (guidelines_cli, "guidelines"),
    (access_cli, "access"),
    (people_cli, "people"),
    (audit_cli, "audit"),
    (unseal_cli, "unseal"),
):
    cli.add_typer(group, name=name)


def main() -> None:
    """Run the command line; problems that a person can solve are told in a line, exit status 1."""
    asked = sys.argv[1] if len(sys.argv) > 1 else "--help"
    for command in entry_points(group="underseal.commands"):
        if asked in {command.name, "--help"}:  # a server that starts need not load the laboratory
            cli.command(command.name)(command.load())
    try:
        cli()
    except EXPECTED as problem:
        err.print(f"[red]underseal:[/] {problem}")
        sys.exit(1)


def config() -> Config:
    """Read the settings."""
    return Config.from_environment(environment())


@asynccontextmanager
async def system() -> AsyncIterator[System]:
    """Open everything, for one command."""
    async with app.open_system(config()) as opened:
        yield opened


def run(command: Callable[[System], Awaitable[int]]) -> None:
    """Run a command on an open system and exit with what it answers."""

    async def go() -> int:
        async with system() as opened:
            return await command(opened)

    raise typer.Exit(asyncio.run(go()))


@cli.command()
def serve(
    *, worker: Annotated[bool, typer.Option(help="Do the background work here too.")] = True
) -> None:
    """Serve the API, and do the background work unless other processes do."""
    app.serve(config(), with_worker=worker)


@cli.command()
def worker() -> None:
    """Do the background work: assess, scan, disclose, deliver."""
    app.work(config())


@cli.command()
def scan(file: Path, caption: str = "") -> None:
    """Let the machines look at a video file, and print what they say."""
    settings = config()
    with app.make_scanner(settings, app.read_guidelines(settings).guidelines) as scanner:
        result = scanner.scan(file, caption=caption)
    if isinstance(result, ScanFailed):
        err.print(f"[red]scan failed:[/] {result.reason}; a human would look at it")
        raise typer.Exit(1)
    out.print(f"scanner {result.scanner_version}, {len(result.hashes)} frames hashed")
    for signal in result.signals:
        moment = signal.moment
        place = f"{moment.start_ms} to {moment.end_ms} ms" if moment else "all of it"
        line = f"{signal.detector} {signal.guideline} {signal.score:.2f} at {place} {signal.detail}"
        out.print(line, markup=False)


@cli.command()
def explain(kind: SubjectKind, subject: str) -> None:
    """Print why a subject is believed to break a guideline: every term, in nats."""

    async def command(opened: System) -> int:
        for line in await explain_subject(opened, SubjectRef(kind=kind, external_id=subject)):
            out.print(line, markup=False)
        return 0

    run(command)


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
    with os.fdopen(os.open(escrow, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.write(private_key_text(private_key) + "\n")
    out.print(f"keys: {settings.keys}\nprivate escrow key: {escrow}; take it offline now")


@keys_cli.command("add-year")
def keys_add_year(year: int) -> None:
    """Make the key of a year, before it begins; restart the servers afterwards."""
    keys.add_year(config().keys, year)


@guidelines_cli.command("check")
def guidelines_check(file: Path) -> None:
    """Check a file of guidelines; every mistake with its place and a hint."""
    mistakes = check_text(file.read_text(), str(file))
    for mistake in mistakes:
        err.print(mistake, markup=False)
    if mistakes:
        raise typer.Exit(1)
    out.print(f"{file}: no mistakes")


@access_cli.command("platform")
def access_platform(
    name: str,
    scope: Annotated[list[Scope] | None, typer.Option(help="All, if none is given.")] = None,
) -> None:
    """Let a platform's server in; prints its key once."""

    async def command(opened: System) -> int:
        today = app.clock().date()
        key = await authenticate.admit_platform(opened, name, scope or list(Scope), today)
        out.print(f"key: {key.token}")
        if key.ticket_secret is not None:
            out.print(f"ticket secret: {key.ticket_secret}")
        return 0

    run(command)


@access_cli.command("moderator")
def access_moderator(name: str, role: ModeratorRole) -> None:
    """Let a moderator in; prints their key once."""

    async def command(opened: System) -> int:
        key = await authenticate.admit_moderator(opened, name, role, app.clock().date())
        out.print(f"key: {key.token}")
        return 0

    run(command)


@access_cli.command("retire")
def access_retire(key_id: str) -> None:
    """End the use of a key."""

    async def command(opened: System) -> int:
        await authenticate.retire_key(opened, KeyId(key_id), app.clock().date())
        return 0

    run(command)


@people_cli.command("invite")
def people_invite(
    user_name: str,
    role: Annotated[ModeratorRole, typer.Option(help="What they may do.")],
    name: Annotated[str, typer.Option(help="What colleagues call them.")],
) -> None:
    """Invite somebody to the console; prints the link once."""

    async def command(opened: System) -> int:
        token = await invite.invite(
            opened, None, name=name, user_name=user_name, role=role, now=app.clock()
        )
        _print_invitation(token)
        return 0

    run(command)


@people_cli.command("invite-anew")
def people_invite_anew(user_name: str) -> None:
    """Take back what somebody signs in with, and invite them again; prints the link once."""

    async def command(opened: System) -> int:
        _print_invitation(
            await invite.invite_anew_by_name(opened, None, user_name, now=app.clock())
        )
        return 0

    run(command)


def _print_invitation(token: str) -> None:
    settings = config()
    hours = int(invite.INVITATION_LASTS.total_seconds()) // 3600
    out.print(f"good once, for {hours} hours; on the address of your console, if that is another:")
    link = f"http://{settings.host}:{settings.port}/console/invitation/{token}"
    out.print(link, markup=False)


@audit_cli.command("verify")
def audit_verify() -> None:
    """Check every chain, commitment and checkpoint, and that all states follow from the events."""

    async def command(opened: System) -> int:
        findings = await audit_all(opened, read_exported(config().checkpoints))
        for finding in findings:
            err.print(f"{finding.kind} {finding.subject_id or ''} {finding.detail}", markup=False)
        faults = sum(finding.is_fault for finding in findings)
        out.print(f"{faults} faults" if faults else "the ledger is whole")
        return 1 if faults else 0

    run(command)


Token = Annotated[
    str, typer.Option(envvar="UNDERSEAL_TOKEN", prompt=True, hide_input=True, help="Your API key.")
]


@unseal_cli.command("request")
def unseal_request(
    kind: SubjectKind,
    subject: str,
    alias: str,
    *,
    round_: Annotated[int, typer.Option("--round", help="The round of the case.")] = 1,
    reason: Annotated[str, typer.Option(help="Why; it stays in the ledger.")],
    token: Token,
) -> None:
    """Ask to open the identity behind an alias, and say why."""

    async def command(opened: System) -> int:
        who = unseal.Named(
            ref=SubjectRef(kind=kind, external_id=subject), round=round_, alias=alias
        )
        request_id = await unseal.request_unsealing(
            opened, who, reason, await _caller(opened, token), app.clock()
        )
        out.print(f"request {request_id}: somebody else must now approve it")
        return 0

    run(command)


@unseal_cli.command("approve")
def unseal_approve(request_id: UUID, token: Token) -> None:
    """Agree to somebody else's request."""

    async def command(opened: System) -> int:
        await unseal.approve_unsealing(
            opened, request_id, await _caller(opened, token), app.clock()
        )
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
                opened, request_id, private_key, await _caller(opened, token), app.clock()
            )
        out.print(reporter_id, markup=False)
        return 0

    raise typer.Exit(asyncio.run(go()))


async def _caller(opened: System, token: str) -> Caller:
    return await authenticate.Callers(opened.db, opened.keys).by_token(token)
