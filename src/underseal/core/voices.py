"""Voices: the reporters of one subject after colluding ones are merged.

A group is one voice, and says what its strongest member says. Where some of it are proven and some
are not, the strongest of either speak, each within what all of their kind may add: if only one did,
the report of the other could take away what was said before. Everybody without an account is one
voice too: nothing tells them apart.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from underseal.core.guideline import GuidelineId
from underseal.core.report import Pseudonym

Reporter = Pseudonym | None
"""Who has reported; everybody without an account is the one `None`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Voices:
    """Who speaks: each of the `proven` and of the `unproven`, and the groups.

    `groups` has the proven and the other members of each; `named`, by guideline, who named it.
    """

    named: Mapping[GuidelineId, frozenset[Reporter]]
    proven: frozenset[Reporter]
    unproven: frozenset[Reporter]
    groups: tuple[tuple[frozenset[Pseudonym], frozenset[Pseudonym]], ...]


def voices(
    named: Mapping[GuidelineId, frozenset[Reporter]],
    groups: Iterable[frozenset[Pseudonym]],
    proven: frozenset[Pseudonym],
) -> Voices:
    """Return the voices of those who reported; no two of the `groups` have a member in common.

    Of a group those are left who reported, and who did so alone speaks alone.
    """
    reporters: frozenset[Reporter] = frozenset().union(*named.values())
    present = (group & reporters for group in groups)
    together = tuple(members for members in present if len(members) > 1)
    alone = reporters.difference(*together)
    return Voices(
        named=named,
        proven=alone & proven,
        unproven=alone - proven,
        groups=tuple((members & proven, members - proven) for members in together),
    )
