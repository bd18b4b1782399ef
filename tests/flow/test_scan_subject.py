import asyncio
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from scanning import cases_of, events_of, scans_of

from underseal.core.guideline import GuidelineId
from underseal.core.ledger import EventKind
from underseal.core.subject import SubjectKind, SubjectRef
from underseal.core.visibility import Level
from underseal.flow.audit import audit_all
from underseal.flow.publish import UNSEEN_MAX, put_off_unseen
from underseal.flow.register_subject import Registration, register_subject
from underseal.flow.scan_subject import (
    COPY_LOST,
    EMPTY,
    KILLED_ITS_SCANNER,
    NEVER_CAME,
    ScanDesk,
    fail_overdue,
    fail_scan,
)
from underseal.flow.system import SCAN_ATTEMPTS_MAX, SCAN_DEADLINE, SCAN_LEASE
from underseal.flow.upload_media import VersionRef, upload_media
from underseal.lab.videos import Edit, copy_video, make_video
from underseal.scan.known import KnownContent
from underseal.scan.limits import Limits
from underseal.scan.scanner import Scanner
from underseal.scan.text import TermList
from underseal.store.roles import Role
from underseal.store.scans import ScanCause, take_scan, want_scan
from underseal.store.visibility import Basis

TERMS = TermList({GuidelineId("spam"): ["buy followers"]})
CARL = SubjectRef(kind=SubjectKind.ACCOUNT, external_id="carl")


@dataclass
class Site:
    """A platform's media server, which counts who asks for what."""

    port: int
    files: dict[str, bytes] = field(default_factory=dict)
    asked: Counter = field(default_factory=Counter)

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.port}/{name}"


