import math
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from underseal.core.guideline import GuidelineId
from underseal.core.report import Moment
from underseal.core.signal import Signal
from underseal.core.timed_text import LINES_MAX
from underseal.lab.videos import Breakage, Codec, Edit, copy_video, make_broken, make_video
from underseal.scan.known import KnownContent, KnownItem, KnownItemId
from underseal.scan.limits import FailureReason, Layer, Limits
from underseal.scan.scanner import SCANNER_VERSION, ScanFailed, Scanner, ScanResult
from underseal.scan.text import TermList
from underseal.scan.wire import VideoCodec

VIOLENCE, SCAMS = GuidelineId("violence"), GuidelineId("scams")
SCENE = 3
UNRELATED = (0, 1, 2, 4, 5, 9)


@pytest.fixture(scope="module")
def known() -> KnownContent:
    return KnownContent()


@pytest.fixture(scope="module")
def scanner(known: KnownContent) -> Iterator[Scanner]:
    """A scanner that looks for known content only."""
    with Scanner(known=known, terms=TermList({}), limits=Limits(), require_sandbox=True) as scanner:
        yield scanner


def remember(scanner: Scanner, known: KnownContent, path: Path, *, verified: bool = True) -> None:
    hashes = scanner.fingerprint(path)
    assert isinstance(hashes, tuple)
    known.add(
        [
            KnownItem(
                id=KnownItemId(path.stem),
                list_name="ours",
                guideline=VIOLENCE,
                verified=verified,
                hashes=hashes,
            )
        ]
    )


def signals(scanner: Scanner, path: Path, caption: str = "") -> tuple[Signal, ...]:
    result = scanner.scan(path, caption=caption)
    assert isinstance(result, ScanResult), result
    return result.signals


@pytest.fixture(scope="module", autouse=True)
def _remembered(scanner: Scanner, known: KnownContent, video: Callable[[int], Path]) -> None:
    remember(scanner, known, video(SCENE))


@pytest.mark.parametrize("edit", Edit)
def test_an_edited_copy_of_known_content_is_found(
    scanner: Scanner, video: Callable[[int], Path], tmp_path: Path, edit: Edit
) -> None:
    copy = tmp_path / "copy.mp4"
    copy_video(video(SCENE), copy, edit)
    (signal,) = signals(scanner, copy)
    assert signal.detail == f"ours: {SCENE}"
    assert (signal.guideline, signal.verified) == (VIOLENCE, True)
    assert signal.weight == math.log(10_000)
    assert signal.moment
    assert signal.moment.start_ms == 0


@pytest.mark.parametrize("scene", UNRELATED)
def test_an_unrelated_video_is_not_found(
    scanner: Scanner, video: Callable[[int], Path], scene: int
) -> None:
    assert signals(scanner, video(scene)) == ()


def test_a_result_says_what_was_scanned_and_how(
    scanner: Scanner, video: Callable[[int], Path]
) -> None:
    with video(SCENE).open("rb") as media:
        result = scanner.scan(media.fileno(), caption="")
    assert isinstance(result, ScanResult)
    assert result.probe.codec is VideoCodec.H264
    assert result.sandbox_layers == set(Layer)
    assert result.scanner_version == SCANNER_VERSION
    assert [frame.at_ms for frame in result.hashes] == [0, 2000]


def test_the_hashes_of_a_result_make_its_video_known(
    scanner: Scanner, known: KnownContent, video: Callable[[int], Path]
) -> None:
    result = scanner.scan(video(7), caption="")
    assert isinstance(result, ScanResult)
    hashes = tuple(frame.pdq for frame in result.hashes)
    known.add(
        [
            KnownItem(
                id=KnownItemId("by-result"),
                list_name="ours",
                guideline=SCAMS,
                verified=False,
                hashes=hashes,
            )
        ]
    )
    (signal,) = signals(scanner, video(7))
    assert (signal.guideline, signal.weight) == (SCAMS, None)


