"""Every route that there is, now or later, with the worker or without: each answer and each error carries all guards."""

from __future__ import annotations

import ast
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount, Route
from waiting import run
from web_client import FORM, HTML, JSON, ParsedPage, assert_guarded, browse, client_of, opened

from bot.conversation import Assistant
from bot.settings import ROOT
from bot.web.app import make_app
from bot.web.guards import EMBED_SCRIPT
from bot.web.page import TEMPLATES
from bot.web.standby import make_standby

METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "BREW")
BODIES: dict[str, dict[str, object]] = {
    "nothing": {},
    "a message": {"data": {"text": "hello"}},
    "nonsense": {"content": b"\xff{", "headers": {"content-type": "application/json"}},
    "too much": {"content": b"text=" + b"a" * 9_000, "headers": FORM},
}


def paths(app: Starlette) -> list[str]:
    """A path of every route, every file, and some that lead nowhere."""
    found = []
    static = TEMPLATES / "static"
    files = [f"/{path.relative_to(static).as_posix()}" for path in static.rglob("*") if path.is_file()]
    for route in app.routes:
        assert isinstance(route, Route | Mount), f"a kind of route that this test does not know: {route!r}"
        below = files if isinstance(route, Mount) else [""]
        found += [route.path + rest for rest in (*below, "/nothing-there")]
    return [*found, "/nowhere", "//", "/static/../app.py"]


@asynccontextmanager
async def worker(assistant: Assistant) -> AsyncIterator[tuple[Starlette, httpx.AsyncClient]]:
    app = make_app(assistant)
    async with opened(app) as client:
        yield app, client


@asynccontextmanager
async def standby(assistant: Assistant) -> AsyncIterator[tuple[Starlette, httpx.AsyncClient]]:
    app = make_standby(assistant.answers, max_per_minute=600, frame_ancestors=())
    async with client_of(app) as client:
        yield app, client


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("accept", [JSON, HTML], ids=["json", "page"])
@pytest.mark.parametrize("app", [worker, standby], ids=lambda app: app.__name__)
def test_every_answer_of_every_route_carries_every_header_and_no_cookie(
    app: object, accept: dict[str, str], body: str, assistant: Assistant
) -> None:
    assert callable(app)

    async def ask() -> list[httpx.Response]:
        answers = []
        async with app(assistant) as (routed, client):
            for path in paths(routed):
                for method in METHODS if path.count(".") == 0 else METHODS[:3]:
                    sent = BODIES[body]
                    headers = {**accept, **sent.get("headers", {}), "cookie": "a=b", "origin": "https://a.example"}
                    answers.append(await client.request(method, path, **{**sent, "headers": headers}))
        return answers

    for answer in run(ask()):
        if answer.request.url.path == EMBED_SCRIPT:
            assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
            answer.headers["cross-origin-resource-policy"] = "same-origin"
        assert_guarded(answer)
        if answer.status_code >= 400 and answer.request.method != "HEAD" and "health" not in answer.request.url.path:
            assert "0808 1000 900" in answer.text, (answer.request.method, answer.request.url.path, answer.status_code)


def test_the_standby_has_every_route_of_the_worker(assistant: Assistant) -> None:
    """But the one whose answer is nothing: what is opened is not counted while there is nobody to count."""
    both = [
        {getattr(route, "path", "") for route in app.routes}
        for app in (make_app(assistant), make_standby(assistant.answers, max_per_minute=1, frame_ancestors=()))
    ]
    assert both[0] - both[1] == {"/opened"}
    assert both[1] <= both[0]


def test_an_id_is_in_the_body_of_a_page_alone_and_there_in_no_address(assistant: Assistant) -> None:
    client = browse(assistant)
    id = client.post("/chat", data={"text": "hello"}, headers=JSON).json()["conversation"]
    answer = client.post("/chat", data={"text": "hello", "conversation": id}, headers=HTML)
    assert id in answer.text
    assert id not in str(answer.headers) + str(answer.request.url)
    elements = ParsedPage(answer.text).elements
    assert {(e.tag, name) for e in elements for name, value in e.attributes.items() if id in (value or "")} == {
        ("input", "value")
    }


def sources() -> list[ast.Module]:
    return [ast.parse(path.read_text(encoding="utf-8")) for path in sorted((ROOT / "bot").rglob("*.py"))]


def test_ids_are_of_at_least_128_bits_and_from_secrets_alone() -> None:
    calls = [node for tree in sources() for node in ast.walk(tree) if isinstance(node, ast.Call)]
    made = [call for call in calls if ast.unparse(call.func) == "secrets.token_urlsafe"]
    assert made and all(8 * ast.literal_eval(call.args[0]) >= 128 for call in made)
    imported = {
        name.partition(".")[0]
        for tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in [getattr(node, "module", None) or "", *(alias.name for alias in node.names)]
    }
    assert not imported & {"random", "uuid"}


def test_no_code_sets_a_cookie_or_stores_anything_in_the_browser() -> None:
    pages = [path for path in (ROOT / "bot" / "page").rglob("*") if path.suffix in {".html", ".mjs", ".js"}]
    code = {path: path.read_text(encoding="utf-8") for path in [*pages, *(ROOT / "bot" / "web").glob("*.py")]}
    assert len(pages) > 3
    stores = r"set_cookie|set-cookie|document\.cookie|localStorage|sessionStorage|indexedDB|caches\.|serviceWorker"
    assert {path.name for path, text in code.items() if re.search(stores, text, re.IGNORECASE)} == set()
