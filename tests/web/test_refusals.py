"""Who is refused: when the line is full, and who asks too often. They get the helpline all the same."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.types import Message
from waiting import run
from web_client import FORM, HTML, JSON, assert_approved, browse, chat_scope, client_of, opened

from bot.conversation import Assistant
from bot.understanding.reading import Reading
from bot.web.app import make_app


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


def test_a_slow_body_takes_no_place_in_the_line(assistant: Assistant) -> None:
    async def crowd() -> list[int]:
        async with opened(make_app(assistant, max_waiting=1)) as client:
            reading, may_end = asyncio.Event(), asyncio.Event()

            async def slow_body() -> AsyncIterator[bytes]:
                yield b"text="
                reading.set()
                await may_end.wait()
                yield b"hello"

            slow = asyncio.create_task(client.post("/chat", content=slow_body(), headers=FORM))
            await reading.wait()
            second = await client.post("/chat", data={"text": "hello"})
            may_end.set()
            return [second.status_code, (await slow).status_code]

    assert run(crowd()) == [200, 200]


def test_a_turn_takes_a_place_and_gives_it_back(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    async def read(*args: object) -> Reading:
        await asyncio.sleep(0.2)
        return Reading("greet")

    monkeypatch.setattr(assistant.reader, "read", read)

    async def crowd() -> list[int]:
        async with opened(make_app(assistant, max_waiting=1)) as client:

            async def ask() -> int:
                return (await client.post("/chat", data={"text": "hello"})).status_code

            return [*await asyncio.gather(ask(), ask()), await ask()]

    assert run(crowd()) == [200, 429, 200]


@pytest.mark.parametrize("accept", [JSON, HTML], ids=["json", "page"])
@pytest.mark.parametrize("address", ["203.0.113.7", "2001:db8::1", "192.168.1.20"])
def test_one_address_may_ask_so_often_in_a_minute(
    address: str, accept: dict[str, str], assistant: Assistant, capsys: pytest.CaptureFixture[str]
) -> None:
    async def ask() -> tuple[list[httpx.Response], list[int]]:
        app = make_app(assistant, max_per_minute=2)
        async with opened(app, address) as client:
            asked = [await client.post("/chat", data={"text": "hello"}, headers=accept) for _ in range(3)]
            reads = [(await client.get(path)).status_code for path in ("/", "/health/live")]
            async with client_of(app, "203.0.113.99") as other:
                return asked, [*reads, (await other.post("/chat", data={"text": "hello"})).status_code]

    (first, second, third), others = run(ask())
    assert [first.status_code, second.status_code, third.status_code, *others] == [200, 200, 429, 200, 200, 200]
    assert_approved(third, assistant)
    assert capsys.readouterr().err.count('"event":"too_often"') == 1


def test_a_visitor_who_leaves_in_the_middle_gives_the_place_back(assistant: Assistant) -> None:
    async def visit(*messages: Message) -> int:
        coming, sent = list(messages), []

        async def receive() -> Message:
            return coming.pop(0)

        async def send(message: Message) -> None:
            sent.append(message)

        async with app.router.lifespan_context(app):
            await app(chat_scope(), receive, send)
        status: int = sent[0]["status"]
        return status

    leaving: Message = {"type": "http.disconnect"}
    whole: Message = {"type": "http.request", "body": b'{"text": "hello"}', "more_body": False}
    cut: Message = {"type": "http.request", "body": b'{"text": "hel', "more_body": True}
    for messages, status in (((leaving,), 400), ((cut, leaving), 400), ((whole,), 200)):
        app = make_app(assistant, max_waiting=1)
        assert run(visit(*messages)) == status
