"""How sure is sure: the limits that turn shares into an answer, a question or a crisis.

They are chosen on messages held apart from both training and test lines, `data/held_apart/calibration.tsv`, and checked in.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec

from bot.answers.catalogue import read_mapping
from bot.errors import StartError

_Share = Annotated[float, msgspec.Meta(ge=0, le=1)]


class Thresholds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Shares, from 0 to 1.

    sure: below it the visitor is asked which of the likeliest routes is meant.
    out_of_scope: when not sure, a message this likely to be about something else is taken to be.
    worth_offering: a route less likely than this gets no button.
    crisis_certain: from here on a crisis replaces the answer.
    crisis_possible: from here on the crisis pointers stand beside the answer.
    crisis_with_word: the same, where the lexicon found a word that may mean a crisis, or a likely one.
    crisis_negated: the same, where it found a certain word that is negated or about the past.
    word_absurd: below it both heads find a crisis absurd, and a certain or likely word of the lexicon is only a possible one
        ("suicide bombers in a film"). A certain word is never silenced, and always has the pointers beside; a likely one
        ("how many do you need") has them from `crisis_with_word` on.
    after_crisis: what the crisis limits are multiplied by when the conversation's last answer was a crisis.
    """

    sure: _Share
    out_of_scope: _Share
    worth_offering: _Share
    crisis_certain: _Share
    crisis_possible: _Share
    crisis_with_word: _Share
    crisis_negated: _Share
    word_absurd: _Share
    after_crisis: _Share


def load_thresholds(path: Path) -> Thresholds:
    """Read the thresholds. Raises StartError with the file and the field."""
    try:
        return msgspec.convert(read_mapping(path), Thresholds)
    except msgspec.ValidationError as error:
        raise StartError(f"{path}: {error}") from error
