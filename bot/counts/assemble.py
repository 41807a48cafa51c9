"""Put a report together: from published figures, and from the database's counts as far as they may be shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Literal

from sqlalchemy import Engine

from bot.answers.catalogue import Catalogue
from bot.answers.hours import UK
from bot.counts.asked import Kept, Period, asked, last_of, marks
from bot.counts.campaigns import Campaigns
from bot.counts.compare import Comparison, compare
from bot.counts.disclosure import Shown, protect
from bot.counts.earlier import beside_earlier
from bot.counts.figures import Figure, Placed, imported
from bot.counts.models import AUDIENCES, NONE
from bot.counts.periods import HALF_YEAR, MONTH, label
from bot.counts.report import POINTED, STARTED, Audience, FigureLine, Line, Piece, Pointer, Report
from bot.counts.tabulate import ALL, LOST, STEPS, Key, Rows, Tabled
from bot.counts.tally import Tally, tally
from bot.errors import StartError

_DAYS_OF_A_WEEK = 7


def make_report(
    engine: Engine | None,
    campaigns: Campaigns,
    catalogue: Catalogue,
    figures: Sequence[Placed],
    now: datetime,
    *,
    area: str | None = None,
    period: str | None = None,
    against: str | None = None,
    earlier: Sequence[Report] = (),
) -> Report:
    """The report on an area, a region, or all.

    `engine` is None where counting is turned off; `figures` are those that come with Signpost; `earlier` are reports that were
    handed out before.

    Raises:
        StartError: nobody knows the area, or the periods can't be reported on.
        SQLAlchemyError: the database failed.
    """
    within = {area, *Rows.of(campaigns).regions.get(area or "", ())}
    of_area = [campaign for campaign in campaigns.values() if area is None or campaign.area in within]
    after, before, cut = asked(period, against, of_area or campaigns.values(), now)
    found = Tally()
    if engine is not None:
        with engine.connect() as connection:
            figures = [*figures, *imported(connection)]
            found = tally(connection, (before, after))
    tabled = Tabled(found, campaigns, catalogue, after, before)
    beside_earlier(tabled.table, earlier, (before, after))
    chosen = _chosen(area, tabled.rows, {figure.area for figure, _ in figures})
    making = _Making(tabled, found.kept, protect(tabled.table), before, after)
    return Report(
        made_on=now.astimezone(UK).date(),
        area=area,
        before=before,
        after=after,
        figures=_figure_lines(
            [figure for figure, _ in figures if area is None or figure.area in chosen], chosen, before, after
        ),
        lines=[line for row in chosen for line in making.lines(row)],
        audiences=[making.audience(row) for row in chosen if row in tabled.rows.names],
        pointers=making.pointers(catalogue) if area is None else [],
        pieces=making.pieces(area or ALL),
        marks=marks(of_area, before.first, after.last),
        lost={"before": making.shown[Key(before, LOST)], "after": making.shown[Key(after, LOST)]},
        notes=making.notes(cut),
    )


class _Making:
    """What the parts are made of: the rows of the table, and what may be shown of it."""

    def __init__(self, tabled: Tabled, kept: Kept, shown: Mapping[Key, Shown], before: Period, after: Period) -> None:
        self.shown = shown
        self._tabled, self._kept, self._before, self._after = tabled, kept, before, after
        self._partly = [half for period in (before, after) for half in kept.partly(period)]

    def lines(self, row: str) -> Iterable[Line]:
        """A row's own, and those of its campaigns where it has several."""
        rows = self._tabled.rows
        if row not in rows.names:
            return
        levels: dict[str, Literal["all", "none"]] = {ALL: "all", NONE: "none"}
        yield self._line(row, levels.get(row, "region" if row in rows.regions else "area"))
        for campaign in self._tabled.campaigns.get(row, ()):
            yield self._line(row, "campaign", campaign)

    def _line(self, row: str, level: Literal["area", "region", "none", "all", "campaign"], campaign: str = "") -> Line:
        before, after = (
            {what: self.shown[Key(period, what, row, campaign)] for what in STEPS} for period in (self._before, self._after)
        )
        return Line(row, level, campaign, before, after, self._compared(before[STARTED], after[STARTED]))

    def _compared(self, before: Shown, after: Shown) -> Comparison:
        """By the weeks of the periods, of which whole ones are counted."""
        if self._partly or not isinstance(before, int) or not isinstance(after, int):
            return Comparison()
        days = (_DAYS_OF_A_WEEK * len(period.weeks) for period in (self._before, self._after))
        return compare(before, after, *days)

    def audience(self, row: str) -> Audience:
        """Whom the conversations of a row were about."""
        return Audience(row, {one: self.shown[Key(self._after, POINTED, row, audience=one)] for one in AUDIENCES})

    def pointers(self, catalogue: Catalogue) -> list[Pointer]:
        """Every pointer, those shown most often first; where that is hidden, last and by name."""
        found = []
        for item in self._tabled.items:
            shown, opened = (self.shown[Key(self._after, what, item=item)] for what in ("pointer_shown", "pointer_opened"))
            name = catalogue[item].name if item in catalogue else "Pointers that have left the catalogue"
            found.append(Pointer(item, name, shown, opened))
        return sorted(found, key=lambda one: (-one.shown if isinstance(one.shown, int) else 0, one.name))

    def pieces(self, row: str) -> list[Piece]:
        """The conversations of a row by week, as far as there are any to draw."""
        found = []
        for period, pieces in self._tabled.pieces.items():
            when: Literal["before", "after"] = "before" if period == self._before else "after"
            for grain, first_day in pieces:
                name = label(grain, first_day)
                count = self.shown.get(Key(period, STARTED, row, piece=name))
                if count is not None:
                    found.append(Piece(name, when, first_day, _weeks(grain, first_day), count))
        return found

    def notes(self, cut: bool) -> list[str]:
        """What has to be said about the periods."""
        notes = []
        if cut:
            notes.append(f"The period is not over: what is shown ends with {self._after.last:%B %Y}, the last whole month.")
        for half in self._partly:
            notes.append(
                f"{label(HALF_YEAR, half)} is kept in one piece and lies only partly in a period: Signpost's own counts leave "
                "it out, and are not compared."
            )
        return notes