@pytest.mark.parametrize("breakage", Breakage)
def test_a_broken_file_fails_the_scan_and_nothing_else(
    scanner: Scanner, video: Callable[[int], Path], tmp_path: Path, breakage: Breakage
) -> None:
    path = tmp_path / "broken.mp4"
    make_broken(path, breakage)
    failed = scanner.scan(path, caption="")
    assert isinstance(failed, ScanFailed)
    assert failed.reason in FailureReason
    assert scanner.fingerprint(path) == failed
    assert signals(scanner, video(SCENE))


@pytest.mark.slow
def test_terms_are_found_in_caption_and_picture_where_they_stand(
    known: KnownContent, tmp_path: Path
) -> None:
    path = tmp_path / "captioned.mp4"
    make_video(
        path,
        scene=8,
        seconds=6,
        caption="get your free robux here",
        captioned=Moment(start_ms=2000, end_ms=4000),
        fps=8,
    )
    terms = TermList({SCAMS: ["free robux", "giveaway"], VIOLENCE: ["here comes trouble"]})
    with Scanner(known=known, terms=terms, limits=Limits(), require_sandbox=True) as scanner:
        result = scanner.scan(path, caption="The biggest GIVE-AWAY, a #giveaway!")
    assert isinstance(result, ScanResult), result
    in_caption, on_screen = result.signals
    assert (in_caption.detector, in_caption.detail) == ("caption_terms", "giveaway")
    assert (in_caption.moment, in_caption.score, in_caption.weight) == (None, 1, None)
    assert (on_screen.detector, on_screen.detail) == ("screen_terms", "free robux")
    assert on_screen.moment == Moment(start_ms=2000, end_ms=4000)
    assert on_screen.score > 0.9
    assert {line.moment for line in result.lines} == {on_screen.moment}
    assert " ".join(line.text for line in result.lines).endswith("free robux here")


@pytest.mark.parametrize(("suffix", "codec"), [("mp4", Codec.H264), ("webm", Codec.VP9)])
def test_subtitles_in_the_file_are_read_behind_closed_doors(
    scanner: Scanner, tmp_path: Path, suffix: str, codec: Codec
) -> None:
    path = tmp_path / f"spoken.{suffix}"
    spoken = (
        (Moment(start_ms=250, end_ms=900), "Hello <b>you</b>"),
        (Moment(start_ms=1000, end_ms=1900), "أرسل\nلي الرمز"),
    )
    make_video(path, scene=8, seconds=3, fps=8, size=(90, 160), codec=codec, spoken=spoken)
    result = scanner.scan(path, caption="")
    assert isinstance(result, ScanResult), result
    said = [(line.source, line.moment, line.text) for line in result.lines]
    shown = "Hello <b>you</b>" if suffix == "mp4" else "Hello you"  # MP4 has no tags in its text
    assert said == [
        ("file", spoken[0][0], shown),
        ("file", spoken[1][0], "أرسل لي الرمز"),
    ]
    assert scanner.fingerprint(path)


def test_subtitles_without_end_are_read_so_far_and_no_further(
    scanner: Scanner, tmp_path: Path
) -> None:
    path = tmp_path / "endless.mp4"
    spoken = [
        (Moment(start_ms=number, end_ms=number + 1), f"line {number}")
        for number in range(LINES_MAX + 10)
    ]
    make_video(path, scene=8, seconds=3, fps=8, size=(90, 160), spoken=spoken)
    result = scanner.scan(path, caption="")
    assert isinstance(result, ScanResult), result
    assert [line.text for line in result.lines] == [words for _, words in spoken[:LINES_MAX]]


@pytest.mark.slow
def test_copies_among_the_sample_videos_are_found_and_others_are_not(sample_videos: Path) -> None:
    known = KnownContent()
    with Scanner(known=known, terms=TermList({}), limits=Limits(), require_sandbox=True) as scanner:
        remember(scanner, known, sample_videos / "chair-orig-22-sd-bar.mp4")
        remember(scanner, known, sample_videos / "pattern-hd-no-bar.mp4")
        found = {
            path.stem: {signal.detail for signal in signals(scanner, path)}
            for path in sample_videos.glob("*.mp4")
        }
    for name, details in found.items():
        scene = name.split("-")[0]
        if scene == "doorknob" or "large-logo" in name:  # a large logo hides a copy from PDQ
            assert details == set(), name
        else:
            assert [detail.split()[1].split("-")[0] for detail in details] == [scene], name
