"""What a report on a campaign says: before, after, and the bot's own part. Every form of it is made from this alone."""

from __future__ import annotations

from datetime import date
from typing import Final, Literal

import msgspec

from bot.counts.asked import Period
from bot.counts.compare import Comparison
from bot.counts.disclosure import Hidden, Shown
from bot.counts.models import NONE, What
from bot.counts.tabulate import ALL

#: Lines that fit on a page with the pictures.
MOST_LINES: Final = 24
STARTED: Final = "conversation_started"
POINTED: Final = "conversation_pointed"
#: The steps of the way, and what is beside it, as people read them.
WORDS: Final[dict[What, str]] = {
    "page_opened": "Page opened",
    "conversation_started": "Began to talk",
    "conversation_pointed": "Given a pointer",
    "pointer_opened": "Pointers opened",
    "crisis_shown": "Crisis answers",
}
AUDIENCE_WORDS: Final = {
    "self": "themselves",
    "someone_else": "somebody they know",
    "young_person": "a child or young person",
    "professional": "their work",
    "unknown": "not said",
}


class FigureLine(msgspec.Struct, frozen=True):
    """Published figures of one area and kind. None where no figure is of exactly that period."""

    area: str
    kind: str
    before: int | None
    after: int | None
    comparison: Comparison
    sources: list[str]
    grade: str


class Line(msgspec.Struct, frozen=True):
    """One row of the bot's own counts, by step: an area, a region, what came without a campaign, or all together.

    `campaign` is empty but for one of several campaigns in the area. The comparison is that of the conversations.
    """

    area: str
    level: Literal["area", "region", "none", "all", "campaign"]
    campaign: str
    before: dict[str, Shown]
    after: dict[str, Shown]
    comparison: Comparison


class Audience(msgspec.Struct, frozen=True):
    """Conversations given a pointer in the period after, by whom they were about."""

    area: str
    counts: dict[str, Shown]


class Pointer(msgspec.Struct, frozen=True):
    """How often a pointer was shown and opened in the period after, everywhere."""

    id: str
    name: str
    shown: Shown
    opened: Shown


class Piece(msgspec.Struct, frozen=True):
    """Conversations of a week, or of a month or half-year where the weeks are no longer kept."""

    label: str
    period: Literal["before", "after"]
    first_day: date
    weeks: int
    conversations: Shown


class Report(msgspec.Struct, frozen=True):
    """Everything that any form of the report may say. `area` is None for all. `marks`: when campaigns began and ended."""

    made_on: date
    area: str | None
    before: Period
    after: Period
    figures: list[FigureLine]
    lines: list[Line]
    audiences: list[Audience]
    pointers: list[Pointer]
    pieces: list[Piece]
    marks: list[tuple[date, str]]
    lost: dict[str, Shown]
    notes: list[str]

    @property
    def counted(self) -> bool:
        """Whether there is any count of the bot's own to show."""
        counts = [count for line in self.lines for count in (*line.before.values(), *line.after.values())]
        return any(count is not Hidden.FEWER for count in counts)

    @property
    def on_one_page(self) -> list[Line]:
        """The lines, without the campaigns of areas where there are too many for a page."""
        if len(self.lines) <= MOST_LINES:
            return self.lines
        return [line for line in self.lines if line.level != "campaign"]


def named(area: str) -> str:
    """An area's code as people read it: North West."""
    special = {ALL: "All together", NONE: "No campaign"}
    return special.get(area) or area.replace("_", " ").title()


def kind_named(kind: str) -> str:
    """A kind of figure as people read it: People seeking help."""
    return kind.replace("_", " ").capitalize()


def signed(number: int | None) -> str:
    """A change with its sign, a proper minus, and commas in thousands."""
    return "" if number is None else f"{number:+,}".replace("-", "\N{MINUS SIGN}") if number else "0"


def written(count: Shown | None) -> str:
    """A count as people read it."""
    return "no figure" if count is None else count.value if isinstance(count, Hidden) else f"{count:,}"


def percent_of(comparison: Comparison) -> str:
    """The change in percent: +193 %."""
    return "" if comparison.percent is None else f"{signed(comparison.percent)} %"


def rates(comparison: Comparison) -> str:
    """The ratio of the counts in a day, with its interval: 2.97 (2.49\N{EN DASH}3.55)."""
    if comparison.ratio is None:
        return ""
    return f"{comparison.ratio:,.2f} ({comparison.low:,.2f}\N{EN DASH}{comparison.high:,.2f})"


def chance(comparison: Comparison) -> str:
    """Whether the difference is more than chance: yes, no, or nothing."""
    return {True: "yes", False: "no", None: ""}[comparison.more_than_chance]
