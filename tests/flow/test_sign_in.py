import asyncio
from datetime import timedelta

import pyotp
import pytest

from underseal.core.caller import ModeratorRole
from underseal.core.person import LastAdminError
from underseal.flow.change_people import change_role, dismiss_person, read_team
from underseal.flow.invite import Acceptance, accept_invitation, invite, open_invitation
from underseal.flow.session import find_session, list_sessions
from underseal.flow.sign_in import (
    LockedOutError,
    PasswordProof,
    WrongCodeError,
    WrongPasswordError,
    give_code,
    give_password,
)

PASSWORD = "seven quiet herons"


async def joined(stage, name: str, role: ModeratorRole = ModeratorRole.MODERATOR):
    """Somebody who has joined: who they are, and the secret of their authenticator."""
    system, now = stage.system, stage.now
    token = await invite(system, None, name=name, user_name=name, role=role, now=now)
    shown = await open_invitation(system, token, now)
    code = pyotp.TOTP(shown.secret).at(now)
    given = Acceptance(password=PASSWORD, code=code, box=shown.box)
    taken = await accept_invitation(system, token, given, now)
    assert PASSWORD not in repr(given)
    assert taken.session_token not in repr(taken)
    assert shown.secret not in repr(shown)
    stage.now += timedelta(minutes=1)
    return shown.person, pyotp.TOTP(shown.secret)


def proof(name: str, password: str = PASSWORD) -> PasswordProof:
    return PasswordProof(user_name=name, password=password)


async def test_a_hundred_tries_at_once_are_no_more_than_five(stage):
    await joined(stage, "nia")
    tries = [give_password(stage.system, proof("nia", f"wrong {n}"), stage.now) for n in range(20)]
    told = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(each, WrongPasswordError) for each in told) == 5
    assert sum(isinstance(each, LockedOutError) for each in told) == 15


async def test_one_code_at_two_places_at_once_signs_in_at_one(stage):
    _, authenticator = await joined(stage, "nia")
    steps = [await give_password(stage.system, proof("nia"), stage.now) for _ in range(2)]
    code = authenticator.at(stage.now)
    told = await asyncio.gather(
        *(give_code(stage.system, step, code, stage.now) for step in steps),
        return_exceptions=True,
    )
    assert sum(isinstance(each, str) for each in told) == 1


async def test_a_name_is_the_same_with_capitals_and_spaces_around(stage):
    await joined(stage, "nia")
    assert await give_password(stage.system, proof(" NIA "), stage.now)


async def test_a_right_password_leaves_wrong_tries_as_they_were(stage):
    _, authenticator = await joined(stage, "nia")
    for _ in range(4):
        with pytest.raises(WrongPasswordError):
            await give_password(stage.system, proof("nia", "wrong"), stage.now)
    step = await give_password(stage.system, proof("nia"), stage.now)
    with pytest.raises(WrongCodeError):
        await give_code(stage.system, step, "000000", stage.now)
    with pytest.raises(LockedOutError):
        await give_code(stage.system, step, authenticator.at(stage.now), stage.now)


async def test_signing_in_forgets_wrong_tries(stage):
    _, authenticator = await joined(stage, "nia")
    for _ in range(2):
        for _ in range(4):
            with pytest.raises(WrongPasswordError):
                await give_password(stage.system, proof("nia", "wrong"), stage.now)
        step = await give_password(stage.system, proof("nia"), stage.now)
        assert await give_code(stage.system, step, authenticator.at(stage.now), stage.now)
        stage.now += timedelta(minutes=1)


async def test_sessions_that_time_has_ended_are_forgotten(stage):
    person, authenticator = await joined(stage, "nia")
    stage.now += timedelta(hours=13)
    step = await give_password(stage.system, proof("nia"), stage.now)
    token = await give_code(stage.system, step, authenticator.at(stage.now), stage.now)
    (only,) = await list_sessions(stage.system, person, stage.now)
    assert only.opened_at == stage.now
    assert (await find_session(stage.system, token, stage.now)) == person


async def test_two_admins_cannot_dismiss_each_other_at_once(stage):
    ada, _ = await joined(stage, "ada", ModeratorRole.ADMIN)
    ben, _ = await joined(stage, "ben", ModeratorRole.ADMIN)
    await asyncio.gather(*(read_team(stage.system) for _ in range(4)))  # connections are open now
    told = await asyncio.gather(
        dismiss_person(stage.system, ada, ben.principal_id, stage.now),
        dismiss_person(stage.system, ben, ada.principal_id, stage.now),
        return_exceptions=True,
    )
    assert sum(isinstance(each, LastAdminError) for each in told) == 1
    (left,) = (await read_team(stage.system)).colleagues
    with pytest.raises(LastAdminError):
        await change_role(
            stage.system, left.person, left.person.principal_id, ModeratorRole.LEAD, stage.now
        )


async def test_the_code_of_a_box_that_was_made_for_somebody_else_is_refused(stage):
    system, now = stage.system, stage.now
    tokens = [
        await invite(system, None, name=name, user_name=name, role=ModeratorRole.LEAD, now=now)
        for name in ("nia", "ola")
    ]
    shown = await open_invitation(system, tokens[0], now)
    code = pyotp.TOTP(shown.secret).at(now)
    given = Acceptance(password=PASSWORD, code=code, box=shown.box)
    with pytest.raises(WrongCodeError):
        await accept_invitation(system, tokens[1], given, now)
