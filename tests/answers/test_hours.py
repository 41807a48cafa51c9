"""When a place is open: to the minute, in summer and in winter, and never a guess on a bank holiday."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.answers.hours import DAYS, UK, Hours, Status, clock, is_bank_holiday, parse_hours, status

WEEK = ["mon 09:00-21:00", "tue 09:00-21:00", "wed 09:00-21:00", "thu 09:00-21:00", "fri 09:00-17:00"]
HELPLINE = parse_hours(WEEK)
ALWAYS = parse_hours("always")

# Those of England in 2026. Boxing Day falls on a Saturday and is kept on Monday; neither day is given as open.
BANK_HOLIDAYS = [
    "2026-01-01",
    "2026-04-03",
    "2026-04-06",
    "2026-05-04",
    "2026-05-25",
    "2026-08-31",
    "2026-12-25",
    "2026-12-26",
    "2026-12-28",
]


def uk(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=UK)


def utc(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "is_open"),
    [
        ("2026-01-14 08:59:59", False),  # winter: the UK keeps UTC
        ("2026-01-14 09:00", True),
        ("2026-01-14 20:59:59", True),
        ("2026-01-14 21:00", False),
        ("2026-07-15 07:59:59", False),  # summer: the UK is an hour ahead
        ("2026-07-15 08:00", True),
        ("2026-07-15 19:59:59", True),
        ("2026-07-15 20:00", False),
        ("2026-03-27 15:59", True),  # the last Friday of winter time, and the first Monday of summer time
        ("2026-03-27 16:59:59", True),
        ("2026-03-27 17:00", False),
        ("2026-03-30 07:59", False),
        ("2026-03-30 08:00", True),
        ("2026-10-23 15:59", True),  # the last Friday of summer time, and the first Monday of winter time
        ("2026-10-23 16:00", False),
        ("2026-10-26 08:59", False),
        ("2026-10-26 09:00", True),
    ],
)
def test_opens_and_closes_to_the_second_in_uk_time(now: str, is_open: bool) -> None:
    assert status(HELPLINE, utc(now)).open is is_open


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-22 23:59", Status(open=False, opens=uk("2026-11-23 09:00"))),  # Sunday to Monday
        ("2026-11-23 00:00", Status(open=False, opens=uk("2026-11-23 09:00"))),
        ("2026-11-23 09:00", Status(open=True, until=uk("2026-11-23 21:00"))),
        ("2026-11-23 21:00", Status(open=False, opens=uk("2026-11-24 09:00"))),
        ("2026-11-26 23:59", Status(open=False, opens=uk("2026-11-27 09:00"))),  # Thursday to Friday
        ("2026-11-27 16:59", Status(open=True, until=uk("2026-11-27 17:00"))),
        ("2026-11-27 17:00", Status(open=False, opens=uk("2026-11-30 09:00"))),  # Friday evening to Monday
        ("2026-11-28 12:00", Status(open=False, opens=uk("2026-11-30 09:00"))),
    ],
)
def test_a_status_says_until_when_or_from_when(now: str, expected: Status) -> None:
    assert status(HELPLINE, uk(now)) == expected


@pytest.mark.parametrize(("now", "opens"), [("2026-03-27 18:00", "2026-03-30 08:00"), ("2026-10-23 18:00", "2026-10-26 09:00")])
def test_the_next_opening_lies_on_the_other_side_of_a_clock_change(now: str, opens: str) -> None:
    assert status(HELPLINE, uk(now)).opens == utc(opens)


@pytest.mark.parametrize("day", BANK_HOLIDAYS)
@pytest.mark.parametrize("hour", ["00:00", "10:00", "23:59"])
def test_on_a_bank_holiday_nobody_knows(day: str, hour: str) -> None:
    assert status(HELPLINE, uk(f"{day} {hour}")) == Status(open=None)


def test_a_bank_holiday_is_england_s_and_ends_at_midnight_in_the_uk() -> None:
    st_andrews_day = uk("2026-11-30 10:00")
    assert status(HELPLINE, st_andrews_day).open is True
    august = utc("2026-08-30 23:00")  # midnight already: the bank holiday has begun
    assert status(HELPLINE, august - timedelta(seconds=1)).open is False
    assert status(HELPLINE, august).open is None


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-04-02 21:00", "2026-04-07 09:00"),  # Maundy Thursday, past Good Friday and Easter Monday
        ("2026-04-04 12:00", "2026-04-07 09:00"),
        ("2026-05-01 17:00", "2026-05-05 09:00"),
        ("2026-12-24 21:00", "2026-12-29 09:00"),  # past Christmas Day, and Boxing Day kept on Monday
        ("2026-12-27 12:00", "2026-12-29 09:00"),
        ("2026-12-31 21:00", "2027-01-04 09:00"),
        ("2027-12-24 17:00", "2027-12-29 09:00"),  # Christmas and Boxing Day at a weekend, both kept after it
    ],
)
def test_a_bank_holiday_is_not_given_as_the_next_opening(now: str, opens: str) -> None:
    assert status(HELPLINE, uk(now)) == Status(open=False, opens=uk(opens))


@pytest.mark.parametrize("day", range(7))
@given(st.datetimes(datetime(2024, 1, 1), datetime(2030, 12, 31), timezones=st.just(UTC)))
@example(datetime(2028, 12, 18, 18, tzinfo=UTC))  # Christmas and New Year's Day are Mondays: three weeks to wait
@settings(deadline=None)
def test_a_place_that_opens_on_one_day_a_week_always_has_a_next_opening(day: int, now: datetime) -> None:
    hours = parse_hours([f"{DAYS[day]} 09:00-17:00"])
    at = status(hours, now)
    if at.open is False:
        assert at.opens is not None and at.opens > now
        assert status(hours, at.opens).open is True


def test_between_christmas_and_new_year_the_days_are_ordinary() -> None:
    days = [datetime(2026, 12, 24, 12, tzinfo=UK) + timedelta(days=ahead) for ahead in range(12)]
    assert [status(HELPLINE, day).open for day in days] == [
        *(True, None, None, False, None, True, True, True),  # Thursday 24 to Thursday 31 December
        *(None, False, False, True),  # Friday 1 to Monday 4 January
    ]


@given(st.datetimes(datetime(2024, 1, 1), datetime(2030, 12, 31), timezones=st.just(UTC)))
def test_always_is_at_every_moment_bank_holidays_too(now: datetime) -> None:
    assert status(ALWAYS, now) == Status(open=True)


@given(st.datetimes(datetime(2024, 1, 1), datetime(2030, 12, 31), timezones=st.just(UTC)))
@example(datetime(2024, 3, 31, 1, tzinfo=UTC))
@example(datetime(2026, 10, 25, 1, 30, tzinfo=UTC))
@settings(deadline=None, max_examples=500)
def test_a_status_never_contradicts_itself(now: datetime) -> None:
    at = status(HELPLINE, now)
    if at.open is None:
        assert (at.until, at.opens) == (None, None)
        assert is_bank_holiday(now.astimezone(UK).date())
    elif at.open:
        assert at.until is not None and at.until > now
        assert at.opens is None
        last = at.until.astimezone(UTC) - timedelta(seconds=1)
        assert status(HELPLINE, last) == at
        assert status(HELPLINE, at.until).open is False
    else:
        assert at.opens is not None and at.opens > now
        assert at.until is None
        assert status(HELPLINE, at.opens).open is True
        assert status(HELPLINE, at.opens.astimezone(UTC) - timedelta(seconds=1)).open is not True


@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2030, 12, 31), timezones=st.just(UTC)),
    st.timezones(),
)
@settings(deadline=None)
def test_the_visitor_s_own_time_zone_changes_nothing(now: datetime, zone: ZoneInfo) -> None:
    assert status(HELPLINE, now.astimezone(zone)) == status(HELPLINE, now)


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (time(0, 0), "midnight"),
        (time(0, 5), "12:05am"),
        (time(9, 0), "9am"),
        (time(11, 59), "11:59am"),
        (time(12, 0), "12 noon"),
        (time(12, 30), "12:30pm"),
        (time(17, 30), "5:30pm"),
        (time(21, 0), "9pm"),
        (datetime(2026, 11, 24, 17, 0, tzinfo=UK), "5pm"),
    ],
)
def test_a_time_is_said_as_people_say_it(moment: time | datetime, said: str) -> None:
    assert clock(moment) == said


@given(st.times(), st.times())
def test_no_two_minutes_are_said_alike(one: time, other: time) -> None:
    same_minute = (one.hour, one.minute) == (other.hour, other.minute)
    assert (clock(one) == clock(other)) is same_minute


@pytest.mark.parametrize(
    "written",
    [
        "sometimes",
        "",
        ["monday 09:00-17:00"],
        ["mon 9:00-17:00"],
        ["mon 09:00-25:00"],
        ["mon 17:00-09:00"],
        ["mon 09:00-09:00"],
    ],
)
def test_hours_written_otherwise_are_refused(written: str | list[str]) -> None:
    with pytest.raises(ValueError, match=r"neither|not written like|closes before|hour must be|Invalid"):
        parse_hours(written)


def test_the_order_of_the_lines_does_not_matter() -> None:
    assert parse_hours(WEEK[::-1]) == HELPLINE == Hours(always=False, spans=HELPLINE.spans)
    assert len(HELPLINE.spans) == len(WEEK)
