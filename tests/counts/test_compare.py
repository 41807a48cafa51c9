"""Two counts compared: the published figures to the digit, and what can't be said."""

from __future__ import annotations

from itertools import combinations_with_replacement

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from scipy.stats import poisson

from bot.counts.compare import Comparison, compare, percent

BEFORE, AFTER = 184, 181
COUNTS = st.integers(5, 10_000)
DAYS = st.integers(1, 1000)


@pytest.mark.parametrize(
    ("before", "after", "change", "in_percent"), [(163, 477, 314, 193), (1747, 3549, 1802, 103), (84, 139, 55, 65)]
)
def test_the_published_figures_are_reproduced_to_the_digit(before: int, after: int, change: int, in_percent: int) -> None:
    compared = compare(before, after, BEFORE, AFTER)
    assert (compared.change, compared.percent, compared.more_than_chance) == (change, in_percent, True)


def test_the_ratio_is_that_of_the_counts_in_a_day() -> None:
    compared = compare(163, 477, BEFORE, AFTER)
    assert compared.ratio == pytest.approx((477 / 181) / (163 / 184))
    assert compared.low is not None and compared.high is not None
    assert (round(compared.low, 2), round(compared.high, 2)) == (2.49, 3.55)
    assert compare(100, 50, 200, 100).ratio == 1


def test_equal_counts_of_equal_periods_have_not_changed() -> None:
    compared = compare(20, 20, 181, 181)
    assert (compared.change, compared.percent, compared.ratio, compared.more_than_chance) == (0, 0, 1, False)


def test_from_nothing_there_is_a_change_and_a_test_but_no_percentage_and_no_ratio() -> None:
    assert compare(0, 10, BEFORE, AFTER) == Comparison(change=10, more_than_chance=True)
    assert compare(0, 1, BEFORE, AFTER) == Comparison(change=1, more_than_chance=False)


def test_to_nothing_there_is_a_percentage_but_no_ratio() -> None:
    assert compare(10, 0, BEFORE, AFTER) == Comparison(change=-10, percent=-100, more_than_chance=True)


def test_of_nothing_and_nothing_there_is_nothing_to_say() -> None:
    assert compare(0, 0, BEFORE, AFTER) == Comparison(change=0)


@pytest.mark.parametrize(("before", "after"), [(None, 5), (5, None), (None, None)])
def test_with_one_count_missing_nothing_is_said(before: int | None, after: int | None) -> None:
    assert compare(before, after, BEFORE, AFTER) == Comparison()


@pytest.mark.parametrize("wrong", [(-1, 5, 1, 1), (5, -1, 1, 1), (5, 5, 0, 1), (5, 5, 1, 0)])
def test_what_is_no_count_or_no_period_is_refused(wrong: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="at least"):
        compare(*wrong)


@pytest.mark.parametrize(("change", "before", "in_percent"), [(1, 8, 13), (-1, 8, -13), (1, 3, 33), (2, 3, 67), (5, 0, None)])
def test_percent_is_rounded_as_people_round(change: int, before: int, in_percent: int | None) -> None:
    assert percent(change, before) == in_percent


@given(COUNTS, COUNTS, DAYS, DAYS)
def test_the_interval_holds_the_ratio_and_agrees_with_the_test(before: int, after: int, first: int, second: int) -> None:
    compared = compare(before, after, first, second)
    assert compared.ratio is not None and compared.low is not None and compared.high is not None
    assert compared.low < compared.ratio < compared.high
    if min(abs(compared.low - 1), abs(compared.high - 1)) > 1e-6:
        assert compared.more_than_chance is not (compared.low < 1 < compared.high)


@hypothesis_settings(max_examples=50)
@given(COUNTS, COUNTS, DAYS, DAYS)
def test_the_other_way_round_it_is_the_other_way_round(before: int, after: int, first: int, second: int) -> None:
    there, back = compare(before, after, first, second), compare(after, before, second, first)
    assert there.ratio is not None and back.ratio is not None
    assert (there.change, there.more_than_chance) == (-(back.change or 0), back.more_than_chance)
    assert there.ratio == pytest.approx(1 / back.ratio)
    assert there.low == pytest.approx(1 / (back.high or 0), rel=1e-3)


@pytest.mark.parametrize("mean", [8, 14])
def test_a_difference_is_seen_where_there_is_none_in_5_of_100_cases_at_the_most(mean: int) -> None:
    """Over all pairs of counts, each with its probability."""
    counts = range(5, int(poisson.ppf(0.9995, mean)) + 1)
    weights = {count: float(poisson.pmf(count, mean)) for count in counts}
    likely = sum(
        weights[less] * weights[more] * (1 if less == more else 2)
        for less, more in combinations_with_replacement(counts, 2)
        if compare(less, more, 181, 181).more_than_chance
    )
    assert likely / sum(weights.values()) ** 2 < 0.0505
