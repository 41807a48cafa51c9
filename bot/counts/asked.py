"""The two periods of a report: whole months, the one before and the one after. And in which pieces their counts are kept."""

from __future__ import annotations

import calendar
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from bot.counts.campaigns import Campaign
from bot.counts.periods import HALF_YEAR, MONTH, ONE_WEEK, WEEK, half_year_of, month_of, months_before, week_of
from bot.errors import StartError

#: Months of a report on a campaign that doesn't say when it ended, and of the time before it.
USUAL: Final = 6
_MONTH: Final = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")

#: A piece of a period in which counts are kept: week, month or half-year, and its first day.
Piece = tuple[str, date]


@dataclass(frozen=True, order=True, slots=True)
class Period:
    """Whole months, by their first and last day."""

    first: date
    last: date

    def __str__(self) -> str:
        return f"{self.first:%Y-%m}..{self.last:%Y-%m}"

    @property
    def words(self) -> str:
        """As people write it: January to June 2018."""
        first, last = f"{self.first:%B %Y}", f"{self.last:%B %Y}"
        if first == last:
            return last
        return f"{self.first:%B} to {last}" if self.first.year == self.last.year else f"{first} to {last}"

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    @property
    def weeks(self) -> list[date]:
        """The Mondays of its weeks: those whose Thursday lies in it."""
        thursday = self.first + timedelta(days=(3 - self.first.weekday()) % 7)
        return [thursday - timedelta(days=3) + ONE_WEEK * week for week in range((self.last - thursday).days // 7 + 1)]

    @property
    def months(self) -> list[date]:
        """The first days of its months."""
        return [first_of(self.first, ahead) for ahead in range(_months_between(self.first, self.last) + 1)]


@dataclass(frozen=True, slots=True)
class Kept:
    """The newest month and half-year that the database has folded: whatever is as old was folded too."""

    month: date = date.min
    half_year: date = date.min

    def pieces(self, period: Period) -> list[Piece]:
        """The pieces that make up the period, as fine as they are kept. A half-year only partly in it is none of them."""
        pieces: dict[Piece, None] = {}
        for month in period.months:
            half = half_year_of(month)
            if half <= self.half_year:
                if _whole(half, period):
                    pieces[HALF_YEAR, half] = None
            elif month <= self.month:
                pieces[MONTH, month] = None
            else:
                pieces |= dict.fromkeys((WEEK, week) for week in Period(month, last_of(month)).weeks)
        return list(pieces)

    def piece_of(self, grain: str, first_day: date) -> Piece:
        """The piece that a count belongs to: a week that came late to a folded month is part of that month."""
        month = month_of(first_day) if grain == WEEK else first_day
        half = half_year_of(month)
        if half <= self.half_year or grain == HALF_YEAR:
            return HALF_YEAR, half
        return (MONTH, month) if month <= self.month or grain == MONTH else (WEEK, first_day)

    def partly(self, period: Period) -> list[date]:
        """The half-years that lie partly in the period: their counts can't be divided."""
        halves = dict.fromkeys(half_year_of(month) for month in period.months)
        return [half for half in halves if half <= self.half_year and not _whole(half, period)]


def read_period(text: str) -> Period:
    """A period from `2018-01..2018-06`, or `2018-01`. Raises StartError for anything else."""
    months = [_MONTH.fullmatch(month) for month in text.split("..")]
    if len(months) > 2 or not all(months):
        raise StartError(f"{text!r} is no period: write it like 2018-01..2018-06")
    days = [date(int(month[1]), int(month[2]), 1) for month in months if month]
    start, end = days[0], days[-1]
    if end < start:
        raise StartError(f"{text}: ends before it begins")
    return Period(start, last_of(end))


def read_day(text: str, *, last: bool = False) -> date:
    """A day from `2018-01-31`, or the first or last one of `2018-01`. Raises ValueError for anything else."""
    if month := _MONTH.fullmatch(text):
        first = date(int(month[1]), int(month[2]), 1)
        return last_of(first) if last else first
    if not _DAY.fullmatch(text):
        raise ValueError(f"{text!r} is neither a day (2018-01-31) nor a month (2018-01)")
    return date.fromisoformat(text)


def asked(period: str | None, against: str | None, campaigns: Iterable[Campaign], now: datetime) -> tuple[Period, Period, bool]:
    """The period after, the period before, and whether the one after was cut to the months that are over.

    Without `period`: that of the newest of the campaigns. Without `against`: as many months right before. A month is over with
    its last week, so that two reports of the same period show the same counts.

    Raises:
        StartError: they can't be read, overlap or aren't over, or nobody says which are meant.
    """
    after = read_period(period) if period else _of_newest(campaigns)
    before = read_period(against) if against else _before(after)
    running = month_of(week_of(now))
    cut = after.last >= running
    if after.first >= running or before.last >= running:
        later = after if after.first >= running else before
        raise StartError(f"{later}: has no month that is over: ask again when it has")
    if cut:
        after = Period(after.first, running - timedelta(days=1))
    if before.first <= after.last and after.first <= before.last:
        raise StartError(f"{before} and {after} overlap: what is in both can't be compared")
    return after, before, cut


def first_of(month: date, ahead: int = 0) -> date:
    """The first day of the month, or of one so many months later."""
    return months_before(month, -ahead)


def last_of(month: date) -> date:
    """The last day of a month."""
    return month.replace(day=calendar.monthrange(month.year, month.month)[1])


def _of_newest(campaigns: Iterable[Campaign]) -> Period:
    newest = max(campaigns, key=lambda campaign: campaign.starts, default=None)
    if newest is None:
        raise StartError("there is no campaign: say which months are meant with --period 2018-01..2018-06")
    first = first_of(newest.starts)
    return Period(first, last_of(newest.ends or first_of(first, USUAL - 1)))


def _before(after: Period) -> Period:
    months = len(after.months)
    return Period(first_of(after.first, -months), after.first - timedelta(days=1))


def _whole(half: date, period: Period) -> bool:
    return period.first <= half and last_of(first_of(half, 5)) <= period.last


def _months_between(first: date, last: date) -> int:
    return (last.year - first.year) * 12 + last.month - first.month


def marks(campaigns: Iterable[Campaign], first: date, last: date) -> list[tuple[date, str]]:
    """The days from the first to the last on which campaigns began or ended, with the words to mark them with."""
    days: dict[tuple[date, str], list[str]] = defaultdict(list)
    for campaign in campaigns:
        for day, verb in ((campaign.starts, "begin"), (campaign.ends, "end")):
            if day is not None and first <= day <= last:
                days[day, verb].append(campaign.name)
    return [
        (day, f"{names[0]} {verb}s" if len(names) == 1 else f"{len(names)} campaigns {verb}")
        for (day, verb), names in sorted(days.items())
    ]
