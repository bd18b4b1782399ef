import asyncio
from dataclasses import replace
from datetime import timedelta

import asyncpg
import pytest

from underseal.core.case import CaseKind, CaseState
from underseal.core.subject import SubjectKind, SubjectRef
from underseal.core.visibility import Level
from underseal.flow.audit import audit_all
from underseal.flow.open_appeal import open_appeals
from underseal.flow.register_subject import (
    MediaMismatchError,
    OtherCreatorError,
    Registration,
    register_subject,
)
from underseal.flow.system import SCAN_DEADLINE
from underseal.store.roles import Role
from underseal.store.visibility import Basis

VIDEO = SubjectRef(kind=SubjectKind.VIDEO, external_id="v1")
REASONS = "Somebody else has looked at it again, and this is why."
CARL = SubjectRef(kind=SubjectKind.ACCOUNT, external_id="carl")
GIVEN = Registration(
    ref=VIDEO,
    creator=CARL,
    caption="my dog",
    language="en",
    media_url="https://media.example/v1",
)


async def register(stage, **changes):
    return await register_subject(stage.system, replace(GIVEN, **changes), stage.now)


async def scans_of(stage):
    return await stage.rows("select version, cause, state from scans order by version, run")


async def test_a_new_video_is_kept_back_and_waits_for_its_scan(stage):
    registered = await register(stage)
    assert (registered.version, registered.is_new, registered.awaits_upload) == (1, True, False)
    shown = await stage.shown(VIDEO)
    assert (shown.basis, shown.visibility.level) == (Basis.SCAN, Level.HELD)
    assert shown.expires_at == stage.now + SCAN_DEADLINE
    assert await scans_of(stage) == [{"version": 1, "cause": "registered", "state": "wanted"}]


async def test_what_has_no_media_is_public_at_once_and_read_all_the_same(stage):
    for kind in (SubjectKind.COMMENT, SubjectKind.ACCOUNT, SubjectKind.SOUND):
        ref = SubjectRef(kind=kind, external_id="text")
        await register(stage, ref=ref, media_url=None)
        assert await stage.shown(ref) is None
    assert len(await scans_of(stage)) == 3


async def test_a_video_is_not_published_before_machines_have_looked(stage):
    await register(stage)
    await stage.assess()
    assert await stage.level(VIDEO) is Level.HELD
    await stage.scan(VIDEO)
    await stage.assess()
    assert await stage.level(VIDEO) is Level.PUBLIC
    told = await stage.rows("select type from messages order by type")
    assert [row["type"] for row in told] == ["subject.cleared", "visibility.changed"]


async def test_telling_the_same_twice_changes_nothing(stage):
    await register(stage)
    again = await register(stage)
    assert (again.version, again.is_new) == (1, False)
    assert len(await scans_of(stage)) == 1
    assert len(await stage.rows("select 1 from visibility_changes")) == 1


async def test_registrations_of_the_same_at_the_same_time_are_one(stage):
    registered = await asyncio.gather(*(register(stage) for _ in range(8)))
    assert sorted(each.is_new for each in registered) == [False] * 7 + [True]
    assert {each.version for each in registered} == {1}


async def test_registrations_that_are_each_others_creators_do_not_wait_for_ever(stage):
    for number in range(10):
        one, other = (
            SubjectRef(kind=SubjectKind.ACCOUNT, external_id=f"{name}{number}") for name in "ab"
        )
        await asyncio.gather(
            register(stage, ref=one, creator=other, media_url=None),
            register(stage, ref=other, creator=one, media_url=None),
        )


@pytest.mark.parametrize(
    "changes",
    [
        {"caption": "my cat"},
        {"language": "de"},
        {"media_url": "https://media.example/v2"},
        {"media_url": None, "has_upload": True},
    ],
)
async def test_whatever_differs_makes_a_new_version_that_is_scanned(stage, changes):
    await register(stage)
    assert (await register(stage, **changes)).version == 2
    versions = {row["version"] for row in await scans_of(stage)}
    assert versions == ({1} if changes.get("has_upload") else {1, 2})


