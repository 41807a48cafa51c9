"""Weeks by the clock of the UK, and what becomes of them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answers.hours import UK
from bot.counts.periods import (
    HALF_YEAR,
    MONTH,
    ONE_WEEK,
    WEEK,
    ThisWeek,
    half_year_of,
    label,
    month_of,
    months_before,
    week_of,
)

MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


@pytest.mark.parametrize(
    ("moment", "monday"),
    [
        (datetime(2026, 11, 24, 10, tzinfo=UTC), date(2026, 11, 23)),
        (datetime(2026, 11, 23, 0, 0, tzinfo=UK), date(2026, 11, 23)),
        (datetime(2026, 11, 22, 23, 59, 59, tzinfo=UK), date(2026, 11, 16)),
        (datetime(2026, 7, 5, 23, 30, tzinfo=UTC), date(2026, 7, 6)),  # summer: it is Monday in the UK already
        (datetime(2026, 1, 4, 23, 30, tzinfo=UTC), date(2025, 12, 29)),
        (datetime(2026, 11, 23, 8, 30, tzinfo=timezone(timedelta(hours=9))), date(2026, 11, 16)),
        (datetime(2027, 1, 1, tzinfo=UK), date(2026, 12, 28)),
    ],
)
def test_a_week_begins_on_monday_at_midnight_in_the_uk(moment: datetime, monday: date) -> None:
    assert week_of(moment) == monday


@pytest.mark.parametrize(
    ("week", "month"),
    [
        (date(2026, 11, 23), date(2026, 11, 1)),
        (date(2026, 11, 30), date(2026, 12, 1)),
        (date(2026, 12, 28), date(2026, 12, 1)),  # Thursday is the 31st
        (date(2025, 12, 29), date(2026, 1, 1)),  # Thursday is the 1st
    ],
)
def test_a_week_belongs_to_the_month_of_its_thursday(week: date, month: date) -> None:
    assert month_of(week) == month


@given(MOMENTS)
def test_month_and_half_year_of_a_week_are_of_its_iso_year(moment: datetime) -> None:
    week = week_of(moment)
    month = month_of(week)
    assert month.day == 1
    assert month.year == half_year_of(month).year == week.isocalendar().year
    assert half_year_of(month) <= month


@pytest.mark.parametrize(("number", "first"), [(0, (2026, 3)), (2, (2026, 1)), (3, (2025, 12)), (27, (2023, 12))])
def test_months_before_a_month(number: int, first: tuple[int, int]) -> None:
    assert months_before(date(2026, 3, 1), number) == date(*first, 1)


@pytest.mark.parametrize(
    ("grain", "first_day", "written"),
    [
        (WEEK, date(2026, 11, 16), "2026-W47"),
        (WEEK, date(2025, 12, 29), "2026-W01"),
        (WEEK, date(2026, 12, 28), "2026-W53"),
        (MONTH, date(2026, 11, 1), "2026-11"),
        (HALF_YEAR, date(2026, 1, 1), "2026-H1"),
        (HALF_YEAR, date(2026, 7, 1), "2026-H2"),
    ],
)
def test_a_period_is_written_as_people_write_it(grain: str, first_day: date, written: str) -> None:
    assert label(grain, first_day) == written


@given(MOMENTS, st.lists(st.integers(-15 * 24 * 3600, 15 * 24 * 3600), max_size=8))
def test_this_week_is_right_however_the_clock_jumps(moment: datetime, jumps: list[int]) -> None:
    now = moment.timestamp()
    this_week = ThisWeek(lambda: now)
    for jump in [0, *jumps]:
        now += jump
        assert this_week() == week_of(datetime.fromtimestamp(now, UTC))


@pytest.mark.parametrize("monday", [date(2026, 3, 30), date(2026, 10, 26), date(2026, 11, 23)])
def test_this_week_changes_at_midnight_to_the_second(monday: date) -> None:
    midnight = datetime(monday.year, monday.month, monday.day, tzinfo=UK).timestamp()
    now = midnight - 1
    this_week = ThisWeek(lambda: now)
    assert this_week() == monday - ONE_WEEK
    now = midnight
    assert this_week() == monday
