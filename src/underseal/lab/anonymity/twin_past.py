"""The past that both plays have in common, written once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from underseal.core.caller import ModeratorRole, Scope
from underseal.core.message import MessageType
from underseal.core.track_record import TrackRecord
from underseal.flow.authenticate import admit_moderator, admit_platform
from underseal.flow.register_endpoint import SECRET_BYTES, register_endpoint
from underseal.flow.system import System
from underseal.lab.anonymity.quiet_life import look_at_all
from underseal.lab.anonymity.twin_platform import Platform, Staff
from underseal.lab.anonymity.twin_world import PROVEN, Progress, World, counted, ref
from underseal.seal.pseudonym import pseudonyms
from underseal.store.records import lock_records, save_records
from underseal.store.roles import Role

HOOK: Final = "https://platform.example/hook"
RIGHT: Final = 10
"""So often has a proven reporter been right, and never wrong."""


async def let_in(system: System, now: datetime) -> Staff:
    """Let a platform and two moderators use the API, and send the platform every message."""
    today = now.date()
    await register_endpoint(system, HOOK, list(MessageType), bytes(SECRET_BYTES), now)
    return Staff(
        platform=await admit_platform(system, "the platform", Scope, today),
        moderator=await admit_moderator(system, "mona", ModeratorRole.MODERATOR, today),
        colleague=await admit_moderator(system, "nils", ModeratorRole.MODERATOR, today),
    )


async def furnish(platform: Platform, worlds: Sequence[World], progress: Progress) -> None:
    """Publish what is in all worlds, prove reporters, and remove what was removed before."""
    await _prove(platform)
    for world in counted(worlds, "publication", progress):
        platform.lots.begin(f"past {world.number}")
        for registration in world.registrations():
            await platform.told(registration)
    await look_at_all(platform.system, platform.now)
    for world in counted(worlds, "assessment", progress):
        await platform.assess([ref(each) for each in world.subjects])
    for world in counted(worlds, "removal", progress):
        platform.lots.begin(f"removal {world.number}")
        await platform.remove(ref(world.removed))
    await platform.tick()
    await platform.delivered()


async def _prove(platform: Platform) -> None:
    """Give those who are proven a track record in every topic."""
    system, today = platform.system, platform.now.date()
    record = TrackRecord(right=float(RIGHT), wrong=0.0, resolved=RIGHT, as_of=today)
    records = {
        (pseudonyms(system.keys, today, reporter).current, topic.id): record
        for reporter in PROVEN
        for topic in system.guidelines.topics
    }
    async with system.db.transaction(Role.CORE) as conn:
        await lock_records(conn, sorted(records), today)
        await save_records(conn, records)
