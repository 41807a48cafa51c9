"""Folding: old weeks become months, old months half-years, and not one count is lost or added."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from counting import KNOWN, TUESDAY, recorder, rows, totals
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, event, insert

from bot.counts.database import name_ids, open_database, writing
from bot.counts.models import NAMED, NONE, Count
from bot.counts.periods import HALF_YEAR, MONTH, ONE_WEEK, WEEK, half_year_of, month_of, months_before, week_of
from bot.counts.retention import Folded, fold

AGES = {"months_after_weeks": 13, "half_years_after_months": 24}
THIS_WEEK = date(2026, 11, 23)


def put(engine: Engine, counts: list[tuple[date, dict[str, str], int]]) -> None:
    """Replace what is counted by weeks: first day, the names that are not none, number."""
    with writing(engine).begin() as connection:
        ids = name_ids(connection, KNOWN.names())
        connection.execute(delete(Count))
        summed: Counter[tuple[date, tuple[tuple[str, int], ...]]] = Counter()
        for day, names, number in counts:
            all_names = {"grain": WEEK, "audience": "unknown", "what": "page_opened", "item": ""} | names
            summed[day, tuple((column, ids[all_names.get(column, NONE)]) for column in NAMED)] += number
        if summed:
            connection.execute(insert(Count), [{**dict(ns), "first_day": d, "number": n} for (d, ns), n in summed.items()])


def periods(database: str) -> dict[tuple[str, date], int]:
    found: Counter[tuple[str, date]] = Counter()
    for row in rows(database):
        found[row["grain"], row["first_day"]] += row["number"]
    return dict(found)


def without_period(database: str) -> Counter[tuple[Any, ...]]:
    """How often each thing was counted, whenever it was."""
    found: Counter[tuple[Any, ...]] = Counter()
    for row in rows(database):
        found[tuple(row[column] for column in NAMED if column != "grain")] += row["number"]
    return found


@pytest.fixture(scope="module")
def one_file(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database that is used again for each example."""
    folder: Path = tmp_path_factory.mktemp("counts")
    return f"sqlite:///{folder / 'counts.sqlite'}"


def weeks_ago(weeks: int, number: int = 1, **names: str) -> tuple[date, dict[str, str], int]:
    return THIS_WEEK - weeks * ONE_WEEK, names, number


COUNTS = st.lists(
    st.builds(
        weeks_ago,
        st.integers(-2, 300),
        st.integers(1, 10**12),
        campaign=st.sampled_from(["none", "cheshire", "cumbria"]),
        audience=st.sampled_from(["self", "unknown"]),
    ),
    max_size=30,
)


@hypothesis_settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(COUNTS, st.integers(1, 60), st.integers(1, 40), st.datetimes(datetime(2026, 1, 1), datetime(2032, 1, 1)))
@example([weeks_ago(0), weeks_ago(13), weeks_ago(14), weeks_ago(300)], 13, 24, datetime(2026, 11, 24))
def test_totals_stay_the_same_to_the_unit_and_nothing_old_stays_fine(
    one_file: str, counts: list[tuple[date, dict[str, str], int]], weeks: int, months: int, moment: datetime
) -> None:
    now = moment.replace(tzinfo=UTC)
    engine = open_database(one_file)
    put(engine, counts)
    before = without_period(one_file)
    fold(engine, now, months_after_weeks=weeks, half_years_after_months=months)
    assert without_period(one_file) == before
    oldest_week = week_of(now) - weeks * ONE_WEEK
    oldest_month = months_before(month_of(week_of(now)), months)
    for grain, first_day in periods(one_file):
        assert grain != WEEK or (first_day >= oldest_week and first_day.weekday() == 0)
        assert grain != MONTH or (first_day >= oldest_month and first_day.day == 1)
        assert grain != HALF_YEAR or first_day == half_year_of(first_day)
    folded = fold(engine, now, months_after_weeks=weeks, half_years_after_months=months)
    assert folded == Folded(weeks=0, months=0)
    assert without_period(one_file) == before


def test_what_folds_is_what_is_older_than_it_may_be(database: str) -> None:
    engine = open_database(database)
    put(engine, [weeks_ago(0, 1), weeks_ago(13, 2), weeks_ago(14, 4), weeks_ago(15, 8), weeks_ago(150, 16)])
    assert fold(engine, TUESDAY, **AGES) == Folded(weeks=3, months=1)
    assert periods(database) == {
        (WEEK, date(2026, 11, 23)): 1,
        (WEEK, date(2026, 8, 24)): 2,
        (MONTH, date(2026, 8, 1)): 12,
        (HALF_YEAR, date(2024, 1, 1)): 16,
    }


def test_a_week_that_is_folded_late_adds_to_its_month(database: str) -> None:
    """A process whose database was away for months still writes to the week that it counted in."""
    engine = open_database(database)
    put(engine, [weeks_ago(15, 8)])
    assert fold(engine, TUESDAY, **AGES).weeks == 1
    late = recorder(database, clock=(TUESDAY - timedelta(weeks=15)).timestamp)
    late.count("page_opened")
    assert late.flush()
    assert fold(engine, TUESDAY, **AGES).weeks == 1
    assert periods(database) == {(MONTH, date(2026, 8, 1)): 9}


@pytest.mark.parametrize("statement", range(1, 9))
def test_interrupted_anywhere_it_goes_on_the_next_time(database: str, statement: int) -> None:
    counts = [weeks_ago(weeks, weeks, campaign=name) for weeks in (14, 40, 130, 150) for name in ("none", "cheshire")]
    engine = open_database(database)
    put(engine, counts)
    before = without_period(database)
    left = statement

    @event.listens_for(engine, "before_cursor_execute")
    def _(connection: object, cursor: object, sql: str, *rest: object) -> None:
        nonlocal left
        if sql.startswith(("INSERT INTO counts", "DELETE FROM counts")):
            left -= 1
            if left == 0:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fold(engine, TUESDAY, **AGES)
    assert without_period(database) == before
    fold(engine, TUESDAY, **AGES)
    assert without_period(database) == before
    assert {grain for grain, _ in periods(database)} == {MONTH, HALF_YEAR}


def test_counting_and_folding_at_the_same_time_lose_nothing(database: str) -> None:
    """Late counts for weeks that are just being folded, by two who fold at once."""
    engine = open_database(database)
    put(engine, [])
    stop = threading.Event()
    failed: list[Exception] = []

    def keep_folding() -> None:
        while not stop.is_set():
            try:
                fold(engine, TUESDAY, **AGES)
            except Exception as error:
                failed.append(error)
                return

    folding = [threading.Thread(target=keep_folding) for _ in range(2)]
    for thread in folding:
        thread.start()
    late = recorder(database, clock=(TUESDAY - timedelta(weeks=20)).timestamp)
    for _ in range(100):
        late.count("page_opened")
        while not late.flush():
            pass
    stop.set()
    for thread in folding:
        thread.join()
    assert failed == []
    assert totals(database) == {"page_opened": 100}
