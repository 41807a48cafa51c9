"""The pictures of the report, as SVG to stand inside the page. matplotlib is imported when one is drawn.

They are drawn from what may be shown. In the place of a count that is hidden stand words, or a gap, never a height.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from io import StringIO
from math import nan
from typing import TYPE_CHECKING, Any, Final

from bot.counts.disclosure import SMALL, Hidden, Shown
from bot.counts.periods import ONE_WEEK
from bot.counts.report import Piece, written

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_BEFORE: Final = "#9fb4b6"
_AFTER: Final = "#174e54"
_MARK: Final = "#b3541e"
_INK: Final = "#1c2426"
_WIDTH: Final = 7.2
#: More names than this are drawn closer together.
_MANY: Final = 8
_STYLE: Final[Any] = {
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 8,
    "text.color": _INK,
    "axes.edgecolor": _BEFORE,
}


def before_and_after(counts: Mapping[str, tuple[Shown | None, Shown | None]], labels: tuple[str, str]) -> str:
    """Two bars for each name, one above the other; the number stands at the end of the bar."""
    from matplotlib import rc_context

    many = len(counts) > _MANY
    with rc_context({**_STYLE, "font.size": 6} if many else _STYLE):
        figure, axes = _drawing(0.4 + (0.145 if many else 0.23) * len(counts))
        for row, both in enumerate(counts.values()):
            for place, count, colour in ((row - 0.2, both[0], _BEFORE), (row + 0.2, both[1], _AFTER)):
                axes.barh(place, count if isinstance(count, int) else 0, height=0.36, color=colour)
                axes.annotate(
                    written(count),
                    (count if isinstance(count, int) else 0, place),
                    (3, 0),
                    textcoords="offset points",
                    va="center",
                )
        axes.set_yticks(range(len(counts)), counts)
        axes.invert_yaxis()
        axes.set_xticks([])
        axes.margins(x=0.12)
        axes.spines["bottom"].set_visible(False)
        axes.tick_params(length=0)
        bars = [container[0] for container in axes.containers[:2]]
        figure.legend(bars, labels, loc="outside upper left", ncols=2, frameon=False)
        return _svg(figure, "bars")


def over_time(pieces: Sequence[Piece], begins: date, marks: Sequence[tuple[date, str]]) -> str:
    """Conversations a week; a month or half-year stands as its mean. `begins`: the first day of the period after.

    A grey band stands for "fewer than 5", a gap in the line for what is not shown.
    """
    from matplotlib import rc_context

    with rc_context(_STYLE):
        figure, axes = _drawing(1.4)
        ends = {piece: piece.first_day + piece.weeks * ONE_WEEK for piece in pieces}
        for piece in pieces:
            if piece.conversations is Hidden.FEWER:
                axes.fill_between([piece.first_day, ends[piece]], 0, SMALL / piece.weeks, color="#dfe7e7", linewidth=0)
        middles = [piece.first_day + (ends[piece] - piece.first_day) / 2 for piece in pieces]
        means = [piece.conversations / piece.weeks if isinstance(piece.conversations, int) else nan for piece in pieces]
        axes.plot(middles, means, color=_AFTER, linewidth=1.5, marker="o", markersize=2.5)
        axes.axvline(begins, color=_BEFORE, linewidth=1, linestyle=":")
        for line, (day, words) in enumerate(marks):
            axes.axvline(day, color=_MARK, linewidth=1.2)
            axes.annotate(
                words,
                (day, 1),
                (3, -2 - 10 * line),
                xycoords=("data", "axes fraction"),
                textcoords="offset points",
                va="top",
                color=_MARK,
            )
        axes.set_xlim(pieces[0].first_day, max(ends.values()))
        axes.margins(y=0.2)
        axes.set_ylim(bottom=0)
        axes.set_ylabel("a week")
        axes.grid(axis="y", color="#e3e8e8", linewidth=0.5)
        return _svg(figure, "line")


def _drawing(height: float) -> tuple[Figure, Any]:
    """An empty drawing, in inches. A Figure of its own, not pyplot's, needs no screen and leaves no global state behind."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    figure = Figure(figsize=(_WIDTH, height), layout="constrained")
    FigureCanvasSVG(figure)
    axes = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _svg(figure: Figure, name: str) -> str:
    """The drawing as an element of the page, with text as text, and the same bytes each time. `name` keeps its ids apart."""
    from matplotlib import rc_context

    drawn = StringIO()
    with rc_context({"svg.hashsalt": name}):
        nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        figure.savefig(drawn, format="svg", transparent=True, metadata=nothing)
    whole = drawn.getvalue()
    return whole[whole.index("<svg") :]
