"""The scanner's side of the decoder processes: starts them, feeds them files, kills them.

A process is used again after a file, since the file was read by a child of it that is gone; one
that had to be stopped is not.
"""

import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from underseal.core.timed_text import LINES_MAX, TimedLine
from underseal.scan import wire
from underseal.scan.limits import FailureReason, Layer, SandboxMissingError, ScanFailedError
from underseal.scan.wire import ForgedRecordError, Job, Picture, Probe

START_S: Final = 60
"""How long a decoder process may take to start, on a machine that is busy. A limit of ours."""

STATUS_S: Final = 10
"""How long the end of a child may take to be reported once its pipe is closed. A limit of ours."""


class DecoderMissingError(Exception):
    """The decoder process could not be started."""


class _Process:
    """One decoder process."""

    def __init__(self) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        path = os.pathsep.join(str(Path(entry).absolute()) for entry in sys.path)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "underseal.scan.decoder"],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env={"PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1"},
                start_new_session=True,
            )
        self._control.settimeout(START_S)
        try:
            self.layers: Final = wire.unpack_layers(self._control.recv(wire.LAYERS_BYTES))
        except (OSError, ValueError):
            self.kill()
            raise DecoderMissingError("the decoder process did not start") from None
        self._control.settimeout(STATUS_S)

    def start(self, media: int, job: Job) -> socket.socket:
        """Have a child read the open file `media`, and return the pipe of its records."""
        ours, theirs = socket.socketpair()
        with theirs:
            socket.send_fds(self._control, [wire.pack_job(job)], [media, theirs.fileno()])
        return ours

    def finish(self) -> int:
        """Wait for the child to end, and return what `waitpid` said of it."""
        record = self._control.recv(wire.STATUS_BYTES)
        if not record:
            raise ConnectionResetError
        return wire.unpack_status(record)

    def kill(self) -> None:
        """End the process, and with it the child that reads a file."""
        self._control.close()
        self._process.kill()
        self._process.wait()


class _Records:
    """The records of one file, waited for as long as `wall_s` in all."""

    def __init__(self, pipe: socket.socket, wall_s: float) -> None:
        self._pipe = pipe
        self._left_s = wall_s

    def read(self, size_bytes: int) -> bytearray:
        """Return exactly that many bytes.

        Raises:
            TimeoutError: the time is up.
            EOFError: the child ended before.
        """
        found = bytearray(size_bytes)
        rest = memoryview(found)
        while rest:
            if self._left_s <= 0:
                raise TimeoutError
            waited_from = time.monotonic()
            self._pipe.settimeout(self._left_s)
            count = self._pipe.recv_into(rest)
            self._left_s -= time.monotonic() - waited_from
            if not count:
                raise EOFError
            rest = rest[count:]
        return found


class Decoders:
    """As many decoder processes as files are read at the same time, started when needed.

    `required` are the layers of the sandbox without which nothing is decoded.

    Raises:
        DecoderMissingError: the decoder process cannot be started.
        SandboxMissingError: the kernel refuses a required layer.
    """

    def __init__(self, required: frozenset[Layer]) -> None:
        first = _Process()
        self.layers: Final = first.layers
        self._idle = [first]
        self._is_closed = False
        if not required <= self.layers:
            self.close()
            raise SandboxMissingError(required - self.layers)

    def close(self) -> None:
        """End the processes that are idle, and have the others end after their file."""
        self._is_closed = True
        while self._idle:
            self._idle.pop().kill()

    def decode(self, media: int, job: Job, see: Callable[[Picture | TimedLine], None]) -> Probe:
        """Have the open file `media` read, and each sampled picture and line of subtitles seen.

        Raises:
            ScanFailedError: the file cannot be scanned.
        """
        _check_file(media, job)
        process = self._take()
        is_spent = True
        try:
            with process.start(media, job) as pipe:
                end = _pass_on(_Records(pipe, job.limits.wall_s), job, see)
            cause = _cause(process.finish())
            is_spent = False
        except TimeoutError:
            raise ScanFailedError(FailureReason.TIMED_OUT) from None
        except (OSError, ForgedRecordError):
            raise ScanFailedError(FailureReason.CRASHED) from None
        finally:
            if is_spent or self._is_closed:
                process.kill()
            else:
                self._idle.append(process)
        match end:
            case Probe() if cause is None:
                return end
            case FailureReason():
                raise ScanFailedError(end)
            case _:
                raise ScanFailedError(cause or FailureReason.CRASHED)

    def _take(self) -> _Process:
        try:
            return self._idle.pop()
        except IndexError:
            pass
        try:
            process = _Process()
        except DecoderMissingError:
            raise ScanFailedError(FailureReason.SANDBOX) from None
        if process.layers != self.layers:
            process.kill()
            raise ScanFailedError(FailureReason.SANDBOX)
        return process


def _pass_on(
    records: _Records, job: Job, see: Callable[[Picture | TimedLine], None]
) -> Probe | FailureReason | None:
    """Have the records seen, and return how their stream ended; None if it broke off."""
    shown_ms = {True: -1, False: -1}
    pictures = lines = 0
    try:
        while pictures < job.limits.pictures:
            record = wire.receive(records.read)
            if isinstance(record, Probe):
                return record
            if isinstance(record, TimedLine):
                lines += 1
                if lines > LINES_MAX or record.moment.end_ms > job.limits.duration_ms:
                    raise ForgedRecordError("a line too many, or after the end")
            else:
                pictures += 1
                if not shown_ms[record.is_grey] < record.at_ms <= job.limits.duration_ms:
                    raise ForgedRecordError("a picture before its predecessor or after the end")
                shown_ms[record.is_grey] = record.at_ms
            see(record)
    except ScanFailedError as failed:
        return failed.reason
    except EOFError:
        return None
    return FailureReason.TOO_LONG


def _cause(status: int) -> FailureReason | None:
    """Return what a child died of, None if it ended by itself."""
    if not os.WIFSIGNALED(status):
        return None if status == 0 else FailureReason.CRASHED
    match os.WTERMSIG(status):
        case signal.SIGXCPU:
            return FailureReason.TIMED_OUT
        case signal.SIGKILL:  # the kernel's way when all memory is used up; ours ends the process
            return FailureReason.OUT_OF_MEMORY
        case _:
            return FailureReason.CRASHED


def _check_file(media: int, job: Job) -> None:
    status = os.fstat(media)
    if not stat.S_ISREG(status.st_mode) or not status.st_size:
        raise ScanFailedError(FailureReason.UNREADABLE)
    if status.st_size > job.limits.file_bytes:
        raise ScanFailedError(FailureReason.TOO_LARGE)
