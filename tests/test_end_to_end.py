"""One real server over real HTTP: what a visitor's browser and a program get, and what the server prints."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from serving import READY, SECONDS, Server, serving

from bot.engine.fingerprint import is_fresh
from bot.settings import ROOT, Settings
from bot.web.guards import headers_for_all

HEADERS = headers_for_all()
MARK = "zq7marker4xw"


@pytest.fixture(scope="session")
def server(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The one server of this module. A test of how it ends would need another one, so that stands here: on SIGTERM it ends
    soon, though a browser keeps its connection, with code 0, `stopped` as its last event, and not a word of any visitor."""
    with serving(settings, tmp_path_factory.mktemp("server") / "printed.txt") as server:
        yield server
        idle = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
        idle.request("GET", "/")
        assert idle.getresponse().read()
        began = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(SECONDS) == 0
        assert time.monotonic() - began < 8
        idle.close()
        assert_printed_nothing_but_its_events(server.printed.read_text())


def assert_printed_nothing_but_its_events(printed: str) -> None:
    lines = printed.splitlines()
    events = [json.loads(line)["event"] for line in lines if line.startswith("{")]
    assert events == ["started", "stopped"]
    (ready,) = [line for line in lines if not line.startswith("{")]
    assert READY.match(ready)
    assert MARK not in printed


SAID = [
    ({"text": "hello"}, "greet"),
    ({"text": "I want to kill myself"}, "suicide_crisis"),
    ({"text": "he is hurting her right now"}, "immediate_danger"),
    ({"text": "I am worried about my own sexual thoughts about children"}, "own_behaviour"),
    ({"text": "what time does the helpline open"}, "ask_hours"),
    ({"text": "does it cost anything to call"}, "ask_cost"),
    ({"text": "are you a robot"}, "ask_bot"),
    ({"text": "thank you"}, "thanks"),
    ({"choice": "professional"}, "professional"),
    ({"text": "", "choice": "police_involved"}, "police_involved"),
]


@pytest.mark.parametrize(("message", "route"), SAID)
@pytest.mark.parametrize("as_form", [True, False], ids=["form", "json"])
def test_a_message_over_real_http_gets_its_route(message: dict[str, str], route: str, as_form: bool, server: Server) -> None:
    answer = server.say(as_form, **message)
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    body = json.loads(answer.body)
    assert body["route"] == route
    assert "0808 1000 900" in [pointer["tel"] for pointer in body["pointers"]]
    page = server.say(as_form, accept="text/html", **message)
    assert (page.status, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert 'href="tel:08081000900"' in page.body


def test_a_conversation_goes_on_over_several_connections(server: Server) -> None:
    first = json.loads(server.say(False, text="I want to kill myself").body)
    second = json.loads(server.say(True, text="hello", conversation=first["conversation"]).body)
    assert second["conversation"] == first["conversation"]
    assert "samaritans" in [pointer["id"] for pointer in second["pointers"] if pointer["small"]]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/", None, 200),
        ("HEAD", "/", None, 200),
        ("GET", "/health/live", None, 200),
        ("GET", "/static/page.css", None, 200),
        ("GET", f"/{MARK}?{MARK}", None, 404),
        ("GET", f"/chat/?{MARK}", None, 404),
        ("GET", "/static/../page.html", None, 404),
        ("GET", "/static/../../conversation.py", None, 404),
        ("GET", "/static//etc/passwd", None, 404),
        ("GET", f"/chat?{MARK}", None, 405),
        ("POST", "/chat", f'{{"{MARK}": "{MARK}"}}', 400),
        ("POST", "/chat", f'{{"choice": "{MARK}"}}', 400),
        pytest.param("POST", "/chat", '{"text": "' + MARK * 1_000 + '"}', 413, id="too long"),
        pytest.param("POST", "/chat", iter([MARK.encode()] * 1_000), 413, id="too long, in pieces"),
    ],
)
def test_every_response_is_guarded_and_echoes_nothing(
    method: str, path: str, body: object, status: int, server: Server
) -> None:
    answer = server.ask(method, path, body, user_agent=MARK, referer=MARK, cookie=MARK, x_request_id=MARK)
    assert answer.status == status
    assert {name: answer.headers.get(name.lower()) for name in HEADERS} == HEADERS
    assert not {"set-cookie", "server", "location"} & answer.headers.keys()
    assert MARK not in answer.body + str(answer.headers)
    assert "{{" not in answer.body
    if status >= 400:
        assert "0808 1000 900" in answer.body


@pytest.mark.parametrize(
    "garbage", [b"nonsense\r\n\r\n", b"GET\r\n\r\n", b"\x16\x03\x01\x02\x00", f"{MARK} / HTTP/9\r\n\r\n".encode()]
)
def test_what_is_not_http_is_refused_without_an_echo(garbage: bytes, server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall(garbage)
        connection.shutdown(socket.SHUT_WR)
        assert MARK not in connection.makefile("rb").read().decode("latin-1")
    assert server.ask("GET", "/health/live").status == 200


def test_those_who_send_headers_and_then_nothing_do_not_hold_up_others(server: Server) -> None:
    headers = b"POST /chat HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n"
    with ExitStack() as open_connections:
        for sent in (headers, headers + b'{"text": "', headers[:40]) * 8:
            slow = open_connections.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=20))
            slow.sendall(sent)
        began = time.monotonic()
        for _ in range(10):
            assert json.loads(server.say(False, text="hello").body)["route"] == "greet"
        assert time.monotonic() - began < 2


def test_nothing_typed_is_printed(server: Server) -> None:
    for accept in ("application/json", "text/html"):
        for as_form in (True, False):
            server.say(as_form, accept, text=f"I want to kill myself {MARK}", lang=MARK, campaign=MARK, conversation=MARK)
            server.say(as_form, accept, text=f"/restart {MARK} \u202e{MARK}", choice="professional")
            server.say(as_form, accept, text=MARK, choice=MARK)
    server.ask("POST", "/chat", f'{{"text": "{MARK}', content_type="application/json")
    assert MARK not in server.printed.read_text()


def test_a_taken_port_is_told_in_one_line_with_exit_code_2(settings: Settings) -> None:
    assert is_fresh(settings.model, settings.data), "the model is stale: run ./signpost train"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = [sys.executable, "-m", "bot", "serve", "--port", str(port)]
        ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert (ran.returncode, ran.stdout) == (2, "")
    (line,) = ran.stderr.splitlines()
    assert line.startswith("signpost: ")
    assert str(port) in line
    assert "--port" in line
