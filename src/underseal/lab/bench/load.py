"""The load: a process of its own that files reports over many connections and times the answers.

It reads one `Job` a line and writes one `Outcome` a line. Requests are built before the clock
starts. Each connection sends its next request when the last one is answered.
"""

import json
import random
import select
import socket
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path
from typing import Final

import msgspec

REPORTERS: Final = 20_000
SUBJECTS: Final = 5_000
NEWCOMERS: Final = 0.1
"""The share of reports by people who have not reported before this year."""
NOTED: Final = 0.2
TIMED: Final = 0.1
"""The shares of reports with a note, and with a moment of the video."""
SKEW: Final = 3
"""How uneven subjects are: the most reported tenth of them has almost half of all reports."""

WORDS: Final = ("look", "at", "the", "part", "where", "somebody", "is", "being", "laughed", "about")

_RECEIVED: Final = b'"state":"received"}'
_RECV_BYTES: Final = 1 << 18


class Job(msgspec.Struct, kw_only=True):
    """What to send: `requests` of `reports_each`, or bulk ones if that is more than one.

    The connections are shared out among the `ports`, as a load balancer does. `seed` draws the
    reports, the same for the same seed. With `introduces`, the reporters are those of the
    population one after the other, so that all have reported before. Answered receipts are written
    to the file `receipts`, one a line, if one is named.
    """

    ports: list[int]
    token: str
    guidelines: list[str]
    seed: int
    requests: int
    connections: int = 64
    reports_each: int = 1
    introduces: bool = False
    receipts: str | None = None


class Outcome(msgspec.Struct, kw_only=True):
    """What came of it.

    Answers are counted by status: 0 is a connection that broke, `mixed` a bulk request with reports
    that were not taken.
    """

    seconds: float
    answers: dict[str, int]
    p50_ms: float
    p99_ms: float
    cpu_s: float


def reports(job: Job) -> Iterator[dict[str, object]]:
    """Draw reports without end."""
    draw = random.Random(job.seed)
    serial = 0
    while True:
        serial += 1
        if job.introduces:
            reporter = f"r{serial % REPORTERS}"
        elif draw.random() < NEWCOMERS:
            reporter = f"n{job.seed}-{serial}"
        else:
            reporter = f"r{draw.randrange(REPORTERS)}"
        subject = int(SUBJECTS * draw.random() ** SKEW)
        report: dict[str, object] = {
            "subject": {"kind": "video", "id": str(7_400_000_000_000_000_000 + subject * 7_919)},
            "reporter": {"id": reporter},
            "guideline": draw.choice(job.guidelines),
        }
        if draw.random() < NOTED:
            report["note"] = " ".join(draw.choices(WORDS, k=draw.randrange(5, 30)))
        if draw.random() < TIMED:
            start = draw.randrange(60_000)
            report["moments"] = [{"start_ms": start, "end_ms": start + 3_000}]
        yield report


def build(job: Job) -> list[bytes]:
    """Return the requests of a job, ready to be sent."""
    source = reports(job)
    path = "/v1/reports" if job.reports_each == 1 else "/v1/reports/bulk"
    built = []
    for _ in range(job.requests):
        body: object = next(source)
        if job.reports_each > 1:
            body = {"reports": [body, *(next(source) for _ in range(job.reports_each - 1))]}
        raw = json.dumps(body).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n"
            f"authorization: Bearer {job.token}\r\ncontent-type: application/json\r\n"
            f"content-length: {len(raw)}\r\n\r\n"
        )
        built.append(head.encode() + raw)
    return built


class Load:
    """Many connections that send requests and wait for the answers."""

    def __init__(self, ports: Sequence[int], connections: int) -> None:
        self._sockets = {}
        self._poll = select.epoll()
        for port in islice(cycle(ports), connections):
            connection = socket.create_connection(("127.0.0.1", port))
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._sockets[connection.fileno()] = connection
            self._poll.register(connection, select.EPOLLIN)

    def send(self, requests: Sequence[bytes]) -> tuple[list[float], list[bytes]]:
        """Send all requests; return the seconds each took, and the answers, as they came."""
        clock = time.perf_counter
        waiting = iter(requests)
        begun = {}
        for number, request in zip(self._sockets, waiting, strict=False):
            begun[number] = clock()
            self._sockets[number].sendall(request)
        parts: dict[int, bytes] = {}
        times: list[float] = []
        answers: list[bytes] = []
        while begun:
            for number, _ in self._poll.poll():
                try:
                    answer = self._sockets[number].recv(_RECV_BYTES)
                except ConnectionError:
                    answer = b""
                if answer and not _is_whole(answer := parts.pop(number, b"") + answer):
                    parts[number] = answer
                    continue
                times.append(clock() - begun.pop(number))
                answers.append(answer)
                if not answer:
                    self._poll.unregister(self._sockets[number])
                elif (following := next(waiting, None)) is not None:
                    begun[number] = clock()
                    self._sockets[number].sendall(following)
        return times, answers

    def close(self) -> None:
        """Hang up."""
        for connection in self._sockets.values():
            connection.close()
        self._poll.close()


def _is_whole(answer: bytes) -> bool:
    if answer.endswith(_RECEIVED):
        return True
    head, end, body = answer.partition(b"\r\n\r\n")
    length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
    return bool(end) and len(body) == int(length or 0)


def _status(answer: bytes) -> str:
    if not answer:
        return "0"
    return "mixed" if b'"problem"' in answer else answer[9:12].decode()


def run(job: Job, requests: Sequence[bytes]) -> Outcome:
    """Do a job whose requests are built."""
    load = Load(job.ports, min(job.connections, job.requests))
    began, cpu_began = time.perf_counter(), time.process_time()
    times, answers = load.send(requests)
    seconds, cpu_s = time.perf_counter() - began, time.process_time() - cpu_began
    load.close()
    if job.receipts:
        with Path(job.receipts).open("wb") as file:
            file.writelines(
                answer.rpartition(b'"receipt":"')[2].partition(b'"')[0] + b"\n"
                for answer in answers
                if answer.startswith(b"HTTP/1.1 201")
            )
    times.sort()
    return Outcome(
        seconds=seconds,
        answers=Counter(map(_status, answers)),
        p50_ms=1000 * times[len(times) // 2],
        p99_ms=1000 * times[len(times) * 99 // 100],
        cpu_s=cpu_s,
    )


def main() -> None:
    """Do the jobs that come in on standard input: build, say so, wait for the word, send."""
    for line in sys.stdin.buffer:
        job = msgspec.json.decode(line, type=Job)
        requests = build(job)
        sys.stdout.buffer.write(b"built\n")
        sys.stdout.buffer.flush()
        sys.stdin.buffer.readline()
        sys.stdout.buffer.write(msgspec.json.encode(run(job, requests)) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
