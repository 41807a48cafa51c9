"""The sentences of a report."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bot.counts.disclosure import Hidden
from bot.counts.report import POINTED, STARTED, Line, Report, named, percent_of, signed, written

#: The table has the rest.
MOST_SENTENCES: Final = 3
NOTES: Final = (
    (
        "“Fewer than 5” is 0 to 4: small counts are never shown, so that nobody can be found in them. “Not shown” is a larger "
        "count from which a small one could be worked out. Figures that others published are public and stand as they are."
    ),
    "Signpost counts conversations, not people: who comes back is counted again. A pointer opened twice counts twice.",
    (
        "The ratio compares the counts in a day, so that periods of different length can be compared: 2 means twice as many. "
        "In brackets, the range in which the true ratio lies with 95 % confidence (score interval for two Poisson rates)."
    ),
    (
        "“More than chance” is a difference that chance alone would make in fewer than 5 of 100 cases, if people came "
        "independently of each other. It does not say that the campaign made it: whatever else changed then could have."
    ),
    "C after a source: somebody else’s report of the figure, such as a newspaper’s. B: official but older. A: official.",
)


def title(report: Report) -> str:
    """What stands above the report."""
    return f"Did the campaign help? {named(report.area)}" if report.area else "Did the campaign help?"


def lead(report: Report) -> Iterator[str]:
    """What changed, in a sentence for each of the first published figures; then the bot's own way."""
    for one in report.figures[:MOST_SENTENCES]:
        if one.before is not None and one.after is not None:
            changed = (
                f"{signed(one.comparison.change)}, {percent_of(one.comparison)}"
                if one.before
                else signed(one.comparison.change)
            )
            yield f"{named(one.area)}: {one.before:,} before, {one.after:,} after ({changed})."
    if report.counted:
        yield from _way(report.lines[0] if report.area else report.lines[-1])


def left_out(report: Report) -> Iterator[str]:
    """What is not on the page, and where it is."""
    if report.on_one_page != report.lines:
        yield "The campaigns of each area are in the CSV and the JSON file, and in the report on the area (--area)."


def lost(report: Report) -> Iterator[str]:
    """Counts that could not be kept, where there were enough to say so."""
    for when, count in report.lost.items():
        if count is not Hidden.FEWER:
            yield f"In the period {when}, {written(count)} counts could not be kept and are missing."


def _way(line: Line) -> Iterator[str]:
    opened, started, pointed, pointers = (line.after[what] for what in ("page_opened", STARTED, POINTED, "pointer_opened"))
    if isinstance(started, int) and isinstance(pointed, int) and isinstance(pointers, int):
        first = f"The page was opened {opened:,} times. " if isinstance(opened, int) else ""
        given = f"gave a pointer in {pointed:,} of them ({pointed / started:.0%})"
        yield f"{first}Signpost had {started:,} conversations, {given}, and pointers were opened {pointers:,} times."
