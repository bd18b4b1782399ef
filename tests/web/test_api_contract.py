"""The API keeps what its document says, whatever is sent: Schemathesis finds nothing.

It runs behind a real server and on a real database. What is sent is made up from the document:
valid, at the limits, and wrong in every way.
"""

import asyncio
import json
import random
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from types import SimpleNamespace
from uuid import uuid4

import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, settings

from underseal.core.caller import ModeratorRole, Scope
from underseal.core.guideline_file import parse
from underseal.flow.adopt_guidelines import adopt_guidelines
from underseal.flow.authenticate import Callers, admit_moderator, admit_platform
from underseal.flow.file_report import Filer
from underseal.flow.system import Settings, System
from underseal.store.media import MediaFolder
from underseal.store.pool import Database
from underseal.store.roles import Role
from underseal.web.app import make_api, make_app

pytestmark = pytest.mark.slow

QUICK = settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)

BEYOND_SCHEMA = {
    "POST /v1/subjects": "captions are WebVTT",
    "POST /v1/reports": "a moment ends after it starts",
    "POST /v1/cases/{case_id}/decision": "a moment ends after it starts",
    "POST /v1/confirmations/{draft_id}/return": "a word is more than spaces",
    "GET /v1/charges": "only we can write a cursor",
    "GET /v1/confirmations": "only we can write a cursor",
    "GET /v1/creators/statements": "only we can write a cursor",
    "GET /v1/visibility/changes": "only we can write a cursor",
}
"""What JSON Schema cannot say: here 400 is an answer to what the document allows."""

CONFIG = {
    "operations": [
        {
            "include-name": name,
            "checks": {
                "positive_data_acceptance": {
                    "expected-statuses": ["2xx", "400", "401", "403", "404", "409"]
                }
            },
        }
        for name in BEYOND_SCHEMA
    ]
}


@dataclass(frozen=True)
class Served:
    """Where the application is, and what each caller sends in `Authorization`."""

    url: str
    authorization: dict[str, str]


async def serve(server, parts: dict, ready: "Future[Served]", stop: threading.Event) -> None:
    name = f"contract_{uuid4().hex}"
    address = await server.create_database(name)
    db = await Database.open(address, server.passwords, dict.fromkeys(Role, 4))
    system = System(db=db, new_id=uuid4, draw=random.Random(1).random, **parts)
    today = clock().date()
    text = (files("underseal") / "guidelines.toml").read_text()
    await adopt_guidelines(db, text, "guidelines.toml", today)
    keys = {role: await admit_moderator(system, role, role, today) for role in ModeratorRole}
    keys["platform"] = await admit_platform(system, "Loop", list(Scope), today)
    async with Filer(db, system.keys, system.guidelines, clock) as filer:
        app = make_app(system, filer, Callers(db, system.keys), clock)
        listener = socket.create_server(("127.0.0.1", 0))
        config = uvicorn.Config(app, lifespan="off", access_log=False, log_level="critical")
        web = uvicorn.Server(config)
        serving = asyncio.create_task(web.serve([listener]))
        ready.set_result(
            Served(
                url=f"http://127.0.0.1:{listener.getsockname()[1]}",
                authorization={name: f"Bearer {key.token}" for name, key in keys.items()},
            )
        )
        await asyncio.to_thread(stop.wait)
        web.should_exit = True
        await serving
    await db.close()
    await server.drop_database(name)


def clock() -> datetime:
    return datetime.now(UTC)


@pytest.fixture(scope="module")
def served(server, keys, guidelines, tmp_path_factory) -> Iterator[Served]:
    """The whole application behind a real server."""
    parts = {
        "keys": keys,
        "guidelines": guidelines,
        "media": MediaFolder(tmp_path_factory.mktemp("media")),
        "settings": Settings(media_bytes_max=100_000),
    }
    ready: Future[Served] = Future()
    stop = threading.Event()

    def run() -> None:
        try:
            asyncio.run(serve(server, parts, ready, stop))
        except BaseException as error:
            if ready.done():
                raise
            ready.set_exception(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield ready.result()
    finally:
        stop.set()
        thread.join()


def callers_of(operation) -> list[str]:
    """Those whom an operation is for; None needs a key of any."""
    named = {each for need in operation.definition.raw["security"] for each in need.get("key", [])}
    roles = [role for role in ModeratorRole if role in named]
    return roles if roles and not named & set(Scope) else ["platform", *roles]


def describe() -> dict:
    """Return the document as the application makes it, which takes neither keys nor database."""
    text = (files("underseal") / "guidelines.toml").read_text()
    parts = SimpleNamespace(
        guidelines=parse(text, "guidelines.toml"), keys=SimpleNamespace(cursors=b""), new_id=uuid4
    )
    return json.loads(make_api(parts, None, clock).state.document)


DOCUMENT = describe()


@pytest.fixture
def alone(request) -> schemathesis.BaseSchema:
    """The document of one path: what to send is made up by the worker that sends it."""
    paths = {request.param: DOCUMENT["paths"][request.param]}
    return schemathesis.openapi.from_dict(
        DOCUMENT | {"paths": paths}, config=schemathesis.Config.from_dict(CONFIG)
    )


@pytest.mark.parametrize("alone", list(DOCUMENT["paths"]), indirect=True)
@schemathesis.pytest.from_fixture("alone").parametrize()
@QUICK
def test_the_api_keeps_what_its_document_says(case, served):
    for caller in callers_of(case.operation):
        case.call_and_validate(
            base_url=served.url, headers={"Authorization": served.authorization[caller]}
        )
