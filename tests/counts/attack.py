"""An attack on a report: between which numbers must each hidden count lie, for somebody who knows everything that is shown?

It shares nothing with what it attacks but the table's sums, which everybody knows.
"""

from __future__ import annotations

from math import ceil, floor

import numpy as np
from scipy.optimize import linprog

from bot.counts.disclosure import SMALL, Cell, Hidden, Shown, Table

#: Nobody counts more than this.
_MOST = 10**7


def intervals(table: Table[Cell], shown: dict[Cell, Shown]) -> dict[Cell, tuple[int, int]]:
    """For each count that is not shown, the least and the most that it can be."""
    cells = list(table.counts)
    place = {cell: number for number, cell in enumerate(cells)}
    # "Not shown" is a larger count, but where a small one is called so too: there it tells nothing.
    told = {piece_cell: _told(piece.counts, shown) for piece in table.pieces() for piece_cell in piece.counts}
    bounds = [bounds_of(shown[cell], told[cell]) for cell in cells]
    sums, at_most = np.zeros((len(table.sums), len(cells))), np.zeros((len(table.at_most), len(cells)))
    for row, (total, parts) in enumerate(table.sums):
        sums[row, place[total]] = 1
        sums[row, [place[part] for part in parts]] -= 1
    for row, (less, more) in enumerate(table.at_most):
        at_most[row, place[less]], at_most[row, place[more]] = 1, -1
    found = {}
    for cell in cells:
        if isinstance(shown[cell], Hidden):
            ends = []
            for sign in (1, -1):
                wanted = np.zeros(len(cells))
                wanted[place[cell]] = sign
                solved = linprog(
                    wanted,
                    A_ub=at_most if len(at_most) else None,
                    b_ub=np.zeros(len(at_most)) if len(at_most) else None,
                    A_eq=sums if len(sums) else None,
                    b_eq=np.zeros(len(sums)) if len(sums) else None,
                    bounds=bounds,
                )
                assert solved.status == 0, "the truth itself is not possible any more"
                ends.append(sign * solved.fun)
            found[cell] = (ceil(ends[0] - 1e-6), floor(ends[1] + 1e-6))
    return found


def _told(counts: dict[Cell, int], shown: dict[Cell, Shown]) -> bool:
    return not any(count < SMALL and shown[cell] is Hidden.NOT_SHOWN for cell, count in counts.items())


def bounds_of(shown: Shown, told: bool = True) -> tuple[int, int]:
    """What is known of a count by what stands in its place. `told`: words mean what they say."""
    if isinstance(shown, int):
        return shown, shown
    return (0, SMALL - 1) if shown is Hidden.FEWER else (SMALL if told else 0, _MOST)
