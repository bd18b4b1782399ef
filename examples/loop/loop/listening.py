"""Step 6: listen to Underseal, and do what is due in the background."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

import httpx

from loop.database import transaction
from loop.following import ask_unknown, follow
from loop.leaving import tell_departures
from loop.site import Site, write_secret
from loop.watching import tell_views
from underseal.client import ApiError, Webhook, requests
from underseal.client.requests import SubjectName

log: Final = logging.getLogger("loop")

MESSAGES: Final = ("visibility.changed", "statement.issued", "appeal.decided")
HOOK: Final = "/webhooks/underseal"
SECRET: Final = "webhook.secret"  # noqa: S105 - the name of a file

PAUSE_S: Final = 2.0
"""How long a change may stay unseen when no webhook comes. A setting."""

OWNERS: Final = {
    "video": "select creator_id from videos where id = ?",
    "comment": "select creator_id from comments where id = ?",
    "sound": "select creator_id from sounds where id = ?",
    "account": "select id from people where id = ?",
}


async def connect(site: Site) -> None:
    """Have Underseal send its messages here, and keep the secret that it tells this once.

    Raises:
        ApiError, httpx.TransportError: it did not take the address; nothing has changed.
    """
    url = site.settings.url + HOOK
    earlier = await site.underseal.send(requests.webhooks())
    new = await site.underseal.send(requests.add_webhook(url, MESSAGES))
    write_secret(site.secret(SECRET), new.secret.encode())
    for endpoint in earlier.endpoints:
        if endpoint.url == url:
            await site.underseal.send(requests.remove_webhook(endpoint.endpoint_id))


def webhook_secret(site: Site) -> str | None:
    """Return what messages are signed with; None before `connect`."""
    path = site.secret(SECRET)
    return path.read_text() if path.exists() else None


def take(site: Site, message_id: str, message: Webhook) -> bool:
    """Write a message down that is genuine, and return whether it is new.

    Nothing is asked or changed here: the answer must not wait. A message that comes a second time
    (Underseal sends until it hears that it was taken) changes nothing.
    """
    with transaction(site.db):
        is_new = site.db.execute("insert or ignore into messages values (?)", [message_id]).rowcount
        if is_new and message.type in {"statement.issued", "appeal.decided"}:
            named = message.data["subject"]
            creator_id = owner(site, (named["kind"], named["id"]))
            what = "appeal" if message.type == "appeal.decided" else message.data["kind"]
            if creator_id is not None:
                site.db.execute(
                    "insert or ignore into notices (person_id, statement_id, what) "
                    "values (?, ?, ?)",
                    [creator_id, message.data["statement_id"], what],
                )
    return is_new == 1


def owner(site: Site, subject: SubjectName) -> str | None:
    """Return whose a subject is, if it is still here."""
    row = site.db.execute(OWNERS[subject[0]], [subject[1]]).fetchone()
    return None if row is None else row[0]


class Listener:
    """Follows Underseal while the site runs. `wake` makes it look at once."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Look now."""
        self._woken.set()

    async def run(self) -> None:
        """Do what is due until cancelled; what fails is tried again the next time."""
        duties: tuple[Callable[[Site], Awaitable[object]], ...] = (
            follow,
            ask_unknown,
            tell_views,
            tell_departures,
        )
        while True:
            self._woken.clear()
            for duty in duties:
                try:
                    await duty(self._site)
                except (ApiError, httpx.TransportError) as error:
                    log.warning("%s failed: %s", duty.__name__, type(error).__name__)
            try:
                async with asyncio.timeout(PAUSE_S):
                    await self._woken.wait()
            except TimeoutError:
                continue
