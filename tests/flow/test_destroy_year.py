"""A year ends: what people have earned stays theirs, and nobody finds them any more."""

import random
from datetime import UTC, datetime, timedelta
from hmac import digest
from pathlib import Path

import pytest
from years import AFTER

from underseal.core.case import CaseKind
from underseal.core.prior import DEFAULT_PRIOR
from underseal.core.track_record import precision
from underseal.flow import destroy_year as module
from underseal.flow.audit import audit_all, verify
from underseal.flow.audit_subject import FindingKind
from underseal.flow.destroy_year import (
    ended_years,
)
from underseal.flow.open_appeal import open_appeals
from underseal.seal.keys import has_year
from underseal.seal.pseudonym import pseudonyms
from underseal.store.connection import session
from underseal.store.order import sort_rows
from underseal.store.roles import Role
from underseal.store.years import YearStage

LINKS = "select count(*) from vault.pseudonym_links"
IDENTITIES = "select year, count(*) from vault.sealed_identities group by year order by year"
CARRIED = "select * from underseal.carried_records order by pseudonym, topic, year"


async def precisions(years) -> dict[str, float]:
    found = {}
    for name in ("anna", "bert", "cleo", "dora"):
        for topic, record in (await years.records(name)).items():
            found[name, topic] = precision(record, DEFAULT_PRIOR, years.stage.now.date())
    return found


async def test_what_was_earned_stays_and_who_it_was_goes(over):
    before, weighed = await over.records("anna"), await precisions(over)
    await over.destroy()
    after = await over.records("anna")
    assert {topic: record.resolved for topic, record in before.items()} == {"scam": 6}
    assert after["scam"].resolved == 4  # of 2025 no more than being proven takes
    assert await precisions(over) == pytest.approx(weighed, abs=0.02)
    assert await over.vault(IDENTITIES) == [(2026, 3)]
    assert await over.vault(LINKS) == [(0,)]
    assert not has_year(over.folder, 2025)
    assert has_year(over.folder, 2026)
    assert await audit_all(over.stage.system, ()) == ()


async def test_the_ledger_tells_each_step_and_who_took_it(over):
    await over.destroy()
    told = await over.told()
    assert [each["stage"] for each in told] == ["begun", "carried_over", "destroyed"]
    assert {each["by"] for each in told} == {str(over.admin.principal_id)}
    assert {each["year"] for each in told} == {2025}
    ended = await ended_years(over.stage.system)
    assert [(each.year, each.stage, each.at) for each in ended] == [
        (2025, stage, AFTER) for stage in YearStage
    ]


async def test_the_database_no_longer_leads_from_one_year_to_the_other(over):
    """No number that can be computed for the old pseudonym stands beside the new one."""
    ring = over.stage.system.keys
    old = {
        name: pseudonyms(ring, datetime(2025, 6, 1, tzinfo=UTC).date(), name).current
        for name in ("anna", "bert")
    }
    exact = await over.vault(
        "select right_weight from underseal.track_records where pseudonym = any ($1)",
        list(old.values()),
    )
    await over.destroy()
    rows = await over.vault(CARRIED)
    assert len(rows) == 2
    new = {bytes(row[0]) for row in rows}
    assert not new & set(old.values())
    for row in rows:
        assert (row[3],) not in exact
        assert row[3] in {2.0**power for power in range(-4, 8)}
    assert len({row[6] for row in rows}) == 1, "one day for all"


async def test_a_thief_of_the_files_and_of_every_key_that_is_left_finds_nobody_of_that_year(
    over, server
):
    """Rows that were deleted lie in the files until the tables are sorted."""
    links = await over.vault("select previous from vault.pseudonym_links")
    old = {bytes(row[0]) for row in links}
    old |= {row[0] for row in await over.vault(
        "select pseudonym from vault.sealed_identities where year = 2025")}  # fmt: skip
    assert len(old) == 4
    await over.destroy()
    over.restart()
    address = over.stage.system.db.address
    assert await lying_about(address, server, old) == old, "the search sees what is there"
    await sort_rows(address, server.passwords)
    assert await lying_about(address, server, old) == set()
    ring = over.stage.system.keys
    found = {
        digest(keys.pseudonym, name.encode(), "sha256")
        for keys in ring.for_day(AFTER.date())
        for name in ("anna", "bert", "cleo", "dora")
    }
    assert len(found) == 8
    assert not found & old


