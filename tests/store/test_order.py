"""Rows lie in the order in which they came, until they are sorted."""

import hashlib
from datetime import date

from underseal.core.report import Pseudonym, Tag
from underseal.core.subject import SubjectKind, SubjectRef
from underseal.store.connection import session
from underseal.store.order import sort_rows
from underseal.store.reports import ReportRow, SealedIdentity, file_reports, open_rounds
from underseal.store.roles import Role

PEOPLE = [f"p{number}" for number in range(40)]


def digest(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()


async def arrive(database, person: str) -> None:
    """Let somebody report a video of their own, so that each is a transaction of its own."""
    ref = SubjectRef(kind=SubjectKind.VIDEO, external_id=person)
    row = ReportRow(
        subject_id=ref.subject_id, round=1, guideline="spam", tag=Tag(digest(f"tag {person}")),
        pseudonym=Pseudonym(digest(person)), taxonomy="1", reported_in=date(2026, 10, 1),
        moments=(), note=None, content=digest("nothing"), is_notice=False, law=None,
        by_trusted_flagger=False, may_be_guessed=False, after_outcome=False, receipt=digest(f"receipt {person}"), earlier_receipt=None,
    )  # fmt: skip
    identity = SealedIdentity(pseudonym=row.pseudonym, year=2026, sealed=b"s", previous=None)
    async with database.transaction(Role.INTAKE) as conn:
        await open_rounds(conn, {ref.subject_id: ref}, {ref.subject_id: b"key"}, date(2026, 11, 22))
        await file_reports(
            conn, [row], [digest("row")], [None], [identity], month=date(2026, 11, 1)
        )


async def lying(owner, table: str, key: str) -> list[bytes]:
    return [row[key] for row in await owner.fetch(f"select {key} from {table} order by ctid")]


async def test_a_dump_does_not_tell_in_which_order_reports_came_once_rows_are_sorted(
    database, server, address
):
    for person in PEOPLE:
        await arrive(database, person)
    tables = {
        "reports": "subject_id",
        "subjects": "subject_id",
        "pending_assessments": "subject_id",
        "vault.note_keys": "subject_id",
        "vault.sealed_identities": "pseudonym",
    }
    async with session(address, server.passwords.login(Role.OWNER)) as owner:
        came = {table: await lying(owner, table, key) for table, key in tables.items()}
        assert all(keys != sorted(keys) for keys in came.values())
        count = await sort_rows(address, server.passwords)
        for table, key in tables.items():
            assert await lying(owner, table, key) == sorted(came[table])
        assert count == await owner.fetchval(
            "select count(*) from pg_tables where schemaname in ('underseal', 'vault')"
        )
