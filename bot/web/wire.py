"""The web contract: what comes in, and what goes out as JSON (design, section 4)."""

from __future__ import annotations

import asyncio
import json
from typing import Annotated, Any, Final

import msgspec
from starlette.exceptions import HTTPException
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from bot.answers.reply import Choice, PointerCard, Reply
from bot.conversation import Turn
from bot.typed import Typed

MAX_BODY: Final = 8 * 1024
#: How long a body may take to arrive.
BODY_SECONDS: Final = 10.0

_Name = Annotated[str, msgspec.Meta(max_length=64)]


class _Message(msgspec.Struct, frozen=True, rename={"id": "conversation"}):
    """A message as it is sent. An unknown field is ignored; a known one of the wrong type is unreadable."""

    id: str | None = None
    text: str | None = None
    choice: _Name | None = None
    lang: _Name | None = None
    campaign: _Name | None = None


class Incoming(msgspec.Struct, frozen=True):
    """A message to `POST /chat`, with what was typed in a box that can be emptied once."""

    id: str | None
    typed: Typed
    choice: str | None
    lang: str | None
    campaign: str | None


class Outgoing(msgspec.Struct, frozen=True):
    """An answer as JSON. An error has no conversation and no route."""

    messages: tuple[str, ...]
    pointers: tuple[PointerCard, ...]
    choices: tuple[Choice, ...]
    conversation: str | None = None
    route: str | None = None
    tier: str = "none"
    offered: tuple[str, ...] = ()


def outgoing(reply: Reply, turn: Turn | None = None) -> bytes:
    """The JSON of a reply, or of an error's reply when there was no turn."""
    answer = Outgoing(messages=reply.messages, pointers=reply.pointers, choices=reply.choices)
    if turn is not None:
        answer = msgspec.structs.replace(
            answer, conversation=turn.conversation, route=turn.route, tier=turn.tier, offered=turn.offered
        )
    return msgspec.json.encode(answer)


async def read_incoming(request: Request) -> Incoming:
    """Read and check the body, a form or JSON.

    Raises:
        HTTPException: 413 for a body over 8 KiB, 400 for one that can't be read. Neither holds anything of the body.
    """
    body = await _read_body(request)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        if kind in ("application/x-www-form-urlencoded", "multipart/form-data"):
            message = msgspec.convert(await _form(request, body, kind), _Message)
        else:
            # The standard library takes a lone surrogate, as half an emoji sent from an old phone is.
            message = msgspec.convert(json.loads(body), _Message)
    except (msgspec.MsgspecError, MultiPartException, ValueError, KeyError, RecursionError):
        raise HTTPException(400) from None
    if message.text is None and message.choice is None:
        raise HTTPException(400)
    return Incoming(message.id, Typed(message.text), message.choice, message.lang, message.campaign)


async def _read_body(request: Request) -> bytes:
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared) > MAX_BODY:
        raise HTTPException(413)
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > MAX_BODY:
                    raise HTTPException(413)
    except (TimeoutError, ClientDisconnect):
        raise HTTPException(400) from None
    return bytes(body)


async def _form(request: Request, body: bytes, kind: str) -> dict[str, Any]:
    async def stream() -> Any:
        yield body
        yield b""

    if kind == "multipart/form-data":
        form = await MultiPartParser(request.headers, stream(), max_files=0, max_fields=10).parse()
    else:
        form = await FormParser(request.headers, stream()).parse()
    # An empty hidden field is a field not filled in; an empty text is a text.
    return {name: value for name, value in form.items() if value != "" or name == "text"}
