"""The page, as a browser without JavaScript gets it: the first one, and the one of every answer."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime
from pathlib import Path

import msgspec
import pytest
from conftest import CLOSED, OPEN
from web_client import CRISIS, HTML, JSON, WHO, ParsedPage, TestClient, browse

from bot.answers.hours import UK
from bot.answers.phrases import load_phrases
from bot.conversation import Assistant
from bot.settings import ROOT
from bot.web.app import TEMPLATES
from bot.web.page import Page

CHOICES = sorted(load_phrases(ROOT / "data" / "phrases" / "en.yml").choices)
#: The first page, the page of a text, of an error, of a missing page, and of every choice.
PAGES = ["first", "text", "error", "missing", *CHOICES]


@pytest.fixture
def site(assistant: Assistant) -> TestClient:
    return browse(assistant)


def show(site: TestClient, name: str) -> ParsedPage:
    special = {
        "first": lambda: site.get("/"),
        "text": lambda: site.post("/chat", data={"text": CRISIS}, headers=HTML),
        "error": lambda: site.post("/chat", data={"choice": "unknown"}, headers=HTML),
        "missing": lambda: site.get("/nowhere", headers=HTML),
    }
    response = special.get(name, lambda: site.post("/chat", data={"choice": name}, headers=HTML))()
    assert response.text.startswith("<!doctype html>")
    return ParsedPage(response.text)


@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_whole_html(name: str, site: TestClient) -> None:
    page = show(site, name)
    assert page.one("html").attributes["lang"] == "en"
    assert page.one("title").text
    assert page.one("h1").text
    assert page.one("main")
    assert page.one("meta", charset="utf-8")
    assert page.one("meta", name="viewport")
    ids = Counter(element.attributes["id"] for element in page.elements if "id" in element.attributes)
    assert set(ids.values()) == {1}
    for element in page.elements:
        for reference in ("for", "aria-describedby", "aria-labelledby"):
            assert element.attributes.get(reference) is None or element.attributes[reference] in ids
        assert not (element.tag in {"h1", "p", "ul", "section"} and "p" in element.parents)
    for link in page.all("a"):
        assert link.text
        assert not (link.attributes["href"] or "").startswith("#") or link.attributes["href"][1:] in ids


@pytest.mark.parametrize("name", PAGES)
def test_every_page_has_the_form_that_needs_no_javascript(name: str, site: TestClient) -> None:
    page = show(site, name)
    form = page.one("form")
    assert (form.attributes["method"], form.attributes["action"]) == ("post", "/chat")
    assert form.attributes["autocomplete"] == "off"
    labelled = {label.attributes["for"] for label in page.all("label") if label.text}
    fields = [e for e in page.elements if e.tag in {"input", "textarea", "select"} and e.attributes.get("type") != "hidden"]
    assert [field.attributes["name"] for field in fields] == ["text"]
    assert all(field.attributes["id"] in labelled and "form" in field.parents for field in fields)
    buttons = page.all("button")
    assert all(button.text and "form" in button.parents for button in buttons)
    assert all("type" not in button.attributes for button in buttons)  # a button is a submit button when it says nothing
    assert [b for b in buttons if "name" not in b.attributes]
    assert page.one("fieldset")
    assert page.one("legend").text
    choices = page.all("button", name="choice")
    assert {button.attributes["value"] for button in choices} <= set(CHOICES)
    assert len(choices) == len({button.text for button in choices}) >= 2


@pytest.mark.parametrize("name", ["first", "error", "missing", "greet"])
def test_the_who_question_has_its_four_buttons(name: str, site: TestClient, assistant: Assistant) -> None:
    page = ParsedPage(site.post("/chat", data={"text": "hello"}, headers=HTML).text) if name == "greet" else show(site, name)
    buttons = page.all("button", name="choice")
    assert [button.attributes["value"] for button in buttons] == WHO
    assert [button.text for button in buttons] == [assistant.answers.phrases("en").choices[id] for id in WHO]


@pytest.mark.parametrize("name", PAGES)
def test_no_page_has_a_script_or_a_style_of_its_own(name: str, site: TestClient) -> None:
    page = show(site, name)
    assert not page.all("style")
    for script in page.all("script"):
        assert (script.attributes["src"] or "").startswith("/static/")
        assert not script.text
    for element in page.elements:
        assert "style" not in element.attributes
        assert not [attribute for attribute in element.attributes if attribute.startswith("on")]
        assert element.tag not in {"iframe", "object", "embed", "base", "img", "video", "audio"}


@pytest.mark.parametrize("name", PAGES)
def test_no_page_leads_to_an_address_or_a_number_outside_the_catalogue(
    name: str, site: TestClient, assistant: Assistant
) -> None:
    catalogue = assistant.answers.catalogue.values()
    numbers = {"tel:" + pointer.tel.replace(" ", ""): pointer.tel for pointer in catalogue if pointer.tel}
    addresses = {pointer.url for pointer in catalogue}
    for element in show(site, name).elements:
        for attribute in ("href", "src", "action", "formaction", "srcset", "poster", "data"):
            address = element.attributes.get(attribute)
            if address is None or address.startswith("#") or address == "/chat":
                continue
            if address.startswith("tel:"):
                assert re.fullmatch(r"tel:\+?[0-9]+", address)
                assert numbers[address] in element.text
            elif address.startswith("/static/"):
                assert site.get(address).status_code == 200
            else:
                assert address in addresses
                assert element.attributes["rel"] == "noreferrer"


@pytest.mark.parametrize("name", PAGES)
def test_every_page_keeps_the_helpline_and_999_in_view(name: str, site: TestClient) -> None:
    page = show(site, name)
    always = [link.attributes["href"] for link in page.all("a") if "aside" in link.parents]
    assert always == ["tel:999", "tel:08081000900"]
    assert [link.text for link in page.all("a") if "aside" in link.parents] == ["999", "0808 1000 900"]


@pytest.mark.parametrize("name", PAGES)
def test_every_page_says_that_it_is_automated_and_keeps_nothing(name: str, site: TestClient, assistant: Assistant) -> None:
    words = assistant.answers.phrases("en").page
    shown = show(site, name).one("body").text
    for key in ("automated", "nothing_kept", "lead", "footer"):
        assert words[key] in shown


@pytest.mark.parametrize(
    ("moment", "time"),
    [
        (OPEN, "9pm"),
        (CLOSED, "9am"),
        (datetime(2026, 6, 3, 20, 59, tzinfo=UK), "9pm"),
        (datetime(2026, 6, 3, 21, 0, tzinfo=UK), "9am"),
        (datetime(2026, 6, 5, 16, 59, tzinfo=UK), "5pm"),
        (datetime(2026, 12, 25, 10, 0, tzinfo=UK), "bank holiday"),
    ],
)
@pytest.mark.parametrize("name", ["first", "error", "ask_contact"])
def test_every_page_says_when_the_helpline_is_open(
    name: str, moment: datetime, time: str, site: TestClient, assistant: Assistant
) -> None:
    assistant.now = lambda: moment
    openings = [span.text for span in show(site, name).all("span", class_="opening") if "aside" in span.parents]
    pointers = site.post("/chat", json={"choice": "ask_contact"}, headers=JSON).json()["pointers"]
    assert openings == [pointer["opening"] for pointer in pointers if pointer["id"] == "stop_it_now_helpline"]
    assert time in openings[0]


@pytest.mark.parametrize("choice", CHOICES)
def test_every_pointer_is_shown_with_all_that_belongs_to_it(choice: str, site: TestClient, assistant: Assistant) -> None:
    pointers = site.post("/chat", data={"choice": choice}, headers=JSON).json()["pointers"]
    cards = [item for item in show(site, choice).all("li") if "pointer" in (item.attributes["class"] or "")]
    for card, pointer in zip(cards, pointers, strict=True):
        for name in ("name", "about", "tel", "opening"):
            assert (pointer[name] or "") in card.text
        note = assistant.answers.catalogue[pointer["id"]].note
        assert (note or "") in card.text


@pytest.mark.parametrize("choice", CHOICES)
def test_a_pressed_choice_is_shown_by_its_label(choice: str, site: TestClient, assistant: Assistant) -> None:
    assert show(site, choice).one("p", class_="mine").text.endswith(assistant.answers.phrases("en").choices[choice])


def test_a_typed_text_is_not_shown(site: TestClient) -> None:
    assert not show(site, "text").all("p", class_="mine")
    assert CRISIS not in show(site, "text").one("body").text


def test_markup_in_the_data_would_be_shown_and_not_obeyed(assistant: Assistant) -> None:
    calm = assistant.answers.error("fallback", "en", OPEN)
    marked = msgspec.structs.replace(calm, messages=("<script>alert(1)</script>", '" onclick="'))
    page = ParsedPage(Page(assistant.answers).render(language="en", hours=calm, reply=marked, conversation='"><b>'))
    assert [said.text for said in page.all("p", class_="said")] == list(marked.messages)
    assert page.one("input", name="conversation").attributes["value"] == '"><b>'


@pytest.mark.parametrize("path", sorted((TEMPLATES / "static").iterdir()), ids=lambda path: path.name)
def test_static_files_ask_nobody_else_and_keep_nothing(path: Path) -> None:
    text = path.read_text(encoding="utf-8").replace('xmlns="http://www.w3.org/2000/svg"', "")
    elsewhere = {word for word in ("http:", "https:", "//cdn", "@import", "url(", "sendBeacon") if word in text}
    kept = {
        word for word in ("cookie", "localStorage", "sessionStorage", "indexedDB", "serviceWorker", "caches.") if word in text
    }
    unsafe = {word for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(") if word in text}
    assert not elsewhere | kept | unsafe
