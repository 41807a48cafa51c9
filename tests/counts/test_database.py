"""Opening the database: made when it isn't there, refused in one line when it is no good."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from counting import dump, file_of
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from bot.counts import database as module
from bot.counts.database import name_ids, open_database, writing
from bot.counts.models import Name
from bot.errors import StartError
from bot.settings import ROOT


def refused(address: str) -> str:
    with pytest.raises(StartError) as error:
        open_database(address)
    message = str(error.value)
    assert "\n" not in message
    return message


def test_a_new_database_is_empty_and_opens_again(database: str) -> None:
    first = dump(database)
    assert {"names", "counts", "writers"} <= set(first)
    assert not any(first.values())
    assert dump(database) == first


def test_the_file_is_its_owner_s_alone_and_so_is_its_folder(sqlite: str) -> None:
    before = os.umask(0)
    try:
        engine = open_database(sqlite)
        with writing(engine).begin() as connection:
            name_ids(connection, {"en"})
            beside = sorted(path.name for path in file_of(sqlite).parent.iterdir())
            modes = {path.stat().st_mode & 0o777 for path in file_of(sqlite).parent.iterdir()}
    finally:
        os.umask(before)
    assert beside == ["counts.sqlite", "counts.sqlite-shm", "counts.sqlite-wal"]
    assert modes == {0o600}
    assert file_of(sqlite).parent.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in file_of(sqlite).parent.iterdir()] == ["counts.sqlite"]


def test_sqlite_writes_ahead_and_overwrites_what_is_deleted(sqlite: str) -> None:
    asked = ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
    with open_database(sqlite).connect() as connection:
        assert [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in asked] == ["wal", 1, 1, 1]


@pytest.mark.parametrize("name", ["a b", "per%cent", "ha#sh", "caf\u00e9", "a=b&c", "why?mode=memory"])
def test_a_folder_may_have_any_name(tmp_path: Path, name: str) -> None:
    open_database(f"sqlite:///{quote(str(tmp_path / name / 'counts.sqlite'))}")
    assert [path.name for path in (tmp_path / name).iterdir()] == ["counts.sqlite"]


def test_a_file_that_was_deleted_is_an_error_and_not_a_new_file(sqlite: str) -> None:
    engine = open_database(sqlite)
    file_of(sqlite).unlink()
    with pytest.raises(OperationalError, match="unable to open"):
        engine.connect()
    assert not file_of(sqlite).exists()


@pytest.mark.parametrize(
    ("address", "complaint"),
    [
        ("counts.sqlite", "is not an address such as sqlite:///"),
        ("mysql://localhost/counts", "neither SQLite nor PostgreSQL"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("postgresql+psycopg://someone:secret@127.0.0.1:1/counts", "refused"),
    ],
)
def test_an_address_that_leads_nowhere_is_refused_in_one_line(address: str, complaint: str) -> None:
    message = refused(address)
    assert complaint in message
    assert "secret" not in message


@pytest.mark.parametrize("path", ["file/counts.sqlite", "file/more/counts.sqlite", "folder"])
def test_a_path_where_no_file_can_be_is_refused(tmp_path: Path, path: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    assert re.search("Not a directory|Is a directory", refused(f"sqlite:///{tmp_path / path}"))


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("These are notes. " * 100, encoding="utf-8")
    assert "not a database" in refused(f"sqlite:///{file}")
    assert file.read_text(encoding="utf-8") == "These are notes. " * 100


def test_somebody_else_s_tables_are_refused_and_left_alone(database: str) -> None:
    with writing(open_database(database)).begin() as connection:
        for table in ("writers", "counts", "alembic_version"):
            connection.execute(text(f"DROP TABLE {table}"))
    assert "names" in refused(database)


def test_a_database_that_a_newer_signpost_wrote_is_refused_and_left_alone(database: str) -> None:
    engine = open_database(database)
    with writing(engine).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert "a newer Signpost wrote it (9999): update Signpost" in refused(database)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == "9999"


def test_a_database_that_is_locked_is_refused(sqlite: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.05)
    open_database(sqlite)
    holder = sqlite3.connect(file_of(sqlite), isolation_level=None)
    try:
        holder.execute("BEGIN IMMEDIATE")
        assert "database is locked" in refused(sqlite)
    finally:
        holder.close()
    open_database(sqlite)


def test_processes_that_start_together_make_the_tables_once(database: str) -> None:
    program = "import sys; from bot.counts.database import open_database; open_database(sys.argv[1])"
    started = [subprocess.Popen([sys.executable, "-c", program, database], cwd=ROOT, stderr=subprocess.PIPE) for _ in range(4)]
    ended = [process.communicate(timeout=60)[1].decode() for process in started]
    assert ended == [""] * 4
    assert not any(dump(database).values())


def test_alembic_is_only_loaded_when_there_is_something_to_migrate(sqlite: str) -> None:
    program = (
        "import sys; from bot.counts.recorder import Recorder; from bot.counts.database import open_database; "
        "open_database(sys.argv[1]); print('alembic' in sys.modules)"
    )
    said = [
        subprocess.run(
            [sys.executable, "-c", program, sqlite], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
        ).stdout
        for _ in range(2)
    ]
    assert said == ["True\n", "False\n"]


def test_names_are_written_once_and_sorted(database: str) -> None:
    engine = open_database(database)
    with writing(engine).begin() as connection:
        first = name_ids(connection, {"samaritans", "en", ""})
        again = name_ids(connection, {"en", "childline"})
        kept = connection.execute(select(Name.id, Name.name).order_by(Name.id)).all()
    assert [name for _, name in kept] == ["", "en", "samaritans", "childline"]
    assert {name: id for id, name in kept} == {**first, **again}


def test_a_name_that_is_too_long_is_refused(database: str) -> None:
    with (
        writing(open_database(database)).begin() as connection,
        pytest.raises(StartError, match=re.escape(f"{'x' * 41}: what is counted has a name of at most 40 characters")),
    ):
        name_ids(connection, {"x" * 41, "x" * 40})
