"""What the plots have in common: colours, the width of a phone's column, and progress."""

import sys
from dataclasses import dataclass
from typing import Final

from matplotlib.figure import Figure

INK: Final = "#1d1b19"
FAINT: Final = "#8c857d"
RED: Final = "#b3261e"
AMBER: Final = "#b26a00"
GREEN: Final = "#2f6f4f"
BLUE: Final = "#2b5f9e"
COLOURS: Final = (RED, AMBER, GREEN, BLUE)

COLUMN: Final = 6.0
"""How many inches wide a plot is that is to be read on a phone, too."""

MARGIN: Final = 0.1
"""Inches around each part of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How one of several things that are compared is drawn, and what it is called."""

    name: str
    colour: str
    marker: str


def fit_column(figure: Figure, height: float) -> None:
    """Make a plot so many inches high, and narrow enough for a phone."""
    figure.set_size_inches(COLUMN, height)
    figure.set_layout_engine("constrained", w_pad=MARGIN, h_pad=MARGIN)


def say(text: str) -> None:
    """Show how far it is."""
    print(text, file=sys.stderr)
