"""Never silent: whatever breaks, the visitor has the helpline within two seconds, and real answers again when it is mended."""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

import pytest
from faulty import FILES, Faulty, route
from serving import Answer, wait_until, wait_until_ready

from bot.web.server import OTHER_FILES

AT_MOST = 2.0
#: Texts that the parts answer which the faults are in.
GREETING, UNCLEAR, CRISIS = "hello", "asdkjh qwpoe zzmx", "I want to kill myself"


def assert_has_the_numbers(seconds: float, answer: Answer) -> None:
    assert seconds < AT_MOST
    assert {"0808 1000 900", "999", "116 123"} <= {pointer["tel"] for pointer in json.loads(answer.body)["pointers"]}


@pytest.mark.parametrize(
    ("fault", "text", "event"),
    [
        ("web", GREETING, {"event": "request_failed", "error": "RuntimeError"}),
        ("classifier", GREETING, {"event": "turn_failed", "error": "GraphComponentException"}),
        ("action", UNCLEAR, {"event": "turn_failed", "error": "LookupError"}),
        ("channel", GREETING, {"event": "turn_failed", "error": "RuntimeError"}),
        ("catalogue", GREETING, {"event": "turn_failed", "error": "RuntimeError"}),
    ],
)
def test_a_part_that_raises_gives_the_fallback_and_one_event(
    fault: str, text: str, event: dict[str, str], faulty: Faulty
) -> None:
    before = len(faulty.server.events())
    with faulty.fault(fault):
        seconds, answer = faulty.timed(text=text)
    assert answer.status == 500
    assert_has_the_numbers(seconds, answer)
    assert faulty.new_events(before) == [event]
    assert faulty.timed(text=GREETING)[1].status == 200
    assert route(faulty.timed(text=CRISIS)[1]) == "suicide_crisis"


def test_even_when_no_answer_can_be_made_the_numbers_are_there(faulty: Faulty) -> None:
    with faulty.fault("every card"):
        pages = [faulty.server.ask("GET", "/"), faulty.server.ask("GET", "/nowhere", accept="text/html")]
        seconds, answer = faulty.timed(text=GREETING)
    assert_has_the_numbers(seconds, answer)
    for page in pages:
        assert "tel:08081000900" in page.body or "0808 1000 900" in page.body
    assert faulty.timed(text=GREETING)[1].status == 200


def test_without_a_classifier_the_buttons_work_and_a_crisis_gets_the_numbers(faulty: Faulty) -> None:
    with faulty.fault("classifier"):
        for choice in ("professional", "suicide_crisis"):
            assert route(faulty.timed(choice=choice)[1]) == choice
        assert_has_the_numbers(*faulty.timed(text=CRISIS))


def test_while_the_classifier_hangs_nobody_waits_longer_than_two_seconds(faulty: Faulty) -> None:
    before = len(faulty.server.events())
    with faulty.fault("classifier hangs"):
        first = faulty.timed(text=GREETING)
        behind = faulty.timed(text=GREETING)
        page = faulty.server.ask("GET", "/")
        ready = faulty.server.ask("GET", "/health/ready")
    for seconds, answer in (first, behind):
        assert answer.status == 500
        assert_has_the_numbers(seconds, answer)
    assert behind[0] < 0.5
    assert (page.status, ready.status) == (200, 503)
    assert [event["event"] for event in faulty.new_events(before)] == ["turn_slow"]
    wait_until(lambda: faulty.server.ask("GET", "/health/ready").status == 200)
    assert route(faulty.timed(text=GREETING)[1]) == "greet"


def database(faulty: Faulty) -> Path:
    return faulty.folder / "printed.sqlite"


