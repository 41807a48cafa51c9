"""A small app behind the guarded protocol on a real socket, and what a visitor on such a socket sends and gets."""

from __future__ import annotations

import asyncio
import http.client
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import httpx
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.answers.reply import Answers
from bot.web.errors import Errors
from bot.web.guards import headers_for_all
from bot.web.server import listen, make_server

#: What a slow request may take here.
SECONDS = 0.5
BIG = 30_000_000


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Say which path was asked for, how long the body was and which headers came; a huge answer for `/big`."""
    if scope["type"] == "lifespan":
        for _ in range(2):
            await send({"type": f"{(await receive())['type']}.complete"})
        return
    length, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        length, more = length + len(message["body"]), message["more_body"]
    if scope["path"] == "/slow":
        await asyncio.sleep(SECONDS / 2)
    names = b",".join(name for name, _ in scope["headers"])
    body = b"x" * BIG if scope["path"] == "/big" else b"%s %d %s\n" % (scope["path"].encode(), length, names)
    size = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": size})
    for at in range(0, len(body), 100_000):
        await send({"type": "http.response.body", "body": body[at : at + 100_000], "more_body": at + 100_000 < len(body)})


@contextmanager
def listening(answers: Answers, app: ASGIApp = echo, **bounds: Any) -> Iterator[int]:
    """Serve the app in a thread, with the real words for those who are refused. Gives the port."""
    refuse = Errors(answers, lambda: datetime.now(UTC), headers_for_all()).whole
    on = listen("127.0.0.1", 0)
    server = make_server(app, refuse=refuse, **{"max_connections": 50, "request_seconds": SECONDS, **bounds})
    server.config.timeout_graceful_shutdown = 1
    port: int = on.getsockname()[1]
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[on])))
    thread.start()
    try:
        while not server.started:
            time.sleep(0.005)
        yield port
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def connected(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        yield connection


def answer_on(connection: socket.socket) -> httpx.Response:
    """The next whole answer on a connection."""
    response = http.client.HTTPResponse(connection)
    try:
        response.begin()
        return httpx.Response(response.status, headers=response.getheaders(), content=response.read())
    finally:
        response.close()


def until_closed(connection: socket.socket) -> bytes:
    """All that comes until the other side ends the connection, in whichever way."""
    received = b""
    try:
        while piece := connection.recv(1_000_000):
            received += piece
    except ConnectionResetError:
        pass
    return received


def drip(connection: socket.socket, pieces: Iterator[bytes], every: float) -> None:
    """Send piece after piece until the other side has had enough."""
    try:
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(every)
    except OSError:
        pass
