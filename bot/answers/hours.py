"""When a place is open, in UK time.

Weekly hours come from the catalogue. What it does not state is not guessed: on a bank holiday of England the answer is
"unknown", since no source says whether the helpline opens then (`open` is `None`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

import holidays

UK: Final = ZoneInfo("Europe/London")
DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN: Final = re.compile(rf"({'|'.join(DAYS)}) (\d\d:\d\d)-(\d\d:\d\d)")


@dataclass(frozen=True, slots=True)
class Span:
    """Open on one weekday (0 is Monday) from `opens` until, not including, `closes`."""

    weekday: int
    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class Hours:
    """The opening hours of one pointer: at every hour, or weekly spans in UK time."""

    always: bool
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Status:
    """Whether a place is open at a moment. `until` is set when open, `opens` when closed, neither when unknown."""

    open: bool | None
    until: datetime | None = None
    opens: datetime | None = None


def parse_hours(written: str | list[str]) -> Hours:
    """Read the catalogue's way of writing hours: `always`, or a list such as `mon 09:00-21:00`.

    Raises:
        ValueError: it is written otherwise, or a span ends before it begins.
    """
    if written == "always":
        return Hours(always=True)
    if isinstance(written, str):
        raise ValueError(f"{written!r} is neither 'always' nor a list such as 'mon 09:00-21:00'")
    return Hours(always=False, spans=tuple(sorted((_parse_span(line) for line in written), key=_week_order)))


def _parse_span(line: str) -> Span:
    match = _SPAN.fullmatch(line)
    if not match:
        raise ValueError(f"{line!r} is not written like 'mon 09:00-21:00'")
    opens, closes = time.fromisoformat(match[2]), time.fromisoformat(match[3])
    if closes <= opens:
        raise ValueError(f"{line!r} closes before it opens")
    return Span(DAYS.index(match[1]), opens, closes)


def _week_order(span: Span) -> tuple[int, time]:
    return span.weekday, span.opens


@lru_cache(maxsize=8)
def _bank_holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("GB", subdiv="ENG", years=year))


def is_bank_holiday(day: date) -> bool:
    """Whether `day` is a public holiday in England, where the helpline is."""
    return day in _bank_holidays(day.year)


def status(hours: Hours, now: datetime) -> Status:
    """Whether a place with these hours is open at `now` (an aware time; summer and winter time are taken care of)."""
    if hours.always:
        return Status(open=True)
    local = now.astimezone(UK)
    if is_bank_holiday(local.date()):
        return Status(open=None)
    for span in hours.spans:
        if span.weekday == local.weekday() and span.opens <= local.time() < span.closes:
            return Status(open=True, until=datetime.combine(local.date(), span.closes, UK))
    return Status(open=False, opens=_next_opening(hours, local))


def _next_opening(hours: Hours, local: datetime) -> datetime | None:
    # A place that opens on Mondays only misses two in a row when Christmas is on one, and opens three weeks later.
    for ahead in range(22):
        day = local.date() + timedelta(days=ahead)
        if is_bank_holiday(day):
            continue
        for span in hours.spans:
            opens = datetime.combine(day, span.opens, UK)
            if span.weekday == day.weekday() and opens > local:
                return opens
    return None


def clock(moment: time | datetime) -> str:
    """A time as people say it in the UK: `9am`, `5:30pm`, `12 noon`, `midnight`."""
    if (moment.hour, moment.minute) == (12, 0):
        return "12 noon"
    if (moment.hour, moment.minute) == (0, 0):
        return "midnight"
    minutes = f":{moment.minute:02}" if moment.minute else ""
    return f"{moment.hour % 12 or 12}{minutes}{'am' if moment.hour < 12 else 'pm'}"