async def test_a_sound_that_was_text_alone_is_scanned_when_it_gets_its_media(stage):
    ref = SubjectRef(kind=SubjectKind.SOUND, external_id="s1")
    await register(stage, ref=ref, media_url=None)
    again = await register(stage, ref=ref, media_url=None, has_upload=True)
    assert (again.version, again.awaits_upload) == (2, True)
    assert await stage.level(ref) is Level.HELD


async def test_an_upload_is_not_scanned_before_it_has_come(stage):
    registered = await register(stage, media_url=None, has_upload=True)
    assert registered.awaits_upload
    assert await scans_of(stage) == []
    assert (await register(stage, media_url=None, has_upload=True)).awaits_upload


async def test_an_owner_does_not_change(stage):
    await register(stage)
    other = SubjectRef(kind=SubjectKind.ACCOUNT, external_id="dora")
    with pytest.raises(OtherCreatorError):
        await register(stage, creator=other, caption="stolen")
    assert [row["version"] for row in await scans_of(stage)] == [1]


async def creators(stage) -> dict:
    rows = await stage.rows("select external_id, creator_id from subjects where kind = 'account'")
    return {row["external_id"]: row["creator_id"] for row in rows}


async def test_an_account_that_was_never_registered_is_its_own_creator(stage):
    await register(stage)
    eve = SubjectRef(kind=SubjectKind.ACCOUNT, external_id="eve")
    await stage.report(eve, "spam", "anna")
    assert await creators(stage) == {"carl": CARL.subject_id, "eve": eve.subject_id}
    async with stage.system.db.transaction(Role.CORE) as conn:
        with pytest.raises(asyncpg.CheckViolationError):
            await conn.execute("update subjects set creator_id = null where kind = 'account'")


async def test_whose_an_account_is_its_first_registration_says_once(stage):
    await register(stage)
    await stage.report(CARL, "spam", "anna")
    dora = SubjectRef(kind=SubjectKind.ACCOUNT, external_id="dora")
    await register(stage, ref=CARL, creator=dora, media_url=None)
    assert (await creators(stage))["carl"] == dora.subject_id
    with pytest.raises(OtherCreatorError):
        await register(stage, ref=CARL, creator=CARL, media_url=None, caption="mine")


@pytest.mark.parametrize(
    ("kind", "media_url", "has_upload"),
    [
        (SubjectKind.VIDEO, None, False),
        (SubjectKind.COMMENT, "https://media.example/c", False),
        (SubjectKind.ACCOUNT, None, True),
    ],
)
def test_a_video_has_media_and_a_text_has_none(kind, media_url, has_upload):
    with pytest.raises(MediaMismatchError):
        replace(
            GIVEN,
            ref=SubjectRef(kind=kind, external_id="x"),
            media_url=media_url,
            has_upload=has_upload,
        )


async def test_what_was_reported_before_it_was_registered_is_assessed_as_it_is(stage):
    await stage.report(VIDEO, "spam", "anna")
    await register(stage)
    await stage.assess()
    (found,) = await stage.rows(
        "select a.round, s.version from assessments a join subjects s using (subject_id)"
    )
    assert found == {"round": 1, "version": 1}


async def test_a_new_version_ends_the_round_and_supersedes_its_case(stage):
    await register(stage)
    await stage.scan(VIDEO)
    await stage.assess()
    await stage.report(VIDEO, "threat_to_life", "anna")
    await stage.assess()
    await register(stage, caption="changed")
    (case,) = await stage.rows("select round, version, state from cases")
    assert case == {"round": 1, "version": 1, "state": CaseState.SUPERSEDED}
    (commitment,) = await stage.rows("select reports, closed from commitments")
    assert commitment == {"reports": 1, "closed": True}
    await stage.report(VIDEO, "spam", "anna")
    (new,) = await stage.rows("select guideline from reports where round = 2")
    assert new == {"guideline": "spam"}
    await stage.assess()
    assert await audit_all(stage.system, ()) == ()


async def test_what_was_only_intended_for_the_old_version_is_given_up(stage):
    await register(stage)
    await stage.scan(VIDEO)
    await stage.assess()
    await stage.hold(VIDEO, "bullying", "window")
    await register(stage, caption="changed")
    await stage.scan(VIDEO)
    await stage.assess()
    await stage.tick(hours=8 * 24)
    assert await stage.level(VIDEO) is Level.PUBLIC
    assert not await stage.statements()


