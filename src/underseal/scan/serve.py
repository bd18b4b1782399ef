"""Serving files in the decoder process: one fork each.

The process warms up once and never looks at a file itself. Each file gets a child, which confines
itself, reads the file and dies; so no file meets what another one has left behind. Only the decoder
process imports this module.
"""

import os
import socket
from collections.abc import Callable
from functools import partial
from typing import Final

from underseal.scan import wire
from underseal.scan.extract import Source, extract, warm_up
from underseal.scan.limits import FailureReason, Layer, Limits
from underseal.scan.sandbox import close_file_system, confine

CONTROL: Final = 0
"""The descriptor of the socket to the scanner."""


def serve(layers: frozenset[Layer]) -> None:
    """Tell the scanner which layers surround each file, then serve files until it hangs up."""
    control = socket.socket(fileno=CONTROL)
    parent = os.getpid()
    warm_up()
    layers |= close_file_system()
    promised = _rehearse(parent)
    control.send(wire.pack_layers(layers | promised))
    while True:
        record, descriptors, _, _ = socket.recv_fds(control, wire.JOB_BYTES, 2)
        if not record:
            return
        media, output = descriptors
        job = wire.unpack_job(record)
        status = _in_child(partial(_decode, media, job, output, parent, promised))
        os.close(media)
        os.close(output)
        control.send(wire.pack_status(status))


def _decode(
    media: int, job: wire.Job, output: int, parent: int, promised: frozenset[Layer]
) -> None:
    os.close(CONTROL)
    source = Source(media)  # asks for its size, which is forbidden from here on
    if confine(job.limits, output=output, parent=parent) == promised:
        extract(source, job, output)
    else:
        wire.send_failure(output, FailureReason.SANDBOX)


def _rehearse(parent: int) -> frozenset[Layer]:
    """Return the layers that a child can put around itself."""
    reading, writing = os.pipe()

    def report() -> None:
        os.write(writing, wire.pack_layers(confine(Limits(), output=writing, parent=parent)))

    _in_child(report)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        return wire.unpack_layers(pipe.read() or wire.pack_layers(frozenset()))


def _in_child(work: Callable[[], None]) -> int:
    """Do `work` in a child process, and return what `waitpid` says of its end."""
    child = os.fork()
    if child == 0:
        code = os.EX_SOFTWARE
        try:
            work()
            code = os.EX_OK
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    return status
