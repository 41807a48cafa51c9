"""The catalogue's files: each mistake is named by file, entry and field, and what ships keeps what its sources allow."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.answers.catalogue import STALE_AFTER_DAYS, Catalogue, Pointer, concerns, load_catalogue
from bot.answers.hours import parse_hours
from bot.answers.reply import HELPLINE, Answers
from bot.errors import StartError

GOOD: dict[str, Any] = {
    "name": "A place",
    "about": "For people who test.",
    "tel": "0808 1000 900",
    "url": "https://www.stopitnow.org.uk/helpline/",
    "source": "https://www.stopitnow.org.uk/helpline/",
    "checked": date(2026, 11, 22),
    "grade": "A",
}


@pytest.fixture(scope="module")
def catalogue(answers: Answers) -> Catalogue:
    return answers.catalogue


def write(folder: Path, entries: dict[str, Any], name: str = "places.yml") -> Path:
    path = folder / name
    path.write_text(yaml.safe_dump(entries), encoding="utf-8")
    return path


def entry(**changes: Any) -> dict[str, Any]:
    return {name: value for name, value in {**GOOD, **changes}.items() if value is not ...}


def printed(pointer: Pointer) -> list[str]:
    """Everything of an entry that a visitor may see."""
    fields = (pointer.name, pointer.about, pointer.tel, pointer.url, pointer.note)
    return [*(text for text in fields if text), *pointer.facts.values()]


def test_a_good_entry_is_read_as_it_is_written(tmp_path: Path) -> None:
    write(tmp_path, {"place": entry(hours=["mon 09:00-17:00"], note="Mind this.", facts={"cost": "It is free."})})
    place = load_catalogue(tmp_path)["place"]
    assert (place.id, place.name, place.tel, place.checked, place.file) == (
        *("place", "A place", "0808 1000 900", date(2026, 11, 22), "places.yml"),
    )
    assert place.hours == parse_hours(["mon 09:00-17:00"])
    assert (place.note, dict(place.facts), place.verified, place.self_help) == (
        "Mind this.",
        {"cost": "It is free."},
        True,
        False,
    )


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        *(({name: ...}, f"`{name}`") for name in ("name", "about", "source", "checked", "grade")),
        ({"phone": "999"}, "`phone`"),
        ({"name": 5}, "$.name"),
        ({"name": ""}, "$.name"),
        ({"about": "x" * 301}, "$.about"),
        ({"checked": "last week"}, "$.checked"),
        ({"grade": "X"}, "$.grade"),
        ({"tel": 999}, "$.tel"),
        ({"tel": "0808-1000-900"}, "$.tel"),
        ({"tel": "call us"}, "$.tel"),
        ({"url": "http://www.stopitnow.org.uk/"}, "$.url"),
        ({"url": "https://www.stopitnow.org.uk/a b"}, "$.url"),
        ({"source": "a leaflet"}, "$.source"),
        ({"note": []}, "$.note"),
        ({"facts": {"cost": ""}}, "$.facts"),
        ({"verified": "no"}, "$.verified"),
        ({"hours": 9}, "$.hours"),
        ({"hours": "weekdays"}, "'weekdays'"),
        ({"hours": ["mon 9-5"]}, "'mon 9-5'"),
        ({"hours": ["mon 17:00-09:00"]}, "'mon 17:00-09:00'"),
        ({"tel": ..., "url": ...}, "neither tel nor url"),
    ],
    ids=str,
)
def test_a_bad_entry_is_named_by_file_entry_and_field(tmp_path: Path, changes: dict[str, Any], field: str) -> None:
    path = write(tmp_path, {"fine": GOOD, "wrong_one": entry(**changes)})
    with pytest.raises(StartError) as refused:
        load_catalogue(tmp_path)
    message = str(refused.value)
    assert message.startswith(f"{path}: wrong_one: ")
    assert field in message
    assert "\n" not in message


def test_an_id_in_two_files_is_refused_with_both_files(tmp_path: Path) -> None:
    write(tmp_path, {"place": GOOD}, "first.yml")
    second = write(tmp_path, {"place": GOOD}, "second.yml")
    with pytest.raises(StartError, match=rf"^{re.escape(str(second))}: place: is in first\.yml already$"):
        load_catalogue(tmp_path)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"place:\n  name: A place\n  about: [open\n", "line 4: "),
        (b"place:\n  name: A: place\n", "line 2: "),
        (b"place:\n\tname: A place\n", "line 2: "),
        (b"place: {checked: 2026-02-30}\n", "day is out of range"),
        (b"place: \x00\n", "is not YAML"),
        (b"", "is not a mapping of names"),
        (b"- place\n", "is not a mapping of names"),
        (b"999: {}\n", "is not a mapping of names"),
        (b"place: not a mapping\n", "place: Expected `object`"),
        (b"place: caf\xe9\n", "can't be read (UnicodeDecodeError)"),
    ],
    ids=ascii,
)
def test_a_file_that_is_no_catalogue_is_refused_in_one_line(tmp_path: Path, content: bytes, complaint: str) -> None:
    path = tmp_path / "places.yml"
    path.write_bytes(content)
    with pytest.raises(StartError) as refused:
        load_catalogue(tmp_path)
    assert str(refused.value).startswith(f"{path}: ")
    assert complaint in str(refused.value)
    assert "\n" not in str(refused.value)


def test_an_id_twice_in_one_file_is_refused(tmp_path: Path) -> None:
    """YAML itself would keep the later one and say nothing."""
    path = write(tmp_path, {"place": GOOD})
    path.write_text(path.read_text(encoding="utf-8") * 2, encoding="utf-8")
    with pytest.raises(StartError, match=r"line 9: .place. is there twice"):
        load_catalogue(tmp_path)


@pytest.mark.parametrize("folder", [".", "missing"])
def test_a_folder_without_an_entry_is_refused(tmp_path: Path, folder: str) -> None:
    with pytest.raises(StartError, match="no catalogue entry there"):
        load_catalogue(tmp_path / folder)


def test_nothing_can_be_changed_after_loading(catalogue: Catalogue) -> None:
    with pytest.raises(TypeError):
        catalogue["new"] = catalogue[HELPLINE]  # type: ignore[index]
    with pytest.raises(TypeError):
        catalogue[HELPLINE].facts["cost"] = "No."  # type: ignore[index]
    with pytest.raises(AttributeError):
        catalogue[HELPLINE].tel = "999"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("days", "changes", "said"),
    [
        (STALE_AFTER_DAYS, {}, []),
        (STALE_AFTER_DAYS + 1, {}, ["checked 91 days ago"]),
        (0, {}, []),
        (-1, {}, ["checked in the future"]),
        (0, {"grade": "B"}, ["grade B"]),
        (0, {"grade": "C", "verified": False}, ["grade C", "not verified"]),
    ],
)
def test_an_entry_s_concerns(tmp_path: Path, days: int, changes: dict[str, Any], said: list[str]) -> None:
    write(tmp_path, {"place": entry(**changes)})
    assert concerns(load_catalogue(tmp_path)["place"], GOOD["checked"] + timedelta(days=days)) == said


def test_every_shipped_entry_says_where_it_is_from_when_it_was_checked_and_how_sure_it_is(catalogue: Catalogue) -> None:
    for pointer in catalogue.values():
        assert pointer.source.startswith(("http://", "https://")), pointer.id
        assert date(2026, 1, 1) <= pointer.checked <= datetime.now(UTC).date(), pointer.id
        assert pointer.grade in {"A", "B", "C"}, pointer.id


@pytest.mark.parametrize(
    "unsafe",
    [
        r"@",  # the old e-mail address is gone, and no other was found
        r"\b(3|three)\s*(-|–|to)\s*(5|five) working days",  # its reply time
        r"seek-help\.stopitnow",  # an older copy of the self-help pages
        r"anonym|confidential",  # never without the exception, which the helpline's note gives in other words
        r"bills?\b|caller id|no trace",  # nothing is promised about traces
        r"1800 ?0",  # Australia's number, which copies disagree on
    ],
)
def test_no_entry_prints_what_is_old_or_was_not_confirmed(catalogue: Catalogue, unsafe: str) -> None:
    for pointer in catalogue.values():
        for text in printed(pointer):
            assert not re.search(unsafe, text, re.IGNORECASE), (pointer.id, text)


@pytest.mark.parametrize("id", ["nspcc", "stop_it_now_message", "stop_it_now_ireland", "shore"])
def test_hours_that_no_source_states_are_not_printed(catalogue: Catalogue, id: str) -> None:
    assert catalogue[id].hours is None
    for text in printed(catalogue[id]):
        assert not re.search(r"\d ?(am|pm)\b|24|day and night|any time|hours|weekday", text, re.IGNORECASE), text


@pytest.mark.parametrize(
    ("id", "said"),
    [
        ("family_and_friends_forum", ("3 November 2025", "someone they know", "online", "authorities already know", "email")),
        ("self_help_modules", ("hard hitting", "feel strong enough", "Samaritans, 116 123")),
        ("stop_it_now_ireland", ("charges you",)),
        (HELPLINE, ("full name", "child at risk", "person at risk", "crime", "pass it on")),
        ("iwf", ("Never send",)),
        ("shore", ("could not check",)),
    ],
)
def test_a_note_that_must_stand_beside_its_link_stands(catalogue: Catalogue, id: str, said: tuple[str, ...]) -> None:
    note = catalogue[id].note or ""
    assert [words for words in said if words not in note] == []


def test_only_shore_is_marked_as_not_verified(catalogue: Catalogue) -> None:
    assert [pointer.id for pointer in catalogue.values() if not pointer.verified] == ["shore"]


def test_the_numbers_and_the_helpline_s_hours_are_those_of_the_sources(catalogue: Catalogue) -> None:
    weekly = parse_hours([*(f"{day} 09:00-21:00" for day in ("mon", "tue", "wed", "thu")), "fri 09:00-17:00"])
    numbers = {pointer.id: pointer.tel for pointer in catalogue.values() if pointer.tel}
    others = {id: tel for id, tel in numbers.items() if tel != "0808 1000 900"}
    assert others == {
        "stop_it_now_ireland": "+44 1372 847 161",
        "emergency_999": "999",
        "police_101": "101",
        "samaritans": "116 123",
        "childline": "0800 1111",
        "nspcc": "0808 800 5000",
    }
    assert numbers[HELPLINE] == "0808 1000 900"
    assert all(catalogue[id].hours == weekly for id in numbers.keys() - others.keys())
