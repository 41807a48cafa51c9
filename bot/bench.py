"""`./signpost bench`: what the server costs on this machine, measured over real HTTP.

Only ratios within one run say much: run it twice, before and after a change, with nothing else going on.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from bot.errors import StartError
from bot.settings import ROOT

#: Messages of every kind and length; the running number keeps any cache from helping.
TYPED: Final = (
    "is the helpline free from a mobile {}",
    "hello {}",
    "my husband was arrested this morning and they took the computers, I don't know who to ring {}",
    "ive been looking at things I shouldnt and I cant stop, its got worse since I lost my job {}",
    "what's the weather like in {}",
    "My son is 14. His teacher rang about a video on his phone and messages to a younger girl, what do I say to him {}",
)
_READY: Final = re.compile(r"Signpost is ready: http://127\.0\.0\.1:(\d+)/")
START_SECONDS: Final = 60.0


def bench(out: Console, *, seconds: float, connections: int) -> None:
    """Start a server, measure it, stop it, and print the figures. Raises StartError when it does not start."""
    with _server() as (port, worker, started):
        table = Table("what", "figure", title="Signpost on this machine")
        table.add_row("start to ready", f"{started:.1f} s")
        table.add_row("memory of the worker", f"{_memory(worker):.0f} MB")
        for name, body in (("typed message", _typed()), ("button", _button())):
            before = _cpu(worker)
            alone = _load(port, body, 1, seconds)
            spent = (_cpu(worker) - before) / len(alone)
            table.add_row(f"{name}, one client: p50", f"{statistics.median(alone) * 1000:.1f} ms")
            table.add_row(f"{name}, one client: p99", f"{statistics.quantiles(alone, n=100)[98] * 1000:.1f} ms")
            table.add_row(f"{name}, processor time", f"{spent * 1000:.1f} ms")
            crowd = _load(port, body, connections, seconds)
            table.add_row(f"{name}, {connections} clients", f"{len(crowd) / seconds:.0f} a second")
        table.add_row("memory of the worker, after it", f"{_memory(worker):.0f} MB")
    out.print(table)


def _typed() -> Callable[[], dict[str, str]]:
    number = count()
    return lambda: {"text": TYPED[(n := next(number)) % len(TYPED)].format(n)}


def _button() -> Callable[[], dict[str, str]]:
    return lambda: {"choice": "own_behaviour"}


@contextmanager
def _server() -> Iterator[tuple[int, int, float]]:
    """A server on a free port that counts nothing: the port, the worker's process id, and the seconds to its being ready."""
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "serve", "--port", "0"],
        cwd=ROOT,
        env={**os.environ, "SIGNPOST_DATABASE": ""},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        for line in process.stderr or ():
            if found := _READY.search(line):
                break
        else:
            raise StartError("the server did not start: run ./signpost serve to see why")
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        yield int(found[1]), int(children[0]), time.monotonic() - began
    finally:
        process.terminate()
        process.wait(20)


def _load(port: int, body: Callable[[], dict[str, str]], connections: int, seconds: float) -> list[float]:
    """Seconds that each answered message took, from so many connections at a time."""
    end = time.monotonic() + seconds

    def one(_: int) -> list[float]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        took = []
        while (began := time.monotonic()) < end:
            headers = {"Content-Type": "application/json", "Accept": "application/json"}
            connection.request("POST", "/chat", json.dumps(body()), headers)
            response = connection.getresponse()
            response.read()
            if response.status == http.client.OK:
                took.append(time.monotonic() - began)
        connection.close()
        return took

    with ThreadPoolExecutor(connections) as pool:
        return [took for each in pool.map(one, range(connections)) for took in each]


def _memory(pid: int) -> float:
    """Resident memory in MB (Linux)."""
    return next(
        int(line.split()[1]) / 1024 for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS")
    )


def _cpu(pid: int) -> float:
    """Processor seconds spent so far, over all threads (Linux)."""
    fields: list[Any] = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
