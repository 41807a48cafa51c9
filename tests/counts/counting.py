"""What the tests of the counts share: a few known names, and what stands in a database."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from bot.counts.database import open_database
from bot.counts.known import Known
from bot.counts.models import Base, by_name
from bot.counts.recorder import Recorder

KNOWN = Known(
    campaigns={"cheshire": "cheshire", "cheshire_2027": "cheshire", "cumbria": "cumbria"},
    languages=frozenset({"en", "cy"}),
    pointers=frozenset({"stop_it_now_helpline", "samaritans"}),
)
#: A Tuesday in the week that begins on 23 November 2026.
TUESDAY = datetime(2026, 11, 24, 10, tzinfo=UTC)


def recorder(database: str, **changes: Any) -> Recorder:
    """A recorder whose clock stands on TUESDAY, and that writes when `flush` is called or soon after `start`."""
    return Recorder(database, KNOWN, **{"every": 0.02, "clock": TUESDAY.timestamp} | changes)


def file_of(address: str) -> Path:
    return Path(address.removeprefix("sqlite:///"))


def rows(database: str) -> list[dict[str, Any]]:
    """Every count, by name."""
    with open_database(database).connect() as connection:
        return [dict(row) for row in connection.execute(select(by_name)).mappings()]


def totals(database: str) -> Counter[str]:
    """How often each kind of event was counted."""
    sums: Counter[str] = Counter()
    for row in rows(database):
        sums[row["what"]] += row["number"]
    return sums


def dump(database: str) -> dict[str, list[tuple[Any, ...]]]:
    """Everything that the database holds, in the order in which it gives it."""
    with open_database(database).connect() as connection:
        tables = Base.metadata.sorted_tables
        return {table.name: [tuple(row) for row in connection.execute(select(table))] for table in tables}
