"""What a scan may cost, what stands around it, and the ways in which it fails."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from underseal.core.report import MOMENT_MS_MAX

MIB: Final = 1024**2
GIB: Final = 1024**3


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The most that one file may take. The defaults are settings.

    Attributes:
        cpu_s: CPU seconds of the decoder process, enforced by the kernel.
        wall_s: seconds that the scanner waits for the decoder process, all told.
        memory_bytes: address space of the decoder process, code included.
        file_bytes: size of the file.
        duration_ms: length of the video, declared or played.
        frames: encoded frames in the file.
        pixels: width times height of a frame; the default is 4K, upright or lying.
        pictures: pictures that the decoder process may hand over.

    Raises:
        ValueError: `duration_ms` is longer than positions in a video can be.
    """

    cpu_s: int = 120
    wall_s: float = 300
    memory_bytes: int = GIB
    file_bytes: int = GIB
    duration_ms: int = 10 * 60 * 1000
    frames: int = 60_000
    pixels: int = 4096 * 2304
    pictures: int = 20_000

    def __post_init__(self) -> None:
        if self.duration_ms >= MOMENT_MS_MAX:
            raise ValueError(f"no video plays for {MOMENT_MS_MAX} ms")


class Layer(StrEnum):
    """A wall around the decoder process."""

    NO_NEW_PRIVILEGES = "no_new_privileges"
    NAMESPACES = "namespaces"
    LANDLOCK = "landlock"
    RESOURCE_LIMITS = "resource_limits"
    DIES_WITH_PARENT = "dies_with_parent"
    SECCOMP = "seccomp"


REQUIRED_LAYERS: Final = frozenset({Layer.NAMESPACES, Layer.SECCOMP})
"""Without a network of its own and without a filter of system calls, a decoder that is taken over
could reach out: an operator may refuse to scan then."""


class FailureReason(StrEnum):
    """Why a file could not be scanned. Each leads to a human look, never to a pass."""

    UNREADABLE = "unreadable"
    TRUNCATED = "truncated"
    TOO_LONG = "too_long"
    TOO_LARGE = "too_large"
    TIMED_OUT = "timed_out"
    OUT_OF_MEMORY = "out_of_memory"
    NO_VIDEO = "no_video"
    SANDBOX = "sandbox"
    CRASHED = "crashed"


class ScanFailedError(Exception):
    """The file could not be scanned."""

    def __init__(self, reason: FailureReason) -> None:
        super().__init__(reason)
        self.reason = reason


class SandboxMissingError(Exception):
    """The kernel refuses layers of the sandbox that the operator requires."""

    def __init__(self, missing: frozenset[Layer]) -> None:
        super().__init__(f"the sandbox lacks {', '.join(sorted(missing))}")
        self.missing = missing