async def lying_about(address, server, marks: set[bytes]) -> set[bytes]:
    """Which marks lie in the files of the vault's tables."""
    async with session(address, server.embedded.superuser()) as superuser:
        await superuser.execute("checkpoint")
        places = await superuser.fetch(
            "select pg_relation_filepath(oid) as path from pg_class "
            "where relnamespace = 'vault'::regnamespace and relkind in ('r', 'i')"
        )
        folder = Path(await superuser.fetchval("show data_directory"))
    files = [(folder / row["path"]).read_bytes() for row in places]
    return {mark for mark in marks if any(mark in each for each in files)}


async def test_a_repeat_in_an_open_round_is_recognised_afterwards(over):
    stage = over.stage
    stage.now = datetime(2026, 12, 30, 12, 30, tzinfo=UTC)
    over.restart()
    ref = await stage.comment("open")
    await stage.report(ref, "phishing", "anna", "dora", note="first")
    stage.now = AFTER
    over.restart()
    await over.destroy()
    over.restart()
    await stage.report(ref, "phishing", "anna", "dora", note="again")
    found = await stage.rows(
        "select count(*) as n from reports where subject_id = $1", ref.subject_id
    )
    assert found == [{"n": 2}]


async def test_who_reports_in_the_year_after_has_their_record(over):
    await over.destroy()
    over.restart()
    before = (await over.records("anna"))["scam"]
    await over.happen("newest", "anna")
    pseudonym = pseudonyms(over.stage.system.keys, AFTER.date(), "anna")
    links = await over.vault("select pseudonym, previous from vault.pseudonym_links")
    assert links == [(pseudonym.current, pseudonym.previous)]
    (row,) = await over.stage.rows(
        "select resolved from track_records where pseudonym = $1", pseudonym.current
    )
    assert row["resolved"] == 1
    assert (await over.records("anna"))["scam"] == before
    assert await audit_all(over.stage.system, ()) == ()


async def test_what_was_earned_in_the_new_year_can_still_be_taken_back(over):
    stage = over.stage
    await over.destroy()
    over.restart()
    await stage.tick()
    (removal,) = [
        read for read in await stage.statements() if read.statement.subject.external_id == "new 1"
    ]
    await stage.appeal(removal.statement.id)
    await open_appeals(stage.system, stage.now)
    before = (await over.records("anna"))["scam"]
    nils = await stage.moderator("nils")
    await stage.judge(nils, "no_violation", kind=CaseKind.APPEAL, reasons="It is the real bank.")
    await stage.tick()
    after = (await over.records("anna"))["scam"]
    anna = pseudonyms(stage.system.keys, datetime(2026, 6, 1, tzinfo=UTC).date(), "anna").current
    ((carried,),) = await over.vault(
        "select right_weight from underseal.carried_records where pseudonym = $1", anna
    )
    assert before.right > carried + 0.5
    assert after.right == pytest.approx(carried, abs=0.02)
    assert after.wrong == pytest.approx(before.wrong + 0.25, abs=0.02)
    assert await audit_all(stage.system, ()) == ()


async def test_the_next_year_carries_on_what_was_carried(over):
    await over.destroy()
    over.restart()
    await over.happen("newest", "anna", "bert")
    tick = await over.stage.tick()
    assert tick is not None
    await over.go_to(datetime(2028, 1, 3, 9, 30, tzinfo=UTC))
    await over.destroy(2026)
    rows = await over.vault("select year, count(*) from underseal.carried_records group by year")
    assert sorted(rows) == [(2025, 2), (2026, 2)]
    assert await over.vault(IDENTITIES) == [(2027, 2)]
    assert await over.vault(LINKS) == [(0,)]
    assert await audit_all(over.stage.system, ()) == ()


STEPS = [
    (module.years, "lock_ending_links", 0),
    (module.years, "end_links", 0),
    (module.years, "end_links", 1),
    (module.years, "commit_carried", 0),
    (module.years, "erase_year", 0),
    (module.keys, "destroy_year", 0),
    (module.ledger, "append", 0),
    (module.ledger, "append", 1),
    (module.ledger, "append", 2),
]


