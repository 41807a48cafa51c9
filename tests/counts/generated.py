"""The counts of a million conversations over five years, made straight at the level at which they are kept.

A count of many visitors who each do something with a certain chance is a draw from a binomial or multinomial distribution, so
nobody has to be simulated: each period's conversations are dealt out to campaigns, languages and audiences, and of those, so
many see and open each pointer. All campaigns run all the time, which is more than any region can do, and so the worst case.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import numpy as np
from sqlalchemy import insert

from bot.counts.database import name_ids, open_database, writing
from bot.counts.known import Known
from bot.counts.models import AUDIENCES, KEY, NONE, Count
from bot.counts.periods import HALF_YEAR, MONTH, ONE_WEEK, WEEK, half_year_of, month_of, months_before, week_of

CONVERSATIONS = 1_000_000
WEEKS = 5 * 52
#: Shares of conversations: most have no campaign, and campaigns are of all sizes.
_OF_CAMPAIGN = np.array([15.0, *(1 / (place + 1) for place in range(30))])
_OF_LANGUAGE = np.array([90.0, 4.0, 3.0, 3.0])
_OF_AUDIENCE = np.array([45.0, 25.0, 5.0, 10.0, 15.0])
_SEEN, _BESIDE, _OPENED = 0.8, 0.05, 0.15
#: Of a route's answers: how many pointers most of its visitors see. The others are seen by a few.
_USUAL = 8

Row = tuple[Any, ...]


def known(pointers: frozenset[str]) -> Known:
    """Thirty campaigns in fifteen areas, four languages, and the catalogue's pointers."""
    campaigns = {f"campaign_number_{number}": f"area_number_{number % 15}" for number in range(30)}
    return Known(campaigns, frozenset({"en", "cy", "pl", "ur"}), pointers)


def fill(address: str, names: Known, now: datetime, seed: int = 1) -> int:
    """Put the counts into an empty database. Returns how many rows that were."""
    rows = list(made(names, now, seed))
    with writing(open_database(address)).begin() as connection:
        ids = name_ids(connection, names.names())
        columns = [*KEY, "number"]
        kept = ((ids[row[0]], row[1], *(ids[name] for name in row[2:-1]), row[-1]) for row in sorted(rows))
        connection.execute(insert(Count), [dict(zip(columns, row, strict=True)) for row in kept])
    return len(rows)


def made(names: Known, now: datetime, seed: int) -> Iterator[Row]:
    """Every row, with names: grain, first day, campaign, area, language, audience, what, item, number."""
    random = np.random.default_rng(seed)
    codes, languages, pointers = [NONE, *names.campaigns], sorted(names.languages), sorted(names.pointers)
    shares = np.einsum("c,l,a->cla", *(of / of.sum() for of in (_OF_CAMPAIGN, _OF_LANGUAGE, _OF_AUDIENCE)))
    sees = np.full((len(AUDIENCES), len(pointers)), _BESIDE)
    for audience in range(len(AUDIENCES)):
        sees[audience, random.permutation(len(pointers))[:_USUAL]] = _SEEN
    for (grain, first_day), weeks in kept_periods(now).items():
        dealt = random.multinomial(CONVERSATIONS * weeks // WEEKS, shares.ravel()).reshape(shares.shape)
        for (code, language, audience), number in np.ndenumerate(dealt):
            place = (grain, first_day, codes[code], names.campaigns.get(codes[code], NONE), languages[language])
            shown = random.binomial(number, sees[audience])
            numbers = {
                "page_opened": number + random.poisson(number),
                "conversation_started": number,
                "conversation_pointed": random.binomial(number, 0.95),
                "crisis_shown": random.binomial(number, 0.04),
            }
            items = [(what, "", each) for what, each in numbers.items()]
            items += [("pointer_shown", item, each) for item, each in zip(pointers, shown, strict=True)]
            opened = random.binomial(shown, _OPENED)
            items += [("pointer_opened", item, each) for item, each in zip(pointers, opened, strict=True)]
            yield from ((*place, AUDIENCES[audience], what, item, int(each)) for what, item, each in items if each)


def kept_periods(now: datetime) -> dict[tuple[str, date], int]:
    """The periods that are left of five years after folding by the default ages, with the weeks that are in each."""
    this_week = week_of(now)
    oldest_week, oldest_month = this_week - 13 * ONE_WEEK, months_before(month_of(this_week), 24)
    periods: dict[tuple[str, date], int] = {}
    for week in (this_week - ago * ONE_WEEK for ago in range(WEEKS)):
        month = month_of(week)
        if week >= oldest_week:
            period = (WEEK, week)
        else:
            period = (MONTH, month) if month >= oldest_month else (HALF_YEAR, half_year_of(month))
        periods[period] = periods.get(period, 0) + 1
    return periods
