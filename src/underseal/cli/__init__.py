"""The command line: `underseal COMMAND`.

Commands of other distributions join by the entry-point group `underseal.commands`; that is how the
laboratory's `demo` and `bench` get here although nothing may import the laboratory.
"""

import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated, Final
from uuid import UUID

import typer

from underseal import app
from underseal.cli.database import db_cli
from underseal.cli.export import export_cli
from underseal.cli.guidelines import guidelines_cli
from underseal.cli.keys import keys_cli
from underseal.cli.opening import config, err, out, run
from underseal.cli.unseal import unseal_cli
from underseal.config import SettingError
from underseal.core.caller import KeyId, ModeratorRole, RoleMissingError, Scope
from underseal.core.guideline_file import GuidelineFileError
from underseal.core.person import InvalidPersonError
from underseal.core.subject import InvalidExternalIdError, SubjectKind, SubjectRef
from underseal.flow import (
    approve_unsealing,
    authenticate,
    confirm_identity,
    destroy_year,
    export_reporter,
    invite,
    refuse_unsealing,
    request_unsealing,
    take_identity,
    unsealing,
)
from underseal.flow.adopt_guidelines import GuidelinesChangedError
from underseal.flow.audit import audit_all
from underseal.flow.backtest import BeforeHistoryError, NoHistoryError, SinceAheadError
from underseal.flow.checkpoint import CheckpointFileError, read_exported
from underseal.flow.doubt_clock import ClockDoubtedError
from underseal.flow.explain import NothingToExplainError, explain_case, explain_subject
from underseal.flow.read_detectors import lines_of, read_detectors
from underseal.flow.system import System
from underseal.scan.limits import SandboxMissingError
from underseal.scan.scanner import ScanFailed
from underseal.seal.escrow import IdentityNotOpenedError
from underseal.seal.escrow_key import EscrowKeyError
from underseal.seal.key_file import KeyFolderError
from underseal.seal.taken_identity import NotTakenIdentityError
from underseal.store.binaries import ServerError
from underseal.store.bootstrap import UnsuitableDatabaseError
from underseal.store.cases import CaseId
from underseal.store.connection import DatabaseUrlError, PasswordMismatchError
from underseal.store.migrate import MigrationError
from underseal.store.passwords import PasswordsExposedError
from underseal.store.pool import DatabaseAwayError

EXPECTED: Final = (
    SettingError,
    KeyFolderError,
    EscrowKeyError,
    IdentityNotOpenedError,
    NotTakenIdentityError,
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
    RoleMissingError,
    destroy_year.YearKeptError,
    destroy_year.YearUnknownError,
    destroy_year.EarlierYearError,
    destroy_year.YearNeededError,
    ClockDoubtedError,
    SinceAheadError,
    BeforeHistoryError,
    NoHistoryError,
    export_reporter.UnknownReceiptAtError,
    request_unsealing.ReasonTooShortError,
    request_unsealing.UnknownReporterError,
    request_unsealing.WordInvalidError,
    unsealing.UnknownRequestError,
    unsealing.RequestRefusedError,
    unsealing.ApprovalEndedError,
    approve_unsealing.SamePersonError,
    refuse_unsealing.AlreadyTakenError,
    take_identity.NotApprovedError,
    take_identity.ReporterNotHeardError,
    take_identity.IdentityDestroyedError,
    confirm_identity.NotTakenError,
    confirm_identity.TriesSpentError,
    confirm_identity.YearDestroyedError,
    confirm_identity.FalseIdentityError,
    NothingToExplainError,
    OSError,
)
"""What a person at the keyboard can do something about: told in a line, without a traceback."""

cli: Final = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__
)
people_cli: Final = typer.Typer(no_args_is_help=True, help="Say who may sign in to the console.")
access_cli: Final = typer.Typer(no_args_is_help=True, help="Say who may call the API.")
audit_cli: Final = typer.Typer(no_args_is_help=True, help="Check the ledger.")
for group, name in (
    (keys_cli, "keys"),
    (export_cli, "export"),
    (guidelines_cli, "guidelines"),
    (access_cli, "access"),
    (people_cli, "people"),
    (audit_cli, "audit"),
    (db_cli, "db"),
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


TrustClock = Annotated[
    bool,
    typer.Option(
        "--trust-clock", help="Believe the clock, however long ago the last tick was, or ahead."
    ),
]


@cli.command()
def serve(
    *,
    worker: Annotated[bool, typer.Option(help="Do the background work here too.")] = True,
    trust_clock: TrustClock = False,
) -> None:
    """Serve the API, and do the background work unless other processes do."""
    app.serve(config(), with_worker=worker, trust_clock=trust_clock)


@cli.command()
def worker(*, trust_clock: TrustClock = False) -> None:
    """Do the background work: assess, scan, disclose, deliver."""
    app.work(config(), trust_clock=trust_clock)


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
def explain(
    case: Annotated[str, typer.Argument(metavar="CASE|KIND", help="A case, or a kind of subject.")],
    subject: Annotated[str | None, typer.Argument(help="The platform's id of a subject.")] = None,
) -> None:
    """Print why a subject is believed to break a guideline: every term, in nats."""
    try:
        asked = CaseId(UUID(case)) if subject is None else SubjectKind(case)
    except ValueError:
        kinds = ", ".join(SubjectKind)
        raise typer.BadParameter(f"a case's id, or a kind ({kinds}) and an id") from None

    async def command(opened: System) -> int:
        if isinstance(asked, SubjectKind):
            ref = SubjectRef(kind=asked, external_id=subject or "")
            lines = await explain_subject(opened, ref)
        else:
            lines = await explain_case(opened, asked)
        for line in lines:
            out.print(line, markup=False)
        return 0

    run(command)


@cli.command()
def detectors() -> None:
    """Print what detectors are believed, which are in shadow, and what is stopped."""

    async def command(opened: System) -> int:
        for line in lines_of(await read_detectors(opened)):
            out.print(line, markup=False)
        return 0

    run(command)


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
    """Check every chain, commitment and checkpoint, and that all states follow from the events.

    Prints, too, which years of keys were destroyed.
    """

    async def command(opened: System) -> int:
        for step in await destroy_year.ended_years(opened):
            out.print(f"keys of {step.year}: {step.stage} at {step.at:%Y-%m-%d %H:%M} UTC")
        findings = await audit_all(opened, read_exported(config().checkpoints))
        for finding in findings:
            err.print(f"{finding.kind} {finding.subject_id or ''} {finding.detail}", markup=False)
        faults = sum(finding.is_fault for finding in findings)
        out.print(f"{faults} faults" if faults else "the ledger is whole")
        return 1 if faults else 0

    run(command)
