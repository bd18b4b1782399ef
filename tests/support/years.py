"""Somebody's reports over the years, and the end of a year."""

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from stage import Stage

from underseal.core.caller import Caller, KeyId, ModeratorRole, PrincipalId
from underseal.core.guideline import TopicId
from underseal.core.track_record import TrackRecord
from underseal.flow.destroy_year import destroy_year
from underseal.seal.keys import KeyRing, add_year, create
from underseal.seal.pseudonym import pseudonyms
from underseal.store.connection import session
from underseal.store.records import records_of
from underseal.store.roles import Role
from underseal.store.ticks import add_tick

THEN = datetime(2025, 11, 20, 12, 30, tzinfo=UTC)
LATER = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
AFTER = datetime(2027, 1, 4, 9, 30, tzinfo=UTC)


@dataclass
class Years:
    """A stage with a key folder of its own, and an admin."""

    stage: Stage
    folder: Path
    admin: Caller
    mona: PrincipalId
    owner_login: object

    async def go_to(self, now: datetime) -> None:
        """Let time go by; a tick has just been."""
        self.stage.now = now
        tick = now.replace(minute=0, second=0)
        async with self.stage.system.db.transaction(Role.CORE) as conn:
            await add_tick(conn, tick, now)
        self.restart()

    def restart(self) -> None:
        ring = KeyRing.load(self.folder, self.stage.now.date())
        self.stage.system = replace(self.stage.system, keys=ring)

    async def happen(self, name: str, *reporters: str, outcome: str = "remove") -> None:
        """People report a comment, and it is decided and, if anything follows, disclosed."""
        ref = await self.stage.comment(name)
        await self.stage.report(ref, "phishing", *reporters)
        guideline = None if outcome == "no_violation" else "phishing"
        await self.stage.decide(ref, self.mona, outcome, guideline)

    async def destroy(self, year: int = 2025) -> None:
        await destroy_year(self.stage.system, self.folder, year, self.admin, self.stage.now)

    async def vault(self, query: str, *args: object) -> list[tuple]:
        address = self.stage.system.db.address
        async with session(address, self.owner_login) as owner:
            return [tuple(row) for row in await owner.fetch(query, *args)]

    async def records(self, reporter: str) -> dict[TopicId, TrackRecord]:
        """The track records of a reporter, as whoever weighs their reports finds them."""
        today = self.stage.now.date()
        pseudonym = pseudonyms(self.stage.system.keys, today.replace(year=2026), reporter).current
        topics = sorted({each.topic for each in self.stage.system.guidelines.by_id.values()})
        async with self.stage.system.db.transaction(Role.CORE) as conn:
            found = await records_of(conn, [pseudonym], topics)
        return {topic: record for (_, topic), record in found.items()}

    async def state(self) -> tuple:
        """All that destroying a year could change."""
        return (
            await self.vault("select * from vault.pseudonym_links order by 1"),
            await self.vault("select * from vault.sealed_identities order by 1"),
            await self.vault("select * from underseal.track_records order by 1, 2"),
            await self.vault("select * from underseal.carried_records order by 1, 2, 3"),
            await self.told(),
            {path.name: path.read_text() for path in self.folder.iterdir()},
        )

    async def told(self) -> list[dict]:
        rows = await self.stage.rows(
            "select body from events where kind = 'year_destroyed' order by seq"
        )
        return [json.loads(row["body"]) for row in rows]


async def begin(stage: Stage, folder: Path, owner_login: object) -> Years:
    """2025: Anna and Bert report what is removed, Cleo what is not; 2026: Anna and Bert again."""
    create(folder, THEN.date())
    for year in (2026, 2027, 2028):
        add_year(folder, year)
    stage.now = THEN
    admin = Caller(
        key_id=KeyId("a" * 12),
        principal_id=await stage.moderator("ada", ModeratorRole.ADMIN),
        role=ModeratorRole.ADMIN,
        scopes=frozenset(),
    )
    years = Years(stage, folder, admin, await stage.moderator("mona"), owner_login)
    years.restart()
    for number in range(4):
        await years.happen(f"old {number}", "anna", *(("bert",) if number else ()))
    await years.happen("innocent", "cleo", "anna", outcome="no_violation")
    await stage.tick()
    stage.now = LATER
    years.restart()
    await years.happen("new 1", "anna", "bert", "dora")
    return years
