"""The web app: the page, the chat, health, and an approved answer for every error."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route

from bot import log
from bot.conversation import Assistant, Turn, UnknownChoiceError
from bot.counts.recorder import NoRecorder
from bot.settings import EXIT_URL
from bot.web.embed import Embed
from bot.web.errors import Errors, wants_json
from bot.web.files import WholeFiles
from bot.web.front import Front
from bot.web.guards import EMBED_SCRIPT, Guards, headers_for_all
from bot.web.opened import read_opened
from bot.web.page import TEMPLATES
from bot.web.rates import Rates
from bot.web.tally import Tally
from bot.web.turns import SECONDS, TooBusyError, Turns
from bot.web.wire import outgoing, read_incoming

SWEEP_SECONDS: Final = 60.0
#: Bytes that fit into one packet anyhow.
SMALL: Final = 1_200
#: Pages are compressed for slow phones. JSON is for programs, which are near.
NOT_COMPRESSED: Final = (*DEFAULT_EXCLUDED_CONTENT_TYPES, "application/json")


class Site:
    """The handlers, around one assistant."""

    def __init__(self, assistant: Assistant, turns: Turns, errors: Errors, tally: Tally) -> None:
        self._assistant, self._turns, self._errors, self._tally = assistant, turns, errors, tally

    async def chat(self, request: Request) -> Response:
        """`POST /chat`: one turn."""
        incoming = await read_incoming(request)
        request.scope["language"] = incoming.lang  # for an error's answer
        try:
            turn = await self._turns.take(
                incoming.id, incoming.typed, choice=incoming.choice, lang=incoming.lang, campaign=incoming.campaign
            )
        except UnknownChoiceError:
            raise HTTPException(400) from None
        except TooBusyError:
            log.record("too_busy")
            raise HTTPException(429) from None
        self._tally.turn(turn)
        if wants_json(request.scope):
            return Response(outgoing(turn.reply, turn), 500 if turn.failed else 200, media_type="application/json")
        return self._as_page(turn, incoming.choice)

    async def opened(self, request: Request) -> Response:
        """`POST /opened`: a visitor used a pointer's number or link. The answer is nothing, whatever was sent."""
        opened = await read_opened(request)
        if opened and opened.pointer in self._assistant.answers.catalogue:
            self._tally.opened(opened.conversation, opened.pointer)
        return Response(status_code=204)

    async def live(self, request: Request) -> Response:
        """`GET /health/live`: the process answers."""
        return JSONResponse({"live": True})

    async def ready(self, request: Request) -> Response:
        """`GET /health/ready`: the model answers too."""
        ready = await self._turns.is_ready()
        return JSONResponse({"ready": ready}, 200 if ready else 503)

    async def on_http_error(self, request: Request, error: Exception) -> Response:
        """Starlette's hook for what the handlers, the router and the static files raise."""
        if not isinstance(error, HTTPException):
            return await self._errors(request.scope, 500)
        answer = await self._errors(request.scope, error.status_code)
        answer.headers.update(error.headers or {})  # which methods are allowed, for a 405
        return answer

    def _as_page(self, turn: Turn, chosen: str | None) -> Response:
        page = self._errors.page.render(
            language=turn.language,
            hours=self._errors.fallback(turn.language),
            reply=turn.reply,
            conversation=turn.conversation,
            chosen=chosen,
            campaign=turn.campaign,
        )
        return HTMLResponse(page, 500 if turn.failed else 200)


def make_app(
    assistant: Assistant,
    *,
    max_waiting: int = 256,
    max_per_minute: int = 600,
    frame_ancestors: tuple[str, ...] = (),
    turn_seconds: float = SECONDS,
    exit_url: str = EXIT_URL,
    recorder: NoRecorder | None = None,
) -> Starlette:
    """The app around a loaded assistant. Without a recorder nothing is counted."""
    turns = Turns(assistant, max_waiting=max_waiting, seconds=turn_seconds)
    rates = Rates(max_per_minute)
    headers = headers_for_all(frame_ancestors)
    errors = Errors(assistant.answers, lambda: assistant.now(), headers, exit_url=exit_url)
    tally = Tally(recorder or NoRecorder(), assistant.store)
    front = Front(errors.page, errors.fallback, tally.page, assistant.campaigns)
    site = Site(assistant, turns, errors, tally)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        sweeper = asyncio.create_task(_sweep(turns, rates))
        yield
        sweeper.cancel()
        turns.close()

    app = Starlette(
        routes=[
            Route("/", front.first, methods=["GET"]),
            Route("/safety", front.safety, methods=["GET"]),
            Route(EMBED_SCRIPT, Embed(assistant.answers).script, methods=["GET"]),
            Route("/chat", site.chat, methods=["POST"]),
            Route("/opened", site.opened, methods=["POST"]),
            Route("/health/live", site.live, methods=["GET"]),
            Route("/health/ready", site.ready, methods=["GET"]),
            Mount("/static", WholeFiles(directory=TEMPLATES / "static")),
        ],
        middleware=[
            Middleware(Guards, error=errors, headers=headers, rates=rates),
            Middleware(GZipMiddleware, minimum_size=SMALL, compresslevel=6, exclude_content_types=NOT_COMPRESSED),
        ],
        exception_handlers={HTTPException: site.on_http_error},
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False  # the redirect's address would hold the host and the query that were sent
    return app


async def _sweep(turns: Turns, rates: Rates) -> None:
    while True:
        await asyncio.sleep(SWEEP_SECONDS)
        turns.forget_expired()
        rates.forget_old()
