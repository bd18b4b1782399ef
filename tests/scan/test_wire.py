import contextlib
import os
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from underseal.core.report import MOMENT_MS_MAX, Moment
from underseal.core.timed_text import LINE_CHARS_MAX, TextSource, TimedLine
from underseal.scan import wire
from underseal.scan.frames import FINGERPRINT, GRID, Sampling
from underseal.scan.limits import FailureReason, Layer, Limits, ScanFailedError
from underseal.scan.wire import (
    COLOUR_SIDE_MAX,
    GREY_SIDE,
    ForgedRecordError,
    Job,
    Picture,
    Probe,
    VideoCodec,
)

HEADER_BYTES = wire._HEADER.size

sides = st.integers(GRID, 80)
shapes = st.one_of(st.just((GREY_SIDE, GREY_SIDE)), st.tuples(sides, sides, st.just(3)))
probes = st.builds(
    Probe,
    codec=st.sampled_from(VideoCodec),
    width=st.integers(1, 0xFFFF),
    height=st.integers(1, 0xFFFF),
    duration_ms=st.integers(0, 21_599_999),
    has_sound=st.booleans(),
)


def reader(content: bytes) -> Callable[[int], bytearray]:
    """Return what reads `content` bit by bit."""
    rest = bytearray(content)

    def read(size_bytes: int) -> bytearray:
        if len(rest) < size_bytes:
            raise EOFError
        found = rest[:size_bytes]
        del rest[:size_bytes]
        return found

    return read


def sent(send: Callable[[int], None]) -> bytes:
    with os.fdopen(os.memfd_create("pipe"), "rb") as pipe:
        send(pipe.fileno())
        pipe.seek(0)
        return pipe.read()


@given(shapes.flatmap(lambda shape: arrays(np.uint8, shape)), st.integers(0, 21_599_999))
def test_a_picture_arrives_as_it_was_sent(pixels: np.ndarray, at_ms: int) -> None:
    picture = Picture(at_ms=at_ms, pixels=pixels)
    received = wire.receive(reader(sent(lambda pipe: wire.send_picture(pipe, picture))))
    assert isinstance(received, Picture)
    assert received.at_ms == at_ms
    assert received.is_grey == (pixels.ndim == 2)
    assert (received.pixels == pixels).all()


@given(st.text(max_size=LINE_CHARS_MAX), st.integers(0, MOMENT_MS_MAX - 1), st.integers(1, 5000))
def test_a_line_arrives_as_it_was_sent(text: str, start_ms: int, length_ms: int) -> None:
    moment = Moment(start_ms=start_ms, end_ms=min(MOMENT_MS_MAX, start_ms + length_ms))
    line = TimedLine(source=TextSource.FILE, moment=moment, text=text)
    assert wire.receive(reader(sent(lambda pipe: wire.send_line(pipe, line)))) == line


@pytest.mark.parametrize(
    ("size_bytes", "end_ms", "text"),
    [
        (1, 1000, b"x"),  # it ends where it starts
        (1, MOMENT_MS_MAX + 1, b"x"),
        (1, -1, b"x"),
        (1, 2000, b"\xff"),
        (wire.LINE_BYTES_MAX + 1, 2000, b"x" * (wire.LINE_BYTES_MAX + 1)),
    ],
)
def test_a_line_that_cannot_be_is_refused(size_bytes: int, end_ms: int, text: bytes) -> None:
    header = wire._HEADER.pack(wire._Kind.LINE, 0, size_bytes, 0, 1000)
    with pytest.raises(ForgedRecordError):
        wire.receive(reader(header + wire._END_MS.pack(end_ms) + text))


@given(probes)
def test_a_probe_arrives_as_it_was_sent(probe: Probe) -> None:
    assert wire.receive(reader(sent(lambda pipe: wire.send_end(pipe, probe)))) == probe


@pytest.mark.parametrize("reason", FailureReason)
def test_a_failure_arrives_as_it_was_sent(reason: FailureReason) -> None:
    record = sent(lambda pipe: wire.send_failure(pipe, reason))
    with pytest.raises(ScanFailedError) as failed:
        wire.receive(reader(record))
    assert failed.value.reason is reason


@given(st.sets(st.sampled_from(Layer)))
def test_layers_arrive_as_they_were_sent(layers: set[Layer]) -> None:
    assert wire.unpack_layers(wire.pack_layers(frozenset(layers))) == layers


@pytest.mark.parametrize("sampling", [Sampling(), FINGERPRINT])
def test_a_job_arrives_as_it_was_sent(sampling: Sampling) -> None:
    job = Job(limits=replace(Limits(), wall_s=0.25, frames=7), sampling=sampling)
    assert wire.unpack_job(wire.pack_job(job)) == job


@given(st.binary(min_size=HEADER_BYTES, max_size=HEADER_BYTES))
def test_whatever_a_decoder_sends_is_a_record_or_refused(header: bytes) -> None:
    def read(size_bytes: int) -> bytearray:
        assert size_bytes <= 3 * COLOUR_SIDE_MAX**2
        return bytearray(header if size_bytes == HEADER_BYTES else size_bytes)

    with contextlib.suppress(ForgedRecordError, ScanFailedError):
        record = wire.receive(read)
        if isinstance(record, Picture) and record.is_grey:
            assert record.pixels.shape == (GREY_SIDE, GREY_SIDE)
        elif isinstance(record, Picture):
            assert min(record.pixels.shape[:2]) >= GRID
            assert max(record.pixels.shape[:2]) <= COLOUR_SIDE_MAX


@pytest.mark.parametrize(
    "picture",
    [
        Picture(at_ms=0, pixels=np.zeros((GREY_SIDE, GREY_SIDE - 1), np.uint8)),
        Picture(at_ms=0, pixels=np.zeros((GRID, COLOUR_SIDE_MAX + 1, 3), np.uint8)),
        Picture(at_ms=0, pixels=np.zeros((GRID - 1, GRID, 3), np.uint8)),
        Picture(at_ms=21_600_000, pixels=np.zeros((GREY_SIDE, GREY_SIDE), np.uint8)),
        Picture(at_ms=-1, pixels=np.zeros((GREY_SIDE, GREY_SIDE), np.uint8)),
    ],
)
def test_a_picture_that_was_not_asked_for_is_refused(picture: Picture) -> None:
    record = sent(lambda pipe: wire.send_picture(pipe, picture))
    with pytest.raises(ForgedRecordError):
        wire.receive(reader(record))
