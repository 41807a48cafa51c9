"""What stands around every request: the headers, and that an error never gets out."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send
from waiting import run
from web_client import HEADERS, HTML, JSON, TestClient, assert_guarded, browse, chat_scope, opened

from bot.conversation import Assistant
from bot.errors import StartError
from bot.settings import Settings
from bot.web.app import TEMPLATES, make_app
from bot.web.guards import EMBED_SCRIPT, STRICT_TRANSPORT, Guards
from bot.web.page import style_hash
from bot.web.rates import Rates

STATIC = sorted(path.name for path in (TEMPLATES / "static").iterdir() if path.is_file())
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
    style = policy.pop("style-src")
    assert style == f"'self' '{style_hash()}'"
    assert "unsafe" not in HEADERS["Content-Security-Policy"]
    assert set(policy.values()) == {"'none'", "'self'"}
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["form-action"] == "'self'"
    assert HEADERS["Cache-Control"] == "no-store"
    assert HEADERS["Referrer-Policy"] == "no-referrer"


def test_over_tls_and_only_there_the_browser_is_told_to_stay_with_it(assistant: Assistant) -> None:
    async def ask(scheme: str) -> list[str | None]:
        async with opened(make_app(assistant), scheme=scheme) as client:
            answers = [await client.get("/"), await client.get("/nowhere"), await client.post("/chat", data={"text": "hello"})]
            return [answer.headers.get("strict-transport-security") for answer in answers]

    assert run(ask("https")) == [STRICT_TRANSPORT] * 3
    assert run(ask("http")) == [None] * 3


def test_only_the_origins_of_the_settings_may_frame_the_chat(assistant: Assistant) -> None:
    origins = Settings(frame_ancestors="https://partner.example, http://127.0.0.1:9000").frame_origins

    async def ask() -> str:
        async with opened(make_app(assistant, frame_ancestors=origins)) as client:
            return (await client.get("/")).headers["content-security-policy"]

    policy = run(ask())
    assert policy.endswith("frame-ancestors https://partner.example http://127.0.0.1:9000")
    assert policy.replace(" https://partner.example http://127.0.0.1:9000", " 'none'") == HEADERS["Content-Security-Policy"]
    assert Settings().frame_origins == ()


@pytest.mark.parametrize(
    "origin",
    [
        *("partner.example", "*", "https://*", "'self'", "https://partner.example/", "https://a.example; script-src *"),
        *("javascript:alert(1)", "https://a.example\r\nX: y", "https://user@a.example", "ftp://a.example", "HTTPS://A.b"),
    ],
)
def test_what_is_no_origin_is_refused_at_the_start(origin: str) -> None:
    with pytest.raises(StartError, match=r"^frame_ancestors: .* is no origin"):
        _ = Settings(frame_ancestors=f"https://partner.example,{origin}").frame_origins


def guarded(app: Any, path: str = "/chat") -> list[Message]:
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

    run(Guards(app, error=error, headers=HEADERS, rates=Rates(1))({**chat_scope(), "path": path}, receive, send))
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


def test_only_the_script_for_partners_is_for_other_origins() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    policies = {}
    for path in (EMBED_SCRIPT, "/", "/chat", "/static/embed.js", f"{EMBED_SCRIPT}/", "/embed.js.map"):
        (start,) = guarded(app, path)
        policies[path] = httpx.Headers(start["headers"])["cross-origin-resource-policy"]
    assert policies.pop(EMBED_SCRIPT) == "cross-origin"
    assert set(policies.values()) == {"same-origin"}
