"""Flows: conversations written as YAML, so that staff who don't program can say what should happen, and see whether it does.

A file a topic in `data/flows/`. A flow has a name, optionally the UK time it happens at, and steps; a step says something or
chooses a button, and states what it expects of the answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from bot.answers.catalogue import read_mapping
from bot.answers.hours import UK
from bot.conversation import Assistant, Turn, UnknownChoiceError
from bot.errors import StartError
from bot.settings import Settings
from bot.start import load_assistant

#: A Tuesday in term time at ten in the morning: everything is open.
ORDINARY = datetime(2026, 11, 24, 10, 0)


class Expect(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an answer must be like. What is left out is not looked at.

    `pointers` must appear in this order, others may stand between; `first` must be the first ones exactly; `small` are those
    shown smaller; `phrases` are ids whose first sentence must be said; `choices` must be among the buttons.
    """

    route: str | None = None
    tier: str | None = None
    phrases: tuple[str, ...] = ()
    pointers: tuple[str, ...] = ()
    first: tuple[str, ...] = ()
    small: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    offered: tuple[str, ...] | None = None


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing the visitor does, and what should come of it."""

    expect: Expect
    say: str | None = None
    choose: str | None = None


class Flow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One conversation. `at` is UK time, as `2026-11-24 21:30`."""

    flow: str
    steps: tuple[Step, ...]
    at: str | None = None

    def __post_init__(self) -> None:
        """A time that can't be read is an error of the file, found when it is loaded."""
        _ = self.moment

    @property
    def name(self) -> str:
        """The sentence that names it."""
        return self.flow

    @property
    def moment(self) -> datetime:
        """When it happens."""
        return (datetime.fromisoformat(self.at) if self.at else ORDINARY).replace(tzinfo=UK)


@dataclass(frozen=True, slots=True)
class Failure:
    """A step that did not go as written."""

    step: str
    expected: object
    got: object


def load_flows(folder: Path, topic: str | None = None) -> list[Flow]:
    """Read the flows. Raises StartError with the file for one that can't be read, or an unknown topic."""
    paths = sorted(folder.glob(f"{topic or '*'}.yml"))
    if not paths:
        raise StartError(f"{folder}: no flows called {topic}")
    flows: list[Flow] = []
    for path in paths:
        try:
            flows += msgspec.convert(read_mapping(path).get("flows"), list[Flow])
        except msgspec.ValidationError as error:
            raise StartError(f"{path}: {error}") from error
    return flows


async def run_flow(flow: Flow, settings: Settings, assistant: Assistant | None = None) -> list[Failure]:
    """Hold the conversation with a real assistant; returns what did not go as written."""
    assistant = assistant or load_assistant(settings)
    before, assistant.now = assistant.now, lambda: flow.moment
    failures: list[Failure] = []
    id: str | None = None
    try:
        for step in flow.steps:
            try:
                turn = await assistant.turn(id, text=step.say, choice=step.choose)
            except UnknownChoiceError:
                failures.append(Failure(f"[{step.choose}]", "a choice of data/phrases", "no choice of that name"))
                break
            id = turn.conversation
            failures += _compare(step, turn, assistant)
    finally:
        assistant.now = before
    return failures


def _compare(step: Step, turn: Turn, assistant: Assistant) -> list[Failure]:
    expect, shown = step.expect, turn.reply
    name = step.say or f"[{step.choose}]"
    ids = [card.id for card in shown.pointers]
    phrases = assistant.answers.phrases("en")
    try:
        sentences = [phrases.reply(id, assistant.answers.catalogue)[0] for id in expect.phrases]
    except KeyError as unknown:
        return [Failure(name, expect.phrases, f"no phrase {unknown}")]
    checks = [
        (expect.route in (None, turn.route), expect.route, turn.route),
        (expect.tier in (None, turn.tier), expect.tier, turn.tier),
        (all(sentence in shown.messages for sentence in sentences), expect.phrases, shown.messages),
        (_in_order(expect.pointers, ids), expect.pointers, ids),
        (ids[: len(expect.first)] == list(expect.first), expect.first, ids),
        (set(expect.small) <= {c.id for c in shown.pointers if c.small}, expect.small, ids),
        (set(expect.choices) <= {c.id for c in shown.choices}, expect.choices, [c.id for c in shown.choices]),
        (expect.offered in (None, turn.offered), expect.offered, turn.offered),
    ]
    return [Failure(name, expected, got) for holds, expected, got in checks if not holds]


def _in_order(wanted: tuple[str, ...], ids: list[str]) -> bool:
    rest = iter(ids)
    return all(id in rest for id in wanted)
