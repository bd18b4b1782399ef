"""Whether the clock goes on as time does, or has been moved while the process runs."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Self

MOVED_MAX: Final = timedelta(minutes=5)
"""So much may a clock be set right without anybody being asked. A setting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SteadyClock:
    """A clock beside seconds that nobody can set; `began_at` and `began_s` are one moment of both."""

    clock: Callable[[], datetime]
    steady_s: Callable[[], float]
    began_at: datetime
    began_s: float

    @classmethod
    def begin(cls, clock: Callable[[], datetime], steady_s: Callable[[], float]) -> Self:
        """Take both to be right now."""
        return cls(clock=clock, steady_s=steady_s, began_at=clock(), began_s=steady_s())

    def moved(self) -> timedelta:
        """Return how far the clock has been put ahead, or if negative back."""
        return self.clock() - self.began_at - timedelta(seconds=self.steady_s() - self.began_s)

    def is_believed(self) -> bool:
        """Whether the clock has not been moved, or only by little."""
        return abs(self.moved()) <= MOVED_MAX
