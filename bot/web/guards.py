"""What stands around every request: the headers of every response, how often one address may ask, an answer to every error."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot import log
from bot.web.page import style_hash
from bot.web.rates import Rates

#: The script that partners' pages load: the one thing here that is for other origins.
EMBED_SCRIPT: Final = "/embed.js"
_POLICY: Final = {
    "default-src": "'none'",
    "script-src": "'self'",
    "img-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
}
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noarchive",
}
#: A year, in seconds. Sent over TLS only: a browser ignores it elsewhere, and a rehearsal at home must not bind anybody.
STRICT_TRANSPORT: Final = "max-age=31536000"

#: Answers an error on its own: the scope and a status.
ErrorAnswer = Callable[[Scope, int], Awaitable[ASGIApp]]


def headers_for_all(frame_ancestors: tuple[str, ...] = ()) -> Mapping[str, str]:
    """The headers of every response. `frame_ancestors` are the origins whose pages may show the chat in a frame."""
    # The style stands in the page itself at the first visit, so it is named by its content.
    style = f"'self' '{style_hash()}'"
    policy = {**_POLICY, "style-src": style, "frame-ancestors": " ".join(frame_ancestors) or "'none'"}
    return {"Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()), **_HEADERS}


class Guards:
    """The outermost layer of the app."""

    def __init__(self, app: ASGIApp, *, error: ErrorAnswer, headers: Mapping[str, str], rates: Rates) -> None:
        self._app, self._error, self._headers, self._rates = app, error, headers, rates

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
                headers.update(self._headers)
                if scope["path"] == EMBED_SCRIPT:
                    headers["Cross-Origin-Resource-Policy"] = "cross-origin"
                if scope["scheme"] == "https":
                    headers["Strict-Transport-Security"] = STRICT_TRANSPORT
            await send(message)

        try:
            if scope["method"] == "POST" and not self._rates.allows((scope.get("client") or [None])[0]):
                log.record("too_often")
                await (await self._error(scope, 429))(scope, receive, guarded)
                return
            await self._app(scope, receive, guarded)
        except Exception as error:  # nothing of it may reach a log or the visitor but its class
            log.record("request_failed", error=type(error).__name__)
            if not started:
                await (await self._error(scope, 500))(scope, receive, guarded)
