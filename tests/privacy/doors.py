"""Every door into a server, each tried with a mark of its own: what a visitor, or somebody else, may send."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from urllib.parse import quote

from serving import Server

JSON = {"Content-Type": "application/json", "Accept": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html"}
PARTS = {"Content-Type": "multipart/form-data; boundary=b", "Accept": "text/html"}
#: Headers that programs like to write down, and one that nobody knows.
HEADERS = (
    *("User-Agent", "Referer", "Cookie", "X-Forwarded-For", "X-Real-IP", "Forwarded", "Via", "X-Request-ID", "Traceparent"),
    *("Authorization", "Accept", "Accept-Language", "Accept-Encoding", "Origin", "Range", "If-None-Match", "Host", "X-Unknown"),
    *("Content-Encoding", "Content-Disposition", "Connection", "Sec-CH-UA", "X-HTTP-Method-Override", "X-Original-URL"),
)

#: A request: method, path, body, headers.
Request = tuple[str, str, bytes, dict[str, str]]


def texts(mark: str) -> dict[str, str]:
    """Texts of every kind that holds a mark."""
    return {
        "a text": f"my brother {mark} looks at things he should not",
        "a crisis": f"I want to kill myself {mark}",
        "a word alone": mark,
        "one of Rasa's commands": f"/{mark}",
        "one of Rasa's intents": f'/{{{mark}{{"text": "{mark}"}}',
        "a full-width slash": f"\uff0f{mark}",
        "an entity": f'[{mark}]{{"entity": "{mark}"}}',
        "a template": f"{{{{ {mark} }}}} {{% {mark} %}} ${{{mark}}} %({mark})s {{0.{mark}}}",
        "a long text": f"{mark} and so on. " * 60,
        "hidden characters": f"\u202e{mark}\u200b\x00\x1b[31m\r\n{mark}",
        "half a character": f"{mark} \ud83d",
    }


def requests(mark: str) -> Iterator[tuple[str, Request]]:
    """Whole requests, each with the mark at another place; and the name of that place."""
    for name, text in texts(mark).items():
        yield f"{name}, JSON", ("POST", "/chat", json.dumps({"text": text}).encode(), JSON)
        form = quote(text.encode("utf-8", "surrogatepass"))
        yield f"{name}, form", ("POST", "/chat", f"text={form}".encode(), FORM)
    for field in ("choice", "campaign", "lang", "conversation"):
        yield field, ("POST", "/chat", json.dumps({"text": "hello", field: mark}).encode(), JSON)
        yield f"{field}, form", ("POST", "/chat", f"text=hello&{field}={mark}".encode(), FORM)
    yield "a JSON key", ("POST", "/chat", json.dumps({"text": "hello", mark: {mark: [mark]}}).encode(), JSON)
    yield "a form field's name", ("POST", "/chat", f"text=hello&{mark}={mark}".encode(), FORM)
    part = f'--b\r\nContent-Disposition: form-data; name="text"; x="{mark}"\r\nX-{mark}: {mark}\r\n\r\n{mark}\r\n--b--\r\n'
    yield "a part", ("POST", "/chat", part.encode(), PARTS)
    yield "a file", ("POST", "/chat", part.replace("; x=", "; filename=").encode(), PARTS)
    yield "a part that is cut off", ("POST", "/chat", part[:-12].encode(), PARTS)
    for name, body in {
        "cut-off JSON": f'{{"text": "{mark}',
        "JSON of another kind": f'["{mark}"]',
        "a text that is a list": f'{{"text": ["{mark}"]}}',
        "no JSON": mark,
        "too much": f'{{"text": "{mark * 900}"}}',
    }.items():
        yield name, ("POST", "/chat", body.encode(), JSON)
    yield "invalid UTF-8", ("POST", "/chat", b'{"text": "' + mark.encode() + b'\xff"}', JSON)
    for name in HEADERS:
        yield name, ("POST", "/chat", b'{"text": "hello"}', {**JSON, name: f"{mark}/1.0 ({mark}; x={mark})"})
        yield f"{name}, page", ("GET", "/", b"", {name: mark})
    yield "a header's name", ("GET", "/", b"", {f"X-{mark}": mark})
    yield "a content type", ("POST", "/chat", b"text=hello", {"Content-Type": f"{mark}; charset={mark}"})
    for path in ("/", "/chat", "/safety", "/health/live", "/health/ready", "/static/page.css", "/opened", "/nowhere"):
        for method in ("GET", "POST"):
            yield f"{method} {path}?", (method, f"{path}?{mark}={mark}&lang={mark}", b"", FORM)
    for path in (
        "/{}",
        "/static/{}",
        "/static/../{}",
        "/{}/../chat",
        "/chat/{}",
        "//{}",
        "/%7B{}%7D",
        "/;{}",
        "/conversations/{}/tracker",
    ):
        yield path, ("GET", path.format(mark), b"", {})
    yield "a campaign's link", ("GET", f"/?c={mark}", b"", {})
    yield "a method", (mark.upper(), "/", b"", {})
    yield "a pointer that was opened", ("POST", "/opened", f"conversation={mark}&pointer={mark}".encode(), FORM)
    yield "too much of one that was opened", ("POST", "/opened", f"pointer={mark * 60}".encode(), FORM)


def raw(mark: str) -> Iterator[tuple[str, bytes]]:
    """What is no whole request, or none at all. The connection is closed after it."""
    head = f"POST /chat?{mark} HTTP/1.1\r\nHost: {mark}\r\nContent-Type: application/json\r\nX-{mark}: {mark}\r\n"
    chunked = f"{head}Transfer-Encoding: chunked\r\n\r\n"
    body = json.dumps({"text": mark})
    whole = {
        "left in the request line": f"POST /{mark}",
        "left in a header": f"GET / HTTP/1.1\r\nCookie: {mark}",
        "left before the body": f"{head}Content-Length: 900\r\n\r\n",
        "left in the body": f"{head}Content-Length: 900\r\n\r\n{body}",
        "left in a chunk": f"{chunked}fff\r\n{body}",
        "left in a trailer": f"{chunked}{len(body):x}\r\n{body}\r\n0\r\nX-{mark}: {mark}",
        "a chunk's extension": f"{chunked}{len(body):x};{mark}={mark}\r\n{body}\r\n0\r\nX-{mark}: {mark}\r\n\r\n",
        "a chunk that is none": f"{chunked}{mark}\r\n",
        "a length that is none": f"{head}Content-Length: {mark}\r\n\r\n",
        "two lengths": f"{head}Content-Length: 1\r\nContent-Length: {mark}\r\n\r\n",
        "no HTTP": f"{mark}\r\n\r\n",
        "no such version": f"GET /{mark} {mark}/9.9\r\n\r\n",
        "an endless head": f"GET / HTTP/1.1\r\nX-{mark}: {mark * 2_000}\r\n\r\n",
        "another protocol": f"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: {mark}\r\n\r\n",
        "another host": f"GET http://{mark}.example/{mark} HTTP/1.1\r\nHost: {mark}.example\r\n\r\n",
    }
    for name, sent in whole.items():
        yield name, sent.encode()


def send_raw(server: Server, sent: bytes) -> bytes:
    """Send bytes, go on to the end of what comes back, or leave soon."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=0.15) as connection:
        connection.sendall(sent)
        received = b""
        try:
            while piece := connection.recv(100_000):
                received += piece
        except (TimeoutError, ConnectionResetError):
            pass
        return received
