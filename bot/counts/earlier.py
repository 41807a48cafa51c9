"""Earlier reports: what they show can be subtracted from what a new one shows, where one period lies in the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from bot.counts.asked import Period
from bot.counts.disclosure import Shown, Table
from bot.counts.report import POINTED, Report
from bot.counts.tabulate import ALL, Key
from bot.errors import StartError


def read_report(path: Path) -> Report:
    """A report that was written as JSON. Raises StartError when it can't be read."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Report)
    except (OSError, msgspec.DecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise StartError(f"{path}: can't be read as a report in JSON ({reason})") from error


def beside_earlier(table: Table[Key], reports: Sequence[Report], periods: Sequence[Period]) -> None:
    """Tell the table what the earlier reports show of periods that have one of these in them, or lie in one."""
    for report in reports:
        for key, count in _counts(report):
            for period in periods:
                longer = key.period.first <= period.first and period.last <= key.period.last
                shorter = period.first <= key.period.first and key.period.last <= period.last
                here = key._replace(period=period)
                if isinstance(count, int) and longer is not shorter and here in table.counts:
                    table.earlier.setdefault(here, []).append((count, longer))


def _counts(report: Report) -> Iterator[tuple[Key, Shown]]:
    for line in report.lines:
        for period, counts in ((report.before, line.before), (report.after, line.after)):
            for what, count in counts.items():
                yield Key(period, what, line.area, line.campaign), count
    for audience in report.audiences:
        for who, count in audience.counts.items():
            yield Key(report.after, POINTED, audience.area, audience=who), count
    for pointer in report.pointers:
        yield Key(report.after, "pointer_shown", ALL, item=pointer.id), pointer.shown
        yield Key(report.after, "pointer_opened", ALL, item=pointer.id), pointer.opened
