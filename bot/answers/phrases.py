"""The phrases: all that the bot itself may say, a file a language in `data/phrases/`."""

from __future__ import annotations

import string
from collections.abc import Iterator
from datetime import date, datetime, time
from functools import cached_property
from pathlib import Path
from typing import Annotated, Final

import msgspec

from bot.answers.catalogue import Catalogue, read_mapping
from bot.answers.hours import UK, Hours, Status, clock
from bot.errors import StartError

FACT = "fact."
#: The blanks that are filled in a phrase on hours; in those not named here, {time} and {day}.
_FILLED: Final[dict[str, set[str]]] = {
    "always": set(),
    "bank_holiday": set(),
    "days": set(),
    "open_until": {"time"},
    "times": {"time"},
}


class HoursPhrases(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How opening hours are said. `{time}` and `{day}` are the only blanks in any phrase.

    `times` is for a language that does not write `9am`: morning, afternoon and evening around `{time}`, noon, midnight.
    """

    always: str
    open_until: str
    opens_today: str
    opens_tomorrow: str
    opens_on: str
    bank_holiday: str
    helpline_opens_today: str
    helpline_opens_tomorrow: str
    helpline_opens_on: str
    days: Annotated[tuple[str, ...], msgspec.Meta(min_length=7, max_length=7)]
    times: tuple[str, str, str, str, str] | None = None

    def clock(self, moment: time | datetime) -> str:
        """A time of day as this language says it."""
        said = clock(moment)
        if self.times is None:
            return said
        morning, afternoon, evening, noon, midnight = self.times
        if said in ("12 noon", "midnight"):
            return noon if moment.hour else midnight
        part = morning if moment.hour < 12 else afternoon if moment.hour < 18 else evening
        return part.format(time=said[:-2])


class SafetyPart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A heading of the page on staying safe, and what stands under it."""

    heading: str
    points: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]


class SafetyPhrases(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The page on staying safe on this device."""

    tab_title: str
    title: str
    lead: str
    back: str
    parts: tuple[SafetyPart, ...]


class Phrases(msgspec.Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """One language's phrases. A reply or an error is one sentence or two; a choice's key is its id on the wire.

    `reviewed_by` says who read them as a speaker of the language. While it is null the page says so, in all but English.
    """

    language: str
    name: str
    replies: dict[str, str | tuple[str, ...]]
    errors: dict[str, tuple[str, ...]]
    choices: dict[str, str]
    hours: HoursPhrases
    page: dict[str, str]
    safety: SafetyPhrases
    reviewed_by: str | None = None

    def reply(self, phrase: str, catalogue: Catalogue) -> tuple[str, ...]:
        """The sentences of a phrase by its id, or a fact of the catalogue (`fact.<pointer>.<fact>`). Raises KeyError."""
        if phrase.startswith(FACT):
            pointer, _, fact = phrase.removeprefix(FACT).partition(".")
            return (catalogue[pointer].facts[fact],)
        said = self.replies[phrase]
        return (said,) if isinstance(said, str) else said

    def opening(self, status: Status, today: date) -> str | None:
        """What a card says about opening. `today` is the date in the UK."""
        if status.open is None:
            return self.hours.bank_holiday
        if status.open:
            return self.hours.open_until.format(time=self.hours.clock(status.until)) if status.until else self.hours.always
        return self._opens(status, today, "opens")

    def helpline_opens(self, status: Status, today: date) -> str | None:
        """The sentence that says when the helpline opens again, or None when it is open or nobody knows."""
        return self._opens(status, today, "helpline_opens") if status.open is False else None

    def _opens(self, status: Status, today: date, prefix: str) -> str | None:
        if status.opens is None:
            return None
        # A week or more away, the weekday says it as well as anything.
        ahead = (status.opens.astimezone(UK).date() - today).days
        which = {0: "today", 1: "tomorrow"}.get(ahead, "on")
        phrase: str = getattr(self.hours, f"{prefix}_{which}")
        return phrase.format(time=self.hours.clock(status.opens), day=self.hours.days[status.opens.weekday()])

    def all_openings(self, hours: Hours) -> Iterator[str]:
        """Every sentence that `opening` and `helpline_opens` can make of these hours: what the gate may let through."""
        yield from (self.hours.always, self.hours.bank_holiday)
        for span in hours.spans:
            yield self.hours.open_until.format(time=self.hours.clock(span.closes))
            for prefix in ("opens", "helpline_opens"):
                for which in ("today", "tomorrow", "on"):
                    phrase: str = getattr(self.hours, f"{prefix}_{which}")
                    yield phrase.format(time=self.hours.clock(span.opens), day=self.hours.days[span.weekday])

    @cached_property
    def plain(self) -> frozenset[str]:
        """Every phrase without a blank."""
        replies = {s for said in self.replies.values() for s in ((said,) if isinstance(said, str) else said)}
        errors = {sentence for said in self.errors.values() for sentence in said}
        safety = {self.safety.tab_title, self.safety.title, self.safety.lead, self.safety.back}
        safety |= {sentence for part in self.safety.parts for sentence in (part.heading, *part.points)}
        return frozenset({self.name} | replies | errors | safety | set(self.choices.values()) | set(self.page.values()))


def load_phrases(path: Path) -> Phrases:
    """Read and check one language's file.

    Raises:
        StartError: names the file and the field that is wrong, an empty phrase, or a blank where none may be.
    """
    try:
        phrases = msgspec.convert(read_mapping(path), Phrases)
    except msgspec.ValidationError as error:
        raise StartError(f"{path}: {error}") from error
    for sentence in phrases.plain:
        if not sentence.strip() or _blanks(sentence):
            raise StartError(f"{path}: the phrase {sentence!r} is empty or has a blank in braces")
    for field in HoursPhrases.__struct_fields__:
        value = getattr(phrases.hours, field)
        for sentence in (value,) if isinstance(value, str) else value or ():
            if not sentence.strip() or not _blanks(sentence) <= _FILLED.get(field, {"time", "day"}):
                raise StartError(f"{path}: hours.{field}: {sentence!r} is empty or has a blank that is not filled there")
    return phrases


def _blanks(sentence: str) -> set[str]:
    try:
        parts = string.Formatter().parse(sentence)
        return {f"{name}{spec}{conversion or ''}" for _, name, spec, conversion in parts if name is not None}
    except ValueError:  # a lone brace
        return {"?"}
