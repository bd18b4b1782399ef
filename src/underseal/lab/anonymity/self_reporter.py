"""The self-reporter: reports their own video by an account of theirs, and waits for what follows.

They know who watched, how readily people report, and how many voices it takes. Their receipts and
the video change together, so all there is to learn is whether anything was done.
"""

from typing import Final

from underseal.lab.anonymity.timed_creator import VOICES

EVEN: Final = 0.5
"""Above this probability the self-reporter says that somebody else has reported."""


def suspect_blindly(others: int, readiness: float) -> float:
    """Return how probable it is that any of the `others` who watched has reported.

    `readiness` is how probable it is of each.
    """
    return float(1 - (1 - readiness) ** others)


def suspect_somebody(
    others: int, readiness: float, own_voices: int, *, was_acted_on: bool
) -> float:
    """Return how probable it is once it is known whether `VOICES` voices were there.

    All accounts of the self-reporter are one voice, or none if they did not report.
    """
    if was_acted_on:
        return 1.0
    nobody = (1 - readiness) ** others
    too_few = 0.0
    if own_voices + 1 < VOICES:
        too_few = others * readiness * (1 - readiness) ** (others - 1)
    return float(too_few / (too_few + nobody))
