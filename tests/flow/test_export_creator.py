"""What a creator is answered who asks for their data."""

import random
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import msgspec
import pytest
from marks import traces
from staging import account

from underseal.core.case import CaseKind
from underseal.flow.export_creator import (
    CreatorExport,
    ExportedAppeal,
    ExportedStatement,
    ExportedStrike,
    ExportedVisibility,
    export_creator,
)
from underseal.flow.open_appeal import open_appeals
from underseal.store.pool import Database
from underseal.store.roles import Role

GOLDEN = Path(__file__).parent / "golden" / "export_creator.json"
NOTE = "canary-note-77b1"
PEOPLE = [f"canary-reporter-{number}" for number in range(4)]


async def exported(stage, creator: str = "carl") -> str:
    """The answer as it is written, by a process that can sign in as nobody else."""
    db = stage.system.db
    answer = await export_creator(db, account(creator), stage.now)
    return msgspec.json.format(msgspec.json.encode(answer), indent=2).decode() + "\n"


@pytest.fixture
async def past(stage):
    """Carl has lost a comment for good, and another one until an appeal gave it back."""
    draw = random.Random(4)
    stage.system = replace(stage.system, new_id=lambda: UUID(int=draw.getrandbits(128)))
    mona, nils = await stage.moderator("mona"), await stage.moderator("nils")
    for name in ("lost", "given back"):
        ref = await stage.comment(name)
        await stage.report(ref, "phishing", *PEOPLE, note=NOTE)
        await stage.decide(ref, mona, "remove", "phishing")
        await stage.tick()
    held = await stage.comment("held")
    await stage.hold(held, "phishing")
    await stage.tick()
    for read in await stage.statements():
        if read.statement.subject.external_id == "given back":
            await stage.appeal(read.statement.id)
    await open_appeals(stage.system, stage.now)
    await stage.judge(nils, "no_violation", kind=CaseKind.APPEAL, reasons="It is satire indeed.")
    await stage.tick()
    return stage


async def test_the_answer_is_what_it_has_always_been(past):
    """After a change on purpose, copy what the failure shows into `golden/`, and read it."""
    assert await exported(past) == GOLDEN.read_text()


async def test_until_a_disclosure_reports_change_no_byte_of_it(past):
    before = await exported(past)
    quiet = await past.comment("quiet")
    assert await exported(past) == before
    for ref in (quiet, await past.comment("lost"), account("carl")):
        await past.report(ref, "spam", *PEOPLE, None, note=NOTE)
    await past.assess()
    assert await exported(past) == before
    await past.decide(quiet, await past.moderator("otto"), "remove", "phishing")
    assert await exported(past) == before
    await past.tick()
    assert await exported(past) != before


async def test_no_mark_of_a_report_is_in_it(past):
    body = (await exported(past)).encode()
    assert not [each for mark in (NOTE, *PEOPLE) for each in traces(mark, body)]
    rows = await past.rows("select tag, pseudonym, receipt, content, sealed from reports")
    assert len(rows) == 8
    for row in rows:
        for value in row.values():
            assert bytes(value).hex().encode() not in body
    assert traces("It is satire indeed.", body), "the search finds what is there"


async def test_somebody_elses_statements_are_not_in_it_and_nobody_is_answered_too(past):
    answer = msgspec.json.decode(await exported(past, "dora"))
    assert (answer["statements"], answer["appeals"], answer["strikes"]) == ([], [], [])
    assert [each["subject"]["id"] for each in answer["visibility"]] == ["dora"]
    assert answer.keys() == msgspec.json.decode(await exported(past)).keys()


async def test_it_is_made_by_whoever_may_read_nothing_else(past, server):
    db = await Database.open(past.system.db.address, server.passwords, {Role.CREATOR: 1})
    answer = await export_creator(db, account("carl"), past.now)
    await db.close()
    assert len(answer.statements) == 4


async def test_long_lists_are_whole(past, monkeypatch):
    whole = await exported(past)
    monkeypatch.setattr("underseal.flow.export_creator.PAGE", 1)
    assert await exported(past) == whole


ALLOWED = {
    CreatorExport: "schema made_at account not_included statements appeals strikes points visibility",
    ExportedStatement: "statement_id subject kind level age_restricted labelled interaction_limited "
    "geo_blocked ground guideline observed law moments_ms after_notice automated_detection "
    "automated_decision reasons informed_at expires_at appeal_until text",
    ExportedAppeal: "appeal_id statement_id state grounds lodged_at reasons decided_at",
    ExportedStrike: "guideline weight issued_on expires_on is_voided",
    ExportedVisibility: "subject level age_restricted labelled interaction_limited geo_blocked "
    "statement_id expires_at",
}


@pytest.mark.parametrize("kind", ALLOWED)
def test_a_field_is_in_it_only_if_it_is_on_this_list(kind):
    assert kind.__struct_fields__ == tuple(ALLOWED[kind].split())
