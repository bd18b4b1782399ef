"""Machine evidence: what detectors of each kind say together, in nats of log-odds.

Of each detector the strongest signal counts; those of one modality share a cap, for they look at
the same and are wrong together.
"""

import math
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from underseal.core.signal import Modality, Signal

MODALITY_CAP: Final[Mapping[Modality, float]] = MappingProxyType(
    {
        Modality.IMAGE: math.log(1_000),
        Modality.SOUND: math.log(1_000),
        Modality.TEXT: math.log(1_000),
        Modality.KNOWN: math.log(1_000_000),
    }
)
"""The most, in nats, that detectors of one modality together can say, for or against. Settings:
what no human has labelled a thousand times cannot be known to a thousandth."""


def machine_evidence(signals: Iterable[Signal]) -> Mapping[Modality, float]:
    """Return what the signals say, in nats, by modality; nothing for one without any weight."""
    strongest: dict[tuple[Modality, str], float] = {}
    for signal in signals:
        if signal.weight is None or math.isnan(signal.weight):
            continue
        key = signal.modality, signal.detector
        strongest[key] = max(signal.weight, strongest.get(key, -math.inf))
    return {
        modality: _capped(weights, MODALITY_CAP[modality])
        for modality in Modality
        if (weights := [each for (of, _), each in strongest.items() if of is modality])
    }


def _capped(weights: Iterable[float], cap: float) -> float:
    total = math.fsum(max(-cap, min(weight, cap)) for weight in weights)
    return max(-cap, min(total, cap))
