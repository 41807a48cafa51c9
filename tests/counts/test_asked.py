"""The periods of a report: what may be asked, what is over, and in which pieces it is kept."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.counts.asked import Kept, Period, asked, marks, read_day, read_period
from bot.counts.campaigns import Campaign
from bot.counts.periods import HALF_YEAR, MONTH, WEEK, half_year_of, month_of
from bot.errors import StartError

TUESDAY = datetime(2026, 11, 24, 10, tzinfo=UTC)
MONTHS = st.builds(date, st.integers(2016, 2030), st.integers(1, 12), st.just(1))


def campaign(name: str = "Cheshire", **changes: Any) -> Campaign:
    fields: dict[str, Any] = {"code": name.lower(), "name": name, "area": name.lower(), "region": None, "partner": "Police"}
    fields |= {"starts": date(2018, 1, 1), "ends": None, "source": "https://e.org", "checked": date(2026, 1, 1)}
    return Campaign(**fields | {"grade": "C", "file": "x.yml"} | changes)


def period(text: str) -> Period:
    return read_period(text)


@st.composite
def periods(draw: st.DrawFn) -> Period:
    first, months = draw(MONTHS), draw(st.integers(0, 30))
    last = period(f"{(first + timedelta(days=31 * months)):%Y-%m}").last
    return Period(first, last)


def test_a_period_is_whole_months() -> None:
    assert period("2018-01..2018-06") == Period(date(2018, 1, 1), date(2018, 6, 30))
    assert period("2024-02") == Period(date(2024, 2, 1), date(2024, 2, 29))
    assert [period("2017-07..2017-12").days, period("2018-01..2018-06").days] == [184, 181]


@pytest.mark.parametrize(
    "text",
    ["", "2018", "2018-13", "2018-1..2018-06", "2018-01-01", "2018-01..", "..2018-06", "2018-06..2018-01", "Jan 2018", "1..2"],
)
def test_what_is_no_period_is_told_in_one_line(text: str) -> None:
    with pytest.raises(StartError) as refused:
        read_period(text)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2018-01..2018-06", "January to June 2018"),
        ("2017-07..2018-01", "July 2017 to January 2018"),
        ("2018-01", "January 2018"),
    ],
)
def test_a_period_is_written_as_people_write_it(text: str, words: str) -> None:
    assert period(text).words == words


@pytest.mark.parametrize(
    ("text", "last", "day"),
    [("2018-01-31", True, date(2018, 1, 31)), ("2018-02", False, date(2018, 2, 1)), ("2018-02", True, date(2018, 2, 28))],
)
def test_a_day_is_a_day_or_an_end_of_a_month(text: str, last: bool, day: date) -> None:
    assert read_day(text, last=last) == day


@pytest.mark.parametrize("text", ["", "2018", "2018-02-30", "20180101", "2018-W01-1", "yesterday"])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"day|month"):
        read_day(text)


def test_without_options_it_is_half_a_year_from_the_campaign_s_start_and_the_half_year_before() -> None:
    assert asked(None, None, [campaign()], TUESDAY) == (period("2018-01..2018-06"), period("2017-07..2017-12"), False)


def test_it_is_the_newest_campaign_and_as_long_as_it_was() -> None:
    newest = campaign("Cumbria", starts=date(2026, 3, 15), ends=date(2026, 4, 2))
    after, before, _ = asked(None, None, [campaign(), newest], TUESDAY)
    assert (after, before) == (period("2026-03..2026-04"), period("2026-01..2026-02"))


def test_a_period_alone_is_compared_with_as_many_months_before() -> None:
    assert asked("2026-01..2026-03", None, [], TUESDAY)[1] == period("2025-10..2025-12")


def test_a_campaign_that_is_running_is_reported_on_up_to_the_last_month_that_is_over() -> None:
    running = campaign(starts=date(2026, 9, 1))
    assert asked(None, None, [running], TUESDAY) == (period("2026-09..2026-10"), period("2026-03..2026-08"), True)


@pytest.mark.parametrize(
    ("now", "over"),
    [
        (datetime(2026, 11, 30, tzinfo=UTC), True),  # a Monday: the week of the last Thursday of November is over
        (datetime(2026, 11, 29, 23, tzinfo=UTC), False),
        (datetime(2026, 5, 3, 22, tzinfo=UTC), False),  # a Sunday in the week of 30 April, a Thursday
    ],
)
def test_a_month_is_over_with_its_last_week(now: datetime, over: bool) -> None:
    month = "2026-11" if now.month == 11 else "2026-04"
    if over:
        assert asked(month, None, [], now)[0] == period(month)
    else:
        with pytest.raises(StartError, match="no month that is over"):
            asked(month, None, [], now)


@pytest.mark.parametrize(
    ("after", "before", "reason"),
    [
        ("2018-01..2018-06", "2018-06..2018-07", "overlap"),
        ("2018-01..2018-06", "2017-01..2019-12", "overlap"),
        ("2026-11..2026-12", None, "no month that is over"),
        ("2026-01..2026-02", "2026-11", "no month that is over"),
        (None, None, "there is no campaign"),
    ],
)
def test_periods_that_can_not_be_compared_are_refused(after: str | None, before: str | None, reason: str) -> None:
    with pytest.raises(StartError, match=reason):
        asked(after, before, [], TUESDAY)


@given(periods())
def test_the_weeks_of_a_period_are_those_that_belong_to_its_months(asked_for: Period) -> None:
    weeks = asked_for.weeks
    assert all(week.weekday() == 0 and asked_for.first <= month_of(week) <= asked_for.last for week in weeks)
    after = weeks[-1] + timedelta(days=7)
    assert not asked_for.first <= month_of(weeks[0] - timedelta(days=7)) <= asked_for.last
    assert not asked_for.first <= month_of(after) <= asked_for.last
    assert len(weeks) == len(set(weeks)) == (after - weeks[0]).days // 7


@given(periods(), MONTHS, MONTHS)
def test_the_pieces_make_up_the_period_each_week_in_one(asked_for: Period, month: date, half: date) -> None:
    """But for what lies in a half-year that is partly outside."""
    kept = Kept(month, half_year_of(half))
    pieces = kept.pieces(asked_for)
    assert len(pieces) == len(set(pieces))
    partly = kept.partly(asked_for)
    for week in asked_for.weeks:
        for grain, first_day in ((WEEK, week), (MONTH, month_of(week)), (HALF_YEAR, half_year_of(month_of(week)))):
            piece = kept.piece_of(grain, first_day)
            if grain == WEEK:
                assert (piece in pieces) is (half_year_of(month_of(week)) not in partly)
            elif piece in pieces:
                assert piece[0] in (grain, HALF_YEAR)


def test_a_half_year_that_is_partly_in_the_period_is_no_piece_of_it() -> None:
    kept = Kept(month=date(2018, 8, 1), half_year=date(2018, 1, 1))
    asked_for = period("2018-03..2018-09")
    assert kept.partly(asked_for) == [date(2018, 1, 1)]
    pieces = kept.pieces(asked_for)
    assert pieces[:2] == [(MONTH, date(2018, 7, 1)), (MONTH, date(2018, 8, 1))]
    assert {grain for grain, _ in pieces[2:]} == {WEEK}
    assert kept.piece_of(MONTH, date(2018, 5, 1)) == (HALF_YEAR, date(2018, 1, 1))


def test_campaigns_are_marked_on_the_days_within() -> None:
    both = [campaign(), campaign("Cumbria", ends=date(2018, 3, 31)), campaign("Devon", starts=date(2019, 1, 1))]
    assert marks(both, date(2017, 7, 1), date(2018, 6, 30)) == [
        (date(2018, 1, 1), "2 campaigns begin"),
        (date(2018, 3, 31), "Cumbria ends"),
    ]
