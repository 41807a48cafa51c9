"""The report: the published figures to the digit, the bot's own counts as far as they may be shown, the same in every form."""

from __future__ import annotations

import csv
import json
import re
import time
from datetime import date, timedelta
from html import unescape
from io import StringIO
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from attack import intervals
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from reporting import (
    AREAS,
    BEFORE,
    CATALOGUE,
    FIRST_AFTER,
    FIRST_BEFORE,
    POINTERS,
    TUESDAY,
    campaigns,
    every_form,
    put,
    report,
    saved,
    talk,
    weeks,
)
from typer.testing import CliRunner

from bot.cli import app
from bot.counts.asked import read_period
from bot.counts.assemble import make_report
from bot.counts.campaigns import Campaign
from bot.counts.database import open_database
from bot.counts.disclosure import SMALL, Hidden, Shown
from bot.counts.earlier import read_report
from bot.counts.figures import Figure
from bot.counts.known import Known
from bot.counts.models import AUDIENCES
from bot.counts.periods import HALF_YEAR, MONTH
from bot.counts.render import as_csv, as_html, as_json
from bot.counts.report import Report
from bot.counts.tabulate import ALL, Key, Tabled
from bot.counts.tally import tally
from bot.errors import StartError

FEWER, NOT_SHOWN = Hidden.FEWER, Hidden.NOT_SHOWN


def command(monkeypatch: pytest.MonkeyPatch, database: str, *words: str) -> str:
    """What the command prints, a hundred characters wide."""
    monkeypatch.setenv("SIGNPOST_DATABASE", database)
    monkeypatch.setenv("COLUMNS", "100")
    ran = CliRunner().invoke(app, list(words), catch_exceptions=False)
    assert ran.exit_code == 0
    return ran.output


def of(made: Report, area: str, campaign: str = "") -> dict[str, Any]:
    [line] = [line for line in made.lines if (line.area, line.campaign) == (area, campaign)]
    return {"before": line.before["conversation_started"], "after": line.after["conversation_started"], "line": line}


# The published figures


