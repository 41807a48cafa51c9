"""What the tests of the report share: a few campaigns, counts to report on, and a report of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path
from typing import Any

from rich.console import Console
from sqlalchemy import delete, insert

from bot.answers.catalogue import load_catalogue
from bot.counts.assemble import make_report
from bot.counts.campaigns import Campaign
from bot.counts.database import name_ids, open_database, writing
from bot.counts.known import Known
from bot.counts.models import NAMED, NONE, Count
from bot.counts.periods import ONE_WEEK, WEEK
from bot.counts.render import as_csv, as_html, as_json
from bot.counts.report import Report
from bot.counts.show import show
from bot.settings import ROOT

TUESDAY = datetime(2026, 11, 24, 10, tzinfo=UTC)
#: The weeks of August to October 2026, and of the three months before.
AFTER, BEFORE = "2026-08..2026-10", "2026-05..2026-07"
FIRST_AFTER, FIRST_BEFORE = date(2026, 8, 3), date(2026, 5, 4)
CATALOGUE = load_catalogue(ROOT / "data" / "catalogue")
POINTERS = sorted(CATALOGUE)
#: Two areas of a region, of which one has two campaigns, and one area without a region.
AREAS = {"cheshire": "north_west", "cumbria": "north_west", "cumbria_2": "north_west", "devon": None}

#: First day (of a week, or with its grain), the names that are not none, and how often.
Put = tuple[date | tuple[str, date], Mapping[str, str], int]


def area_of(code: str) -> str:
    return code.removesuffix("_2")


def campaigns() -> dict[str, Campaign]:
    return {
        code: Campaign(
            code=code,
            name=code.title(),
            area=area_of(code),
            region=region,
            partner="Police",
            starts=date(2026, 8, 1),
            ends=None,
            source="https://example.org/",
            checked=date(2026, 11, 1),
            grade="C",
            file="x.yml",
        )
        for code, region in AREAS.items()
    }


KNOWN = Known({code: area_of(code) for code in AREAS}, frozenset({"en", "cy"}), frozenset(POINTERS))


def put(database: str, counts: Sequence[Put], *, others: Sequence[str] = ()) -> None:
    """Make these the only counts. `others`: names that are known no longer."""
    with writing(open_database(database)).begin() as connection:
        ids = name_ids(connection, {*KNOWN.names(), *others})
        connection.execute(delete(Count))
        summed: dict[tuple[Any, ...], int] = {}
        for when, names, number in counts:
            grain, day = (WEEK, when) if isinstance(when, date) else when
            area = area_of(names.get("campaign", NONE))
            named = {"grain": grain, "area": area, "audience": "unknown", "language": "en", "item": "", **names}
            key = (day, *(ids[named.get(column, NONE)] for column in NAMED))
            summed[key] = summed.get(key, 0) + number
        rows = [dict(zip(("first_day", *NAMED), key, strict=True), number=n) for key, n in summed.items() if n]
        if rows:
            connection.execute(insert(Count), rows)


def talk(week: date | tuple[str, date], number: int, campaign: str = NONE, audience: str = "self", **more: int) -> list[Put]:
    """So many conversations, and as many of all that goes with them, or what `more` says."""
    steps = {"page_opened": number, "conversation_started": number, "conversation_pointed": number, "crisis_shown": 0}
    steps |= {"pointer_shown": number, "pointer_opened": number} | more
    return [
        (
            week,
            {"campaign": campaign, "audience": audience, "what": what, "item": POINTERS[0] if "pointer_" in what else ""},
            count,
        )
        for what, count in steps.items()
    ]


def weeks(first: date, numbers: Sequence[int], campaign: str = NONE, **more: Any) -> list[Put]:
    """Conversations of one week after the other."""
    return [put for place, number in enumerate(numbers) for put in talk(first + place * ONE_WEEK, number, campaign, **more)]


def report(database: str | None, **asked: Any) -> Report:
    engine = open_database(database) if database else None
    months = {"period": AFTER, "against": BEFORE}
    return make_report(engine, campaigns(), CATALOGUE, asked.pop("figures", []), TUESDAY, **{**months, **asked})


def printed(made: Report) -> str:
    out = StringIO()
    show(made, Console(file=out, width=100))
    return out.getvalue()


def every_form(made: Report) -> dict[str, str]:
    return {"text": printed(made), "html": as_html(made), "csv": as_csv(made), "json": as_json(made).decode()}


def saved(made: Report, folder: Path) -> Path:
    path = folder / "report.json"
    path.write_bytes(as_json(made))
    return path
