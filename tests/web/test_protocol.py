"""The bounds that uvicorn lacks, each on a real socket: on connections, on a request's head, and on time."""

from __future__ import annotations

import itertools
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from socket_server import BIG, SECONDS, answer_on, connected, drip, listening, until_closed
from web_client import assert_approved

from bot.answers.reply import Answers
from bot.conversation import Assistant
from bot.web import protocol, wire
from bot.web.app import make_app
from bot.web.protocol import MAX_AROUND, MAX_HEAD

HEAD = b"POST /chat HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\n"
GET = b"GET /one HTTP/1.1\r\nHost: here\r\n\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.fixture(scope="module")
def port(answers: Answers) -> Iterator[int]:
    with listening(answers) as port:
        yield port


def is_answered(port: int) -> bool:
    with connected(port) as connection:
        connection.sendall(GET)
        return answer_on(connection).text == "/one 0 host\n"


NEVER_FINISHED = {
    "nothing": b"",
    "half a request line": b"POST /ch",
    "half a header": HEAD + b"Content-Le",
    "headers without an end": HEAD,
    "no body": HEAD + b"Content-Length: 10\r\n\r\n",
    "half a body": HEAD + b"Content-Length: 10\r\n\r\n{",
    "half a chunk": CHUNKED + b"a\r\n{",
    "half a trailer": CHUNKED + b"0\r\nX-Late: ",
    "a second request's half after a whole one": GET + b"GET /two HT",
    "an upgrade that never comes": b"GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nContent-Le",
}


def test_who_never_finishes_a_request_is_let_go(port: int) -> None:
    with ExitStack() as stack:
        began = time.monotonic()
        waiting = {name: stack.enter_context(connected(port)) for name in NEVER_FINISHED}
        for name, connection in waiting.items():
            connection.sendall(NEVER_FINISHED[name])
        for name, connection in waiting.items():
            until_closed(connection)
            assert SECONDS * 0.9 < time.monotonic() - began < SECONDS + 1, name
    assert is_answered(port)


DRIPS = {
    "the head": itertools.chain([b"GET / HTTP/1.1\r\n"], (b"X-%d: y\r\n" % number for number in itertools.count())),
    "the body": itertools.chain([HEAD + b"Content-Length: 8000\r\n\r\n"], itertools.repeat(b"x")),
    "empty lines": itertools.repeat(b"\r\n"),
}


def test_a_drip_of_bytes_does_not_lengthen_the_time(port: int) -> None:
    def seconds(pieces: Iterator[bytes]) -> float:
        with connected(port) as connection:
            began = time.monotonic()
            drip(connection, pieces, every=SECONDS / 10)
            return time.monotonic() - began

    with ThreadPoolExecutor() as visitors:
        assert max(visitors.map(seconds, DRIPS.values())) < SECONDS + 1
    assert is_answered(port)


def test_half_a_body_is_answered_before_the_connection_is_given_up(
    answers: Answers, assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "BODY_SECONDS", 0.2)
    with listening(answers, make_app(assistant), request_seconds=5.0) as port, connected(port) as connection:
        connection.sendall(HEAD + b'Content-Length: 100\r\n\r\n{"text": "hel')
        answer = answer_on(connection)
        assert answer.status_code == 400
        assert_approved(answer, assistant)


def test_a_reader_who_does_not_fetch_the_answer_is_let_go(port: int) -> None:
    with connected(port) as connection:
        connection.sendall(b"GET /big HTTP/1.1\r\nHost: here\r\n\r\n")
        time.sleep(SECONDS + 0.4)
        assert 0 < len(until_closed(connection)) < BIG
    with connected(port) as connection:
        connection.sendall(b"GET /big HTTP/1.1\r\nHost: here\r\n\r\n")
        assert len(answer_on(connection).content) == BIG


def head_of(size: int) -> bytes:
    """A whole head of so many bytes."""
    start = b"GET /one HTTP/1.1\r\nHost: here\r\nX: "
    return start + b"x" * (size - len(start) - 4) + b"\r\n\r\n"