def test_the_published_table_comes_out_to_the_digit_in_every_form(
    sqlite: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {form: tmp_path / f"r.{form}" for form in ("html", "csv", "json")}
    text = command(
        monkeypatch, sqlite, "report", "--out", str(files["html"]), "--csv", str(files["csv"]), "--json", str(files["json"])
    )
    html, table, data = (files[form].read_text(encoding="utf-8") for form in files)
    rows = {
        "Cheshire": ("163", "477", "+314", "+193 %", "2.97 (2.49–3.55)", "yes"),
        "North West": ("1,747", "3,549", "+1,802", "+103 %", "2.07 (1.95–2.19)", "yes"),
    }
    for area, cells in rows.items():
        assert re.search(rf"{area} +" + r" +".join(map(re.escape, cells)), text)
        [row] = re.findall(rf'<th scope="row">{area}</th>(.*?)</tr>', html)
        assert re.findall(r">([^<>]+)</td>", row)[:6] == list(cells)
    lines = [line for line in csv.DictReader(StringIO(table)) if line["part"] == "published" and line["change"]]
    found = {line["area"]: (line["count"], line["change"], line["percent"]) for line in lines}
    assert (found["cheshire"], found["north_west"]) == (("477", "314", "193"), ("3549", "1802", "103"))
    figures = {one["area"]: one for one in json.loads(data)["figures"]}
    for area, numbers in {"cheshire": (163, 477, 314, 193), "north_west": (1747, 3549, 1802, 103)}.items():
        one = figures[area]
        assert (one["before"], one["after"], one["comparison"]["change"], one["comparison"]["percent"]) == numbers
        assert one["sources"] and one["grade"] == "C"


def test_one_area_is_reported_on_beside_its_region(sqlite: str, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ("report", "--area", "cheshire", "--period", "2018-01..2018-06", "--against", "2017-07..2017-12")
    text = command(monkeypatch, sqlite, *words)
    assert "Cheshire: 163 before, 477 after (+314, +193 %)." in text
    assert "North West: 1,747 before" in text
    assert "North Wales" not in text


def test_without_a_database_there_are_the_published_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "+193 %" in command(monkeypatch, "", "report")


def test_imported_figures_are_reported_on_like_the_others(sqlite: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "more.csv"
    lines = ["lancashire,2017-07,2017-12,10,people_seeking_help,a trial", "kent,2018-01,2018-06,7,calls,a trial"]
    path.write_text("\n".join(["area,from,to,count,kind,source", *lines, ""]), encoding="utf-8")
    printed = command(monkeypatch, sqlite, "campaign", "import", str(path))
    assert "Imported 2 figures; 0 were there already." in printed
    assert "No campaign is known in kent" in printed
    assert "2 were there already." in command(monkeypatch, sqlite, "campaign", "import", str(path))
    text = command(monkeypatch, sqlite, "report")
    assert re.search(r"Lancashire +10 +no figure", text)
    assert re.search(r"counted: calls\s+(?:.*\n)*? Kent +no figure +7", text)


def test_figures_of_other_days_are_not_compared() -> None:
    figures = [
        (Figure("cheshire", "people", date(2026, 8, 1), last, number, "a"), "x")
        for last, number in ((date(2026, 10, 30), 5), (date(2026, 9, 30), 9))
    ]
    assert report(None, figures=figures[:1]).figures == []


# The bot's own part


def test_the_counts_are_added_up_by_area_region_campaign_and_in_all(database: str) -> None:
    put(
        database,
        [
            *weeks(FIRST_BEFORE, [10, 20, 30], "cheshire"),
            *weeks(FIRST_AFTER, [40, 50], "cheshire"),
            *weeks(FIRST_AFTER, [7, 8], "cumbria"),
            *weeks(FIRST_AFTER, [30, 31], "cumbria_2"),
            *weeks(FIRST_AFTER, [100, 200]),
            *weeks(FIRST_AFTER, [11, 12], "devon"),
            *weeks(FIRST_AFTER + timedelta(weeks=13), [1000], "devon"),  # a week of November
            *weeks(FIRST_BEFORE - timedelta(weeks=1), [1000], "devon"),  # and of April
        ],
    )
    made = report(database)
    assert {line.area: line.after["conversation_started"] for line in made.lines if not line.campaign} == {
        "north_west": 166,
        "cheshire": 90,
        "cumbria": 76,
        "devon": 23,
        "none": 300,
        "all": 489,
    }
    assert (of(made, "cumbria", "cumbria")["after"], of(made, "cumbria", "cumbria_2")["after"]) == (15, 61)
    assert [line.campaign for line in made.lines if line.campaign] == ["cumbria", "cumbria_2"]


def test_the_way_from_the_page_to_a_pointer(sqlite: str) -> None:
    steps = {"page_opened": 900, "conversation_pointed": 300, "pointer_opened": 120, "crisis_shown": 15}
    others = [
        (FIRST_AFTER, {"what": what, "item": id}, 10) for what in ("pointer_shown", "pointer_opened") for id in POINTERS[1:]
    ]
    put(sqlite, [*talk(FIRST_AFTER, 400, **steps), *others])
    made = report(sqlite)
    steps |= {"conversation_started": 400, "pointer_opened": 120 + 10 * len(POINTERS[1:])}
    assert of(made, ALL)["line"].after == steps
    said = "opened 900 times. Signpost had 400 conversations, gave a pointer in 300 of them (75%), and pointers"
    assert said in as_html(made)
    assert [(one.shown, one.opened) for one in made.pointers if one.id == POINTERS[0]] == [(400, 120)]


def test_a_comparison_is_made_by_the_weeks_that_are_counted(sqlite: str) -> None:
    put(sqlite, [*weeks(FIRST_BEFORE, [50] * 13), *weeks(FIRST_AFTER, [100] * 13)])
    compared = of(report(sqlite), ALL)["line"].comparison
    assert (compared.change, compared.percent, compared.more_than_chance) == (650, 100, True)
    assert compared.ratio == 2


def test_nothing_is_compared_with_what_is_not_shown(sqlite: str) -> None:
    others = [one for code in ("none", "cumbria", "cumbria_2", "devon") for one in weeks(FIRST_AFTER, [90], code)]
    put(
        sqlite,
        [*weeks(FIRST_BEFORE, [3], "cheshire"), *weeks(FIRST_AFTER, [100], "cheshire"), *weeks(FIRST_BEFORE, [90]), *others],
    )
    line = of(report(sqlite), "cheshire")
    assert (line["before"], line["after"]) == (FEWER, 100)
    assert all(value is None for value in (line["line"].comparison.change, line["line"].comparison.ratio))


def test_months_and_half_years_are_counted_like_weeks(database: str) -> None:
    put(
        database,
        [
            *[one for code in ("none", *AREAS) for one in talk((HALF_YEAR, date(2025, 7, 1)), 60, code)],
            *[one for code in ("none", *AREAS) for one in talk((MONTH, date(2026, 6, 1)), 80, code)],
            *talk((HALF_YEAR, date(2025, 7, 1)), 540, "cheshire"),
            *talk((MONTH, date(2026, 1, 1)), 50, "cheshire"),
            *talk((MONTH, date(2026, 6, 1)), 70, "cheshire"),
            *talk(date(2026, 6, 8), 9, "cheshire"),  # a week that came late
        ],
    )
    made = report(database, period="2026-01..2026-06", against="2025-07..2025-12")
    assert (of(made, "cheshire")["before"], of(made, "cheshire")["after"]) == (600, 209)
    assert made.notes == []
    assert [(piece.weeks, piece.conversations) for piece in made.pieces if piece.label == "2026-06"] == [(4, 479)]


def test_a_half_year_that_is_partly_in_the_period_is_not_split_and_said_to_be(database: str) -> None:
    put(database, [*talk((HALF_YEAR, date(2025, 7, 1)), 600), *talk((MONTH, date(2026, 1, 1)), 50), *weeks(FIRST_AFTER, [90])])
    made = report(database, period="2026-08..2026-10", against="2025-10..2026-01")
    assert (of(made, ALL)["before"], of(made, ALL)["after"]) == (50, 90)
    assert of(made, ALL)["line"].comparison.change is None
    [note] = made.notes
    assert note.startswith("2025-H2 is kept in one piece and lies only partly in a period")
    assert all(note in unescape(form) for name, form in every_form(made).items() if name in ("html", "json"))


def test_a_campaign_s_beginning_is_marked_in_the_picture(sqlite: str) -> None:
    put(sqlite, [*weeks(FIRST_BEFORE, range(20, 33)), *weeks(FIRST_AFTER, range(40, 53))])
    made = report(sqlite)
    assert made.marks == [(date(2026, 8, 1), "4 campaigns begin")]
    html = as_html(made)
    assert len(re.findall("<svg", html)) == 2
    assert "4 campaigns begin" in html[html.index("<svg") :]


def test_counts_that_were_lost_are_told(sqlite: str) -> None:
    put(sqlite, [*weeks(FIRST_AFTER, [50]), (FIRST_AFTER, {"what": "lost"}, 12), (FIRST_BEFORE, {"what": "lost"}, 3)])
    made = report(sqlite)
    assert made.lost == {"before": FEWER, "after": 12}
    assert "In the period after, 12 counts could not be kept" in as_html(made)
    assert "In the period before" not in as_html(made)


def test_a_period_that_is_not_over_ends_with_the_last_month_that_is(sqlite: str) -> None:
    put(sqlite, [*weeks(FIRST_AFTER, [50]), *weeks(date(2026, 11, 9), [70])])
    made = report(sqlite, period="2026-08..2026-12")
    assert (made.after, of(made, ALL)["after"]) == (read_period("2026-08..2026-10"), 50)
    assert "ends with October 2026" in made.notes[0]


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"area": "atlantis"}, "no area 'atlantis': there are cheshire, cumbria, devon, north_west"),
        ({"period": "2026-11"}, "no month that is over"),
        ({"period": BEFORE}, "overlap"),
        ({"period": "soon"}, "no period"),
    ],
)
def test_what_can_not_be_reported_on_is_told_in_one_line(asked: dict[str, Any], reason: str) -> None:
    with pytest.raises(StartError, match=reason) as refused:
        report(None, **asked)
    assert "\n" not in str(refused.value)


