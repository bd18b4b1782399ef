"""The scan: one call for one file, from an open descriptor to signals.

Pictures come from the sandboxed decoder one by one and are looked at here: hashed and searched for
among the known content, read and searched for terms.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Self

from underseal.core.guideline import GuidelineId
from underseal.core.signal import Signal
from underseal.core.timed_text import TimedLine, bounded
from underseal.scan.decoding import Decoders
from underseal.scan.frames import FINGERPRINT, Sampling
from underseal.scan.known import VERIFIED_WEIGHT, KnownContent
from underseal.scan.limits import REQUIRED_LAYERS, FailureReason, Layer, Limits, ScanFailedError
from underseal.scan.lines import screen_lines
from underseal.scan.pdq import FrameHash, Pdq, hash_picture, thinned
from underseal.scan.strip import Strip, StripMaker
from underseal.scan.text import (
    ScreenText,
    TermList,
    caption_signals,
    screen_signals,
    transcript_signals,
)
from underseal.scan.wire import Job, Picture, Probe

if TYPE_CHECKING:
    from underseal.scan.onscreen import OnScreenReader

SCANNER_VERSION: Final = "1"
"""Changes whenever the same file could give other signals, so that subjects are scanned again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanResult:
    """What a scan found in a file.

    `lines` are what was read on the screen, and the subtitles in the file; `hashes` are those of the
    sampled frames, in order; `strip` shows some of them, if there were any; `sandbox_layers` stood
    around the decoder.
    """

    signals: tuple[Signal, ...]
    lines: tuple[TimedLine, ...]
    hashes: tuple[FrameHash, ...]
    strip: Strip | None
    probe: Probe
    sandbox_layers: frozenset[Layer]
    scanner_version: str = SCANNER_VERSION


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanFailed:
    """A file could not be scanned, so a human has to look at it."""

    reason: FailureReason


class Scanner:
    """Scans files, as many at the same time as threads ask it to. Close it in the end.

    Args:
        known: what was judged before; it may grow while the scanner runs, or be replaced.
        terms: the words of the guidelines; without any, no on-screen text is read.
        limits: what one file may take.
        require_sandbox: refuse to start where the kernel lacks `REQUIRED_LAYERS`.
        verified_weight: evidence of a match with verified known content, in nats.
        term_weights: evidence of a term, in nats, for guidelines for which it was calibrated.

    Raises:
        DecoderMissingError: the decoder process cannot be started.
        SandboxMissingError: the kernel refuses a required layer.
    """

    def __init__(
        self,
        *,
        known: KnownContent,
        terms: TermList,
        limits: Limits,
        require_sandbox: bool,
        verified_weight: float = VERIFIED_WEIGHT,
        term_weights: Mapping[GuidelineId, float] = MappingProxyType({}),
    ) -> None:
        self._known = known
        self._terms = terms
        self._limits = limits
        self._verified_weight = verified_weight
        self._term_weights = term_weights
        self._reader = _open_reader() if terms else None
        self._sampling = Sampling() if terms else Sampling(texts_share=0)
        self._decoders = Decoders(REQUIRED_LAYERS if require_sandbox else frozenset())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the decoder processes."""
        self._decoders.close()

    def know(self, known: KnownContent) -> None:
        """Search in other known content from now on; a scan under way ends with either."""
        self._known = known

    def scan(
        self, media: int | Path, *, caption: str, captions: Sequence[TimedLine] = ()
    ) -> ScanResult | ScanFailed:
        """Scan a file, given as an open descriptor or a path, with its texts. It blocks.

        Nothing in the file makes this raise; a path that cannot be opened does.

        Args:
            media: the file.
            caption: what its creator writes beside it.
            captions: what is said in it, as the platform has sent it.
        """
        hashes: list[FrameHash] = []
        texts: list[ScreenText] = []
        subtitles: list[TimedLine] = []
        strip = StripMaker()

        def see(picture: Picture | TimedLine) -> None:
            if isinstance(picture, TimedLine):
                subtitles.append(picture)
            elif picture.is_grey:
                hashes.append(hash_picture(picture))
                strip.see(picture)
            elif self._reader is not None:
                texts.append(_read(self._reader, picture))

        try:
            probe = self._decode(media, self._sampling, see)
        except ScanFailedError as failed:
            return ScanFailed(reason=failed.reason)
        matches = self._known.search(hashes, probe.duration_ms)
        spoken = bounded(subtitles)
        return ScanResult(
            signals=(
                *(signal for match in matches for signal in match.signals(self._verified_weight)),
                *caption_signals(self._terms, caption, self._term_weights),
                *screen_signals(self._terms, texts, probe.duration_ms, self._term_weights),
                *transcript_signals(self._terms, (*spoken, *captions), self._term_weights),
            ),
            lines=(*screen_lines(texts, probe.duration_ms), *spoken),
            hashes=tuple(hashes),
            strip=strip.make(probe),
            probe=probe,
            sandbox_layers=self._decoders.layers,
        )

    def fingerprint(self, media: int | Path) -> tuple[Pdq, ...] | ScanFailed:
        """Return the hashes of a file from which a `KnownItem` is made, so that copies are found.

        It looks at every frame, at several times the cost of a scan.
        """
        hashes: list[FrameHash] = []

        def see(picture: Picture | TimedLine) -> None:
            if isinstance(picture, Picture):
                hashes.append(hash_picture(picture))

        try:
            self._decode(media, FINGERPRINT, see)
        except ScanFailedError as failed:
            return ScanFailed(reason=failed.reason)
        return tuple(pdq for frame in thinned(hashes) for pdq in frame.upright)

    def _decode(
        self, media: int | Path, sampling: Sampling, see: Callable[[Picture | TimedLine], None]
    ) -> Probe:
        job = Job(limits=self._limits, sampling=sampling)
        if isinstance(media, int):
            return self._decoders.decode(media, job, see)
        with media.open("rb") as file:
            return self._decoders.decode(file.fileno(), job, see)


def _read(reader: "OnScreenReader", picture: Picture) -> ScreenText:
    lines = reader.read(picture)
    return ScreenText(
        at_ms=picture.at_ms,
        text="\n".join(line.text for line in lines),
        confidence=fmean(line.confidence for line in lines) if lines else 0,
    )


def _open_reader() -> "OnScreenReader":
    # Imported late: it takes most of a second, and a web process, which never scans, would wait.
    from underseal.scan.onscreen import OnScreenReader  # noqa: PLC0415 - see above

    return OnScreenReader()
