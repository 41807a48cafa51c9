"""Old weeks become months, old months become half-years. Totals stay the same to the unit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, Engine, Integer, delete, literal, select, text

from bot.counts.database import name_ids, upsert, writing
from bot.counts.models import KEY, Count, Day
from bot.counts.periods import HALF_YEAR, MONTH, ONE_WEEK, WEEK, half_year_of, month_of, months_before, week_of

_DIMENSIONS = [name for name in KEY if name not in ("grain", "first_day")]


@dataclass(frozen=True, slots=True)
class Folded:
    """How many weeks became part of a month, and how many months part of a half-year."""

    weeks: int = 0
    months: int = 0


def fold(engine: Engine, now: datetime, *, months_after_weeks: int, half_years_after_months: int) -> Folded:
    """Fold weeks that ended more than so many weeks before this one, then months likewise.

    Each period is folded in a transaction of its own: interrupted, the next run goes on; run twice, nothing changes.

    Raises:
        SQLAlchemyError: the database failed; the period it was at is as it was before.
    """
    week = week_of(now)
    return Folded(
        weeks=_fold_all(engine, WEEK, week - months_after_weeks * ONE_WEEK, MONTH, month_of),
        months=_fold_all(engine, MONTH, months_before(month_of(week), half_years_after_months), HALF_YEAR, half_year_of),
    )


def _fold_all(engine: Engine, grain: str, oldest_kept: date, into_grain: str, into: Callable[[date], date]) -> int:
    with writing(engine).begin() as connection:
        ids = name_ids(connection, (grain, into_grain))
        old = select(Count.first_day).where(Count.grain == ids[grain], Count.first_day < oldest_kept).distinct()
        days = sorted(connection.execute(old).scalars())
    for day in days:
        with writing(engine).begin() as connection:
            _fold(connection, (ids[grain], day), (ids[into_grain], into(day)))
    return len(days)


def _fold(connection: Connection, period: tuple[int, date], into: tuple[int, date]) -> None:
    if connection.dialect.name == "postgresql":  # SQLite has one writer at a time anyway
        connection.execute(text("LOCK TABLE counts IN SHARE ROW EXCLUSIVE MODE"))
    is_it = (Count.grain == period[0], Count.first_day == period[1])
    grain, first_day = literal(into[0], Integer), literal(into[1], Day)
    rows = select(grain, first_day, *(getattr(Count, name) for name in _DIMENSIONS), Count.number).where(*is_it)
    insert = upsert(connection, Count).from_select([*KEY, "number"], rows)
    sums = {"number": Count.number + insert.excluded.number}
    connection.execute(insert.on_conflict_do_update(index_elements=KEY, set_=sums))
    connection.execute(delete(Count).where(*is_it))
