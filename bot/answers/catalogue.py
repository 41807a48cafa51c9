"""The catalogue: every place that Signpost points to, read once from `data/catalogue/*.yml` and checked.

An entry is a fact about the world. It carries the address that it was read from, the day it was checked and the grade of
the evidence: A official and current, B official but older, C someone else's word.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal

import msgspec
import yaml

from bot.answers.hours import Hours, parse_hours
from bot.errors import StartError

STALE_AFTER_DAYS = 90

_Sentence = Annotated[str, msgspec.Meta(min_length=3, max_length=300)]
_Address = Annotated[str, msgspec.Meta(pattern=r"^https?://[^\s]+$")]
_Number = Annotated[str, msgspec.Meta(pattern=r"^\+?[0-9][0-9 ]{1,17}[0-9]$")]


class Written(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An entry as it is written in the file."""

    name: _Sentence
    about: _Sentence
    source: _Address
    checked: date
    grade: Literal["A", "B", "C"]
    tel: _Number | None = None
    url: Annotated[str, msgspec.Meta(pattern=r"^https://[^\s]+$")] | None = None
    note: _Sentence | None = None
    hours: str | list[str] | None = None
    facts: dict[str, _Sentence] = {}
    self_help: bool = False
    verified: bool = True


class Pointer(msgspec.Struct, frozen=True):
    """One place to go. `note` must be shown wherever the pointer is; `hours` is `None` where no source states them."""

    id: str
    name: str
    about: str
    tel: str | None
    url: str | None
    note: str | None
    hours: Hours | None
    facts: Mapping[str, str]
    self_help: bool
    verified: bool
    source: str
    checked: date
    grade: str
    file: str


Catalogue = Mapping[str, Pointer]


def load_catalogue(folder: Path) -> Catalogue:
    """Read every entry of every file in `folder`.

    Raises:
        StartError: names the file, the entry and the field that is wrong.
    """
    pointers: dict[str, Pointer] = {}
    for path in sorted(folder.glob("*.yml")):
        for name, written in read_mapping(path).items():
            if name in pointers:
                raise StartError(f"{path}: {name}: is in {pointers[name].file} already")
            pointers[name] = _pointer(path, name, written)
    if not pointers:
        raise StartError(f"{folder}: no catalogue entry there")
    return MappingProxyType(pointers)


def read_mapping(path: Path) -> dict[str, object]:
    """Read a YAML file that is one mapping with names for keys. Raises StartError with the file and line."""
    try:
        content = _Loader(path.read_text(encoding="utf-8")).get_single_data()
    except (OSError, UnicodeDecodeError) as error:
        raise StartError(f"{path}: can't be read ({type(error).__name__})") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark else ""
        raise StartError(f"{path}: {where}{getattr(error, 'problem', None) or 'is not YAML'}") from error
    except ValueError as error:  # a date that no calendar has
        raise StartError(f"{path}: {error}") from error
    if not isinstance(content, dict) or not all(isinstance(key, str) for key in content):
        raise StartError(f"{path}: is not a mapping of names")
    return content


class _Loader(yaml.SafeLoader):
    """Refuses a name that a mapping has twice. YAML would keep the later one and say nothing."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"{key.value!r} is there twice", key.start_mark)
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)


def _pointer(path: Path, name: str, content: object) -> Pointer:
    try:
        written = msgspec.convert(content, Written)
        hours = None if written.hours is None else parse_hours(written.hours)
    except ValueError as error:  # msgspec.ValidationError is one; its text ends in "- at `$.field`"
        raise StartError(f"{path}: {name}: {error}") from error
    if not (written.tel or written.url):
        raise StartError(f"{path}: {name}: has neither tel nor url")
    return Pointer(
        id=name,
        name=written.name,
        about=written.about,
        tel=written.tel,
        url=written.url,
        note=written.note,
        hours=hours,
        facts=MappingProxyType(written.facts),
        self_help=written.self_help,
        verified=written.verified,
        source=written.source,
        checked=written.checked,
        grade=written.grade,
        file=path.name,
    )


def concerns(pointer: Pointer, today: date) -> list[str]:
    """What a person should look at before relying on this entry: old, weakly sourced, or never verified."""
    found = []
    age = (today - pointer.checked).days
    if age > STALE_AFTER_DAYS:
        found.append(f"checked {age} days ago")
    if age < 0:
        found.append("checked in the future")
    if pointer.grade != "A":
        found.append(f"grade {pointer.grade}")
    if not pointer.verified:
        found.append("not verified")
    return found
