from datetime import UTC, date, datetime, timedelta

import pytest

from underseal.core.guideline import GuidelineId
from underseal.core.subject import InvalidExternalIdError, SubjectKind, SubjectRef
from underseal.flow.file_report import Filer
from underseal.flow.forget_reporter import forget_reporter
from underseal.flow.seal_report import Filing
from underseal.store.connection import session
from underseal.store.roles import Role

NOW = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
FILING = Filing(
    subject=SubjectRef(kind=SubjectKind.VIDEO, external_id="v1"),
    guideline=GuidelineId("spam"),
    note="",
    moments=(),
    is_notice=False,
    law=None,
    may_be_guessed=False,
)


@pytest.fixture
async def owner(server, address):
    async with session(address, server.passwords.login(Role.OWNER)) as conn:
        yield conn


async def test_identities_of_all_years_get_a_last_day_and_reports_stay(system, owner):
    for now in (datetime(2025, 6, 1, tzinfo=UTC), NOW):
        async with Filer(system.db, system.keys, system.guidelines, lambda now=now: now) as filer:
            for person in ("anna", "berta"):
                await filer.file(FILING, person)
    last_day = await forget_reporter(system, "anna", NOW)
    assert last_day == date(2027, 10, 1)
    days = await owner.fetch("select year, erase_on from vault.sealed_identities")
    assert sorted(map(str, (row["erase_on"] for row in days))) == ["2027-10-01"] * 2 + ["None"] * 2
    assert await owner.fetchval("select count(*) from reports") == 2
    async with system.db.transaction(Role.RETENTION) as conn:
        before = last_day - timedelta(days=1)
        assert await conn.fetchval("select erase_identities($1)", before) == 0
        assert await conn.fetchval("select erase_identities($1)", last_day) == 2


async def test_nobody_learns_whether_somebody_ever_reported(system):
    assert await forget_reporter(system, "nobody", NOW) == date(2027, 10, 1)


async def test_what_is_no_id_is_refused(system):
    with pytest.raises(InvalidExternalIdError):
        await forget_reporter(system, "", NOW)
