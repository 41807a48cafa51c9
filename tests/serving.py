"""A real server in its own process, as a visitor and an operator meet it. What tests of it share."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from bot.engine.fingerprint import is_fresh
from bot.process import WIPE_FREED_MEMORY
from bot.settings import ROOT, Settings

READY = re.compile(r"Signpost is ready: http://127\.0\.0\.1:(\d+)/")
SECONDS = 60.0
SERVE = (sys.executable, "-m", "bot")


@dataclass
class Answer:
    """A status, headers with lower-case names, and a body."""

    status: int
    headers: dict[str, str]
    body: str


@dataclass
class Server:
    """A running server, and the file with all that it printed."""

    process: subprocess.Popen[bytes]
    port: int
    printed: Path

    @property
    def worker(self) -> int:
        """The process that answers, a child of the keeper's. Raises AssertionError when there is none."""
        (pid,) = children(self.process.pid)
        return pid

    def connect(self, timeout: float = 20, source: str = "127.0.0.1") -> http.client.HTTPConnection:
        """A connection from a loopback address. `http.client` sends a path just as it is."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout, source_address=(source, 0))

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        """One request on a connection of its own."""
        connection = self.connect()
        try:
            connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
            return answer_of(connection)
        finally:
            connection.close()

    def say(self, as_form: bool = False, accept: str = "application/json", **message: str) -> Answer:
        """Post a message as a form or as JSON."""
        body = urlencode(message) if as_form else json.dumps(message)
        kind = "application/x-www-form-urlencoded" if as_form else "application/json"
        return self.ask("POST", "/chat", body, content_type=kind, accept=accept)

    def events(self) -> list[dict[str, object]]:
        """All events so far."""
        return [json.loads(line) for line in self.printed.read_text().splitlines() if line.startswith("{")]


def answer_of(connection: http.client.HTTPConnection) -> Answer:
    """What comes back on a connection."""
    response = connection.getresponse()
    return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read().decode())


@contextmanager
def serving(
    settings: Settings,
    printed: Path,
    *,
    environment: Mapping[str, str] | None = None,
    command: Sequence[str] = SERVE,
    port: int = 0,
) -> Iterator[Server]:
    """Start a server and stop it whatever happens. On a free port it is waited for until it is ready, on a given one not.

    `environment` comes on top of this process's, without its settings.
    """
    assert is_fresh(settings.model, settings.data), "the model is stale: run ./signpost train"
    clean = {k: v for k, v in os.environ.items() if not k.startswith("SIGNPOST_") and k not in WIPE_FREED_MEMORY}
    clean["SIGNPOST_DATABASE"] = f"sqlite:///{printed.with_suffix('.sqlite')}"
    with printed.open("wb") as out:
        process = subprocess.Popen(
            [*command, "serve", "--port", str(port)],
            cwd=ROOT,
            env=clean | dict(environment or {}),
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    server = Server(process, port, printed)
    try:
        if not port:
            wait_until_ready(server)
        yield server
    finally:
        workers = children(process.pid)
        if process.poll() is None:
            process.kill()
        process.wait(SECONDS)
        wait_until(lambda: not any(map(is_running, workers)))


def wait_until_ready(server: Server) -> None:
    """Until the worker answers."""
    told = re.compile(rf"Traceback|{READY.pattern}")
    wait_until(lambda: told.search(server.printed.read_text()) or server.process.poll() is not None)
    found = READY.search(server.printed.read_text())
    assert found, f"did not start: {server.printed.read_text()}"
    server.port = int(found[1])
    wait_until(lambda: server.ask("GET", "/health/ready").status == 200)


def free_port() -> int:
    """A port that nobody listened on just now, for a server that must be found before it is ready."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


def own_data(settings: Settings, folder: Path, *own: str) -> Path:
    """A copy of `data` to spoil: the named files and folders are copied, the others linked."""
    folder.mkdir()
    for entry in settings.data.iterdir():
        if entry.name not in own:
            (folder / entry.name).symlink_to(entry)
        elif entry.is_dir():
            shutil.copytree(entry, folder / entry.name)
        else:
            shutil.copy(entry, folder / entry.name)
    return folder


def wait_until(done: Callable[[], object], seconds: float = SECONDS) -> None:
    until = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < until, "took too long"
        time.sleep(0.02)


def children(pid: int) -> list[int]:
    """The processes that a process has started."""
    return [int(stat.parent.name) for stat in Path("/proc").glob("[0-9]*/stat") if _state(stat)[1:] == [str(pid)]]


def is_running(pid: int) -> bool:
    """Whether there is such a process, and it is not only waiting to be taken notice of."""
    return _state(Path(f"/proc/{pid}/stat"))[:1] not in ([], ["Z"])


def _state(stat: Path) -> list[str]:
    """A process's state, in one letter, and its parent's number; nothing when it is gone."""
    try:
        return stat.read_text().rpartition(")")[2].split()[:2]
    except (FileNotFoundError, ProcessLookupError):
        return []


def resident_megabytes(pid: int) -> float:
    """How much memory a process has."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found
    return int(found[1]) / 1024
