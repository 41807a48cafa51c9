"""The pages that need no assistant: the first one, and the one on staying safe on this device."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from bot.answers.reply import Reply
from bot.web.asked import campaign_asked, language_asked
from bot.web.page import Page


class Front:
    """The handlers. `fallback` makes the reply whose pointers are always in view; `opened` is told language and campaign."""

    def __init__(
        self,
        page: Page,
        fallback: Callable[[str], Reply],
        opened: Callable[[str, str | None], None] = lambda language, campaign: None,
    ) -> None:
        self._page, self._fallback, self._opened = page, fallback, opened

    async def first(self, request: Request) -> Response:
        """`GET /`: the page before anything was said."""
        language, campaign = language_asked(request.scope, self._page.languages), campaign_asked(request.scope)
        if request.method == "GET":
            self._opened(language, campaign)
        return HTMLResponse(self._page.render(language=language, hours=self._fallback(language), campaign=campaign))

    async def safety(self, request: Request) -> Response:
        """`GET /safety`: what others could see on this device, and what to do about it."""
        language = language_asked(request.scope, self._page.languages)
        return HTMLResponse(
            self._page.safety(language=language, hours=self._fallback(language), campaign=campaign_asked(request.scope))
        )
