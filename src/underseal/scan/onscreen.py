"""On-screen text: reads what is written in a picture.

A small, quick look decides whether there is text at all; only then are its lines read. The models
are those inside the installed package: nothing is ever downloaded.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Final

import cv2
import numpy as np
import rapidocr
from numpy.typing import NDArray
from rapidocr.ch_ppocr_det import TextDetOutput
from rapidocr.ch_ppocr_rec import TextRecOutput
from rapidocr.inference_engine.onnxruntime.main import ONNXRuntimeError
from rapidocr.utils.process_img import get_rotate_crop_image

from underseal.scan.limits import FailureReason, ScanFailedError
from underseal.scan.wire import Picture

LOOK_SIDE_MAX: Final = 480
"""Longest side at which a picture is searched for lines: letters of a fortieth of it are found,
in an eighth of the time that the package's own setting takes. A setting."""

LINES_MAX: Final = 12
"""Lines that are read in one picture. A limit of ours."""

CONFIDENCE_MIN: Final = 0.5
"""A line that is read with less confidence is not believed; the package's own setting."""

_MODELS: Final = Path(rapidocr.__file__).parent / "models"

_ONE_THREAD: Final = {
    "Global.log_level": "critical",
    "Global.use_cls": False,
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of text in a picture; `confidence` is in [0, 1]."""

    text: str
    confidence: float


class OnScreenReader:
    """Reads pictures, one at a time.

    Raises:
        FileNotFoundError: the package came without its models.
    """

    def __init__(self) -> None:
        cv2.setNumThreads(1)
        # The package's call arguments stick to an instance, so there is one for each task.
        self._finder = rapidocr.RapidOCR(
            params={
                **_ONE_THREAD,
                "Global.use_rec": False,
                "Det.model_path": str(_model("PP-OCRv6_det_small.onnx")),
                "Det.limit_type": "max",
                "Det.limit_side_len": LOOK_SIDE_MAX,
            }
        )
        self._reader = rapidocr.RapidOCR(
            params={
                **_ONE_THREAD,
                "Global.use_det": False,
                "Rec.model_path": str(_model("PP-OCRv6_rec_small.onnx")),
                "Rec.rec_batch_num": 1,
            }
        )
        self._lock = Lock()

    def read(self, picture: Picture) -> tuple[Line, ...]:
        """Return the lines in a coloured picture, from top to bottom.

        Raises:
            ScanFailedError: the reader broke down on it.
        """
        try:
            with self._lock:
                read = [self._reader(crop) for crop in self._lines(picture)]
        except (cv2.error, ONNXRuntimeError, ValueError):
            raise ScanFailedError(FailureReason.CRASHED) from None
        return tuple(
            Line(text=text, confidence=float(confidence))
            for result in read
            if isinstance(result, TextRecOutput)
            for text, confidence in zip(result.txts or (), result.scores or (), strict=True)
            if confidence >= CONFIDENCE_MIN
        )

    def _lines(self, picture: Picture) -> Iterator[NDArray[np.uint8]]:
        """Yield the parts of a picture that hold a line each."""
        found = self._finder(picture.pixels)
        if isinstance(found, TextDetOutput) and found.boxes is not None:
            for box in found.boxes[:LINES_MAX]:
                yield get_rotate_crop_image(picture.pixels, box)


def _model(name: str) -> Path:
    """Return where a model is; given a missing one, the package would download its own choice."""
    path = _MODELS / name
    if not path.is_file():
        raise FileNotFoundError(path)
    return path
