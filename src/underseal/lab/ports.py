"""Ports for servers that are started in a moment, and started again after they were killed."""

import socket
from random import SystemRandom
from typing import Final

RANGE: Final = range(10_000, 32_768)
"""Below those that outgoing connections get: such a one could take the port before its server."""


def free_ports(count: int) -> list[int]:
    """Return ports of 127.0.0.1, none twice, on which nobody listens."""
    return [port for port in SystemRandom().sample(RANGE, count + 100) if _is_free(port)][:count]


def free_port() -> int:
    """Return a port of 127.0.0.1 on which nobody listens."""
    return free_ports(1)[0]


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
