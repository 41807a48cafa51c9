"""What stands around every request: the headers, how many may wait, and that an error never gets out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from conftest import run
from starlette.types import Message, Receive, Scope, Send
from web_client import HTML, JSON, TestClient, assert_approved, assert_guarded, browse

from bot.conversation import Assistant
from bot.web.app import TEMPLATES, make_app
from bot.web.guards import HEADERS, Guards

STATIC = sorted(path.name for path in (TEMPLATES / "static").iterdir())
EVERYWHERE = [
    *(("GET", "/", 200), ("HEAD", "/", 200), ("GET", "/health/live", 200), ("GET", "/health/ready", 200)),
    *(("GET", f"/static/{name}", 200) for name in STATIC),
    *(("GET", "/nowhere", 404), ("GET", "/static/nothing", 404), ("GET", "/static", 404), ("POST", "/chat/", 404)),
    *(("POST", "/chat", 400), ("GET", "/chat", 405), ("POST", "/", 405), ("PUT", "/static/page.css", 405)),
]


@pytest.fixture
def site(assistant: Assistant) -> TestClient:
    return browse(assistant)


@pytest.mark.parametrize(("method", "path", "status"), EVERYWHERE)
@pytest.mark.parametrize("accept", [JSON, HTML], ids=["json", "page"])
def test_every_response_carries_every_header_and_no_cookie(
    method: str, path: str, status: int, accept: dict[str, str], site: TestClient
) -> None:
    response = site.request(method, path, headers=accept | {"cookie": "a=b", "origin": "https://example.org"})
    assert response.status_code == status
    assert_guarded(response)


def test_a_file_that_has_not_changed_carries_the_headers_too(site: TestClient) -> None:
    tag = site.get("/static/page.css").headers["etag"]
    response = site.get("/static/page.css", headers={"if-none-match": tag})
    assert response.status_code == 304
    assert_guarded(response)


def test_the_policy_lets_nothing_in_but_our_own_files() -> None:
    policy = dict(part.strip().split(" ", 1) for part in HEADERS["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert set(policy.values()) == {"'none'", "'self'"}
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["form-action"] == "'self'"
    assert HEADERS["Cache-Control"] == "no-store"
    assert HEADERS["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("accept", [JSON, HTML], ids=["json", "page"])
def test_too_many_at_once_are_given_the_helpline(accept: dict[str, str], assistant: Assistant) -> None:
    response = browse(assistant, max_waiting=0).post("/chat", json={"text": "hello"}, headers=accept)
    assert response.status_code == 429
    assert_approved(response, assistant)
    if accept is JSON:
        assert response.json()["messages"] == list(assistant.answers.phrases("en").errors["too_busy"])


@pytest.mark.parametrize("path", ["/", "/health/live", "/static/page.css"])
def test_the_page_and_health_are_there_however_many_wait(path: str, assistant: Assistant) -> None:
    assert browse(assistant, max_waiting=0).get(path).status_code == 200


def test_one_that_waits_takes_a_place_and_gives_it_back(assistant: Assistant) -> None:
    async def crowd() -> list[int]:
        transport = httpx.ASGITransport(make_app(assistant, max_waiting=1))
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
            reading, may_end = asyncio.Event(), asyncio.Event()

            async def slow_body() -> AsyncIterator[bytes]:
                yield b"text="
                reading.set()
                await may_end.wait()
                yield b"hello"

            form = {"content-type": "application/x-www-form-urlencoded"}
            slow = asyncio.create_task(client.post("/chat", content=slow_body(), headers=form))
            await reading.wait()
            second = await client.post("/chat", data={"text": "hello"})
            may_end.set()
            first = await slow
            third = await client.post("/chat", data={"text": "hello"})
            return [first.status_code, second.status_code, third.status_code]

    assert run(crowd()) == [200, 429, 200]


def chat_scope(path: str = "/chat") -> Scope:
    headers = [(b"content-type", b"application/json"), (b"accept", b"application/json")]
    return {"type": "http", "method": "POST", "path": path, "query_string": b"", "headers": headers, "root_path": ""}


def test_a_visitor_who_leaves_in_the_middle_gives_the_place_back(assistant: Assistant) -> None:
    app = make_app(assistant, max_waiting=1)

    async def visit(*messages: Message) -> int:
        coming, sent = list(messages), []

        async def receive() -> Message:
            return coming.pop(0)

        async def send(message: Message) -> None:
            sent.append(message)

        await app(chat_scope(), receive, send)
        status: int = sent[0]["status"]
        return status

    leaving: Message = {"type": "http.disconnect"}
    whole: Message = {"type": "http.request", "body": b'{"text": "hello"}', "more_body": False}
    cut: Message = {"type": "http.request", "body": b'{"text": "hel', "more_body": True}
    assert [run(visit(*messages)) for messages in ((leaving,), (cut, leaving), (whole,))] == [400, 400, 200]


def guarded(app: Any) -> list[Message]:
    """What a client gets from an app behind the guards, when an error is answered with "approved"."""

    async def error(scope: Scope, status: int) -> Any:
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            await send({"type": "http.response.start", "status": status, "headers": []})
            await send({"type": "http.response.body", "body": b"approved"})

        return answer

    got: list[Message] = []

    async def send(message: Message) -> None:
        got.append(message)

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    run(Guards(app, error=error, max_waiting=1)(chat_scope(), receive, send))
    return got


@pytest.mark.parametrize("error", [RuntimeError, MemoryError, UnicodeEncodeError, ExceptionGroup, KeyError])
def test_whatever_an_app_raises_is_answered_with_500(error: type[Exception], capsys: pytest.CaptureFixture[str]) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        arguments: dict[type, tuple[Any, ...]] = {
            UnicodeEncodeError: ("utf-8", "typed", 0, 1, "typed"),
            ExceptionGroup: ("typed", [ValueError("typed")]),
        }
        raise error(*arguments.get(error, ("typed",)))

    start, body = guarded(app)
    assert (start["status"], body["body"]) == (500, b"approved")
    assert {name.decode().lower() for name, _ in start["headers"]} >= {name.lower() for name in HEADERS}
    errors = capsys.readouterr().err
    assert f'"error":"{error.__name__}"' in errors
    assert "typed" not in errors


def test_an_error_after_the_answer_began_starts_no_second_answer() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError

    assert [message["type"] for message in guarded(app)] == ["http.response.start"]


def test_an_app_cannot_weaken_a_header() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        weak = [(b"content-security-policy", b"default-src *"), (b"cache-control", b"public")]
        await send({"type": "http.response.start", "status": 200, "headers": weak})

    (start,) = guarded(app)
    headers = httpx.Headers(start["headers"])
    assert headers.get_list("content-security-policy") == [HEADERS["Content-Security-Policy"]]
    assert headers.get_list("cache-control") == ["no-store"]