def break_off(monkeypatch, place, name: str, after: int) -> None:
    """Let a step fail, the first time or after it has gone well so often."""
    real, calls = getattr(place, name), iter(range(100))

    def fail_or_go_on(*given):
        if next(calls) == after:
            raise ConnectionResetError
        return real(*given)

    monkeypatch.setattr(place, name, fail_or_go_on)


@pytest.mark.parametrize(("place", "name", "after"), STEPS)
async def test_wherever_it_breaks_off_it_goes_on_from_there(over, monkeypatch, place, name, after):
    monkeypatch.setattr(module, "LINKS_AT_ONCE", 1)
    weighed = await precisions(over)
    break_off(monkeypatch, place, name, after)
    with pytest.raises(ConnectionResetError):
        await over.destroy()
    assert await precisions(over) == pytest.approx(weighed, abs=0.02)
    assert not [each for each in await audit_all(over.stage.system, ()) if each.is_fault]
    over.restart()
    if await over.told():
        over.stage.now += timedelta(days=3)  # what has begun goes on, however long ago
    await over.destroy()
    assert await precisions(over) == pytest.approx(weighed, abs=0.02)
    assert [each["stage"] for each in await over.told()] == ["begun", "carried_over", "destroyed"]
    assert await over.vault(IDENTITIES) == [(2026, 3)]
    assert await over.vault(LINKS) == [(0,)]
    assert not has_year(over.folder, 2025)
    assert await audit_all(over.stage.system, ()) == ()


async def test_a_key_that_comes_back_from_a_backup_is_destroyed_again(over):
    kept = (over.folder / "year-2025.key").read_text()
    await over.destroy()
    before = await over.state()
    (over.folder / "year-2025.key").touch(mode=0o600)
    (over.folder / "year-2025.key").write_text(kept)
    over.restart()
    await over.destroy()
    assert await over.state() == before


async def test_an_identity_that_is_sealed_again_brings_no_link_back(over):
    """A server that has not been restarted still has the key, and has forgotten who is stored."""
    running = over.stage.system
    await over.destroy()
    over.stage.now = datetime(2026, 12, 1, tzinfo=UTC)
    over.stage.system = running
    ref = await over.stage.comment("sealed again")
    await over.stage.report(ref, "phishing", "anna")
    assert await over.vault(LINKS) == [(0,)]


@pytest.mark.parametrize(
    "change",
    [
        "update carried_records set right_weight = right_weight * 2",
        "update carried_records set topic = topic || 'x'",
        "delete from carried_records",
        "insert into carried_records values (sha256('x'), 'scam', 2019, 1, 1, 1, '2026-01-01')",
        "delete from track_records where pseudonym in (select pseudonym from carried_records)",
    ],
)
async def test_what_is_changed_of_what_was_carried_is_found(over, server, change):
    await over.destroy()
    login = server.embedded.superuser()
    async with session(over.stage.system.db.address, login) as thief:
        await thief.execute("set session_replication_role = replica")
        await thief.execute("set search_path = underseal")
        await thief.execute(change)
        assert FindingKind.TRACK_RECORD in {each.kind for each in await verify(thief, ())}


@pytest.mark.slow
async def test_many_records_of_many_topics_stay_what_their_credits_add_up_to(years):
    """Decisions of all kinds over two years, and more of them after the end of the first."""
    stage, draw = years.stage, random.Random(7)
    people = [f"p{number}" for number in range(9)]
    for number, day in enumerate(sorted(draw.sample(range(400), 24))):
        stage.now = datetime(2025, 11, 25, 8, 30, tzinfo=UTC) + timedelta(days=day)
        years.restart()
        ref = await stage.comment(f"c{number}")
        guideline = draw.choice(["phishing", "spam", "bullying"])
        await stage.report(ref, guideline, *draw.sample(people, 4))
        outcome = draw.choice(["remove", "no_violation", "age_restrict"])
        named = None if outcome == "no_violation" else guideline
        await stage.decide(ref, years.mona, outcome, named)
    await years.go_to(datetime(2027, 8, 1, 9, 30, tzinfo=UTC))
    async with stage.system.db.transaction(Role.CORE) as conn:
        await conn.execute("update effects set state = 'withdrawn' where state = 'intended'")
    assert await audit_all(stage.system, ()) == ()
    await years.destroy()
    assert await audit_all(stage.system, ()) == ()
    years.restart()
    await years.happen("at last", *people)
    assert await audit_all(stage.system, ()) == ()
