from importlib.resources import files

import asyncpg
import pytest

from underseal.store.queries import QueryFileError, load, parse
from underseal.store.roles import Role

TWO = """-- About the file.

-- name: first
-- Take the first.
-- It is the one with the lowest number.
select a
from b -- no name: this
where c = $1;

-- name: second
-- Take the second.
select 2
"""
NOUNS = sorted(
    path.name.removesuffix(".sql")
    for path in (files("underseal.store") / "queries").iterdir()
    if path.name.endswith(".sql")
)


def test_statements_are_found_by_name():
    statements = parse("noun", TWO)
    assert list(statements) == ["first", "second"]
    assert statements["second"] == "select 2"
    assert statements["first"].endswith("where c = $1")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("-- name: a\n-- A.\nselect 1\n-- name: a\n-- A.\nselect 2", "a stands there twice"),
        ("-- name: a\nselect 1", "a has no line that says what it is for"),
        ("-- name: a\n--\nselect 1", "a has no line that says what it is for"),
        ("-- name: a\n-- A.\n", "a has no SQL"),
        ("-- name: a\n-- A.\n-- Nothing but comments.", "a has no SQL"),
        ("-- name: a b\n-- A.\nselect 1", "'a b' is no name"),
        ("-- name:\n-- A.\nselect 1", "'' is no name"),
        ("select 0\n-- name: a\n-- A.\nselect 1", "SQL before the first"),
    ],
)
def test_a_file_that_breaks_the_rules_is_refused_with_its_name(text, fault):
    with pytest.raises(QueryFileError, match=f"queries/noun.sql: {fault}"):
        parse("noun", text)


def test_a_file_is_read_once():
    assert load("migrations") is load("migrations")


def test_a_file_that_is_missing_is_an_error():
    with pytest.raises(FileNotFoundError):
        load("nothing_of_that_name")


@pytest.mark.parametrize("noun", NOUNS)
async def test_every_statement_of_the_store_fits_the_migrated_database(database, noun):
    faults = {}
    async with database.transaction(Role.OWNER) as connection:
        for name, sql in load(noun).items():
            try:
                async with connection.transaction():
                    await connection.prepare(sql)
            except asyncpg.PostgresError as error:
                faults[name] = str(error)
    assert faults == {}
