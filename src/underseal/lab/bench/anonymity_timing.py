"""Whether answers about what was reported take longer: the times of `underseal bench anonymity`.

A web process is asked over HTTP, on one connection, about creators whose comment many have
reported and about creators whose comment nobody else has: which one, and what is asked, is drawn
anew for each request. The creators are alike in everything else.
"""

import asyncio
import random
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from underseal.app import clock
from underseal.client import AsyncClient, Request, requests, sign_creator_link
from underseal.core.caller import ModeratorRole, Scope
from underseal.core.case import ModeratorId
from underseal.core.guideline import DisclosureClass, GuidelineId
from underseal.core.subject import SubjectKind, SubjectRef
from underseal.flow.assess import assess_subject
from underseal.flow.authenticate import NewKey, admit_moderator, admit_platform
from underseal.lab.anonymity.quiet_life import look_at_all, remove
from underseal.lab.anonymity.welch import largest_t
from underseal.lab.bench.installation import Installation, open_installation
from underseal.lab.bench.pages_times import CannotMeasureError
from underseal.seal.link import LINK_LIFE_MAX

REQUESTS: Final = 120_000
WARM_UP: Final = 3_000
"""Requests that do not count."""

CREATORS: Final = 20
"""Of each kind."""

REPORTERS: Final = 200
"""Who report each comment of the one kind."""