def _chosen(area: str | None, rows: Rows, of_figures: Collection[str]) -> list[str]:
    """The rows of the report: those of everything, of a region with its areas, or of an area and its region."""
    if area is None:
        return rows.names if rows.areas != [NONE] else [ALL]
    if area in rows.regions:
        return [area, *rows.regions[area]]
    known = {*rows.areas, *of_figures} - {NONE}
    if area not in known:
        raise StartError(f"no area {area!r}: there are {', '.join(sorted({*known, *rows.regions})) or 'none'}")
    return [area, *(region for region, areas in rows.regions.items() if area in areas)]


def _figure_lines(figures: Sequence[Figure], rows: Sequence[str], before: Period, after: Period) -> list[FigureLine]:
    """Figures of exactly one of the periods, each beside the one of the same area and kind of the other, as the rows go."""
    both: dict[tuple[str, str], dict[Period, Figure]] = defaultdict(dict)
    for figure in figures:
        for period in (before, after):
            if (figure.first_day, figure.last_day) == (period.first, period.last):
                both[figure.kind, figure.area][period] = figure
    lines = []
    for kind, area in sorted(both, key=lambda one: (one[0], rows.index(one[1]) if one[1] in rows else len(rows), one[1])):
        found = both[kind, area]
        numbers = [None if figure is None else figure.number for figure in (found.get(before), found.get(after))]
        lines.append(
            FigureLine(
                area=area,
                kind=kind,
                before=numbers[0],
                after=numbers[1],
                comparison=compare(numbers[0], numbers[1], before.days, after.days),
                sources=sorted({figure.source for figure in found.values()}),
                grade=max(figure.grade for figure in found.values()),
            )
        )
    return lines


def _weeks(grain: str, first_day: date) -> int:
    if grain == HALF_YEAR:
        return len(Period(first_day, last_of(first_day.replace(month=first_day.month + 5))).weeks)
    return len(Period(first_day, last_of(first_day)).weeks) if grain == MONTH else 1
