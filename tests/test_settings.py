"""Settings: flags before variables before the file, and a mistake is named with the place it was written in."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from bot.errors import StartError
from bot.settings import PREFIX, ROOT, Settings, load_settings

README = ROOT / "README.md"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "signpost.toml"


def test_with_nothing_written_the_defaults_hold(file: Path) -> None:
    assert load_settings(environment={}, file=file) == Settings()


def test_a_flag_goes_before_a_variable_and_a_variable_before_the_file(file: Path) -> None:
    file.write_text('host = "127.0.0.2"\nport = 1\nmax_waiting = 1\nidle_minutes = 1\n', encoding="utf-8")
    environment = {"SIGNPOST_PORT": "2", "SIGNPOST_MAX_WAITING": "2", "SIGNPOST_LIFETIME_MINUTES": "2", "PORT": "9"}
    settings = load_settings({"port": 3, "host": None}, environment, file)
    assert settings == Settings(host="127.0.0.2", port=3, max_waiting=2, idle_minutes=1, lifetime_minutes=2)


@pytest.mark.parametrize("value", ["1", "65535", "0"])
def test_a_variable_is_read_as_the_kind_that_the_setting_has(file: Path, value: str) -> None:
    settings = load_settings(environment={"SIGNPOST_PORT": value, "SIGNPOST_DATA": "elsewhere"}, file=file)
    assert (settings.port, settings.data) == (int(value), Path("elsewhere"))


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        ('port = "many"', "$.port"),
        ("port = 65536", "$.port"),
        ("port = -1", "$.port"),
        ("max_waiting = 0", "$.max_waiting"),
        ("idle_minutes = 1.5", "$.idle_minutes"),
        ("host = 7", "$.host"),
        ("model = 7", "$.model"),
        ("data = []", "$.data"),
        ('exit_url = "javascript:alert(1)"', "$.exit_url"),
        ('exit_url = "http://a.example"', "$.exit_url"),
        ("prot = 8080", "`prot`"),
        ("[server]\nport = 8080", "`server`"),
        ("port = \nhost = 1", "line 1"),
        ("port = 1\nport = 2\n", "line 2"),
    ],
)
def test_a_mistake_in_the_file_is_named_with_the_file(file: Path, written: str, complaint: str) -> None:
    file.write_text(written, encoding="utf-8")
    with pytest.raises(StartError) as refused:
        load_settings(environment={}, file=file)
    assert str(refused.value).startswith(f"{file}: ")
    assert complaint in str(refused.value)


def test_a_file_that_is_not_utf_8_is_named(file: Path) -> None:
    file.write_bytes(b'host = "caf\xe9"')
    with pytest.raises(StartError, match=re.escape(str(file))):
        load_settings(environment={}, file=file)


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("SIGNPOST_PORT", "", "$.port"),
        ("SIGNPOST_PORT", "eighty", "$.port"),
        ("SIGNPOST_MAX_CONVERSATIONS", "0", "$.max_conversations"),
        ("SIGNPOST_PROT", "8080", "`prot`"),
    ],
)
def test_a_mistake_in_a_variable_is_named_with_the_environment(file: Path, name: str, value: str, complaint: str) -> None:
    with pytest.raises(StartError, match=r"^the environment: ") as refused:
        load_settings(environment={name: value}, file=file)
    assert complaint in str(refused.value)


@pytest.mark.parametrize(("flags", "complaint"), [({"port": 70000}, "$.port"), ({"colour": "red"}, "`colour`")])
def test_a_mistake_in_a_flag_is_named_with_the_command_line(file: Path, flags: dict[str, Any], complaint: str) -> None:
    with pytest.raises(StartError, match=r"^the command line: ") as refused:
        load_settings(flags, {}, file)
    assert complaint in str(refused.value)


def test_a_mistake_is_found_even_where_a_flag_goes_before_it(file: Path) -> None:
    with pytest.raises(StartError, match=r"^the environment: "):
        load_settings({"port": 1}, {"SIGNPOST_PORT": "eighty"}, file)


def test_the_wrapper_s_own_variable_is_not_a_setting(file: Path) -> None:
    assert load_settings(environment={"SIGNPOST_PYTHON": "python3.12"}, file=file) == Settings()


def test_settings_cannot_be_changed_once_read() -> None:
    with pytest.raises(AttributeError):
        Settings().port = 1  # type: ignore[misc]


def test_what_is_served_by_default_is_for_this_machine_only() -> None:
    assert Settings().host == "127.0.0.1"


@pytest.mark.parametrize("name", Settings.__struct_fields__)
def test_every_setting_is_explained_in_the_readme(name: str) -> None:
    readme = README.read_text(encoding="utf-8")
    assert re.search(rf"`{name}\b|{PREFIX}{name.upper()}\b", readme)


def test_the_readme_explains_no_variable_that_there_is_not() -> None:
    explained = set(re.findall(rf"\b{PREFIX}([A-Z_]+)\b", README.read_text(encoding="utf-8")))
    assert explained - {"PYTHON"} <= {name.upper() for name in Settings.__struct_fields__}
