"""What the keeper says while there is no worker: the page as always, and the fallback to every message."""

from __future__ import annotations

from datetime import UTC, datetime

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from bot.answers.reply import Answers
from bot.settings import EXIT_URL
from bot.web.embed import Embed
from bot.web.errors import Errors
from bot.web.files import WholeFiles
from bot.web.front import Front
from bot.web.guards import EMBED_SCRIPT, Guards, headers_for_all
from bot.web.page import TEMPLATES
from bot.web.rates import Rates

#: There is nobody to answer just now, but there will be.
UNAVAILABLE = 503


def make_standby(
    answers: Answers, *, max_per_minute: int, frame_ancestors: tuple[str, ...], exit_url: str = EXIT_URL
) -> Starlette:
    """The app without an assistant. Each answer ends its connection, so that the next request finds the worker."""
    headers = {**headers_for_all(frame_ancestors), "Connection": "close"}
    errors = Errors(answers, lambda: datetime.now(UTC), headers, exit_url=exit_url)
    front = Front(errors.page, errors.fallback)

    async def fallback(request: Request) -> Response:
        return await errors(request.scope, UNAVAILABLE)

    async def live(request: Request) -> Response:
        return JSONResponse({"live": True})

    async def ready(request: Request) -> Response:
        return JSONResponse({"ready": False}, UNAVAILABLE)

    async def on_http_error(request: Request, error: Exception) -> Response:
        return await errors(request.scope, error.status_code if isinstance(error, HTTPException) else UNAVAILABLE)

    app = Starlette(
        routes=[
            Route("/", front.first, methods=["GET"]),
            Route("/safety", front.safety, methods=["GET"]),
            Route(EMBED_SCRIPT, Embed(answers).script, methods=["GET"]),
            Route("/chat", fallback, methods=["POST"]),
            Route("/health/live", live, methods=["GET"]),
            Route("/health/ready", ready, methods=["GET"]),
            Mount("/static", WholeFiles(directory=TEMPLATES / "static")),
        ],
        middleware=[Middleware(Guards, error=errors, headers=headers, rates=Rates(max_per_minute))],
        exception_handlers={HTTPException: on_http_error},
    )
    app.router.redirect_slashes = False
    return app
