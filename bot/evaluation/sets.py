"""What an evaluation reads: the held-apart lines, the same with typing errors, the training lines, and the floors."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final
from zlib import crc32

import msgspec
import numpy as np

from bot.answers.catalogue import read_mapping
from bot.errors import StartError
from bot.understanding.routes import GROUPS, OUT_OF_SCOPE, ROUTES

#: What a line of the safety set is: somebody wants to die, somebody is in danger, or neither.
KINDS: Final = ("crisis", "danger", "ordinary")
WHO: Final = frozenset(GROUPS["who"])

_SEED: Final = 20_260
#: The share of the longer words that get a typing error.
_MISTYPED: Final = 0.3
_LONGER_WORD: Final = re.compile(r"[^\W\d_]{4,}")
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"

_Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
_Milliseconds = Annotated[float, msgspec.Meta(gt=0)]


class Line(msgspec.Struct, frozen=True):
    """A held-apart message with the route that it is meant for. `kind` is one of KINDS in the safety set, else empty."""

    text: str
    route: str
    tags: tuple[str, ...] = ()
    kind: str = ""


class Floors(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the measures must reach, by the same names. `..._at_most` is a ceiling. Shares from 0 to 1; `ms` is milliseconds."""

    right: _Share
    right_or_asked: _Share
    who_right: _Share
    who_right_or_asked: _Share
    unrelated_left_alone: _Share
    crisis_found: _Share
    danger_found: _Share
    ordinary_certain_at_most: _Share
    ordinary_either_at_most: _Share
    typos_cost_at_most: _Share
    cpu_ms_p50_at_most: _Milliseconds
    cpu_ms_p99_at_most: _Milliseconds


class Shortfall(msgspec.Struct, frozen=True):
    """A figure that is under its floor, or over its ceiling."""

    name: str
    measured: float
    floor: float


def load_floors(path: Path) -> Floors:
    """Read the floors. Raises StartError with the file and the name that is missing, unknown or no number."""
    try:
        return msgspec.convert(read_mapping(path), Floors)
    except msgspec.ValidationError as error:
        raise StartError(f"{path}: {error}") from error


def under_floor(measured: Mapping[str, float], floors: Floors) -> list[Shortfall]:
    """What is under its floor or over its ceiling. On it is good enough."""
    found = []
    for name, floor in msgspec.structs.asdict(floors).items():
        missing = measured[name] - floor if name.endswith("_at_most") else floor - measured[name]
        if not missing <= 1e-9:  # a hair for rounding; what is no number at all is under its floor
            found.append(Shortfall(name, measured[name], floor))
    return found


def read_routes(path: Path) -> list[Line]:
    """The lines of `routes.tsv`: route, tags, text.

    Raises:
        StartError: an unreadable file or line, with its number; or no line that means a who-route or `out_of_scope`.
    """
    lines = [
        Line(text, _route(route, path, number), _tags(tags))
        for number, (route, tags, text) in read_rows(path, ("route", "tags", "text"))
    ]
    if not WHO & {line.route for line in lines} or OUT_OF_SCOPE not in {line.route for line in lines}:
        raise StartError(f"{path}: needs lines of who-routes and of {OUT_OF_SCOPE}")
    return lines


def read_safety(path: Path) -> list[Line]:
    """The lines of `safety.tsv`: kind, route, tags, text.

    Raises:
        StartError: an unreadable file or line, with its number; or no line of one of the kinds.
    """
    lines = []
    for number, (kind, route, tags, text) in read_rows(path, ("kind", "route", "tags", "text")):
        if kind not in KINDS:
            raise StartError(f"{path}: line {number}: no kind is called {kind!r}; there are {', '.join(KINDS)}")
        lines.append(Line(text, _route(route, path, number), _tags(tags), kind))
    if missing := [kind for kind in KINDS if kind not in {line.kind for line in lines}]:
        raise StartError(f"{path}: has no line of the kind {', '.join(missing)}")
    return lines


def read_training_lines(folder: Path) -> tuple[list[str], list[str]]:
    """The texts of `data/nlu/*.yml` and their labels: the route, or `out_of_scope/<kind>` where the file gives a kind."""
    texts: list[str] = []
    labels: list[str] = []
    for path in sorted(folder.glob("*.yml")):
        entries: Any = read_mapping(path).get("nlu") or []
        for entry in entries:
            kind = (entry.get("metadata") or {}).get("kind")
            for example in entry["examples"].splitlines():
                texts.append(example.removeprefix("- "))
                labels.append(f"{entry['intent']}/{kind}" if kind else entry["intent"])
    return texts, labels


def read_rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, list[str]]]:
    """Each row of a tab-separated file with the number of its line. The first line must be the columns' names.

    Raises:
        StartError: an unreadable file, or a line with another number of columns or no text in the last.
    """
    try:
        written = path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise StartError(f"{path}: {error}") from error
    if tuple(written[0].split("\t")) != columns:
        raise StartError(f"{path}: line 1: should be the columns' names, tab-separated: {', '.join(columns)}")
    for number, row in enumerate(written[1:], 2):
        cells = row.split("\t")
        if len(cells) != len(columns) or not cells[-1].strip():
            raise StartError(f"{path}: line {number}: should have {len(columns)} columns, tab-separated, the text last")
        yield number, cells


def with_typing_errors(line: Line) -> Line:
    """The same line with one random error in about 30 % of its words of four letters or more; always the same ones.

    A line's errors depend on that line alone, so a line more in the file leaves the others as they were.
    """
    random = np.random.default_rng([_SEED, crc32(line.text.encode())])

    def mistype(word: re.Match[str]) -> str:
        return _one_error(word[0], random) if random.random() < _MISTYPED else word[0]

    return msgspec.structs.replace(line, text=_LONGER_WORD.sub(mistype, line.text))


def _one_error(word: str, random: np.random.Generator) -> str:
    """Drop a letter, double one, swap two neighbours, or strike another key."""
    at = int(random.integers(len(word) - 1))
    error = int(random.integers(4))
    if error == 0:
        return word[:at] + word[at + 1 :]
    if error == 1:
        return word[: at + 1] + word[at:]
    if error == 2:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return word[:at] + _LETTERS[int(random.integers(len(_LETTERS)))] + word[at + 1 :]


def _route(label: str, path: Path, number: int) -> str:
    route = label.partition("/")[0]
    if route not in ROUTES:
        raise StartError(f"{path}: line {number}: no route is called {route!r}")
    return route


def _tags(cell: str) -> tuple[str, ...]:
    return tuple(filter(None, cell.split(",")))
