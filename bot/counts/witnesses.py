"""Other tables that agree with what a report shows: whoever has only the report can't tell them from the true one.

A table is a vector of whole numbers. What is hidden may change within the bounds that the words in its place give away; what is
shown stays as it is. The tables are found with SciPy's optimiser (HiGHS), and checked to the unit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.int64]
Bounds = tuple[NDArray[np.float64], NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Need:
    """A count, by its place, that must be able to be `value` or more (`up`), or `value` or less.

    `otherwise`: the value that is enough where that one can't be had.
    """

    place: int
    value: int
    up: bool
    otherwise: int | None = None

    def met(self, table: Vector) -> bool:
        """Whether it is, in this table."""
        return bool(table[self.place] >= self.value if self.up else table[self.place] <= self.value)


class Relations:
    """What every table of these counts obeys: each total is the sum of its parts, and the first of a pair is not larger."""

    def __init__(self, size: int, sums: Sequence[tuple[int, Sequence[int]]], at_most: Sequence[tuple[int, int]]) -> None:
        from scipy.sparse import csr_array

        self._totals: dict[int, list[int]] = defaultdict(list)
        lines: list[list[tuple[int, int]]] = []
        for total, parts in sums:
            lines.append([(total, 1), *((part, -1) for part in parts)])
            for part in parts:
                self._totals[part].append(total)
        lines += [[(less, 1), (more, -1)] for less, more in at_most]
        entries = np.array([(row, *one) for row, line in enumerate(lines) for one in line], dtype=np.int32).reshape(-1, 3)
        row, place, sign = entries.T
        self._matrix = csr_array((sign.astype(float), (row, place)), shape=(len(lines), size))
        self._least = np.array([0.0] * len(sums) + [-np.inf] * len(at_most))

    def hold(self, table: Vector) -> bool:
        """Whether the table obeys them all."""
        found = self._matrix @ table
        return bool(np.all(found <= 0) and np.all(found >= self._least))

    def shifted(self, table: Vector, need: Need, bounds: Bounds) -> Vector | None:
        """The table with one count and every total above it changed alike, where that is allowed: quicker than solving."""
        above, waiting = {need.place}, [need.place]
        while waiting:
            new = set(self._totals[waiting.pop()]) - above
            above |= new
            waiting += new
        found = table.copy()
        found[sorted(above)] += need.value - table[need.place]
        allowed = np.all(found >= bounds[0]) and np.all(found <= bounds[1])
        return found if allowed and self.hold(found) else None

    def together(self, needs: Sequence[Need], bounds: Bounds) -> Vector | None:
        """A table within the bounds in which as much as possible of these needs, all in one direction, is met at once."""
        low, high = bounds[0].copy(), bounds[1].copy()
        direction = np.zeros(len(low))
        for need in needs:
            direction[need.place] = -1 if need.up else 1
            if need.up:
                high[need.place] = min(high[need.place], need.value)
            else:
                low[need.place] = max(low[need.place], need.value)
        return self._solve(direction, (low, high))

    def nearest(self, table: Vector, need: Need, bounds: Bounds, costs: NDArray[np.float64]) -> Vector | None:
        """The table that meets the need and is cheapest to come by; None if there is none.

        `costs`: for each count, what it costs to change it by one; 0 for one that is hidden already.
        """
        low, high = bounds[0].copy(), bounds[1].copy()
        if need.up:
            low[need.place] = max(low[need.place], need.value)
        else:
            high[need.place] = min(high[need.place], need.value)
        return self._solve(np.zeros(len(low)), (low, high), (table, costs))

    def _solve(
        self, direction: NDArray[np.float64], bounds: Bounds, near: tuple[Vector, NDArray[np.float64]] | None = None
    ) -> Vector | None:
        from scipy.optimize import Bounds as Within
        from scipy.optimize import LinearConstraint, milp
        from scipy.sparse import block_array, eye_array

        size, (low, high) = len(direction), bounds
        matrix, least, most = self._matrix, self._least, np.zeros(len(self._least))
        if near is not None:  # a second vector, at least as large as the difference either way
            table, costs = near
            same = eye_array(size)
            matrix = block_array([[matrix, None], [same, -same], [same, same]])
            free = np.full(size, np.inf)
            least, most = np.concatenate([least, -free, table]), np.concatenate([most, table, free])
            direction, low, high = np.concatenate([direction, costs]), np.append(low, np.zeros(size)), np.append(high, free)
        for whole in (False, True):  # such tables have whole corners, nearly always; and that is quicker, and surer
            found = milp(
                direction,
                constraints=LinearConstraint(matrix, least, most),
                bounds=Within(low, high),
                integrality=np.arange(len(direction)) < (size if whole else 0),
            )
            if found.x is None:
                return None
            solved: NDArray[np.int64] = np.rint(found.x[:size]).astype(np.int64)
            # What it returns is believed when it is right to the unit.
            if self.hold(solved) and np.all(solved >= bounds[0]) and np.all(solved <= bounds[1]):
                return solved
        return None
