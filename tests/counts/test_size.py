"""What five years of counts take: on the disk, and of a reply's time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from counting import TUESDAY, file_of, totals
from generated import CONVERSATIONS, fill, kept_periods, known, made

from bot.answers.reply import Answers
from bot.counts.database import open_database
from bot.counts.known import Known
from bot.counts.retention import Folded, fold

TEN_MEGABYTES = 10_000_000


@pytest.fixture(scope="module")
def names(answers: Answers) -> Known:
    return known(frozenset(answers.catalogue))


def test_a_million_conversations_take_less_than_ten_megabytes(sqlite: str, names: Known) -> None:
    written = fill(sqlite, names, TUESDAY)
    assert written > 100_000  # or it would be no test
    assert sum(path.stat().st_size for path in file_of(sqlite).parent.iterdir()) < TEN_MEGABYTES
    assert totals(sqlite)["conversation_started"] == pytest.approx(CONVERSATIONS, rel=0.001)


def test_the_generated_counts_are_as_retention_leaves_them(sqlite: str, names: Known) -> None:
    fill(sqlite, names, TUESDAY)
    assert fold(open_database(sqlite), TUESDAY, months_after_weeks=13, half_years_after_months=24) == Folded()
    assert sum(kept_periods(TUESDAY).values()) == 260


def test_the_generated_counts_are_possible(names: Known) -> None:
    """No pointer is opened more often than it was shown, nor shown to more conversations than there were."""
    numbers = {row[:-1]: row[-1] for row in made(names, TUESDAY - timedelta(days=1), seed=2)}
    for (*place, what, item), number in numbers.items():
        if what in ("pointer_opened", "pointer_shown"):
            more = ("pointer_shown", item) if what == "pointer_opened" else ("conversation_started", "")
            assert number <= numbers[(*place, *more)]
