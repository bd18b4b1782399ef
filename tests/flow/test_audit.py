from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from underseal.core.case import CaseKind
from underseal.core.ledger import EventKind
from underseal.flow.audit import audit_all, verify
from underseal.flow.audit_subject import FindingKind
from underseal.flow.checkpoint import make_checkpoint, read_exported
from underseal.flow.confirm_charge import end_charge
from underseal.flow.open_appeal import open_appeals
from underseal.store.assessments import load_progress, note_assessed
from underseal.store.connection import Connection, session
from underseal.store.ledger import append, commit_reports, lock_chain, report_digest
from underseal.store.roles import Role

REASONS = "It is the real bank, as anybody can see there."

TOLD = frozenset({"events", "reports", "report_supplements", "decisions", "checkpoints",
                  "checkpoint_heads", "strikes", "credits"})  # fmt: skip
"""Tables whose rows the audit knows word for word, but for the columns in `FREE`."""

FREE = frozenset(
    {
        ("decisions", "deciders"),  # made of the two columns before
        ("decisions", "first_deciders"),  # refers to the decision under appeal, or is refused
        ("decisions", "reasons"),
        ("strikes", "creator_id"),
        # Of credits the ledger tells how many they are, and their sum is the track record.
        ("credits", "finding"),
        ("credits", "guideline"),
    }
)

BYTES = frozenset({"hash", "prev_hash", "root", "tag", "pseudonym", "content", "receipt", "sealed"})
"""Columns of the domain `digest`, which is not among the types of the information schema."""


@pytest.fixture
async def told(stage, tmp_path):
    """A stage on which everything has happened that an audit looks at."""
    mona, nils = await stage.moderator("mona"), await stage.moderator("nils")
    bad, good = await stage.comment("bad"), await stage.comment("good", "dora")
    await stage.report(bad, "phishing", "anna", "bert", note="look there")
    await stage.report(bad, "phishing", "anna", note="and here")
    await stage.report(good, "spam", "anna", is_notice=False)
    await stage.decide(bad, mona, "remove", "phishing")
    await stage.hold(good, "spam", disclosure="at_once")
    await make_checkpoint(stage.system, tmp_path / "out", stage.now)
    await stage.tick()
    charged = await stage.decide(good, nils, "no_violation", finding="manifestly_unfounded")
    await end_charge(stage.system, charged, mona, is_right=True, now=stage.now)
    (removal,) = await stage.statements()
    await stage.appeal(removal.statement.id)
    await open_appeals(stage.system, stage.now)
    await stage.judge(nils, "no_violation", kind=CaseKind.APPEAL, reasons=REASONS)
    await stage.tick()
    await stage.decide(good, mona, "remove", "phishing")
    await stage.tick()
    await make_checkpoint(stage.system, tmp_path / "out", stage.now)
    return stage


@pytest.fixture
def exported(told, tmp_path):
    return read_exported(tmp_path / "out")


@pytest.fixture
async def thief(told, server) -> AsyncIterator[Connection]:
    """A connection of somebody who may do everything, on whom no trigger has any effect."""
    address, login = told.system.db.address, server.embedded.superuser()
    async with session(address, login) as conn:
        await conn.execute("set session_replication_role = replica")
        yield conn


@asynccontextmanager
async def undone(conn: Connection) -> AsyncIterator[None]:
    """Undo at the end whatever was done."""
    transaction = conn.transaction()
    await transaction.start()
    try:
        yield
    finally:
        await transaction.rollback()


async def kinds(conn, exported=()):
    return {finding.kind for finding in await verify(conn, exported)}


async def test_nothing_is_found_where_nothing_was_done(told, exported):
    assert len(exported) == 2
    assert await audit_all(told.system, exported) == ()


CHANGED = {
    "bytea": "set_byte({0}, {1} % octet_length({0}), "
    "(get_byte({0}, {1} % octet_length({0})) + 1 + {1}) % 256)",
    "text": "{0} || 'x'",
    "integer": "{0} + 1 + {1}",
    "smallint": "{0} + 1",
    "date": "{0} + 1",
    "boolean": "not {0}",
    "uuid": "gen_random_uuid()",
    "timestamp with time zone": "{0} + interval '1 microsecond'",
    "ARRAY": "{0} || array[5, 6]",
    "double precision": "{0} + 0.001",
}
"""How a value of each type is changed by who knows a number."""


@given(data=st.data())
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@pytest.mark.slow
async def test_whatever_is_changed_in_any_row_is_found(data, thief, exported):
    table = data.draw(st.sampled_from(sorted(TOLD)))
    columns = await thief.fetch(
        "select column_name, data_type from information_schema.columns "
        "where table_schema = 'underseal' and table_name = $1 order by ordinal_position",
        table,
    )
    watched = [tuple(row) for row in columns if (table, row["column_name"]) not in FREE]
    column, kind = data.draw(st.sampled_from(watched))
    places = await thief.fetch(
        f"select ctid::text from {table} where {column} is not null order by 1"
    )
    if not places:
        return
    (place,) = data.draw(st.sampled_from(places))
    number = data.draw(st.integers(0, 250))
    kind = "bytea" if kind == "bytea" or column in BYTES else kind
    async with undone(thief):
        try:
            async with thief.transaction():
                changed = CHANGED[kind].format(column, number)
                await thief.execute(
                    f"update {table} set {column} = {changed} where ctid = '{place}'"
                )
        except asyncpg.IntegrityConstraintViolationError:
            return  # not even that is possible
        assert await kinds(thief, exported), (table, column, place)