@pytest.mark.parametrize("at_a_time", [10**6, 4096, 1000], ids=["in one piece", "in large pieces", "in small pieces"])
@pytest.mark.parametrize(
    ("head", "status"),
    [
        (head_of(MAX_HEAD - 100), 200),
        (head_of(MAX_HEAD + 100), 431),
        (head_of(MAX_HEAD * 12), 431),
        (b"GET /" + b"x" * MAX_HEAD + b" HTTP/1.1\r\n\r\n", 431),
        (b"GET /one HTTP/1.1\r\n" + b"a: b\r\n" * (MAX_HEAD // 5) + b"\r\n", 431),
        (b"x" * MAX_HEAD * 2, 400),
    ],
    ids=["just small enough", "just too large", "far too large", "in the address", "in many headers", "in the method"],
)
def test_a_head_may_have_16_kib(head: bytes, status: int, at_a_time: int, port: int, assistant: Assistant) -> None:
    with connected(port) as connection:
        for at in range(0, len(head), at_a_time):
            connection.sendall(head[at : at + at_a_time])
        answer = answer_on(connection)
        assert answer.status_code == status
        if status >= 400:
            assert_approved(answer, assistant)
            assert answer.headers["connection"] == "close"


UNREADABLE = {
    "no HTTP": b"nonsense\r\n\r\n",
    "a greeting of TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "no such version": b"GET / HTTP/9.9\r\n\r\n",
    "a header without a name": b"GET / HTTP/1.1\r\n: x\r\n\r\n",
    "a null in a header": b"GET / HTTP/1.1\r\nX: a\x00b\r\n\r\n",
    "two lengths": HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
    "a length that is none": HEAD + b"Content-Length: many\r\n\r\n",
    "a chunk that is none": CHUNKED + b"zz\r\n",
    "an address that is none": b"GET http://[::1 HTTP/1.1\r\nHost: x\r\n\r\n",
    "another host's tunnel": b"CONNECT example.org HTTP/1.1\r\n\r\n",
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_is_not_http_gets_the_approved_page_with_every_header(name: str, port: int, assistant: Assistant) -> None:
    with connected(port) as connection:
        connection.sendall(UNREADABLE[name])
        answer = answer_on(connection)
        assert answer.status_code == 400
        assert_approved(answer, assistant)
        assert until_closed(connection) == b""
    assert is_answered(port)


def test_a_trailer_is_no_header_and_may_not_be_endless(port: int, assistant: Assistant) -> None:
    with connected(port) as connection:
        connection.sendall(CHUNKED + b"2\r\n{}\r\n0\r\nX-Late: words\r\n\r\n")
        assert answer_on(connection).text == "/chat 2 host,content-type,transfer-encoding\n"
    for endless in (b"X: y\r\n", b"x"):
        with connected(port) as connection:
            connection.sendall(CHUNKED + b"0\r\n" + endless * (MAX_AROUND // len(endless) + 1))
            answer = answer_on(connection)
            assert answer.status_code == 413
            assert_approved(answer, assistant)


def test_a_body_in_the_smallest_chunks_is_still_taken(port: int) -> None:
    with connected(port) as connection:
        connection.sendall(CHUNKED + b"1\r\nx\r\n" * 8192 + b"0\r\n\r\n")
        assert answer_on(connection).text.startswith("/chat 8192 ")


def test_beyond_the_most_connections_the_next_is_told_and_places_come_back(answers: Answers, assistant: Assistant) -> None:
    with listening(answers, max_connections=2, request_seconds=10.0) as port:
        with connected(port) as first, connected(port) as second:
            for connection in (first, second):
                connection.sendall(GET)
                assert answer_on(connection).status_code == 200
            for when in (0.0, 0.05):  # whether it comes before or after the request
                with connected(port) as third:
                    time.sleep(when)
                    third.sendall(HEAD)
                    time.sleep(when)
                    third.sendall(b"Content-Length: 2\r\n\r\n{}")
                    answer = answer_on(third)
                    assert answer.status_code == 429
                    assert_approved(answer, assistant)
            first.sendall(GET)
            assert answer_on(first).status_code == 200
        time.sleep(0.05)
        assert is_answered(port)


def test_far_beyond_they_are_closed_unheard_and_those_inside_are_answered(
    answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "TOLD_WHY", 1)
    with listening(answers, max_connections=1, request_seconds=10.0) as port:
        inside, told, unheard = (socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(3))
        with inside, told, unheard:
            assert until_closed(unheard) == b""
            assert answer_on(told).status_code == 429
            inside.sendall(GET)
            assert answer_on(inside).status_code == 200


def test_who_was_refused_and_stays_is_let_go(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "READING_SECONDS", 0.3)
    with connected(port) as connection:
        connection.sendall(b"nonsense\r\n\r\n")
        began = time.monotonic()
        drip(connection, itertools.repeat(b"more"), every=0.05)
        assert time.monotonic() - began < 2


@pytest.mark.parametrize("number", [2, 30])
def test_requests_sent_without_waiting_are_answered_in_their_order(number: int, port: int) -> None:
    with connected(port) as connection:
        body = HEAD + b"Content-Length: 2\r\n\r\n{}"
        connection.sendall(b"".join(body.replace(b"/chat", b"/%d" % at) for at in range(number)))
        said = b""
        while said.count(b"\n/") < number:
            said += connection.recv(100_000)
        assert [line.split()[0] for line in said.split(b"\n") if line.startswith(b"/")] == [b"/%d" % n for n in range(number)]


def test_one_connection_serves_one_request_after_another_for_longer_than_one_may_take(port: int) -> None:
    with connected(port) as connection:
        for _ in range(5):
            connection.sendall(GET)
            assert answer_on(connection).status_code == 200
            time.sleep(SECONDS / 3)


def test_nothing_is_said_into_the_middle_of_another_answer(port: int) -> None:
    with connected(port) as connection:
        connection.sendall(b"GET /slow HTTP/1.1\r\nHost: here\r\n\r\nnonsense\r\n\r\n")
        assert until_closed(connection) == b""


def test_an_upgrade_to_another_protocol_is_not_taken(port: int) -> None:
    asks = b"GET /one HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: %s\r\nSec-WebSocket-Key: eA==\r\n\r\n"
    for other in (b"websocket", b"h2c"):
        with connected(port) as connection:
            connection.sendall(asks % other)
            assert answer_on(connection).status_code == 200


def test_a_visitor_who_leaves_in_the_middle_leaves_nothing_open(answers: Answers) -> None:
    with listening(answers, max_connections=1, request_seconds=10.0) as port:
        for sent in (b"", b"GET /", HEAD + b"Content-Length: 10\r\n\r\n{"):
            with connected(port) as connection:
                connection.sendall(sent)
                connection.shutdown(socket.SHUT_RDWR)
            time.sleep(0.05)
            assert is_answered(port)


def test_who_came_in_just_before_the_server_stops_is_still_answered(answers: Answers) -> None:
    serving = listening(answers, request_seconds=10.0)
    with connected(serving.__enter__()) as early, ThreadPoolExecutor(1) as other:
        ending = other.submit(serving.__exit__, None, None, None)
        time.sleep(0.2)
        early.sendall(GET)
        answer = answer_on(early)
        assert (answer.status_code, answer.headers["connection"]) == (200, "close")
        ending.result(5)


def test_who_says_nothing_does_not_keep_the_server_from_stopping(answers: Answers) -> None:
    serving = listening(answers, request_seconds=10.0)
    with connected(serving.__enter__()) as silent:
        time.sleep(0.1)
        began = time.monotonic()
        serving.__exit__(None, None, None)
        assert time.monotonic() - began < 2
        assert until_closed(silent) == b""
