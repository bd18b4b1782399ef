"""What needs a second person, by the API: one submits it, another confirms or returns it."""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from underseal.core.caller import ModeratorRole, PrincipalId
from underseal.core.charge import CHARGE_TIME
from underseal.core.draft import CONFIRM_TIME, UNDO_TIME
from underseal.core.person import Person
from underseal.flow.authenticate import dismiss
from underseal.flow.declare_account import declare_account
from underseal.flow.draft_decision import settle_drafts
from underseal.store.roles import Role

BAN = {"outcome": "remove", "guideline": "phishing", "finding": "actioned", "observed": [1]}
CLEAR = {"outcome": "no_violation", "finding": "no_violation"}
MADE_UP = {"outcome": "no_violation", "finding": "manifestly_unfounded"}


@pytest.fixture
async def nils(admit):
    return await admit(ModeratorRole.MODERATOR, "nils")


@pytest.fixture
async def case_id(register, backstage, moderator):
    """Carl's account, which Mona has taken."""
    await register("comment", "c1")
    case_id = await backstage.enqueue("account", "carl")
    await moderator.post("/v1/cases/take")
    return case_id


@pytest.fixture
def settle(system, clock):
    """Lets time pass, a minute if no other is given, and a worker settle what is due."""

    async def wait(time: timedelta = UNDO_TIME) -> int:
        clock.now += time
        return await settle_drafts(system, clock.now)

    return wait


@pytest.fixture
def level(platform):
    async def read() -> str:
        return (await platform.get("/v1/visibility?kind=account&id=carl")).json()["level"]

    return read


@pytest.fixture
def ids(system):
    """Finds the id of a principal by their name."""

    async def find(name: str) -> str:
        async with system.db.transaction(Role.CORE) as conn:
            found = await conn.fetchval("select principal_id from principals where name = $1", name)
        return str(found)

    return find