@given(data=st.data())
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@pytest.mark.slow
async def test_whatever_row_is_removed_is_found(data, thief, exported):
    table = data.draw(st.sampled_from(sorted(TOLD)))
    places = await thief.fetch(f"select ctid::text from {table} order by 1")
    (place,) = data.draw(st.sampled_from(places))
    async with undone(thief):
        await thief.execute(f"delete from {table} where ctid = '{place}'")
        assert await kinds(thief, exported), (table, place)


async def test_every_event_that_is_cut_off_is_found_by_the_head_or_else_by_a_checkpoint(
    thief, exported
):
    chains = await thief.fetch("select subject_id, seq from chain_heads order by 1")
    for subject_id, seq in chains:
        for first in range(1, seq + 1):
            async with undone(thief):
                await thief.execute(
                    "delete from events where subject_id = $1 and seq >= $2", subject_id, first
                )
                assert FindingKind.HEAD in await kinds(thief)
                await thief.execute(
                    "update chain_heads h set seq = $2 - 1, checkpointed_seq = 0, hash = coalesce("
                    "(select hash from events e where e.subject_id = $1 and seq = $2 - 1), hash) "
                    "where h.subject_id = $1",
                    subject_id,
                    first,
                )
                assert FindingKind.CHECKPOINT in await kinds(thief, exported)


async def test_a_past_that_is_rewritten_with_all_its_hashes_is_found_by_what_was_taken_out(
    thief, exported
):
    async with undone(thief):
        last = exported[-1]
        await thief.execute("delete from checkpoint_heads where number = $1", last.number)
        await thief.execute("delete from checkpoints where number = $1", last.number)
        assert await kinds(thief) == set()
        assert await kinds(thief, exported) == {FindingKind.CHECKPOINT}


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ("update visibility set labelled = true where level = 'removed'", FindingKind.VISIBILITY),
        ("delete from visibility", FindingKind.VISIBILITY),
        ("update strikes set voided_by = null", FindingKind.STRIKE),
        ("delete from strikes", FindingKind.STRIKE),
        ("update track_records set right_weight = right_weight + 1", FindingKind.TRACK_RECORD),
        ("delete from track_records", FindingKind.TRACK_RECORD),
        ("delete from credits", FindingKind.CREDIT),
        ("update commitments set closed = false", FindingKind.COMMITMENT),
        ("update decisions set decided_at = decided_at + interval '1 s'", FindingKind.DECISION),
        ("update chain_heads set seq = seq + 1", FindingKind.HEAD),
        ("update events set body = body || '\\x20'::bytea where seq = 1", FindingKind.CHAIN),
        ("update events set kind = 'unheard_of' where seq = 1", FindingKind.CHAIN),
        ("update reports set may_be_guessed = true", FindingKind.REPORT),
    ],
)  # fmt: skip
async def test_what_is_a_fold_of_events_is_folded_anew(thief, exported, change, kind):
    async with undone(thief):
        await thief.execute(change)
        assert kind in await kinds(thief, exported)


async def test_a_report_that_was_changed_together_with_its_seal_is_found(thief):
    async with undone(thief):
        for row in await thief.fetch("select ctid::text, * from reports"):
            changed = {**dict(row), "law": None, "is_notice": not row["is_notice"]}
            await thief.execute(
                f"update reports set is_notice = $1, law = null, sealed = $2 "
                f"where ctid = '{row['ctid']}'",
                changed["is_notice"],
                report_digest(changed),
            )
        assert await kinds(thief) == {FindingKind.REPORT}


async def test_reports_that_are_still_to_be_counted_are_named_and_no_fault(told):
    ref = await told.comment("new")
    await told.report(ref, "spam", "anna")
    (finding,) = await audit_all(told.system, ())
    assert (finding.kind, finding.subject_id) == (FindingKind.PENDING, ref.subject_id)
    assert not finding.is_fault
    await assessed(told, ref)
    assert await audit_all(told.system, ()) == ()


async def test_a_report_that_was_changed_before_it_was_counted_is_found_by_its_seal(told, thief):
    ref = await told.comment("new")
    await told.report(ref, "spam", "anna")
    async with undone(thief):
        await thief.execute(
            "update reports set may_be_guessed = true where subject_id = $1", ref.subject_id
        )
        assert await kinds(thief) == {FindingKind.PENDING, FindingKind.REPORT}


async def test_a_report_of_an_open_round_that_was_counted_is_missed(told, thief):
    ref = await told.comment("new")
    await told.report(ref, "spam", "anna", "bert")
    await assessed(told, ref)
    async with undone(thief):
        await thief.execute(
            "delete from reports where ctid = (select min(ctid) from reports where subject_id = $1)",
            ref.subject_id,
        )
        assert await kinds(thief) == {FindingKind.REPORT}


async def assessed(stage, ref) -> None:
    """Count the reports of a round, as an assessment does."""
    async with stage.system.db.transaction(Role.CORE) as conn:
        await lock_chain(conn, ref.subject_id)
        wanted = (await load_progress(conn, ref.subject_id)).wanted
        commitment = await commit_reports(conn, ref.subject_id, 1, closed=False)
        payload = {"round": 1, "commitment": dict(commitment.payload)}
        await append(conn, ref.subject_id, EventKind.ASSESSED, payload)
        await note_assessed(
            conn, ref.subject_id, 1, wanted, reported=True, waits_from=date(2026, 11, 19)
        )
