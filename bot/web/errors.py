"""An approved answer for every error, with or without an assistant behind it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Final

import msgspec
from starlette.responses import HTMLResponse, Response
from starlette.types import Scope

from bot import log
from bot.answers.reply import Answers, Reply
from bot.settings import EXIT_URL
from bot.web.asked import ENGLISH, language_asked
from bot.web.page import Page
from bot.web.wire import outgoing

#: Which approved answer an HTTP error gives. What is not here is the fallback.
ERRORS: Final = {
    400: "unreadable",
    404: "not_found",
    405: "not_allowed",
    413: "too_long",
    429: "too_busy",
    431: "too_long",
}
#: How long a whole answer may be given again. Opening hours in it are old by so much at most.
KEEP_SECONDS: Final = 30.0


class Errors:
    """The answers to errors, by HTTP status. Calling it answers a request; `whole` is for where there is no request yet."""

    def __init__(
        self, answers: Answers, now: Callable[[], datetime], headers: Mapping[str, str], *, exit_url: str = EXIT_URL
    ) -> None:
        self._answers, self._now, self._headers = answers, now, headers
        self.page = Page(answers, exit_url)
        self._kept: dict[int, tuple[float, bytes]] = {}
        at_any_hour = _at_any_hour(self.reply("fallback"))
        self._last_resort = {True: outgoing(at_any_hour), False: self._rendered(at_any_hour, at_any_hour).encode()}

    async def __call__(self, scope: Scope, status: int) -> Response:
        """As a page for who reads pages, and as JSON for all else, in the language that is asked for."""
        as_json = wants_json(scope, otherwise=True)
        content = self._content(status, as_json, lambda: language_asked(scope, self._answers.languages))
        return Response(content, status, media_type="application/json") if as_json else HTMLResponse(content, status)

    def reply(self, error: str, language: str = ENGLISH) -> Reply:
        """The reply to an error, by its name among the phrases."""
        return self._answers.error(error, language, self._now())

    def fallback(self, language: str) -> Reply:
        """The reply whose pointers are always in view."""
        return self.reply("fallback", language)

    def whole(self, status: int) -> bytes:
        """All bytes of an HTTP answer, for a connection that is refused before its request is read: a page, then the end."""
        made, answer = self._kept.get(status, (0.0, b""))
        if not answer or time.monotonic() - made > KEEP_SECONDS:
            body = self._content(status, False, lambda: ENGLISH)
            headers = {
                **self._headers,
                "Content-Type": "text/html; charset=utf-8",
                "Content-Length": str(len(body)),
                "Connection": "close",
            }
            head = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", *(f"{name}: {value}" for name, value in headers.items())]
            answer = "\r\n".join([*head, "", ""]).encode("ascii") + body
            self._kept[status] = (time.monotonic(), answer)
        return answer

    def _content(self, status: int, as_json: bool, language: Callable[[], str]) -> bytes:
        """The answer to an error. When even that can't be made, the one that was made at the start."""
        try:
            asked = language()
            reply = self.reply(ERRORS.get(status, "fallback"), asked)
            return outgoing(reply) if as_json else self._rendered(reply, self.fallback(asked), asked).encode()
        except Exception as error:  # whatever it is, the numbers are there
            log.record("request_failed", error=type(error).__name__)
            return self._last_resort[as_json]

    def _rendered(self, reply: Reply, hours: Reply, language: str = ENGLISH) -> str:
        return self.page.render(language=language, hours=hours, reply=reply)


def _at_any_hour(reply: Reply) -> Reply:
    """A reply that says of no pointer whether it is open."""
    cards = tuple(msgspec.structs.replace(card, open=None, opening=None) for card in reply.pointers)
    return msgspec.structs.replace(reply, pointers=cards)


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
