"""What is said in a video: told by the platform, or carried by the file, and kept from creators."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from underseal.core.caller import ModeratorRole
from underseal.core.guideline import GuidelineId
from underseal.core.person import Person
from underseal.core.report import Moment
from underseal.core.subject import SubjectKind, SubjectRef
from underseal.core.timed_text import TextSource
from underseal.core.webvtt import read_webvtt
from underseal.flow.register_subject import MediaMismatchError, Registration, register_subject
from underseal.flow.review_case import review_case
from underseal.flow.scan_subject import ScanDesk
from underseal.flow.upload_media import VersionRef, upload_media
from underseal.lab.videos import make_video
from underseal.scan.known import KnownContent
from underseal.scan.limits import Limits
from underseal.scan.scanner import Scanner
from underseal.scan.text import TermList

CARL = SubjectRef(kind=SubjectKind.ACCOUNT, external_id="carl")
VIDEO = SubjectRef(kind=SubjectKind.VIDEO, external_id="v1")
TERMS = TermList({GuidelineId("spam"): ["buy followers"]})
SENT = "WEBVTT\n\n00:00.500 --> 00:01.500\nCome and buy\n\n00:01.500 --> 00:02.500\nfollowers\n"
SPOKEN = ((Moment(start_ms=200, end_ms=900), "Hello!"), (Moment(start_ms=1000, end_ms=2000), "Bye"))


@pytest.fixture(scope="module")
def desk() -> Iterator[ScanDesk]:
    with Scanner(
        known=KnownContent(), terms=TERMS, limits=Limits(), require_sandbox=False
    ) as scanner:
        yield ScanDesk(scanner, TERMS)


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path: Path = tmp_path_factory.mktemp("films") / "spoken.mp4"
    make_video(path, scene=1, seconds=3, fps=8, size=(180, 320), spoken=SPOKEN)
    return path.read_bytes()


async def register(stage, captions: str = "", **given):
    return await register_subject(
        stage.system,
        Registration(
            **{
                "ref": VIDEO,
                "creator": CARL,
                "caption": "",
                "language": "en",
                "has_upload": True,
                "captions": read_webvtt(captions) if captions else (),
                **given,
            }
        ),
        stage.now,
    )


async def test_captions_are_part_of_a_version(stage):
    assert (await register(stage)).version == 1
    assert (await register(stage, SENT)).version == 2
    assert (await register(stage, SENT)).is_new is False
    other_tags = SENT.replace("followers", "<i>followers</i>")
    assert (await register(stage, other_tags)).is_new is False
    assert (await register(stage, SENT.replace("Come", "Go"))).version == 3
    assert (await register(stage)).version == 4


def test_captions_belong_to_media():
    for kind in (SubjectKind.COMMENT, SubjectKind.SOUND):
        with pytest.raises(MediaMismatchError):
            Registration(
                ref=SubjectRef(kind=kind, external_id="x"),
                creator=CARL,
                caption="",
                language="en",
                captions=read_webvtt(SENT),
            )


@pytest.mark.slow
async def test_what_is_said_is_searched_kept_and_shown_to_moderators_alone(stage, desk, media):
    await register(stage, SENT)

    async def chunks():
        yield media

    await upload_media(stage.system, VersionRef(ref=VIDEO, version=1), chunks(), stage.now)
    assert await desk.scan_next(stage.system, lambda: stage.now)
    (signal,) = await stage.rows("select detector, detail, start_ms, end_ms from signals")
    assert tuple(signal.values()) == ("transcript_terms", "buy followers", 500, 2500)
    await stage.report(VIDEO, "spam", "anna")
    case_id = await stage.enqueue(VIDEO)
    lead = await stage.moderator("lea", ModeratorRole.LEAD)
    reader = Person(principal_id=lead, name="lea", role=ModeratorRole.LEAD)
    review = await review_case(stage.system, case_id, reader, stage.now)
    told = [(line.source, line.moment.start_ms, line.text) for line in review.lines]
    assert told == [
        (TextSource.FILE, 200, "Hello!"),
        (TextSource.FILE, 1000, "Bye"),
        (TextSource.PLATFORM, 500, "Come and buy"),
        (TextSource.PLATFORM, 1500, "followers"),
    ]
    assert review.matched == {2, 3}
    for table in ("events", "messages", "statements"):
        for row in await stage.rows(f"select * from {table}"):
            assert b"followers" not in repr(dict(row)).encode()
