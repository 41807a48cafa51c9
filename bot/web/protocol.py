"""uvicorn's HTTP protocol with bounds that it lacks: on connections, on a request's head, and on the time that either takes.

uvicorn closes a connection that rests between two requests, but waits for ever for the rest of a request line, a header or a
response's reader, takes heads and trailers of any size, and answers an unreadable request in words of its own. Its inside is
used here, so `tests/web/test_protocol.py` tries each bound on a real socket.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

#: A request line and its headers together, in bytes.
MAX_HEAD: Final = 16 * 1024
#: What stands around a header's name and value: a colon, a space and the end of the line.
BETWEEN: Final = 4
#: What may stand around a body that comes in chunks, in bytes: their lengths, and a trailer.
MAX_AROUND: Final = 64 * 1024
#: How long a whole request, head and body, may take to arrive, and an answer to be fetched.
REQUEST_SECONDS: Final = 15.0
#: How long a refused visitor may take to read why. A connection that is closed with something unread tears its answer down.
READING_SECONDS: Final = 2.0
#: How long a connection may still send its first request when the server is told to stop.
LAST_SECONDS: Final = 0.5
#: So many connections beyond the most there may be are told why they are refused; the others are just closed.
TOLD_WHY: Final = 32

#: The bytes of a whole HTTP answer for a status.
WholeAnswer = Callable[[int], bytes]


class GuardedProtocol(HttpToolsProtocol):
    """One connection. `guarded_protocol` makes the class that uvicorn is given."""

    max_connections: int
    refuse: WholeAnswer
    request_seconds: float

    _deadline: asyncio.TimerHandle | None = None
    _head_is_open: bool = False
    _around: int = 0
    _refused: bool = False
    _is_last: bool = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take the connection, or refuse it when there are as many as may be."""
        super().connection_made(transport)
        self._watch(self.request_seconds)
        if len(self.connections) > self.max_connections + TOLD_WHY:
            self.transport.abort()
        elif len(self.connections) > self.max_connections:
            self._refuse(429)

    def connection_lost(self, exc: Exception | None) -> None:
        """Let the watch go with the connection, and the visitor's address, which asyncio would keep until it next tidies up."""
        self._unwatch()
        getattr(self.transport, "_extra", {}).pop("peername", None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Hand the bytes on, unless what is no body has grown too large."""
        if self._refused:
            return
        super().data_received(data)
        self._around += len(data)
        if self._head_is_open and self._around > MAX_HEAD:
            self._refuse(431)
        elif self._around > MAX_AROUND:
            self._refuse(413)

    def on_message_begin(self) -> None:
        """A request begins, and with it the time that it may take."""
        self._head_is_open, self._around = True, 0
        if not self._refused:
            self._watch(self.request_seconds)
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header. One that comes after the body, in a trailer, is nothing that we ask for."""
        if self._head_is_open:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is whole: pass it on, unless it came in one piece that is too large."""
        self._head_is_open = False
        if len(self.url) + sum(len(name) + len(value) + BETWEEN for name, value in self.headers) > MAX_HEAD:
            self._refuse(431)
        if not self._refused:
            super().on_headers_complete()
            if self._is_last:
                self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        """A piece of a body; of a refused request's nothing is taken."""
        self._around -= len(body)
        if not self._refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is whole."""
        if not self._refused:
            super().on_message_complete()

    def on_response_complete(self) -> None:
        """The answer was handed to the socket. Whoever does not fetch it is not waited for much longer."""
        super().on_response_complete()
        self._watch(self.request_seconds)

    def shutdown(self) -> None:
        """The server stops. Who came in just before is not sent away unheard."""
        asked = self.cycle is not None  # uvicorn says it never is None
        if not asked and not self._refused:
            self._is_last = True
            self._watch(LAST_SECONDS)
        else:
            super().shutdown()

    def send_400_response(self, msg: str) -> None:
        """An unreadable request gets the approved answer too."""
        self._refuse(400)

    def _refuse(self, status: int) -> None:
        if self._refused:
            return
        self._refused = True
        if self._is_answering():
            self.transport.abort()  # half of another answer may be on its way: nothing can be said between
            return
        if self.cycle is not None:  # the app need not wait for the rest, and what it says to that goes nowhere
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.transport.write(self.refuse(status))
        with contextlib.suppress(OSError):  # it may be gone already
            self.transport.write_eof()
        self.flow.resume_reading()
        self._watch(READING_SECONDS)

    def _is_answering(self) -> bool:
        cycle = self.cycle
        if cycle is None or cycle.response_complete:
            return False
        return bool(self.pipeline) or cycle.response_started or not cycle.more_body

    def _watch(self, seconds: float) -> None:
        self._unwatch()
        self._deadline = self.loop.call_later(seconds, self._give_up)

    def _unwatch(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        self.transport.abort()


def guarded_protocol(
    max_connections: int, refuse: WholeAnswer, *, request_seconds: float = REQUEST_SECONDS
) -> type[GuardedProtocol]:
    """The class for `uvicorn.Config(http=...)`: uvicorn makes its objects itself, so what they need is on the class."""
    bounds: dict[str, Any] = {
        "max_connections": max_connections,
        "refuse": staticmethod(refuse),
        "request_seconds": request_seconds,
    }
    return type("GuardedProtocol", (GuardedProtocol,), bounds)
