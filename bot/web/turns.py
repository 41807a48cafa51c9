"""Turns, taken one after another in a thread of their own, so that a slow or stuck one never keeps the page from answering."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar

from bot import log
from bot.conversation import Assistant, Turn
from bot.typed import Typed

#: Who has waited so long gets the fallback: an answer within two seconds leaves half of one for the way there and back.
SECONDS: Final = 1.5

_Result = TypeVar("_Result")


class TooBusyError(Exception):
    """As many turns are waiting as may wait, or this one waited too long."""


class Turns:
    """A queue in front of one assistant.

    One turn runs at a time: it is all computing, so two would only take the processor from each other. At most `max_waiting`
    wait or run. Each visitor is answered within `seconds` of asking: by the turn, by the fallback when a turn hangs, or by
    `TooBusyError` when it is only the queue that is long.
    """

    def __init__(self, assistant: Assistant, *, max_waiting: int, seconds: float = SECONDS) -> None:
        self._assistant, self._max_waiting, self._seconds = assistant, max_waiting, seconds
        self._waiting = 0
        self._running_since: float | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="turns")
        self._loop = asyncio.Runner()

    async def take(
        self,
        id: str | None,
        typed: Typed,
        *,
        choice: str | None = None,
        lang: str | None = None,
        campaign: str | None = None,
    ) -> Turn:
        """Take a turn.

        Raises:
            TooBusyError: the queue is full or too slow.
            UnknownChoiceError: the choice is on no button.
        """
        if self._waiting >= self._max_waiting:
            raise TooBusyError
        if self._is_stuck():  # nobody is made to wait behind it
            return self._assistant.fallback(id, lang)

        def turn() -> Coroutine[Any, Any, Turn]:
            return self._assistant.turn(id, text=typed.take(), choice=choice, lang=lang, campaign=campaign)

        self._waiting += 1
        try:
            return await self._in_thread(turn)
        except TimeoutError:
            typed.take()  # where its turn never came, the text goes now
            if not self._is_stuck():
                raise TooBusyError from None
            log.record("turn_slow", seconds=self._seconds)
            return self._assistant.fallback(id, lang)
        finally:
            self._waiting -= 1

    async def is_ready(self) -> bool:
        """Whether the model answers. It is asked in the place of a turn, unless the queue is full of better questions."""
        if self._waiting >= self._max_waiting:
            return not self._is_stuck()
        try:
            return await self._in_thread(self._assistant.is_ready)
        except TimeoutError:
            return not self._is_stuck()

    def forget_expired(self) -> None:
        """Between two turns, drop the conversations that have expired, and whatever Python holds only because of a cycle."""
        self._thread.submit(self._assistant.store.forget_expired)
        self._thread.submit(gc.collect)

    def close(self) -> None:
        """Take no more turns. Those that are running or waiting end first."""
        self._thread.submit(self._loop.close)
        self._thread.shutdown(wait=False)

    def _is_stuck(self) -> bool:
        """A turn takes milliseconds: one that takes half of what a visitor may wait has met with something else."""
        since = self._running_since
        return since is not None and time.monotonic() - since >= self._seconds / 2

    async def _in_thread(self, work: Callable[[], Coroutine[Any, Any, _Result]]) -> _Result:
        """Raises TimeoutError after `seconds`; what has not begun by then never will."""
        async with asyncio.timeout(self._seconds):
            return await asyncio.get_running_loop().run_in_executor(self._thread, self._run, work)

    def _run(self, work: Callable[[], Coroutine[Any, Any, _Result]]) -> _Result:
        self._running_since = time.monotonic()
        try:
            return self._loop.run(work())
        finally:
            self._running_since = None
