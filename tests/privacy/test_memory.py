"""What was typed is in no byte of the worker's memory, right after the answer. What can't be promised of it: decision 0010."""

from __future__ import annotations

import json
import os
import platform
import re
import signal
import socket
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from faulty import Faulty, new_word
from serving import wait_until, wait_until_ready

#: Every mark has it, so that one search finds them all.
STEM = "qvexu"
ENCODINGS = ("utf-8", "utf-16-le", "utf-32-le")
FORM = "application/x-www-form-urlencoded"


@pytest.fixture(autouse=True)
def may_look() -> None:
    """Only root may look into a process that lets itself not be looked into."""
    if platform.libc_ver()[0] != "glibc":
        pytest.xfail("only glibc can be told to overwrite what is freed: copies of a text may stay in memory here")
    if os.geteuid() != 0:
        assert "CI" not in os.environ, "run as root, so that the memory of the worker can be read"
        pytest.skip("needs root, to read the memory of the worker")


def memory(pid: int) -> Iterator[tuple[str, bytes]]:
    """All memory that a process can write to: the name of each mapping, and its bytes."""
    with Path(f"/proc/{pid}/maps").open() as maps, Path(f"/proc/{pid}/mem").open("rb") as bytes_of:
        for line in maps:
            addresses, rights, *_, name = [*line.split(maxsplit=5), ""][:6]
            start, end = (int(address, 16) for address in addresses.split("-"))
            if not rights.startswith("rw"):
                continue
            try:
                bytes_of.seek(start)
                yield name.strip(), bytes_of.read(end - start)
            except (OSError, ValueError):  # it was given back in between
                continue


def found(pid: int, wanted: Iterable[str]) -> list[str]:
    """Every place where one of the strings stands in a process's memory, in any of Python's ways to keep a string."""
    forms = {form.encode(encoding): f"{form} {encoding}" for form in wanted for encoding in ENCODINGS}
    anything = re.compile(b"|".join(re.escape(form) for form in forms))
    return [
        f"{forms[match[0]]} in {name or 'a mapping'}: {content[max(0, match.start() - 80) : match.end() + 40]!r}"
        for name, content in memory(pid)
        for match in anything.finditer(content)
    ]


def left(faulty: Faulty) -> list[str]:
    """What is left of any mark in the worker."""
    return found(faulty.server.worker, [STEM])


def mark() -> str:
    return new_word(STEM)


def test_the_search_finds_strings_in_each_form_that_python_keeps() -> None:
    words = [new_word("jyxok") for _ in ENCODINGS]
    held = [words[0], f"{words[1]} \u0175", f"{words[2]} \U0001f641"]
    places = found(os.getpid(), words)
    for word, encoding in zip(words, ENCODINGS, strict=True):
        assert f"{word} {encoding}" in " ".join(places)
    del held


def test_the_search_finds_what_the_worker_holds(faulty: Faulty) -> None:
    assert found(faulty.server.worker, ["0808 1000 900"])
    assert found(faulty.server.worker, ["Stop It Now"])


def test_nothing_typed_is_left_right_after_the_answer(faulty: Faulty) -> None:
    say, connection = faulty.server.say, faulty.server.connect()
    for text in sentences():
        assert say(text=text).status == 200
        assert say(as_form=True, text=text, choice="professional").status == 200
    multipart = f'--b\r\nContent-Disposition: form-data; name="text"\r\n\r\nhello {mark()}\r\n--b--\r\n'.encode()
    assert faulty.server.ask("POST", "/chat", multipart, content_type="multipart/form-data; boundary=b").status == 200
    connection.request("POST", "/chat", json.dumps({"text": f"and {mark()}"}), {"Content-Type": "application/json"})
    assert connection.getresponse().read()
    assert left(faulty) == []  # though this connection is still open
    connection.close()


