"""Published figures: what a file must look like, what may not be in it twice, and that nothing is imported by halves."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, select
from sqlalchemy.exc import IntegrityError

from bot.counts.database import open_database, writing
from bot.counts.figures import Figure, Placed, PublishedFigure, import_figures, imported, shipped
from bot.errors import StartError
from bot.settings import ROOT

HEADER = "area,from,to,count,kind,source"
BEFORE = "cheshire,2017-07,2017-12,163,people,a newspaper"
AFTER = "cheshire,2018-01,2018-06,477,people,a newspaper"
TODAY = date(2026, 11, 24)


def write(folder: Path, *lines: str, header: str = HEADER, name: str = "figures.csv") -> Path:
    path = folder / name
    path.write_text("\n".join([header, *lines, ""]), encoding="utf-8")
    return path


def take_in(engine: Engine, path: Path, already: list[Placed] | None = None) -> tuple[list[Figure], int]:
    with writing(engine).begin() as connection:
        return import_figures(connection, path, already or [], TODAY)


def held(engine: Engine) -> list[Figure]:
    with engine.connect() as connection:
        return [figure for figure, _ in imported(connection)]


def test_figures_are_imported_as_they_are_written(database: str, tmp_path: Path) -> None:
    engine = open_database(database)
    path = write(tmp_path, BEFORE, "wales,2018-01-15,2018-01-31,0,calls,https://example.org/a", header=f"\ufeff{HEADER}")
    assert take_in(engine, path)[1] == 0
    assert held(engine) == [
        Figure("cheshire", "people", date(2017, 7, 1), date(2017, 12, 31), 163, "a newspaper"),
        Figure("wales", "calls", date(2018, 1, 15), date(2018, 1, 31), 0, "https://example.org/a"),
    ]


def test_a_grade_may_stand_in_a_column_of_its_own(database: str, tmp_path: Path) -> None:
    engine = open_database(database)
    take_in(engine, write(tmp_path, f"{BEFORE},C", f"{AFTER},", header=f"{HEADER},grade"))
    assert [figure.grade for figure in held(engine)] == ["C", ""]


def test_a_second_import_adds_nothing(database: str, tmp_path: Path) -> None:
    engine = open_database(database)
    path = write(tmp_path, BEFORE, AFTER)
    assert [len(take_in(engine, path)[0]), take_in(engine, path)] == [2, ([], 2)]
    assert len(held(engine)) == 2


def test_a_longer_file_adds_what_is_new(database: str, tmp_path: Path) -> None:
    engine = open_database(database)
    take_in(engine, write(tmp_path, BEFORE))
    new, there = take_in(engine, write(tmp_path, BEFORE, AFTER))
    assert ([figure.number for figure in new], there) == ([477], 1)


def test_what_comes_with_signpost_need_not_be_imported(database: str, tmp_path: Path) -> None:
    engine = open_database(database)
    already = shipped(ROOT / "data" / "figures")
    lines = (ROOT / "data" / "figures" / "north_west_2018.csv").read_text(encoding="utf-8").splitlines()
    assert take_in(engine, write(tmp_path, *lines[1:], header=lines[0]), already) == ([], 6)
    with pytest.raises(StartError, match=r"line 2: .* overlaps .*163.* in north_west_2018\.csv line 2"):
        take_in(engine, write(tmp_path, BEFORE.replace("people", "people_seeking_help")), already)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (BEFORE, "in figures.csv line 2 already"),
        (BEFORE.replace("163", "164"), "overlaps 2017-07-01 to 2017-12-31 (163) in figures.csv line 2"),
        (BEFORE.replace("a newspaper", "another"), "overlaps 2017-07-01 to 2017-12-31 (163) in figures.csv line 2"),
        ("cheshire,2017-12,2018-06,1,people,a newspaper", "overlaps"),
        ("cheshire,2017-12-31,2017-12-31,1,people,a newspaper", "overlaps"),
        ("cheshire,2016-01,2019-12,1,people,a newspaper", "overlaps"),
    ],
)
def test_an_overlap_or_a_double_is_refused_with_line_and_reason(sqlite: str, tmp_path: Path, line: str, reason: str) -> None:
    engine = open_database(sqlite)
    with pytest.raises(StartError) as refused:
        take_in(engine, write(tmp_path, BEFORE, line))
    assert str(refused.value).startswith(f"{tmp_path / 'figures.csv'}: line 3: cheshire, people, ")
    assert reason in str(refused.value)
    assert held(engine) == []


def test_an_overlap_with_the_database_is_refused(database: str, tmp_path: Path) -> None:
    engine = open_database(database)
    take_in(engine, write(tmp_path, BEFORE))
    with pytest.raises(StartError, match=r"line 3: .* overlaps .*163.* in the database"):
        take_in(engine, write(tmp_path, AFTER, BEFORE.replace("163", "99")))
    assert [figure.number for figure in held(engine)] == [163]


@pytest.mark.parametrize("line", ["cumbria,2017-07,2017-12,1,people,x y", "cheshire,2017-07,2017-12,1,calls,x y", AFTER])
def test_another_area_another_kind_and_the_days_after_do_not_overlap(sqlite: str, tmp_path: Path, line: str) -> None:
    assert len(take_in(open_database(sqlite), write(tmp_path, BEFORE, line))[0]) == 2


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("Cheshire,2017-07,2017-12,163,people,a newspaper", "area 'Cheshire': up to 40 small letters"),
        (f"{'x' * 41},2017-07,2017-12,163,people,a newspaper", "area"),
        ("none,2017-07,2017-12,163,people,a newspaper", "area 'none'"),
        ("cheshire,July 2017,2017-12,163,people,a newspaper", "'July 2017' is neither a day"),
        ("cheshire,2017-07,2017-13,163,people,a newspaper", "'2017-13' is neither"),
        ("cheshire,2017-02-30,2017-12,163,people,a newspaper", "day"),
        ("cheshire,2017-12,2017-07,163,people,a newspaper", "ends (2017-07-31) before it begins (2017-12-01)"),
        ("cheshire,2026-11,2026-11,163,people,a newspaper", "ends on 2026-11-30, which is not over"),
        ('cheshire,2017-07,2017-12,"1,747",people,a newspaper', "count '1,747': a whole number"),
        ("cheshire,2017-07,2017-12,-1,people,a newspaper", "count '-1'"),
        ("cheshire,2017-07,2017-12,,people,a newspaper", "count ''"),
        ("cheshire,2017-07,2017-12,1.5,people,a newspaper", "count '1.5'"),
        ("cheshire,2017-07,2017-12,9999999999,people,a newspaper", "nine digits"),
        ("cheshire,2017-07,2017-12,163,People seeking help,a newspaper", "kind 'People seeking help'"),
        ("cheshire,2017-07,2017-12,163,people,", "source: say where it was read"),
        ("cheshire,2017-07,2017-12,163,people,=1+1", "source"),
        ("cheshire,2017-07,2017-12,163,people", "too few fields"),
        (f"{BEFORE},C", "too many or too few fields"),
    ],
)
def test_a_wrong_line_is_told_with_its_number_and_nothing_is_imported(
    sqlite: str, tmp_path: Path, line: str, reason: str
) -> None:
    engine = open_database(sqlite)
    with pytest.raises(StartError) as refused:
        take_in(engine, write(tmp_path, AFTER, line))
    message = str(refused.value)
    assert message.startswith(f"{tmp_path / 'figures.csv'}: line 3: ")
    assert reason in message
    assert "\n" not in message
    assert held(engine) == []


def test_several_mistakes_are_told_at_once_but_not_all_of_a_hundred(sqlite: str, tmp_path: Path) -> None:
    with pytest.raises(StartError) as refused:
        take_in(open_database(sqlite), write(tmp_path, *["x,y,z,1,people,a newspaper"] * 100))
    assert str(refused.value).count("line ") == 5
    assert str(refused.value).endswith("; and 95 more")


@pytest.mark.parametrize(
    "content",
    [b"", b"area,from\n", b"area;from;to;count;kind;source\n", b"\xff\xfe\x00", b'area,from,to,count,kind,source\n"\n'],
)
def test_what_is_no_such_file_is_told_in_one_line(sqlite: str, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "figures.csv"
    path.write_bytes(content)
    with pytest.raises(StartError) as refused:
        take_in(open_database(sqlite), path)
    assert str(refused.value).startswith(f"{path}: ")
    assert "\n" not in str(refused.value)


def test_a_file_that_is_not_there_is_told(sqlite: str, tmp_path: Path) -> None:
    with pytest.raises(StartError, match="No such file"):
        take_in(open_database(sqlite), tmp_path / "none.csv")


def test_the_database_itself_refuses_a_figure_below_zero(database: str) -> None:
    row = {"area": "a", "kind": "k", "first_day": TODAY, "last_day": TODAY, "number": -1, "source": "s", "grade": ""}
    with writing(open_database(database)).connect() as connection, pytest.raises(IntegrityError):
        connection.execute(insert(PublishedFigure), [row])


def test_figures_stay_when_the_database_is_opened_again(database: str, tmp_path: Path) -> None:
    take_in(open_database(database), write(tmp_path, BEFORE))
    with open_database(database).connect() as connection:
        assert connection.execute(select(PublishedFigure.number)).scalars().all() == [163]


def test_the_figures_that_come_with_signpost_are_those_that_the_sources_give() -> None:
    figures = [figure for figure, _ in shipped(ROOT / "data" / "figures")]
    assert {(figure.area, figure.first_day.isoformat(), figure.last_day.isoformat()): figure.number for figure in figures} == {
        ("cheshire", "2017-07-01", "2017-12-31"): 163,
        ("cheshire", "2018-01-01", "2018-06-30"): 477,
        ("north_wales", "2017-07-01", "2017-12-31"): 84,
        ("north_wales", "2018-01-01", "2018-06-30"): 139,
        ("north_west", "2017-07-01", "2017-12-31"): 1747,
        ("north_west", "2018-01-01", "2018-06-30"): 3549,
    }
    assert {figure.kind for figure in figures} == {"people_seeking_help"}
    assert all(figure.source.startswith("http") and figure.grade == "C" for figure in figures)


def test_two_shipped_files_may_not_say_the_same(tmp_path: Path) -> None:
    write(tmp_path, BEFORE, name="a.csv")
    write(tmp_path, BEFORE, name="b.csv")
    with pytest.raises(StartError, match=r"b\.csv: .* another file"):
        shipped(tmp_path)
