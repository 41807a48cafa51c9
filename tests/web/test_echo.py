"""Nothing that was sent comes back: not in a body, not in a header, and not on standard error."""

from __future__ import annotations

from typing import Any

import pytest
from web_client import FORM, HTML, JSON, TestClient, assert_guarded, browse

from bot.conversation import Assistant

MARK = "zq7marker4xw"
JSON_BODY = {"content-type": "application/json"}

SENT: dict[str, tuple[str, str, dict[str, Any]]] = {
    "text": ("POST", "/chat", {"json": {"text": f"hello {MARK}"}}),
    "text as markup": ("POST", "/chat", {"data": {"text": f"<b id={MARK}>{MARK}</b>"}}),
    "text in an attribute": ("POST", "/chat", {"data": {"text": f'" autofocus onfocus={MARK} x="'}}),
    "text alone": ("POST", "/chat", {"data": {"text": MARK}}),
    "text and choice": ("POST", "/chat", {"data": {"text": MARK, "choice": "professional"}}),
    "multipart text": ("POST", "/chat", {"files": {"text": (None, MARK)}}),
    "long text": ("POST", "/chat", {"json": {"text": f"{MARK} " * 500}}),
    "choice": ("POST", "/chat", {"json": {"choice": MARK}}),
    "choice in a form": ("POST", "/chat", {"data": {"choice": MARK, "text": MARK}}),
    "conversation": ("POST", "/chat", {"json": {"text": "hello", "conversation": MARK}}),
    "conversation in a form": ("POST", "/chat", {"data": {"text": "hello", "conversation": MARK}}),
    "conversation as markup": ("POST", "/chat", {"data": {"text": "hello", "conversation": f'"><{MARK}>'}}),
    "lang": ("POST", "/chat", {"json": {"text": "hello", "lang": MARK}}),
    "lang in a form": ("POST", "/chat", {"data": {"text": "hello", "lang": MARK}}),
    "campaign": ("POST", "/chat", {"json": {"text": "hello", "campaign": MARK}}),
    "campaign in a form": ("POST", "/chat", {"data": {"text": "hello", "campaign": MARK}}),
    "another key": ("POST", "/chat", {"json": {"text": "hello", MARK: MARK}}),
    "only another key": ("POST", "/chat", {"json": {MARK: MARK}}),
    "another key of a form": ("POST", "/chat", {"data": {MARK: MARK}}),
    "a wrong type": ("POST", "/chat", {"json": {"text": [MARK]}}),
    "a wrong type with a key": ("POST", "/chat", {"json": {"text": {MARK: 1}}}),
    "JSON that is cut off": ("POST", "/chat", {"content": f'{{"text": "{MARK}', "headers": JSON_BODY}),
    "a string": ("POST", "/chat", {"content": f'"{MARK}"', "headers": JSON_BODY}),
    "not JSON": ("POST", "/chat", {"content": MARK, "headers": {"content-type": "text/plain"}}),
    "a file": ("POST", "/chat", {"files": {MARK: (f"{MARK}.txt", MARK, f"text/{MARK}")}}),
    "a boundary": ("POST", "/chat", {"content": MARK, "headers": {"content-type": f"multipart/form-data; boundary={MARK}"}}),
    "a content type": ("POST", "/chat", {"content": MARK, "headers": {"content-type": f"text/{MARK}"}}),
    "too long": ("POST", "/chat", {"content": b"text=" + MARK.encode() * 1_000, "headers": FORM}),
    "path": ("GET", f"/{MARK}", {}),
    "path posted to": ("POST", f"/{MARK}", {"json": {"text": "hello"}}),
    "path with a slash": ("GET", f"/{MARK}/", {}),
    "path of a static file": ("GET", f"/static/{MARK}", {}),
    "path of a Rasa page": ("GET", f"/conversations/{MARK}/tracker", {}),
    "query of the page": ("GET", f"/?{MARK}={MARK}", {}),
    "query of the chat": ("POST", f"/chat?text={MARK}", {"json": {"text": "hello"}}),
    "query of the chat with a slash": ("POST", f"/chat/?text={MARK}", {"json": {"text": "hello"}}),
    "query of the static folder": ("GET", f"/static?{MARK}", {}),
    "query of a static file": ("GET", f"/static/page.css?{MARK}", {}),
    "query of health": ("GET", f"/health/ready?{MARK}", {}),
    "query of health with a slash": ("GET", f"/health/ready/?{MARK}", {}),
    "query of a wrong method": ("GET", f"/chat?{MARK}", {}),
    "method": (MARK.upper(), "/", {}),
}
HEADERS_SENT = [
    *(
        "accept",
        "accept-encoding",
        "accept-language",
        "authorization",
        "cookie",
        "content-language",
        "dnt",
        "expect",
        "forwarded",
    ),
    *("host", "if-modified-since", "if-none-match", "origin", "range", "referer", "te", "traceparent", "upgrade", "user-agent"),
    *("x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-http-method-override", "x-request-id", MARK),
    *("access-control-request-headers", "access-control-request-method"),
]


@pytest.fixture
def site(assistant: Assistant) -> TestClient:
    return browse(assistant)


def assert_no_echo(response: Any, errors: str) -> None:
    assert MARK not in response.text.lower()
    assert MARK not in str(response.headers.raw).lower()
    assert MARK not in errors.lower()
    assert_guarded(response)


@pytest.mark.parametrize("place", SENT)
@pytest.mark.parametrize("accept", [JSON, HTML], ids=["json", "page"])
def test_what_was_sent_does_not_come_back(
    place: str, accept: dict[str, str], site: TestClient, capfd: pytest.CaptureFixture[str]
) -> None:
    method, path, sent = SENT[place]
    response = site.request(method, path, **sent | {"headers": sent.get("headers", {}) | accept})
    assert_no_echo(response, "".join(capfd.readouterr()))


@pytest.mark.parametrize("name", HEADERS_SENT)
@pytest.mark.parametrize(("method", "path"), [("GET", "/"), ("POST", "/chat"), ("GET", "/chat/"), ("GET", "/static/page.css")])
def test_no_header_comes_back(name: str, method: str, path: str, site: TestClient, capfd: pytest.CaptureFixture[str]) -> None:
    sent = {"json": {"text": "hello"}} if method == "POST" else {}
    assert_no_echo(site.request(method, path, headers={name: MARK}, **sent), "".join(capfd.readouterr()))


@pytest.mark.parametrize("accept", [JSON, HTML], ids=["json", "page"])
@pytest.mark.parametrize("where", ["turn", "engine"])
def test_an_error_whose_text_holds_what_was_typed_is_told_by_its_class_alone(
    where: str,
    accept: dict[str, str],
    site: TestClient,
    assistant: Assistant,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    async def fail(*args: object, **kwargs: object) -> None:
        raise ZeroDivisionError(f"{args} {kwargs} {MARK}")

    monkeypatch.setattr(*((assistant, "turn") if where == "turn" else (assistant.engine, "answer")), fail)
    response = site.post("/chat", json={"text": f"hello {MARK}"}, headers=accept)
    errors = capfd.readouterr().err
    assert response.status_code == 500
    assert '"error":"ZeroDivisionError"' in errors
    assert_no_echo(response, errors)
