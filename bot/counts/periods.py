"""Weeks, months and half-years, by the clock of the UK. Nothing finer is ever written down."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Final

from bot.answers.hours import UK

WEEK: Final = "week"
MONTH: Final = "month"
HALF_YEAR: Final = "half_year"
GRAINS: Final = (WEEK, MONTH, HALF_YEAR)
ONE_WEEK: Final = timedelta(days=7)


def week_of(moment: datetime) -> date:
    """The Monday of a moment's ISO week. `moment` has a time zone; the week is the UK's."""
    day = moment.astimezone(UK).date()
    return day - timedelta(days=day.weekday())


def month_of(week: date) -> date:
    """The first day of the month that a week belongs to: that of its Thursday, as ISO counts the weeks of a year."""
    return (week + timedelta(days=3)).replace(day=1)


def half_year_of(month: date) -> date:
    """The first day of a month's half-year: 1 January or 1 July."""
    return month.replace(month=1 if month.month <= 6 else 7, day=1)


def months_before(month: date, number: int) -> date:
    """The first day of the month that is `number` months earlier."""
    years, january_is_0 = divmod(month.year * 12 + month.month - 1 - number, 12)
    return date(years, january_is_0 + 1, 1)


def label(grain: str, first_day: date) -> str:
    """A period as people write it: 2026-W47, 2026-11, 2026-H2."""
    if grain == WEEK:
        year, week, _ = first_day.isocalendar()
        return f"{year}-W{week:02}"
    if grain == MONTH:
        return f"{first_day:%Y-%m}"
    return f"{first_day.year}-H{1 if first_day.month <= 6 else 2}"


class ThisWeek:
    """The Monday of the week that it is now. `clock`: seconds since 1970.

    It keeps where the week begins and ends, since to work that out takes longer than all else that a count does.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._kept = (0.0, 0.0, date.min)

    def __call__(self) -> date:
        now = self._clock()
        begins, ends, monday = self._kept
        if not begins <= now < ends:
            monday = week_of(datetime.fromtimestamp(now, UTC))
            self._kept = (_midnight(monday), _midnight(monday + ONE_WEEK), monday)
        return monday


def _midnight(day: date) -> float:
    return datetime(day.year, day.month, day.day, tzinfo=UK).timestamp()
