"""Turns stand in one bounded line: each visitor is answered in time, and a slow turn holds up nobody's page."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from waiting import run

from bot.conversation import Assistant, Turn, UnknownChoiceError
from bot.typed import Typed
from bot.understanding.reading import Reading
from bot.web.turns import TooBusyError, Turns

SECONDS = 0.3


@contextmanager
def line(assistant: Assistant, *, max_waiting: int = 64, seconds: float = 5.0) -> Iterator[Turns]:
    turns = Turns(assistant, max_waiting=max_waiting, seconds=seconds)
    try:
        yield turns
    finally:
        turns.close()


@pytest.fixture
def slow(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Make reading take so long, in seconds."""

    def be(seconds: float) -> None:
        async def read(text: str, previous_route: str | None = None) -> Reading:
            time.sleep(seconds)  # it is computing, as the classifier is
            return Reading("greet")

        monkeypatch.setattr(assistant.reader, "read", read)

    return be


async def outcome(taking: Coroutine[Any, Any, Turn]) -> str:
    try:
        turn = await taking
    except TooBusyError:
        return "too busy"
    return "fallback" if turn.failed else turn.route


def events(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return [json.loads(written)["event"] for written in capsys.readouterr().err.splitlines()]


def test_a_turn_is_what_the_assistant_makes_of_it(assistant: Assistant) -> None:
    with line(assistant) as turns:
        turn = run(turns.take(None, Typed("I want to kill myself")))
        again = run(turns.take(turn.conversation, Typed(None), choice="professional"))
    assert (turn.route, again.route) == ("suicide_crisis", "professional")
    assert turn.conversation == again.conversation


def test_an_unknown_choice_is_told(assistant: Assistant) -> None:
    with line(assistant) as turns, pytest.raises(UnknownChoiceError):
        run(turns.take(None, Typed(None), choice="no such choice"))


def test_one_turn_runs_at_a_time_and_in_the_order_of_asking(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    async def read(text: str, previous_route: str | None = None) -> Reading:
        seen.append(f"{text} begins")
        await asyncio.sleep(0.01)
        seen.append(f"{text} ends")
        return Reading("greet")

    monkeypatch.setattr(assistant.reader, "read", read)

    async def crowd(turns: Turns) -> None:
        await asyncio.gather(*(turns.take(None, Typed(str(number))) for number in range(5)))

    with line(assistant) as turns:
        run(crowd(turns))
    assert seen == [f"{number} {what}" for number in range(5) for what in ("begins", "ends")]


@pytest.mark.parametrize("max_waiting", [1, 3])
def test_beyond_the_bound_the_next_is_refused_at_once_and_the_place_comes_back(
    max_waiting: int, assistant: Assistant, slow: Callable[[float], None]
) -> None:
    slow(0.1)

    async def crowd(turns: Turns) -> tuple[list[str], float, str]:
        waiting = [asyncio.create_task(outcome(turns.take(None, Typed("x")))) for _ in range(max_waiting)]
        await asyncio.sleep(0)
        began = time.monotonic()
        refused = await outcome(turns.take(None, Typed("x")))
        took = time.monotonic() - began
        return [*(await asyncio.gather(*waiting)), refused], took, await outcome(turns.take(None, Typed("x")))

    with line(assistant, max_waiting=max_waiting) as turns:
        outcomes, took, later = run(crowd(turns))
    assert outcomes == ["greet"] * max_waiting + ["too busy"]
    assert took < 0.05
    assert later == "greet"


def test_while_a_turn_hangs_everybody_gets_the_fallback_and_then_real_answers(
    assistant: Assistant, slow: Callable[[float], None], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    slow(1.0)

    async def crowd(turns: Turns) -> list[tuple[str, float]]:
        async def timed() -> tuple[str, float]:
            began = time.monotonic()
            return await outcome(turns.take(None, Typed("hello"))), time.monotonic() - began

        first = await timed()
        behind = await timed()
        monkeypatch.undo()
        await asyncio.sleep(0.8)
        return [first, behind, await timed()]

    with line(assistant, seconds=SECONDS) as turns:
        (first, waited), (behind, at_once), (after, soon) = run(crowd(turns))
    assert [first, behind, after] == ["fallback", "fallback", "greet"]
    assert SECONDS <= waited < SECONDS + 0.2
    assert at_once < 0.1
    assert soon < SECONDS
    assert events(capsys) == ["turn_slow"]


def test_when_only_the_line_is_long_who_waits_too_long_is_told_that_and_the_text_goes(
    assistant: Assistant, slow: Callable[[float], None], capsys: pytest.CaptureFixture[str]
) -> None:
    slow(0.1)
    boxes = [Typed(f"words {number}") for number in range(12)]

    async def crowd(turns: Turns) -> list[str]:
        return list(await asyncio.gather(*(outcome(turns.take(None, typed)) for typed in boxes)))

    # The first turn of all loads much, and may come here.
    with line(assistant) as turns:
        run(turns.take(None, Typed("hello")))
    with line(assistant, seconds=SECONDS) as turns:
        outcomes = run(crowd(turns))
    assert outcomes[0] == "greet"
    assert outcomes[-1] == "too busy"
    assert set(outcomes) == {"greet", "too busy"}
    assert [typed.take() for typed in boxes] == [None] * 12
    assert events(capsys) == []


def test_the_page_is_not_held_up_while_a_turn_computes(assistant: Assistant, slow: Callable[[float], None]) -> None:
    slow(0.3)

    async def beat(turns: Turns) -> float:
        taking = asyncio.create_task(turns.take(None, Typed("x")))
        longest, last = 0.0, time.monotonic()
        while not taking.done():
            await asyncio.sleep(0.005)
            longest, last = max(longest, time.monotonic() - last), time.monotonic()
        return longest

    with line(assistant) as turns:
        assert run(beat(turns)) < 0.15


def test_it_is_ready_while_the_model_answers_and_not_while_a_turn_hangs(
    assistant: Assistant, slow: Callable[[float], None]
) -> None:
    slow(0.8)

    async def ask(turns: Turns) -> list[bool]:
        before = await turns.is_ready()
        hanging = asyncio.create_task(outcome(turns.take(None, Typed("x"))))
        await asyncio.sleep(SECONDS)
        during = await turns.is_ready()
        await hanging
        await asyncio.sleep(0.6)
        return [before, during, await turns.is_ready()]

    with line(assistant, seconds=SECONDS) as turns:
        assert run(ask(turns)) == [True, False, True]


def test_a_full_line_is_no_reason_not_to_be_ready(assistant: Assistant) -> None:
    with line(assistant, max_waiting=0) as turns:
        assert run(turns.is_ready())


def test_what_has_expired_is_forgotten_between_two_turns(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    told = threading.Event()
    monkeypatch.setattr(assistant.store, "forget_expired", told.set)
    with line(assistant) as turns:
        turns.forget_expired()
        assert told.wait(2)


def test_closing_lets_the_running_turn_end_and_leaves_no_thread(assistant: Assistant, slow: Callable[[float], None]) -> None:
    slow(0.2)

    async def close_in_the_middle(turns: Turns) -> str:
        running = asyncio.create_task(outcome(turns.take(None, Typed("x"))))
        await asyncio.sleep(0.05)
        turns.close()
        return await running

    before = threading.active_count()
    turns = Turns(assistant, max_waiting=8)
    assert run(close_in_the_middle(turns)) == "greet"
    until = time.monotonic() + 2
    while threading.active_count() > before:
        assert time.monotonic() < until
        time.sleep(0.01)
