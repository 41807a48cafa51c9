"""What can't be read, or is too long, is answered all the same, with approved words and the helpline."""

from __future__ import annotations

import pytest
from web_client import FORM, HTML, JSON, WHO, TestClient, assert_approved, browse

from bot.conversation import Assistant
from bot.web.wire import MAX_BODY

MULTIPART = {"content-type": "multipart/form-data; boundary=x"}
PART = b'--x\r\nContent-Disposition: form-data; name="text"'
UNREADABLE = {
    "no body": (b"", {}),
    "nothing in the object": (b"{}", {}),
    "neither text nor choice": (b'{"lang": "en"}', {}),
    "text and choice are null": (b'{"text": null, "choice": null}', {}),
    "cut off": (b'{"text": "hel', {}),
    "two objects": (b'{"text": "a"} {"text": "b"}', {}),
    "a list": (b'[{"text": "hello"}]', {}),
    "null": (b"null", {}),
    "a string": (b'"hello"', {}),
    "a number": (b"7", {}),
    "a number of thousands of digits": (b"7" * 6_000, {}),
    "deep nesting of lists": (b"[" * 8_000, {}),
    "deep nesting of objects": (b'{"text":' * 1_000, {}),
    "deep nesting in a field": (b'{"text":' + b"[" * 3_000 + b"]" * 3_000 + b"}", {}),
    "invalid UTF-8": (b'{"text": "\xff\xfe"}', {}),
    "binary": (bytes(range(256)), {}),
    "text is a number": (b'{"text": 1}', {}),
    "text is a list": (b'{"text": ["hello"]}', {}),
    "text is an object": (b'{"text": {"a": "b"}}', {}),
    "text is not a number": (b'{"text": NaN}', {}),
    "choice is a number": (b'{"choice": 1}', {}),
    "choice is a list": (b'{"choice": ["professional"]}', {}),
    "conversation is a number": (b'{"text": "hello", "conversation": 1}', {}),
    "lang is a list": (b'{"text": "hello", "lang": []}', {}),
    "campaign is true": (b'{"text": "hello", "campaign": true}', {}),
    "unknown choice": (b'{"choice": "no_such_choice"}', {}),
    "unknown choice beside a text": (b'{"text": "hello", "choice": "no_such_choice"}', {}),
    "choice that is a route but no button": (b'{"choice": "abusive"}', {}),
    "choice that is inner": (b'{"choice": "unsure"}', {}),
    "choice in capitals": (b'{"choice": "PROFESSIONAL"}', {}),
    "empty choice": (b'{"choice": ""}', {}),
    "choice that is half a character": (b'{"choice": "\\ud800"}', {}),
    "plain text": (b"hello", {"content-type": "text/plain"}),
    "XML": (b"<text>hello</text>", {"content-type": "application/xml"}),
    "a form that says it is JSON": (b"text=hello", {"content-type": "application/json"}),
    "JSON that says it is a form": (b'{"text": "hello"}', FORM),
    "a form with neither": (b"a=b&c=d", FORM),
    "a form of too many fields": (b"a&" * 4_000, FORM),
    "a form with an unknown choice": (b"text=&choice=no_such_choice", FORM),
    "no boundary": (PART + b"\r\n\r\nhello\r\n--x--\r\n", {"content-type": "multipart/form-data"}),
    "another boundary": (PART + b"\r\n\r\nhello\r\n--x--\r\n", {"content-type": "multipart/form-data; boundary=y"}),
    "a file": (PART + b'; filename="a.txt"\r\n\r\nhello\r\n--x--\r\n', MULTIPART),
    "a part without a name": (b"--x\r\nContent-Disposition: form-data\r\n\r\nhello\r\n--x--\r\n", MULTIPART),
    "a part without headers": (b"--x\r\n\r\nhello\r\n--x--\r\n", MULTIPART),
    "too many parts": ((PART + b"\r\n\r\nhello\r\n") * 50 + b"--x--\r\n", MULTIPART),
}


@pytest.fixture
def site(assistant: Assistant) -> TestClient:
    return browse(assistant)


@pytest.mark.parametrize("headers", [FORM, {"content-type": "application/json"}], ids=["form", "json"])
@pytest.mark.parametrize(("size", "status"), [(MAX_BODY, 200), (MAX_BODY + 1, 413)])
def test_a_body_may_be_8_kib_and_not_a_byte_more(
    headers: dict[str, str], size: int, status: int, site: TestClient, assistant: Assistant
) -> None:
    opening, closing = (b"text=", b"") if headers is FORM else (b'{"text":"', b'"}')
    body = opening + b"a" * (size - len(opening) - len(closing)) + closing
    whole = site.post("/chat", content=body, headers=headers | JSON)
    in_pieces = site.post("/chat", content=(body[at : at + 100] for at in range(0, size, 100)), headers=headers | JSON)
    assert "content-length" not in in_pieces.request.headers
    for response in (whole, in_pieces):
        assert response.status_code == status
        assert_approved(response, assistant)


def test_a_body_declared_too_long_is_refused_before_it_is_read(site: TestClient) -> None:
    assert site.post("/chat", content=b"text=hello", headers=FORM | JSON | {"content-length": "8193"}).status_code == 413


@pytest.mark.parametrize("name", UNREADABLE)
@pytest.mark.parametrize("accept", [JSON, HTML], ids=["json", "html"])
def test_what_cannot_be_read_is_answered_all_the_same(
    name: str, accept: dict[str, str], site: TestClient, assistant: Assistant
) -> None:
    body, headers = UNREADABLE[name]
    response = site.post("/chat", content=body, headers={"content-type": "application/json"} | headers | accept)
    assert response.status_code == 400
    assert_approved(response, assistant)
    if accept is JSON:
        assert response.json()["messages"] == list(assistant.answers.phrases("en").errors["unreadable"])
        assert response.json()["conversation"] is None
        assert [choice["id"] for choice in response.json()["choices"]] == WHO
