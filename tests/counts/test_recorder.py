"""Counting: nothing twice, nothing lost without being told, and never in an answer's way."""

from __future__ import annotations

import secrets
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from counting import KNOWN, TUESDAY, dump, file_of, recorder, rows, totals
from postgresql import Cluster
from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError

from bot.counts import database as database_module
from bot.counts import recorder as recorder_module
from bot.counts.database import open_database
from bot.counts.models import What
from bot.counts.recorder import NoRecorder, Recorder
from bot.errors import StartError

Opened = Callable[[Engine], None]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_module, "PATIENCE", 1)


@pytest.fixture
def on_open(monkeypatch: pytest.MonkeyPatch) -> Callable[[Opened], None]:
    """Do something to every engine that a recorder opens from now on."""

    def do(change: Opened) -> None:
        def opened(address: str) -> Engine:
            engine = open_database(address)
            change(engine)
            return engine

        monkeypatch.setattr(recorder_module, "open_database", opened)

    return do


@pytest.fixture
def locked(sqlite: str) -> Iterator[Callable[[], None]]:
    """The SQLite database with another connection that holds its lock; call it to let go."""
    open_database(sqlite)
    holder = sqlite3.connect(file_of(sqlite), isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    yield holder.rollback
    holder.close()


def events(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What was logged since the last time, without its time."""
    return [line.partition('"event":')[2] for line in capsys.readouterr().err.splitlines()]


def wait_until(done: Callable[[], bool]) -> None:
    until = time.monotonic() + 20
    while not done():
        assert time.monotonic() < until, "it took too long"
        time.sleep(0.02)


def test_what_is_counted_is_in_the_database_soon(database: str) -> None:
    counts = recorder(database)
    counts.start()
    for _ in range(3):
        counts.count("pointer_shown", campaign="cheshire_2027", language="cy", audience="self", item="samaritans")
    wait_until(lambda: totals(database) == {"pointer_shown": 3})
    counts.count("pointer_shown", campaign="cheshire_2027", language="cy", audience="self", item="samaritans")
    counts.stop()
    assert [tuple(row.values()) for row in rows(database)] == [
        ("week", "cheshire_2027", "cheshire", "cy", "self", "pointer_shown", "samaritans", date(2026, 11, 23), 4)
    ]


def test_stopping_writes_what_waits_and_says_nothing(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    counts = recorder(database, every=3600)
    counts.start()
    counts.count("page_opened")
    counts.stop()
    assert totals(database) == {"page_opened": 1}
    assert events(capsys) == []


def test_each_count_is_kept_under_the_week_it_was_made_in(database: str) -> None:
    now = TUESDAY
    counts = recorder(database, clock=lambda: now.timestamp())
    for days in (0, 5, 6, 7):
        now = TUESDAY + timedelta(days=days)
        counts.count("page_opened")
    assert counts.flush()
    assert {row["first_day"]: row["number"] for row in rows(database)} == {date(2026, 11, 23): 2, date(2026, 11, 30): 2}


#: What two visitors see of the same page, campaign and route, each in an order of their own.
FIRST: list[tuple[What, str]] = [
    ("page_opened", ""),
    ("conversation_started", ""),
    ("pointer_shown", "samaritans"),
    ("pointer_shown", "stop_it_now_helpline"),
    ("conversation_pointed", ""),
    ("pointer_opened", "samaritans"),
]
SECOND = sorted(FIRST, reverse=True)


def visit(address: str, day: int, steps: list[tuple[What, str]], *, slowly: bool = False) -> None:
    """One visitor on a day of the week; a slow one is still there when the first counts are written."""
    counts = recorder(address, clock=(TUESDAY + timedelta(days=day)).timestamp)
    for what, item in steps:
        counts.count(what, campaign="cheshire", audience="self", item=item)
        assert not slowly or counts.flush()
    assert counts.flush()


def test_two_visitors_of_the_same_week_campaign_and_route_leave_the_same_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secrets, "randbits", lambda bits: 7)  # the process is the same; else two numbers are random
    visit(f"sqlite:///{tmp_path / 'first'}", 0, FIRST)
    visit(f"sqlite:///{tmp_path / 'second'}", 3, SECOND)
    assert totals(f"sqlite:///{tmp_path / 'first'}").total() == 6
    assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()


def test_a_slow_visitor_leaves_the_same_rows_as_a_fast_one(tmp_path: Path) -> None:
    dumps = []
    for name, steps, slowly in (("fast", FIRST, False), ("slow", SECOND, True)):
        visit(f"sqlite:///{tmp_path / name}", 0, steps, slowly=slowly)
        dumps.append(dump(f"sqlite:///{tmp_path / name}"))
    fast, slow = ([row[-1] for row in of.pop("writers")] for of in dumps)
    assert fast == slow == [date(2026, 11, 23)]  # before it: the two random numbers
    assert dumps[0] == dumps[1]


@pytest.mark.parametrize("failures", [1, 2, 3])
def test_a_batch_whose_answer_was_lost_is_not_counted_twice(
    database: str, on_open: Callable[[Opened], None], failures: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """The database has it, but the connection breaks before it can say so."""
    left = 0

    def break_after_commit(engine: Engine) -> None:
        commit = engine.dialect.do_commit

        def committed_then_broken(connection: Any) -> None:
            nonlocal left
            commit(connection)
            if left:
                left -= 1
                raise OperationalError("COMMIT", {}, ConnectionError("the answer was lost"))

        engine.dialect.do_commit = committed_then_broken  # type: ignore[method-assign]

    on_open(break_after_commit)
    counts = recorder(database)
    counts.count("page_opened")
    assert counts.flush()
    left = failures
    for _ in range(5):
        counts.count("page_opened")
    tries = [counts.flush() for _ in range(failures)]
    counts.count("page_opened")
    assert counts.flush()
    assert tries == [False] * failures
    assert totals(database) == {"page_opened": 7}
    assert events(capsys) == ['"counts_late","error":"OperationalError"}']


def test_the_same_batch_again_long_after_is_not_counted_twice_either(database: str) -> None:
    now = TUESDAY
    counts = recorder(database, clock=lambda: now.timestamp())
    counts.count("page_opened")
    assert counts.flush()
    now += timedelta(days=7)
    other = recorder(database, clock=lambda: now.timestamp())
    other.count("page_opened")
    assert other.flush()
    assert len(dump(database)["writers"]) == 2
    now += timedelta(days=7)
    assert recorder(database, clock=lambda: now.timestamp()).flush()
    assert [row[2] for row in dump(database)["writers"]] == [date(2026, 11, 30)]


def test_a_locked_database_costs_no_time_and_no_count(
    sqlite: str, locked: Callable[[], None], capsys: pytest.CaptureFixture[str]
) -> None:
    counts = recorder(sqlite)
    began = time.perf_counter()
    for _ in range(1_000):
        counts.count("page_opened")
    assert time.perf_counter() - began < 0.2
    assert [counts.flush(), counts.flush()] == [False, False]
    assert events(capsys) == ['"counts_late","error":"OperationalError"}']
    locked()
    counts.count("page_opened")
    assert counts.flush()
    assert totals(sqlite) == {"page_opened": 1_001}


def test_counting_goes_on_while_the_thread_waits_for_a_lock(sqlite: str) -> None:
    counts = recorder(sqlite)
    counts.start()
    holder = sqlite3.connect(file_of(sqlite), isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    slowest = 0.0
    for _ in range(50):
        began = time.perf_counter()
        counts.count("page_opened")
        slowest = max(slowest, time.perf_counter() - began)
        time.sleep(0.01)
    holder.close()
    counts.stop()
    assert totals(sqlite) == {"page_opened": 50}
    assert slowest < 0.1


def test_a_database_file_that_is_deleted_is_made_again(sqlite: str) -> None:
    counts = recorder(sqlite)
    counts.count("page_opened")
    assert counts.flush()
    file_of(sqlite).unlink()
    counts.count("crisis_shown")
    assert [counts.flush(), counts.flush()] == [False, True]
    assert totals(sqlite) == {"crisis_shown": 1}
    assert file_of(sqlite).stat().st_mode & 0o777 == 0o600


def test_a_full_disk_costs_no_count(sqlite: str, on_open: Callable[[Opened], None], capsys: pytest.CaptureFixture[str]) -> None:
    pages, now = 1_000_000, TUESDAY

    @on_open
    def _(engine: Engine) -> None:
        @event.listens_for(engine, "connect")
        def _(connection: Any, record: object) -> None:
            connection.execute(f"PRAGMA max_page_count = {pages}")  # no fewer than there are

    counts = recorder(sqlite, clock=lambda: now.timestamp())
    counts.count("page_opened")
    assert counts.flush()
    pages = 1
    for week in range(1_000):
        now = TUESDAY + timedelta(weeks=week)
        counts.count("page_opened")
    now = TUESDAY
    assert [counts.flush(), counts.flush()] == [False, False]
    assert events(capsys) == ['"counts_late","error":"OperationalError"}']
    assert totals(sqlite) == {"page_opened": 1}
    pages = 1_000_000
    assert counts.flush()
    assert totals(sqlite) == {"page_opened": 1_001}


def test_a_server_that_stops_and_starts_again_costs_no_count(cluster: Cluster, capsys: pytest.CaptureFixture[str]) -> None:
    database = cluster.new_database()
    counts = recorder(database)
    counts.start()
    counts.count("page_opened")
    wait_until(lambda: totals(database) == {"page_opened": 1})
    cluster.stop()
    try:
        counts.count("page_opened")
        wait_until(lambda: "counts_late" in "".join(events(capsys)))
    finally:
        cluster.start()
    counts.count("page_opened")
    wait_until(lambda: totals(database) == {"page_opened": 3})
    counts.stop()


def test_what_cannot_wait_any_longer_is_counted_as_lost_and_told(
    sqlite: str, locked: Callable[[], None], capsys: pytest.CaptureFixture[str]
) -> None:
    counts = recorder(sqlite, most=2)
    counts.count("page_opened")
    counts.count("crisis_shown")
    for _ in range(4):
        counts.count("conversation_started")
    counts.count("crisis_shown")  # this one waits already, so it is only a larger number
    assert not counts.flush()
    locked()
    assert counts.flush()
    assert totals(sqlite) == {"page_opened": 1, "crisis_shown": 2, "lost": 4}
    assert [row["campaign"] for row in rows(sqlite) if row["what"] == "lost"] == ["none"]
    assert events(capsys) == ['"counts_late","error":"OperationalError"}', '"counts_lost","count":4}']


def test_what_cannot_be_written_before_the_end_is_told(
    sqlite: str, locked: Callable[[], None], capsys: pytest.CaptureFixture[str]
) -> None:
    counts = recorder(sqlite)
    for _ in range(3):
        counts.count("page_opened")
    assert not counts.flush()
    counts.count("page_opened")
    counts.stop()
    assert events(capsys) == ['"counts_late","error":"OperationalError"}', '"counts_lost","count":4}']


def test_stopping_does_not_wait_for_ever(database: str, on_open: Callable[[Opened], None]) -> None:
    held = threading.Event()

    @on_open
    def _(engine: Engine) -> None:
        @event.listens_for(engine, "commit")
        def _(connection: object) -> None:
            if threading.current_thread().name == "counts":
                held.wait(20)

    counts = recorder(database)
    counts.start()
    counts.count("page_opened")
    time.sleep(0.1)
    began = time.monotonic()
    counts.stop(timeout=0.2)
    assert time.monotonic() - began < 5
    held.set()
    wait_until(lambda: totals(database) == {"page_opened": 1})


@pytest.mark.parametrize(
    "passed",
    [
        {"what": "typed"},
        {"what": "pointer_shown", "item": "0808 1000 900"},
        {"what": "page_opened", "item": "samaritans"},
        {"what": ["page_opened"]},
        {"what": "page_opened", "campaign": ["cheshire"]},
        {"what": "page_opened", "language": {}},
        {"what": None},
    ],
    ids=str,
)
def test_what_cannot_be_counted_raises_nothing_and_is_counted_as_lost(sqlite: str, passed: dict[str, Any]) -> None:
    counts = recorder(sqlite)
    counts.count(**passed)
    assert counts.flush()
    assert totals(sqlite) == {"lost": 1}


@pytest.mark.parametrize("typed", ["zebra-in-the-attic", "cheshire'; DROP TABLE counts; --", "x" * 100_000])
def test_what_is_typed_into_a_link_is_not_written_down(sqlite: str, typed: str) -> None:
    counts = recorder(sqlite)
    counts.count("page_opened", campaign=typed, language=typed, audience=typed)  # type: ignore[arg-type]
    assert counts.flush()
    [row] = rows(sqlite)
    assert (row["campaign"], row["area"], row["language"], row["audience"]) == ("none", "none", "none", "unknown")
    assert [path.name for path in file_of(sqlite).parent.iterdir() if typed.encode() in path.read_bytes()] == []


def test_many_threads_count_every_one(database: str) -> None:
    counts = recorder(database, every=0.01)
    counts.start()
    started = threading.Barrier(8)

    def visit() -> None:
        started.wait()
        for number in range(2_000):
            counts.count("pointer_shown", item="samaritans" if number % 2 else "stop_it_now_helpline", campaign="cumbria")

    threads = [threading.Thread(target=visit) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counts.stop()
    assert {row["item"]: row["number"] for row in rows(database)} == {"samaritans": 8_000, "stop_it_now_helpline": 8_000}


def test_several_recorders_on_one_database_add_up(database: str) -> None:
    several = [recorder(database, every=0.01) for _ in range(4)]
    for counts in several:
        counts.start()
    for number in range(4_000):
        for what in ("page_opened", "conversation_started", "crisis_shown"):
            several[number % 4].count(what)  # type: ignore[arg-type]
    for counts in several:
        counts.stop(timeout=20)
    assert totals(database) == Counter(dict.fromkeys(("page_opened", "conversation_started", "crisis_shown"), 4_000))


def test_old_weeks_are_folded_without_being_asked(database: str) -> None:
    now = TUESDAY - timedelta(weeks=20)
    counts = recorder(database, clock=lambda: now.timestamp())
    counts.count("page_opened")
    assert counts.flush()
    now = TUESDAY
    later = recorder(database)
    later.start()
    wait_until(lambda: [row["grain"] for row in rows(database)] == ["month"])
    later.stop()


def test_a_database_that_cannot_be_opened_stops_the_start(sqlite: str, locked: Callable[[], None]) -> None:
    with pytest.raises(StartError, match="database is locked"):
        recorder(sqlite).start()


def test_a_database_that_cannot_be_written_stops_the_start(cluster: Cluster) -> None:
    database = cluster.new_database()
    open_database(database)
    with pytest.raises(StartError, match="database"):
        recorder(f"{database}&options=-c%20default_transaction_read_only%3Don").start()


def test_a_link_that_is_too_long_for_a_name_stops_the_start(sqlite: str) -> None:
    long = type(KNOWN)({"x" * 41: "cheshire"}, KNOWN.languages, KNOWN.pointers)
    with pytest.raises(StartError, match="at most 40 characters"):
        Recorder(sqlite, long).start()


def test_with_counting_turned_off_nothing_happens() -> None:
    off = NoRecorder()
    off.start()
    off.count("page_opened", campaign="cheshire")
    off.stop()
    assert vars(off) == {}


@pytest.mark.parametrize("weeks", [1, 4])
def test_a_count_takes_microseconds(sqlite: str, weeks: int) -> None:
    """The budget is 0.2 ms for a reply, which counts about ten times."""
    now = TUESDAY.timestamp()
    counts = recorder(sqlite, clock=lambda: now)
    times = []
    for number in range(20_000):
        now = (TUESDAY + timedelta(weeks=number % weeks)).timestamp()
        began = time.perf_counter()
        counts.count("pointer_shown", campaign="cheshire", audience="self", item="samaritans")
        times.append(time.perf_counter() - began)
    assert sorted(times)[len(times) // 2] < 0.000_02
