"""All that creators, their other accounts and the platform for them can get, byte by byte."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from underseal.client import Request, requests
from underseal.core.appeal import EXPLANATION_CHARS_MAX
from underseal.flow.export_creator import export_creator
from underseal.lab.anonymity.twin_platform import Platform
from underseal.lab.anonymity.twin_world import World, ref
from underseal.store.roles import Role
from underseal.web.words import LANGUAGES

Answers = Mapping[str, bytes]
"""What was answered, by what was asked."""

_MACHINES: Final = (
    "select s.external_id, c.version, c.run, c.cause, c.state from scans c "
    "join subjects s using (subject_id) order by s.external_id, c.version, c.run"
)
"""What machines look at: the platform's own servers see its media being fetched."""


async def of_world(platform: Platform, world: World) -> Answers:
    """Return what is answered of a world to its creator, and for them."""
    link = platform.link(world.other)
    language = LANGUAGES[world.number % len(LANGUAGES)]
    page = f"/statement?link={platform.link(world.creator)}&lang={language}"
    found = {
        f"{world.number} {request.method} {request.path} {number}": await platform.ask(request)
        for number, request in enumerate(_requests(platform, world))
    }
    found[f"{world.number} page"] = await platform.visit(page)
    found[f"{world.number} other page"] = await platform.visit(f"/statement?link={link}")
    for statement in await _statements(platform, world):
        place = f"link={link}&statement={statement}"
        found[f"{world.number} statement"] = await platform.visit(f"/statement?{place}")
        found[f"{world.number} refused appeal"] = await platform.visit(
            f"/statement/appeal?{place}", {"grounds": "x" * (EXPLANATION_CHARS_MAX + 1)}
        )
    for account in (world.creator, world.other):
        export = await export_creator(platform.system.db, ref(("account", account)), platform.now)
        found[f"{account} export"] = msgspec.json.encode(export)
    for receipt in platform.receipts.get(world.other, ())[:1]:
        found[f"{world.number} receipt page"] = await platform.visit(
            "/receipt", {"receipt": receipt}
        )
    return found


async def of_own_reports(platform: Platform, world: World) -> Answers:
    """Let the creator's second account report, and return what it is answered."""
    found = {}
    receipts = []
    for number, request in enumerate(world.own_reports()):
        answer = await platform.ask(request)
        receipts.append(str(msgspec.json.decode(answer.rpartition(b"\n")[2])["receipt"]))
        found[f"{world.number} own report {number}"] = answer
    platform.receipts.setdefault(world.other, receipts)
    return found


async def of_platform(platform: Platform) -> Answers:
    """Return what the platform is told of everything since it was told last."""
    found = {"messages": await platform.delivered()}
    while True:
        request = requests.visibility_changes(platform.cursor)
        page = await platform.told(request)
        found[f"changes {len(found)}"] = await platform.ask(request)
        platform.cursor = page.cursor
        if not page.changes:
            break
    found["transparency"] = await platform.visit("/transparency.json")
    async with platform.system.db.transaction(Role.CORE) as conn:
        found["machines"] = repr(await conn.fetch(_MACHINES)).encode()
    return found


def _requests(platform: Platform, world: World) -> list[Request[Any]]:
    """What the API is asked for a world."""
    found: list[Request[Any]] = [
        requests.visibility_of_many(world.subjects),
        requests.visibility(world.reported[0]),
        requests.appeals(world.other),
        next(world.registrations()),
    ]
    for account in (world.creator, world.other):
        found += [requests.statements(account, limit=1), requests.standing(account)]
    receipts = platform.receipts.get(world.other, ())
    return found + [requests.look_up_receipt(each) for each in receipts]


async def _statements(platform: Platform, world: World) -> list[str]:
    """The newest statement of the second account, if there is one."""
    read = await platform.told(requests.statements(world.other, limit=1))
    return [str(each.statement_id) for each in read.statements]
