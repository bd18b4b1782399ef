"""What a reporter is answered who asks for their data, with receipts."""

import msgspec
import pytest
from marks import traces

from underseal.core.report import Moment
from underseal.flow.complain import complain
from underseal.flow.export_reporter import (
    ExportedReport,
    ReporterExport,
    UnknownReceiptAtError,
    export_reporter,
)
from underseal.flow.file_report import Filer
from underseal.flow.supplement import supplement
from underseal.store.roles import Role


@pytest.fixture
async def world(stage):
    """A video with reports by Anna, by Bert, and by somebody without an account."""
    ref = await stage.video()
    moments = (Moment(start_ms=1000, end_ms=2500),)
    filing = {
        "anna": stage.filing(ref, "spam", note="by anna", moments=moments, may_be_guessed=True),
        "bert": stage.filing(
            ref,
            "hate_incitement",
            note="by bert",
            is_notice=True,
            law="§ 130 StGB",
            by_trusted_flagger=True,
        ),
        None: stage.filing(ref, "spam", note="by nobody"),
    }
    async with Filer(
        stage.system.db, stage.system.keys, stage.system.guidelines, lambda: stage.now
    ) as filer:
        tokens = {who: await filer.file(each, who) for who, each in filing.items()}
    return stage, ref, tokens


async def exported(stage, *tokens: str) -> dict:
    answer = await export_reporter(stage.system, tokens, stage.now)
    return msgspec.json.decode(msgspec.json.encode(answer))


async def test_it_is_the_report_with_all_that_was_said_and_chosen(world):
    stage, _, tokens = world
    await supplement(stage.system, tokens["anna"], "and another thing", stage.now)
    (report,) = (await exported(stage, tokens["anna"]))["reports"]
    assert report == {
        "kind": "video",
        "id": "v1",
        "guideline": "spam",
        "reported_on": "2026-11-22",
        "stored_quarter": "2026-10-01",
        "has_account": True,
        "is_notice": False,
        "by_trusted_flagger": False,
        "law": None,
        "may_be_guessed": True,
        "said": {"note": "by anna", "moments_ms": [[1000, 2500]]},
        "added": [{"note": "and another thing", "moments_ms": []}],
        "inquiries": [],
        "words": [],
        "state": "received",
        "changed_at": None,
        "complaint": None,
        "complain_until": None,
    }


async def test_a_notice_says_which_law(world):
    stage, _, tokens = world
    (report,) = (await exported(stage, tokens["bert"]))["reports"]
    assert (report["is_notice"], report["law"]) == (True, "§ 130 StGB")
    assert report["by_trusted_flagger"]


async def test_several_receipts_are_answered_in_the_order_given(world):
    stage, _, tokens = world
    answer = await exported(stage, tokens["bert"], f"  {tokens[None]}\n")
    assert [each["said"]["note"] for each in answer["reports"]] == ["by bert", "by nobody"]
    assert [each["has_account"] for each in answer["reports"]] == [True, False]


async def test_nothing_of_others_is_in_it(world):
    stage, ref, tokens = world
    alone = await exported(stage, tokens["anna"])
    body = msgspec.json.encode(alone)
    assert not traces("by bert", body)
    assert not traces("bert", body)
    await stage.report(ref, "spam", "cleo", "dora", "emil", note="by others")
    await stage.assess()
    assert await exported(stage, tokens["anna"]) == alone


async def test_how_much_somebody_is_believed_changes_nothing_in_it(world):
    stage, _, tokens = world
    before = await exported(stage, tokens["anna"])
    for guideline in ("spam", "phishing"):
        await stage.prove("anna", stage.system.guidelines.by_id[guideline].topic)
    assert await exported(stage, tokens["anna"]) == before


async def test_a_decision_shows_in_it_when_its_receipt_shows_it_and_no_earlier(world):
    stage, _, tokens = world
    other = await stage.comment("c9")
    async with Filer(
        stage.system.db, stage.system.keys, stage.system.guidelines, lambda: stage.now
    ) as filer:
        token = await filer.file(stage.filing(other, "phishing", note="look"), "anna")
    before = await exported(stage, token)
    await stage.decide(other, await stage.moderator("mona"), "no_violation")
    assert await exported(stage, token) == before
    await stage.answer_day()
    (report,) = (await exported(stage, token))["reports"]
    assert report["state"] == "no_violation"
    assert report["complain_until"]
    await complain(stage.system, token, "look again", stage.now)
    (report,) = (await exported(stage, token))["reports"]
    assert report["complaint"] == "in_review"
    assert [each["note"] for each in report["added"]] == ["look again"]
    assert tokens


async def test_a_note_that_was_destroyed_is_told_from_one_that_was_never_written(world):
    stage, ref, tokens = world
    empty = stage.filing(ref, "phishing")
    async with Filer(
        stage.system.db, stage.system.keys, stage.system.guidelines, lambda: stage.now
    ) as filer:
        silent = await filer.file(empty, "anna")
    async with stage.system.db.transaction(Role.RETENTION) as conn:
        assert await conn.fetchval("select underseal.destroy_note_key($1)", ref.subject_id)
    answer = await exported(stage, tokens["anna"], silent)
    assert [each["said"]["note"] for each in answer["reports"]] == [None, ""]


@pytest.mark.parametrize("wrong", ["", "rcpt_x", "anna", "the first without its last letter"])
async def test_an_unknown_receipt_is_named_by_its_place_and_nothing_is_answered(world, wrong):
    stage, _, tokens = world
    token = tokens["anna"][:-1] if wrong.startswith("the first") else wrong
    with pytest.raises(UnknownReceiptAtError, match="receipt number 2 is unknown") as caught:
        await exported(stage, tokens["anna"], token)
    assert not token or token not in str(caught.value).replace("begins with rcpt_", "")


async def test_it_names_no_key_and_no_mark(world):
    stage, _, tokens = world
    body = msgspec.json.encode(await exported(stage, *tokens.values()))
    for row in await stage.rows("select tag, pseudonym, receipt, content, sealed from reports"):
        for value in row.values():
            assert value is None or bytes(value).hex().encode() not in body
    for token in tokens.values():
        assert token.encode() not in body


def test_a_field_is_in_it_only_if_it_is_on_this_list():
    assert ReporterExport.__struct_fields__ == ("schema", "made_at", "not_included", "reports")
    assert ExportedReport.__struct_fields__ == (
        *("kind", "id", "guideline", "reported_on", "stored_quarter", "has_account", "is_notice"),
        *(
            "law",
            "by_trusted_flagger",
            "may_be_guessed",
            "said",
            "added",
            "inquiries",
            "words",
            "state",
            "changed_at",
        ),
        *("complaint", "complain_until"),
    )
