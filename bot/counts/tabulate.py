"""Put the counts of two periods into one table, with all the sums that tie them together: what `disclosure` protects.

The table has every area, whichever a report is on, so that reports on different areas show the same and can't be subtracted.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from bot.counts.asked import Period, Piece
from bot.counts.campaigns import Campaigns
from bot.counts.disclosure import SMALL, Table
from bot.counts.models import AUDIENCES, NONE, WITH_ITEM
from bot.counts.periods import label
from bot.counts.tally import Named, Tally
from bot.errors import StartError

#: The steps of the way from the page to a pointer, and the bot's own crisis answers beside it.
STEPS: Final = ("page_opened", "conversation_started", "conversation_pointed", "pointer_opened", "crisis_shown")
LOST: Final = "lost"
#: Everything together; no area may have this name.
ALL: Final = "all"
#: Pointers that were counted and are no longer known.
GONE: Final = "no_longer_listed"
#: One conversation can do these again and again.
_REPEATED: Final = frozenset({"pointer_shown", "pointer_opened", "crisis_shown"})
#: How much is lost when a count is not shown. Everything together and each area are what a report is for.
_COSTS: Final = {ALL: 30.0, "area": 10.0, "region": 5.0, NONE: 2.0}
_CAMPAIGN: Final = 3.0
#: An audience, a week or a pointer, against what it is a part of.
_DETAIL: Final = 0.1


class Key(NamedTuple):
    """Which count: of which period and what, in which row; of one campaign, audience, pointer or piece where that is named."""

    period: Period
    what: str
    row: str = ALL
    campaign: str = ""
    audience: str = ""
    item: str = ""
    piece: str = ""


@dataclass(frozen=True)
class Rows:
    """The rows of a report: areas by region, areas without one, what came without a campaign, and everything together."""

    regions: Mapping[str, Sequence[str]]
    alone: Sequence[str]

    @classmethod
    def of(cls, campaigns: Campaigns) -> Rows:
        """From the campaigns, whatever is counted: that a row is there must not say that there is something in it.

        Raises:
            StartError: a name is both an area and a region, or that of everything, so that one can't be told from the other.
        """
        region_of = {campaign.area: campaign.region or "" for campaign in campaigns.values()}
        regions: dict[str, list[str]] = defaultdict(list)
        for area in sorted(region_of):
            regions[region_of[area]].append(area)
        alone = regions.pop("", [])
        if taken := sorted({*regions, ALL} & region_of.keys() | {ALL} & regions.keys()):
            raise StartError(f"data/campaigns: {taken[0]} is an area and more than that: give one of them another name")
        return cls(dict(sorted(regions.items())), alone)

    @property
    def areas(self) -> list[str]:
        """Those with counts of their own; the others are sums of them."""
        return [*(area for areas in self.regions.values() for area in areas), *self.alone, NONE]

    @property
    def sums(self) -> list[tuple[str, list[str]]]:
        """A row and the rows that add up to it."""
        regions = [(region, list(areas)) for region, areas in self.regions.items()]
        return [*regions, (ALL, [*self.regions, *self.alone, NONE])]

    @property
    def names(self) -> list[str]:
        """All of them, a region before its areas and everything together at the end."""
        by_region = [row for region, areas in self.regions.items() for row in (region, *areas)]
        return [*by_region, *self.alone, NONE, ALL]


class Tabled:
    """The table, with its rows, the campaigns of areas that have several, and the pointers.

    What is counted of an area that no campaign names any more is in the row of what came without one, and what is counted of a
    pointer that has left the catalogue in `GONE`.
    """

    def __init__(self, found: Tally, campaigns: Campaigns, pointers: Iterable[str], after: Period, before: Period) -> None:
        self.table: Table[Key] = Table()
        self.rows = Rows.of(campaigns)
        self.campaigns = _several(campaigns)
        self.items = sorted(pointers)
        areas = self.rows.areas
        found = Tally(
            found.kept,
            _renamed(found.places, 1, areas, NONE),
            _renamed(found.audiences, 1, areas, NONE),
            _renamed(found.items, 2, self.items, GONE),
        )
        if any(item == GONE for _, _, item in found.items):
            self.items.append(GONE)
        self.pieces = {period: found.kept.pieces(period) for period in (before, after)}
        for period, pieces in self.pieces.items():
            self._places(period, _sums(pieces, found.places))
            self._weeks(period, found)
        self._audiences(after, _sums(self.pieces[after], found.audiences))
        self._pointers(after, _sums(self.pieces[after], found.items))
        self._find_few()

    def _places(self, period: Period, counts: Counter[Named]) -> None:
        by_area: Counter[Named] = Counter()
        for (area, _, what), number in counts.items():
            by_area[area, what] += number
        for what in STEPS:
            key = Key(period, what)
            self._put_rows(key, {area: by_area[area, what] for area in self.rows.areas}, 1.0)
            for area, codes in self.campaigns.items():
                campaigns = {key._replace(row=area, campaign=code): counts[area, code, what] for code in codes}
                if rest := by_area[area, what] - sum(campaigns.values()):  # of one that is no longer named
                    campaigns[key._replace(row=area, campaign=GONE)] = rest
                self._put_parts(key._replace(row=area), campaigns, _CAMPAIGN)
        for key in [key for key in self.table.counts if key.period == period and key.what == "conversation_pointed"]:
            self.table.at_most.append((key, key._replace(what="conversation_started")))
        self.table.counts[Key(period, LOST)] = by_area[NONE, LOST]

    def _weeks(self, period: Period, found: Tally) -> None:
        """Conversations by piece of the period, unless the period is kept in one piece or there are too few to draw."""
        pieces, started = self.pieces[period], Key(period, "conversation_started")
        if len(pieces) < 2 or self.table.counts[started] < SMALL:
            return
        counts: Counter[Named] = Counter()
        for (piece, area, _, what), number in found.places.items():
            if what == started.what:
                counts[piece, area] += number
        keys = {piece: started._replace(piece=label(*piece)) for piece in pieces}
        for piece, key in keys.items():
            self._put_rows(key, {area: counts[piece, area] for area in self.rows.areas})
        for row in self.rows.names:
            self.table.sums.append((started._replace(row=row), [key._replace(row=row) for key in keys.values()]))

    def _audiences(self, period: Period, counts: Counter[Named]) -> None:
        """Conversations given a pointer, by whom they were about."""
        pointed = Key(period, "conversation_pointed")
        keys = [pointed._replace(audience=audience) for audience in AUDIENCES]
        for key in keys:
            self._put_rows(key, {area: counts[area, key.audience] for area in self.rows.areas})
        for row in self.rows.names:
            self.table.sums.append((pointed._replace(row=row), [key._replace(row=row) for key in keys]))

    def _pointers(self, period: Period, counts: Counter[Named]) -> None:
        """Pointers shown and opened, by pointer, everywhere."""
        for what in WITH_ITEM:
            total = Key(period, what)
            self.table.counts.setdefault(total, sum(counts[what, item] for item in self.items))
            self._put_parts(total, {total._replace(item=item): counts[what, item] for item in self.items}, _DETAIL)

    def _put_rows(self, key: Key, counts: Mapping[str, int], worth: float = _DETAIL) -> None:
        """A count for each area, and those of the rows that are sums of areas."""
        for area, count in counts.items():
            self.table.counts[key._replace(row=area)] = count
        for row, parts in self.rows.sums:
            keys = [key._replace(row=part) for part in parts]
            self.table.counts[key._replace(row=row)] = sum(self.table.counts[part] for part in keys)
            self.table.sums.append((key._replace(row=row), keys))
        for row in self.rows.names:
            kind = "region" if row in self.rows.regions else "area"
            self.table.costs[key._replace(row=row)] = worth * _COSTS.get(row, _COSTS[kind])

    def _put_parts(self, total: Key, parts: Mapping[Key, int], cost: float) -> None:
        self.table.counts |= parts
        self.table.costs |= dict.fromkeys(parts, cost)
        if parts:
            self.table.sums.append((total, list(parts)))

    def _find_few(self) -> None:
        """What fewer than five conversations did, however often, is as telling as a small count."""
        for key in self.table.counts:
            if key.what in _REPEATED:
                conversations = key._replace(what="conversation_started", item="")
                if self.table.counts[conversations] < SMALL:
                    self.table.few.add(key)


def _sums(pieces: Sequence[Piece], counts: Mapping[Named, int]) -> Counter[Named]:
    """The same counts over all these pieces together."""
    found: Counter[Named] = Counter()
    for (piece, *rest), number in counts.items():
        if piece in pieces:
            found[tuple(rest)] += number
    return found


def _renamed(counts: Mapping[Named, int], place: int, known: Collection[str], other: str) -> Counter[Named]:
    """The same counts, with one name for whatever is not known."""
    found: Counter[Named] = Counter()
    for names, number in counts.items():
        name = names[place] if names[place] in known else other
        found[(*names[:place], name, *names[place + 1 :])] += number
    return found


def _several(campaigns: Campaigns) -> dict[str, list[str]]:
    """The campaigns of each area that has more than one: the counts of a single one are the area's."""
    codes: dict[str, list[str]] = defaultdict(list)
    for campaign in campaigns.values():
        codes[campaign.area].append(campaign.code)
    return {area: sorted(of) for area, of in sorted(codes.items()) if len(of) > 1}
