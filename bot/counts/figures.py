"""Figures that others have published: so many people, in this area, from this day to that. They are public already.

Those of `data/figures` come with Signpost; others are imported into the database, all of a file or nothing.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

from sqlalchemy import BigInteger, CheckConstraint, Connection, String, insert, select, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.counts.asked import read_day
from bot.counts.models import LONGEST_NAME, NONE, Base, Day
from bot.errors import StartError

COLUMNS: Final = ("area", "from", "to", "count", "kind", "source")
_CODE: Final = re.compile(rf"[a-z][a-z0-9_]{{0,{LONGEST_NAME - 1}}}")
#: Begins as no formula does, and has no control character: a spreadsheet that opens our CSV takes it for words.
_SOURCE: Final = re.compile(r"[^\W_][^\x00-\x1f\x7f]{2,299}")
_COUNT: Final = re.compile(r"\d{1,9}")
#: How many mistakes of a file are told at once.
_TOLD: Final = 5


class PublishedFigure(Base):
    """A figure that was imported. No column is about a visitor: decision record 0011."""

    __tablename__ = "figures"
    __table_args__ = (CheckConstraint("number >= 0", name="figure_is_a_count"),)

    area: Mapped[str] = mapped_column(String(LONGEST_NAME), primary_key=True)
    kind: Mapped[str] = mapped_column(String(LONGEST_NAME), primary_key=True)
    first_day: Mapped[date] = mapped_column(Day, primary_key=True)
    last_day: Mapped[date] = mapped_column(Day)
    number: Mapped[int] = mapped_column(BigInteger)
    source: Mapped[str] = mapped_column(String(300))
    grade: Mapped[str] = mapped_column(String(1))


@dataclass(frozen=True, slots=True)
class Figure:
    """So many of a kind, in an area, from the first day to the last."""

    area: str
    kind: str
    first_day: date
    last_day: date
    number: int
    source: str
    grade: str = field(default="", compare=False)

    def __str__(self) -> str:
        return f"{self.area}, {self.kind}, {self.first_day} to {self.last_day}"

    def overlaps(self, other: Figure) -> bool:
        """Whether both are of the same area and kind, and of days that both have."""
        same = (self.area, self.kind) == (other.area, other.kind)
        return same and self.first_day <= other.last_day and other.first_day <= self.last_day


#: A figure and where it was written.
Placed = tuple[Figure, str]


def shipped(folder: Path) -> list[Placed]:
    """The figures of every CSV file in the folder, with file and line.

    Raises:
        StartError: a line is wrong, or two figures overlap, with file, line and reason.
    """
    found: list[Placed] = []
    for path in sorted(folder.glob("*.csv")):
        new, again = _checked(path, _read(path), found)
        if again:
            raise StartError(f"{path}: {again[0][0]} is in another file of the folder")
        found += new
    return found


def imported(connection: Connection) -> list[Placed]:
    """The figures of the database."""
    rows = connection.execute(select(PublishedFigure.__table__).order_by("area", "kind", "first_day"))
    return [(Figure(**row), "the database") for row in rows.mappings()]


def import_figures(connection: Connection, path: Path, already: Sequence[Placed], today: date) -> tuple[list[Figure], int]:
    """Add the figures of a CSV file to the database, within the connection's transaction.

    `already`: figures that the database doesn't hold, with their places. Returns the new figures, and how many of the file's
    were there before.

    Raises:
        StartError: a line is wrong, or overlaps another; then nothing is added.
    """
    if connection.dialect.name == "postgresql":  # SQLite has one writer at a time anyway
        connection.execute(text("LOCK TABLE figures IN SHARE ROW EXCLUSIVE MODE"))
    new, again = _checked(path, _read(path, today), [*already, *imported(connection)])
    rows = [{name: getattr(figure, name) for name in Figure.__slots__} for figure, _ in new]
    if rows:
        connection.execute(insert(PublishedFigure), rows)
    return [figure for figure, _ in new], len(again)


def _checked(
    path: Path, lines: Iterable[tuple[Figure | str, int]], there: Sequence[Placed]
) -> tuple[list[Placed], list[Placed]]:
    """The new figures of a file, and those that are there already, when each line is right. Raises StartError otherwise."""
    new: list[Placed] = []
    again: list[Placed] = []
    wrong: list[str] = []
    known = {figure for figure, _ in there}
    for figure, line in lines:
        placed = f"{path.name} line {line}"
        if isinstance(figure, str):
            wrong.append(f"line {line}: {figure}")
        elif reason := _in_the_way(figure, [*again, *new]) or ("" if figure in known else _in_the_way(figure, there)):
            wrong.append(f"line {line}: {reason}")
        else:
            (again if figure in known else new).append((figure, placed))
    if wrong:
        more = f"; and {len(wrong) - _TOLD} more" if len(wrong) > _TOLD else ""
        raise StartError(f"{path}: {'; '.join(wrong[:_TOLD])}{more}")
    return new, again


def _in_the_way(figure: Figure, others: Iterable[Placed]) -> str | None:
    for other, place in others:
        if figure == other:
            return f"{figure} is in {place} already"
        if figure.overlaps(other):
            return f"{figure} overlaps {other.first_day} to {other.last_day} ({other.number}) in {place}"
    return None


def _read(path: Path, today: date = date.max) -> Iterator[tuple[Figure | str, int]]:
    """Each line's figure, or what is wrong with it, and its number."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = csv.DictReader(file, strict=True)
            header = tuple(lines.fieldnames or ())
            if header not in (COLUMNS, (*COLUMNS, "grade")):
                raise StartError(f"{path}: line 1: the columns are {','.join(COLUMNS)}, and grade if you like")
            for line in lines:
                try:
                    yield _figure(line, today), lines.line_num
                except ValueError as error:
                    yield str(error), lines.line_num
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise StartError(f"{path}: can't be read as a CSV file in UTF-8 ({reason})") from error


def _figure(line: dict[str | None, str | list[str] | None], today: date) -> Figure:
    """Raises ValueError with what is wrong."""
    if None in line or None in line.values():
        raise ValueError("has too many or too few fields")
    fields = {str(name): str(value).strip() for name, value in line.items()}
    for name in ("area", "kind"):
        if not _CODE.fullmatch(fields[name]) or fields[name] == NONE:
            raise ValueError(f"{name} {fields[name]!r}: up to {LONGEST_NAME} small letters, digits and _, first a letter")
    first, last = read_day(fields["from"]), read_day(fields["to"], last=True)
    if last < first:
        raise ValueError(f"ends ({last}) before it begins ({first})")
    if last >= today:
        raise ValueError(f"ends on {last}, which is not over: nobody can have counted it")
    if not _COUNT.fullmatch(fields["count"]):
        raise ValueError(f"count {fields['count']!r}: a whole number of at most nine digits, without commas")
    if not _SOURCE.fullmatch(fields["source"]):
        raise ValueError("source: say where it was read, in 3 to 300 characters, first a letter or digit")
    grade = fields.get("grade", "")
    if grade not in ("", "A", "B", "C"):
        raise ValueError(f"grade {grade!r}: A, B or C, or nothing")
    return Figure(fields["area"], fields["kind"], first, last, int(fields["count"]), fields["source"], grade)
