"""The command `underseal bench`."""

import json
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Final

import typer
from rich.console import Console

from underseal.lab.bench import (
    anonymity,
    assess,
    brigade,
    calibration,
    credibility,
    intake,
    pages,
    prevalence,
    triage,
)
from underseal.lab.bench.credibility_sets import CrowdDataError
from underseal.lab.bench.intake import LoadFailedError, Progress
from underseal.lab.bench.pages_times import CannotMeasureError
from underseal.lab.triage.cascades import NoTracesError

err: Final = Console(stderr=True, highlight=False)


class Bench(StrEnum):
    """What can be measured."""

    ALL = "all"
    ANONYMITY = "anonymity"
    ASSESS = "assess"
    BRIGADE = "brigade"
    CALIBRATION = "calibration"
    CREDIBILITY = "credibility"
    INTAKE = "intake"
    PAGES = "pages"
    PREVALENCE = "prevalence"
    TRIAGE = "triage"


Measure = Callable[[Progress], Mapping[str, object]]

BENCHES: Final[Mapping[Bench, Measure]] = MappingProxyType(
    {
        Bench.ANONYMITY: anonymity.run,
        Bench.ASSESS: assess.run,
        Bench.CALIBRATION: calibration.run,
        Bench.BRIGADE: brigade.run,
        Bench.INTAKE: intake.run,
        Bench.PAGES: pages.run,
        Bench.PREVALENCE: prevalence.run,
    }
)


def bench(
    name: Bench,
    *,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print nothing but one line of JSON to stdout.")
    ] = False,
    data: Annotated[
        Path | None,
        typer.Option(
            help="For `credibility`: a folder of sets, each with label.csv and truth.csv."
        ),
    ] = None,
    traces: Annotated[
        Path | None,
        typer.Option(
            help="For `triage`: a folder of recorded cascades, `user<TAB>seconds` a line."
        ),
    ] = None,
) -> None:
    """Measure on this machine, beside a baseline in the same run; progress goes to stderr."""
    measures: dict[Bench, Measure] = {
        **BENCHES,
        Bench.CREDIBILITY: partial(credibility.run, data=data),
        Bench.TRIAGE: partial(triage.run, traces=traces),
    }
    wanted = list(measures) if name is Bench.ALL else [name]
    results = {}
    for each in wanted:
        try:
            results[each] = measures[each](lambda text: err.print(text, markup=False))
        except (
            LoadFailedError,
            CannotMeasureError,
            CrowdDataError,
            NoTracesError,
        ) as problem:
            err.print(f"[red]{each}:[/] {problem}")
            raise typer.Exit(1) from None
    found = results if name is Bench.ALL else results[name]
    typer.echo(json.dumps(found) if as_json else json.dumps(found, indent=2))
