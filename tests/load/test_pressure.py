"""Under pressure: nobody meets an error but 429, the page and the number stay, and memory stays flat. Loopback only."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from crowd import Heard, Message, crowd, stalling
from serving import Server, resident_megabytes, serving
from waiting import run

from bot.settings import Settings

#: So that there are as many conversations as there may be before anything is measured. All else is as it is delivered.
FEW = {"SIGNPOST_MAX_CONVERSATIONS": "300"}
#: Nearly as many as there may be. More than may wait, so that some are refused at once.
MOST_CONNECTIONS = 550
BURST_SECONDS = 20
TYPED = (
    "is the helpline free from a mobile",
    "I worry about my brother, number",
    "he has been arrested",
    "hello",
    "asdkjh qwpoe",
)
CHOICES = ("own_behaviour", "another_adult", "ask_hours", "suicide_crisis", "restart")
#: What a worker would pass in the suite that keeps 4 KB of each message, and in the long test one that keeps 420 bytes.
MEGABYTES = 8


@pytest.fixture(scope="module")
def server(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(settings, tmp_path_factory.mktemp("pressure") / "printed.txt", environment=FEW) as server:
        yield server


def messages(number: int) -> Iterator[Message]:
    """Three typed messages in ten, each another; the others are buttons, as on the page."""
    for at, typed, choice in zip(range(number), itertools.cycle(TYPED), itertools.cycle(CHOICES)):
        yield {"text": f"{typed} {at}"} if at % 10 < 3 else {"choice": choice}


def typed(number: int) -> Iterator[Message]:
    return ({"text": f"is it free {at}"} for at in range(number))


async def capacity(server: Server) -> int:
    """How many typed messages are answered in a second, asked over few connections."""
    until = time.monotonic() + 1
    heard = await crowd(server.port, itertools.takewhile(lambda _: time.monotonic() < until, typed(10_000)), 8)
    assert heard.statuses.keys() == {200}
    return heard.statuses[200]


async def look_at_the_page(server: Server, until: asyncio.Event) -> list[tuple[int, bool, float]]:
    """Ask for the page again and again: its status, whether it has the number, and the seconds it took."""
    looks = []
    while not until.is_set():
        began = time.monotonic()
        page = await asyncio.to_thread(server.ask, "GET", "/")
        looks.append((page.status, "0808 1000 900" in page.body, time.monotonic() - began))
        await asyncio.sleep(0.05)
    return looks


def test_twenty_times_too_many_hear_429_and_the_number_and_then_it_is_as_before(server: Server) -> None:
    async def burst() -> tuple[int, Heard, list[tuple[int, bool, float]]]:
        offered = 20 * await capacity(server)
        over = asyncio.Event()
        looking = asyncio.create_task(look_at_the_page(server, over))
        try:
            async with asyncio.timeout(BURST_SECONDS):
                heard = await crowd(server.port, typed(offered), min(offered, MOST_CONNECTIONS))
        finally:
            over.set()
            looks = await looking
        return offered, heard, looks

    began = time.monotonic()
    offered, heard, looks = run(burst())
    slowest_look = max((seconds for *_, seconds in looks), default=0)
    print(  # noqa: T201
        f"{offered} offered in {time.monotonic() - began:.1f} s: {dict(heard.statuses)},"
        f" the slowest in {max(heard.seconds, default=0):.2f} s;"
        f" {len(looks)} looks at the page, the slowest in {slowest_look:.2f} s"
    )
    assert heard.broken == []
    assert heard.statuses.keys() == {200, 429}
    assert heard.statuses.total() == offered
    assert heard.without_numbers == 0
    assert {(status, has_number) for status, has_number, _ in looks} == {(200, True)}
    assert slowest_look < 2
    began = time.monotonic()
    assert server.say(text="hello").status == 200
    assert time.monotonic() - began < 1
    assert {event["event"] for event in server.events()} == {"started", "too_busy"}


def test_three_hundred_that_stall_in_the_middle_of_a_request_keep_nobody_waiting(server: Server) -> None:
    async def visit() -> tuple[Heard, int]:
        async with stalling(server.port, 300) as still_there:
            heard = await crowd(server.port, typed(20), 20)
            return heard, still_there()

    heard, still_there = run(visit())
    print(f"the slowest of 20 visitors took {max(heard.seconds, default=0):.2f} s")  # noqa: T201
    assert still_there == 300
    assert heard.broken == []
    assert heard.statuses == {200: 20}
    assert max(heard.seconds) < 2


def memory_over(server: Server, number: int, warm_up: int) -> float:
    """By how many megabytes the worker has grown over so many messages. Prints it with the rate."""
    run(crowd(server.port, messages(warm_up), 16))
    before, began = resident_megabytes(server.worker), time.monotonic()
    heard = run(crowd(server.port, messages(number), 16))
    took, after = time.monotonic() - began, resident_megabytes(server.worker)
    print(f"{number / took:.0f} messages a second; {before:.1f} MB before, {after:.1f} MB after")  # noqa: T201
    assert heard.broken == []
    assert heard.statuses == {200: number}
    return after - before


def test_memory_is_flat_over_two_thousand_messages(server: Server) -> None:
    assert memory_over(server, 2_000, warm_up=500) < MEGABYTES


@pytest.mark.long
def test_memory_is_flat_over_twenty_thousand_messages(settings: Settings, tmp_path: Path) -> None:
    with serving(settings, tmp_path / "printed.txt", environment=FEW) as server:
        assert memory_over(server, 20_000, warm_up=1_000) < MEGABYTES
