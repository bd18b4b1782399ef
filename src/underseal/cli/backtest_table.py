"""A backtest in words: as a table, as notes below it, and as a record for programs."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from rich.box import SIMPLE_HEAD
from rich.table import Table

from underseal.core.backtest import Backtest, Change, Compared, Fate, RoundEnd, Row, Tally
from underseal.core.figures import FEW, Share
from underseal.core.prevalence import Prevalence

NAME_OF: Final = {
    Fate.REMOVED: "removed",
    Fate.HELD: "held",
    Fate.NOT_RECOMMENDED: "not recommended",
    Fate.QUEUED: "queued",
}

_HOW: Final = (
    (
        "Each round is weighed as it stood just before its end: with what machines had said, views, "
        "decisions, budgets and track records of before. What would have come earlier in a round, and "
        "what other effects or queues would have changed later, is not replayed; nor are breakers."
    ),
    (
        "Of now, not of then: who reports together, the forecast of views, and the track records of "
        "years whose keys were destroyed. Reports have no date but their quarter, so every report of a "
        "round counts, and an open round belongs to the period if it was registered, watched or queued "
        "in it, or reported since the first day of its quarter."
    ),
    (
        "Left out: rounds that a new version ended without a case, and those of appeals, whose word "
        "counts for what was appealed against. Every reported subject is looked at within days under "
        "any guidelines; queued is what would be sooner. Removed is what machines would remove."
    ),
    (
        "Broke and not are what people decided, mostly of what was queued: what nobody was led to look "
        "at is not among them. Looks by chance are free of that."
    ),
    "One guideline's row is what it would lead to by itself; the first row is not their sum.",
)


def table(found: Backtest) -> Table:
    """Return what was counted: for each guideline and fate what is in force, tried, and the change."""
    title = f"Since {found.since}: {found.before} in force, {found.after} tried"
    shown = Table(
        title=title, box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True, title_justify="left"
    )
    shown.add_column("guideline", no_wrap=True)
    shown.add_column("under", no_wrap=True)
    for head in ("rounds", "broke", "not", "open", "views", "right", "found"):
        shown.add_column(head, justify="right", no_wrap=True)
    for name, row in rows(found):
        shown.add_row(name)
        for line in _lines(row):
            shown.add_row(*line)
        shown.add_section()
    return shown


def rows(found: Backtest) -> Iterator[tuple[str, Row]]:
    """Yield all together, the looks by chance if there were any, and each guideline, by name."""
    yield "all", found.overall
    if found.cover.named.rounds:
        yield "cover audits", found.cover
    for row in found.by_guideline:
        yield str(row.guideline), row


def notes(found: Backtest) -> Iterator[str]:
    """Yield what is to be known about the table, a paragraph each."""
    ends = found.rounds
    yield (
        f"{sum(ends.values()):,} rounds: {ends[RoundEnd.PERSON]:,} that people decided, "
        f"{ends[RoundEnd.MACHINE]:,} that machines did, {ends[RoundEnd.NEW_VERSION]:,} that a new "
        f"version ended, {ends[RoundEnd.NOTHING]:,} open. People found that so many broke the guideline, "
        f"or did not, or have not decided. Right is the share of those decided that broke it; found, of "
        f"all {found.overall.broken:,} that people found to break any, or of those that broke this one. "
        f"Fewer than {FEW} make no share, and where reports alone speak of a guideline no count."
    )
    if found.gone:
        yield f"In force and not tried: {', '.join(found.gone)}. Nothing comes of them any more."
    if found.new:
        named = {row.guideline for row in found.by_guideline}
        silent = [each for each in found.new if each not in named]
        yield f"Tried and not in force: {', '.join(found.new)}."
        if silent:
            yield f"Nothing in history names {', '.join(silent)}: what would come of it is unknown."
    if found.unknown:
        yield f"Named in history, and in neither: {', '.join(found.unknown)}. They count in all."
    yield from _of_audits(found)
    yield from _HOW


def record(found: Backtest) -> Mapping[str, Any]:
    """Return it for programs; what is not told is null."""
    return {
        "schema": "underseal/backtest/1",
        "since": found.since,
        "in_force": found.before,
        "tried": found.after,
        "rounds": dict(found.rounds),
        "overall": _row(found.overall),
        "cover_audits": _row(found.cover),
        "guidelines": {str(row.guideline): _row(row) for row in found.by_guideline},
        "gone": found.gone,
        "new": found.new,
        "unknown": found.unknown,
        "prevalence_audits": {
            "violating": _prevalence(found.audits.violating),
            "missed": _compared(found.audits.missed),
            "caught": _compared(found.audits.caught),
            "withheld": _compared(found.audits.withheld),
        },
        "notes": list(notes(found)),
    }


def _lines(row: Row) -> Iterator[tuple[str, ...]]:
    """Yield the lines of a guideline: of each fate one where nothing changes, else more."""
    are_any = False
    for fate, change in row.fates.items():
        if not (change.before.rounds or change.after.rounds):
            continue
        are_any = True
        name = f"  {NAME_OF[fate]}"
        if not row.is_told(change.stay, change.come, change.go):
            yield name, f"under {FEW}"
            continue
        if not (change.come.rounds or change.go.rounds):
            yield name, "both", *_counts(row, change.stay)
            continue
        yield name, "in force", *_counts(row, change.before)
        yield "", "tried", *_counts(row, change.after)
        for part, tally in (("  come", change.come), ("  go", change.go)):
            if tally.rounds:
                yield "", part, *_counts(row, tally)[:5]
    if not are_any:
        yield ("  nothing",)


def _counts(row: Row, tally: Tally) -> tuple[str, ...]:
    counts = (tally.rounds, tally.broke, tally.cleared, tally.undecided, tally.views)
    shares = (tally.precision, row.recall(tally))
    return (*(f"{each:,}" for each in counts), *map(_share, shares))


def _share(share: Share) -> str:
    return "few" if share.is_few or share.value is None else f"{share.value:.0%}"


def _of_audits(found: Backtest) -> Iterator[str]:
    audits = found.audits
    if not audits.violating.audits:
        yield "No look drawn by chance from the views of the period was answered."
        return
    yield (
        f"By {audits.violating.audits:,} looks drawn by chance from the views of the period, as shares "
        f"of all views, as people judged: {_between(audits.violating)} break a guideline. Of those, neither restricted "
        f"nor queued: {_change(audits.missed)}; restricted: {_change(audits.caught)}. Harmless and "
        f"restricted: {_change(audits.withheld)}."
    )


def _change(compared: Compared) -> str:
    return f"{_between(compared.before)} in force, {_between(compared.after)} tried"


def _between(share: Prevalence) -> str:
    return f"{share.value or 0.0:.1%} ({share.low:.1%} to {share.high:.1%})"


def _row(row: Row) -> Mapping[str, Any]:
    return {
        "named": _tally(row.named) if row.is_told(row.named) else None,
        "broken": row.broken,
        "by_reports_alone": row.by_reports_alone,
        "fates": {
            str(fate): _fate(row, change)
            if row.is_told(change.stay, change.come, change.go)
            else None
            for fate, change in row.fates.items()
        },
    }


def _fate(row: Row, change: Change) -> Mapping[str, Any]:
    return {
        "before": _tally(change.before),
        "after": _tally(change.after),
        "come": _tally(change.come),
        "go": _tally(change.go),
        "precision": {
            "before": _estimate(change.before.precision),
            "after": _estimate(change.after.precision),
        },
        "recall": {
            "before": _estimate(row.recall(change.before)),
            "after": _estimate(row.recall(change.after)),
        },
    }


def _tally(tally: Tally) -> Mapping[str, int]:
    return {
        "rounds": tally.rounds,
        "broke": tally.broke,
        "cleared": tally.cleared,
        "undecided": tally.undecided,
        "views": tally.views,
    }


def _estimate(share: Share) -> Mapping[str, Any]:
    low, high = share.interval
    return {"value": share.value, "low": low, "high": high, "cases": share.cases}


def _compared(compared: Compared) -> Mapping[str, Any]:
    return {"before": _prevalence(compared.before), "after": _prevalence(compared.after)}


def _prevalence(share: Prevalence) -> Mapping[str, Any]:
    return {
        "value": share.value,
        "low": share.low,
        "high": share.high,
        "audits": share.audits,
        "found": share.found,
    }
