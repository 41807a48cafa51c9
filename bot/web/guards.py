"""What stands around every request: headers on every response, a bound on how many wait, an answer to every error."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot import log

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Final = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noarchive",
}

#: Answers an error on its own: the scope and a status.
ErrorAnswer = Callable[[Scope, int], Awaitable[ASGIApp]]


class Guards:
    """The outermost layer of the app."""

    def __init__(self, app: ASGIApp, *, error: ErrorAnswer, max_waiting: int) -> None:
        self._app, self._error, self._max_waiting = app, error, max_waiting
        self._waiting = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
            await send(message)

        if self._waiting >= self._max_waiting and scope["path"] == "/chat":
            log.record("too_busy")
            await (await self._error(scope, 429))(scope, receive, guarded)
            return
        self._waiting += 1
        try:
            await self._app(scope, receive, guarded)
        except Exception as error:  # nothing of it may reach a log or the visitor but its class
            log.record("request_failed", error=type(error).__name__)
            if not started:
                await (await self._error(scope, 500))(scope, receive, guarded)
        finally:
            self._waiting -= 1
