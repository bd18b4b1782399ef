"""Kills web, worker and database in mid-work, and finds nothing lost and nothing half done."""

import asyncio
import json
import random
import tempfile
from collections.abc import AsyncIterator, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import asyncpg
import pytest
import pytest_asyncio

from underseal import app
from underseal.client import AsyncClient, open_webhook, requests
from underseal.config import Config
from underseal.core.caller import ModeratorRole, Scope
from underseal.flow.authenticate import admit_moderator, admit_platform
from underseal.lab.chaos.auditor import audit
from underseal.lab.chaos.cast import Cast, Victim
from underseal.lab.chaos.load import Keys, Load, Told
from underseal.lab.ports import free_port
from underseal.seal import keys as key_folder
from underseal.store.roles import SUPERUSER, load_passwords
from underseal.store.server import EmbeddedServer

RUNS = 30
LOAD_S = 2.0
REST_S = 90.0

pytestmark = [
    pytest.mark.slow,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.xdist_group("chaos"),
]


class Receiver:
    """A platform's webhook endpoint; it fails now and then, as they do."""

    def __init__(self) -> None:
        self.bodies: dict[str, tuple[dict[str, str], bytes]] = {}
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                message_id = self.headers["webhook-id"]
                receiver.bodies[message_id] = (dict(self.headers.items()), body)
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server.server_port}"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


class Theatre:
    """The cast, who may call it, and all that it ever told anybody."""

    def __init__(
        self, cast: Cast, keys: Keys, receiver: Receiver, receipt_key: key_folder.ReceiptKey
    ) -> None:
        self.cast = cast
        self.keys = keys
        self.receiver = receiver
        self.receipt_key = receipt_key
        self.told = Told()
        self.secret = ""

    async def superuser(self) -> asyncpg.Connection:
        login = load_passwords(self.cast.data).login(SUPERUSER)
        address = EmbeddedServer(self.cast.data).address("underseal")
        return await asyncpg.connect(address.url, user=login.user, password=login.password)

    async def until_at_rest(self) -> None:
        """Wait until nothing is left to do but wait for people."""
        busy = """
            select (select count(*) from underseal.pending_assessments where wanted > done)
                 + (select count(*) from underseal.effects where state = 'intended')
                 + (select count(*) from underseal.deliveries where state = 'due')
                 + (select count(*) from underseal.appeals a where not exists (
                        select from underseal.cases c join underseal.decisions d using (subject_id)
                        where d.decision_id = a.decision_id and c.kind = 'appeal'))"""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + REST_S
        left = None
        while loop.time() < deadline:
            await self.cast.until_serving()
            try:
                conn = await self.superuser()
                try:
                    left = await conn.fetchval(busy)
                finally:
                    await conn.close()
            except (OSError, asyncpg.PostgresError):
                left = None
            if left == 0:
                return
            await asyncio.sleep(0.1)
        pytest.fail(f"{left} things are still to be done after {REST_S} s")


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    """A data folder that the server's own user can enter, as root's temporary ones cannot be."""
    with tempfile.TemporaryDirectory(prefix="underseal-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def theatre(data: Path) -> AsyncIterator[Theatre]:
    receiver = Receiver()
    cast = Cast(data, free_port(), receiver.host)
    today = app.clock().date()
    key_folder.create(data / "keys", today)
    async with app.open_system(Config.from_environment(cast.environment)) as system:
        platform = await admit_platform(system, "platform", list(Scope), today)
        first = await admit_moderator(system, "first", ModeratorRole.MODERATOR, today)
        second = await admit_moderator(system, "second", ModeratorRole.MODERATOR, today)
    keys = Keys(platform=platform.token, moderators=(first.token, second.token))
    receipt_key = key_folder.KeyRing.load(data / "keys", today).receipt
    theatre = Theatre(cast, keys, receiver, receipt_key)
    try:
        await cast.until_serving()
        async with AsyncClient(cast.url, key=keys.platform) as client:
            endpoint = await client.send(
                requests.add_webhook(
                    f"http://{receiver.host}/", ["visibility.changed", "statement.issued"]
                )
            )
            theatre.secret = endpoint.secret
        yield theatre
    finally:
        cast.stop()
        receiver.close()


@pytest.mark.parametrize("seed", range(RUNS))
async def test_nothing_that_was_answered_is_lost_and_nothing_is_left_half_done(
    theatre: Theatre, seed: int
) -> None:
    chance = random.Random(seed)
    before = len(theatre.told.receipts)
    load = asyncio.create_task(Load(theatre.cast.url, theatre.keys, seed, theatre.told).run(LOAD_S))
    killed = []
    for victim in chance.sample(list(Victim), chance.choice((1, 1, 2, 3))):
        await asyncio.sleep(chance.uniform(0.1, 0.6))
        killed.append((victim, theatre.cast.kill(victim)))
        theatre.cast.start()
    await load
    await theatre.until_at_rest()
    conn = await theatre.superuser()
    try:
        found = await audit(
            conn,
            theatre.told.receipts,
            theatre.told.decisions,
            theatre.told.appeals,
            theatre.receipt_key,
        )
    finally:
        await conn.close()
    assert not found, f"seed {seed}, killed {killed}: {found[:10]}"
    assert any(done for _, done in killed), "nothing was killed"
    assert len(theatre.told.receipts) > before or seed == 0 or theatre.told.refused


async def test_the_load_did_something_worth_killing(theatre: Theatre) -> None:
    assert len(theatre.told.receipts) > 3 * RUNS
    assert len(theatre.told.decisions) > RUNS // 3
    assert theatre.told.appeals
    assert theatre.told.refused, "no kill was ever felt"
    headers, body = list(theatre.receiver.bodies.values())[-1]  # an old one is not believed
    assert json.loads(body)["type"] == open_webhook(theatre.secret, headers, body).type
