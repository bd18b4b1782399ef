"""How long somebody waits after wrong tries to sign in: longer each time, and never for long.

A lock that grows without end would let anybody lock a colleague out. What limits guessing here is
the rate: a few free tries, then one in five minutes, 288 a day. Source: NIST SP 800-63B-4, 3.2.2;
OWASP Authentication Cheat Sheet, "Account Lockout".
"""

from datetime import datetime, timedelta
from typing import Final

FREE_TRIES: Final = 5
SHORTEST: Final = timedelta(seconds=15)
LONGEST: Final = timedelta(minutes=5)
"""Settings."""

FORGOTTEN: Final = timedelta(days=1)
"""After a day without a try, wrong ones are forgotten. A setting."""

_DOUBLINGS: Final = 5
"""Enough to get from `SHORTEST` to `LONGEST`."""


class LockedOutError(Exception):
    """There were too many wrong tries; the next is taken at `until`."""

    def __init__(self, until: datetime) -> None:
        super().__init__("there were too many wrong tries")
        self.until = until


def next_try_at(failures: int, last: datetime) -> datetime:
    """Return when the next try is taken after so many wrong ones, the last at `last`."""
    beyond = failures - FREE_TRIES
    if beyond < 0:
        return last
    factor: int = 2 ** min(beyond, _DOUBLINGS)
    return last + min(SHORTEST * factor, LONGEST)
