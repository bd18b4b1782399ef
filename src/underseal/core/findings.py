"""What moderators have found on a version, as a shift of the log-odds."""

from collections.abc import Mapping, Sequence

from underseal.core.decision import Outcome
from underseal.core.evidence import CLEARED
from underseal.core.guideline import GuidelineId, Guidelines

FoundOnVersion = tuple[GuidelineId | None, Outcome]
"""A human decision on the version: the guideline that was broken, if one was, and the outcome."""


def human_shifts(
    findings: Sequence[FoundOnVersion], guidelines: Guidelines
) -> Mapping[GuidelineId, float]:
    """Return the shift for each guideline, in nats; empty while nobody has looked.

    Whoever looks at a version looks for everything: all guidelines but the broken ones count as
    cleared. A broken one is not shifted: what it calls for has been decided.
    """
    if not findings:
        return {}
    broken = {guideline for guideline, _ in findings if guideline is not None}
    return {each: 0.0 if each in broken else CLEARED for each in guidelines.by_id}
