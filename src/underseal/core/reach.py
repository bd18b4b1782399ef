"""How many people are about to see a subject: a forecast learnt from the platform's own views.

The queue asks what a look prevents, and that is in the views to come. Present views alone are a
poor guide: who is watched most this hour is so in part by chance. The forecast is a regression of
the logarithms,

    ln(views an hour over the next day) ~ 1 + ln(views in the last hour) + ln(all views so far)

by weighted least squares over hours that are a day old, recent ones counting most. It knows organic
views and nothing else, least of all reports. Age is left out on purpose: over all subjects it tells
that the old ones are dying, and of those that are watched again it tells the wrong thing.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

HORIZON: Final = timedelta(days=1)
"""How far the forecast reaches: about the time until whoever passes a case over is back at it. A
setting; measured, anything from half a day to three orders the queue about as well."""

HALF_LIFE: Final = timedelta(days=14)
"""After so long what was learnt counts half: platforms change. A setting."""

PRIOR_HOURS: Final = 20.0
"""What "it goes on as in the last hour" is worth, in observed hours. A setting."""

VIEWS_LEAST: Final = 0.3
"""Added to what may be 0 before its logarithm is taken, in views an hour. A setting."""

WEIGHT_MAX: Final = 1_000.0
"""The most that one observation counts. A limit of ours."""

Row = tuple[float, float, float]
"""One number for the constant, for the rate, and for what was seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One subject in one hour: organic views in it, and all up to its end."""

    rate: float
    total: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What was learnt, as weighted sums: of products of the inputs, and of each with the output.

    `came` and `foretold` are the views that came, and those that were foretold once they were learnt.
    """

    inputs: tuple[Row, Row, Row]
    output: Row
    came: float
    foretold: float


UNTAUGHT: Final = Outlook(
    inputs=((0.0, 0.0, 0.0), (0.0, 0.0, 0.0), (0.0, 0.0, 0.0)),
    output=(0.0, 0.0, 0.0),
    came=0.0,
    foretold=0.0,
)
"""Nothing has been learnt yet: views go on as in the last hour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What an outlook says of any subject: the slopes, and what forecasts are raised by."""

    slopes: Row
    raised: float

    def views_per_hour(self, seen: Seen) -> float:
        """Return the organic views an hour to be expected over the next day, left alone."""
        return self.raised * _foretell(self.slopes, seen)


def forecast(outlook: Outlook) -> Forecast:
    """Return what `outlook` has taught.

    A logarithm is foretold too low for the sum of views, which few subjects make: all forecasts are
    raised alike by as much as they fell short of the views that came.
    """
    raised = (outlook.came + PRIOR_HOURS) / (outlook.foretold + PRIOR_HOURS)
    return Forecast(slopes=_slopes(outlook.inputs, outlook.output), raised=raised)


def learn(outlook: Outlook, observed: Sequence[tuple[Seen, float]], elapsed: timedelta) -> Outlook:
    """Return `outlook` with what was `observed`: subjects in an hour, and the rate of the day after.

    `elapsed` is the time since it last learnt. The order of what is observed makes no difference
    beyond rounding.
    """
    kept = math.exp2(-max(elapsed, timedelta()) / HALF_LIFE)
    sums = [kept * each for row in outlook.inputs for each in row]
    output = [kept * each for each in outlook.output]
    for seen, rate_after in observed:
        row = _logarithms(seen)
        weight = min(math.sqrt(seen.rate + VIEWS_LEAST), WEIGHT_MAX)
        for place, (one, other) in enumerate((one, other) for one in row for other in row):
            sums[place] += weight * one * other
        log_after = math.log(rate_after + VIEWS_LEAST)
        output = [had + weight * one * log_after for had, one in zip(output, row, strict=True)]
    inputs = _row(sums[:3]), _row(sums[3:6]), _row(sums[6:])
    slopes = _slopes(inputs, _row(output))
    return Outlook(
        inputs=inputs,
        output=_row(output),
        came=math.fsum([kept * outlook.came, *(after for _, after in observed)]),
        foretold=math.fsum(
            [kept * outlook.foretold, *(_foretell(slopes, seen) for seen, _ in observed)]
        ),
    )


def _logarithms(seen: Seen) -> Row:
    return 1.0, math.log(seen.rate + VIEWS_LEAST), math.log(seen.total + 1)


def _foretell(slopes: Row, seen: Seen) -> float:
    constant, of_rate, of_total = slopes
    one, rate, total = _logarithms(seen)
    return max(0.0, math.exp(constant * one + of_rate * rate + of_total * total) - VIEWS_LEAST)


def _slopes(inputs: tuple[Row, Row, Row], output: Row) -> Row:
    """The least squares with the prior: slope 1 on the rate, 0 on the rest (Cramer's rule)."""
    first, second, third = (
        (*row[:place], row[place] + PRIOR_HOURS, *row[place + 1 :])
        for place, row in enumerate(inputs)
    )
    constant, rate, total = output
    wanted = constant, rate + PRIOR_HOURS, total
    # The inputs are symmetric: their rows are their columns.
    whole = _determinant(first, second, third)
    return (
        _determinant(wanted, second, third) / whole,
        _determinant(first, wanted, third) / whole,
        _determinant(first, second, wanted) / whole,
    )


def _determinant(one: tuple[float, ...], two: tuple[float, ...], three: tuple[float, ...]) -> float:
    (a, b, c), (d, e, f), (g, h, i) = one, two, three
    return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)


def _row(values: list[float]) -> Row:
    one, two, three = values
    return one, two, three
