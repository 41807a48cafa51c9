"""Under pressure: nobody meets an error but 429, the page and the number stay, and memory stays flat. Loopback only."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from crowd import Heard, Message, crowd
from serving import Server, resident_megabytes, serving
from waiting import run

from bot.settings import Settings

CAPACITY = 16
#: So that there are as many conversations as there may be before anything is measured.
FEW = {"SIGNPOST_MAX_CONVERSATIONS": "300"}
TYPED = (
    "is the helpline free from a mobile",
    "I worry about my brother, number",
    "he has been arrested",
    "hello",
    "asdkjh qwpoe",
)
CHOICES = ("own_behaviour", "another_adult", "ask_hours", "suicide_crisis", "restart")


@pytest.fixture(scope="module")
def server(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that lets few wait, so that few are too many."""
    printed = tmp_path_factory.mktemp("pressure") / "printed.txt"
    with serving(settings, printed, environment={"SIGNPOST_MAX_WAITING": str(CAPACITY), **FEW}) as server:
        yield server


def messages(number: int) -> Iterator[Message]:
    """Three typed messages in ten, each another; the others are buttons, as on the page."""
    for at, typed, choice in zip(range(number), itertools.cycle(TYPED), itertools.cycle(CHOICES)):
        yield {"text": f"{typed} {at}"} if at % 10 < 3 else {"choice": choice}


async def look_at_the_page(server: Server, until: asyncio.Event) -> list[tuple[int, bool, float]]:
    """Ask for the page again and again: its status, whether it has the number, and the seconds it took."""
    looks = []
    while not until.is_set():
        began = time.monotonic()
        page = await asyncio.to_thread(server.ask, "GET", "/")
        looks.append((page.status, "0808 1000 900" in page.body, time.monotonic() - began))
        await asyncio.sleep(0.05)
    return looks


@pytest.mark.parametrize("connections", [20 * CAPACITY, 2 * CAPACITY], ids=["each its own connection", "over few connections"])
def test_twenty_times_too_many_hear_429_and_the_number_and_then_it_is_as_before(connections: int, server: Server) -> None:
    async def burst() -> tuple[Heard, list[tuple[int, bool, float]]]:
        over = asyncio.Event()
        looking = asyncio.create_task(look_at_the_page(server, over))
        heard = await crowd(server.port, ({"text": f"is it free {at}"} for at in range(20 * CAPACITY)), connections)
        over.set()
        return heard, await looking

    heard, looks = run(burst())
    assert heard.broken == []
    assert heard.statuses.keys() == {200, 429}
    assert heard.statuses.total() == 20 * CAPACITY
    assert heard.without_numbers == 0
    assert max(heard.seconds) < 2
    assert {(status, has_number) for status, has_number, _ in looks} == {(200, True)}
    assert max(seconds for *_, seconds in looks) < 1
    began = time.monotonic()
    assert server.say(text="hello").status == 200
    assert time.monotonic() - began < 0.5
    assert {event["event"] for event in server.events()} == {"started", "too_busy"}


def test_memory_is_flat_over_a_thousand_messages(server: Server) -> None:
    run(crowd(server.port, messages(400), 4))
    before = resident_megabytes(server.worker)
    heard = run(crowd(server.port, messages(1_200), 4))
    assert heard.statuses == {200: 1_200}
    assert resident_megabytes(server.worker) - before < 4


@pytest.mark.long
def test_memory_is_flat_over_twenty_thousand_messages(settings: Settings, tmp_path: Path) -> None:
    with serving(settings, tmp_path / "printed.txt", environment=FEW) as server:
        run(crowd(server.port, messages(1_000), 16))
        before, began = resident_megabytes(server.worker), time.monotonic()
        heard = run(crowd(server.port, messages(20_000), 16))
        took, after = time.monotonic() - began, resident_megabytes(server.worker)
        print(f"{20_000 / took:.0f} messages a second; {before:.0f} MB before, {after:.0f} MB after")  # noqa: T201
        assert heard.statuses == {200: 20_000}
        assert heard.broken == []
        assert after - before < 4
