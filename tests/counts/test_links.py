"""A campaign's link and its QR codes, and the commands that make them and fold the counts."""

from __future__ import annotations

import re
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest
import segno
from counting import recorder, rows
from matplotlib.image import imread
from typer.testing import CliRunner

from bot.cli import app, main
from bot.counts.links import campaign_link, write_qr_codes
from bot.errors import StartError

LINK = "https://chat.example.org/?c=greater_manchester"


@pytest.mark.parametrize(
    ("base_url", "link"),
    [
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/?c=cheshire"),
        ("https://chat.example.org/", "https://chat.example.org/?c=cheshire"),
        ("https://example.org/chat", "https://example.org/chat/?c=cheshire"),
    ],
)
def test_a_link_is_the_page_s_address_with_the_code(base_url: str, link: str) -> None:
    assert campaign_link(base_url, "cheshire") == link


@pytest.mark.parametrize(
    "base_url", ["", "chat.example.org", "ftp://example.org", "https://", "https://x/?a=b", "https://x/#a"]
)
def test_what_is_no_address_of_a_page_is_refused(base_url: str) -> None:
    with pytest.raises(StartError, match="base_url: "):
        campaign_link(base_url, "cheshire")


def png_rows(path: Path) -> list[list[int]]:
    """The points of a QR code's picture: 1 is dark."""
    return [[int(point < 0.5) for point in row] for row in imread(path)]


def svg_rows(path: Path, size: int) -> list[list[int]]:
    """The squares from the drawing: a path of runs to the right, `m` and `h`."""
    [*_, line] = ElementTree.parse(path).getroot().iter("{http://www.w3.org/2000/svg}path")  # noqa: S314  # our own
    grid, x, y = [[0] * size for _ in range(size)], 0, 0.0
    for step, numbers in re.findall(r"([Mmh])([-\d. ]+)", line.attrib["d"]):
        if step == "h":
            grid[int(y)][x : x + int(numbers)] = [1] * int(numbers)
            x += int(numbers)
        else:
            right, down = (float(number) for number in numbers.split())
            x, y = (int(right), down) if step == "M" else (x + int(right), y + down)
    return grid


def test_both_pictures_show_the_link_with_a_border_of_four(tmp_path: Path) -> None:
    svg, png = write_qr_codes(LINK, "greater_manchester", tmp_path / "posters")
    code = segno.make_qr(LINK, error="q")
    wanted = [list(row) for row in code.matrix_iter(border=4)]
    points = png_rows(png)
    scale = len(points) // len(wanted)
    assert len(points) >= 1_000  # a hand's breadth on paper
    assert [row[::scale] for row in points[::scale]] == wanted
    assert all(row == points[y // scale * scale] for y, row in enumerate(points))
    assert svg_rows(svg, len(wanted)) == wanted
    assert code.error in "QH"


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StartError, match="choose another with --out"):
        write_qr_codes(LINK, "cheshire", tmp_path / "file" / "more")


def test_the_command_prints_the_link_and_draws_and_writes_it(tmp_path: Path) -> None:
    words = ["campaign", "link", "Cheshire", "--base-url", "https://chat.example.org", "--out", str(tmp_path)]
    ran = CliRunner().invoke(app, words)
    assert ran.exit_code == 0
    assert ran.stdout.splitlines()[0] == "https://chat.example.org/?c=cheshire"
    assert len(re.findall(r"^[█▀▄ ]{30,}$", ran.stdout, re.M)) > 15
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cheshire.png", "cheshire.svg"]


def test_the_command_s_link_begins_with_the_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNPOST_BASE_URL", "https://signpost.example.org")
    ran = CliRunner().invoke(app, ["campaign", "link", "cumbria", "--out", str(tmp_path)])
    assert ran.stdout.startswith("https://signpost.example.org/?c=cumbria\n")


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["campaign", "link", "devon"], "no campaign 'devon': there are cheshire, cumbria, greater_manchester"),
        (["campaign", "link", "cheshire", "--base-url", "example.org"], "base_url: 'example.org' is not an address"),
        (["counts", "fold"], "counting is turned off"),
    ],
)
def test_what_a_command_cannot_do_is_told_in_one_line(
    words: list[str], complaint: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["signpost", *words])
    monkeypatch.setenv("SIGNPOST_DATABASE", "")
    with pytest.raises(SystemExit) as ended:
        main()
    [line] = capsys.readouterr().err.splitlines()
    assert ended.value.code == 2
    assert complaint in line


def test_the_command_folds_what_is_old_and_says_what_it_did(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    old = recorder(database, clock=(datetime.now(UTC) - timedelta(weeks=6)).timestamp, months_after_weeks=9_999)
    old.count("page_opened")
    assert old.flush()
    monkeypatch.setenv("SIGNPOST_DATABASE", database)
    monkeypatch.setenv("SIGNPOST_MONTHS_AFTER_WEEKS", "4")
    said = [CliRunner().invoke(app, ["counts", "fold"]).stdout for _ in range(2)]
    assert said == [
        "Folded 1 weeks into months and 0 months into half-years.\n",
        "Folded 0 weeks into months and 0 months into half-years.\n",
    ]
    assert [row["grain"] for row in rows(database)] == ["month"]
