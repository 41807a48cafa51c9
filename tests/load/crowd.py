"""A crowd of visitors on loopback: many messages over few connections, from one event loop."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

Message = Mapping[str, str]


@dataclass
class Heard:
    """What the crowd heard: how many answers of each status, those that were wrong, and the seconds of each."""

    statuses: Counter[int] = field(default_factory=Counter)
    without_numbers: int = 0
    broken: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def add(self, status: int, body: bytes, seconds: float) -> None:
        self.statuses[status] += 1
        self.without_numbers += b"0808 1000 900" not in body
        self.seconds.append(seconds)


def request(message: Message) -> bytes:
    body = json.dumps(message).encode()
    head = "POST /chat HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\nAccept: application/json\r\nContent-Length: "
    return f"{head}{len(body)}\r\n\r\n".encode() + body


async def crowd(port: int, messages: Iterable[Message], connections: int) -> Heard:
    """Send the messages over so many connections, on each one after another. A connection that ends is opened again."""
    heard, waiting = Heard(), iter(messages)
    await asyncio.gather(*(_visitor(port, waiting, heard) for _ in range(connections)))
    return heard


@asynccontextmanager
async def stalling(port: int, number: int) -> AsyncIterator[Callable[[], int]]:
    """So many connections that have sent half a request and say no more; how many of them are still there."""
    opened = await asyncio.gather(*(asyncio.open_connection("127.0.0.1", port) for _ in range(number)))
    whole = request({"text": "hello"})
    try:
        for _, writer in opened:
            writer.write(whole[: len(whole) // 2])
            await writer.drain()
        yield lambda: sum(not reader.at_eof() for reader, _ in opened)
    finally:
        for _, writer in opened:
            await _close(writer)


async def _visitor(port: int, waiting: Iterator[Message], heard: Heard) -> None:
    writer: asyncio.StreamWriter | None = None
    try:
        for message in waiting:
            began, closes = time.monotonic(), True
            try:
                if writer is None:
                    reader, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(request(message))
                status, body, closes = await _answer(reader)
                heard.add(status, body, time.monotonic() - began)
            except (OSError, asyncio.IncompleteReadError) as error:
                heard.broken.append(repr(error))
            if closes and writer is not None:
                await _close(writer)
                writer = None
    finally:
        if writer is not None:
            await _close(writer)


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(OSError):  # it may be broken already
        await writer.wait_closed()


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes, bool]:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.partition(b"content-length:")[2].split(b"\r\n")[0])
    return int(head.split(b" ", 2)[1]), await reader.readexactly(length), b"connection: close" in head
