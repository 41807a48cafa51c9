"""The keeper: holds the port, starts the worker, starts another one when it dies, and stands in while there is none.

A visitor never meets a closed door: while the worker is loading, or after it was killed, every message is answered with the
fallback.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from typing import Final

import msgspec
import uvicorn

from bot import log, process
from bot.settings import PREFIX, ROOT, Settings
from bot.start import load_answers
from bot.web.errors import Errors
from bot.web.guards import headers_for_all
from bot.web.server import connections_allowed, listen, make_server
from bot.web.standby import make_standby
from bot.web.worker import REFUSED

#: What is started, with the numbers of two open files.
WORKER: Final = (sys.executable, "-m", "bot.web.worker")
#: The code that is told of a worker that the system could not start: too many files, or no memory.
NOT_STARTED: Final = os.EX_OSERR
#: Seconds before the next worker, doubled each time that one ends before it was ready.
FIRST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 30.0
#: Seconds that a worker has to end when told to. It gives requests in flight ten.
ENDING_SECONDS: Final = 15.0


def serve_until_stopped(settings: Settings, say: Callable[[str], None]) -> int:
    """Serve until SIGINT or SIGTERM. Returns the exit code: 2 when the first worker refused to start, and said why.

    The process begins anew, with the same command, when it was not born to overwrite the memory that it frees.

    Raises:
        StartError: the port is taken, or the answers or the settings are wrong.
    """
    process.wipe_freed_memory()
    log.configure()
    process.keep_no_dumps()
    return asyncio.run(Keeper(settings, listen(settings.host, settings.port), say).keep())


class Keeper:
    """Keeps one worker on one socket."""

    def __init__(self, settings: Settings, listening: socket.socket, say: Callable[[str], None]) -> None:
        self._settings, self._listening, self._say = settings, listening, say
        self._answers = load_answers(settings.data)
        self._told_to_stop = asyncio.Event()
        self._was_ready = False

    async def keep(self) -> int:
        """Keep a worker going until told to stop. Returns the exit code."""
        loop = asyncio.get_running_loop()
        for ending in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(ending, self._told_to_stop.set)
        pause = 0.0
        while True:
            try:
                ready, code = await self._keep_one(pause)
            except OSError:
                ready, code = False, NOT_STARTED
            if self._told_to_stop.is_set():
                return 0
            if code == REFUSED and not self._was_ready:
                return REFUSED
            log.record("worker_ended", code=code)
            pause = FIRST_PAUSE if ready else min(max(2 * pause, FIRST_PAUSE), LONGEST_PAUSE)

    async def _keep_one(self, pause: float) -> tuple[bool, int]:
        """Start a worker after a pause and stay with it to its end. Returns whether it got ready, and its exit code."""
        told = asyncio.create_task(self._told_to_stop.wait())
        async with self._standing_in():
            await asyncio.wait({told}, timeout=pause)
            worker, from_worker = await self._start()
            ready = asyncio.create_task(_first_byte(from_worker))
            await asyncio.wait({told, ready}, return_when=asyncio.FIRST_COMPLETED)
        got_ready = ready.done() and ready.result()
        if got_ready and not self._was_ready:
            host, port = self._listening.getsockname()[:2]
            self._say(f"Signpost is ready: http://{host}:{port}/  (Ctrl+C stops it)")
            self._was_ready = True
        ended = asyncio.create_task(worker.wait())
        await asyncio.wait({told, ended}, return_when=asyncio.FIRST_COMPLETED)
        if not ended.done():
            await _end(worker, ended)
        for task in (told, ready):
            task.cancel()
        return got_ready, ended.result()

    async def _start(self) -> tuple[Process, int]:
        """A worker, and the end of the pipe on which it says that it is ready."""
        from_worker, to_keeper = os.pipe()
        listening = self._listening.fileno()
        settings = {PREFIX + name.upper(): str(value) for name, value in msgspec.structs.asdict(self._settings).items()}
        try:
            worker = await asyncio.create_subprocess_exec(
                *(*WORKER, str(listening), str(to_keeper)),
                cwd=ROOT,
                env={**os.environ, **settings},
                pass_fds=(listening, to_keeper),
            )
        finally:
            os.close(to_keeper)
        return worker, from_worker

    @contextlib.asynccontextmanager
    async def _standing_in(self) -> AsyncIterator[None]:
        """Answer on the socket from here, with the fallback."""
        origins = self._settings.frame_origins
        server = _StandbyServer(
            make_server(
                make_standby(
                    self._answers,
                    max_per_minute=self._settings.max_per_minute,
                    frame_ancestors=origins,
                    exit_url=self._settings.exit_url,
                ),
                max_connections=connections_allowed(self._settings.max_connections),
                refuse=Errors(
                    self._answers, lambda: datetime.now(UTC), headers_for_all(origins), exit_url=self._settings.exit_url
                ).whole,
                trusted_proxies=self._settings.trusted_proxies,
                seconds_to_finish=1,
            ).config
        )
        serving = asyncio.create_task(server.serve(sockets=[self._listening.dup()]))
        try:
            yield
        finally:
            _stop_accepting(server)
            server.should_exit = True
            await serving


class _StandbyServer(uvicorn.Server):
    """A uvicorn that leaves the signals to the keeper."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


async def _first_byte(pipe: int) -> bool:
    """Whether a byte comes through a pipe before its end."""
    loop = asyncio.get_running_loop()
    readable = asyncio.Event()
    loop.add_reader(pipe, readable.set)
    try:
        await readable.wait()
        return os.read(pipe, 1) != b""
    finally:
        loop.remove_reader(pipe)
        os.close(pipe)


async def _end(worker: Process, ended: asyncio.Task[int]) -> None:
    """Tell a worker to end, and end it when it does not."""
    with contextlib.suppress(ProcessLookupError):
        worker.terminate()
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(asyncio.shield(ended), ENDING_SECONDS)
    if not ended.done():
        with contextlib.suppress(ProcessLookupError):
            worker.kill()
        await ended


def _stop_accepting(server: uvicorn.Server) -> None:
    """Take no more connections, at once: uvicorn looks only now and then whether to end, and who comes now is for the worker.

    The sockets are not closed yet, or asyncio would drop those that it has just accepted.
    """
    for accepting in getattr(server, "servers", ()):
        for listening in accepting.sockets:
            asyncio.get_running_loop().remove_reader(listening.fileno())
