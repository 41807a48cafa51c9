"""The web app: the page, the chat, health, and an approved answer for every error."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from bot.answers.reply import Reply
from bot.conversation import Assistant, Turn, UnknownChoiceError
from bot.web.guards import Guards
from bot.web.page import TEMPLATES, Page
from bot.web.wire import outgoing, read_incoming

#: Which approved answer an HTTP error gives. What is not here is the fallback.
ERRORS: Final = {400: "unreadable", 404: "not_found", 405: "not_allowed", 413: "too_long", 429: "too_busy"}
SWEEP_SECONDS: Final = 60.0


class Site:
    """The handlers, around one assistant."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._page = Page(assistant.answers)

    async def first(self, request: Request) -> Response:
        """`GET /`: the page before anything was said."""
        return HTMLResponse(self._page.render(language="en", hours=self._error_reply("fallback")))

    async def chat(self, request: Request) -> Response:
        """`POST /chat`: one turn."""
        incoming = await read_incoming(request)
        try:
            turn = await self._assistant.turn(incoming.id, text=incoming.text, choice=incoming.choice, lang=incoming.lang)
        except UnknownChoiceError:
            raise HTTPException(400) from None
        if wants_json(request.scope):
            return Response(outgoing(turn.reply, turn), 500 if turn.failed else 200, media_type="application/json")
        return self._as_page(turn.reply, 500 if turn.failed else 200, turn, incoming.choice)

    async def live(self, request: Request) -> Response:
        """`GET /health/live`: the process answers."""
        return JSONResponse({"live": True})

    async def ready(self, request: Request) -> Response:
        """`GET /health/ready`: the model answers too."""
        ready = await self._assistant.is_ready()
        return JSONResponse({"ready": ready}, 200 if ready else 503)

    async def error(self, scope: Scope, status: int) -> Response:
        """The approved answer for an HTTP error, as a page for who reads pages and as JSON for all else."""
        reply = self._error_reply(ERRORS.get(status, "fallback"))
        if wants_json(scope, otherwise=True):
            return Response(outgoing(reply), status, media_type="application/json")
        return self._as_page(reply, status)

    async def on_http_error(self, request: Request, error: Exception) -> Response:
        """Starlette's hook for what the handlers, the router and the static files raise."""
        if not isinstance(error, HTTPException):
            return await self.error(request.scope, 500)
        answer = await self.error(request.scope, error.status_code)
        answer.headers.update(error.headers or {})  # which methods are allowed, for a 405
        return answer

    def _error_reply(self, error: str) -> Reply:
        return self._assistant.answers.error(error, "en", self._assistant.now())

    def _as_page(self, reply: Reply, status: int, turn: Turn | None = None, chosen: str | None = None) -> Response:
        page = self._page.render(
            language="en",
            hours=self._error_reply("fallback"),
            reply=reply,
            conversation=turn.conversation if turn else None,
            chosen=chosen,
        )
        return HTMLResponse(page, status)


def wants_json(scope: Scope, *, otherwise: bool = False) -> bool:
    """Whether to answer as JSON: by `Accept` first, else as the request was written, else as `otherwise` says."""
    headers = dict(scope["headers"])
    accept = headers.get(b"accept", b"").lower()
    if b"text/html" in accept:
        return False
    if b"application/json" in accept:
        return True
    kind = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    if kind in (b"application/x-www-form-urlencoded", b"multipart/form-data"):
        return False
    return otherwise or kind == b"application/json"


class WholeFiles(StaticFiles):
    """Static files, never a range of one: Starlette would answer a wrong range in words that are not ours."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a file, or raise an HTTPException."""
        whole = [(name, value) for name, value in scope["headers"] if name != b"range"]
        await super().__call__({**scope, "headers": whole}, receive, send)


def make_app(assistant: Assistant, *, max_waiting: int = 256) -> Starlette:
    """The app around a loaded assistant."""
    site = Site(assistant)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        sweeper = asyncio.create_task(_sweep(assistant))
        yield
        sweeper.cancel()

    app = Starlette(
        routes=[
            Route("/", site.first, methods=["GET"]),
            Route("/chat", site.chat, methods=["POST"]),
            Route("/health/live", site.live, methods=["GET"]),
            Route("/health/ready", site.ready, methods=["GET"]),
            Mount("/static", WholeFiles(directory=TEMPLATES / "static")),
        ],
        middleware=[Middleware(Guards, error=site.error, max_waiting=max_waiting)],
        exception_handlers={HTTPException: site.on_http_error},
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False  # the redirect's address would hold the host and the query that were sent
    return app


async def _sweep(assistant: Assistant) -> None:
    while True:
        await asyncio.sleep(SWEEP_SECONDS)
        assistant.store.forget_expired()