@contextmanager
def locked(faulty: Faulty) -> Iterator[None]:
    """Hold the lock that every writer needs."""
    other = sqlite3.connect(database(faulty), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


@contextmanager
def gone(faulty: Faulty) -> Iterator[None]:
    """Take the file away and put it back."""
    path = database(faulty)
    path.rename(path.with_suffix(".away"))
    try:
        yield
    finally:
        path.with_suffix(".away").rename(path)


@contextmanager
def failing(faulty: Faulty) -> Iterator[None]:
    """Let each write raise."""
    with faulty.fault("database"):
        yield


def counted(faulty: Faulty) -> int:
    """How many conversations are counted in the database."""
    connection = sqlite3.connect(database(faulty))
    query = "SELECT coalesce(sum(number), 0) FROM counts JOIN names ON what = id WHERE name = 'conversation_started'"
    (number,) = connection.execute(query).fetchone()
    connection.close()
    return int(number)


@pytest.mark.parametrize("trouble", [locked, gone, failing])
def test_without_its_database_it_answers_as_ever_and_counts_later(
    trouble: Callable[[Faulty], AbstractContextManager[None]], faulty: Faulty
) -> None:
    time.sleep(0.6)  # so that what other tests did is counted
    before, events = counted(faulty), len(faulty.server.events())
    with trouble(faulty):
        timed = [faulty.timed(text=GREETING) for _ in range(5)]
        wait_until(lambda: faulty.new_events(events), 10)
    assert [answer.status for _, answer in timed] == [200] * 5
    assert max(seconds for seconds, _ in timed) < AT_MOST
    assert [event["event"] for event in faulty.new_events(events)] == ["counts_late"]
    wait_until(lambda: counted(faulty) == before + 5, 10)


def test_a_full_disk_keeps_nobody_from_an_answer(faulty: Faulty) -> None:
    """No file can grow, neither the log nor the database. The events of that time are lost, and no more than those."""
    pids = (faulty.server.process.pid, faulty.server.worker)
    limits = [resource.prlimit(pid, resource.RLIMIT_FSIZE) for pid in pids]
    for pid, (_, most) in zip(pids, limits, strict=True):
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, most))
    try:
        answers = [faulty.timed(text=text) for text in (GREETING, CRISIS, UNCLEAR)]
        with faulty.fault("action"):
            failed = faulty.timed(text=UNCLEAR)
        page = faulty.server.ask("GET", "/")
    finally:
        for pid, limit in zip(pids, limits, strict=True):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, limit)
    assert [answer.status for _, answer in answers] == [200, 200, 200]
    assert failed[1].status == 500
    assert_has_the_numbers(*failed)
    assert page.status == 200
    before = len(faulty.server.events())
    with faulty.fault("action"):
        faulty.timed(text=UNCLEAR)
    assert {"event": "turn_failed", "error": "LookupError"} in faulty.new_events(before)


def test_the_worker_and_the_keeper_leave_no_core_and_let_nobody_look_in(faulty: Faulty) -> None:
    for name, pid in (("keeper", faulty.server.process.pid), ("worker", faulty.server.worker)):
        limits = Path(f"/proc/{pid}/limits").read_text()
        (core,) = [line.split() for line in limits.splitlines() if line.startswith("Max core file size")]
        assert core[4:6] == ["0", "0"]
        assert faulty.dumpable(name) == "0"


def test_files_that_are_spoiled_while_it_runs_change_nothing_until_a_worker_must_start(faulty: Faulty) -> None:
    folder, server = faulty.folder, faulty.server
    helpline, model = folder / "data" / "catalogue" / "stop_it_now.yml", folder / "signpost.tar.gz"
    right, before = helpline.read_text(), len(server.events())
    model.rename(folder / "away")
    helpline.write_text("nonsense: [")
    try:
        for text, expected in ((GREETING, "greet"), (CRISIS, "suicide_crisis"), (UNCLEAR, "out_of_scope")):
            assert route(faulty.timed(text=text)[1]) == expected
        os.kill(server.worker, signal.SIGKILL)
        wait_until(lambda: {"event": "worker_ended", "code": 2} in faulty.new_events(before), 20)
        seconds, answer = faulty.timed(text=GREETING)
        assert answer.status == 503
        assert_has_the_numbers(seconds, answer)
    finally:
        helpline.write_text(right)
        (folder / "away").rename(model)
    wait_until_ready(server)
    assert route(faulty.timed(text=GREETING)[1]) == "greet"


def test_when_connections_take_all_files_that_may_be_open_the_next_are_told_and_it_recovers(faulty: Faulty) -> None:
    """Some files it keeps for itself: so many connections are not taken, and no file is missing."""
    with ExitStack() as held:
        for _ in range(FILES - OTHER_FILES + 15):
            held.enter_context(socket.create_connection(("127.0.0.1", faulty.server.port), timeout=5))
        seconds, answer = faulty.timed(text=GREETING)
        assert answer.status == 429
        assert seconds < AT_MOST
        assert "0808 1000 900" in answer.body
    wait_until(lambda: faulty.timed(text=GREETING)[1].status == 200, 5)
    assert faulty.server.ask("GET", "/static/page.css").status == 200
