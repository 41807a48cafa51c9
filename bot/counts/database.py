"""Open the database of counts: a SQLite file, or PostgreSQL by URL. Nothing happens at import, and Alembic is only loaded
when there is something to migrate."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from bot.counts.models import LONGEST_NAME, SCHEMA, Name
from bot.errors import StartError

#: Seconds to wait for a lock or a connection. No reply waits with us.
PATIENCE: Final = 2
MIGRATIONS: Final = Path(__file__).resolve().parent / "migrations"
#: PostgreSQL's advisory lock for migrations; any number that no other program is likely to take.
_MIGRATING: Final = 736_967_6


def open_database(address: str) -> Engine:
    """Open the database, make it when it isn't there, and bring its tables up to date.

    `address` is a URL of SQLAlchemy's: `sqlite:///var/counts.sqlite`, `postgresql+psycopg://user:password@host/name`.

    Raises:
        StartError: it can't be opened or written, or a newer Signpost has written it.
    """
    try:
        url = make_url(address)
    except (ArgumentError, ValueError) as error:
        raise StartError("database: is not an address such as sqlite:///var/counts.sqlite") from error
    shown = url.render_as_string(hide_password=True)
    try:
        engine = _sqlite(url) if url.get_backend_name() == "sqlite" else _postgresql(url)
        with writing(engine).begin() as connection:
            _migrate(connection, shown)
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        raise StartError(f"database {shown}: {_reason(error)}: mend it, or name another with SIGNPOST_DATABASE") from error
    return engine


def writing(engine: Engine) -> Engine:
    """The same engine for a transaction that writes: on SQLite it takes the lock when it begins, not halfway."""
    return engine.execution_options(for_writing=True)


def upsert(connection: Connection, table: Any) -> sqlite.Insert | postgresql.Insert:
    """An INSERT in the connection's dialect, which knows ON CONFLICT."""
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)


def name_ids(connection: Connection, names: Iterable[str]) -> dict[str, int]:
    """The numbers of these names. New ones are written down first, sorted, so that a number says nothing.

    Raises:
        StartError: a name is too long.
    """
    wanted = set(names)
    too_long = sorted(name for name in wanted if len(name) > LONGEST_NAME)
    if too_long:
        raise StartError(f"{too_long[0]}: what is counted has a name of at most {LONGEST_NAME} characters")
    new = sorted(wanted - _ids(connection).keys())
    if new:  # and another process may be writing the same ones
        connection.execute(upsert(connection, Name).on_conflict_do_nothing(), [{"name": name} for name in new])
    known = _ids(connection)
    return {name: known[name] for name in wanted}


def _ids(connection: Connection) -> dict[str, int]:
    return {row.name: row.id for row in connection.execute(select(Name.name, Name.id))}


def _postgresql(url: URL) -> Engine:
    if url.get_backend_name() != "postgresql":
        raise ArgumentError("is neither SQLite nor PostgreSQL")
    waits = {"connect_timeout": PATIENCE, "tcp_user_timeout": 1000 * PATIENCE}
    # No pool: a connection every few seconds is cheap, and none is kept that a restart of the server leaves dead.
    engine = create_engine(url.set(drivername="postgresql+psycopg"), poolclass=NullPool, connect_args=waits)

    @event.listens_for(engine, "connect")
    def _(connection: Any, record: object) -> None:
        connection.execute(f"SET lock_timeout = '{PATIENCE}s'")
        connection.commit()

    return engine


def _sqlite(url: URL) -> Engine:
    if url.database in (None, "", ":memory:"):
        raise ArgumentError("names no file")
    path = Path(str(url.database)).absolute()
    if not path.parent.exists():
        # Another process may make it just now.
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    # mode=rw: a file that is gone is an error then, not a new one that is empty and that others may read.
    file = f"file:{quote(str(path))}?mode=rw"

    def connect() -> sqlite3.Connection:
        # Without an isolation level Python begins no transaction. It would leave out CREATE TABLE, so we begin it below.
        connection = sqlite3.connect(file, uri=True, timeout=PATIENCE, isolation_level=None)
        for pragma in ("synchronous = NORMAL", "foreign_keys = ON", "secure_delete = ON"):
            connection.execute(f"PRAGMA {pragma}")
        return connection

    first = connect()
    try:
        first.execute("PRAGMA journal_mode = WAL")
    finally:
        first.close()
    # No pool: when the last connection closes, the log beside the database is emptied and removed.
    engine = create_engine("sqlite+pysqlite://", creator=connect, poolclass=NullPool)

    @event.listens_for(engine, "begin")
    def _(connection: Connection) -> None:
        at_once = connection.get_execution_options().get("for_writing")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if at_once else "BEGIN")

    return engine


def _migrate(connection: Connection, shown: str) -> None:
    """Nothing, when the tables are up to date. Of two processes that start together, the second waits for the first."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATING})"))
    version = None
    if inspect(connection).has_table("alembic_version"):
        version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if version == SCHEMA:
        return
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    ours = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if version is not None and version not in ours:
        raise StartError(f"database {shown}: a newer Signpost wrote it ({version}): update Signpost, or name another")
    command.upgrade(config, "head")


def _reason(error: Exception) -> str:
    cause = getattr(error, "orig", None) or error
    return " ".join(str(cause).split()) or type(cause).__name__
