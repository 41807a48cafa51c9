"""The promises of the design (section 3) as functions of one reply: whether it keeps them."""

from __future__ import annotations

import re
from datetime import datetime
from typing import NamedTuple

from waiting import CLOSED, OPEN

from bot.answers.hours import UK
from bot.answers.reply import HELPLINE, WHO, Answers, Reply
from bot.understanding.safety import CRISIS_ROUTES

#: When, whether the helpline is open then, and what its card must say. In summer UTC is an hour behind.
TIMES = {
    "day": (OPEN, True, "Open now, until 9pm."),
    "night": (CLOSED, False, "Closed now. Opens tomorrow at 9am."),
    "bank holiday": (datetime(2026, 12, 25, 10, tzinfo=UK), None, "It may be closed today, a bank holiday."),
    "summer afternoon": (datetime(2026, 7, 3, 16, 30, tzinfo=UK), True, "Open now, until 5pm."),
    "summer evening": (datetime(2026, 7, 3, 17, 30, tzinfo=UK), False, "Closed now. Opens on Monday at 9am."),
}
#: Never said to a visitor (design, promise 7): labels for people, and terms that the field has given up.
NEVER_SAID = re.compile(
    r"\b(porn\w*|paedo\w*|pedo\w*|pervert\w*|predator\w*|monsters?|nonces?|molest\w*|offenders?|abusers?|addicts?"
    r"|victims?|deviant\w*|disgust\w*|commit(ted)? suicide|kiddie|lolita)\b",
    re.IGNORECASE,
)
NUMBER = re.compile(r"\+?\d[\d ]*\d{2}\b")
ADDRESS = re.compile(r"(?:https?:)?//[^\s\"'<>]+|www\.\S+|\S+@\S+\.\w+")


class Answered(NamedTuple):
    """A reply and how it came about. `route` is None for an error, and where the visitor is asked which route is meant."""

    how: str
    when: str
    route: str | None
    reply: Reply
    answers: Answers

    @property
    def ids(self) -> list[str]:
        return [card.id for card in self.reply.pointers]


def promise_1_the_helpline_and_self_help_are_in_every_reply(a: Answered) -> bool:
    by_phone = any(card.tel == "0808 1000 900" and not card.small for card in a.reply.pointers)
    return by_phone and any(a.answers.catalogue[id].self_help for id in a.ids) and bool(a.reply.messages and a.reply.choices)


def promise_2_a_crisis_shows_999_first_then_samaritans_and_the_helpline_and_can_be_corrected(a: Answered) -> bool:
    if a.route not in CRISIS_ROUTES:
        return True
    first = ["emergency_999"] if a.route == "immediate_danger" else ["emergency_999", "samaritans"]
    can_correct = "correct_me" in [choice.id for choice in a.reply.choices]
    return a.ids[: len(first)] == first and {HELPLINE, "samaritans"} <= {*a.ids} and can_correct


def promise_3_a_refusal_is_one_short_sentence_that_does_not_scold(a: Answered) -> bool:
    if a.route != "refuse_illegal":
        return True
    said = " ".join(a.reply.messages)
    scolds = re.search(r"illegal|crime|criminal|law|police|wrong|shame|victim|punish|prison|never|must", said, re.IGNORECASE)
    return "I can't help with that." in a.reply.messages and not scolds and {HELPLINE, "self_help_own"} <= {*a.ids}


def promise_4_nothing_is_called_confidential_without_the_exception(a: Answered) -> bool:
    said = " ".join(text for text in a.reply.texts() if text)
    claims = re.search(r"confidential|anonymous|private|full name|who you are", said, re.IGNORECASE)
    return not claims or "crime, they pass it on." in said


def promise_4_a_note_stands_beside_its_link(a: Answered) -> bool:
    noted = {"family_and_friends_forum", "self_help_modules"}
    cards = [card for card in a.reply.pointers if card.id in noted or a.answers.catalogue[card.id].note]
    return all(card.note and card.note == a.answers.catalogue[card.id].note for card in cards)


def promise_4_ireland_has_its_own_number(a: Answered) -> bool:
    return a.route != "ask_outside_uk" or "+44 1372 847 161" in [card.tel for card in a.reply.pointers]


def promise_5_only_the_who_question_is_asked(a: Answered) -> bool:
    asked = {m for m in (*a.reply.messages, *(choice.label for choice in a.reply.choices)) if "?" in m}
    return asked <= {"Is this about you, someone you know, a child or young person, or your work?", "Is it one of these?"}


def promise_6_the_helpline_says_when_it_is_open(a: Answered) -> bool:
    [helpline] = [card for card in a.reply.pointers if card.id == HELPLINE]
    return (helpline.open, helpline.opening) == TIMES[a.when][1:]


def promise_6_what_is_open_at_any_time_stands_before_what_is_closed(a: Answered) -> bool:
    if a.how.startswith("error "):  # its pointers keep their order, see tests/answers/test_reply.py
        return True
    cards = [card for card in a.reply.pointers if not card.small]
    closed = [place for place, card in enumerate(cards) if card.open is False]
    always = [place for place, card in enumerate(cards) if card.opening == "Open at any time."]
    return not closed or max(always, default=-1) < min(closed)


def promise_6_no_sentence_counts_on_the_order_which_changes_at_night(a: Answered) -> bool:
    return not re.search(r"\b((first|second|third|last) (number|link|one)|above|below)\b", " ".join(a.reply.messages))


def promise_7_no_forbidden_word_is_said(a: Answered) -> bool:
    return not any(NEVER_SAID.search(text) for text in a.reply.texts() if text)


def promise_8_there_is_always_a_button_to_go_on_with(a: Answered) -> bool:
    ids = {choice.id for choice in a.reply.choices}
    return ids >= {*WHO} if a.route in ("out_of_scope", "greet", "restart", "correct_me") else len(ids) > 1


def promise_10_at_most_two_short_whole_sentences_stand_before_the_pointers(a: Answered) -> bool:
    sentences = re.split(r"(?<=[.!?])\s+", " ".join(a.reply.messages))
    whole = all(message[0].isupper() and message[-1] in ".!?" for message in a.reply.messages)
    return whole and len(sentences) <= 2 and all(len(sentence.split()) <= 30 for sentence in sentences)


def numbers_and_addresses_are_the_catalogues(a: Answered) -> bool:
    entries = a.answers.catalogue.values()
    tels, urls = {pointer.tel for pointer in entries}, {pointer.url for pointer in entries}
    own = {text for p in entries for text in (p.name, p.about, p.tel, p.url, p.note, *p.facts.values())}
    loose = " | ".join(text for text in a.reply.texts() if text and text not in own)
    return {*NUMBER.findall(loose)} <= tels and {*ADDRESS.findall(loose)} <= urls


PROMISES = [check for name, check in list(globals().items()) if name.startswith(("promise_", "numbers_"))]
