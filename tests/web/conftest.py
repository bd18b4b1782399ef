"""A running Underseal on a database of the test's own, for those who come in from outside."""

import json
import random
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
import schemathesis
from application import GUIDELINES, lending, put_in_force

from underseal.core.caller import ModeratorRole, Scope
from underseal.core.guideline import Guidelines
from underseal.core.priority import Lane, Priority
from underseal.core.subject import SubjectKind, SubjectRef
from underseal.flow.authenticate import Callers, admit_moderator, admit_platform
from underseal.flow.file_report import Filer
from underseal.flow.system import Settings, System
from underseal.flow.tick import run_tick
from underseal.seal.keys import KeyRing, create
from underseal.store.cases import enqueue, lock_case_of_round
from underseal.store.media import MediaFolder
from underseal.store.pool import Database
from underseal.store.roles import Role
from underseal.store.subjects import load_subject
from underseal.web.intake import Intake, front

NOW = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)


class Clock:
    """Tells the time that a test sets."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> KeyRing:
    folder = tmp_path_factory.mktemp("web") / "keys"
    create(folder, date(2026, 11, 22))
    return KeyRing.load(folder, NOW.date())


@pytest.fixture(scope="session")
def guidelines() -> Guidelines:
    """The guidelines that are shipped."""
    return GUIDELINES


@pytest.fixture
def system(database: Database, keys: KeyRing, guidelines: Guidelines, tmp_path: Path) -> System:
    return System(
        db=database,
        keys=keys,
        guidelines=guidelines,
        media=MediaFolder(tmp_path / "media"),
        settings=Settings(),
        new_id=uuid4,
        draw=random.Random(1).random,
    )


async def elsewhere(scope, receive, send) -> None:
    await send({"type": "http.response.start", "status": 299, "headers": []})
    await send({"type": "http.response.body", "body": b""})


@pytest.fixture
async def key(system, clock):
    """The key of a platform that reports, with its ticket secret."""
    scopes = [Scope.REPORTS_WRITE, Scope.RECEIPTS_READ, Scope.TICKET_SIGN]
    return await admit_platform(system, "Loop", scopes, clock().date())


@pytest.fixture
async def intake(system, clock):
    """The fast path of reports; behind it everything is answered 299."""
    async with Filer(system.db, system.keys, system.guidelines, clock) as filer:
        callers = Callers(system.db, system.keys)
        yield front(Intake(system, filer, callers, clock), elsewhere)


@pytest.fixture
async def client(intake, key):
    """Sends requests to `intake` with `key`."""
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(intake),
        base_url="http://underseal",
        headers={"authorization": f"Bearer {key.token}"},
    ) as client:
        yield client


@pytest.fixture
def callers(system):
    return Callers(system.db, system.keys)


@pytest.fixture
async def app(system, clock, callers):
    """The whole web application, with the guidelines in force."""
    await put_in_force(system.db, clock())
    async with Filer(system.db, system.keys, system.guidelines, clock) as filer:
        with lending(system, filer, callers, clock) as app:
            yield app


@cache
def contract(document: bytes) -> schemathesis.BaseSchema:
    return schemathesis.openapi.from_dict(json.loads(document))


@pytest.fixture
async def keeps_contract(app):
    """Asserts that an answer is one that the document of the API tells of."""
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://underseal") as client:
        schema = contract((await client.get("/schema/openapi.json")).content)

    async def check(answer: httpx.Response) -> None:
        method, url = answer.request.method, answer.request.url
        operation = None if method == "HEAD" else schema.find_operation_by_path(method, url.path)
        if operation is not None and "application/" in answer.headers.get("content-type", ""):
            assert str(answer.status_code) in operation.responses.status_codes
            seen = httpx.Response(
                answer.status_code,
                headers=answer.headers,
                content=await answer.aread(),
                request=httpx.Request(method, url),
            )
            seen.elapsed = timedelta()
            operation.validate_response(seen)

    return check


@pytest.fixture
async def client_of(app, keeps_contract):
    """Makes a client of the application that sends this in `Authorization`."""
    async with AsyncExitStack() as stack:

        async def make(authorization: str | None) -> httpx.AsyncClient:
            headers = {} if authorization is None else {"authorization": authorization}
            transport = httpx.ASGITransport(app, raise_app_exceptions=False)
            return await stack.enter_async_context(
                httpx.AsyncClient(
                    transport=transport,
                    base_url="http://underseal",
                    headers=headers,
                    event_hooks={"response": [keeps_contract]},
                )
            )

        yield make


@pytest.fixture
async def platform_key(system, clock):
    """The key of a platform that may do all that platforms may."""
    return await admit_platform(system, "Loop", list(Scope), clock().date())


@pytest.fixture
async def platform(client_of, platform_key):
    return await client_of(f"Bearer {platform_key.token}")


@pytest.fixture
async def anybody(client_of):
    """A client without a key."""
    return await client_of(None)


@pytest.fixture
def admit(system, clock, client_of, callers):
    """Makes a client of a new moderator, whose key is known at once."""

    async def make(role: ModeratorRole, name: str = "mona") -> httpx.AsyncClient:
        key = await admit_moderator(system, name, role, clock().date())
        callers._read_at_s = float("-inf")
        return await client_of(f"Bearer {key.token}")

    return make


@pytest.fixture
async def moderator(admit):
    return await admit(ModeratorRole.MODERATOR)


@pytest.fixture
async def lead(admit):
    return await admit(ModeratorRole.LEAD, "lea")


@dataclass
class Backstage:
    """What happens without anybody calling: the queue fills, ticks come."""

    system: System
    clock: Clock

    async def enqueue(self, kind: str, external_id: str, **given: object) -> str:
        """Queue the present round of a subject, and return the id of its case."""
        subject_id = SubjectRef(kind=SubjectKind(kind), external_id=external_id).subject_id
        priority = Priority(
            **{
                "lane": Lane.ORDINARY,
                "guideline": None,
                "due_at": self.clock.now + timedelta(days=3),
                "duty_from": self.clock.now + timedelta(days=2),
                "rate": 1.0,
                "because": "somebody must look",
                **given,
            }
        )
        async with self.system.db.transaction(Role.CORE) as conn:
            subject = await load_subject(conn, subject_id)
            await enqueue(conn, self.system.new_id(), subject, priority, self.clock.now.date())
            case = await lock_case_of_round(conn, subject_id, subject.round)
        return str(case.case_id)

    async def tick(self) -> None:
        """Let the clock run to the next tick, and run it."""
        tick = self.clock.now.replace(minute=0, second=0) + timedelta(hours=1)
        self.clock.now = tick + timedelta(seconds=5)
        await run_tick(self.system, tick, self.clock.now)


@pytest.fixture
def backstage(system, clock):
    return Backstage(system, clock)


@pytest.fixture
def register(platform):
    """Registers a subject of Carl's."""

    async def send(kind: str, external_id: str, **given: object) -> httpx.Response:
        body = {
            "subject": {"kind": kind, "id": external_id},
            "creator": {"id": "carl"},
            "caption": "look at this",
            "language": "en",
            **({"media": {"upload": True}} if kind == "video" else {}),
            **given,
        }
        return await platform.post("/v1/subjects", json=body)

    return send


@pytest.fixture
async def removed(register, platform, moderator, backstage):
    """The statement of a comment of Carl's that was removed, as Carl's platform reads it."""
    await register("comment", "c1")
    await backstage.enqueue("comment", "c1")
    case = (await moderator.post("/v1/cases/take")).json()
    verdict = {"outcome": "remove", "guideline": "phishing", "finding": "actioned"}
    await moderator.post(f"/v1/cases/{case['case_id']}/decision", json=verdict)
    await backstage.tick()
    answer = await platform.get("/v1/creators/statements?creator=carl")
    (statement,) = answer.json()["statements"]
    return statement
