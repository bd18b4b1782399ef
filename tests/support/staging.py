"""What a stage is furnished with."""

from collections.abc import Mapping

from underseal.core.guideline import GuidelineId
from underseal.core.signal import Modality, Signal
from underseal.core.subject import SubjectKind, SubjectRef


def account(name: str) -> SubjectRef:
    return SubjectRef(kind=SubjectKind.ACCOUNT, external_id=name)


def signals(weights: Mapping[str, float], verified: bool) -> list[Signal]:
    return [
        Signal(
            detector="test",
            detector_version="1",
            modality=Modality.KNOWN if verified else Modality.IMAGE,
            guideline=GuidelineId(guideline),
            score=0.9,
            weight=weight,
            moment=None,
            verified=verified,
        )
        for guideline, weight in weights.items()
    ]
