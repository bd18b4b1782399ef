"""A running Underseal: its processes, a platform that listens, and all that is said."""

import asyncio
import os
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx

from underseal import app
from underseal.config import Config
from underseal.core.caller import ModeratorRole, Scope
from underseal.core.disclosure import TickLength
from underseal.core.message import MessageType
from underseal.flow.authenticate import admit_moderator, admit_platform
from underseal.lab.ports import free_port

PROGRAM = Path(sys.executable).with_name("underseal")
TICK = TickLength(timedelta(seconds=0.5))
START_S = 60
PATIENCE_S = 40


@dataclass
class Underseal:
    """A running Underseal, and everything that it says."""

    data: Path
    environment: dict[str, str]
    http: httpx.AsyncClient
    answers: list[tuple[str, bytes]] = field(default_factory=list)
    cases: list[bytes] = field(default_factory=list)
    hooks: list[bytes] = field(default_factory=list)
    tokens: dict[str, str] = field(default_factory=dict)
    ticket_secret: str = ""

    async def ask(self, who: str | None, method: str, path: str, **given) -> httpx.Response:
        """Send a request as somebody, and keep what is answered."""
        headers = given.pop("headers", {})
        if who is not None:
            headers = {"authorization": f"Bearer {self.tokens[who]}", **headers}
        answer = await self.http.request(method, path, headers=headers, **given)
        head = f"{answer.status_code} {answer.headers!r}".encode()
        is_case = "/v1/cases/" in path and answer.is_success
        (self.cases if is_case else self.answers).append(
            head + answer.content if is_case else (f"{method} {path}", head + answer.content)
        )
        return answer

    async def until(self, who: str, method: str, path: str, holds, **given) -> httpx.Response:
        """Ask again until an answer is as it should be."""
        deadline = time.monotonic() + PATIENCE_S
        while not holds(answer := await self.ask(who, method, path, **given)):
            assert time.monotonic() < deadline, (path, answer.status_code, answer.text)
            await asyncio.sleep(0.1)
        return answer

    def command(self, *arguments: str) -> str:
        return subprocess.run(
            [PROGRAM, *arguments],
            env=self.environment,
            check=True,
            capture_output=True,
            text=True,
            timeout=START_S,
        ).stdout

    @contextmanager
    def process(self, *arguments: str) -> Iterator[subprocess.Popen]:
        with (self.data / "processes.log").open("ab") as log:
            process = subprocess.Popen(
                [PROGRAM, *arguments], env=self.environment, stdout=log, stderr=log
            )
        try:
            yield process
        finally:
            process.terminate()
            process.wait(START_S)


@contextmanager
def receiver(got: list[bytes]) -> Iterator[int]:
    """A platform's webhook endpoint, which keeps all that comes."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            got.append(bytes(self.headers) + body)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


async def serving(underseal: Underseal, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + START_S
    while True:
        assert process.poll() is None, (underseal.data / "processes.log").read_text()
        assert time.monotonic() < deadline
        try:
            if (await underseal.http.get("/healthz")).is_success:
                return
        except httpx.TransportError:
            pass
        await asyncio.sleep(0.1)


async def let_in(underseal: Underseal) -> None:
    """Make keys for a platform and three moderators."""
    config = Config.from_environment(underseal.environment)
    async with app.open_system(config) as system:
        today = app.clock().date()
        platform = await admit_platform(system, "Loop", list(Scope), today)
        underseal.tokens["platform"] = platform.token
        underseal.ticket_secret = platform.ticket_secret or ""
        for name, role in (
            ("mona", ModeratorRole.MODERATOR),
            ("nils", ModeratorRole.MODERATOR),
            ("lea", ModeratorRole.LEAD),
        ):
            underseal.tokens[name] = (await admit_moderator(system, name, role, today)).token


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Underseal]:
    """Serve from a data folder, with a platform that listens to the webhooks."""
    data, port = folder / "data", free_port()
    hooks: list[bytes] = []
    with receiver(hooks) as hook_port:
        environment = {
            "PATH": os.environ["PATH"],
            "UNDERSEAL_DATA": str(data),
            "UNDERSEAL_PORT": str(port),
            "UNDERSEAL_TICK_SECONDS": str(TICK.total_seconds()),
            "UNDERSEAL_WEIGHTING": "priority_and_threshold",
            "UNDERSEAL_ALLOWED_HOSTS": f"127.0.0.1:{hook_port}",
            "UNDERSEAL_REQUIRE_SANDBOX": "no",
        }
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as http:
            underseal = Underseal(data, environment, http, hooks=hooks)
            underseal.command("keys", "create", "--escrow", str(folder / "escrow"))
            with underseal.process("serve") as process:
                await serving(underseal, process)
                await let_in(underseal)
                hook = {"url": f"http://127.0.0.1:{hook_port}/", "types": list(MessageType)}
                made = await underseal.ask("platform", "POST", "/v1/webhooks", json=hook)
                assert made.status_code == 201, made.text
                yield underseal
