"""Break-glass: whether what was opened elsewhere is who reported."""

from dataclasses import replace
from datetime import timedelta

import pytest
from break_glass import approved, caller, events, named, read, steps

from underseal.core.caller import ModeratorRole, RoleMissingError
from underseal.core.subject import InvalidExternalIdError
from underseal.flow.confirm_identity import (
    FalseIdentityError,
    NotTakenError,
    TriesSpentError,
    YearDestroyedError,
    confirm_identity,
)
from underseal.flow.refuse_unsealing import refuse_unsealing
from underseal.flow.take_identity import take_identity
from underseal.flow.unsealing import RequestRefusedError, UnknownRequestError
from underseal.seal.escrow import seal_identity
from underseal.seal.pseudonym import pseudonyms
from underseal.store.connection import session
from underseal.store.roles import Role


@pytest.fixture
async def taken(stage, decided, lead, auditor):
    """A request whose identity, Anna's, was taken."""
    request = await approved(stage, named(*decided, "anna"), lead, auditor)
    await take_identity(stage.system, request, lead, stage.now)
    return request


async def test_who_reported_is_confirmed_and_the_ledger_says_so_without_a_name(
    stage, taken, auditor
):
    await confirm_identity(stage.system, taken, "anna", auditor, stage.now)
    *_, last = await events(stage)
    assert (last["step"], last["by"]) == ("confirmed", str(auditor.principal_id))
    assert "anna" not in str(last)


async def test_somebody_else_is_refuted_and_that_is_in_the_ledger_too(stage, taken, lead):
    with pytest.raises(FalseIdentityError, match="2 tries left"):
        await confirm_identity(stage.system, taken, "bert", lead, stage.now)
    assert await steps(stage) == ["requested", "approved", "taken", "refuted"]
    assert "bert" not in str(await events(stage))
    await confirm_identity(stage.system, taken, "anna", lead, stage.now)
    assert (await steps(stage))[-1] == "confirmed"


async def test_nobody_goes_through_a_list_of_suspects(stage, taken, lead, auditor):
    for name, by in (("bert", lead), ("cleo", auditor), ("dora", lead)):
        with pytest.raises(FalseIdentityError):
            await confirm_identity(stage.system, taken, name, by, stage.now)
    await take_identity(stage.system, taken, lead, stage.now)
    for name in ("anna", "emil"):
        with pytest.raises(TriesSpentError, match="asks anew"):
            await confirm_identity(stage.system, taken, name, lead, stage.now)
    assert (await steps(stage)).count("refuted") == 3
    assert "confirmed" not in await steps(stage)


async def test_an_identity_that_was_exchanged_is_not_believed(
    stage, escrow, decided, lead, auditor, server, address
):
    """Whoever can write to the database can seal a name to the public key, and it opens."""
    anna = pseudonyms(stage.system.keys, stage.now.date(), "anna").current
    forged = seal_identity(escrow.public_key(), "dora", anna, stage.now.year)
    async with session(address, server.passwords.login(Role.OWNER)) as owner:
        await owner.execute(
            "update vault.sealed_identities set sealed = $2 where pseudonym = $1", anna, forged
        )
    request = await approved(stage, named(*decided, "anna"), lead, auditor)
    said = read(escrow, await take_identity(stage.system, request, lead, stage.now))
    assert said == "dora"
    with pytest.raises(FalseIdentityError, match="exchanged"):
        await confirm_identity(stage.system, request, said, lead, stage.now)


async def test_nothing_is_compared_before_it_was_taken(stage, decided, lead, auditor):
    request = await approved(stage, named(*decided, "anna"), lead, auditor)
    with pytest.raises(NotTakenError, match="unseal take"):
        await confirm_identity(stage.system, request, "anna", lead, stage.now)
    await refuse_unsealing(stage.system, request, lead, stage.now)
    with pytest.raises(RequestRefusedError):
        await confirm_identity(stage.system, request, "anna", lead, stage.now)
    with pytest.raises(UnknownRequestError):
        await confirm_identity(stage.system, stage.system.new_id(), "anna", lead, stage.now)


@pytest.mark.parametrize("reporter_id", ["", "x" * 513, "an\0na"])
async def test_what_is_no_id_is_no_try(stage, taken, lead, reporter_id):
    with pytest.raises(InvalidExternalIdError):
        await confirm_identity(stage.system, taken, reporter_id, lead, stage.now)
    (row,) = await stage.rows("select tries from unsealings")
    assert row["tries"] == 0


@pytest.mark.parametrize("role", [ModeratorRole.MODERATOR, None])
async def test_moderators_and_platforms_compare_nothing(stage, taken, role):
    outsider = caller(await stage.moderator("otto"), role)
    with pytest.raises(RoleMissingError):
        await confirm_identity(stage.system, taken, "anna", outsider, stage.now)


async def test_what_was_taken_in_time_is_confirmed_after_the_approval_has_ended(stage, taken, lead):
    """Who brings the file to the key and comes back may be on the way for long."""
    await confirm_identity(stage.system, taken, "anna", lead, stage.now + timedelta(days=40))
    assert (await steps(stage))[-1] == "confirmed"


async def test_without_the_key_of_the_year_nobody_is_called_false(stage, taken, lead):
    keys = replace(stage.system.keys, live={})
    with pytest.raises(YearDestroyedError, match="2026"):
        await confirm_identity(replace(stage.system, keys=keys), taken, "anna", lead, stage.now)
    assert (await steps(stage))[-1] == "taken"
