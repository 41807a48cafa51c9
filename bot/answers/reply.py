"""From a plan (ids of phrases, pointers and choices) to a reply: the words and numbers that a visitor sees."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from bot.answers.catalogue import Catalogue, Pointer
from bot.answers.gate import Gate, approved_texts
from bot.answers.hours import UK, status
from bot.answers.phrases import Phrases

HELPLINE = "stop_it_now_helpline"
#: Where to go when all else failed; a crisis may hide behind any error, so 999 and Samaritans are there too.
FALLBACK_POINTERS = (HELPLINE, "self_help_own", "emergency_999", "samaritans")
CRISIS_POINTERS = ("emergency_999", "samaritans")
#: At most two short sentences stand before the pointers (promise 10).
MAX_SENTENCES = 2
WHO = ("own_behaviour", "another_adult", "young_person_behaviour", "professional")


class Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to answer, by id. It comes from the domain's responses or from an action, and never holds text.

    `in_order` keeps the pointers as given: in a crisis 999 stays first whatever the hour.
    """

    say: tuple[str, ...] = ()
    point_to: tuple[str, ...] = ()
    offer: tuple[str, ...] = ()
    in_order: bool = False


class PointerCard(msgspec.Struct, frozen=True):
    """A pointer as shown. `open` is None where nobody knows; `opening` says it in words; `small` is shown smaller."""

    id: str
    name: str
    about: str
    tel: str | None
    url: str | None
    note: str | None
    open: bool | None
    opening: str | None
    small: bool = False


class Choice(msgspec.Struct, frozen=True):
    """A button: the id that comes back when it is pressed, and its label."""

    id: str
    label: str


class Reply(msgspec.Struct, frozen=True):
    """One answer, complete and approved."""

    messages: tuple[str, ...]
    pointers: tuple[PointerCard, ...]
    choices: tuple[Choice, ...]

    def texts(self) -> Iterator[str | None]:
        """Every string a visitor would see, for the gate."""
        yield from self.messages
        for card in self.pointers:
            yield from (card.name, card.about, card.tel, card.url, card.note, card.opening)
        yield from (choice.label for choice in self.choices)


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside a route's own answer: crisis pointers, those of an earlier crisis (smaller), a hint on length."""

    crisis: bool = False
    earlier_crisis: bool = False
    too_long: bool = False


NOTHING_BESIDE = Beside()


class Answers:
    """Everything that can be said, in every language, behind one gate."""

    def __init__(self, catalogue: Catalogue, languages: Mapping[str, Phrases]) -> None:
        self.catalogue = catalogue
        self.languages = languages
        self.gate = Gate(approved_texts(catalogue, languages.values()))

    def phrases(self, language: str | None) -> Phrases:
        """The phrases of a language, English where there are none."""
        return self.languages.get(language or "en", self.languages["en"])

    def reply(self, plan: Plan, language: str, now: datetime, beside: Beside = NOTHING_BESIDE) -> Reply:
        """Put a plan into words. Whatever the gate refuses becomes the fallback. Raises KeyError for an unknown id."""
        phrases = self.phrases(language)
        reply = Reply(
            messages=self._messages(plan, phrases, now, beside),
            pointers=self._cards(plan, phrases, now, beside),
            choices=tuple(Choice(id, phrases.choices[id]) for id in plan.offer),
        )
        return reply if self.gate.allows(reply.texts()) else self.error("fallback", language, now)

    def error(self, error: str, language: str | None, now: datetime) -> Reply:
        """The approved answer to an error: what to say, the pointers that always hold, and the who-choices."""
        phrases = self.phrases(language)
        return Reply(
            messages=phrases.errors[error],
            pointers=tuple(self._card(self.catalogue[id], phrases, now) for id in FALLBACK_POINTERS),
            choices=tuple(Choice(id, phrases.choices[id]) for id in WHO),
        )

    def _messages(self, plan: Plan, phrases: Phrases, now: datetime, beside: Beside) -> tuple[str, ...]:
        said = [sentence for phrase in plan.say for sentence in phrases.reply(phrase, self.catalogue)]
        before = phrases.reply("crisis_beside", self.catalogue) if beside.crisis else ()
        after = phrases.reply("one_sentence_is_enough", self.catalogue) if beside.too_long else ()
        said = said[: MAX_SENTENCES - len(before) - len(after)]
        opens = None if plan.in_order else self._helpline_opens(phrases, now)
        # The helpline's card says it too, so an answer with two sentences of its own keeps both.
        if opens and len(before) + len(said) + len(after) < MAX_SENTENCES:
            after = (*after, opens)
        return (*before, *said, *after)

    def _helpline_opens(self, phrases: Phrases, now: datetime) -> str | None:
        hours = self.catalogue[HELPLINE].hours
        return phrases.helpline_opens(status(hours, now), now.astimezone(UK).date()) if hours else None

    def _cards(self, plan: Plan, phrases: Phrases, now: datetime, beside: Beside) -> tuple[PointerCard, ...]:
        ids = list(plan.point_to)
        if beside.crisis:
            # Behind the first pointer, where they are seen; ahead of all in an answer whose order is fixed.
            place = 0 if plan.in_order else 1
            ids = list(dict.fromkeys((*ids[:place], *CRISIS_POINTERS, *ids[place:])))
        cards = [self._card(self.catalogue[id], phrases, now) for id in ids]
        if not plan.in_order:
            cards = _open_first(cards)
        kept = CRISIS_POINTERS if beside.earlier_crisis else ()
        return (*cards, *(self._card(self.catalogue[id], phrases, now, small=True) for id in kept if id not in ids))

    def _card(self, pointer: Pointer, phrases: Phrases, now: datetime, *, small: bool = False) -> PointerCard:
        at = status(pointer.hours, now) if pointer.hours else None
        return PointerCard(
            id=pointer.id,
            name=pointer.name,
            about=pointer.about,
            tel=pointer.tel,
            url=pointer.url,
            note=pointer.note,
            open=at.open if at else None,
            opening=phrases.opening(at, now.astimezone(UK).date()) if at else None,
            small=small,
        )


def _open_first(cards: Sequence[PointerCard]) -> list[PointerCard]:
    """Keep the order, but move what is closed now behind what can be used at this hour (promise 6)."""
    return [card for card in cards if card.open is not False] + [card for card in cards if card.open is False]
