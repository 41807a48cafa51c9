"""What the page sends when a pointer's number or link is used: two ids. Whatever else comes is nothing."""

from __future__ import annotations

import asyncio
from typing import Final, NamedTuple
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request

from bot.web.wire import BODY_SECONDS

#: Bytes. Two ids are far shorter.
_MAX_BODY: Final = 512


class Opened(NamedTuple):
    """A conversation's id and a pointer's, both as they were sent."""

    conversation: str
    pointer: str


async def read_opened(request: Request) -> Opened | None:
    """Read the two ids, or None where they can't be read: nobody waits for an answer, so there is no error either."""
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > _MAX_BODY:
                    return None
    except (TimeoutError, ClientDisconnect):
        return None
    fields = dict(parse_qsl(body.decode("latin-1")))
    return Opened(fields.get("conversation", ""), fields.get("pointer", ""))