REPORTED_FOR: Final = GuidelineId("spam")
SEED: Final = 20_261_123
RECEIVED: Final = 1 << 16
TOLD: Final = 10_000
"""After so many requests it is told how far it is."""

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """The t by what is asked: above 0 where it takes longer once it is reported."""

    requests: int
    t: Mapping[str, float]
    median_us: Mapping[str, float]

    @property
    def largest(self) -> float:
        """The t that is furthest from 0, without its sign."""
        return max(map(abs, self.t.values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Creator:
    """An account, what is reported of it, and what a moderator has removed."""

    number: int
    is_reported: bool

    @property
    def name(self) -> str:
        return f"creator-{'r' if self.is_reported else 'u'}-{self.number:03}"

    @property
    def comment(self) -> requests.SubjectName:
        return "comment", f"{self.name}-comment"

    @property
    def removed(self) -> requests.SubjectName:
        return "comment", f"{self.name}-removed"


def time_answers(progress: Progress, count: int = REQUESTS) -> Timed:
    """Measure so many requests.

    Raises:
        CannotMeasureError: one was not answered as it should be.
    """
    return asyncio.run(_time(progress, count))


async def _time(progress: Progress, count: int) -> Timed:
    creators = [
        _Creator(number=number, is_reported=is_reported)
        for number in range(CREATORS)
        for is_reported in (False, True)
    ]
    async with open_installation() as installation:
        system, today = installation.system, clock().date()
        key = await admit_platform(system, "Timed", Scope, today)
        url = f"http://127.0.0.1:{installation.ports[0]}"
        async with AsyncClient(url, key=key.token) as platform:
            receipts = await _prepare(installation, platform, creators)
        progress(f"{CREATORS} creators are reported {REPORTERS} times each, and as many are not")
        asked = {each: _asked(each, key, receipts[each]) for each in creators}
        # In a thread, so that nothing of the event loop stands beside the measurement.
        return await asyncio.to_thread(_measure, installation.ports[0], asked, count, progress)


async def _prepare(
    installation: Installation, platform: AsyncClient, creators: Sequence[_Creator]
) -> dict[_Creator, str]:
    """Publish, remove and report; return the receipt of each creator's own report."""
    system, now = installation.system, clock()
    by_id = system.guidelines.by_id.values()
    grave = next(
        each.id
        for each in by_id
        if each.disclosure is DisclosureClass.AT_ONCE and SubjectKind.COMMENT in each.subjects
    )
    mona = await admit_moderator(system, "mona", ModeratorRole.MODERATOR, now.date())
    for each in creators:
        for subject in (each.comment, each.removed):
            await platform.send(requests.register(subject, each.name, caption="What I think."))
    await look_at_all(system, now)
    receipts = {}
    for each in creators:
        await remove(system, ModeratorId(mona.principal_id), _ref(each.removed), grave, now)
        own = requests.report(each.comment, f"{each.name}-other", REPORTED_FOR)
        receipts[each] = (await platform.send(own)).receipt
    reports = [
        requests.report_body(each.comment, f"reporter-{number}", REPORTED_FOR, note="Again.")
        for each in creators
        if each.is_reported
        for number in range(REPORTERS)
    ]
    for first in range(0, len(reports), REPORTERS):
        await platform.send(requests.report_many(reports[first : first + REPORTERS]))
    for each in creators:
        for subject in (each.comment, each.removed):
            await assess_subject(system, _ref(subject).subject_id, now)
    return receipts


def _asked(creator: _Creator, key: NewKey, receipt: str) -> dict[str, bytes]:
    """What is asked for a creator, written as it is sent."""
    assert key.ticket_secret is not None, "the key has every scope"
    until = clock() + LINK_LIFE_MAX / 2
    link = sign_creator_link(key.token, key.ticket_secret, creator=creator.name, expires_at=until)
    authorization = f"authorization: Bearer {key.token}\r\n"
    asked: dict[str, Request[Any]] = {
        "statements": requests.statements(creator.name),
        "standing": requests.standing(creator.name),
        "appeals": requests.appeals(creator.name),
        "visibility": requests.visibility(creator.comment),
        "receipt": requests.look_up_receipt(receipt),
    }
    written = {name: _written(each, authorization) for name, each in asked.items()}
    page: Request[None] = Request(method="GET", path=f"/statement?link={link}", answer=None)
    return {**written, "page": _written(page, "")}


def _written(request: Request[Any], authorization: str) -> bytes:
    body = request.body or b""
    head = f"{request.method} {request.path} HTTP/1.1\r\nhost: underseal\r\n{authorization}"
    sent = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
    return f"{head}{sent}content-length: {len(body)}\r\n\r\n".encode() + body


def _measure(
    port: int, asked: Mapping[_Creator, Mapping[str, bytes]], count: int, progress: Progress
) -> Timed:
    """Ask in an order that is drawn, and compare by what was asked."""
    draw = random.Random(SEED)
    by_kind = [[each for each in asked if each.is_reported is kind] for kind in (False, True)]
    names = tuple(next(iter(asked.values())))
    found: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in names}
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for number in range(WARM_UP + count):
            name, kind = draw.choice(names), draw.randrange(2)
            taken = _ask(connection, asked[draw.choice(by_kind[kind])][name])
            if number >= WARM_UP:
                found[name][kind].append(taken)
            if number % TOLD == 0:
                progress(f"{number} requests are timed")
    arrays = {name: tuple(map(np.array, of_kind)) for name, of_kind in found.items()}
    return Timed(
        requests=count,
        t={name: largest_t(reported, others) for name, (others, reported) in arrays.items()},
        median_us={
            name: 1e6 * float(np.median(np.concatenate(of_kind)))
            for name, of_kind in arrays.items()
        },
    )


def _ask(connection: socket.socket, request: bytes) -> float:
    """Return how long an answer takes, in seconds."""
    began = time.perf_counter()
    connection.sendall(request)
    answer = b""
    for part in _parts(connection):
        answer += part
        head, end, body = answer.partition(b"\r\n\r\n")
        if end and len(body) >= _length(head):
            break
    taken = time.perf_counter() - began
    if not answer.startswith(b"HTTP/1.1 200"):
        raise CannotMeasureError(answer[:200].decode(errors="replace"))
    return taken


def _parts(connection: socket.socket) -> Iterator[bytes]:
    while part := connection.recv(RECEIVED):
        yield part


def _length(head: bytes) -> int:
    return int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])


def _ref(subject: requests.SubjectName) -> SubjectRef:
    kind, name = subject
    return SubjectRef(kind=SubjectKind(kind), external_id=name)
