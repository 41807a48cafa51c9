"""What is linted, each line and sentence with the place where it is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import yaml

from bot.answers.catalogue import read_mapping
from bot.errors import StartError
from bot.evaluation.sets import read_rows
from bot.settings import ROOT
from bot.understanding.text import clean, plain

#: Fields of the catalogue that no visitor sees.
_NOT_SHOWN: Final = frozenset({"source", "checked", "grade", "hours", "self_help", "verified"})
_MARK: Final = "- "


@dataclass(frozen=True)
class Entry:
    """A training line, a held-apart line, or a sentence that is said.

    `label` is the route, `out_of_scope/<kind>` where a kind is given, or for what is said the name in its file. `marked` is
    False for a training line with no "- " before it: what is left of one that was broken.
    """

    path: Path
    number: int
    label: str
    text: str
    marked: bool = True

    @property
    def route(self) -> str:
        """The label without the kind."""
        return self.label.partition("/")[0]

    @property
    def place(self) -> str:
        """`file:line`, the file within the project where it is in it."""
        return f"{self.path.relative_to(ROOT) if self.path.is_relative_to(ROOT) else self.path}:{self.number}"

    @cached_property
    def plain(self) -> str:
        """The text as the lexicon reads it, or as it was typed where there is no word in it."""
        typed = clean(self.text)
        return plain(typed) or typed

    @property
    def opening(self) -> str:
        """The first two words."""
        return " ".join(self.plain.split()[:2])


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with an entry."""

    entry: Entry
    says: str

    def __str__(self) -> str:
        """One line: the place, the label, and what is wrong."""
        return f"{self.entry.place}: {self.entry.label}: {self.says}"


def read_training(folder: Path) -> list[Entry]:
    """The lines of `folder/*.yml`. Raises StartError for a file that can't be read, or an entry without intent or examples."""
    return [entry for path in sorted(folder.glob("*.yml")) for entry in _training_lines(path)]


def read_held_apart(folder: Path) -> list[Entry]:
    """The lines of `folder/*.tsv`. Raises StartError for a row that has not the columns that its first line names."""
    found = []
    for path in sorted(folder.glob("*.tsv")):
        columns = tuple(path.read_text(encoding="utf-8").partition("\n")[0].split("\t"))
        if "route" not in columns or columns[-1] != "text":
            raise StartError(f"{path}: line 1: should name the columns, a route among them and the text last")
        at = columns.index("route")
        found += [Entry(path, number, cells[at], cells[-1]) for number, cells in read_rows(path, columns)]
    return found


def read_said(data: Path) -> list[Entry]:
    """Every sentence that a visitor may see: the phrases of all languages, and the fields of the catalogue that are shown."""
    paths = [*sorted((data / "phrases").glob("*.yml")), *sorted((data / "catalogue").glob("*.yml"))]
    return [Entry(path, number, name, text) for path in paths for name, number, text in _sentences(_compose(path), "")]


def _training_lines(path: Path) -> Iterator[Entry]:
    for entry in getattr(_value(_compose(path), "nlu"), "value", []):
        intent, examples = _value(entry, "intent"), _value(entry, "examples")
        if intent is None or examples is None or examples.style != "|":
            raise StartError(f"{path}: line {entry.start_mark.line + 1}: needs an intent, and examples after a |")
        kind = _value(_value(entry, "metadata"), "kind")
        label = f"{intent.value}/{kind.value}" if kind else str(intent.value)
        # The mark stands at the "|", and the lines begin below it; both count from 0.
        for number, line in enumerate(examples.value.removesuffix("\n").split("\n"), examples.start_mark.line + 2):
            yield Entry(path, number, label, line.removeprefix(_MARK), line.startswith(_MARK))


def _sentences(node: Any, name: str) -> Iterator[tuple[str, int, str]]:
    """The scalars below a node: the path of names, the line, the text."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value not in _NOT_SHOWN:
                yield from _sentences(value, f"{name}.{key.value}".lstrip("."))
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _sentences(value, name)
    else:
        yield name, node.start_mark.line + 1, str(node.value)


def _compose(path: Path) -> Any:
    read_mapping(path)  # says what is wrong with a file, with its line
    return yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)


def _value(node: Any, key: str) -> Any:
    """What a mapping has under a name, or None."""
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    return next((value for name, value in pairs if name.value == key), None)
