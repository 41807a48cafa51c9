"""The page: rendered on the server, for the first visit, each reply and each error; and the page on staying safe."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Collection, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bot.answers.phrases import Phrases
from bot.answers.reply import CRISIS_POINTERS, WHO, Answers, PointerCard, Reply
from bot.settings import EXIT_URL

TEMPLATES = Path(__file__).resolve().parent.parent / "page"
#: Always at hand once there is an answer, in one place, and so not among the choices of that answer.
AGAIN: Final = ("correct_me", "restart")
#: The catalogue's fields are English on every page.
_IN_ENGLISH: Final = Markup(' lang="en"')


def tel_link(number: str) -> str:
    """The address that makes a phone call a number written for people: `tel:08081000900`, `tel:+441372847161`."""
    return "tel:" + re.sub(r"[^+0-9]", "", number)


def style() -> str:
    """The page's style, as it stands in the page at the first visit: a request less before anything can be seen."""
    return (TEMPLATES / "static" / "page.css").read_text(encoding="utf-8")


def style_hash() -> str:
    """What a Content-Security-Policy calls the style by."""
    return "sha256-" + b64encode(sha256(style().encode()).digest()).decode()


class Page:
    """Renders the pages. Everything in them is escaped, and nothing in them was typed by a visitor."""

    def __init__(self, answers: Answers, exit_url: str = EXIT_URL) -> None:
        self._answers, self._exit_url = answers, exit_url
        environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.filters["tel"] = tel_link
        self._page, self._safety = environment.get_template("page.html"), environment.get_template("safety.html")
        self._style = Markup(style())  # our own file  # noqa: S704
        self._facts = frozenset(fact for pointer in answers.catalogue.values() for fact in pointer.facts.values())

    @property
    def languages(self) -> Collection[str]:
        """The languages that there are phrases for."""
        return self._answers.languages

    def render(
        self,
        *,
        language: str,
        hours: Reply,
        reply: Reply | None = None,
        conversation: str | None = None,
        chosen: str | None = None,
        campaign: str | None = None,
    ) -> str:
        """The whole page.

        Args:
            hours: The fallback: it holds the helpline, 999 and self-help, which are on every page.
            chosen: The id of the choice that was pressed, to be shown by its label.
            campaign: The code of the campaign whose link was followed.
        """
        phrases = self._answers.phrases(language)
        return self._page.render(
            self._values(phrases, "/", hours, campaign),
            style=None if reply else self._style,
            reply=reply,
            offered=[(choice.id, choice.label) for choice in reply.choices if choice.id not in AGAIN] if reply else [],
            again=[(id, phrases.choices[id]) for id in AGAIN],
            who=[(id, phrases.choices[id]) for id in WHO],
            unreachable=self._unreachable(phrases, hours),
            conversation=conversation,
            chosen=phrases.choices.get(chosen) if chosen else None,
        )

    def safety(self, *, language: str, hours: Reply, campaign: str | None = None) -> str:
        """The page on staying safe on this device."""
        phrases = self._answers.phrases(language)
        return self._safety.render(self._values(phrases, "/safety", hours, campaign), style=self._style, safety=phrases.safety)

    def _values(self, phrases: Phrases, path: str, hours: Reply, campaign: str | None) -> Mapping[str, Any]:
        """What every page needs. `path` is the one that the language switch leads to: an answer can't be asked for again."""
        cards = {card.id: card for card in hours.pointers}
        language = phrases.language
        others = [other for other in self._answers.languages.values() if other is not phrases]
        return {
            "p": phrases.page,
            "language": language,
            "en": "" if language == "en" else _IN_ENGLISH,
            "facts": self._facts,
            "not_reviewed": language != "en" and phrases.reviewed_by is None,
            "others": [(other.language, other.name, _address(path, other.language, campaign)) for other in others],
            "helpline": cards["stop_it_now_helpline"],
            "danger": cards["emergency_999"],
            "self_help": cards["self_help_own"],
            "crisis": CRISIS_POINTERS,
            "exit_url": self._exit_url,
            "first_address": _address("/", language, campaign),
            "safety_address": _address("/safety", language, campaign),
            "campaign": campaign,
        }

    def _unreachable(self, phrases: Phrases, hours: Reply) -> Reply:
        """What the page shows by itself when the server is gone, be it hours later: so with the weekly opening hours."""
        return msgspec.structs.replace(
            hours, messages=phrases.errors["unreachable"], pointers=tuple(self._at_any_hour(card) for card in hours.pointers)
        )

    def _at_any_hour(self, card: PointerCard) -> PointerCard:
        weekly = self._answers.catalogue[card.id].facts.get("hours")
        return msgspec.structs.replace(card, open=None, opening=weekly) if weekly else card


def _address(path: str, language: str, campaign: str | None) -> str:
    return f"{path}?{urlencode({'lang': language} | ({'c': campaign} if campaign else {}))}"
