"""Who asks for an identity, and whom moderators see under which alias."""

import json

from stage import Stage

from underseal.core.caller import Caller, KeyId, ModeratorRole, PrincipalId
from underseal.core.subject import SubjectRef
from underseal.flow.approve_unsealing import approve_unsealing
from underseal.flow.read_case import read_case
from underseal.flow.request_unsealing import Named, Word, request_unsealing
from underseal.flow.take_identity import take_identity
from underseal.seal.escrow import open_identity
from underseal.seal.taken_identity import TakenIdentity, parse_taken, taken_text
from underseal.store.cases import CaseId

WHY = "order 5 Gs 12/26 of the court of Cologne"


def caller(principal: PrincipalId, role: ModeratorRole | None = ModeratorRole.LEAD) -> Caller:
    return Caller(key_id=KeyId("a" * 12), principal_id=principal, role=role, scopes=frozenset())


async def seen(stage: Stage, lead: Caller, case_id: CaseId) -> dict[str, tuple[str, ...]]:
    """The aliases of a case with what each of them wrote."""
    file = await read_case(stage.system, case_id, lead, stage.now)
    return {each.alias: each.notes for each in file.reports}


def named(ref: SubjectRef, aliases: dict[str, tuple[str, ...]], name: str) -> Named:
    alias = next(alias for alias, notes in aliases.items() if notes == (f"by {name}",))
    return Named(ref=ref, round=1, alias=alias)


async def approved(
    stage: Stage, who: Named, lead: Caller, auditor: Caller, word: Word | None = None
):
    """A request that a second person has agreed to."""
    request = await request_unsealing(stage.system, who, WHY, lead, stage.now, word=word)
    await approve_unsealing(stage.system, request, auditor, stage.now)
    return request


async def opened(stage: Stage, escrow, who: Named, lead: Caller, auditor: Caller) -> str:
    """Whom two people and the key find behind an alias: by the file that leaves the server."""
    request = await approved(stage, who, lead, auditor)
    return read(escrow, await take_identity(stage.system, request, lead, stage.now))


def read(escrow, taken: TakenIdentity) -> str:
    taken = parse_taken(taken_text(taken).encode())
    return open_identity(escrow, taken.sealed, taken.pseudonym, taken.year)


async def events(stage: Stage) -> list[dict]:
    """What the ledger holds of break-glass."""
    rows = await stage.rows("select body from events where kind = 'identity_sought' order by seq")
    return [json.loads(row["body"]) for row in rows]


async def steps(stage: Stage) -> list[str]:
    return [each["step"] for each in await events(stage)]
