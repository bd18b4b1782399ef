"""The order in which rows lie on disk, and in every dump: as they came, until they are sorted."""

from typing import Final

from underseal.store.connection import Address, session
from underseal.store.passwords import Passwords
from underseal.store.queries import load
from underseal.store.roles import Role

_SQL: Final = load("order")


async def sort_rows(address: Address, passwords: Passwords) -> int:
    """Sort the rows of every table by its primary key, and return how many tables there are.

    Nobody reads or writes a table while it is sorted, about fifteen seconds for a million reports.
    """
    async with session(address, passwords.login(Role.OWNER), statement_timeout_s=0) as owner:
        tables = await owner.fetch(_SQL["primary_keys"])
        for table in tables:
            await owner.execute(f"cluster {table['place']} using {table['key']}")
            await owner.execute(f"analyze {table['place']}")
    return len(tables)
