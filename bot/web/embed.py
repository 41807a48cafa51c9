"""`GET /embed.js`: the script that puts a button on a partner's page, and our page in a frame behind it."""

from __future__ import annotations

from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import Response

from bot.answers.reply import Answers
from bot.web.page import TEMPLATES

#: What the script says, by its own names, and which phrase of the page that is.
_WORDS: Final = {"button": "reply_heading", "title": "tab_title", "close": "embed_close", "new_tab": "embed_new_tab"}


class Embed:
    """The handler. The script is made once, with the words of every language."""

    def __init__(self, answers: Answers) -> None:
        words = {
            code: {name: phrases.page[phrase] for name, phrase in _WORDS.items()} for code, phrases in answers.languages.items()
        }
        environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)
        self._script = environment.get_template("embed.js").render(words=words).encode()

    async def script(self, request: Request) -> Response:
        """The script."""
        return Response(self._script, media_type="text/javascript")
