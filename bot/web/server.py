"""uvicorn, as the keeper and the worker both use it: silent, bounded, and believing no proxy that is not named."""

from __future__ import annotations

import asyncio
import signal
import socket
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from bot import process
from bot.errors import StartError
from bot.web.protocol import REQUEST_SECONDS, WholeAnswer, guarded_protocol

#: Files that a process opens besides the connections that it answers, and some to spare.
OTHER_FILES: Final = 128


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens on the address. Raises StartError when it can't."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # Connections inherit it. Without it a reply's second part waits 40 ms for the first to be acknowledged.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        listening.bind((host, port))
        listening.listen(1024)
    except OSError as error:
        listening.close()
        raise StartError(
            f"can't listen on {host} port {port} ({error.strerror or error}): choose another with --port"
        ) from error
    return listening


def connections_allowed(wanted: int) -> int:
    """How many connections there may be: as many as wanted, where the system allows so many open files."""
    return max(1, min(wanted, process.allow_many_files() - OTHER_FILES))


def make_server(
    app: ASGIApp,
    *,
    max_connections: int,
    refuse: WholeAnswer,
    trusted_proxies: str = "",
    request_seconds: float = REQUEST_SECONDS,
    seconds_to_finish: int = 10,
) -> uvicorn.Server:
    """A server for an app.

    `request_seconds` is how long a request may take to arrive, `seconds_to_finish` what those in flight may take when it is
    told to stop.
    """
    config = uvicorn.Config(
        app,
        http=guarded_protocol(max_connections, refuse, request_seconds=request_seconds),
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(trusted_proxies),
        forwarded_allow_ips=trusted_proxies,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=seconds_to_finish,
    )
    return uvicorn.Server(config)


def run(server: uvicorn.Server, listening: socket.socket) -> None:
    """Serve on a socket until SIGINT or SIGTERM.

    On asyncio's own event loop: uvloop reads into a buffer that it keeps, where the last message would stay.
    """

    def stop(number: int, frame: object) -> None:
        server.should_exit = True

    for ending in (signal.SIGINT, signal.SIGTERM):
        # uvicorn handles them, and raises them once more when all is done: we would end without the last event and code 0.
        signal.signal(ending, stop)
    asyncio.run(server.serve(sockets=[listening]))
