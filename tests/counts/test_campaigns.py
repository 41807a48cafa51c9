"""The campaigns' files: each mistake is named by file, entry and field, and what ships says no more than its sources."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.counts.campaigns import Campaigns, known, load_campaigns
from bot.errors import StartError
from bot.settings import ROOT

GOOD: dict[str, Any] = {
    "name": "Cheshire",
    "area": "cheshire",
    "region": "north_west",
    "partner": "Cheshire Constabulary",
    "starts": "2018-01",
    "source": "https://www.example.org/news",
    "checked": date(2026, 11, 22),
    "grade": "C",
}


@pytest.fixture(scope="module")
def campaigns() -> Campaigns:
    return load_campaigns(ROOT / "data" / "campaigns")


def write(folder: Path, entries: dict[str, Any], name: str = "region.yml") -> Path:
    path = folder / name
    path.write_text(yaml.safe_dump(entries), encoding="utf-8")
    return path


def entry(**changes: Any) -> dict[str, Any]:
    return {name: value for name, value in {**GOOD, **changes}.items() if value is not ...}


def test_a_good_entry_is_read_as_it_is_written(tmp_path: Path) -> None:
    write(tmp_path, {"cheshire_2018": GOOD})
    found = load_campaigns(tmp_path)["cheshire_2018"]
    assert (found.code, found.area, found.region, found.partner, found.file) == (
        *("cheshire_2018", "cheshire", "north_west", "Cheshire Constabulary", "region.yml"),
    )


@pytest.mark.parametrize(
    ("starts", "ends", "first", "last"),
    [
        ("2018-01", ..., date(2018, 1, 1), None),
        ("2018-01", "2018-02", date(2018, 1, 1), date(2018, 2, 28)),
        ("2024-02", "2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        (date(2018, 1, 31), date(2018, 1, 31), date(2018, 1, 31), date(2018, 1, 31)),
    ],
)
def test_a_month_is_its_first_day_as_a_start_and_its_last_as_an_end(
    tmp_path: Path, starts: Any, ends: Any, first: date, last: date | None
) -> None:
    write(tmp_path, {"cheshire": entry(starts=starts, ends=ends)})
    found = load_campaigns(tmp_path)["cheshire"]
    assert (found.starts, found.ends) == (first, last)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        *(({name: ...}, f"`{name}`") for name in ("name", "area", "partner", "starts", "source", "checked", "grade")),
        ({"police": "Cheshire"}, "`police`"),
        ({"name": ""}, "$.name"),
        ({"area": "Cheshire"}, "$.area"),
        ({"area": "north-west"}, "$.area"),
        ({"area": "x" * 41}, "$.area"),
        ({"region": ""}, "$.region"),
        ({"area": "none"}, "`none`"),
        ({"region": "none"}, "`none`"),
        ({"starts": "January 2018"}, "$.starts"),
        ({"starts": "2018-13"}, "$.starts"),
        ({"starts": 2018}, "$.starts"),
        ({"ends": "soon"}, "$.ends"),
        ({"ends": "2017-12"}, "ends before it starts"),
        ({"source": "a newspaper"}, "$.source"),
        ({"checked": "2026"}, "$.checked"),
        ({"grade": "D"}, "$.grade"),
    ],
    ids=str,
)
def test_a_bad_entry_is_named_by_file_entry_and_field(tmp_path: Path, changes: dict[str, Any], field: str) -> None:
    path = write(tmp_path, {"fine": GOOD, "wrong_one": entry(**changes)})
    with pytest.raises(StartError) as refused:
        load_campaigns(tmp_path)
    message = str(refused.value)
    assert message.startswith(f"{path}: wrong_one: ")
    assert field in message
    assert "\n" not in message


@pytest.mark.parametrize("code", ["Cheshire", "1st", "north-west", "a b", "", "x" * 41, "ch\u00e9shire", "cheshire\n"])
def test_a_code_that_no_link_should_carry_is_refused(tmp_path: Path, code: str) -> None:
    write(tmp_path, {code: GOOD})
    with pytest.raises(StartError, match="a code is up to 40 small letters"):
        load_campaigns(tmp_path)


def test_none_is_no_code(tmp_path: Path) -> None:
    write(tmp_path, {"none": GOOD})
    with pytest.raises(StartError, match="stands for no campaign"):
        load_campaigns(tmp_path)


def test_a_code_in_two_files_is_refused_with_both_files(tmp_path: Path) -> None:
    write(tmp_path, {"cheshire": GOOD}, "first.yml")
    write(tmp_path, {"cheshire": GOOD}, "second.yml")
    with pytest.raises(StartError, match=r"second\.yml: cheshire: is in first\.yml already$"):
        load_campaigns(tmp_path)


def test_a_code_twice_in_one_file_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, {"cheshire": GOOD})
    path.write_text(path.read_text(encoding="utf-8") * 2, encoding="utf-8")
    with pytest.raises(StartError, match="is there twice"):
        load_campaigns(tmp_path)


def test_there_may_be_no_campaign_at_all(tmp_path: Path) -> None:
    assert load_campaigns(tmp_path) == {}


@pytest.mark.parametrize("code", ["cheshire", "Cheshire", "CHESHIRE", " cheshire\n"])
def test_a_code_is_known_however_it_is_typed_off_a_poster(campaigns: Campaigns, code: str) -> None:
    assert known(campaigns, code) == "cheshire"


@pytest.mark.parametrize("code", [None, "", "none", "devon", "cheshire2", "north_west", 7, ["cheshire"], "x" * 100_000])
def test_an_unknown_code_is_none(campaigns: Campaigns, code: object) -> None:
    assert known(campaigns, code) is None


def test_the_six_forces_of_the_north_west_are_there(campaigns: Campaigns) -> None:
    north_west = {code: found for code, found in campaigns.items() if found.region == "north_west"}
    assert {code: found.partner for code, found in north_west.items()} == {
        "lancashire": "Lancashire Constabulary",
        "merseyside": "Merseyside Police",
        "greater_manchester": "Greater Manchester Police",
        "cheshire": "Cheshire Constabulary",
        "cumbria": "Cumbria Constabulary",
        "north_wales": "North Wales Police",
    }
    assert all(found.area == code for code, found in north_west.items())


def test_the_north_west_campaign_starts_in_january_2018_and_nobody_says_when_it_ended(campaigns: Campaigns) -> None:
    assert {(found.starts, found.ends) for found in campaigns.values()} == {(date(2018, 1, 1), None)}


def test_a_campaign_s_codes_cannot_be_changed_after_loading(campaigns: Campaigns) -> None:
    with pytest.raises(TypeError):
        campaigns["devon"] = campaigns["cheshire"]  # type: ignore[index]
