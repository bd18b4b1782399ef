"""Step 7: an account is deleted, and Underseal is told to forget who it was.

What must be told is written down in the transaction that deletes the account, and told until
Underseal has answered: a promise to forget must not hang on one request.
"""

from loop.database import transaction
from loop.people import Person
from loop.reporting import forget_receipts
from loop.site import Site
from underseal.client import requests


def leave(site: Site, person: Person) -> None:
    """Delete an account and all that it published. Reports that it filed stay, by design."""
    rows = site.db.execute("select id from videos where creator_id = ?", [person.id])
    files = [site.media(row["id"]) for row in rows]
    with transaction(site.db):
        forget_receipts(site, person)
        site.db.execute("delete from people where id = ?", [person.id])
        site.db.execute("insert into departures values (?)", [person.id])
    for file in files:
        file.unlink(missing_ok=True)


async def tell_departures(site: Site) -> int:
    """Tell Underseal of accounts that are gone, and return how many.

    Raises:
        ApiError, httpx.TransportError: it did not answer; the next call tells the rest.
    """
    gone = [row["person_id"] for row in site.db.execute("select person_id from departures")]
    for person_id in gone:
        await site.underseal.send(requests.forget_reporter(person_id))
        site.db.execute("delete from departures where person_id = ?", [person_id])
    return len(gone)