def written(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


async def submit(client, case_id, body=BAN):
    return await client.post(f"/v1/cases/{case_id}/decision", json=body)


@pytest.fixture
async def waiting(moderator, case_id):
    """Where the ban is that Mona has submitted."""
    draft_id = (await submit(moderator, case_id)).json()["draft_id"]
    return f"/v1/confirmations/{draft_id}"


async def test_no_moderator_removes_an_account_alone(
    moderator, case_id, backstage, settle, level, clock
):
    answer = await submit(moderator, case_id)
    assert answer.status_code == 202
    assert answer.json().keys() == {"draft_id", "state", "waits_until"}
    assert answer.json()["state"] == "unconfirmed"
    assert answer.json()["waits_until"] == written(clock() + CONFIRM_TIME)
    assert await settle() == 0
    await backstage.tick()
    assert await level() == "public"


async def test_another_moderator_sees_it_all_and_confirms_it(
    moderator, nils, case_id, waiting, backstage, settle, level, clock, ids
):
    (shown,) = (await nils.get("/v1/confirmations")).json()["confirmations"]
    assert shown == {
        "draft_id": waiting.rpartition("/")[2],
        "case_id": case_id,
        "subject": {"kind": "account", "id": "carl"},
        **BAN,
        "moments": [],
        "reasons": "",
        "made_by": await ids("mona"),
        "made_by_name": "mona",
        "made_at": written(clock()),
        "waits_until": written(clock() + CONFIRM_TIME),
    }
    assert (await nils.get(f"/v1/cases/{case_id}")).json()["subject"]["id"] == "carl"
    answer = await nils.post(f"{waiting}/confirm")
    assert (answer.status_code, answer.content) == (204, b"")
    assert (await nils.get(f"/v1/cases/{case_id}")).status_code == 409
    assert (await moderator.get(waiting)).json()["state"] == "pending"
    assert await settle() == 1
    assert (await moderator.get(waiting)).json()["state"] == "decided"
    assert await level() == "public"
    await backstage.tick()
    assert await level() == "removed"


async def test_nobody_confirms_or_returns_their_own(moderator, waiting):
    assert (await moderator.get("/v1/confirmations")).json()["confirmations"] == []
    for answer in (
        await moderator.post(f"{waiting}/confirm"),
        await moderator.post(f"{waiting}/return", json={"word": "no"}),
    ):
        assert (answer.status_code, answer.json()["type"]) == (403, "/problems/second-person")
    assert (await moderator.get(waiting)).json()["state"] == "unconfirmed"


async def test_one_that_comes_back_says_why_and_the_case_is_there_again(
    moderator, nils, case_id, waiting
):
    word = {"word": "Only the comment, I should say."}
    assert (await nils.post(f"{waiting}/return", json=word)).status_code == 204
    assert (await moderator.get(waiting)).json() == {
        "draft_id": waiting.rpartition("/")[2],
        "case_id": case_id,
        "state": "returned",
        "word": "nils: Only the comment, I should say.",
    }
    assert (await submit(moderator, case_id, CLEAR)).status_code == 200


async def test_a_word_that_says_nothing_is_refused(nils, waiting):
    for word in ("", "   ", "x" * 2_001, "x\0"):
        answer = await nils.post(f"{waiting}/return", json={"word": word})
        assert answer.status_code == 400
        assert [each["pointer"] for each in answer.json()["errors"]] == ["/word"]
    assert len((await nils.get("/v1/confirmations")).json()["confirmations"]) == 1


async def test_what_nobody_confirms_in_a_day_waits_for_others(
    moderator, nils, case_id, waiting, settle
):
    assert await settle(CONFIRM_TIME) == 1
    assert (await nils.get("/v1/confirmations")).json()["confirmations"] == []
    late = await nils.post(f"{waiting}/confirm")
    assert (late.status_code, late.json()["type"]) == (409, "/problems/too-late")
    became = (await moderator.get(waiting)).json()
    assert (became["state"], became["word"]) == ("refused", "nobody confirmed it in time")
    assert (await nils.post("/v1/cases/take")).json()["case_id"] == case_id


async def test_the_same_ban_twice_is_one_draft(moderator, nils, case_id):
    key = {"idempotency-key": '"once"'}
    path = f"/v1/cases/{case_id}/decision"
    answers = [
        await moderator.post(path, json=BAN, headers=key),
        await moderator.post(path, json=BAN, headers=key),
        *await asyncio.gather(*(submit(moderator, case_id) for _ in range(3))),
    ]
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.content for answer in answers}) == 1
    assert len((await nils.get("/v1/confirmations")).json()["confirmations"]) == 1


async def test_while_it_waits_its_case_is_neither_decided_nor_given_back(
    moderator, case_id, waiting
):
    other = await submit(moderator, case_id, CLEAR)
    assert (other.status_code, other.json()["type"]) == (409, "/problems/already-drafted")
    assert (await moderator.post(f"/v1/cases/{case_id}/release")).status_code == 409
    assert (await moderator.get(waiting)).json()["state"] == "unconfirmed"


async def test_what_does_not_exist_or_is_somebody_elses_is_not_there(nils, waiting):
    nothing = f"/v1/confirmations/{uuid4()}"
    for answer in (
        await nils.get(waiting),
        await nils.get(nothing),
        await nils.post(f"{nothing}/confirm"),
        await nils.post(f"{nothing}/return", json={"word": "no"}),
        await nils.get("/v1/confirmations/carl"),
    ):
        assert answer.status_code == 404


async def test_who_does_not_decide_confirms_nothing(admit, platform, anybody, waiting):
    auditor = await admit(ModeratorRole.AUDITOR, "aron")
    for client, status in ((auditor, 403), (platform, 403), (anybody, 401)):
        for path in ("/v1/confirmations", "/v1/charges"):
            assert (await client.get(path)).status_code == status
        assert (await client.post(f"{waiting}/confirm")).status_code == status


async def test_a_key_of_somebody_dismissed_confirms_nothing(nils, waiting, system, clock, ids):
    await nils.get("/v1/confirmations")  # the key is known from now on, for some seconds
    await dismiss(system, PrincipalId(UUID(await ids("nils"))), clock().date())
    assert (await nils.post(f"{waiting}/confirm")).status_code == 401


