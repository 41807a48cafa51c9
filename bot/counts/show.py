"""The report in the terminal."""

from __future__ import annotations

from typing import Final

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from bot.counts.compare import Comparison
from bot.counts.disclosure import Shown
from bot.counts.report import (
    AUDIENCE_WORDS,
    STARTED,
    WORDS,
    Report,
    chance,
    kind_named,
    named,
    percent_of,
    rates,
    signed,
    written,
)
from bot.counts.words import NOTES, lead, left_out, lost, title

_RATIO: Final = "Ratio a day"
_COMPARED: Final = ("Before", "After", "Change", "%", _RATIO, "More than chance?")


def show(report: Report, out: Console) -> None:
    """Print the report."""
    out.print(title(report), style="bold", markup=False)
    out.print(f"{report.before.words} against {report.after.words}\n")
    for sentence in lead(report):
        out.print(sentence, markup=False)
    for kind in dict.fromkeys(one.kind for one in report.figures):
        out.print(_figures(report, kind))
    if not report.figures:
        out.print("No published figure is of exactly these periods.")
    if report.counted:
        out.print(_conversations(report))
        out.print(_way(report))
        out.print(_audiences(report))
        if report.pointers:
            out.print(_pointers(report))
    else:
        out.print("Of everything that it counts, Signpost counted fewer than 5 in both periods, or was not there yet.\n")
    for note in (*report.notes, *left_out(report), *lost(report), *NOTES):
        out.print(f"- {note}", style="dim", markup=False)


def _figures(report: Report, kind: str) -> Table:
    table = _table(f"What others counted: {kind_named(kind).lower()}", *_COMPARED)
    for one in report.figures:
        if one.kind == kind:
            table.add_row(named(one.area), *_compared(one.before, one.after, one.comparison))
    return table


def _conversations(report: Report) -> Table:
    table = _table("Signpost's conversations", *_COMPARED)
    for line in report.on_one_page:
        compared = _compared(line.before[STARTED], line.after[STARTED], line.comparison)
        table.add_row(named(line.campaign or line.area), *compared)
    return table


def _way(report: Report) -> Table:
    table = _table("From the page to a pointer, after", *WORDS.values())
    for line in report.on_one_page:
        table.add_row(named(line.campaign or line.area), *(written(line.after[what]) for what in WORDS))
    return table


def _audiences(report: Report) -> Table:
    table = _table("Given a pointer, after: it was about", *AUDIENCE_WORDS.values())
    for one in report.audiences:
        table.add_row(named(one.area), *(written(one.counts[who]) for who in AUDIENCE_WORDS))
    return table


def _pointers(report: Report) -> Table:
    table = _table("Pointers, in all areas, after", "Shown", "Opened")
    for one in report.pointers:
        table.add_row(one.name, written(one.shown), written(one.opened))
    return table


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("", no_wrap=True)
    for column in columns:
        longest = max(len(word) for word in column.split())
        table.add_column(column, justify="right", min_width=longest, no_wrap=column == _RATIO)
    return table


def _compared(before: Shown | None, after: Shown | None, compared: Comparison) -> tuple[str, ...]:
    return written(before), written(after), signed(compared.change), percent_of(compared), rates(compared), chance(compared)
