"""A backtest as a picture: for each guideline and fate, what is in force above what is tried."""

from collections.abc import Iterator, Sequence
from typing import Final
from xml.sax.saxutils import escape

from underseal.cli.backtest_table import NAME_OF, rows
from underseal.core.backtest import Backtest, Change, Row, Tally
from underseal.core.figures import FEW

WIDTH: Final = 960
FATES_FROM: Final = 220
BARS_FROM: Final = 390
BARS_LONG: Final = 400
LINE: Final = 17
GAP: Final = 9
"""Lengths, in pixels. Settings."""

INK: Final = "#1d1b19"
MUTED: Final = "#6b655f"
RULE: Final = "#dcd7d1"
BROKE: Final = "#2b5f9e"
CLEARED: Final = "#c98a2b"
UNDECIDED: Final = "#b9b3ac"

_LEGEND: Final = (
    (BROKE, "people found it to break the guideline"),
    (CLEARED, "people found it not to"),
    (UNDECIDED, "nobody has decided"),
)

_SCALES: Final = (
    "Counts of rounds. The bars of single guidelines have one scale, the others their own."
)


def draw(found: Backtest) -> str:
    """Return the picture as SVG."""
    named = list(rows(found))
    singles = [row for _, row in named if row.guideline is not None]
    lines: list[str] = []
    top = 104
    for name, row in named:
        longest = _longest([row] if row.guideline is None else singles)
        lines.append(f'<line x1="24" x2="{WIDTH - 24}" y1="{top}" y2="{top}" stroke="{RULE}"/>')
        lines.append(_text(24, top + 26, name, weight=600))
        bottom = top + GAP
        for place, part in _parts(row, longest):
            lines.append(f'<g transform="translate(0 {bottom})">{part}</g>')
            bottom += place
        top = max(bottom, top + 38) + GAP
    heading = f"Since {found.since}: {found.before} in force, {found.after} tried"
    head = [_text(24, 36, heading, size=18, weight=600), *_legend()]
    return "\n".join([
        (f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{top + 30}" '
        f'viewBox="0 0 {WIDTH} {top + 30}" font-family="system-ui, sans-serif" role="img">'),
        f"<title>{escape(heading)}</title>",
        f'<rect width="{WIDTH}" height="{top + 30}" fill="#ffffff"/>',
        *head,
        *lines,
        _text(24, top + 14, _SCALES, size=11, fill=MUTED),
        "</svg>\n",
    ])  # fmt: skip


def _parts(row: Row, longest: int) -> Iterator[tuple[int, str]]:
    """The fates of a row that there are: how high each is, and what is drawn."""
    is_any = False
    for fate, change in row.fates.items():
        if not (change.before.rounds or change.after.rounds):
            continue
        is_any = True
        label = _text(FATES_FROM, LINE + 1, NAME_OF[fate], size=13)
        if not row.is_told(change.stay, change.come, change.go):
            few = f"fewer than {FEW}, by reports alone: not told"
            yield 2 * LINE + GAP, label + _text(BARS_FROM, LINE + 1, few, size=12, fill=MUTED)
            continue
        yield 2 * LINE + GAP, label + _pair(change, longest)
    if not is_any:
        yield LINE, _text(FATES_FROM, LINE, "nothing", size=13, fill=MUTED)


def _pair(change: Change, longest: int) -> str:
    """A thin bar for what is in force above a full one for what is tried."""
    return _bar(change.before, longest, 3, 9, "in force") + _bar(
        change.after, longest, 3 + LINE, 13, "tried"
    )


def _bar(tally: Tally, longest: int, y: int, height: int, name: str) -> str:
    parts = [_text(BARS_FROM - 8, y + 9, name, size=11, fill=MUTED, anchor="end")]
    x = float(BARS_FROM)
    for colour, count in (
        (BROKE, tally.broke),
        (CLEARED, tally.cleared),
        (UNDECIDED, tally.undecided),
    ):
        width = BARS_LONG * count / longest
        if count:
            parts.append(
                f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{height}" fill="{colour}"/>'
            )
        x += width
    told = f"{tally.rounds:,}" + (f" · {tally.views:,} views" if tally.rounds else "")
    parts.append(_text(x + 6, y + 9, told, size=11))
    return "".join(parts)


def _legend() -> Iterator[str]:
    x = 24
    for colour, words in _LEGEND:
        yield f'<rect x="{x}" y="62" width="12" height="12" fill="{colour}"/>'
        yield _text(x + 18, 73, words, size=12, fill=MUTED)
        x += 40 + 7 * len(words)


def _longest(those: Sequence[Row]) -> int:
    """The most rounds that a bar among these stands for, at least one."""
    return max(
        1,
        *(
            tally.rounds
            for row in those
            for change in row.fates.values()
            for tally in (change.before, change.after)
        ),
    )


def _text(
    x: float,
    y: float,
    words: str,
    *,
    size: int = 14,
    weight: int = 400,
    fill: str = INK,
    anchor: str = "start",
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="{weight}" fill="{fill}" '
        f'text-anchor="{anchor}">{escape(words)}</text>'
    )
