"""The safety check: a curated lexicon that decides before the classifier is asked.

It answers with a route and a tier. `certain` replaces any other answer; `possible` puts the crisis pointers beside it. A
negated line is lowered, never dropped: a wrong crisis answer can be corrected by the visitor, a missed one can't.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Final

import msgspec

from bot.answers.catalogue import read_mapping
from bot.errors import StartError
from bot.understanding.text import plain

#: First to last: what outranks what (design, section 3), then the request that is refused.
SAFETY_ROUTES: Final = ("immediate_danger", "suicide_crisis", "child_at_risk", "refuse_illegal")
#: A crisis of these two shows 999 and Samaritans; the tier is about them alone.
CRISIS_ROUTES: Final = SAFETY_ROUTES[:2]
#: The lists that make it certain, in the order in which they are looked through: what says least of it is last.
_LISTS: Final = (
    *((route, name) for name in ("welsh", "certain", "likely") for route in CRISIS_ROUTES),
    *((route, "certain") for route in SAFETY_ROUTES[2:]),
)
#: Before a crisis route, in a label: the share that the head which knows crises only gives it.
CRISIS: Final = "crisis/"


class Tier(StrEnum):
    """How sure the safety check is that somebody is in danger or wants to die."""

    NONE = "none"
    POSSIBLE = "possible"
    CERTAIN = "certain"


@dataclass(frozen=True, slots=True)
class Finding:
    """What the lexicon found: a route and how sure it is, or no route.

    `lowered` says that the words are certain or likely ones, negated or about the past. `likely` says that the words may mean
    something else, so that the classifier decides whether they are certain. `beside` says that 999 belongs beside the answer,
    and `welsh` that the words are certain ones in Welsh, of which the classifier knows too little to find them absurd: both
    whatever the classifier thinks.
    """

    route: str | None = None
    tier: Tier = Tier.NONE
    lowered: bool = False
    likely: bool = False
    beside: bool = False
    welsh: bool = False


class _Lines(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    certain: Annotated[list[str], msgspec.Meta(min_length=1)]
    possible: list[str]
    likely: list[str] = []
    beside: list[str] = []
    welsh: list[str] = []


#: What turns "kill myself" into "would never kill myself", within a few words before it.
_NEGATION: Final = re.compile(
    r"\b(?:not|never|nobodys?|no ?ones?|nt|dont|doesnt|didnt|wont|wouldnt|isnt|arent|aint|wasnt|havent|hasnt"
    r"|without|neither"
    r"|no (?:plans?|intention|intent|thoughts?|wish|desire|wants?|suicidal|self|immediate|child|risk|need|part of)"
    r"|(?:ticked|put) no to"
    r"|stop (?:assuming|saying|telling)|assum\w+|wrote|only if|unless|even if|den(?:y|ies|ied)"
    r"|(?<!\bi )ask(?:s|ed|ing)? (?:\w+ ){0,3}(?:if|whether|about)|jok(?:e|ed|ing) about)(?: \w+){0,4} $"
)
#: The same, within a dozen words after it: "we asked about suicide and it was a firm no". Whoever says no to being hurt denies
#: nothing, so it is for suicide alone.
_DENIED: Final = re.compile(r"(?: \w+){0,12} (?:(?:said|a firm|firmly) no\b(?! to)|there are none\b)")
#: The death of somebody else, told up to its last word. It lowers these words alone: whoever mourns may want to die too.
_MOURNED: Final = re.compile(
    r"\b(?:(?:died|dead) (?:by|from|through) suicide|took (?:his|her|their) (?:own )?life|lost (?:\w+ ){1,3}to suicide"
    r"|(?:(?:husband|wife|partner|son|daughter|brother|sister|mum|mam|mother|dad|father|friend|uncle|cousin)s|his|her) suicide"
    r"|who (?:killed|hanged|shot|drowned) (?:him|her)self)$"
)
#: What is long past. It lowers a crisis to possible: the numbers stay in view, the answer is about the rest.
_PAST: Final = re.compile(
    r"\b(?:years? (?:ago|back)|(?:long|decades|months) ago|last year|in (?:my|the|our) \w*(?:teens|ties)"
    r"|(?:back )?in (?:19|20)\d\d|behind (?:me|us|him|her)|(?:not|isnt|dont|doesnt) any ?more|(?:dont|am not|im not) now"
    r"|when (?:i|we|he|she) (?:was|were) (?:young|little|small|a (?:child|kid|lad|lass|teenager)|at school|first|\w+teen|\d\d?)"
    r"|as a (?:young (?:man|woman)|teen(?:ager)?|child|kid|student)"
    r"|(?:overdosed?|suicidal|harm(?:ed|ing)|bridge|tried|attempted) (?:\w+ )?at"
    r" (?:\d\d|\w+teen|twenty|uni(?:versity)?|college)"
    r"|(?:it|him|her|its|is) (?:\w+ )?years (?:on \w+ )?since|(?:years clean|back then|long healed|bad old days|a decade ago)"
    r"|long (?:since|over|past|resolved)|(?:none|nothing|well|fine|better) (?:since|for) (?:decades|then)"
    r"|(?:killed|hanged|shot) (?:him|her)self (?:when|before)|own life (?:when|before)"
    r"|(?:im|am|hes|shes|is) (?:\d\d|(?:twen|thir|for|fif|six|seven|eigh|nine)ty(?: \w+)?) now(?! (?:and )?(?:i )?want)"
    r"|(?:fine|steady|better|well|ok|okay|safe|brighter|happy|settled|calm|all ?right) now"
    r"|used to (?!it\b|this\b|that\b)\w+)\b"
)
#: What is not past after all: "my dad died years ago and tonight I am going to …".
_PRESENT: Final = re.compile(
    r"\b(?:tonight|today|tomorrow|right now|this (?:morning|evening)|(?:am|im|is|hes|shes) (?:going|about) to|gonna)\b"
)
#: How many characters before a line are looked through for a negation; all of them at every match would be quadratic.
_NEAR: Final = 100
_WORD: Final = re.compile(r"<(\w+)>")


class Lexicon:
    """The lines of `data/lexicon/`, compiled. `checksum` changes with any of its files."""

    def __init__(self, folder: Path) -> None:
        """Read the lexicon.

        Raises:
            StartError: a file is missing, or a line is not a regular expression; names the file and the line.
        """
        words = {str(k): str(v) for k, v in read_mapping(folder / "words.yml").items()}
        idioms = read_mapping(folder / "idioms.yml").get("idioms")
        if not isinstance(idioms, list):
            raise StartError(f"{folder / 'idioms.yml'}: has no list called idioms")
        self._idioms = _compile(folder / "idioms.yml", idioms, words)
        self._lines: dict[tuple[str, str], re.Pattern[str] | None] = {}
        for route in SAFETY_ROUTES:
            path = folder / f"{route}.yml"
            try:
                lines = msgspec.convert(read_mapping(path), _Lines)
            except msgspec.ValidationError as error:
                raise StartError(f"{path}: {error}") from error
            for name, listed in msgspec.structs.asdict(lines).items():
                self._lines[route, name] = _compile(path, listed, words)
        self.checksum = sha256(b"".join(p.read_bytes() for p in sorted(folder.glob("*.yml")))).hexdigest()

    def check(self, text: str) -> Finding:
        """Look through a clean text of any length. The first line found that nothing lowers decides."""
        read = self.without_idioms(text)
        past = _PAST.search(read) and not _PRESENT.search(read)
        lowered: str | None = None
        for route, name in _LISTS:
            for match in self._matches(route, name, read):
                if not _lowers(route, read, match) and not (past and route in CRISIS_ROUTES):
                    return Finding(route, Tier.CERTAIN, likely=name == "likely", welsh=name == "welsh")
                lowered = lowered or route
        for route in CRISIS_ROUTES:
            if not past and any(not _lowers(route, read, match) for match in self._matches(route, "beside", read)):
                return Finding(route, Tier.POSSIBLE, beside=True)
        if lowered in CRISIS_ROUTES:
            return Finding(lowered, Tier.POSSIBLE, lowered=True)
        for route in CRISIS_ROUTES:
            if any(self._matches(route, "possible", read)):
                return Finding(route, Tier.POSSIBLE)
        return Finding()

    def _matches(self, route: str, name: str, read: str) -> Iterator[re.Match[str]]:
        pattern = self._lines[route, name]
        return pattern.finditer(read) if pattern else iter(())

    def without_idioms(self, text: str) -> str:
        """The text as the lexicon reads it, with harmless figures of speech taken out."""
        read = plain(text)
        return self._idioms.sub(" ", read) if self._idioms else read


def _lowers(route: str, read: str, match: re.Match[str]) -> bool:
    """Whether what stands around a line turns it: it is denied; of suicide, also after it, or somebody has died by it."""
    near = max(0, match.start() - _NEAR)
    if _NEGATION.search(read, near, match.start()):
        return True
    turned = _MOURNED.search(read, near, match.end()) or _DENIED.match(read, match.end())
    return route == "suicide_crisis" and turned is not None


def _compile(path: Path, lines: list[str], words: dict[str, str]) -> re.Pattern[str] | None:
    for line in lines:
        try:
            re.compile(_spelled_out(line, words))
        except (re.error, KeyError) as error:
            raise StartError(f"{path}: {line!r}: {error}") from error
    if not lines:
        return None
    return re.compile(r"\b(?:" + "|".join(f"(?:{_spelled_out(line, words)})" for line in lines) + r")\b")


def _spelled_out(line: str, words: dict[str, str]) -> str:
    return _WORD.sub(lambda match: f"(?:{words[match[1]]})", line)
