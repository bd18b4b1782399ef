"""The database's roles: each part of the service signs in as one that can do what it must.

A role's rights are granted by the migrations; here the roles come to be. Their passwords never
reach the server, only what checks them.
"""

from enum import StrEnum
from pathlib import Path
from typing import Final

from underseal.store.binaries import ServerError
from underseal.store.cluster import cluster_folder, make_data_folder
from underseal.store.connection import Connection
from underseal.store.passwords import Passwords, keep_passwords

SUPERUSER: Final = "postgres"
"""Of the embedded server; signs in to create roles and the database, and for nothing else."""

BOOTSTRAP_LOCK: Final = 0x756E6465727301
"""Advisory lock of whoever creates roles or the database; a number of ours."""


class PasswordsLostError(ServerError):
    """The database is there, the file with its passwords is not."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is missing: restore it from your backup of the data folder")
        self.path = path


class Role(StrEnum):
    """Who may sign in to the database.

    `OWNER` owns all objects and runs migrations. No running service uses `VAULT`, nor `BACKTEST`,
    which cannot write.
    """

    OWNER = "underseal_owner"
    INTAKE = "underseal_intake"
    CORE = "underseal_core"
    CONSOLE = "underseal_console"
    CREATOR = "underseal_creator"
    RETENTION = "underseal_retention"
    VAULT = "underseal_vault"
    BACKTEST = "underseal_backtest"


def password_file(data: Path) -> Path:
    """Return where the passwords of a data folder are."""
    return data / "secrets" / "database.json"


def load_passwords(data: Path) -> Passwords:
    """Return the passwords of all roles and the superuser, generating them the first time.

    Raises:
        PasswordsLostError: there is an embedded database, and no file.
        PasswordsExposedError: others may read the file.
    """
    make_data_folder(data)
    if cluster_folder(data).exists() and not password_file(data).exists():
        raise PasswordsLostError(password_file(data))
    return keep_passwords(password_file(data), (SUPERUSER, *Role))


async def ensure_roles(admin: Connection, passwords: Passwords) -> None:
    """Create the roles that are missing; those that exist stay as they are.

    Args:
        admin: signed in as somebody who may create roles, unless none is missing.
        passwords: must hold one for every role.
    """
    async with admin.transaction():
        await admin.execute("select pg_advisory_xact_lock($1)", BOOTSTRAP_LOCK)
        found = await admin.fetch(
            "select rolname from pg_roles where rolname = any($1::text[])", list(Role)
        )
        existing = {row["rolname"] for row in found}
        for role in Role:
            if role not in existing:
                await admin.execute(
                    f"create role {role} login noinherit nosuperuser nocreatedb nocreaterole "
                    f"noreplication nobypassrls password '{passwords.verifier(role)}'"
                )
