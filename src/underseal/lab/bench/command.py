"""The command `underseal bench`."""

import json
from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Final

import typer
from rich.console import Console

from underseal.lab.bench import anonymity, intake, pages
from underseal.lab.bench.intake import LoadFailedError, Progress
from underseal.lab.bench.pages_times import CannotMeasureError

err: Final = Console(stderr=True, highlight=False)


class Bench(StrEnum):
    """What can be measured."""

    ALL = "all"
    ANONYMITY = "anonymity"
    INTAKE = "intake"
    PAGES = "pages"


BENCHES: Final[Mapping[Bench, Callable[[Progress], Mapping[str, object]]]] = MappingProxyType(
    {Bench.ANONYMITY: anonymity.run, Bench.INTAKE: intake.run, Bench.PAGES: pages.run}
)


def bench(
    name: Bench,
    *,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print nothing but one line of JSON to stdout.")
    ] = False,
) -> None:
    """Measure on this machine, beside a baseline in the same run; progress goes to stderr."""
    wanted = list(BENCHES) if name is Bench.ALL else [name]
    results = {}
    for each in wanted:
        try:
            results[each] = BENCHES[each](lambda text: err.print(text, markup=False))
        except (LoadFailedError, CannotMeasureError) as problem:
            err.print(f"[red]{each}:[/] {problem}")
            raise typer.Exit(1) from None
    found = results if name is Bench.ALL else results[name]
    typer.echo(json.dumps(found) if as_json else json.dumps(found, indent=2))
