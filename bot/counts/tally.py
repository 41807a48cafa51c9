"""Read the counts of some periods from the database. They are added up there; what comes back is a few thousand numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, func, select

from bot.counts.asked import Kept, Period
from bot.counts.models import WITH_ITEM, Count, Name
from bot.counts.periods import HALF_YEAR, MONTH

#: A half-year that is partly in a period begins at most so long before it.
_LONGEST = timedelta(days=184)


#: A piece of a period, and names.
Named = tuple[Any, ...]


@dataclass(frozen=True)
class Tally:
    """How often what happened, by piece of a period.

    `places`: piece, area, campaign, what. `audiences`: piece, area, audience, of the conversations that were given a pointer.
    `items`: piece, what, pointer.
    """

    kept: Kept = field(default_factory=Kept)
    places: Counter[Named] = field(default_factory=Counter)
    audiences: Counter[Named] = field(default_factory=Counter)
    items: Counter[Named] = field(default_factory=Counter)


def tally(connection: Connection, periods: Sequence[Period]) -> Tally:
    """Add up the counts of these periods. What belongs to a half-year that is only partly in a period is left out."""
    names: dict[int, str] = {row.id: row.name for row in connection.execute(select(Name.id, Name.name))}
    ids = {name: id for id, name in names.items()}
    newest = select(Count.grain, func.max(Count.first_day)).group_by(Count.grain)
    folded = {names[grain]: day for grain, day in connection.execute(newest)}
    found = Tally(Kept(folded.get(MONTH, date.min), folded.get(HALF_YEAR, date.min)))
    if not ids:
        return found
    wanted = {piece for period in periods for piece in found.kept.pieces(period)}
    first, last = min(period.first for period in periods), max(period.last for period in periods)
    within = Count.first_day.between(first - _LONGEST, last)
    pointed = Count.what == ids["conversation_pointed"]
    with_item = Count.what.in_([ids[what] for what in WITH_ITEM])
    for counter, columns, rows in (
        (found.places, (Count.area, Count.campaign, Count.what), within),
        (found.audiences, (Count.area, Count.audience), within & pointed),
        (found.items, (Count.what, Count.item), within & with_item),
    ):
        by = (Count.grain, Count.first_day, *columns)
        for grain, day, *place, number in connection.execute(select(*by, func.sum(Count.number)).where(rows).group_by(*by)):
            piece = found.kept.piece_of(names[grain], day)
            if piece in wanted:
                counter[piece, *(names[id] for id in place)] += int(number)
    return found
