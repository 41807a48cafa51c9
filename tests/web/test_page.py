"""The page, as a browser without JavaScript gets it: the first one, and the one of every answer."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime

import msgspec
import pytest
from waiting import CLOSED, OPEN
from web_client import CRISIS, HTML, JSON, WHO, Element, ParsedPage, TestClient, browse

from bot.answers.hours import UK
from bot.answers.phrases import load_phrases
from bot.conversation import Assistant
from bot.settings import EXIT_URL, ROOT
from bot.web.page import AGAIN, Page, style

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


def shown(page: ParsedPage, tag: str, **attributes: str) -> list[Element]:
    """The elements with this tag that are in sight, and not kept in a template for later."""
    return [element for element in page.all(tag, **attributes) if "template" not in element.parents]


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
            assert {*(element.attributes.get(reference) or "").split()} <= ids.keys()
        assert not (element.tag in {"h1", "p", "ul", "section"} and "p" in element.parents)
    for link in page.all("a"):
        assert link.text
        assert not (link.attributes["href"] or "").startswith("#") or link.attributes["href"][1:] in ids


@pytest.mark.parametrize("name", PAGES)
def test_every_page_has_the_form_that_needs_no_javascript(name: str, site: TestClient) -> None:
    page = show(site, name)
    form = page.one("form")
    assert (form.attributes["method"], form.attributes["action"]) == ("post", "/chat?lang=en#answer")
    assert form.attributes["autocomplete"] == "off"
    labelled = {label.attributes["for"] for label in page.all("label") if label.text}
    fields = [e for e in page.elements if e.tag in {"input", "textarea", "select"} and e.attributes.get("type") != "hidden"]
    assert [field.attributes["name"] for field in fields] == ["text"]
    assert all(field.attributes["id"] in labelled and "form" in field.parents for field in fields)
    buttons = shown(page, "button")
    assert all(button.text and "form" in button.parents for button in buttons)
    assert all("type" not in button.attributes for button in buttons)  # a button is a submit button when it says nothing
    assert [b for b in buttons if "name" not in b.attributes]
    (_,), (legend,) = shown(page, "fieldset"), shown(page, "legend")
    assert legend.text
    choices = shown(page, "button", name="choice")
    assert {button.attributes["value"] for button in choices} <= set(CHOICES)
    assert len(choices) == len({button.text for button in choices}) >= 2


@pytest.mark.parametrize("name", ["first", "error", "missing", "greet"])
def test_the_who_question_has_its_four_buttons(name: str, site: TestClient, assistant: Assistant) -> None:
    page = ParsedPage(site.post("/chat", data={"text": "hello"}, headers=HTML).text) if name == "greet" else show(site, name)
    buttons = [button for button in shown(page, "button", name="choice") if "fieldset" in button.parents]
    assert [button.attributes["value"] for button in buttons] == WHO
    assert [button.text for button in buttons] == [assistant.answers.phrases("en").choices[id] for id in WHO]


@pytest.mark.parametrize("name", PAGES)
def test_start_again_and_not_what_i_meant_stand_in_one_place_once_there_is_an_answer(name: str, site: TestClient) -> None:
    buttons = shown(show(site, name), "button", name="choice")
    again = [button.attributes["value"] for button in buttons if "fieldset" not in button.parents]
    assert again == ([] if name == "first" else list(AGAIN))
    assert not {*AGAIN} & {button.attributes["value"] for button in buttons if "fieldset" in button.parents}


@pytest.mark.parametrize("name", PAGES)
def test_every_page_holds_what_it_shows_when_the_server_is_gone(name: str, site: TestClient, assistant: Assistant) -> None:
    page = show(site, name)
    kept = [element for element in page.elements if "template" in element.parents]
    said = [element.text for element in kept if element.attributes.get("class") == "said"]
    assert said == list(assistant.answers.phrases("en").errors["unreachable"])
    assert {"tel:08081000900", "tel:999", "tel:116123"} <= {element.attributes.get("href") for element in kept}
    opening = [element.text for element in kept if "opening" in (element.attributes.get("class") or "")]
    assert opening[0] == assistant.answers.catalogue["stop_it_now_helpline"].facts["hours"]
    assert not [text for text in opening if "now" in text]  # it may be shown hours later
    assert [element.attributes["value"] for element in kept if element.tag == "button"] == WHO


@pytest.mark.parametrize("name", PAGES)
def test_no_page_has_a_script_of_its_own_or_a_style_but_the_one_that_the_policy_names(name: str, site: TestClient) -> None:
    page = show(site, name)
    assert len(page.all("style")) + len(page.all("link", rel="stylesheet")) == 1
    assert all(element.text == " ".join(style().split()) for element in page.all("style"))
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
    leaving = 0
    for element in show(site, name).elements:
        for attribute in ("href", "src", "action", "formaction", "srcset", "poster", "data"):
            address = element.attributes.get(attribute)
            if address is None or address.startswith("#") or address == "/chat?lang=en#answer":
                continue
            if address == EXIT_URL:
                leaving += 1
                assert element.attributes["rel"] == "nofollow noreferrer"
            elif address.startswith("tel:"):
                assert re.fullmatch(r"tel:\+?[0-9]+", address)
                assert numbers[address] in element.text
            elif address.startswith("/"):
                assert site.get(address).status_code == 200
            else:
                assert address in addresses
                assert element.attributes["rel"] == "noreferrer"
    assert leaving == 2  # the button, and its twin for those who go by keyboard


@pytest.mark.parametrize("name", PAGES)
def test_every_page_keeps_the_helpline_and_999_in_view(name: str, site: TestClient) -> None:
    page = show(site, name)
    always = {link.attributes["href"]: link.text for link in page.all("a") if "header" in link.parents}
    assert list(always) == [EXIT_URL, "tel:08081000900", "tel:999"]
    assert always["tel:08081000900"].endswith("0808 1000 900")
    assert always["tel:999"].endswith("999")


@pytest.mark.parametrize("name", PAGES)
def test_every_page_says_that_it_is_automated_and_keeps_nothing(name: str, site: TestClient, assistant: Assistant) -> None:
    words = assistant.answers.phrases("en").page
    body = show(site, name).one("body").text
    for key in ("automated", "nothing_kept", "exit_how", "safety_link", "lead", "footer"):
        assert words[key] in body


@pytest.mark.parametrize("name", PAGES)
def test_the_name_in_the_tab_and_the_history_tells_nothing_of_the_visitor(name: str, site: TestClient) -> None:
    assert show(site, name).one("title").text == "Signpost: where to get help"


@pytest.mark.parametrize("name", PAGES)
def test_what_is_typed_is_given_to_no_memory_and_no_spell_checker(name: str, site: TestClient) -> None:
    field = show(site, name).one("textarea").attributes
    assert (field["autocomplete"], field["spellcheck"]) == ("off", "false")


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
    spans = [span for span in show(site, name).all("span") if (span.attributes.get("class") or "").startswith("opening")]
    openings = [span.text for span in spans]
    pointers = site.post("/chat", json={"choice": "ask_contact"}, headers=JSON).json()["pointers"]
    assert openings == [pointer["opening"] for pointer in pointers if pointer["id"] == "stop_it_now_helpline"]
    assert time in openings[0]


@pytest.mark.parametrize("choice", CHOICES)
def test_every_pointer_is_shown_with_all_that_belongs_to_it(choice: str, site: TestClient, assistant: Assistant) -> None:
    pointers = site.post("/chat", data={"choice": choice}, headers=JSON).json()["pointers"]
    cards = [item for item in shown(show(site, choice), "li") if "pointer" in (item.attributes.get("class") or "")]
    for card, pointer in zip(cards, pointers, strict=True):
        for name in ("name", "about", "tel", "opening"):
            assert (pointer[name] or "") in card.text
        note = assistant.answers.catalogue[pointer["id"]].note
        assert (note or "") in card.text


@pytest.mark.parametrize("choice", ["suicide_crisis", "own_behaviour"])
def test_a_crisis_card_is_marked_in_words_too(choice: str, site: TestClient, assistant: Assistant) -> None:
    urgent = assistant.answers.phrases("en").page["urgent"]
    cards = [item for item in shown(show(site, choice), "li") if "pointer" in (item.attributes.get("class") or "")]
    marked = [card.text for card in cards if "crisis" in (card.attributes["class"] or "")]
    assert len(marked) == (2 if choice == "suicide_crisis" else 0)
    assert marked == [card.text for card in cards if urgent in card.text]


@pytest.mark.parametrize(("moment", "filled"), [(OPEN, True), (CLOSED, False)])
def test_a_call_that_nobody_would_take_now_is_not_pressed_upon_anyone(
    moment: datetime, filled: bool, site: TestClient, assistant: Assistant
) -> None:
    assistant.now = lambda: moment
    calls = shown(show(site, "own_behaviour"), "a", href="tel:08081000900")
    assert {"call" in (link.attributes["class"] or "") for link in calls if "li" in link.parents} == {filled}


@pytest.mark.parametrize("choice", CHOICES)
def test_a_pressed_choice_is_shown_by_its_label(choice: str, site: TestClient, assistant: Assistant) -> None:
    assert show(site, choice).one("p", class_="mine").text.endswith(assistant.answers.phrases("en").choices[choice])


def test_a_typed_text_is_not_shown(site: TestClient) -> None:
    assert not show(site, "text").all("p", class_="mine")
    assert CRISIS not in show(site, "text").one("body").text


def test_leaving_quickly_leads_where_the_settings_say(assistant: Assistant) -> None:
    calm = assistant.answers.error("fallback", "en", OPEN)
    page = ParsedPage(Page(assistant.answers, "https://example.org/").render(language="en", hours=calm))
    assert len(page.all("a", href="https://example.org/")) == 2
    assert not page.all("a", href=EXIT_URL)


def test_markup_in_the_data_would_be_shown_and_not_obeyed(assistant: Assistant) -> None:
    calm = assistant.answers.error("fallback", "en", OPEN)
    marked = msgspec.structs.replace(calm, messages=("<script>alert(1)</script>", '" onclick="'))
    page = ParsedPage(Page(assistant.answers).render(language="en", hours=calm, reply=marked, conversation='"><b>'))
    assert [said.text for said in shown(page, "p", class_="said")] == list(marked.messages)
    assert page.one("input", name="conversation").attributes["value"] == '"><b>'


@pytest.mark.parametrize(
    ("text", "legend"),
    [("it is a long story", "Is it one of these?"), ("is the call free", "What would you like to do next?")],
)
def test_a_question_stands_again_above_its_buttons(site: TestClient, text: str, legend: str) -> None:
    page = ParsedPage(site.post("/chat", data={"text": text}, headers=HTML).text)
    assert [element.text for element in shown(page, "legend")] == [legend]