async def test_on_an_account_of_their_own_there_is_nothing_to_confirm(
    nils, waiting, system, clock, ids
):
    person = Person(
        principal_id=PrincipalId(UUID(await ids("nils"))),
        name="nils",
        role=ModeratorRole.MODERATOR,
    )
    await declare_account(system, person, person.principal_id, "carl", clock())
    assert (await nils.get("/v1/confirmations")).json()["confirmations"] == []
    assert (await nils.post(f"{waiting}/confirm")).status_code == 404


async def test_a_list_goes_on_from_its_cursor_the_most_urgent_first(
    moderator, nils, register, backstage, clock
):
    due = {"a": 5, "b": 2, "c": None, "d": 2}
    for name, days in due.items():
        await register("comment", f"of-{name}", creator={"id": name})
        due_at = None if days is None else clock() + timedelta(days=days)
        case_id = await backstage.enqueue("account", name, due_at=due_at, duty_from=due_at)
        await moderator.post("/v1/cases/take")
        assert (await submit(moderator, case_id)).status_code == 202
        clock.now += timedelta(seconds=1)
    seen, cursor = [], ""
    for _ in due:
        page = (await nils.get(f"/v1/confirmations?limit=1{cursor}")).json()
        seen += [each["subject"]["id"] for each in page["confirmations"]]
        cursor = f"&cursor={page['cursor']}"
    assert seen == ["b", "d", "a", "c"]
    assert (await nils.get(f"/v1/confirmations?limit=1{cursor}")).json()["confirmations"] == []
    borrowed = await moderator.get(f"/v1/confirmations?limit=1{cursor}")
    assert borrowed.json()["type"] == "/problems/invalid-cursor"


@pytest.fixture
async def charges(moderator, register, backstage):
    """Decisions on three comments, whose reports Mona calls made up."""
    for name in ("c1", "c2", "c3"):
        await register("comment", name)
        case_id = await backstage.enqueue("comment", name)
        await moderator.post("/v1/cases/take")
        assert (await submit(moderator, case_id, MADE_UP)).status_code == 200


async def test_charges_wait_for_somebody_else_who_reads_the_case(
    moderator, nils, charges, clock, ids
):
    assert (await moderator.get("/v1/charges")).json() == {"charges": [], "cursor": None}
    found, cursor = [], ""
    for _ in range(4):
        page = (await nils.get(f"/v1/charges?limit=1{cursor}")).json()
        found += page["charges"]
        cursor = f"&cursor={page['cursor']}"
    assert sorted(each["subject"]["id"] for each in found) == ["c1", "c2", "c3"]
    made_by = {(each["made_by"], each["made_by_name"]) for each in found}
    assert made_by == {(await ids("mona"), "mona")}
    assert {each["waits_until"] for each in found} == {written(clock() + CHARGE_TIME)}
    assert (await nils.get(f"/v1/cases/{found[0]['case_id']}")).status_code == 200


async def test_a_charge_is_confirmed_or_refused_once_and_by_somebody_else(
    moderator, nils, charges, system
):
    confirmed, refused, left = (
        f"/v1/charges/{each['decision_id']}"
        for each in (await nils.get("/v1/charges")).json()["charges"]
    )
    own = await moderator.post(f"{left}/confirm")
    assert (own.status_code, own.json()["type"]) == (403, "/problems/second-person")
    assert (await nils.post(f"{confirmed}/confirm")).status_code == 204
    assert (await nils.post(f"{refused}/refuse")).status_code == 204
    again = await nils.post(f"{confirmed}/refuse")
    assert (again.status_code, again.json()["type"]) == (409, "/problems/too-late")
    unknown = await nils.post(f"/v1/charges/{uuid4()}/confirm")
    assert (unknown.status_code, unknown.json()["type"]) == (404, "/problems/unknown-charge")
    async with system.db.transaction(Role.CORE) as conn:
        rows = await conn.fetch("select decision_id::text, state from charges")
    states = {f"/v1/charges/{row['decision_id']}": row["state"] for row in rows}
    assert states == {confirmed: "confirmed", refused: "refused", left: "waiting"}
