"""The server: uvicorn around the app, silent, on a port taken before anything is loaded."""

from __future__ import annotations

import asyncio
import signal
import socket
import time
from collections.abc import Callable

import uvicorn

from bot import log
from bot.errors import StartError
from bot.settings import Settings
from bot.start import load_assistant


def serve_until_stopped(settings: Settings, say: Callable[[str], None]) -> None:
    """Load everything and serve until SIGINT or SIGTERM; what is in flight then is finished first.

    Raises:
        StartError: the port is taken, or anything that `load_assistant` refuses.
    """
    began = time.monotonic()
    listening = listen(settings.host, settings.port)
    assistant = load_assistant(settings)
    log.hide_tracebacks()
    from bot.web.app import make_app

    host, port = listening.getsockname()[:2]
    config = uvicorn.Config(
        make_app(assistant, max_waiting=settings.max_waiting),
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=10,
    )
    server = uvicorn.Server(config)
    log.record("started", seconds=round(time.monotonic() - began, 1), port=port)
    say(f"Signpost is ready: http://{host}:{port}/  (Ctrl+C stops it)")
    for ending in (signal.SIGINT, signal.SIGTERM):
        # uvicorn handles them, and raises them once more when all is done: we would end without the last event and code 0.
        signal.signal(ending, signal.SIG_IGN)
    asyncio.run(server.serve(sockets=[listening]))
    log.record("stopped")


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
    listening.set_inheritable(True)
    return listening
