"""A mark through every door of a real server, and then a search of all that it said, printed and wrote."""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import signal
import socket
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from doors import JSON, raw, requests, send_raw
from faulty import Faulty, faulty_server
from serving import READY, SECONDS, children

from bot import log
from bot.settings import ROOT, Settings

STEM = "zqkanarix"
FAULTS = ("web", "classifier", "action", "channel", "catalogue", "every card", "database")
#: The marks in each way that a program writes a string down.
WRITTEN = [STEM.encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")]


@dataclass
class Marks:
    """What was sent, by the place that it was sent to, and what was answered."""

    places: dict[str, str] = field(default_factory=dict)
    answers: dict[str, bytes] = field(default_factory=dict)

    def new(self, place: str) -> str:
        """A mark for a place."""
        mark = f"{STEM}{secrets.token_hex(5)}"
        assert place not in self.places.values(), place
        self.places[mark] = place
        return mark

    def found_in(self, content: bytes) -> list[str]:
        """The places whose marks are in the content, in whichever letters and encoding."""
        lower = content.lower()
        if not any(form in lower for form in WRITTEN):
            return []
        found = [place for mark, place in self.places.items() if mark.encode() in lower]
        return found or ["a mark that is written in another way, or half of one"]


@dataclass
class Search:
    """All that there is to search when the server has ended."""

    marks: Marks
    faulty: Faulty
    before: dict[Path, tuple[int, int]]
    after: dict[Path, tuple[int, int]]
    written_to: set[Path]
    code: int


@pytest.fixture(scope="module")
def search(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Search:
    """One life of a server, with every door tried, and its end in the middle of a request."""
    marks, before = Marks(), listing()
    with faulty_server(settings, tmp_path_factory.mktemp("canary")) as faulty:
        try_every_door(faulty, marks)
        for fault in FAULTS:
            with faulty.fault(fault):
                try_with_a_fault(faulty, marks, fault)
                time.sleep(0.3 if fault == "database" else 0)
        written_to = open_for_writing([faulty.server.process.pid, *children(faulty.server.process.pid)])
        code = end_in_the_middle_of_a_request(faulty, marks)
    return Search(marks, faulty, before, listing(), written_to, code)


def try_every_door(faulty: Faulty, marks: Marks) -> None:
    for number, (place, _) in enumerate(requests("")):
        mark = marks.new(place)
        method, path, body, headers = [request for _, request in requests(mark)][number]
        connection = faulty.server.connect(timeout=5)
        connection.putrequest(method, path, skip_host="Host" in headers, skip_accept_encoding=True)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            connection.putheader(name, value)
        connection.endheaders(body)
        response = connection.getresponse()
        marks.answers[place] = str(response.getheaders()).encode() + response.read()
        connection.close()
    for number, (place, _) in enumerate(raw("")):
        sent = [sent for _, sent in raw(marks.new(place))][number]
        marks.answers[place] = send_raw(faulty.server, sent)


def try_with_a_fault(faulty: Faulty, marks: Marks, fault: str) -> None:
    """Text, ids and headers, while a part raises with all that it gets."""
    for kind, message in {"a text": {}, "a button": {"choice": "correct_me"}, "a crisis": {"lang": "cy"}}.items():
        place = f"{kind} with a fault in {fault}"
        mark = marks.new(place)
        body = json.dumps({"text": f"asdkjh {mark}", "campaign": mark, "conversation": mark, **message})
        answer = faulty.server.ask("POST", f"/chat?{mark}", body, **{**JSON, "User_Agent": mark, "Cookie": mark})
        marks.answers[place] = (str(answer.headers) + answer.body).encode()


def end_in_the_middle_of_a_request(faulty: Faulty, marks: Marks) -> int:
    """Half a request, SIGTERM, and the other half for one of two. Returns the exit code."""
    finished, left = (marks.new(f"SIGTERM in a request that was {what}") for what in ("finished", "left"))
    head = "POST /chat HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nX-Mark: {}\r\nContent-Length: {}\r\n\r\n"
    with (
        socket.create_connection(("127.0.0.1", faulty.server.port), timeout=10) as first,
        socket.create_connection(("127.0.0.1", faulty.server.port), timeout=10) as second,
    ):
        body = json.dumps({"text": f"I am worried {finished}"})
        first.sendall((head.format(finished, len(body)) + body[:20]).encode())
        second.sendall((head.format(left, 900) + f'{{"text": "{left}').encode())
        time.sleep(0.2)
        faulty.server.process.send_signal(signal.SIGTERM)
        time.sleep(0.2)
        first.sendall(body[20:].encode())
        marks.answers[marks.places[finished]] = first.recv(100_000)
        second.close()
        return faulty.server.process.wait(SECONDS)


def listing() -> dict[Path, tuple[int, int]]:
    """Every file of the project, with its size and the time of its last change."""
    found = {}
    for folder, _, names in os.walk(ROOT):
        for name in names:
            path = Path(folder, name)
            with contextlib.suppress(FileNotFoundError):
                stat = path.lstat()
                found[path] = (stat.st_size, stat.st_mtime_ns)
    return found


def open_for_writing(pids: list[int]) -> set[Path]:
    """The regular files that processes hold open and may write to."""
    found = set()
    for pid in pids:
        for link in Path(f"/proc/{pid}/fd").iterdir():
            flags = re.search(r"flags:\s*(\d+)", Path(f"/proc/{pid}/fdinfo/{link.name}").read_text())
            target = link.readlink()
            if flags and int(flags[1], 8) & 0b11 and target.is_file():
                found.add(target)
    return found


def test_every_door_was_tried_and_answered(search: Search) -> None:
    assert len(search.marks.places) > 150
    answered = [place for place, answer in search.marks.answers.items() if b"0808 1000 900" in answer]
    assert len(answered) > 120
    assert search.code == 0


def test_no_answer_holds_what_was_sent(search: Search) -> None:
    assert {place: found for place, answer in search.marks.answers.items() if (found := search.marks.found_in(answer))} == {}


def test_nothing_is_printed_but_events_of_the_list(search: Search) -> None:
    printed = search.faulty.server.printed.read_bytes()
    assert search.marks.found_in(printed) == []
    lines = printed.decode().splitlines()
    events = [json.loads(line) for line in lines if line.startswith("{")]
    assert [line for line in lines if not line.startswith("{") and not READY.match(line)] == []
    for event in events:
        assert event.keys() - {"at", "event"} <= log.EVENTS[event["event"]]
    assert {"started", "turn_failed", "request_failed", "counts_late", "stopped"} <= {event["event"] for event in events}


def test_no_file_of_its_own_holds_what_was_sent(search: Search) -> None:
    """Home, temporary files, the log, and the database with what stands beside it."""
    files = [path for path in search.faulty.folder.rglob("*") if path.is_file()]
    assert {"printed.txt", "printed.sqlite"} <= {path.name for path in files}
    assert {str(path): found for path in files if (found := search.marks.found_in(path.read_bytes()))} == {}


def test_no_file_of_the_project_that_has_changed_holds_what_was_sent(search: Search) -> None:
    changed = [path for path, state in search.after.items() if search.before.get(path) != state and path.is_file()]
    assert {str(path): found for path in changed if (found := search.marks.found_in(path.read_bytes()))} == {}


def test_it_writes_to_its_log_and_its_database_alone(search: Search) -> None:
    allowed = {search.faulty.server.printed} | set(search.faulty.folder.glob("printed.sqlite*"))
    assert search.faulty.server.printed in search.written_to
    assert search.written_to - allowed == set()


def test_it_leaves_nothing_at_home_and_no_library_reports_to_its_maker(search: Search) -> None:
    """onnxruntime would do both. Where `CI` is set it does neither, so the variable is looked at too."""
    assert [path for path in (search.faulty.folder / "home").rglob("*") if path.is_file()] == []
    assert os.environ["ORT_DISABLE_TELEMETRY"] == "1"
    assert os.environ["RASA_TELEMETRY_ENABLED"] == "false"


def test_the_search_finds_a_mark_in_every_way_of_writing() -> None:
    marks = Marks()
    mark = marks.new("here")
    for encoding in ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le"):
        assert marks.found_in(b"before " + mark.upper().encode(encoding) + b" after")
    assert marks.found_in(b"nothing of it") == []
