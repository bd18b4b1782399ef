"""Looks for broken promises in the database, with SQL and hashing of its own.

It shares no code with the flow, so that a mistake there is not repeated here.
"""

import hashlib
import hmac
from base64 import b32decode
from collections.abc import Iterable
from typing import Any, Final

import asyncpg

QUERIES: Final = {
    "a hold without an end": """
        select subject_id::text from underseal.visibility
        where level = 'held' and expires_at is null
        union all
        select effect_id::text from underseal.effects
        where level = 'held' and state = 'disclosed' and expires_at is null""",
    "a restriction without a disclosed statement": """
        select v.subject_id::text from underseal.visibility v
        left join underseal.disclosures d using (statement_id)
        where v.basis = 'effect' and d.statement_id is null""",
    "a statement disclosed without its effect": """
        select d.statement_id::text from underseal.disclosures d
        join underseal.effects e using (effect_id) where e.state <> 'disclosed'""",
    "a change that no message tells of": """
        select c.external_id from (
            select kind, external_id, count(*) as changes from underseal.visibility_changes
            where level <> 'held' group by kind, external_id) c
        left join (
            select data -> 'subject' ->> 'kind' as kind, data -> 'subject' ->> 'id' as external_id,
                   count(*) as told
            from (select convert_from(body, 'utf8')::jsonb -> 'data' as data
                  from underseal.messages where type = 'visibility.changed') m
            group by 1, 2) t using (kind, external_id)
        where coalesce(t.told, 0) < c.changes""",
    "a message that is not sent": """
        select m.message_id::text from underseal.messages m cross join underseal.webhook_endpoints w
        left join underseal.deliveries d using (message_id, endpoint_id)
        where w.disabled_at is null and m.type = any (w.types) and d.state is distinct from 'delivered'""",
    "an assessment that is still pending": """
        select subject_id::text from underseal.pending_assessments where wanted > done""",
    "a decided case without a decision": """
        select case_id::text from underseal.cases c
        where state = 'decided' and not exists (select from underseal.decisions d
            where (d.subject_id, d.round) = (c.subject_id, c.round))""",
    "a decision whose round is not closed": """
        select d.decision_id::text from underseal.decisions d
        left join underseal.commitments c using (subject_id, round)
        where c.closed is not true""",
    "a decision that leads to nothing": """
        select d.decision_id::text from underseal.decisions d
        where d.outcome = 'remove' and d.kind = 'review'
          and not exists (select from underseal.effects e where e.decision_id = d.decision_id)""",
    "an appeal that nobody will see": """
        select a.appeal_id::text from underseal.appeals a
        where not exists (select from underseal.cases c
            where c.subject_id = (select subject_id from underseal.decisions d
                                  where d.decision_id = a.decision_id) and c.kind = 'appeal')""",
    "an appeal decided by who took part in the first decision": """
        select d.decision_id::text from underseal.decisions d
        join underseal.decisions first on first.decision_id = d.reviews
        where d.deciders && first.deciders""",
    "a strike without a removal, or after a granted appeal": """
        select s.decision_id::text from underseal.strikes s
        join underseal.decisions d using (decision_id)
        left join underseal.decisions later on later.reviews = d.decision_id
        left join underseal.statements t on t.decision_id = later.decision_id
        left join underseal.disclosures p on p.statement_id = t.statement_id
        where d.outcome <> 'remove'
           or (later.outcome = 'no_violation' and p.statement_id is not null and s.voided_by is null)""",
    "two intentions at once": """
        select subject_id::text from underseal.effects where state = 'intended'
        group by subject_id having count(*) > 1""",
}
"""What must never be found, and the query that finds it, once everything has come to rest."""


async def audit(
    conn: asyncpg.Connection,
    receipts: Iterable[str],
    decisions: Iterable[str],
    appeals: Iterable[str],
    receipt_key: bytes,
) -> list[str]:
    """Return every broken promise; `conn` may read everything."""
    found: list[str] = []
    for promise, query in QUERIES.items():
        found.extend(f"{promise}: {row[0]}" for row in await conn.fetch(query))
    stored_as = {_kept_of(each, receipt_key) for each in receipts}
    found.extend(await _lost(conn, stored_as, decisions, appeals))
    found.extend(await _broken_chains(conn))
    found.extend(await _wrong_records(conn))
    return found


async def _lost(
    conn: asyncpg.Connection,
    receipts: Iterable[bytes],
    decisions: Iterable[str],
    appeals: Iterable[str],
) -> list[str]:
    """What was answered and is not there."""
    known = await conn.fetch("select receipt, earlier_receipt from underseal.reports")
    kept = {bytes(each) for row in known for each in row if each is not None}
    taken = {str(row[0]) for row in await conn.fetch("select decision_id from underseal.decisions")}
    lodged = {str(row[0]) for row in await conn.fetch("select appeal_id from underseal.appeals")}
    return [
        *("a lost report" for each in receipts if each not in kept),
        *(f"a lost decision: {each}" for each in decisions if each not in taken),
        *(f"a lost appeal: {each}" for each in appeals if each not in lodged),
    ]


def _kept_of(receipt: str, key: bytes) -> bytes:
    """What is kept of a receipt: the hash of its subject and of the proof that is hidden in it."""
    content = b32decode(receipt.removeprefix("rcpt_").upper())
    subject, hidden, day_and_seal = content[:16], content[16:32], content[32:]
    message = b"underseal/receipt-mask/1\0" + subject + day_and_seal
    mask = hmac.digest(key, message, "sha256")
    proof = bytes(one ^ other for one, other in zip(hidden, mask[:16], strict=True))
    return hashlib.sha256(subject + proof).digest()


async def _broken_chains(conn: asyncpg.Connection) -> list[str]:
    """Chains recomputed from their description in `docs/ARCHITECTURE.md` and `core.ledger`."""
    heads = {
        row["subject_id"]: row for row in await conn.fetch("select * from underseal.chain_heads")
    }
    found: list[str] = []
    ends: dict[Any, tuple[int, bytes]] = {}
    for event in await conn.fetch("select * from underseal.events order by subject_id, seq"):
        subject_id = event["subject_id"]
        seq, before = ends.get(subject_id, (0, _hash(b"underseal/genesis/1")))
        here = _hash(
            b"underseal/event/1",
            before,
            subject_id.bytes,
            (seq + 1).to_bytes(8, "big"),
            event["kind"].encode(),
            event["body"],
        )
        if (event["seq"], event["prev_hash"], event["hash"]) != (seq + 1, before, here):
            found.append(f"a broken chain: {subject_id} at {event['seq']}")
        ends[subject_id] = event["seq"], event["hash"]
    found.extend(
        f"a wrong head: {subject_id}"
        for subject_id, head in heads.items()
        if head["seq"] and ends.get(subject_id) != (head["seq"], head["hash"])
    )
    return found


async def _wrong_records(conn: asyncpg.Connection) -> list[str]:
    """Track records whose resolved reports are not the sum of their credits."""
    rows: list[Any] = await conn.fetch(
        """select encode(t.pseudonym, 'hex') from underseal.track_records t
           left join (select pseudonym, topic, sum(resolved) as resolved from underseal.credits
                      group by pseudonym, topic) c using (pseudonym, topic)
           where t.resolved <> coalesce(c.resolved, 0)"""
    )
    return [f"a wrong track record: {row[0][:8]}" for row in rows]


def _hash(*parts: bytes) -> bytes:
    framed = b"".join(len(part).to_bytes(8, "big") + part for part in parts)
    return hashlib.sha256(framed).digest()
