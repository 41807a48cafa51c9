"""The report in a real browser: on one page of paper, nothing cut off, and readable by everybody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from bot.answers.hours import UK
from bot.counts.asked import read_period
from bot.counts.assemble import make_report
from bot.counts.campaigns import load_campaigns
from bot.counts.compare import compare
from bot.counts.disclosure import Hidden, Shown
from bot.counts.figures import shipped
from bot.counts.models import AUDIENCES
from bot.counts.render import as_html
from bot.counts.report import STARTED, Audience, FigureLine, Line, Piece, Pointer, Report
from bot.counts.tabulate import STEPS
from bot.settings import ROOT

TUESDAY = datetime(2026, 11, 24, 10, tzinfo=UK)
#: A4 without the margins that the page sets, in CSS pixels.
PAPER = {"width": round((210 - 24) / 25.4 * 96), "height": round((297 - 20) / 25.4 * 96)}
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def published() -> Report:
    """What `./signpost report` shows on a new machine."""
    data = ROOT / "data"
    return make_report(None, load_campaigns(data / "campaigns"), {}, shipped(data / "figures"), TUESDAY)


def full(areas: int) -> Report:
    """As much as there can be: figures of others and counts of our own, some of them hidden, for so many areas."""
    hidden: list[Shown] = [Hidden.FEWER, Hidden.NOT_SHOWN, 1_234, 12_345]
    names = [*(f"greater_area_{number}" for number in range(areas)), "north_west", "none", "all"]
    levels: dict[str, Any] = {"north_west": "region", "none": "none", "all": "all"}
    lines = []
    for place, name in enumerate(names):
        before, after = ({what: hidden[(place + step) % 4] for step, what in enumerate(STEPS)} for place in (place, place + 3))
        both = [count if isinstance(count, int) else None for count in (before[STARTED], after[STARTED])]
        lines.append(Line(name, levels.get(name, "area"), "", before, after, compare(both[0], both[1], 184, 181)))
    figures = [
        FigureLine(name, "people", 1747, 3549, compare(1747, 3549, 184, 181), ["https://www.example.org/a"], "C")
        for name in names[:7]
    ]
    return Report(
        made_on=TUESDAY.date(),
        area=None,
        before=read_period("2025-11..2026-04"),
        after=read_period("2026-05..2026-10"),
        figures=figures if areas <= 6 else [],
        lines=lines,
        audiences=[Audience(name, dict.fromkeys(AUDIENCES, 2345)) for name in names],
        pointers=[
            Pointer(f"p{n}", f"A pointer with a name of some length, number {n}", 5000 - n, Hidden.FEWER) for n in range(24)
        ],
        pieces=[
            Piece(
                f"w{week}", "before" if week < 26 else "after", date(2025, 11, 3) + timedelta(weeks=week), 1, hidden[week % 4]
            )
            for week in range(52)
        ],
        marks=[(date(2026, 5, 1), "6 campaigns begin")],
        lost={"before": 17, "after": 18},
        notes=["The period is not over: what is shown ends with October 2026, the last whole month."],
    )


@pytest.fixture(params=["published", "six areas", "fifteen areas"])
def page(request: pytest.FixtureRequest, chromium: Any) -> Iterator[Any]:
    made = {"published": published, "six areas": lambda: full(6), "fifteen areas": lambda: full(15)}[request.param]()
    with chromium.new_context(viewport={"width": 1280, "height": 900}) as context:
        page = context.new_page()
        page.set_content(as_html(made))
        yield page


def test_it_prints_on_one_page(page: Any) -> None:
    printed = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1


def test_on_paper_nothing_is_cut_off_at_the_side(page: Any) -> None:
    page.emulate_media(media="print")
    page.set_viewport_size(PAPER)
    assert page.evaluate("document.documentElement.scrollWidth") <= PAPER["width"]
    assert page.evaluate(
        "[...document.querySelectorAll('table, svg')].every(e => e.getBoundingClientRect().right <= innerWidth + 1)"
    )


def test_axe_finds_nothing(page: Any) -> None:
    found = {
        wrong["id"]: [node["html"] for node in wrong["nodes"]]
        for wrong in Axe().run(page, options=RULES).response["violations"]
    }
    assert found == {}
