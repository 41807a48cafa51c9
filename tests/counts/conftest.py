"""A real PostgreSQL for the whole session, and an empty database of either kind for a test."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from counting import TUESDAY, file_of
from generated import fill, known
from postgresql import Cluster, postgresql_programs

from bot.answers.reply import Answers
from bot.counts.known import Known

MISSING = "PostgreSQL's own programs are not here (Debian, Ubuntu: apt install postgresql)"


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    programs = postgresql_programs()
    if programs is None:
        if os.environ.get("CI"):
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    folder = Path(tempfile.mkdtemp(prefix="signpost-"))  # pytest's own is root's alone, and too long for a socket
    try:
        made = Cluster(programs, folder)
        made.start()
        yield made
        made.stop()
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def sqlite(tmp_path: Path) -> str:
    """The address of a SQLite file that is not there yet."""
    return f"sqlite:///{tmp_path / 'var' / 'counts.sqlite'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """The address of an empty database, of either kind."""
    if request.param == "postgresql":
        cluster: Cluster = request.getfixturevalue("cluster")
        return cluster.new_database()
    address: str = request.getfixturevalue("sqlite")
    return address


@pytest.fixture(scope="session")
def names(answers: Answers) -> Known:
    """The names in a million conversations' counts."""
    return known(frozenset(answers.catalogue))


@pytest.fixture(scope="session")
def filled(names: Known, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a SQLite file with a million conversations' counts, made once: copies are for changing."""
    folder = tmp_path_factory.mktemp("million")
    fill(f"sqlite:///{folder / 'counts.sqlite'}", names, TUESDAY)
    return folder


@pytest.fixture
def million(filled: Path, sqlite: str) -> str:
    """The address of a SQLite database of a test's own with a million conversations' counts."""
    shutil.copytree(filled, file_of(sqlite).parent)
    return sqlite
