"""What was opened elsewhere is compared with who reported: anyone can seal a name to the escrow key."""

from datetime import datetime
from typing import Final
from uuid import UUID

from underseal.core.caller import Caller, require_role
from underseal.core.subject import check_external_id
from underseal.flow.system import System
from underseal.flow.unsealing import WHO_MAY, Step, lock_under_way, record_step
from underseal.seal.pseudonym import is_pseudonym_of
from underseal.store import unsealings
from underseal.store.roles import Role

TRIES_MAX: Final = 3
"""Ids that are compared with one identity, by whomever. A setting: the right one, and two that were
mistyped; with more, people who have no escrow key could go through a list of suspects."""


class NotTakenError(Exception):
    """Nobody has taken the identity, so nobody can have opened it."""

    def __init__(self) -> None:
        super().__init__("this identity was not taken yet: `underseal unseal take` comes first")


class TriesSpentError(Exception):
    """As many ids were compared as may be."""

    def __init__(self) -> None:
        super().__init__(
            f"{TRIES_MAX} ids were compared with this identity, and that is all: whoever still "
            "has to know asks anew with `underseal unseal request`"
        )


class YearDestroyedError(Exception):
    """The key of the year was destroyed since, and nobody can tell any more."""

    def __init__(self, year: int) -> None:
        super().__init__(f"the key of {year} is not here any more: nobody can tell who that was")
        self.year = year


class FalseIdentityError(Exception):
    """The id is not who reported; `tries_left` more may be compared."""

    def __init__(self, tries_left: int) -> None:
        super().__init__(
            "this is not who reported: the id was mistyped, or the identity in the vault was "
            f"exchanged, and somebody has tampered with the database; {tries_left} tries left"
        )
        self.tries_left = tries_left


async def confirm_identity(
    system: System, request_id: UUID, reporter_id: str, caller: Caller, now: datetime
) -> None:
    """Return if an id is that of who reported, of an identity that was taken.

    The try is in the ledger, with what came of it, before anybody learns that.

    Raises:
        RoleMissingError, InvalidExternalIdError, UnknownRequestError, RequestRefusedError,
        NotTakenError, TriesSpentError, YearDestroyedError: nothing is compared.
        FalseIdentityError: it was compared, and is somebody else.
    """
    require_role(caller, *WHO_MAY)
    check_external_id(reporter_id)
    async with system.db.transaction(Role.CORE) as conn:
        request = await lock_under_way(conn, request_id)
        year = request.taken_year
        if year is None:
            raise NotTakenError
        if request.tries >= TRIES_MAX:
            raise TriesSpentError
        if year not in system.keys.live:
            raise YearDestroyedError(year)
        is_true = is_pseudonym_of(system.keys, year, request.pseudonym, reporter_id)
        await unsealings.note_try(conn, request_id, now if is_true else None)
        step = Step.CONFIRMED if is_true else Step.REFUTED
        await record_step(conn, request, step, caller, now)
    if not is_true:
        raise FalseIdentityError(TRIES_MAX - request.tries - 1)
