"""What a row can express, the database insists on: each case is a row that differs from a good one."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest

from underseal.store.connection import session

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
DAY = date(2026, 11, 22)
SOMEBODY, OTHER = UUID(int=1), UUID(int=2)
DIGEST = bytes(32)

CASE = {
    "case_id": SOMEBODY, "subject_id": SOMEBODY, "round": 1, "version": 1, "kind": "review",
    "state": "queued", "lane": "ordinary", "because": "", "opened_on": DAY,
}  # fmt: skip
DECISION = {
    "decision_id": SOMEBODY, "subject_id": SOMEBODY, "round": 1, "version": 1, "kind": "review",
    "outcome": "remove", "guideline": "spam", "guidelines_version": "1", "finding": "actioned",
    "automation": "not_automated", "decided_by": SOMEBODY, "reasons": "", "decided_at": NOW,
}  # fmt: skip
APPEAL = {
    **DECISION, "kind": "appeal", "reviews": OTHER, "first_deciders": [OTHER], "reasons": "because",
}  # fmt: skip
MACHINE = {**DECISION, "kind": "machine", "automation": "fully", "decided_by": None}
EFFECT = {
    "effect_id": SOMEBODY, "subject_id": SOMEBODY, "round": 1, "cause": "decision",
    "level": "removed", "age_restricted": False, "labelled": False, "interaction_limited": False,
    "geo_blocked": [], "disclosure": "tick", "from_window": 1, "decision_id": SOMEBODY,
    "statement_id": SOMEBODY, "state": "intended", "intended_on": DAY,
}  # fmt: skip
HOLD = {**EFFECT, "cause": "hold", "level": "held", "hold_hours": 24, "decision_id": None}
VISIBILITY = {
    "subject_id": SOMEBODY, "kind": "video", "external_id": "v", "basis": "effect",
    "level": "removed", "age_restricted": False, "labelled": False, "interaction_limited": False,
    "geo_blocked": [], "statement_id": SOMEBODY, "changed_at": NOW,
}  # fmt: skip
STRIKE = {
    "decision_id": SOMEBODY, "creator_id": SOMEBODY, "guideline": "spam", "weight": 1,
    "issued_on": DAY, "expires_on": DAY + timedelta(days=90),
}  # fmt: skip
REPORT = {
    "subject_id": SOMEBODY, "round": 1, "guideline": "spam", "tag": DIGEST, "taxonomy": "1",
    "reported_in": date(2026, 10, 1), "moments": [1, 2], "content": DIGEST, "is_notice": False,
    "may_be_guessed": False, "after_outcome": False, "receipt": DIGEST, "sealed": DIGEST,
}  # fmt: skip
COMPLAINT = {
    "receipt": DIGEST, "receipt_round": 1, "subject_id": SOMEBODY, "round": 2, "guideline": "spam",
    "tag": DIGEST, "heard_in": 2,
}  # fmt: skip
DRAW = {
    "day": DAY, "subject_id": SOMEBODY, "version": 1, "views": 9, "probability": 0.1, "times": 1,
    "nats": -3.0, "guidelines_version": "1",
}  # fmt: skip
SPAN = {"subject_id": SOMEBODY, "round": 2, "receipt_round": 1}

GOOD = [
    ("cases", CASE),
    ("cases", {**CASE, "state": "leased", "leased_by": SOMEBODY, "leased_until": NOW}),
    ("cases", {**CASE, "kind": "appeal", "reviews": SOMEBODY}),
    ("decisions", DECISION),
    ("decisions", {**DECISION, "confirmed_by": OTHER}),
    ("decisions", MACHINE),
    ("decisions", APPEAL),
    ("decisions", {**APPEAL, "first_deciders": []}),
    ("effects", EFFECT),
    ("effects", HOLD),
    ("effects", {**HOLD, "state": "disclosed", "disclosed_at": NOW, "expires_at": LATER}),
    ("visibility", VISIBILITY),
    ("visibility", {**VISIBILITY, "level": "held", "expires_at": LATER}),
    ("strikes", STRIKE),
    ("reports", REPORT),
    ("reports", {**REPORT, "is_notice": True, "by_trusted_flagger": True}),
    ("reports", {**REPORT, "earlier_receipt": DIGEST}),
    ("complaints", COMPLAINT),
    ("receipt_spans", SPAN),
    ("prevalence_draws", DRAW),
    ("prevalence_draws", {**DRAW, "probability": 1.0}),
]

BAD = [
    ("a lease without a moderator", "cases", {**CASE, "state": "leased"}),
    ("a moderator without a lease", "cases", {**CASE, "leased_by": SOMEBODY, "leased_until": NOW}),
    ("a lease without an end", "cases", {**CASE, "state": "leased", "leased_by": SOMEBODY}),
    ("a moderator who may not take it", "cases",
     {**CASE, "state": "leased", "leased_by": SOMEBODY, "leased_until": NOW, "not_for": [SOMEBODY]}),
    ("an end without a time", "cases", {**CASE, "state": "decided"}),
    ("a time without an end", "cases", {**CASE, "closed_at": NOW}),
    ("an appeal against nothing", "cases", {**CASE, "kind": "appeal"}),
    ("a review against something", "cases", {**CASE, "reviews": SOMEBODY}),
    ("a state of no kind", "cases", {**CASE, "state": "lost"}),
    ("who judges their own decision", "decisions", {**APPEAL, "first_deciders": [SOMEBODY]}),
    ("who judges what they confirmed", "decisions", {**APPEAL, "first_deciders": [OTHER, SOMEBODY]}),
    ("who confirms the judgement of their own decision", "decisions",
     {**APPEAL, "confirmed_by": OTHER}),
    ("an appeal against nobody knows whose decision", "decisions",
     {**APPEAL, "first_deciders": None}),
    ("who confirms their own decision", "decisions", {**DECISION, "confirmed_by": SOMEBODY}),
    ("a machine that somebody confirms", "decisions", {**MACHINE, "confirmed_by": OTHER}),
    ("an appeal without reasons", "decisions", {**APPEAL, "reasons": ""}),
    ("an appeal against nothing", "decisions", {**APPEAL, "reviews": None}),
    ("an appeal by a machine", "decisions",
     {**APPEAL, "automation": "fully", "decided_by": None}),
    ("a review of a decision", "decisions", {**DECISION, "reviews": OTHER}),
    ("a breach of nothing", "decisions", {**DECISION, "guideline": None}),
    ("no breach of something", "decisions", {**DECISION, "outcome": "no_violation"}),
    ("a human who is a machine", "decisions", {**DECISION, "automation": "fully"}),
    ("a machine with a name", "decisions",
     {**DECISION, "kind": "machine", "automation": "fully"}),
    ("nobody", "decisions", {**DECISION, "decided_by": None}),
    ("a restriction without a statement", "effects", {**EFFECT, "statement_id": None}),
    ("a label without a statement", "effects",
     {**EFFECT, "level": "public", "labelled": True, "statement_id": None}),
    ("a block without a statement", "effects",
     {**EFFECT, "level": "public", "geo_blocked": ["DE"], "statement_id": None}),
    ("a decision's effect without a decision", "effects", {**EFFECT, "decision_id": None}),
    ("a hold of no length", "effects", {**HOLD, "hold_hours": None}),
    ("a hold of no hours", "effects", {**HOLD, "hold_hours": 0}),
    ("a length of no hold", "effects", {**EFFECT, "hold_hours": 24}),
    ("a hold without an end", "effects", {**HOLD, "state": "disclosed", "disclosed_at": NOW}),
    ("a hold that ends before it begins", "effects",
     {**HOLD, "state": "disclosed", "disclosed_at": LATER, "expires_at": NOW}),
    ("a disclosure at no time", "effects", {**EFFECT, "state": "disclosed"}),
    ("a time of no disclosure", "effects", {**EFFECT, "disclosed_at": NOW}),
    ("a level of no kind", "effects", {**EFFECT, "level": "hidden"}),
    ("a hold without an end", "visibility", {**VISIBILITY, "level": "held"}),
    ("an effect without a statement", "visibility", {**VISIBILITY, "statement_id": None}),
    ("a restriction that rests on nothing", "visibility",
     {**VISIBILITY, "basis": "none", "statement_id": None}),
    ("a scan that removes", "visibility", {**VISIBILITY, "basis": "scan", "statement_id": None}),
    ("a strike that weighs nothing", "strikes", {**STRIKE, "weight": 0}),
    ("a strike that never counts", "strikes", {**STRIKE, "expires_on": DAY}),
    ("half a moment", "reports", {**REPORT, "moments": [1]}),
    ("a law without a notice", "reports", {**REPORT, "law": "§ 1"}),
    ("a trusted flagger's report that is no notice", "reports",
     {**REPORT, "by_trusted_flagger": True}),
    ("a tag of another length", "reports", {**REPORT, "tag": b"short"}),
    ("a complaint that is heard in the round that it is about", "complaints",
     {**COMPLAINT, "round": 1, "heard_in": 1}),
    ("a complaint that is heard before its report", "complaints", {**COMPLAINT, "round": 3}),
    ("a draw that could not be", "prevalence_draws", {**DRAW, "probability": 0.0}),
    ("a draw that is more than certain", "prevalence_draws", {**DRAW, "probability": 1.1}),
    ("a draw of what nobody saw", "prevalence_draws", {**DRAW, "views": 0}),
    ("a draw that was none", "prevalence_draws", {**DRAW, "times": 0}),
    ("a receipt that stands for itself too", "receipt_spans", {**SPAN, "receipt_round": 2}),
    ("receipts of a round that is to come", "subjects",
     {"subject_id": SOMEBODY, "kind": "video", "external_id": "v", "round": 1, "receipt_round": 2}),
]  # fmt: skip

TWICE = [
    ("two decisions on a round", "decisions", DECISION, {**DECISION, "decision_id": OTHER}),
    ("two appeals against a decision", "decisions", APPEAL,
     {**APPEAL, "decision_id": OTHER, "round": 2}),
    ("two cases of a round", "cases", CASE, {**CASE, "case_id": OTHER}),
    ("two cases of an appeal", "cases", {**CASE, "kind": "appeal", "reviews": SOMEBODY},
     {**CASE, "case_id": OTHER, "round": 2, "kind": "appeal", "reviews": SOMEBODY}),
    ("two effects that a subject waits for", "effects", EFFECT, {**EFFECT, "effect_id": OTHER}),
    ("two strikes of a decision", "strikes", STRIKE, {**STRIKE, "weight": 2}),
    ("the same report twice", "reports", REPORT, {**REPORT, "receipt": b"r" * 32}),
    ("one receipt of two reports", "reports", REPORT, {**REPORT, "tag": b"t" * 32}),
    ("two complaints with a receipt", "complaints", COMPLAINT, {**COMPLAINT, "heard_in": 3}),
    ("a round that two receipts span", "receipt_spans", {**SPAN, "round": 3},
     {**SPAN, "round": 3, "receipt_round": 2}),
]  # fmt: skip


@pytest.fixture
async def conn(server, address):
    """A connection for which rows may refer to what is not there."""
    async with session(address, server.embedded.superuser()) as connection:
        await connection.execute("set session_replication_role = replica")
        yield connection


async def insert(conn, table: str, row: dict) -> None:
    places = ", ".join(f"${number}" for number in range(1, len(row) + 1))
    await conn.execute(f"insert into {table} ({', '.join(row)}) values ({places})", *row.values())


@pytest.mark.parametrize(("table", "row"), GOOD)
async def test_a_good_row_is_taken(conn, table, row):
    await insert(conn, table, row)


@pytest.mark.parametrize(("what", "table", "row"), BAD, ids=[f"{b[1]}: {b[0]}" for b in BAD])
async def test_a_bad_row_is_refused(conn, what, table, row):
    with pytest.raises((asyncpg.CheckViolationError, asyncpg.NotNullViolationError)):
        await insert(conn, table, row)


@pytest.mark.parametrize(("what", "table", "row", "again"), TWICE, ids=[t[0] for t in TWICE])
async def test_what_there_is_once_there_is_not_twice(conn, what, table, row, again):
    await insert(conn, table, row)
    with pytest.raises(asyncpg.UniqueViolationError):
        await insert(conn, table, again)


async def test_a_row_refers_to_what_is_there(server, address):
    async with session(address, server.embedded.superuser()) as connection:
        for table, row in GOOD:
            if table not in {"effects", "visibility", "strikes", "decisions", "cases"}:
                continue
            with pytest.raises(asyncpg.ForeignKeyViolationError):
                await insert(
                    connection,
                    table,
                    {**row, "subject_id": uuid4()} if "subject_id" in row else row,
                )
