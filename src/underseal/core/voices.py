"""Voices: the reporters of one subject after colluding ones are merged.

The strongest member of a group speaks for it, and everybody without an account is one voice:
nothing tells them apart.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from underseal.core.report import Pseudonym


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """One reporter, and what their report says in nats; without an account, one report."""

    pseudonym: Pseudonym | None
    weight: float
    proven: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """What `members` reporters say together: as much as the strongest of them, in nats."""

    members: int
    weight: float
    proven: bool


def group_of(groups: Sequence[frozenset[Pseudonym]]) -> dict[Pseudonym, int]:
    """Return which group each member belongs to, by its index."""
    return {member: index for index, group in enumerate(groups) for member in group}


def voices(speakers: Iterable[Speaker], groups: Mapping[Pseudonym, int]) -> tuple[Voice, ...]:
    """Return the voices of `speakers`, the strongest first; a reporter speaks at most once."""
    heard: dict[Pseudonym | int | None, tuple[int, float, bool]] = {}
    for speaker in speakers:
        key = (
            None if speaker.pseudonym is None else groups.get(speaker.pseudonym, speaker.pseudonym)
        )
        members, weight, proven = heard.get(key, (0, 0.0, False))
        strongest = max((weight, proven), (speaker.weight, speaker.proven))
        heard[key] = (members + 1, *strongest)
    return tuple(
        Voice(members=members, weight=weight, proven=proven)
        for members, weight, proven in sorted(heard.values(), key=_strength, reverse=True)
    )


def _strength(voice: tuple[int, float, bool]) -> tuple[float, bool, int]:
    members, weight, proven = voice
    return weight, proven, members