def sentences() -> Iterator[str]:
    """Texts of every kind, each with marks."""
    yield f"my brother {mark()} looks at things he shouldn't and {mark()} I worry"
    yield f"I want to kill myself {mark()}"
    yield f"{mark()} he is hurting her right now"
    yield f"\u0175 \u2019 {mark()} {mark().upper()}"
    yield f"\U0001f641 {mark()} \U0001f641"
    yield f"/restart {mark()}"
    yield f"/{{{mark()}"
    yield f"\uff0f{mark()}"
    yield " ".join(["so I", mark(), "and then", mark()] * 60)
    yield mark()


def test_nothing_is_left_after_further_messages(faulty: Faulty) -> None:
    for number in range(40):
        assert faulty.server.say(text=f"is the helpline free from a mobile, {mark()}, number {number}").status == 200
    for number in range(60):
        assert faulty.server.say(text=f"what happens when I ring, {number}").status == 200
    assert left(faulty) == []


def test_no_header_address_query_or_path_is_left_when_the_visitor_has_gone(faulty: Faulty) -> None:
    address = "127.77.13.9"
    names = ("User-Agent", "Referer", "Cookie", "X-Forwarded-For", "Accept-Language", "Origin", "Authorization", mark())
    headers = {name: f"{mark()} {mark()}" for name in names} | {"Content-Type": "application/json"}
    for method, path in (("POST", f"/chat?{mark()}"), ("GET", f"/?x={mark()}"), ("GET", f"/{mark()}?lang={mark()}")):
        connection = faulty.server.connect(source=address)
        connection.request(method, path, json.dumps({"text": "hello", "campaign": mark(), "lang": mark()}), headers)
        assert connection.getresponse().read()
        connection.close()
    wait_until(lambda: found(faulty.server.worker, [STEM, address]) == [], 3)


@pytest.mark.parametrize("fault", ["web", "classifier", "action", "channel", "catalogue", "every card"])
def test_nothing_is_left_after_an_error_that_held_it(fault: str, faulty: Faulty) -> None:
    with faulty.fault(fault):
        answers = [faulty.server.say(text=f"hello {mark()} there", choice="correct_me") for _ in range(2)]
        answers += [faulty.server.say(text=f"asdkjh {mark()}") for _ in range(2)]
    assert 500 in [answer.status for answer in answers]
    assert left(faulty) == []


def test_nothing_is_left_of_what_was_refused_or_never_came_to_its_end(faulty: Faulty) -> None:
    server = faulty.server
    body = json.dumps({"text": f"{mark()} " * 900})
    assert server.ask("POST", "/chat", body, content_type="application/json").status == 413
    assert server.ask("POST", "/chat", f'{{"text": "{mark()}', content_type="application/json").status == 400
    assert server.ask("POST", "/chat", f"{mark()}={mark()}", content_type=FORM).status == 400
    half = f"POST /chat HTTP/1.1\r\nX: {mark()}\r\nContent-Type: {FORM}\r\nContent-Length: 999\r\n\r\ntext={mark()}"
    for sent in (half, half[:40], f"{mark()}\r\n\r\n", f"GET /{mark()} HTTP/1.1\r\n{'X: y' * 6_000}\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
            connection.sendall(sent.encode())
            time.sleep(0.05)
    wait_until(lambda: found(server.worker, [STEM]) == [], 5)


def test_nothing_is_left_of_a_turn_that_hung(faulty: Faulty) -> None:
    with faulty.fault("classifier hangs"):
        assert faulty.server.say(text=f"hello {mark()} there").status == 500
        assert faulty.server.say(text=f"and {mark()}").status == 500
    wait_until(lambda: faulty.server.ask("GET", "/health/ready").status == 200)
    assert left(faulty) == []


def test_nothing_is_left_in_the_keeper_that_stood_in(faulty: Faulty) -> None:
    server = faulty.server
    os.kill(server.worker, signal.SIGKILL)
    answers = [server.say(text=f"I am {mark()} and {mark()}") for _ in range(5)]
    assert {answer.status for answer in answers} == {503}
    assert found(server.process.pid, [STEM]) == []
    assert found(server.process.pid, ["0808 1000 900"])
    wait_until_ready(server)
