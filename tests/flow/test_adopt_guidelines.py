import asyncio
from datetime import date
from importlib.resources import files

import pytest

from underseal.core.guideline_file import GuidelineFileError
from underseal.flow.adopt_guidelines import GuidelinesChangedError, adopt_guidelines
from underseal.store.roles import Role

TEXT = (files("underseal") / "guidelines.toml").read_text()
TODAY = date(2026, 11, 22)


async def adopt(database, text: str = TEXT) -> None:
    await adopt_guidelines(database, text, "guidelines.toml", TODAY)


async def stored(database) -> list[tuple]:
    async with database.transaction(Role.CORE) as conn:
        rows = await conn.fetch("select version, body, added_on from guideline_versions")
    return [tuple(row) for row in rows]


async def test_the_guidelines_are_kept_word_for_word(database):
    await adopt(database)
    assert await stored(database) == [("2026-11-22", TEXT, TODAY)]


async def test_adopting_the_same_again_changes_nothing(database):
    await asyncio.gather(*(adopt(database) for _ in range(4)))
    await adopt_guidelines(database, TEXT, "another.toml", date(2027, 1, 1))
    assert await stored(database) == [("2026-11-22", TEXT, TODAY)]


async def test_other_guidelines_have_another_version(database):
    await adopt(database)
    with pytest.raises(GuidelinesChangedError) as refused:
        await adopt(database, TEXT + "\n# changed\n")
    assert refused.value.version == "2026-11-22"
    newer = TEXT.replace('version = "2026-11-22"', 'version = "2026-12-01"') + "\n# changed\n"
    await adopt(database, newer)
    assert sorted(version for version, *_ in await stored(database)) == ["2026-11-22", "2026-12-01"]


async def test_what_is_not_well_formed_is_not_adopted(database):
    with pytest.raises(GuidelineFileError):
        await adopt(database, TEXT.replace("base_rate = ", "base_rate = 1", 1))
    assert await stored(database) == []
