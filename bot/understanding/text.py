"""The text a visitor typed, cleaned before anything reads it."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

#: Longer texts are read in parts, and the reply says that a sentence is enough (design, section 4).
LONG: Final = 1_000
_PART: Final = 300

#: Letters of other alphabets that look like ours, by which a word can slip past a lexicon.
_FOREIGN_LOOK_ALIKE: Final = str.maketrans("авеікмнорстухѕјԁһαβεικνορτυχ", "abeikmhopctyxsjdhabeikvoptux")
_LOOK_ALIKE: Final = str.maketrans({"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s"})
#: A digit between letters, a sign beside one: "su1cide", "k1ll", "$uicide", but not "14yo", "b4" or "999".
_STANDS_FOR_LETTER: Final = re.compile(r"(?<=[a-z])[013457](?=[a-z])|[@$](?=[a-z])|(?<=[a-z])[@$]")
_APOSTROPHES: Final = re.compile(r"['’‘`´]")
_NOT_WORD: Final = re.compile(r"[^\w@$]+|_+")
_REPEATED: Final = re.compile(r"([a-z])\1{2,}")
_SPLIT: Final = re.compile(r"(?<=[.!?\n])\s+")


def clean(text: str) -> str:
    """Bring typed text to one form: NFKC, no control, format or unpaired characters, no leading slash, single spaces.

    Rasa takes a text that begins with a slash for a command from its own tools, so none may (full-width slashes become
    plain ones by NFKC first).
    """
    # NFKC would make a space and an accent of the acute that some keyboards give for an apostrophe.
    form = unicodedata.normalize("NFKC", text.replace("´", "'"))
    kept = "".join(" " if char.isspace() else char for char in form if char.isspace() or _visible(char))
    # What a dropped character had kept apart may come together now, a letter and its accent for one.
    return " ".join(unicodedata.normalize("NFKC", kept).split()).lstrip("/ ")


def _visible(char: str) -> bool:
    # Control, format (right-to-left marks, tag characters, joiners), lone surrogates, private use, unassigned
    return unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Cn"}


def parts(text: str) -> list[str]:
    """A clean text as it is, or a long one in pieces of some 300 characters that end with a sentence where possible."""
    if len(text) <= LONG:
        return [text]
    pieces: list[str] = []
    for sentence in _SPLIT.split(text):
        for start in range(0, len(sentence), _PART):
            piece = sentence[start : start + _PART]
            if pieces and len(pieces[-1]) + len(piece) < _PART:
                pieces[-1] += " " + piece
            else:
                pieces.append(piece)
    return pieces


def plain(text: str) -> str:
    """A clean text as the lexicon reads it: lower-case words with single spaces, look-alike characters as letters."""
    lower = unicodedata.normalize("NFKD", _APOSTROPHES.sub("", text.lower()))
    lower = "".join(char for char in lower if not unicodedata.combining(char))
    lower = lower.translate(_FOREIGN_LOOK_ALIKE)
    lower = _STANDS_FOR_LETTER.sub(lambda match: match[0].translate(_LOOK_ALIKE), lower)
    return _REPEATED.sub(r"\1", _NOT_WORD.sub(" ", lower)).strip()
