"""The rules that need no encoder: the same line twice, too few lines, one author's tics, malformed lines, and words."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Final

import msgspec

from bot.answers.catalogue import read_mapping
from bot.errors import StartError
from bot.evaluation.lint.entries import Entry, Finding
from bot.understanding.routes import GROUPS, OUT_OF_SCOPE, ROUTES
from bot.understanding.text import LONG

#: How many lines a route needs: those where a mistake costs most, and the others; and a kind of `out_of_scope`.
ENOUGH: Final = {route: 150 if route in (*GROUPS["safety"], *GROUPS["who"]) else 60 for route in ROUTES}
ENOUGH_OF_A_KIND: Final = 30
#: Two words that open more than this share of a route's lines are a habit of whoever wrote them.
_TIC: Final = 0.1
#: In fewer lines, a tenth is chance.
_LINES_FOR_A_TIC: Final = 60
#: The share of a route's lines that may hold a word of `few_typed`.
_FEW: Final = 0.02

#: Rasa would read these as an entity and its value.
_ENTITY: Final = re.compile(r"\]\s*[({]|\{\s*\"")
#: UTF-8 that was read as something else, as in "itâ€™s" and "cafÃ©".
_MISREAD: Final = re.compile(r"â€|[ÃÂ][\u0080-\u00bf]|\N{REPLACEMENT CHARACTER}")
#: Control, format, unpaired and private characters, and unassigned ones. Joiners are part of Persian words and of emoji.
_ODD: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_JOINERS: Final = "\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}"

_Words = Annotated[list[str], msgspec.Meta(min_length=1)]


class Style(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The words of `data/style.yml`, as patterns; the file says what each is for."""

    never_said: _Words
    never_typed: _Words
    few_typed: _Words
    telling: dict[str, str]
    ages: str

    def pattern(self, name: str) -> re.Pattern[str]:
        """What finds a word of one of the lists in a text, in either case."""
        words: list[str] = getattr(self, name)
        return re.compile(r"\b(?:" + "|".join(f"(?:{word})" for word in words) + r")\b", re.IGNORECASE)

    def telling_kind(self, word: str) -> str | None:
        """What a plain word says about whom or when a line is: a kind of `telling`, an age itself, or None for nothing."""
        if re.fullmatch(self.ages, word):
            return word
        return next((kind for kind, words in self.telling.items() if re.fullmatch(words, word)), None)


def load_style(path: Path) -> Style:
    """Read the words. Raises StartError with the file and what is wrong in it."""
    try:
        style = msgspec.convert(read_mapping(path), Style)
        for name in ("never_said", "never_typed", "few_typed"):
            style.pattern(name)
        style.telling_kind("")
    except (msgspec.ValidationError, re.error) as error:
        raise StartError(f"{path}: {error}") from error
    return style


def doubles(entries: Iterable[Entry]) -> Iterator[Finding]:
    """A line that stands somewhere before, but for case, punctuation and drawn-out letters."""
    first: dict[str, Entry] = {}
    for entry in entries:
        before = first.setdefault(entry.plain, entry)
        if before is not entry:
            yield Finding(entry, f"{quoted(entry)} stands at {before.place} already ({before.label})")


def too_few(training: Sequence[Entry]) -> Iterator[Finding]:
    """A route, or a kind of `out_of_scope`, with too few lines to be learnt from."""
    routes, kinds = _grouped(training, "route"), _grouped(training, "label")
    for route, lines in routes.items():
        wanted = ENOUGH.get(route, 0)
        if len(lines) < wanted:
            yield Finding(lines[0], f"{len(lines)} lines are too few: at least {wanted}")
    for label, lines in kinds.items():
        if label.startswith(f"{OUT_OF_SCOPE}/") and len(lines) < ENOUGH_OF_A_KIND:
            yield Finding(lines[0], f"{len(lines)} lines of a kind are too few: at least {ENOUGH_OF_A_KIND}")


def tics(training: Sequence[Entry]) -> Iterator[Finding]:
    """The same two words at the beginning of more than a tenth of a route's lines."""
    for lines in _grouped(training, "route").values():
        if len(lines) < _LINES_FOR_A_TIC:
            continue
        openings = _grouped((line for line in lines if " " in line.plain), "opening")
        for opening, same in openings.items():
            if len(same) > _TIC * len(lines):
                yield Finding(same[0], f"{len(same)} of {len(lines)} lines begin with {opening!r}")


def malformed(lines: Iterable[Entry]) -> Iterator[Finding]:
    """Lines that are read otherwise than they were meant, or not at all."""
    for entry in lines:
        for wrong in _wrong(entry):
            yield Finding(entry, f"{quoted(entry)} {wrong}")


def words_said(said: Iterable[Entry], style: Style) -> Iterator[Finding]:
    """Sentences with a word that is never said."""
    return _with_words(said, style.pattern("never_said"), "which is never said")


def words_typed(training: Sequence[Entry], style: Style) -> Iterator[Finding]:
    """Training lines with a word that none may hold, and routes with too many lines that hold one of a few."""
    yield from _with_words(training, style.pattern("never_typed"), "which no line may hold")
    few = style.pattern("few_typed")
    for lines in _grouped(training, "route").values():
        holding = [line for line in lines if few.search(line.text)]
        if len(holding) > max(1, _FEW * len(lines)):
            says = f"{len(holding)} of {len(lines)} lines hold a word of which a few lines may: at most {_FEW:.0%}"
            yield Finding(holding[0], says)


def quoted(entry: Entry) -> str:
    """The text as a finding shows it: enough of it to be known, in one line."""
    return repr(entry.text if len(entry.text) <= 60 else entry.text[:59] + "…")


def _wrong(entry: Entry) -> Iterator[str]:
    text = entry.text
    if not entry.marked:
        yield 'has no "- " before it: a line ends where it ends'
    if text.strip().startswith(("/", "\N{FULLWIDTH SOLIDUS}")):
        yield "begins with a slash, which is Rasa's sign for a command"
    if _ENTITY.search(text):
        yield "has the brackets of an entity"
    if len(text) > LONG:
        yield f"has {len(text)} characters: at most {LONG:_}"
    if text != " ".join(text.split()):
        yield "has a space too many, or one that is no plain space"
    odd = sorted({char for char in text if unicodedata.category(char) in _ODD and char not in _JOINERS})
    if odd or _MISREAD.search(text):
        yield f"has characters that nobody typed: {', '.join(f'U+{ord(char):04X}' for char in odd) or 'misread UTF-8'}"


def _with_words(entries: Iterable[Entry], pattern: re.Pattern[str], why: str) -> Iterator[Finding]:
    for entry in entries:
        for word in dict.fromkeys(match[0] for match in pattern.finditer(entry.text)):
            yield Finding(entry, f"{quoted(entry)} has {word!r}, {why}")


def _grouped(entries: Iterable[Entry], by: str) -> defaultdict[str, list[Entry]]:
    groups: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        groups[getattr(entry, by)].append(entry)
    return groups
