"""What five years of counts take: on the disk, and of a reply's time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from counting import TUESDAY, file_of, totals
from generated import CONVERSATIONS, kept_periods, made
from sqlalchemy import func, select

from bot.counts.database import open_database
from bot.counts.known import Known
from bot.counts.models import Count
from bot.counts.retention import Folded, fold

TEN_MEGABYTES = 10_000_000


def test_a_million_conversations_take_less_than_ten_megabytes(million: str) -> None:
    with open_database(million).connect() as connection:
        assert connection.scalar(select(func.count()).select_from(Count)) > 100_000  # or it would be no test
    assert sum(path.stat().st_size for path in file_of(million).parent.iterdir()) < TEN_MEGABYTES
    assert totals(million)["conversation_started"] == pytest.approx(CONVERSATIONS, rel=0.001)


def test_the_generated_counts_are_as_retention_leaves_them(million: str) -> None:
    assert fold(open_database(million), TUESDAY, months_after_weeks=13, half_years_after_months=24) == Folded()
    assert sum(kept_periods(TUESDAY).values()) == 260


def test_the_generated_counts_are_possible(names: Known) -> None:
    """No pointer is opened more often than it was shown, nor shown to more conversations than there were."""
    numbers = {row[:-1]: row[-1] for row in made(names, TUESDAY - timedelta(days=1), seed=2)}
    for (*place, what, item), number in numbers.items():
        if what in ("pointer_opened", "pointer_shown"):
            more = ("pointer_shown", item) if what == "pointer_opened" else ("conversation_started", "")
            assert number <= numbers[(*place, *more)]