def test_an_area_that_is_a_region_too_is_refused() -> None:
    both = {**campaigns(), "x": campaigns()["devon"]}
    both["x"] = Campaign(**{name: getattr(both["x"], name) for name in Campaign.__struct_fields__} | {"area": "north_west"})
    with pytest.raises(StartError, match="north_west is an area and more"):
        make_report(None, both, CATALOGUE, [], TUESDAY)


def test_where_a_file_can_not_be_written_it_is_told(sqlite: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SIGNPOST_DATABASE", sqlite)
    (tmp_path / "file").touch()
    ran = CliRunner().invoke(app, ["report", "--csv", str(tmp_path / "file" / "r.csv")])
    assert isinstance(ran.exception, StartError)
    assert str(ran.exception).startswith(f"{tmp_path / 'file' / 'r.csv'}: can't be written")


# Nobody can be found in it


def published(made: Report) -> dict[Key, Shown]:
    """What the CSV of a report shows, by what it is a count of: everything that the other forms show is in it."""
    words = {word.value: word for word in Hidden}
    found: dict[Key, Shown] = {}
    for line in csv.DictReader(StringIO(as_csv(made))):
        if line["part"] != "published":
            period = made.before if line["from"] == made.before.first.isoformat() else made.after
            item = {"audience": "audience", "pointer": "item", "time": "piece"}.get(line["part"])
            key = Key(period, line["what"], line["area"], line["campaign"], **({item: line["item"]} if item else {}))
            found[key] = words[line["count"]] if line["count"] in words else int(line["count"])
    return found


COUNTS = st.one_of(st.just(0), st.integers(0, 6), st.integers(0, 40))


#: Two months, so that the attack has hundreds of counts and not thousands.
MONTHS = {"period": "2026-09", "against": "2026-08"}
PLACES = list(product((date(2026, 8, 3), date(2026, 8, 31)), ("none", *AREAS), range(2), AUDIENCES[:2]))


@hypothesis_settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(*(st.lists(COUNTS, min_size=len(PLACES), max_size=len(PLACES)) for _ in range(3)))
def test_the_reports_on_everything_and_on_every_area_together_give_no_small_count_away(
    sqlite: str, begun: list[int], without: list[int], opened: list[int]
) -> None:
    """The attacker has the CSV of the report on everything, and of those on each area and region, and adds and subtracts."""
    counts = []
    for (first, code, week, audience), number, less, more in zip(PLACES, begun, without, opened, strict=True):
        steps = {"conversation_pointed": max(0, number - less), "pointer_opened": more}
        counts += talk(first + timedelta(weeks=week), number, code, audience, **steps)
    put(sqlite, counts)
    known: dict[Key, Shown] = {}
    for area in (None, "cheshire", "cumbria", "devon", "north_west"):
        for key, shown in published(report(sqlite, area=area, **MONTHS)).items():
            assert known.setdefault(key, shown) == shown, "two reports contradict each other, which tells more than either"
    after, before = (read_period(month) for month in MONTHS.values())
    with open_database(sqlite).connect() as connection:
        table = Tabled(tally(connection, (before, after)), campaigns(), CATALOGUE, after, before).table
    assert known.keys() <= table.counts.keys(), "something is shown that was never protected"
    assert all(
        shown in ((count, NOT_SHOWN) if (count := table.counts[key]) >= SMALL else Hidden) for key, shown in known.items()
    )
    for piece in table.pieces():
        for key, (low, high) in intervals(piece, known).items():
            assert low < high or (key not in known and table.counts[key] >= SMALL)
            assert table.counts[key] >= SMALL or (low <= 1 and high - low >= SMALL - 2)


def test_two_databases_that_differ_only_in_what_is_hidden_give_the_same_report_to_the_byte(sqlite: str) -> None:
    """In every form, with the pictures: no height, percentage, order or length tells which of the two it was."""
    forms = []
    for cheshire, devon in ((1, 3), (3, 1)):
        put(
            sqlite,
            [
                *weeks(FIRST_BEFORE, [30] * 13),
                *weeks(FIRST_AFTER, [40] * 13),
                *weeks(FIRST_AFTER, [12] * 13, "cumbria"),
                *weeks(FIRST_AFTER, [15] * 13, "cumbria_2"),
                *weeks(FIRST_AFTER, [cheshire], "cheshire"),
                *weeks(FIRST_AFTER, [devon], "devon"),
            ],
        )
        forms.append({area: every_form(report(sqlite, area=area)) for area in (None, "cheshire", "devon", "north_west")})
    assert forms[0] == forms[1]


def test_that_a_row_is_there_does_not_say_that_there_is_something_in_it(sqlite: str) -> None:
    """One visitor more, in an area and for a pointer where there was none: nothing is seen of it."""
    rest = [*weeks(FIRST_BEFORE, [30] * 13), *weeks(FIRST_AFTER, [40] * 13)]
    put(sqlite, rest)
    without = report(sqlite)
    put(sqlite, [*rest, *talk(FIRST_AFTER, 1, "devon", "young_person")])
    assert [(line.area, line.campaign) for line in report(sqlite).lines] == [
        (line.area, line.campaign) for line in without.lines
    ]
    assert {one.id for one in without.pointers} == {one.id for one in report(sqlite).pointers} == {*POINTERS}
    assert [of(without, "devon")["after"], of(report(sqlite), "devon")["after"]] == [FEWER, FEWER]


def test_an_area_and_a_pointer_that_are_no_longer_known_stand_with_what_has_none(sqlite: str) -> None:
    gone = {"campaign": "kent", "audience": "self"}
    counts = [
        (FIRST_AFTER, {**gone, "what": "conversation_started"}, 60),
        (FIRST_AFTER, {**gone, "what": "pointer_shown", "item": "old"}, 70),
    ]
    put(sqlite, [*weeks(FIRST_AFTER, [40]), *counts], others=["kent", "old"])
    made = report(sqlite)
    assert of(made, "none")["after"] in (100, NOT_SHOWN)
    assert of(made, ALL)["after"] == 100
    assert [one.shown for one in made.pointers if one.id == "no_longer_listed"] == [70]


def test_what_a_few_conversations_did_often_is_not_shown(sqlite: str) -> None:
    few = talk(FIRST_AFTER, 2, "cheshire", pointer_opened=7, crisis_shown=6)
    put(sqlite, [*weeks(FIRST_AFTER, [40]), *weeks(FIRST_AFTER, [40], "cumbria", crisis_shown=20), *few])
    after = of(report(sqlite), "cheshire")["line"].after
    assert (after["conversation_started"], after["pointer_opened"], after["crisis_shown"]) == (FEWER, NOT_SHOWN, NOT_SHOWN)


def test_an_earlier_report_is_not_left_to_be_subtracted(sqlite: str, tmp_path: Path) -> None:
    """August and September were reported on with 16 conversations in Cheshire. With October they are 19."""
    put(
        sqlite,
        [
            *weeks(FIRST_BEFORE, [30] * 13),
            *weeks(FIRST_AFTER, [40] * 13),
            *weeks(FIRST_AFTER, [10] * 13, "devon"),
            *weeks(FIRST_AFTER, [16] + [0] * 10 + [3], "cheshire"),
        ],
    )
    first = report(sqlite, period="2026-08..2026-09")
    assert of(first, "cheshire")["after"] == 16
    assert of(report(sqlite), "cheshire")["after"] == 19
    second = report(sqlite, earlier=[read_report(saved(first, tmp_path))])
    assert of(second, "cheshire")["after"] is NOT_SHOWN
    assert isinstance(of(second, ALL)["after"], int)


def test_what_is_no_earlier_report_is_told(tmp_path: Path) -> None:
    (tmp_path / "r.json").write_text("{}", encoding="utf-8")
    for name in ("r.json", "none.json"):
        with pytest.raises(StartError, match=f"{name}: can't be read as a report in JSON"):
            read_report(tmp_path / name)


def test_the_same_report_comes_out_again_to_the_byte(sqlite: str) -> None:
    put(sqlite, [*weeks(FIRST_BEFORE, range(13)), *weeks(FIRST_AFTER, range(13), "cheshire"), *weeks(FIRST_AFTER, [9] * 13)])
    assert every_form(report(sqlite)) == every_form(report(sqlite))


# The page


def test_the_page_needs_nothing_from_elsewhere(sqlite: str) -> None:
    put(sqlite, [*weeks(FIRST_BEFORE, [30] * 13), *weeks(FIRST_AFTER, [40] * 13, "cheshire")])
    figure = Figure("cheshire", "people", date(2026, 8, 1), date(2026, 10, 31), 9, "https://example.org/a")
    html = as_html(report(sqlite, figures=[(figure, "x")]))
    assert re.findall(r"<(script|link|img|iframe|object|base|form)\b|\bon\w+=|@import|\bsrc=|url\((?!#)", html) == []
    addresses = set(re.findall(r"\bhttps?://[^\s\"'<>]+", html))
    assert addresses <= {"https://example.org/a", "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert '<html lang="en-GB">' in html


def test_what_a_file_says_is_text_on_the_page(sqlite: str) -> None:
    figure = Figure("cheshire", "people", date(2026, 8, 1), date(2026, 10, 31), 9, "a <script>alert(1)</script> & more")
    html = as_html(report(sqlite, figures=[(figure, "x")]))
    assert "<script" not in html
    assert "a &lt;script&gt;alert(1)&lt;/script&gt; &amp; more" in html


def test_json_says_everything_and_can_be_read_again(sqlite: str, tmp_path: Path) -> None:
    put(sqlite, [*weeks(FIRST_BEFORE, [30] * 13), *weeks(FIRST_AFTER, [2] * 13, "cheshire")])
    made = report(sqlite)
    assert read_report(saved(made, tmp_path)) == made


# Load


def test_a_million_conversations_are_reported_on_in_under_two_seconds(million: str, names: Known) -> None:
    """Without what is imported, which takes about a second when the command starts."""
    some = campaigns()["devon"]
    fields = {name: getattr(some, name) for name in Campaign.__struct_fields__}
    thirty = {code: Campaign(**fields | {"code": code, "area": area}) for code, area in names.campaigns.items()}
    engine = open_database(million)

    def seconds(period: str, against: str) -> float:
        begun = time.perf_counter()
        made = make_report(engine, thirty, CATALOGUE, [], TUESDAY, period=period, against=against)
        assert all((as_html(made), as_csv(made), as_json(made)))
        assert isinstance(of(made, ALL)["after"], int)
        return time.perf_counter() - begun

    seconds("2026-10", "2026-09")  # imports what it needs
    for months in (("2026-05..2026-10", "2025-11..2026-04"), ("2024-07..2026-10", "2022-01..2024-06")):
        assert min(seconds(*months) for _ in range(3)) < 2
