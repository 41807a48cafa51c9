"""A server with faults to switch on and off, in folders of its own. What the tests of privacy and of faults share."""

from __future__ import annotations

import json
import secrets
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from serving import Answer, Server, own_data, serving

from bot.engine.fingerprint import stamp
from bot.settings import Settings

LAUNCHER = Path(__file__).with_name("faulty_server.py")
#: As many files may be open in each of its processes.
FILES = 200


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
def faulty_server(settings: Settings, folder: Path) -> Iterator[Faulty]:
    """Start it. All that it has is below `folder`: a home, a place for temporary files, a database, a catalogue, a model."""
    for name in ("home", "tmp"):
        (folder / name).mkdir()
    (folder / "faults").write_text("")
    for path in (settings.model, stamp(settings.model)):
        shutil.copy(path, folder / path.name)
    own = {
        "FAULTS": str(folder / "faults"),
        "FILES": str(FILES),
        "HOME": str(folder / "home"),
        "TMPDIR": str(folder / "tmp"),
        "SIGNPOST_DATA": str(own_data(settings, folder / "data", "catalogue")),
        "SIGNPOST_MODEL": str(folder / settings.model.name),
    }
    with serving(settings, folder / "printed.txt", command=(sys.executable, str(LAUNCHER)), environment=own) as server:
        yield Faulty(server, folder)


def new_word(stem: str) -> str:
    """A word that nobody has typed before, with the stem at both ends: whatever takes a letter away leaves one whole."""
    letters = "".join(secrets.choice("bcdfgklmnprstvwz") for _ in range(6))
    return f"{stem}{letters}{stem}"


def route(answer: Answer) -> object:
    """The route of an answer in JSON."""
    return json.loads(answer.body)["route"]
