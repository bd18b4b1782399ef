import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from underseal.core.guideline import GuidelineId
from underseal.core.machine_evidence import MODALITY_CAP, machine_evidence
from underseal.core.signal import Modality, Signal


def signal(
    weight: float | None, detector: str = "one", modality: Modality = Modality.IMAGE
) -> Signal:
    return Signal(
        detector=detector,
        detector_version="1",
        modality=modality,
        guideline=GuidelineId("spam"),
        score=0.5,
        weight=weight,
        moment=None,
    )


def test_a_detector_says_what_its_strongest_signal_says() -> None:
    said = machine_evidence([signal(0.5), signal(2.0), signal(-3.0), signal(1.0, "two")])
    assert said == {Modality.IMAGE: pytest.approx(3.0)}


def test_a_detector_that_is_not_calibrated_says_nothing() -> None:
    said = machine_evidence([signal(None), signal(math.nan, "two"), signal(1.0, "three")])
    assert said == {Modality.IMAGE: pytest.approx(1.0)}
    assert machine_evidence([signal(None)]) == {}


def test_detectors_of_one_modality_are_capped_together() -> None:
    images = [signal(6.0, name) for name in ("one", "two", "three")]
    heard = machine_evidence([*images, signal(2.0, "ear", Modality.SOUND)])
    assert heard == {Modality.IMAGE: MODALITY_CAP[Modality.IMAGE], Modality.SOUND: 2.0}


@given(
    st.lists(
        st.builds(
            signal,
            st.none() | st.floats(),
            st.sampled_from(["one", "two"]),
            st.sampled_from(list(Modality)),
        )
    )
)
def test_no_modality_says_more_than_its_cap(signals) -> None:
    for modality, nats in machine_evidence(signals).items():
        assert -MODALITY_CAP[modality] <= nats <= MODALITY_CAP[modality]
