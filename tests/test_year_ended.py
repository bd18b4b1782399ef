"""A year's key is destroyed by the command that the keys guide tells to type."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from house import House, houses
from stage import Stage

from underseal import app
from underseal.config import Config
from underseal.seal.keys import KeyRing, add_year, create
from underseal.store.roles import Role

pytestmark = pytest.mark.slow

THIS_YEAR = datetime.now(UTC).year
ENDED = THIS_YEAR - 2
"""The last year whose identities need not be kept any more, whenever this is run."""


@pytest.fixture
def house() -> Iterator[House]:
    with houses() as house:
        yield house


async def two_years(house: House) -> None:
    """Anna reports in the year that has ended and in the one after it; all of it was disclosed."""
    async with app.open_system(Config.from_environment(house.environment)) as system:
        await house.hire(system)
        stage = Stage(system)
        mona = await stage.moderator("mona")
        for year in (ENDED, ENDED + 1):
            stage.now = datetime(year, 11, 20, 12, 30, tzinfo=UTC)
            ref = await stage.comment(f"of {year}")
            await stage.report(ref, "phishing", "anna")
            await stage.decide(ref, mona, "remove", "phishing")
            await stage.tick()


async def identities(house: House) -> dict[int, int]:
    """How many identities are in the vault, by year."""
    config = Config.from_environment(house.environment)
    async with (
        app.open_system(config, also=Role.VAULT) as system,
        system.db.transaction(Role.VAULT) as conn,
    ):
        rows = await conn.fetch("select year, count(*) from vault.sealed_identities group by year")
    return {row["year"]: row["count"] for row in rows}


async def test_a_year_that_nothing_needs_is_destroyed_by_one_command(house):
    folder = house.folder / "keys"
    create(folder, date(ENDED, 1, 1))
    for year in (ENDED + 1, THIS_YEAR):
        add_year(folder, year)
    await two_years(house)
    assert await identities(house) == {ENDED: 1, ENDED + 1: 1}
    destroying = ("keys", "destroy-year", str(ENDED))
    await house.tick(datetime(ENDED + 1, 12, 1, tzinfo=UTC))
    house.refused("set it right", *destroying, by="ada")
    await house.tick(datetime.now(UTC))
    house.refused("this is for the roles admin", *destroying, by="lea")
    assert (folder / f"year-{ENDED}.key").exists()
    said = house.done(*destroying, by="ada")
    assert f"{ENDED} is destroyed here: restart the servers" in said
    assert sorted(path.name for path in folder.glob("year-*")) == [
        f"year-{ENDED + 1}.key",
        f"year-{THIS_YEAR}.key",
    ]
    assert set(KeyRing.load(folder, datetime.now(UTC).date()).live) == {ENDED + 1, THIS_YEAR}
    assert await identities(house) == {ENDED + 1: 1}
    told = house.done("audit", "verify")
    for stage in ("begun", "carried_over", "destroyed"):
        assert f"keys of {ENDED}: {stage} at {THIS_YEAR}" in told
    assert "the ledger is whole" in told
