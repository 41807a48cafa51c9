"""What a browser loads beside the page: little, ours, asking nobody else, keeping nothing."""

from __future__ import annotations

import gzip
import re
from hashlib import sha256
from pathlib import Path

import pytest
from web_client import TestClient, browse

from bot.conversation import Assistant
from bot.web.page import TEMPLATES

STATIC = TEMPLATES / "static"
VENDOR = STATIC / "vendor"
OURS = sorted(path for path in STATIC.iterdir() if path.is_file())
CODE = sorted((*STATIC.glob("*.mjs"), *VENDOR.glob("*.mjs")))
MAX_BYTES = 30_000


@pytest.fixture
def site(assistant: Assistant) -> TestClient:
    return browse(assistant)


@pytest.mark.parametrize("path", ["/", "/?lang=cy", "/safety"])
def test_page_style_and_code_are_30_kb_compressed_at_the_most(path: str, site: TestClient) -> None:
    page = site.get(path).text
    loaded = {*re.findall(r"(?:src|href)=\"(/static/[^\"]+)\"", page), *(f"/static/{p.relative_to(STATIC)}" for p in CODE)}
    loaded.add("/static/page.css")  # it stands in the page at first, and comes with the first answer where there is no script
    assert "/static/vendor/exit-this-page.bundle.mjs" in loaded
    sent = [page.encode(), *(site.get(address).content for address in loaded)]
    assert sum(len(gzip.compress(body, 6)) for body in sent) <= MAX_BYTES


@pytest.mark.parametrize("path", ["/", "/safety", "/static/page.css", "/static/vendor/exit-this-page.bundle.mjs"])
def test_what_is_large_is_compressed_for_who_can_read_that(path: str, site: TestClient) -> None:
    compressed = site.get(path, headers={"accept-encoding": "gzip"})
    plain = site.get(path, headers={"accept-encoding": "identity"})
    assert compressed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert compressed.content == plain.content
    assert compressed.headers["content-security-policy"] == plain.headers["content-security-policy"]


def test_an_answer_as_json_is_not_compressed(site: TestClient) -> None:
    response = site.post("/chat", json={"choice": "own_behaviour"}, headers={"accept-encoding": "gzip"})
    assert "content-encoding" not in response.headers


@pytest.mark.parametrize("path", CODE, ids=lambda path: path.name)
def test_code_imports_what_is_there_by_a_path_of_its_own(path: Path) -> None:
    for imported in re.findall(r"^(?:import|export) .*?from '([^']+)'", path.read_text(encoding="utf-8"), re.M):
        assert imported.startswith("./")
        assert (path.parent / imported).is_file()


@pytest.mark.parametrize("path", [*OURS, *CODE], ids=lambda path: path.name)
def test_static_files_ask_nobody_else_and_keep_nothing(path: Path) -> None:
    text = path.read_text(encoding="utf-8").replace('xmlns="http://www.w3.org/2000/svg"', "")
    elsewhere = {word for word in ("http:", "https:", "//cdn", "url(", "XMLHttpRequest", "WebSocket") if word in text}
    kept = {
        word for word in ("cookie", "localStorage", "sessionStorage", "indexedDB", "serviceWorker", "caches.") if word in text
    }
    unsafe = {word for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(") if word in text}
    assert not elsewhere | kept | unsafe


def test_the_code_sends_a_message_and_which_pointer_was_used_and_asks_whether_we_live_and_no_more() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in CODE)
    assert set(re.findall(r"fetch\([^,]+|sendBeacon\S*\([^,]+", code)) == {
        "fetch(form.action",
        "fetch('/health/live'",
        "sendBeacon?.('/opened'",
    }


def test_leaving_quickly_sends_nothing_and_takes_the_page_s_place_in_the_history() -> None:
    code = (STATIC / "exit.mjs").read_text(encoding="utf-8") + (STATIC / "wipe.mjs").read_text(encoding="utf-8")
    assert "location.replace(this.$button.href)" in code
    assert not re.search(r"fetch|sendBeacon|page\.mjs|location\.href", code)


def test_vendored_files_are_those_whose_checksums_are_written_down() -> None:
    written = dict(re.findall(r"\| `([^`]+)` \| `([0-9a-f]{64})` \|", (VENDOR / "README.md").read_text(encoding="utf-8")))
    assert {path.name for path in VENDOR.iterdir()} == {"README.md", "LICENSE.txt", *written}
    assert written == {name: sha256((VENDOR / name).read_bytes()).hexdigest() for name in written}
    assert "MIT License" in (VENDOR / "LICENSE.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", sorted(TEMPLATES.glob("*.html")), ids=lambda path: path.name)
def test_no_template_has_words_of_its_own(path: Path) -> None:
    text = re.sub(r"\{[#{%].*?[#}%]\}", "", path.read_text(encoding="utf-8"), flags=re.S)
    words = [word for chunk in re.findall(r">([^<]*)<", text) for word in chunk.split()]
    spoken = re.findall(r"(?:alt|title|placeholder|aria-label)=\"([^\"]+)\"", text)
    assert words + spoken == []


def test_the_style_has_every_colour_once_for_each_scheme() -> None:
    css = (STATIC / "page.css").read_text(encoding="utf-8")
    light, dark = re.findall(r":root \{(.*?)\}", css, re.S)[:2]
    names = [set(re.findall(r"(--[\w-]+):", block)) for block in (light, dark)]
    assert names[0] == names[1]
    assert not re.findall(r"#[0-9a-fA-F]{3,8}\b", css.replace(light, "").replace(dark, ""))