@pytest.fixture
def site() -> Iterator[Site]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.strip("/")
            site.asked[name] += 1
            body = site.files.get(name)
            self.send_response(200 if body is not None else 404)
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site = Site(port=server.server_port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield site
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def films(tmp_path_factory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("films")
    original, copy, other = (folder / f"{name}.mp4" for name in ("original", "copy", "other"))
    make_video(original, scene=1, seconds=3, fps=12)
    copy_video(original, copy, Edit.SCALED)
    make_video(other, scene=4, seconds=3, fps=12)
    return {path.stem: path.read_bytes() for path in (original, copy, other)}


@pytest.fixture(scope="module")
def scanner() -> Iterator[Scanner]:
    """It reads captions and no pictures: those cost a second each to begin with."""
    with Scanner(
        known=KnownContent(), terms=TermList({}), limits=Limits(), require_sandbox=False
    ) as made:
        yield made


@pytest.fixture
def desk(scanner) -> ScanDesk:
    return ScanDesk(scanner, TERMS)


@pytest.fixture
def stage(stage, site):
    allowed = replace(stage.system.settings, allowed_hosts=frozenset({f"127.0.0.1:{site.port}"}))
    stage.system = replace(stage.system, settings=allowed)
    return stage


def video(name: str) -> SubjectRef:
    return SubjectRef(kind=SubjectKind.VIDEO, external_id=name)


async def register(stage, site, name: str, body: bytes | None, **given) -> SubjectRef:
    if body is not None:
        site.files[name] = body
    ref = video(name)
    registration = Registration(
        **{
            "ref": ref,
            "creator": CARL,
            "caption": "",
            "language": "en",
            "media_url": site.url(name),
            **given,
        }
    )
    await register_subject(stage.system, registration, stage.now)
    return ref


async def run(stage, desk) -> None:
    while await desk.scan_next(stage.system, lambda: stage.now):
        pass
    await stage.assess()


async def test_a_video_is_fetched_once_frozen_looked_at_and_let_go(stage, site, desk, films):
    ref = await register(stage, site, "v1", films["original"])
    await run(stage, desk)
    assert await stage.level(ref) is Level.PUBLIC
    (copy,) = await stage.rows("select size_bytes from media")
    assert copy["size_bytes"] == len(films["original"])
    hashes = await stage.rows("select at_ms from frame_hashes order by at_ms")
    assert len(hashes) >= 2
    assert await events_of(stage, ref) == [
        EventKind.REGISTERED, EventKind.KEPT_BACK, EventKind.SCANNED, EventKind.ASSESSED,
        EventKind.LET_GO,
    ]  # fmt: skip
    async with stage.system.db.transaction(Role.CORE) as conn:
        await want_scan(conn, ref.subject_id, 1, ScanCause.DETECTOR, stage.now)
    await run(stage, desk)
    assert [scan["state"] for scan in await scans_of(stage, ref)] == ["done", "done"]
    assert site.asked == {"v1": 1}


async def test_no_report_leads_to_a_fetch_or_a_look_by_machines(stage, site, desk, films):
    ref = await register(stage, site, "v1", films["original"])
    await run(stage, desk)
    before = await scans_of(stage, ref)
    await stage.report(ref, "threat_to_life", "anna", "bert", note="look at it")
    await stage.report(ref, "spam", None, is_notice=False)
    await stage.report(video("never registered"), "spam", "anna")
    await run(stage, desk)
    assert await scans_of(stage, ref) == before
    assert site.asked == {"v1": 1}


async def test_a_copy_of_what_a_human_removed_is_removed_before_anybody_sees_it(
    stage, site, desk, films
):
    mona = await stage.moderator("mona")
    original = await register(stage, site, "v1", films["original"])
    other = await register(stage, site, "v3", films["other"])
    await run(stage, desk)
    await stage.decide(original, mona, "remove", "terrorism")
    copy = await register(stage, site, "v2", films["copy"])
    await run(stage, desk)
    assert await stage.level(copy) is Level.REMOVED
    assert await stage.level(other) is Level.PUBLIC
    shown = await stage.rows(
        "select distinct level from visibility_changes where subject_id = $1", copy.subject_id
    )
    assert {row["level"] for row in shown} == {"held", "removed"}
    told = {each.statement.subject: each for each in await stage.statements()}
    assert set(told) == {original, copy}
    statement = told[copy]
    assert statement.statement.automated_decision == "fully"
    assert await audit_all(stage.system, ()) == ()


@pytest.mark.parametrize(
    ("body", "reason"), [(None, "bad_status"), (b"", EMPTY), (b"no video" * 99, "unreadable")]
)
async def test_what_machines_cannot_look_at_waits_for_a_human(stage, site, desk, body, reason):
    ref = await register(stage, site, "v1", body)
    await run(stage, desk)
    (scan,) = await scans_of(stage, ref)
    assert (scan["state"], scan["failure"]) == ("failed", reason)
    shown = await stage.shown(ref)
    assert (shown.basis, shown.visibility.level) == (Basis.SCAN, Level.HELD)
    assert shown.expires_at == stage.now + UNSEEN_MAX
    (case,) = await cases_of(stage, ref)
    assert (case["state"], case["because"]) == ("queued", "No detector could look at it.")


async def test_an_upload_nobody_has_looked_at_is_never_published_and_raises_an_incident(
    stage, site, desk
):
    ref = await register(stage, site, "v1", None)
    await run(stage, desk)
    for _ in range(3):
        assert await put_off_unseen(stage.system, stage.now) == 0
        stage.now += UNSEEN_MAX
        await stage.tick()
        assert await put_off_unseen(stage.system, stage.now) == 1
        await stage.assess()
        shown = await stage.shown(ref)
        assert (shown.basis, shown.visibility.level) == (Basis.SCAN, Level.HELD)
        assert shown.expires_at == stage.now + UNSEEN_MAX
        (incident,) = await stage.rows("select kind, closed_at from incidents")
        assert incident == {"kind": "review_overdue", "closed_at": None}
    assert await audit_all(stage.system, ()) == ()


async def test_an_upload_that_never_came_raises_no_incident(stage, site):
    ref = await register(stage, site, "v1", None, media_url=None, has_upload=True)
    stage.now += SCAN_DEADLINE
    assert await put_off_unseen(stage.system, stage.now) == 1
    assert await stage.rows("select 1 from incidents") == []
    assert await stage.level(ref) is Level.HELD


async def test_a_human_who_cleared_it_is_not_asked_again(stage, site, desk):
    mona = await stage.moderator("mona")
    ref = await register(stage, site, "v1", None)
    await run(stage, desk)
    await stage.judge(mona, "no_violation")
    assert await stage.level(ref) is Level.PUBLIC
    await stage.report(ref, "spam", "anna")
    await stage.assess()
    assert [case["state"] for case in await cases_of(stage, ref)] == ["decided"]


async def test_what_a_human_cleared_before_its_scan_failed_is_published_then(stage, site, desk):
    mona = await stage.moderator("mona")
    ref = await register(stage, site, "v1", None)
    await stage.decide(ref, mona, "no_violation")
    assert await stage.level(ref) is Level.HELD
    await run(stage, desk)
    assert await stage.level(ref) is Level.PUBLIC
    assert await audit_all(stage.system, ()) == ()


async def test_a_later_look_that_fails_changes_nothing(stage, site, desk, films):
    ref = await register(stage, site, "v1", films["other"])
    await run(stage, desk)
    before = await stage.shown(ref)
    async with stage.system.db.transaction(Role.CORE) as conn:
        await want_scan(conn, ref.subject_id, 1, ScanCause.REACH, stage.now)
    lose_all(stage.system.media.root)
    await run(stage, desk)
    assert [scan["failure"] for scan in await scans_of(stage, ref)] == [None, COPY_LOST]
    assert await stage.shown(ref) == before
    assert await cases_of(stage, ref) == []


def lose_all(media: Path) -> None:
    for path in media.rglob("*"):
        if path.is_file():
            path.unlink()


async def test_a_file_that_kills_its_scanner_is_not_tried_for_ever(stage, site, desk, films):
    ref = await register(stage, site, "v1", films["other"])
    for _ in range(SCAN_ATTEMPTS_MAX):
        async with stage.system.db.transaction(Role.CORE) as conn:
            taken = await take_scan(conn, stage.now, stage.now + SCAN_LEASE)
        assert taken.subject_id == ref.subject_id
        assert not await desk.scan_next(stage.system, lambda: stage.now)
        stage.now += SCAN_LEASE + timedelta(seconds=1)
    await run(stage, desk)
    (scan,) = await scans_of(stage, ref)
    assert (scan["state"], scan["failure"]) == ("failed", KILLED_ITS_SCANNER)
    assert site.asked == {}


@pytest.mark.parametrize("is_taken", [False, True])
async def test_what_is_not_scanned_in_time_is_given_to_a_human_once(stage, site, is_taken):
    ref = await register(stage, site, "v1", None)
    if is_taken:
        async with stage.system.db.transaction(Role.CORE) as conn:
            await take_scan(conn, stage.now, stage.now + timedelta(days=1))
    assert await fail_overdue(stage.system, stage.now) == 0
    stage.now += SCAN_DEADLINE + timedelta(seconds=1)
    assert await fail_overdue(stage.system, stage.now) == 1
    assert await fail_overdue(stage.system, stage.now) == 0
    await stage.assess()
    (scan,) = await scans_of(stage, ref)
    assert (scan["state"], scan["failure"]) == ("failed", NEVER_CAME)
    (case,) = await cases_of(stage, ref)
    assert case["state"] == "queued"
    assert (await stage.shown(ref)).expires_at == stage.now + UNSEEN_MAX


async def test_a_later_look_that_is_late_is_no_humans_business(stage, site, desk, films):
    ref = await register(stage, site, "v1", films["other"])
    await run(stage, desk)
    async with stage.system.db.transaction(Role.CORE) as conn:
        await want_scan(conn, ref.subject_id, 1, ScanCause.REACH, stage.now)
    stage.now += timedelta(days=1)
    assert await fail_overdue(stage.system, stage.now) == 0


async def test_a_scan_that_two_workers_ended_is_ended_once(stage, site, desk, films):
    ref = await register(stage, site, "v1", films["other"])
    async with stage.system.db.transaction(Role.CORE) as conn:
        lost = await take_scan(conn, stage.now, stage.now + SCAN_LEASE)
    stage.now += SCAN_LEASE + timedelta(seconds=1)
    await run(stage, desk)
    await fail_scan(stage.system, lost, "late", stage.now)
    (scan,) = await scans_of(stage, ref)
    assert (scan["state"], scan["failure"], scan["attempts"]) == ("done", None, 2)
    assert EventKind.SCAN_FAILED not in await events_of(stage, ref)
    assert await stage.level(ref) is Level.PUBLIC


async def test_several_workers_look_at_each_video_once(stage, site, scanner, films):
    refs = [await register(stage, site, f"v{number}", films["other"]) for number in range(4)]
    desks = [ScanDesk(scanner, TERMS) for _ in range(4)]
    await asyncio.gather(*(run(stage, each) for each in desks))
    assert site.asked == {f"v{number}": 1 for number in range(4)}
    for ref in refs:
        assert await stage.level(ref) is Level.PUBLIC
        assert (await events_of(stage, ref)).count(EventKind.SCANNED) == 1


async def test_only_one_look_waits_at_a_time(stage, site):
    ref = await register(stage, site, "v1", None)

    async def want() -> None:
        async with stage.system.db.transaction(Role.CORE) as conn:
            await want_scan(conn, ref.subject_id, 1, ScanCause.REACH, stage.now)

    await asyncio.gather(*(want() for _ in range(4)))
    assert len(await scans_of(stage, ref)) == 1
    await stage.scan(ref)
    await asyncio.gather(*(want() for _ in range(4)))
    assert len(await scans_of(stage, ref)) == 2


async def test_an_upload_is_scanned_from_its_frozen_copy(stage, site, desk, films):
    ref = await register(stage, site, "v1", None, media_url=None, has_upload=True)

    async def chunks():
        yield films["original"]

    await upload_media(stage.system, VersionRef(ref=ref, version=1), chunks(), stage.now)
    await run(stage, desk)
    assert await stage.level(ref) is Level.PUBLIC
    assert site.asked == {}


async def test_a_text_is_searched_for_the_words_of_the_guidelines(stage, desk):
    ref = SubjectRef(kind=SubjectKind.COMMENT, external_id="c1")
    given = Registration(ref=ref, creator=CARL, caption="BUY followers now", language="en")
    await register_subject(stage.system, given, stage.now)
    await run(stage, desk)
    (found,) = await stage.rows("select detector, guideline, weight, detail from signals")
    assert (found["guideline"], found["weight"]) == ("spam", None)
    assert found["detail"] == "buy followers"
    assert await stage.shown(ref) is None


async def test_an_address_within_our_own_network_is_not_asked(stage, site, desk, films):
    stage.system = replace(
        stage.system, settings=replace(stage.system.settings, allowed_hosts=frozenset())
    )
    ref = await register(stage, site, "v1", films["other"])
    https = await register(
        stage, site, "v2", films["other"], media_url=f"https://127.0.0.1:{site.port}/v2"
    )
    await run(stage, desk)
    assert site.asked == {}
    assert [scan["failure"] for scan in await scans_of(stage, ref)] == ["not_https"]
    assert [scan["failure"] for scan in await scans_of(stage, https)] == ["forbidden_address"]
