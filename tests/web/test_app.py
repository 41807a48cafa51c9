"""The app's routes: who gets a page and who gets JSON, health, static files, and an approved answer for every error."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from web_client import CRISIS, FORM, HTML, JSON, ParsedPage, TestClient, assert_approved, assert_guarded, browse

from bot.conversation import Assistant
from bot.web.page import AGAIN, TEMPLATES

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
STATIC = sorted(str(path.relative_to(TEMPLATES / "static")) for path in (TEMPLATES / "static").rglob("*.*"))


@pytest.fixture
def site(assistant: Assistant) -> TestClient:
    return browse(assistant)


def kind(response: httpx.Response) -> str:
    return {"application/json": "json", "text/html; charset=utf-8": "page"}[response.headers["content-type"]]


@pytest.mark.parametrize(
    ("accept", "to_form", "to_json"),
    [
        (None, "page", "json"),
        ("*/*", "page", "json"),
        ("text/html", "page", "page"),
        (BROWSER, "page", "page"),
        ("TEXT/HTML", "page", "page"),
        ("application/json", "json", "json"),
        ("application/json, text/plain, */*", "json", "json"),
        ("image/png", "page", "json"),
    ],
)
def test_an_answer_is_what_accept_asks_for_and_else_like_the_request(
    accept: str | None, to_form: str, to_json: str, site: TestClient, assistant: Assistant
) -> None:
    headers = {"accept": accept} if accept else {}
    by_form = site.post("/chat", data={"text": "hello"}, headers=headers)
    by_parts = site.post("/chat", files={"text": (None, "hello")}, headers=headers)
    by_json = site.post("/chat", json={"text": "hello"}, headers=headers)
    assert [kind(response) for response in (by_form, by_parts, by_json)] == [to_form, to_form, to_json]
    for response in (by_form, by_parts, by_json):
        assert ("accept" in response.request.headers) is (accept is not None)
        assert response.status_code == 200
        assert_approved(response, assistant)


@pytest.mark.parametrize("accept", [None, "*/*", BROWSER, "application/json"])
def test_the_first_page_is_a_page_for_everyone(accept: str | None, site: TestClient) -> None:
    response = site.get("/", headers={"accept": accept} if accept else {})
    assert response.status_code == 200
    assert kind(response) == "page"


def test_json_and_page_say_the_same(site: TestClient) -> None:
    body = site.post("/chat", data={"text": CRISIS}, headers=JSON).json()
    page = ParsedPage(site.post("/chat", data={"text": CRISIS}, headers=HTML).text)
    in_sight = [element for element in page.elements if "template" not in element.parents]
    assert [e.text for e in in_sight if e.attributes.get("class") == "said"] == body["messages"]
    assert [e.text for e in in_sight if e.tag == "h2"] == [pointer["name"] for pointer in body["pointers"]]
    choices = [e.attributes["value"] for e in in_sight if e.tag == "button" and "fieldset" in e.parents]
    assert choices == [choice["id"] for choice in body["choices"] if choice["id"] not in AGAIN]


ERRORS: dict[str, tuple[int, str, str, dict[str, Any]]] = {
    "unreadable JSON": (400, "POST", "/chat", {"content": b"{", "headers": {"content-type": "application/json"}}),
    "unreadable form": (400, "POST", "/chat", {"content": b"a=b", "headers": FORM}),
    "no such page": (404, "GET", "/no/such/page", {}),
    "no such page to post to": (404, "POST", "/no/such/page", {"json": {"text": "hello"}}),
    "a slash too many": (404, "POST", "/chat/", {"json": {"text": "hello"}}),
    "two slashes": (404, "GET", "//", {}),
    "Rasa's own channel": (404, "POST", "/webhooks/rest/webhook", {"json": {"message": "hello"}}),
    "Rasa's own API": (404, "GET", "/conversations/default/tracker", {}),
    "no such static file": (404, "GET", "/static/no-such-file.css", {}),
    "the static folder": (404, "GET", "/static", {}),
    "the static folder with a slash": (404, "GET", "/static/", {}),
    "reading the chat": (405, "GET", "/chat", {}),
    "putting a chat": (405, "PUT", "/chat", {"json": {"text": "hello"}}),
    "posting to the page": (405, "POST", "/", {"data": {"text": "hello"}}),
    "posting to the page on safety": (405, "POST", "/safety", {"data": {"text": "hello"}}),
    "reading what was opened": (405, "GET", "/opened", {}),
    "asking for options": (405, "OPTIONS", "/chat", {}),
    "a method of its own": (405, "BREW", "/", {}),
    "deleting a static file": (405, "DELETE", "/static/page.css", {}),
    "too long": (413, "POST", "/chat", {"content": b"text=" + b"a" * 9_000, "headers": FORM}),
}


@pytest.mark.parametrize("name", ERRORS)
@pytest.mark.parametrize("accept", [JSON, HTML], ids=["json", "page"])
def test_every_error_is_an_approved_answer(name: str, accept: dict[str, str], site: TestClient, assistant: Assistant) -> None:
    status, method, path, sent = ERRORS[name]
    response = site.request(method, f"http://testserver{path}", **sent | {"headers": sent.get("headers", {}) | accept})
    assert response.status_code == status
    assert kind(response) == ("json" if accept is JSON else "page")
    assert_approved(response, assistant)


@pytest.mark.parametrize(
    ("status", "method", "path", "error"),
    [(404, "GET", "/nowhere", "not_found"), (405, "GET", "/chat", "not_allowed"), (400, "POST", "/chat", "unreadable")],
)
def test_each_error_says_what_is_wrong_in_its_own_words(
    status: int, method: str, path: str, error: str, site: TestClient, assistant: Assistant
) -> None:
    response = site.request(method, path)
    assert response.status_code == status
    assert response.json()["messages"] == list(assistant.answers.phrases("en").errors[error])
    assert [pointer["tel"] for pointer in response.json()["pointers"] if pointer["tel"]] == ["0808 1000 900", "999", "116 123"]


def test_a_405_says_which_methods_are_allowed(site: TestClient) -> None:
    assert site.get("/chat").headers["allow"] == "POST"
    assert set(site.post("/").headers["allow"].split(", ")) == {"GET", "HEAD"}


@pytest.mark.parametrize("accept", [JSON, HTML], ids=["json", "page"])
def test_a_turn_that_raises_is_answered_with_500_and_the_helpline(
    accept: dict[str, str], site: TestClient, assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr(assistant, "turn", fail)
    response = site.post("/chat", json={"text": "hello"}, headers=accept)
    assert response.status_code == 500
    assert_approved(response, assistant)


@pytest.mark.parametrize("accept", [JSON, HTML], ids=["json", "page"])
@pytest.mark.parametrize(("part", "name"), [("reader", "_classify"), ("engine", "answer")])
def test_an_engine_that_raises_is_answered_with_500_and_the_conversation_goes_on(
    part: str, name: str, accept: dict[str, str], site: TestClient, assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*args: object) -> None:
        raise RuntimeError("broken on purpose")

    before = site.post("/chat", json={"text": "hello"}, headers=JSON).json()["conversation"]
    with monkeypatch.context() as broken:
        broken.setattr(getattr(assistant, part), name, fail)
        response = site.post("/chat", json={"text": "my work", "conversation": before}, headers=accept)
    assert response.status_code == 500
    assert_approved(response, assistant)
    after = site.post("/chat", json={"text": "hello", "conversation": before}, headers=JSON).json()
    assert (after["conversation"], after["route"]) == (before, "greet")


def test_health_is_live_and_ready_and_leaves_no_conversation_behind(site: TestClient, assistant: Assistant) -> None:
    kept = len(assistant.store)
    live, ready = site.get("/health/live"), site.get("/health/ready")
    assert (live.status_code, live.json()) == (200, {"live": True})
    assert (ready.status_code, ready.json()) == (200, {"ready": True})
    assert len(assistant.store) == kept


@pytest.mark.parametrize("method", ["shares", "answer"])
def test_it_is_not_ready_when_the_engine_raises_though_it_is_live(
    method: str, site: TestClient, assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*args: object) -> None:
        raise RuntimeError("broken on purpose")

    kept = len(assistant.store)
    monkeypatch.setattr(assistant.engine, method, fail)
    ready = site.get("/health/ready")
    assert (ready.status_code, ready.json()) == (503, {"ready": False})
    assert_guarded(ready)
    assert site.get("/health/live").status_code == 200
    assert len(assistant.store) == kept


@pytest.mark.parametrize("path", ["/", "/safety", "/health/live", "/health/ready", *(f"/static/{name}" for name in STATIC)])
def test_head_is_get_without_a_body(path: str, site: TestClient) -> None:
    uncompressed = {"accept-encoding": "identity"}
    head, get = site.head(path, headers=uncompressed), site.get(path, headers=uncompressed)
    assert head.status_code == get.status_code == 200
    assert head.content == b""
    assert {"content-length", "content-type"} <= head.headers.keys()
    assert head.headers["content-length"] == get.headers["content-length"]


@pytest.mark.parametrize(("path", "status"), [("/nowhere", 404), ("/chat", 405), ("/static/nothing", 404)])
def test_head_of_an_error_has_no_body_either(path: str, status: int, site: TestClient) -> None:
    response = site.head(path)
    assert (response.status_code, response.content) == (status, b"")
    assert_guarded(response)


@pytest.mark.parametrize("name", STATIC)
def test_static_files_are_served_whole_as_what_they_are(name: str, site: TestClient) -> None:
    types = {".css": "text/css", ".mjs": "text/javascript", ".svg": "image/svg+xml", ".txt": "text/plain"}
    types |= {".md": "text/markdown"}
    for range_asked in ("", "bytes=0-3", "bytes=999999-", "bytes=nonsense"):
        response = site.get(f"/static/{name}", headers={"range": range_asked} if range_asked else {})
        assert response.status_code == 200
        assert response.content == (TEMPLATES / "static" / name).read_bytes()
        assert response.headers["content-type"].partition(";")[0] == types["." + name.rpartition(".")[2]]


@pytest.mark.parametrize(
    "path",
    [
        *("%2e%2e/page.html", "..%2fpage.html", "%2e%2e%2fpage.html", "x/%2e%2e/%2e%2e/page.html", "%5c..%5cpage.html"),
        *(
            "%2e%2e/%2e%2e/conversation.py",
            "%2fetc%2fpasswd",
            "/etc/passwd",
            "%2e%2e%2f" * 12 + "etc/passwd",
            "....//page.html",
        ),
        *("page.css%00.html", "%00", "%ff", "a" * 5_000, "page.css/x", "%252e%252e/page.html", "~root"),
    ],
)
def test_nothing_outside_the_static_folder_is_served(path: str, site: TestClient, assistant: Assistant) -> None:
    response = site.get(f"http://testserver/static/{path}")
    assert response.status_code == 404
    assert_approved(response, assistant)
