"""Assessments as tests of what follows from them want them."""

from pathlib import Path

from underseal.core.evidence import Assessment, Backing, Term
from underseal.core.guideline import GuidelineId
from underseal.core.guideline_file import parse

JUDGEMENT = Path(__file__).parent.with_name("core") / "judgement.toml"
GUIDELINES = parse(JUDGEMENT.read_text(), JUDGEMENT.name)
GRAVE, ORDINARY, OTHER = map(GuidelineId, ("threat", "praise", "nudity"))


def assessment(nats: float = -1.0, about: GuidelineId = ORDINARY, **changes) -> Assessment:
    """An assessment that two new voices brought to `nats`."""
    values = {
        "guideline": about,
        "log_odds": nats,
        "terms": (Term(name="base rate", nats=nats - 1), Term(name="unproven voices", nats=1.0)),
        "machine": 0.0,
        "voices_proven": 0,
        "voices_unproven": 2,
        "unreported": nats - 1,
        "backing": Backing(unproven_nats=1.0, unproven=2),
        "consenting": Backing(),
        "is_reported": True,
        "has_notice": False,
        "has_flagged_notice": False,
        "is_known": False,
        "is_looked_at": False,
    }
    return Assessment(**{**values, **changes})