async def test_a_new_version_is_no_way_round_a_hold_in_force(stage):
    await register(stage)
    await stage.scan(VIDEO)
    await stage.assess()
    await stage.hold(VIDEO, "phishing")
    await stage.tick()
    before = await stage.shown(VIDEO)
    await register(stage, caption="changed")
    await stage.scan(VIDEO)
    await stage.assess()
    assert await stage.shown(VIDEO) == before
    (case,) = await stage.rows("select version, lane, state from cases where round = 2")
    assert case == {"version": 2, "lane": "held", "state": "queued"}


async def test_a_new_version_is_no_way_round_a_removal(stage):
    await register(stage)
    await stage.scan(VIDEO)
    await stage.assess()
    mona = await stage.moderator("mona")
    await stage.decide(VIDEO, mona, "remove", "phishing")
    await stage.tick()
    await register(stage, caption="changed")
    assert await stage.level(VIDEO) is Level.REMOVED
    await stage.scan(VIDEO)
    await stage.assess()
    await stage.tick()
    assert await stage.level(VIDEO) is Level.REMOVED


async def test_a_removal_that_was_decided_before_the_new_version_still_takes_place(stage):
    await register(stage)
    await stage.scan(VIDEO)
    await stage.assess()
    mona = await stage.moderator("mona")
    await stage.decide(VIDEO, mona, "remove", "phishing")
    await register(stage, caption="changed")
    await stage.scan(VIDEO)
    await stage.assess()
    await stage.tick()
    assert await stage.level(VIDEO) is Level.REMOVED
    (statement,) = await stage.statements()
    assert statement.statement.guideline.id == "phishing"


@pytest.mark.parametrize("scan_is_over", [False, True])
async def test_a_version_nobody_has_looked_at_does_not_become_public_by_a_reinstatement(
    stage, scan_is_over
):
    await register(stage)
    await stage.scan(VIDEO)
    await stage.assess()
    await stage.hold(VIDEO, "phishing")
    await stage.tick()
    await register(stage, caption="changed")
    if scan_is_over:
        await stage.scan(VIDEO)
    await stage.assess()
    mona = await stage.moderator("mona")
    await stage.judge(mona, "no_violation")
    await stage.tick()
    if not scan_is_over:
        shown = await stage.shown(VIDEO)
        assert (shown.basis, shown.visibility.level) == (Basis.SCAN, Level.HELD)
        await stage.scan(VIDEO)
        await stage.assess()
    assert await stage.level(VIDEO) is Level.PUBLIC
    assert await audit_all(stage.system, ()) == ()


async def test_nor_because_a_hold_of_the_old_version_runs_out(stage):
    await register(stage)
    await stage.scan(VIDEO)
    await stage.assess()
    await stage.hold(VIDEO, "phishing")
    await stage.tick()
    await register(stage, caption="changed")
    await stage.tick(hours=25)
    shown = await stage.shown(VIDEO)
    assert (shown.basis, shown.visibility.level) == (Basis.SCAN, Level.HELD)
    assert await audit_all(stage.system, ()) == ()


async def test_nor_because_an_appeal_about_the_old_one_is_granted(stage):
    await register(stage)
    await stage.scan(VIDEO)
    await stage.assess()
    mona = await stage.moderator("mona")
    await stage.decide(VIDEO, mona, "remove", "phishing")
    await stage.tick()
    (removal,) = await stage.statements()
    await register(stage, caption="changed")
    await stage.appeal(removal.statement.id)
    nick = await stage.moderator("nick")
    await open_appeals(stage.system, stage.now)
    await stage.judge(nick, "no_violation", kind=CaseKind.APPEAL, reasons=REASONS)
    await stage.tick()
    shown = await stage.shown(VIDEO)
    assert (shown.basis, shown.visibility.level) == (Basis.SCAN, Level.HELD)
    assert len(await stage.statements()) == 2
    assert shown.expires_at <= stage.now + timedelta(hours=1)
