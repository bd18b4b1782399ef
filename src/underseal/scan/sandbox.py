"""The walls around the process that decodes strangers' files.

Each wall is a layer that the kernel may refuse, for example in a container: it is then missing
from what these functions return, and whether the rest is enough is for the caller to say. Only the
decoder process imports this module.
"""

import ctypes
import mmap
import os
import resource
import signal
import struct
from typing import Final

from underseal.scan.limits import Layer, Limits

try:
    import pyseccomp
except (ImportError, RuntimeError):  # RuntimeError: the package is there, libseccomp is not
    pyseccomp = None

# From linux/prctl.h, linux/sched.h and linux/landlock.h; the system calls of Landlock have the same
# numbers on all machines.
_SET_PDEATHSIG: Final = 1
_SET_DUMPABLE: Final = 4
_SET_NO_NEW_PRIVS: Final = 38
_NEW_UTS_IPC_USER_NET: Final = 0x0400_0000 | 0x0800_0000 | 0x1000_0000 | 0x4000_0000
_CREATE_RULESET: Final = 444
_RESTRICT_SELF: Final = 446
_RULESET_VERSION: Final = 1

_LANDLOCK_RIGHTS: Final = ((13,), (14,), (15,), (15, 2), (16, 2), (16, 2, 2))
"""How many rights over files, TCP and other processes each version of Landlock can take away."""

OPEN_FILES_MAX: Final = 16

SYSTEM_CALLS: Final = (
    *("read", "pread64", "lseek", "close"),
    *("brk", "mmap", "munmap", "mremap", "mprotect", "madvise"),
    *("futex", "sched_yield", "clock_gettime", "gettimeofday", "getrandom"),
    *("rt_sigreturn", "rt_sigprocmask", "restart_syscall", "exit", "exit_group"),
)
"""Decoding in one thread needs no more, beside writing to its output; found by trying."""

_EXECUTABLE: Final = {"mmap": 2, "mprotect": 2}
"""Calls that can make memory executable, and which of their arguments says so."""

_libc: Final = ctypes.CDLL(None, use_errno=True)


def isolate() -> frozenset[Layer]:
    """Give up privileges, the network and what else the machine shares between processes.

    It must run while the process has one thread: before numpy is imported.
    """
    layers = set()
    if _prctl(_SET_NO_NEW_PRIVS, 1):
        layers.add(Layer.NO_NEW_PRIVILEGES)
    if _libc.unshare(_NEW_UTS_IPC_USER_NET) == 0:
        layers.add(Layer.NAMESPACES)
    _prctl(_SET_DUMPABLE, 0)
    return frozenset(layers)


def close_file_system() -> frozenset[Layer]:
    """Give up opening files, and TCP and signals to others where the kernel knows how."""
    version = _libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _RULESET_VERSION)
    if version < 1:
        return frozenset()
    rights = _LANDLOCK_RIGHTS[min(version, len(_LANDLOCK_RIGHTS)) - 1]
    ruleset = b"".join(struct.pack("=Q", (1 << count) - 1) for count in rights)
    descriptor = _libc.syscall(_CREATE_RULESET, ruleset, ctypes.c_size_t(len(ruleset)), 0)
    if descriptor < 0:
        return frozenset()
    restricted = _libc.syscall(_RESTRICT_SELF, descriptor, 0) == 0
    os.close(descriptor)
    return frozenset({Layer.LANDLOCK}) if restricted else frozenset()


def confine(limits: Limits, *, output: int, parent: int) -> frozenset[Layer]:
    """Leave this process nothing but computing, reading open files and writing to `output`.

    It ends when `parent` does.
    """
    layers = {Layer.RESOURCE_LIMITS}
    for kind, most in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, OPEN_FILES_MAX),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
    ):
        resource.setrlimit(kind, (most, most))
    # The second number would kill; the first names the cause of death, SIGXCPU.
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_s, limits.cpu_s + 1))
    if _prctl(_SET_PDEATHSIG, signal.SIGKILL):
        layers.add(Layer.DIES_WITH_PARENT)
    if os.getppid() != parent:  # it died before the line above
        os._exit(1)
    if pyseccomp is not None and _filter_system_calls(output):
        layers.add(Layer.SECCOMP)
    return frozenset(layers)


def _filter_system_calls(output: int) -> bool:
    calls = pyseccomp.SyscallFilter(pyseccomp.ERRNO(1))
    for name in SYSTEM_CALLS:
        not_executable = (
            [pyseccomp.Arg(_EXECUTABLE[name], pyseccomp.MASKED_EQ, mmap.PROT_EXEC, 0)]
            if name in _EXECUTABLE
            else []
        )
        calls.add_rule(pyseccomp.ALLOW, name, *not_executable)
    calls.add_rule(pyseccomp.ALLOW, "write", pyseccomp.Arg(0, pyseccomp.EQ, output))
    try:
        calls.load()
    except OSError:
        return False
    return True


def _prctl(option: int, value: int) -> bool:
    unused = ctypes.c_ulong(0)
    return bool(_libc.prctl(option, ctypes.c_ulong(value), unused, unused, unused) == 0)
