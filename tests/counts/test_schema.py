"""What the database can hold at all. A column that could hold a text or a time needs a decision record first."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from counting import KNOWN, rows
from sqlalchemy import Connection, insert, inspect, text
from sqlalchemy.exc import IntegrityError

from bot.counts import figures  # noqa: F401 - its table is one of those that the migrations make
from bot.counts.database import MIGRATIONS, name_ids, open_database, writing
from bot.counts.models import KEY, NAMED, NONE, SCHEMA, Base, Count
from bot.settings import ROOT

RECORDS = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "bot" / "decisions").glob("*.md")))

#: A number of days on SQLite, which has no dates.
DAY = "DATE"
COLUMNS = {
    "alembic_version": {"version_num": "VARCHAR(32)"},
    "names": {"id": "INTEGER", "name": "VARCHAR(40)"},
    "counts": {
        "grain": "INTEGER",
        "first_day": DAY,
        "campaign": "INTEGER",
        "area": "INTEGER",
        "language": "INTEGER",
        "audience": "INTEGER",
        "what": "INTEGER",
        "item": "INTEGER",
        "number": "BIGINT",
    },
    "writers": {"writer": "BIGINT", "last_batch": "BIGINT", "week": DAY},
    # What others have published, not what visitors did: decision record 0011.
    "figures": {
        "area": "VARCHAR(40)",
        "kind": "VARCHAR(40)",
        "first_day": DAY,
        "last_day": DAY,
        "number": "BIGINT",
        "source": "VARCHAR(300)",
        "grade": "VARCHAR(1)",
    },
}
PUBLISHED = ["figures.area", "figures.kind", "figures.source", "figures.grade"]


def columns(connection: Connection) -> dict[str, dict[str, str]]:
    """Tables, their columns and types, as the database itself tells them."""
    found = inspect(connection)
    return {
        table: {str(column["name"]): str(column["type"]) for column in found.get_columns(table)}
        for table in found.get_table_names()
    }


def expected(connection: Connection) -> dict[str, dict[str, str]]:
    """COLUMNS as this database calls them."""
    day = "INTEGER" if connection.dialect.name == "sqlite" else DAY
    return {table: {name: day if kind == DAY else kind for name, kind in inside.items()} for table, inside in COLUMNS.items()}


def undecided(connection: Connection) -> list[str]:
    """Columns that no decision record names as `table.column`."""
    named = set(re.findall(r"`(\w+\.\w+)`", RECORDS))
    found = [f"{table}.{column}" for table, inside in columns(connection).items() for column in inside]
    return [column for column in found if column not in named]


def a_count(connection: Connection, **changes: Any) -> dict[str, Any]:
    ids = name_ids(connection, KNOWN.names())
    names = {"grain": "week", "audience": "self", "what": "page_opened", "item": ""}
    row = {column: ids[names.get(column, NONE)] for column in NAMED}
    return {**row, "first_day": date(2026, 11, 23), "number": 1, **changes}


def test_the_database_holds_these_columns_and_no_others(database: str) -> None:
    with open_database(database).connect() as connection:
        assert columns(connection) == expected(connection)


def test_every_column_is_named_by_a_decision_record(database: str) -> None:
    with open_database(database).connect() as connection:
        assert undecided(connection) == []


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ("ALTER TABLE counts ADD COLUMN note VARCHAR(10)", "counts.note"),
        ("ALTER TABLE counts ADD COLUMN at TIMESTAMP", "counts.at"),
        ("ALTER TABLE writers ADD COLUMN seconds BIGINT", "writers.seconds"),
        ("CREATE TABLE visits (address TEXT)", "visits.address"),
    ],
)
def test_a_column_without_a_decision_record_is_found(database: str, change: str, column: str) -> None:
    with open_database(database).connect() as connection:
        connection.execute(text(change))
        assert undecided(connection) == [column]
        assert columns(connection) != expected(connection)


def test_the_only_texts_are_the_names_the_version_of_the_tables_and_what_others_have_published() -> None:
    texts = [f"{table}.{name}" for table, inside in COLUMNS.items() for name, kind in inside.items() if "CHAR" in kind]
    assert texts == ["alembic_version.version_num", "names.name", *PUBLISHED]


def test_models_and_migrations_agree(database: str) -> None:
    with open_database(database).connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_the_schema_is_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_current_head() == SCHEMA


def test_sqlite_keeps_rows_in_the_order_of_the_key_and_not_of_the_writing(sqlite: str) -> None:
    with open_database(sqlite).connect() as connection:
        made = connection.execute(text("SELECT sql FROM sqlite_master WHERE name = 'counts'")).scalar_one()
    assert made.split()[-2:] == ["WITHOUT", "ROWID"]


@pytest.mark.parametrize("column", NAMED)
def test_nothing_but_a_known_name_can_be_counted(database: str, column: str) -> None:
    with writing(open_database(database)).connect() as connection, pytest.raises(IntegrityError):
        connection.execute(insert(Count), [a_count(connection, **{column: 999})])


@pytest.mark.parametrize("changes", [{"number": 0}, {"number": -1}, {"number": None}, {"first_day": None}], ids=str)
def test_a_count_is_a_number_of_times_in_a_period(database: str, changes: dict[str, Any]) -> None:
    with writing(open_database(database)).connect() as connection, pytest.raises(IntegrityError):
        connection.execute(insert(Count), [a_count(connection, **changes)])


def test_a_count_is_read_by_its_names(database: str) -> None:
    with writing(open_database(database)).begin() as connection:
        connection.execute(insert(Count), [a_count(connection, number=3)])
    [row] = rows(database)
    assert set(row) == {*KEY, "number"}
    assert (row["grain"], row["first_day"], row["campaign"], row["number"]) == ("week", date(2026, 11, 23), NONE, 3)
    assert (row["audience"], row["what"], row["item"]) == ("self", "page_opened", "")
