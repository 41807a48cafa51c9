"""An attack on a report: between which numbers must each hidden count lie, for somebody who knows everything that is shown?

It shares nothing with what it attacks but the table's sums, which everybody knows.
"""

from __future__ import annotations

from math import ceil, floor

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import lil_array

from bot.counts.disclosure import SMALL, Cell, Hidden, Shown, Table

#: Nobody counts more than this.
_MOST = 10**7


def intervals(table: Table[Cell], shown: dict[Cell, Shown]) -> dict[Cell, tuple[int, int]]:
    """For each count that is not shown, the least and the most that it can be. One that is in no report is not in `shown`."""
    cells = list(table.counts)
    place = {cell: number for number, cell in enumerate(cells)}
    # "Not shown" is a larger count, but where a small one is called so too: there it tells nothing.
    told = {piece_cell: _told(piece.counts, shown) for piece in table.pieces() for piece_cell in piece.counts}
    bounds = [bounds_of(shown.get(cell), told[cell]) for cell in cells]
    lines = [{place[total]: 1, **{place[part]: -1 for part in parts}} for total, parts in table.sums]
    lines += [{place[less]: 1, place[more]: -1} for less, more in table.at_most]
    matrix = lil_array((len(lines), len(cells)))
    for row, line in enumerate(lines):
        for column, sign in line.items():
            matrix[row, column] = sign
    sums, at_most = (
        half if half.shape[0] else None for half in (matrix.tocsr()[: len(table.sums)], matrix.tocsr()[len(table.sums) :])
    )
    found = {}
    for cell in cells:
        if not isinstance(shown.get(cell), int):
            ends = []
            for sign in (1, -1):
                wanted = np.zeros(len(cells))
                wanted[place[cell]] = sign
                nothing = [None if half is None else np.zeros(half.shape[0]) for half in (sums, at_most)]
                solved = linprog(wanted, A_eq=sums, b_eq=nothing[0], A_ub=at_most, b_ub=nothing[1], bounds=bounds)
                assert solved.status == 0, "the truth itself is not possible any more"
                ends.append(sign * solved.fun)
            found[cell] = (ceil(ends[0] - 1e-6), floor(ends[1] + 1e-6))
    return found


def _told(counts: dict[Cell, int], shown: dict[Cell, Shown]) -> bool:
    return not any(count < SMALL and shown.get(cell) is Hidden.NOT_SHOWN for cell, count in counts.items())


def bounds_of(shown: Shown | None, told: bool) -> tuple[int, int]:
    """What is known of a count by what stands in its place. `told`: words mean what they say."""
    if isinstance(shown, int):
        return shown, shown
    if shown is None:
        return 0, _MOST
    return (0, SMALL - 1) if shown is Hidden.FEWER else (SMALL if told else 0, _MOST)
