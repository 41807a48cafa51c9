"""The pictures of the report, as PNG bytes. matplotlib is imported when one is drawn, and draws without a screen."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from bot.evaluation.measures import BINS, Bin, Point

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_BLUE: Final = "#174e54"
_ORANGE: Final = "#b3541e"
_GREY: Final = "#8a9698"
_DOTS_PER_INCH: Final = 110


def confusion_matrix(meant: Sequence[str], found: Sequence[str], routes: Sequence[str]) -> bytes:
    """How many lines of each route (rows) were taken for which (columns). Every name in `meant` and `found` is in `routes`."""
    place = {route: number for number, route in enumerate(routes)}
    counts = np.zeros((len(routes), len(routes)), dtype=int)
    for wanted, one in zip(meant, found, strict=True):
        counts[place[wanted], place[one]] += 1
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    size = 2.5 + 0.3 * len(routes)
    figure, axes = _drawing(size, size)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(routes)), routes, rotation=90, fontsize=8)
    axes.set_yticks(range(len(routes)), routes, fontsize=8)
    axes.xaxis.tick_top()
    axes.xaxis.set_label_position("top")
    axes.set_xlabel("route found")
    axes.set_ylabel("route meant")
    # Faint lines between the cells, so that the eye finds its way to the names.
    axes.set_xticks(np.arange(len(routes)) - 0.5, minor=True)
    axes.set_yticks(np.arange(len(routes)) - 0.5, minor=True)
    axes.grid(which="minor", color="#e3e8e8", linewidth=0.5)
    axes.tick_params(which="both", length=0)
    for row, column in np.argwhere(counts).tolist():
        dark = shares[row, column] > 0.6
        axes.text(column, row, str(counts[row, column]), ha="center", va="center", fontsize=7, color="w" if dark else "k")
    return _png(figure)


def threshold_curve(points: Sequence[Point], sure: float) -> bytes:
    """The share that is answered, and the share of those that is right, against the threshold; `sure` is the present one."""
    figure, axes = _drawing(7, 4.2)
    axes.plot([one.sure for one in points], [one.answered for one in points], color=_BLUE, label="answered without asking")
    known = [(one.sure, one.right) for one in points if one.right is not None]
    axes.plot(*zip(*known, strict=True), color=_ORANGE, linestyle="--", label="right, of those answered")
    axes.axvline(sure, color=_GREY, linewidth=1)
    axes.annotate(f"now {sure:g}", (sure, 0.02), xytext=(4, 0), textcoords="offset points", color="#4d5a5e", fontsize=9)
    axes.set(xlim=(0, 1), ylim=(0, 1.02), xlabel="how sure it must be to answer without asking", ylabel="share of messages")
    axes.grid(color="#e3e8e8", linewidth=0.5)
    axes.legend(loc="lower left", frameon=False)
    return _png(figure)


def reliability(bins: Sequence[Bin]) -> bytes:
    """How often answers are right, against how sure they were; the number above a bar says how many there are."""
    figure, axes = _drawing(7, 4.2)
    middles = [one.low + 0.5 / BINS for one in bins]
    axes.bar(middles, [one.right for one in bins], width=0.9 / BINS, color="#8fc7c4", label="share right")
    axes.plot([0, 1], [0, 1], color=_GREY, linestyle="--", linewidth=1, label="if it were as right as it is sure")
    axes.plot([one.confidence for one in bins], [one.right for one in bins], "o", color=_BLUE, label="mean of the bar")
    for middle, one in zip(middles, bins, strict=True):
        axes.annotate(str(one.count), (middle, one.right), xytext=(0, 7), textcoords="offset points", ha="center", fontsize=8)
    axes.set(xlim=(0, 1), ylim=(0, 1.12), xlabel="how sure it was", ylabel="share that was right")
    axes.set_yticks(np.linspace(0, 1, 6))
    axes.legend(loc="upper left", frameon=False)
    return _png(figure)


def _drawing(width: float, height: float) -> tuple[Figure, Any]:
    """An empty drawing in inches. A Figure of its own, not pyplot's, needs no screen and leaves no global state behind."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _png(figure: Figure) -> bytes:
    written = BytesIO()
    figure.savefig(written, format="png", dpi=_DOTS_PER_INCH)
    return written.getvalue()
