"""`./signpost catalogue check`: what it lists, what it asks the links, and the exit code."""

from __future__ import annotations

import io
import socket
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import msgspec
import pytest
import yaml
from rich.console import Console

from bot.answers.catalogue import load_catalogue
from bot.answers.check import _dead_links, _problem, check_catalogue
from bot.settings import Settings


def today() -> date:
    return datetime.now(UTC).date()


def check(folder: Path, entries: dict[str, dict[str, Any]], *, online: bool = False) -> tuple[int, str]:
    """Run the check over these entries; the exit code and what was printed, its spaces made one."""
    good = {
        "name": "A place",
        "about": "For tests.",
        "tel": "999",
        "source": "https://www.gov.uk/",
        "checked": today(),
        "grade": "A",
    }
    (folder / "catalogue").mkdir()
    written = yaml.safe_dump({id: {**good, **changes} for id, changes in entries.items()})
    (folder / "catalogue" / "places.yml").write_text(written, encoding="utf-8")
    out = io.StringIO()
    code = check_catalogue(folder, Console(file=out, width=200), online=online)
    return code, " ".join(out.getvalue().split())


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A server on loopback; its paths are the ways in which a link can answer."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/garbage":
                self.wfile.write(b"not http at all\r\n\r\n")
            elif self.path == "/moved":
                self.send_response(301)
                self.send_header("Location", "/gone")
                self.end_headers()
            else:
                self.send_response({"/fine": 200, "/gone": 404, "/broken": 500}[self.path])
                self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        thread = Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{listening.server_port}"
        listening.shutdown()
        thread.join()


@pytest.fixture
def dead_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")


def test_a_clean_catalogue_has_exit_code_0(tmp_path: Path) -> None:
    assert check(tmp_path, {"one": {}, "two": {"tel": "101"}}) == (0, "0 of 2 entries need a look.")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"checked": today() - timedelta(days=100)}, "checked 100 days ago"),
        ({"checked": today() + timedelta(days=30)}, "checked in the future"),
        ({"grade": "B"}, "grade B"),
        ({"grade": "C", "verified": False}, "grade C, not verified"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_entry_of_concern_is_listed_with_its_file_and_has_exit_code_1(
    tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    code, printed = check(tmp_path, {"fine": {}, "doubtful": changes})
    assert code == 1
    assert f"doubtful │ places.yml │ {changes.get('checked', today())} │ {said}" in printed
    assert "fine" not in printed
    assert printed.endswith("1 of 2 entries need a look.")


def test_the_shipped_catalogue_s_weak_entries_are_all_listed(settings: Settings) -> None:
    out = io.StringIO()
    assert check_catalogue(settings.data, Console(file=out, width=200), online=False) == 1
    catalogue = load_catalogue(settings.data / "catalogue")
    weak = {id for id, pointer in catalogue.items() if pointer.grade != "A"}
    assert "shore" in weak
    assert {id for id in weak if f" {id} " not in out.getvalue()} == set()


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("/fine", None),
        ("/gone", "the link answers 404"),
        ("/moved", "the link answers 404"),
        ("/broken", "the link answers 500"),
        ("/garbage", "the link does not answer"),
    ],
)
def test_a_link_is_asked_and_its_answer_reported(server: str, path: str, problem: str | None) -> None:
    assert _problem(server + path) == problem


@pytest.mark.parametrize("url", ["https://[", "https://a..b/", "https://é.invalid:x/", "https://127.0.0.1/é"])
def test_an_address_that_nobody_could_answer_ends_no_check(url: str) -> None:
    assert _problem(url) == "the link does not answer"


def test_each_dead_link_is_named_with_its_entry(server: str, settings: Settings) -> None:
    """The catalogue takes https only, so the addresses on loopback are put in after it is read."""
    shipped = load_catalogue(settings.data / "catalogue")
    links = {"iwf": f"{server}/gone", "ceop": f"{server}/fine", "shore": f"{server}/broken", "police_101": None}
    catalogue = {id: msgspec.structs.replace(shipped[id], url=url) for id, url in links.items()}
    assert dict(_dead_links(catalogue)) == {"iwf": "the link answers 404", "shore": "the link answers 500"}


def test_online_a_dead_link_is_a_concern(tmp_path: Path, dead_port: int) -> None:
    entries = {"fine": {}, "dead": {"url": f"https://127.0.0.1:{dead_port}/"}}
    code, printed = check(tmp_path, entries, online=True)
    assert code == 1
    assert "the link does not answer" in printed
    assert printed.endswith("1 of 2 entries need a look.")


def test_without_online_no_link_is_asked(tmp_path: Path, dead_port: int) -> None:
    assert check(tmp_path, {"dead": {"url": f"https://127.0.0.1:{dead_port}/"}})[0] == 0
