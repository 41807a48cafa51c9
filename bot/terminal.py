"""The assistant in the terminal: for staff who try conversations, and for runs over many messages."""

from __future__ import annotations

import asyncio
import sys
from io import TextIOWrapper
from typing import IO, BinaryIO

from rich.console import Console
from rich.table import Table

from bot.conversation import Turn, UnknownChoiceError
from bot.flows import Failure, load_flows, run_flow
from bot.settings import Settings
from bot.start import load_assistant
from bot.understanding.text import clean


def chat_in_terminal(settings: Settings, out: Console) -> None:
    """Talk until the input ends. A line that is a choice's number presses it. What is typed is kept nowhere."""
    assistant = load_assistant(settings)
    if isinstance(sys.stdin, TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")
    out.print("Type a message, or the number of a choice. Ctrl+D ends.", style="dim")

    async def talk() -> None:
        id: str | None = None
        choices: list[str] = []
        while True:
            try:
                typed = out.input("[bold]> [/bold]")
            except EOFError:
                return
            pressed = typed.strip()
            chosen = choices[int(pressed) - 1] if pressed.isdecimal() and 0 < int(pressed) <= len(choices) else None
            try:
                turn = await (assistant.turn(id, choice=chosen) if chosen else assistant.turn(id, text=typed))
            except UnknownChoiceError:
                continue
            id, choices = turn.conversation, [choice.id for choice in turn.reply.choices]
            show_turn(turn, out)

    asyncio.run(talk())


def show_turn(turn: Turn, out: Console) -> None:
    """Print a turn: what a visitor sees, then what staff want to know."""
    for message in turn.reply.messages:
        out.print(message, markup=False)
    for card in turn.reply.pointers:
        size = "dim" if card.small else ""
        out.print(f"  * {card.name}: {', '.join(filter(None, (card.tel, card.url)))}", style=size, markup=False)
        for line in filter(None, (card.opening, card.note)):
            out.print(f"    {line}", style="dim", markup=False)
    for number, choice in enumerate(turn.reply.choices, 1):
        out.print(f"  [{number}] {choice.label}", markup=False)
    facts = Table.grid(padding=(0, 1))
    facts.add_row("route", turn.route)
    facts.add_row("tier", turn.tier)
    facts.add_row("rule", turn.rule or "none: the fallback")
    facts.add_row("offered", ", ".join(turn.offered) or "-")
    facts.add_row("pointers", ", ".join(card.id for card in turn.reply.pointers))
    out.print(facts, style="cyan")


def classify_lines(settings: Settings, lines: BinaryIO, out: IO[str]) -> None:
    """Print `route<TAB>tier<TAB>confidence<TAB>offered` for each line, in order, an empty one too."""
    assistant = load_assistant(settings)

    async def classify() -> None:
        for line in lines:
            reading = await assistant.reader.read(clean(line.decode("utf-8", "replace").rstrip("\r\n")))
            out.write(f"{reading.route}\t{reading.tier}\t{reading.confidence:.3f}\t{','.join(reading.offered)}\n")
            out.flush()

    asyncio.run(classify())


def run_flows(settings: Settings, topic: str | None, out: Console) -> int:
    """Run the flows of one topic or all; print each that does not go as written. Returns 1 if there is one, else 0."""
    flows = load_flows(settings.data / "flows", topic)
    assistant = load_assistant(settings)
    failed = 0
    for flow in flows:
        failures = asyncio.run(run_flow(flow, settings, assistant))
        failed += bool(failures)
        out.print(("[red]fails[/red] " if failures else "[green]holds[/green] ") + flow.name)
        for failure in failures:
            _show_failure(failure, out)
    out.print(f"{len(flows) - failed} hold, {failed} fail")
    return int(bool(failed))


def _show_failure(failure: Failure, out: Console) -> None:
    out.print(f"    {failure.step}: expected {failure.expected}, got {failure.got}", markup=False)
