import json
import subprocess
import sys
from pathlib import Path
from socket import create_server

import pytest

from underseal.scan.limits import Layer

PROBE = """
import ctypes, json, mmap, os, signal, socket, sys, threading
from underseal.scan import sandbox
from underseal.scan.limits import Limits, MIB

media, port = sys.argv[1], int(sys.argv[2])

def refusals(attempts):
    outcomes = {}
    for name, attempt in attempts.items():
        try:
            attempt()
            outcomes[name] = "done"
        except (OSError, MemoryError, RuntimeError) as refused:
            outcomes[name] = type(refused).__name__
    return outcomes

def connect():
    with socket.socket() as attacker:
        attacker.connect(("127.0.0.1", port))

def trace():
    if ctypes.CDLL(None).ptrace(16, os.getppid(), 0, 0) < 0:
        raise PermissionError

layers = sandbox.isolate()
readable, writable = os.open(media, os.O_RDONLY), os.open(media, os.O_RDWR)
layers |= sandbox.close_file_system()
outer = refusals({
    "read another file": lambda: os.open("/etc/hostname", os.O_RDONLY),
    "connect to this machine": connect,
})
parent = os.getpid()
reading, writing = os.pipe()
_, other = os.pipe()
if os.fork() == 0:
    layers |= sandbox.confine(Limits(memory_bytes=512 * MIB, cpu_s=1), output=writing, parent=parent)
    inner = refusals({
        "read another file": lambda: os.open("/etc/hostname", os.O_RDONLY),
        "create a file": lambda: os.open("/tmp/escaped", os.O_CREAT | os.O_WRONLY),
        "write to the media": lambda: os.write(writable, b"changed"),
        "write to another pipe": lambda: os.write(other, b"hello"),
        "list a folder": lambda: os.listdir("/"),
        "delete the media": lambda: os.unlink(media),
        "open a socket": socket.socket,
        "start a process": lambda: os.fork() or os._exit(0),
        "start a program": lambda: os.execv("/bin/true", ["true"]),
        "start a thread": threading.Thread(target=print).start,
        "signal its parent": lambda: os.kill(parent, 0),
        "trace its parent": trace,
        "take a gigabyte": lambda: bytearray(1024 * MIB),
        "make code": lambda: mmap.mmap(-1, 4096, prot=mmap.PROT_WRITE | mmap.PROT_EXEC),
        "read the media": lambda: os.pread(readable, 5, 0),
    })
    os.write(writing, json.dumps([sorted(layers), outer, inner]).encode())
    while "burn" in sys.argv:
        pass
    os._exit(0)
os.close(writing)
report = json.loads(os.read(reading, 1 << 20))
_, status = os.wait()
ending = signal.Signals(os.WTERMSIG(status)).name if os.WIFSIGNALED(status) else "exit"
print(json.dumps([*report, ending]))
"""


@pytest.fixture
def media(tmp_path: Path) -> Path:
    path = tmp_path / "media"
    path.write_bytes(b"media")
    return path


def probe(media: Path, port: int, *arguments: str) -> tuple[list[str], dict, dict, str]:
    """Enter the sandbox as the decoder does, and return its layers and what it refused."""
    run = subprocess.run(
        [sys.executable, "-c", PROBE, str(media), str(port), *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    layers, outer, inner, ending = json.loads(run.stdout)
    return layers, outer, inner, ending


def test_nothing_can_be_done_inside_but_reading_the_media_and_answering(media: Path) -> None:
    with create_server(("127.0.0.1", 0)) as server:
        layers, outer, inner, ending = probe(media, server.getsockname()[1])
    assert layers == sorted(Layer)
    assert set(outer.values()).isdisjoint({"done"}), outer
    assert inner.pop("read the media") == "done"
    assert set(inner.values()).isdisjoint({"done"}), inner
    assert ending == "exit"
    assert media.read_bytes() == b"media"


@pytest.mark.slow
def test_a_process_that_computes_for_too_long_is_stopped_by_the_kernel(media: Path) -> None:
    assert probe(media, 1, "burn")[-1] == "SIGXCPU"


def test_a_layer_that_the_machine_lacks_is_missing_from_the_report(media: Path) -> None:
    without_libseccomp = "import sys; sys.modules['pyseccomp'] = None\n"
    script = f"{without_libseccomp}{PROBE}"
    run = subprocess.run(
        [sys.executable, "-c", script, str(media), "1"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    layers, outer, inner, _ = json.loads(run.stdout)
    assert sorted(set(Layer) - set(layers)) == [Layer.SECCOMP]
    assert "done" not in outer.values()
    assert inner["read another file"] == "PermissionError"
    assert inner["write to the media"] == "OSError"
    assert inner["take a gigabyte"] == "MemoryError"


REFUSING = """
import pyseccomp, sys
calls = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
for call in ("unshare", "landlock_create_ruleset"):
    calls.add_rule(pyseccomp.ERRNO(1), call)
calls.load()

from underseal.scan.decoding import Decoders
from underseal.scan.limits import REQUIRED_LAYERS, SandboxMissingError
try:
    Decoders(REQUIRED_LAYERS)
except SandboxMissingError as refused:
    print(*refused.missing)
decoders = Decoders(frozenset())
print(*sorted(decoders.layers))
decoders.close()
"""


def test_without_namespaces_the_scanner_refuses_to_start_unless_told_otherwise() -> None:
    """The kernel is made to refuse as it does in many containers."""
    run = subprocess.run(
        [sys.executable, "-c", REFUSING], capture_output=True, text=True, timeout=60, check=True
    )
    missing, there = run.stdout.splitlines()
    assert missing == Layer.NAMESPACES
    assert there.split() == sorted(set(Layer) - {Layer.NAMESPACES, Layer.LANDLOCK})
