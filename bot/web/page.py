"""The page: one template, rendered on the server, for the first visit, each reply and each error."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.answers.reply import WHO, Answers, Reply

TEMPLATES = Path(__file__).resolve().parent.parent / "page"


def tel_link(number: str) -> str:
    """The address that makes a phone call a number written for people: `tel:08081000900`, `tel:+441372847161`."""
    return "tel:" + re.sub(r"[^+0-9]", "", number)


class Page:
    """Renders the page. Everything in it is escaped, and nothing in it was typed by a visitor."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.filters["tel"] = tel_link
        self._template = environment.get_template("page.html")

    def render(
        self,
        *,
        language: str,
        hours: Reply,
        reply: Reply | None = None,
        conversation: str | None = None,
        chosen: str | None = None,
    ) -> str:
        """The whole page.

        Args:
            hours: The reply whose first pointer is the helpline and that holds 999: what is always in view.
            chosen: The id of the choice that was pressed, to be shown by its label.
        """
        phrases = self._answers.phrases(language)
        cards = {card.id: card for card in hours.pointers}
        values: Mapping[str, Any] = {
            "p": phrases.page,
            "language": phrases.language,
            "helpline": cards["stop_it_now_helpline"],
            "danger": cards["emergency_999"],
            "self_help": cards["self_help_own"],
            "who": [(id, phrases.choices[id]) for id in WHO],
            "choices": [(choice.id, choice.label) for choice in reply.choices] if reply else [],
            "reply": reply,
            "conversation": conversation,
            "chosen": phrases.choices.get(chosen) if chosen else None,
        }
        return self._template.render(values)
