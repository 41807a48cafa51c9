"""Decide which counts of a report may be shown, so that no count under 5 can be worked out from those that are.

A `Table` has every count of a report, and of the other reports of the same periods, with the sums that everybody knows: an area
is a part of its region, a week a part of its period. `protect` gives for each count the number itself, "fewer than 5" or "not
shown". Whatever a report prints, draws or writes is made from that alone. Decision record 0011 says why.

That a small count can't be worked out is proved by witnesses: tables that agree with everything that is shown, one in which the
count is as large as "fewer than 5" allows, one in which it is as small. What has to differ in them is not shown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from bot.counts.witnesses import Bounds, Need, Relations, Vector

#: A count under this is not shown, and neither is a zero.
SMALL: Final = 5

Cell = TypeVar("Cell", bound=Hashable)


class Hidden(Enum):
    """What stands in the place of a count."""

    FEWER = "fewer than 5"
    NOT_SHOWN = "not shown"


Shown = int | Hidden


@dataclass
class Table(Generic[Cell]):
    """Counts and what ties them together.

    `sums`: a count and the parts that add up to it. `at_most`: pairs of which the first is not larger. `few`: counts of what
    fewer than five conversations did, however often. `earlier`: counts of the same that an earlier report shows, of a period
    that has this one in it (True) or lies in it. `costs`: how much is lost when a count is not shown, 1 if not given.
    """

    counts: dict[Cell, int] = field(default_factory=dict)
    sums: list[tuple[Cell, Sequence[Cell]]] = field(default_factory=list)
    at_most: list[tuple[Cell, Cell]] = field(default_factory=list)
    few: set[Cell] = field(default_factory=set)
    earlier: dict[Cell, list[tuple[int, bool]]] = field(default_factory=dict)
    costs: dict[Cell, float] = field(default_factory=dict)

    def pieces(self) -> Iterator[Table[Cell]]:
        """The table in pieces that have nothing to do with each other."""
        leader = {cell: cell for cell in self.counts}

        def led_by(cell: Cell) -> Cell:
            while leader[cell] != cell:
                leader[cell] = cell = leader[leader[cell]]
            return cell

        for first, *others in [*((total, *parts) for total, parts in self.sums), *self.at_most]:
            for other in others:
                leader[led_by(other)] = led_by(first)
        pieces: dict[Cell, Table[Cell]] = defaultdict(lambda: Table(few=self.few, earlier=self.earlier, costs=self.costs))
        for cell, count in self.counts.items():
            pieces[led_by(cell)].counts[cell] = count
        for total, parts in self.sums:
            pieces[led_by(total)].sums.append((total, parts))
        for less, more in self.at_most:
            pieces[led_by(less)].at_most.append((less, more))
        yield from pieces.values()


def protect(table: Table[Cell]) -> dict[Cell, Shown]:
    """What may be shown of each count of the table."""
    shown: dict[Cell, Shown] = {}
    for piece in table.pieces():
        shown |= zip(piece.counts, _Protection(piece).result(), strict=True)
    return shown


class _Protection(Generic[Cell]):
    """The work on one piece: `_hidden` grows until there is a witness for every need."""

    def __init__(self, table: Table[Cell]) -> None:
        cells = list(table.counts)
        place = {cell: number for number, cell in enumerate(cells)}
        self._truth: Vector = np.array([table.counts[cell] for cell in cells], dtype=np.int64)
        self._relations = Relations(
            len(cells),
            [(place[total], [place[part] for part in parts]) for total, parts in table.sums],
            # Where it isn't so (a conversation began in one period and found its pointer in the next), nobody can rely on it.
            [(place[less], place[more]) for less, more in table.at_most if table.counts[less] <= table.counts[more]],
        )
        costs = np.array([table.costs.get(cell, 1.0) for cell in cells])
        self._costs = costs * (1 + np.log10(np.maximum(self._truth, 1)) / 10)  # of two alike, the smaller one
        self._small = self._truth < SMALL
        self._few = ~self._small & np.array([cell in table.few for cell in cells], dtype=bool)
        needs = [*self._needs_of_small(), *self._needs_of_few()]
        for place in np.flatnonzero(~self._small).tolist():
            needs += _needs_beside(place, int(self._truth[place]), table.earlier.get(cells[place], ()))
        self._hidden = np.zeros(len(cells), dtype=bool)
        self._hidden[[need.place for need in needs]] = True
        self._primary = self._hidden.copy()
        self._needs = [need for need in needs if not need.met(self._truth)]
        self._unmet = list(self._needs)
        self._named = self._small.copy()
        self._relaxed: set[int] = set()
        self._witnesses: list[Vector] = []

    def result(self) -> list[Shown]:
        """What may be shown of each count, in the order of the table."""
        self._shift()
        for up in (True, False):
            while self._together(up):
                pass
        while self._unmet:
            if not self._change(self._unmet[0]):
                place = self._unmet[0].place
                if not self._named[place]:
                    return [Hidden.NOT_SHOWN] * len(self._truth)
                self._named[place] = False  # the words alone give too much away: it is "not shown", which then means anything
        self._show_what_need_not_be_hidden()
        return [
            (Hidden.FEWER if named else Hidden.NOT_SHOWN) if hidden else int(count)
            for named, hidden, count in zip(self._named, self._hidden, self._truth, strict=True)
        ]

    def _needs_of_small(self) -> Iterator[Need]:
        for place in np.flatnonzero(self._small).tolist():
            # Of two small parts of a larger total neither can be 0. Then four values are left, as many as where zeros show.
            yield Need(place, SMALL - 1, up=True, otherwise=SMALL - 2)
            yield Need(place, 0, up=False, otherwise=1)

    def _needs_of_few(self) -> Iterator[Need]:
        for place in np.flatnonzero(self._few).tolist():
            count = int(self._truth[place])
            yield Need(place, 2 * count, up=True)
            yield Need(place, max(SMALL, count // 2), up=False)

    def _bounds(self, hidden: NDArray[np.bool_]) -> Bounds:
        """What is known of each count by what stands in its place, when these are hidden."""
        words_hold = np.array_equal(self._small, self._named)
        low = np.where(self._small, 0, np.where(hidden, SMALL if words_hold else 0, self._truth))
        high = np.where(self._named, SMALL - 1, np.where(hidden, np.inf, self._truth))
        return low.astype(float), high

    def _shift(self) -> None:
        """Meet the needs that are met by changing a count and all totals above it."""
        bounds = self._bounds(self._hidden)
        for need in self._needs:
            self._add(self._relations.shifted(self._truth, need, bounds), [need])

    def _together(self, up: bool) -> bool:
        """Meet as many needs as possible with one more witness and nothing more hidden. Returns whether that was any."""
        needs = [need for need in self._unmet if need.up is up]
        return bool(needs) and self._add(self._relations.together(needs, self._bounds(self._hidden)), needs)

    def _change(self, need: Need) -> bool:
        """Meet a need, hiding what must be hidden for it. Returns whether that could be done."""
        bounds, costs = self._bounds(np.ones_like(self._hidden)), np.where(self._hidden, 0, self._costs)
        witness = self._relations.nearest(self._truth, need, bounds, costs)
        if witness is None and need.otherwise is not None and need.place not in self._relaxed:
            self._relaxed.add(need.place)
            nearly = Need(need.place, need.otherwise, need.up)
            witness = self._relations.nearest(self._truth, nearly, bounds, costs)
            self._needs[self._needs.index(need)] = self._unmet[self._unmet.index(need)] = nearly
        if witness is None:
            return False
        self._hidden |= witness != self._truth
        return self._add(witness, self._unmet)

    def _add(self, witness: Vector | None, needs: Sequence[Need]) -> bool:
        """Keep a witness that meets any of these needs."""
        met = {need for need in needs if witness is not None and need.met(witness)}
        if witness is None or not met:
            return False
        self._witnesses.append(witness)
        self._unmet = [need for need in self._unmet if need not in met]
        return True

    def _show_what_need_not_be_hidden(self) -> None:
        """What was hidden for a need that another witness meets as well can be shown again, the dearest first."""
        witnesses = np.array(self._witnesses).reshape(-1, len(self._truth))
        places = [need.place for need in self._needs]
        values, ups = np.array([need.value for need in self._needs]), np.array([need.up for need in self._needs])
        meets = np.where(ups, witnesses[:, places] >= values, witnesses[:, places] <= values)
        usable = np.ones(len(witnesses), dtype=bool)
        secondary = np.flatnonzero(self._hidden & ~self._primary)
        for place in secondary[np.argsort(-self._costs[secondary])].tolist():
            without = usable & (witnesses[:, place] == self._truth[place])
            if np.all(meets[without].any(axis=0)):
                usable = without
                self._hidden[place] = False


def _needs_beside(place: int, count: int, earlier: Sequence[tuple[int, bool]]) -> Iterator[Need]:
    """Where an earlier report leaves fewer than five between its count and this one, that many must be able to be 0 to 4."""
    for other, longer in earlier:
        if longer and other - SMALL < count <= other:
            yield Need(place, other, up=True, otherwise=other - 1)
            yield Need(place, max(SMALL, other - SMALL + 1), up=False)
        elif not longer and other <= count < other + SMALL:
            yield Need(place, other + SMALL - 1, up=True)
            yield Need(place, other, up=False, otherwise=other + 1)
