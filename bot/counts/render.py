"""The report as HTML, CSV and JSON. Each is made of the report alone, so none can say more than another."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.counts import report as of
from bot.counts.asked import Period
from bot.counts.compare import Comparison
from bot.counts.disclosure import Hidden, Shown
from bot.counts.report import AUDIENCE_WORDS, STARTED, WORDS, Report
from bot.counts.tabulate import ALL, STEPS
from bot.counts.words import NOTES, lead, left_out, lost, title

#: Pointers in the HTML, which is one page; CSV and JSON have all.
MOST_POINTERS: Final = 8
#: From so many lines on, everything is printed smaller.
CROWDED: Final = 14
COLUMNS: Final = (
    *("part", "area", "campaign", "what", "item", "from", "to", "count"),
    *("change", "percent", "ratio", "ratio_low", "ratio_high", "more_than_chance", "source", "grade"),
)


def as_html(report: Report) -> str:
    """One page that needs nothing from elsewhere: no script, no font, no other file."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters |= {
        name: getattr(of, name) for name in ("named", "kind_named", "signed", "written", "percent_of", "rates", "chance")
    }
    environment.filters["host"] = _host
    crowded = len(report.on_one_page) + len(report.figures) >= CROWDED
    return environment.get_template("report.html").render(
        report=report,
        title=title(report),
        lead=list(lead(report)),
        steps=WORDS,
        audiences=AUDIENCE_WORDS,
        regions={line.area for line in report.lines if line.level == "region"},
        kinds=list(dict.fromkeys(one.kind for one in report.figures)),
        about=next(iter(report.audiences if report.area else report.audiences[::-1]), None),
        most=5 if crowded else MOST_POINTERS,
        points=6 if crowded else 7,
        notes=[*report.notes, *left_out(report), *lost(report), *NOTES],
        pictures=_pictures(report),
    )


def as_json(report: Report) -> bytes:
    """Everything, with the numbers as they are and the words where a count is not shown."""
    written = msgspec.to_builtins(report)
    return msgspec.json.format(msgspec.json.encode({"title": title(report), **written, "how_to_read": NOTES}), indent=2)


def as_csv(report: Report) -> str:
    """A line for each count: what is compared stands in the line of the period after."""
    text = StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(COLUMNS)
    lines.writerows(_lines(report))
    return text.getvalue()


def _lines(report: Report) -> Iterator[tuple[Any, ...]]:
    for one in report.figures:
        where = ("published", one.area, "", one.kind, "")
        source = " ".join(one.sources)
        yield _line(*where, report.before, one.before, None, source, one.grade)
        yield _line(*where, report.after, one.after, one.comparison, source, one.grade)
    for line in report.lines:
        for what in STEPS:
            where = ("signpost", line.area, line.campaign, what, "")
            yield _line(*where, report.before, line.before[what])
            yield _line(*where, report.after, line.after[what], line.comparison if what == STARTED else None)
    for audience in report.audiences:
        for who, count in audience.counts.items():
            yield _line("audience", audience.area, "", "conversation_pointed", who, report.after, count)
    for pointer in report.pointers:
        yield _line("pointer", ALL, "", "pointer_shown", pointer.id, report.after, pointer.shown)
        yield _line("pointer", ALL, "", "pointer_opened", pointer.id, report.after, pointer.opened)
    for piece in report.pieces:
        period = report.before if piece.period == "before" else report.after
        yield _line("time", report.area or ALL, "", STARTED, piece.label, period, piece.conversations)


def _line(
    part: str,
    area: str,
    campaign: str,
    what: str,
    item: str,
    period: Period,
    count: Shown | None,
    compared: Comparison | None = None,
    source: str = "",
    grade: str = "",
) -> tuple[Any, ...]:
    shown = count.value if isinstance(count, Hidden) else count
    *figures, more = msgspec.structs.astuple(compared or Comparison())
    yes_or_no = {True: "yes", False: "no", None: None}[more]
    return (part, area, campaign, what, item, period.first, period.last, shown, *figures, yes_or_no, source, grade)


def _pictures(report: Report) -> dict[str, str]:
    """The pictures, as far as there is something to draw."""
    from bot.counts.pictures import before_and_after, over_time

    found = dict.fromkeys(("bars", "line"), "")
    labels = (report.before.words, report.after.words)
    published: dict[str, tuple[Shown | None, Shown | None]] = {
        f"{of.named(one.area)}": (one.before, one.after) for one in report.figures if one.kind == report.figures[0].kind
    }
    own: dict[str, tuple[Shown | None, Shown | None]] = {
        of.named(line.area): (line.before[STARTED], line.after[STARTED]) for line in report.lines if line.level == "area"
    }
    if published:
        found["bars"] = before_and_after(published, labels)
    elif report.counted and own:
        found["bars"] = before_and_after(own, labels)
    if any(isinstance(piece.conversations, int) for piece in report.pieces):
        found["line"] = over_time(report.pieces, report.after.first, report.marks)
    return found


def _host(source: str) -> str:
    """Where an address leads; nothing for a source that is no address."""
    parts = urlsplit(source)
    return parts.netloc.removeprefix("www.") if parts.scheme in ("http", "https") else ""
