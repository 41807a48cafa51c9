"""The tables. One of counts; the names that its columns refer to; and what keeps a batch from being counted twice.

No column holds an id of anything a person did, a time finer than a week, or a text. Names are written down when Signpost
starts, sorted, from what it knows then, so not even their numbers say what happened first. Decision record 0008 names every
column; a test fails when there is one that it doesn't name.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final, Literal, get_args

from sqlalchemy import BigInteger, CheckConstraint, Date, Dialect, ForeignKey, Integer, String, TypeDecorator, select
from sqlalchemy.orm import DeclarativeBase, Mapped, aliased, mapped_column
from sqlalchemy.types import TypeEngine

#: The newest migration. A test compares the two.
SCHEMA: Final = "0002"

#: What is counted. `lost` is how many of the others could not be kept.
What = Literal[
    "page_opened",
    "conversation_started",
    "conversation_pointed",
    "pointer_shown",
    "pointer_opened",
    "crisis_shown",
    "lost",
]
Audience = Literal["self", "someone_else", "young_person", "professional", "unknown"]
WHATS: Final[tuple[What, ...]] = get_args(What)
AUDIENCES: Final[tuple[Audience, ...]] = get_args(Audience)
#: These carry a pointer's id in `item`; the others carry nothing there.
WITH_ITEM: Final[tuple[What, ...]] = ("pointer_shown", "pointer_opened")
#: Stands for no campaign, no area, and a language that is not known.
NONE: Final = "none"
NO_ITEM: Final = ""
LONGEST_NAME: Final = 40


_FIRST: Final = date(1970, 1, 1)


class Day(TypeDecorator[date]):
    """A date. SQLite has none and would write ten letters in every row: there it is the number of days since 1970."""

    impl = Date
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """A whole number on SQLite, a date elsewhere."""
        return dialect.type_descriptor(Integer() if dialect.name == "sqlite" else Date())

    def process_bind_param(self, value: date | None, dialect: Dialect) -> Any:
        """To the database."""
        return (value - _FIRST).days if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> date | None:
        """From the database."""
        return _FIRST + timedelta(days=value) if isinstance(value, int) else value


class Base(DeclarativeBase):
    """What the migrations are compared with."""


class Name(Base):
    """A name that Signpost knew before anybody came: of a campaign, an area, a language, a pointer."""

    __tablename__ = "names"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME), unique=True)


def _named() -> Mapped[int]:
    return mapped_column(Integer, ForeignKey("names.id"), primary_key=True)


class Count(Base):
    """How often something happened in a period. All but `first_day` and `number` refer to a name."""

    __tablename__ = "counts"
    __table_args__ = (
        CheckConstraint("number > 0", name="number_is_positive"),
        # Kept in the order of the key, not in that of the writing.
        {"sqlite_with_rowid": False},
    )

    grain: Mapped[int] = _named()
    first_day: Mapped[date] = mapped_column(Day, primary_key=True)
    campaign: Mapped[int] = _named()
    area: Mapped[int] = _named()
    language: Mapped[int] = _named()
    audience: Mapped[int] = _named()
    what: Mapped[int] = _named()
    item: Mapped[int] = _named()
    number: Mapped[int] = mapped_column(BigInteger)


class Writer(Base):
    """The last batch of each process that counts. Both numbers are random: they say neither how many nor in which order."""

    __tablename__ = "writers"

    writer: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    last_batch: Mapped[int] = mapped_column(BigInteger)
    week: Mapped[date] = mapped_column(Day)


KEY: Final = tuple(column.key for column in Count.__table__.primary_key)
NAMED: Final = tuple(name for name in KEY if name != "first_day")

_aliases = {column: aliased(Name, name=column) for column in NAMED}
_joined = select(
    *(_aliases[column].name.label(column) for column in NAMED), Count.first_day.label("first_day"), Count.number.label("number")
).select_from(Count)
for _column, _alias in _aliases.items():
    _joined = _joined.join(_alias, getattr(Count, _column) == _alias.id)

#: The counts with their names, to read from: `select(by_name.c.campaign, func.sum(by_name.c.number))`.
by_name: Final = _joined.subquery("by_name")
