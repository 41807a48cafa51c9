"""The pages that need no assistant: the first one, and the one on staying safe on this device."""

from __future__ import annotations

from collections.abc import Callable, Collection

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
        campaigns: Collection[str] = (),
    ) -> None:
        self._campaigns = campaigns
        self._page, self._fallback, self._opened = page, fallback, opened

    async def first(self, request: Request) -> Response:
        """`GET /`: the page before anything was said."""
        language, campaign = self._asked(request)
        if request.method == "GET":
            self._opened(language, campaign)
        return HTMLResponse(self._page.render(language=language, hours=self._fallback(language), campaign=campaign))

    async def safety(self, request: Request) -> Response:
        """`GET /safety`: what others could see on this device, and what to do about it."""
        language, campaign = self._asked(request)
        return HTMLResponse(self._page.safety(language=language, hours=self._fallback(language), campaign=campaign))

    def _asked(self, request: Request) -> tuple[str, str | None]:
        """The language, and the campaign's code, if there is such a campaign: what is not ours is not shown again."""
        campaign = campaign_asked(request.scope)
        language = language_asked(request.scope, self._page.languages)
        return language, campaign if campaign in self._campaigns else None
