"""Marked words go in through every door, through faults too; no file, no output and no answer has any of them afterwards."""

from __future__ import annotations

import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import pytest
from faulty import Faulty, faulty_server, new_word
from serving import wait_until, wait_until_ready

from bot.settings import ROOT, Settings

STEM = "wzyqo"
FORM = "application/x-www-form-urlencoded"
FAULTS = ("web", "classifier", "action", "channel", "catalogue", "every card", "database")
#: Folders of the project that tests and tools write into while this runs.
NOT_OURS = {".venv", ".git", "__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis", ".rasa"}


@dataclass
class Run:
    """A server that has been sent the marks and has ended: where its files are, and what it answered."""

    folder: Path
    began: float
    answers: list[str] = field(default_factory=list)
    sent: int = 0

    def mark(self) -> str:
        """One more mark."""
        self.sent += 1
        return new_word(STEM)


@pytest.fixture(scope="module")
def ended(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Everything below, one after the other, in one server's life."""
    run = Run(tmp_path_factory.mktemp("canary"), time.time())
    with faulty_server(settings, run.folder) as faulty:
        through_every_door(faulty, run)
        with_every_fault(faulty, run)
        through_broken_connections(faulty, run)
        faulty.server.process.send_signal(signal.SIGTERM)
        cut_off(faulty.server.port, run, b'{"text": "')
        assert faulty.server.process.wait(30) == 0
    return run


def through_every_door(faulty: Faulty, run: Run) -> None:
    ask, mark = faulty.server.ask, run.mark
    json_kind = {"content_type": "application/json", "accept": "application/json"}
    messages: list[dict[str, object]] = [
        {"text": f"hello {mark()}"},
        {"text": f"/{mark()}"},
        {"text": f"/{{{mark()}"},
        {"text": f"\uff0f{mark()}{{}}"},
        {"text": f"I want to die {mark()}"},
        {"text": f"{mark()} " * 150},
        {"choice": mark()},
        {"text": "hello", "campaign": mark()},
        {"text": "hello", "lang": mark()},
        {"text": "hello", "conversation": mark()},
        {mark(): mark(), "text": "hello"},
        {"text": {"in": mark()}},
    ]
    for message in messages:
        run.answers.append(ask("POST", "/chat", json.dumps(message), **json_kind).body)
        if all(isinstance(value, str) for value in message.values()):
            form = "&".join(f"{name}={quote(str(value))}" for name, value in message.items())
            run.answers.append(ask("POST", "/chat", form, content_type=FORM, accept="text/html").body)
    bodies = [f'{{"text": "{mark()}', f"[{mark()}]", mark() * 1_000, f"--{mark()}", "\xff" + mark()]
    for body in bodies:
        for kind in ("application/json", FORM, "multipart/form-data; boundary=b", mark()):
            run.answers.append(ask("POST", "/chat", body.encode("latin-1"), content_type=kind).body)
    names = ["User-Agent", "Referer", "Cookie", "Origin", "X-Forwarded-For", "Forwarded", "Accept-Language", "Authorization"]
    headers = {name.replace("-", "_"): mark() for name in names}
    for method, path in (("GET", f"/?c={mark()}&{mark()}=1"), ("GET", f"/{mark()}"), ("GET", f"/static/{mark()}.css")):
        run.answers.append(ask(method, path, **headers).body)
    run.answers.append(ask("POST", f"/chat?{mark()}", json.dumps({"text": "hello"}), **json_kind).body)
    run.answers.append(ask("POST", "/opened", f"conversation={mark()}&pointer={mark()}", content_type=FORM).body)
    run.answers.append(ask(mark().upper(), "/").body)


def with_every_fault(faulty: Faulty, run: Run) -> None:
    for name in FAULTS:
        with faulty.fault(name):
            for text in (f"I worry about my brother {run.mark()}", f"kjhgf {run.mark()}"):
                answer = faulty.server.say(text=text, conversation=run.mark(), campaign="cheshire")
                assert "0808 1000 900" in answer.body
                run.answers.append(answer.body)
            time.sleep(0.5)  # a batch of counts is tried
    assert faulty.server.say(text="hello").status == 200


def through_broken_connections(faulty: Faulty, run: Run) -> None:
    cut_off(faulty.server.port, run, b'{"text": "')
    with socket.create_connection(("127.0.0.1", faulty.server.port)) as raw:
        raw.sendall(f"NOT {run.mark()} HTTP {run.mark()}\r\n\r\n".encode())
        run.answers.append(raw.recv(65_536).decode())
    with faulty.fault("classifier hangs"):
        faulty.server.say(text=f"hello {run.mark()}")
    wait_until(lambda: faulty.server.say(text="hello").status == 200)
    before = faulty.server.worker
    with socket.create_connection(("127.0.0.1", faulty.server.port)) as raw:
        raw.sendall(request(run, b'{"text": "'))
        os.kill(before, signal.SIGKILL)
    wait_until_ready(faulty.server)


def request(run: Run, start: bytes) -> bytes:
    head = "POST /chat HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n"
    return head.encode() + start + run.mark().encode()


def cut_off(port: int, run: Run, start: bytes) -> None:
    """Send half a message and leave."""
    with socket.create_connection(("127.0.0.1", port)) as raw:
        raw.sendall(request(run, start))


def files_written(run: Run) -> Iterator[Path]:
    """All files below the server's own folders, and those of the project that are newer than its start."""
    yield from (path for path in run.folder.rglob("*") if path.is_file())
    for path in ROOT.rglob("*"):
        if not NOT_OURS & set(path.parts) and path.is_file() and path.stat().st_mtime >= run.began:
            yield path


def test_the_marks_were_sent_and_the_files_looked_at(ended: Run) -> None:
    assert ended.sent > 60
    names = {path.name for path in files_written(ended)}
    assert {"printed.txt", "printed.sqlite"} <= names
    assert (ended.folder / "printed.txt").stat().st_size > 200


def test_no_file_that_was_written_has_a_mark(ended: Run) -> None:
    found = [path for path in files_written(ended) if STEM.encode() in path.read_bytes() and path.suffix != ".py"]
    assert found == []


def test_no_answer_has_a_mark(ended: Run) -> None:
    assert [answer for answer in ended.answers if STEM in answer] == []


def test_what_was_printed_is_the_ready_line_and_events_alone(ended: Run) -> None:
    lines = (ended.folder / "printed.txt").read_text(encoding="utf-8").splitlines()
    other = [line for line in lines if not line.startswith('{"at":') and "Signpost is ready" not in line]
    assert other == []
    told = {json.loads(line)["event"] for line in lines if line.startswith("{")}
    assert {"started", "stopped", "turn_failed", "request_failed", "turn_slow", "worker_ended"} <= told
