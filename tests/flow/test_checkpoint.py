import json
from datetime import timedelta

import pytest

from underseal.core.ledger import GENESIS, head_leaf, merkle_root
from underseal.flow.checkpoint import (
    CheckpointFileError,
    export_checkpoints,
    make_checkpoint,
    read_exported,
)
from underseal.store.ledger import append, lock_chain
from underseal.store.roles import Role


async def test_a_checkpoint_is_over_the_chains_that_have_grown(stage, tmp_path):
    one, two = await stage.comment("one"), await stage.comment("two")
    first = await make_checkpoint(stage.system, tmp_path, stage.now)
    assert (first.number, first.heads, first.prev_hash) == (1, 2, GENESIS)
    assert await make_checkpoint(stage.system, tmp_path, stage.now) is None
    await stage.decide(two, await stage.moderator("mona"), "no_violation")
    second = await make_checkpoint(stage.system, tmp_path, stage.now)
    assert (second.number, second.heads, second.prev_hash) == (2, 1, first.hash)
    (head,) = await stage.rows(
        "select seq, hash from chain_heads where subject_id = $1", two.subject_id
    )
    assert second.root == merkle_root([head_leaf(two.subject_id, head["seq"], head["hash"])])
    assert one != two


async def test_an_exported_checkpoint_is_read_as_it_was_made(stage, tmp_path):
    await stage.comment()
    made = await make_checkpoint(stage.system, tmp_path / "out", stage.now)
    assert read_exported(tmp_path / "out") == (made,)
    (path,) = (tmp_path / "out").iterdir()
    assert path.name == "checkpoint-00000001.json"
    assert path.stat().st_size < 500


async def test_a_file_that_was_lost_is_written_again_and_none_is_written_over(stage, tmp_path):
    await stage.comment("one")
    await make_checkpoint(stage.system, tmp_path, stage.now)
    await stage.comment("two")
    await make_checkpoint(stage.system, tmp_path, stage.now)
    first, second = sorted(tmp_path.iterdir())
    text = second.read_text()
    second.unlink()
    first.write_text("kept")
    await export_checkpoints(stage.system.db, tmp_path)
    assert (first.read_text(), second.read_text()) == ("kept", text)


async def test_a_chain_that_somebody_continues_is_in_the_next_checkpoint(stage, tmp_path):
    busy = await stage.comment("busy")
    await stage.comment("idle")
    async with stage.system.db.transaction(Role.CORE) as conn:
        await lock_chain(conn, busy.subject_id)
        await append(conn, busy.subject_id, "queued", {})
        assert (await make_checkpoint(stage.system, tmp_path, stage.now)).heads == 1
    assert (await make_checkpoint(stage.system, tmp_path, stage.now)).heads == 1


async def test_no_checkpoint_dates_a_report_by_what_it_caused(stage, tmp_path):
    ref = await stage.comment()
    await make_checkpoint(stage.system, tmp_path, stage.now)
    await stage.report(ref, "bullying", "anna")
    await stage.assess()
    await stage.hold(ref, "bullying")
    assert await make_checkpoint(stage.system, tmp_path, stage.now) is None
    await stage.tick()
    made = await make_checkpoint(stage.system, tmp_path, stage.now)
    (head,) = await stage.rows("select seq, hash from chain_heads")
    assert made.root == merkle_root([head_leaf(ref.subject_id, head["seq"], head["hash"])])


async def test_the_first_checkpoint_of_a_quarter_is_over_all_that_was_left(stage, tmp_path):
    ref = await stage.comment()
    await make_checkpoint(stage.system, tmp_path, stage.now)
    await stage.report(ref, "spam", "anna")
    await stage.assess()
    stage.now = stage.now.replace(month=12, day=31)
    assert await make_checkpoint(stage.system, tmp_path, stage.now) is None
    stage.now += timedelta(days=1)
    assert (await make_checkpoint(stage.system, tmp_path, stage.now)).heads == 1
    assert await make_checkpoint(stage.system, tmp_path, stage.now) is None


@pytest.mark.parametrize("field", ["number", "root", "prev_hash", "hash", "made_at"])
async def test_a_changed_file_is_no_checkpoint(stage, tmp_path, field):
    await stage.comment()
    await make_checkpoint(stage.system, tmp_path, stage.now)
    (path,) = tmp_path.iterdir()
    fields = json.loads(path.read_text())
    changed = {
        "number": 2,
        "root": "00" * 32,
        "prev_hash": "00" * 32,
        "hash": "00" * 32,
        "made_at": "2020-01-01T00:00:00.000000Z",
    }
    path.write_text(json.dumps({**fields, field: changed[field]}))
    with pytest.raises(CheckpointFileError):
        read_exported(tmp_path)
