"""A server with faults to switch on and off, in folders of its own. What the tests of privacy and of faults share."""

from __future__ import annotations

import json
import secrets
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from serving import Answer, Server, serving

from bot.settings import Settings

LAUNCHER = Path(__file__).with_name("faulty_server.py")


@dataclass
class Faulty:
    """A server, the folder that holds all its files, and the faults."""

    server: Server
    folder: Path

    @contextmanager
    def fault(self, name: str) -> Iterator[None]:
        """Let it have a fault for a while."""
        (self.folder / "faults").write_text(name)
        try:
            yield
        finally:
            (self.folder / "faults").write_text("")

    def dumpable(self, process: str) -> str:
        """What the `keeper` or the `worker` was told when it asked whether a core of it would be dumped."""
        return (self.folder / f"{process}.dumpable").read_text()

    def timed(self, **message: str) -> tuple[float, Answer]:
        """Send a message: the seconds until its answer, and the answer."""
        began = time.monotonic()
        answer = self.server.say(**message)
        return time.monotonic() - began, answer

    def new_events(self, since: int) -> list[dict[str, object]]:
        """The events after the first so many, without the times."""
        return [{k: v for k, v in event.items() if k != "at"} for event in self.server.events()[since:]]


@contextmanager
def faulty_server(
    settings: Settings, folder: Path, *, environment: Mapping[str, str] | None = None, port: int = 0
) -> Iterator[Faulty]:
    """Start it, with a home, a folder for temporary files and a database of its own below `folder`."""
    for name in ("home", "tmp"):
        (folder / name).mkdir()
    faults = folder / "faults"
    faults.write_text("")
    own = {"FAULTS": str(faults), "HOME": str(folder / "home"), "TMPDIR": str(folder / "tmp")}
    command = (sys.executable, str(LAUNCHER))
    with serving(
        settings, folder / "printed.txt", command=command, port=port, environment=own | dict(environment or {})
    ) as server:
        yield Faulty(server, folder)


def new_word(stem: str) -> str:
    """A word that nobody has typed before, with the stem at both ends: whatever takes a letter away leaves one whole."""
    letters = "".join(secrets.choice("bcdfgklmnprstvwz") for _ in range(6))
    return f"{stem}{letters}{stem}"


def route(answer: Answer) -> object:
    """The route of an answer in JSON."""
    return json.loads(answer.body)["route"]
