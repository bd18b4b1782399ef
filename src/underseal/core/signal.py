"""A signal: what a detector says about a subject, with its score, version and position."""

from dataclasses import dataclass
from enum import StrEnum

from underseal.core.guideline import GuidelineId
from underseal.core.report import Moment


class Modality(StrEnum):
    """Where a detector looks; machine evidence is capped per modality."""

    IMAGE = "image"
    SOUND = "sound"
    TEXT = "text"
    KNOWN = "known"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One observation by a detector.

    `score` is in [0, 1] and uncalibrated; `weight` is the calibrated log-likelihood ratio in
    nats, or None while the detector is not calibrated for the guideline: it then counts nothing.
    `moment` is None for what concerns the whole subject. `verified` marks a match of known
    content that a human has verified.
    """

    detector: str
    detector_version: str
    modality: Modality
    guideline: GuidelineId
    score: float
    weight: float | None
    moment: Moment | None
    verified: bool = False
    detail: str = ""
