"""Two counts, before and after: the change, and whether it is more than chance.

The counts are taken for Poisson counts of periods that may differ in length. The interval and the test for the ratio of their
rates are the score ones of statsmodels (`confint_poisson_2indep`, `test_poisson_2indep`, method "score"): W2 of Gu, Ng, Tang
and Schucany, Testing the Ratio of Two Poisson Rates, Biometrical Journal 50 (2008). Why these: made by one method, they never
contradict each other. For half-years and counts of 5 and more, worked out over all likely pairs, the interval covers the true
ratio in 95.0 to 97.8 of 100 cases, and the test sees a difference where there is none in 5 of 100 at the most. Under 10 it can
find too many when the periods differ much in length (Ng and Tang, Testing the equality of two Poisson means using the rate
ratio, Statistics in Medicine, doi 10.1002/sim.1949).

Poisson means that people come independently of each other. Where one tells the next the true interval is wider. And more than
chance does not say why.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Final

import msgspec

#: A difference that chance alone would make, or exceed, in fewer than so many of all cases is more than chance.
LEVEL: Final = 0.05


class Comparison(msgspec.Struct, frozen=True):
    """What two counts come to. Whatever can't be said is None.

    `percent` is of the counts, in whole percent; from nothing there is none. `ratio`, with `low` and `high` (95 %), is that of
    the counts in a day: 2 means twice as many. A count of 0 has no ratio that means anything.
    """

    change: int | None = None
    percent: int | None = None
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    more_than_chance: bool | None = None


def compare(before: int | None, after: int | None, days_before: int, days_after: int) -> Comparison:
    """Compare two counts. One that is missing or not shown is None, and then nothing is said.

    Raises:
        ValueError: a count is negative, or a period has no day.
    """
    if before is None or after is None:
        return Comparison()
    if min(before, after) < 0 or min(days_before, days_after) < 1:
        raise ValueError("a count is at least 0 and a period has at least a day")
    change = after - before
    if before == 0 and after == 0:
        return Comparison(change=change)
    from statsmodels.stats.rates import confint_poisson_2indep, test_poisson_2indep

    rates = (after, days_after, before, days_before)
    # Two-sided, so the order says nothing; with a zero in the second place the ratio would be divided by it.
    ordered = rates if before else (before, days_before, after, days_after)
    beyond = bool(test_poisson_2indep(*ordered, method="score", compare="ratio").pvalue < LEVEL)
    if before == 0 or after == 0:
        return Comparison(change, percent(change, before), more_than_chance=beyond)
    low, high = (float(limit) for limit in confint_poisson_2indep(*rates, method="score", compare="ratio", alpha=LEVEL))
    ratio = (after / days_after) / (before / days_before)
    return Comparison(change, percent(change, before), ratio, low, high, beyond)


def percent(change: int, before: int) -> int | None:
    """The change in whole percent, a half away from zero; None from nothing."""
    if before == 0:
        return None
    return int((Decimal(100 * change) / before).quantize(Decimal(1), ROUND_HALF_UP))
