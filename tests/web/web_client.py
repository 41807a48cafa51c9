"""What the web tests share: a client around the app, a parsed page, and what every answer must be."""

from __future__ import annotations

import re
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.exceptions import StarletteDeprecationWarning
from starlette.types import Scope

from bot.answers.gate import approved_texts
from bot.conversation import Assistant
from bot.web.app import make_app
from bot.web.guards import headers_for_all

with warnings.catch_warnings():
    # Starlette would rather have httpx2, which is not in the lock.
    warnings.filterwarnings("ignore", message="Using `httpx` with `starlette.testclient`", category=StarletteDeprecationWarning)
    from starlette.testclient import TestClient

HEADERS = headers_for_all()
JSON = {"accept": "application/json"}
HTML = {"accept": "text/html"}
WHO = ["own_behaviour", "another_adult", "young_person_behaviour", "professional"]
HELPLINE = "0808 1000 900"
CRISIS = "I want to kill myself"
FORM = {"content-type": "application/x-www-form-urlencoded"}
#: Elements that have no end tag.
VOID = {"meta", "link", "input", "br", "hr", "img"}


def browse(assistant: Assistant, *, max_waiting: int = 64) -> TestClient:
    """A client that follows no redirect and sends no Accept of its own."""
    client = TestClient(_app(assistant, max_waiting), follow_redirects=False)
    del client.headers["accept"]
    return client


@cache
def _app(assistant: Assistant, max_waiting: int) -> Starlette:
    return make_app(assistant, max_waiting=max_waiting)


def client_of(app: Starlette, address: str = "127.0.0.1", scheme: str = "http") -> httpx.AsyncClient:
    """A client of an app, at an address."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app, client=(address, 50_000)), base_url=f"{scheme}://here")


@asynccontextmanager
async def opened(app: Starlette, address: str = "127.0.0.1", scheme: str = "http") -> AsyncIterator[httpx.AsyncClient]:
    """A client of an app that has begun, and ends afterwards."""
    async with app.router.lifespan_context(app), client_of(app, address, scheme) as client:
        yield client


def chat_scope(path: str = "/chat") -> Scope:
    headers = [(b"content-type", b"application/json"), (b"accept", b"application/json")]
    rest = {"scheme": "http", "query_string": b"", "headers": headers, "root_path": ""}
    return {"type": "http", "method": "POST", "path": path, **rest}


@dataclass
class Element:
    """One element of a page. `text` is all text inside it, with single spaces."""

    tag: str
    attributes: dict[str, str | None]
    parents: tuple[str, ...]
    pieces: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What a reader sees of it."""
        return " ".join(" ".join(self.pieces).split())


class ParsedPage(HTMLParser):
    """The elements of a page. Raises AssertionError for a tag that is not closed in its turn."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self.texts: list[str] = []
        self._open: list[Element] = []
        self.feed(html)
        self.close()
        assert not self._open, f"never closed: {[element.tag for element in self._open]}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs), tuple(parent.tag for parent in self._open))
        assert len(element.attributes) == len(attrs), f"{tag} has an attribute twice"
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"</{tag}> closes nothing"
        assert self._open.pop().tag == tag, f"</{tag}> closes another element"

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.pieces.append(data)
        if data.strip():
            self.texts.append(" ".join(data.split()))

    def all(self, tag: str, **attributes: str) -> list[Element]:
        """The elements with this tag and these attributes (`class_` for class)."""
        wanted = {name.rstrip("_"): value for name, value in attributes.items()}
        return [e for e in self.elements if e.tag == tag and wanted.items() <= e.attributes.items()]

    def one(self, tag: str, **attributes: str) -> Element:
        """The only such element."""
        (found,) = self.all(tag, **attributes)
        return found


def assert_guarded(response: httpx.Response) -> None:
    """Every header that every response carries, and none that says more than it must."""
    assert {name: response.headers.get(name) for name in HEADERS} == HEADERS
    for name in response.headers:
        assert name not in {"set-cookie", "server", "x-powered-by", "location"}
        assert not name.startswith("access-control-")


def assert_approved(response: httpx.Response, assistant: Assistant) -> None:
    """An answer, as JSON or as a page, that holds approved words only and the helpline."""
    approved = set(approved_texts(assistant.answers.catalogue, assistant.answers.languages.values()))
    if response.headers["content-type"] == "application/json":
        texts = _shown(response.json())
        tels = [pointer["tel"] for pointer in response.json()["pointers"]]
    else:
        assert response.headers["content-type"] == "text/html; charset=utf-8"
        page = ParsedPage(response.text)
        texts = page.texts
        tels = [link.text for link in page.all("a") if (link.attributes["href"] or "").startswith("tel:")]
        assert page.one("section", id="answer").text
    for text in texts:
        assert _is_made_of(text, approved), f"not approved: {text!r}"
    assert any(HELPLINE in (tel or "") for tel in tels)
    assert_guarded(response)


def _shown(body: dict[str, Any]) -> list[str]:
    assert body["messages"]
    assert body["pointers"]
    words = [card[name] for card in body["pointers"] for name in ("name", "about", "tel", "url", "note", "opening")]
    return [*body["messages"], *(word for word in words if word), *(choice["label"] for choice in body["choices"])]


def _is_made_of(text: str, approved: set[str]) -> bool:
    """Whether a text is approved, or several approved ones with a space between."""
    starts = [end for end in (match.start() for match in re.finditer(" ", text)) if text[:end] in approved]
    return text in approved or any(_is_made_of(text[end + 1 :], approved) for end in starts)
