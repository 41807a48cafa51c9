"""Hours to stand at, and a way to wait for a coroutine: what many tests share."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from datetime import datetime
from typing import Any

from bot.answers.hours import UK

#: A Tuesday at ten in the morning: everything is open.
OPEN = datetime(2026, 11, 24, 10, 0, tzinfo=UK)
#: A Sunday at two in the morning: the helpline is closed.
CLOSED = datetime(2026, 11, 22, 2, 0, tzinfo=UK)


def run(awaitable: Awaitable[Any]) -> Any:
    """Wait for a coroutine."""

    async def wait() -> Any:
        return await awaitable

    return asyncio.run(wait())
