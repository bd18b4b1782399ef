"""Accounts that people who moderate use themselves: noted, shown to nobody, taken back by admins."""

import re

from deciding import take

from underseal.core.caller import ModeratorRole
from underseal.core.person import OWN_ACCOUNTS_MAX

ME = "/console/me"


async def test_what_belongs_to_an_account_of_ones_own_is_not_given_to_one(site):
    mona, nils = await site.signed_in(), await site.signed_in(name="nils")
    answer = await mona.post(f"{ME}/accounts", data={"account": "carl"})
    assert answer.headers["location"] == f"{ME}?done=account"
    page = (await mona.get(f"{ME}?done=account")).text
    assert "1 is noted" in page
    assert "carl" not in page
    case = await take(site, nils)
    await nils.post(f"{case}/release", data={"not_me": "false"})
    assert (await mona.post("/console/next")).headers["location"].startswith("/console/queue")
    assert (await mona.post(f"{case}/take")).status_code == 409
    assert (await nils.post("/console/next")).headers["location"] == case


async def test_an_address_that_somebody_passes_on_says_no_more_than_one_that_is_made_up(site):
    lea = await site.signed_in(ModeratorRole.LEAD)
    await lea.post(f"{ME}/accounts", data={"account": "carl"})
    case_id = await site.stage.enqueue(await site.stage.comment(), because="Look at this.")
    own = await lea.get(f"/console/cases/{case_id}")
    made_up = await lea.get(f"/console/cases/{site.stage.system.new_id()}")
    assert (own.status_code, own.text) == (made_up.status_code, made_up.text)
    assert own.status_code == 404
    assert "Look at this." not in (await lea.get("/console/queue")).text


async def test_what_is_no_account_and_what_is_too_many_is_told_beside_the_field(site):
    mona = await site.signed_in()
    answer = await mona.post(f"{ME}/accounts", data={"account": " "})
    assert (answer.status_code, 'id="account-error"' in answer.text) == (422, True)
    for number in range(OWN_ACCOUNTS_MAX):
        await mona.post(f"{ME}/accounts", data={"account": f"mona{number}"})
    answer = await mona.post(f"{ME}/accounts", data={"account": "one more"})
    assert (answer.status_code, "talk to an admin" in answer.text) == (422, True)


async def test_an_admin_notes_and_forgets_them_and_reads_none(site):
    adam = await site.signed_in(ModeratorRole.ADMIN)
    mona = await site.signed_in()
    of_mona = f"/console/people/{site.people['mona']}"
    assert (await adam.post(f"{of_mona}/accounts", data={"account": "carl"})).status_code == 303
    page = (await adam.get("/console/people")).text
    assert re.search(r"Own accounts: 1<", page)
    assert "carl" not in page
    assert "mona has an account of their own noted, as moderator" in page
    assert (await mona.post(f"{of_mona}/forget-accounts")).status_code == 403
    assert (await adam.post(f"{of_mona}/forget-accounts")).status_code == 303
    assert "1 is noted" not in (await mona.get(ME)).text
    assert (await adam.post(f"{of_mona}/accounts", data={"account": ""})).status_code == 422
