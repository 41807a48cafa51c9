"""Languages: which one is answered in, and that whatever is not in the page's language says so."""

from __future__ import annotations

import copy
from datetime import datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from waiting import OPEN
from web_client import HTML, JSON, ParsedPage, TestClient, assert_approved, browse

from bot.answers.reply import Answers
from bot.conversation import Assistant
from bot.web.asked import campaign_asked, language_asked
from bot.web.page import Page

WELSH = {"accept-language": "cy-GB,cy;q=0.9,en;q=0.5"}


@pytest.fixture
def site(assistant: Assistant) -> TestClient:
    return browse(assistant)


def scope(query: bytes = b"", accepted: bytes | None = None, **more: object) -> dict[str, object]:
    headers = [] if accepted is None else [(b"accept-language", accepted)]
    return {"type": "http", "query_string": query, "headers": headers, **more}


@pytest.mark.parametrize(
    ("query", "accepted", "language"),
    [
        (b"", None, "en"),
        (b"lang=cy", None, "cy"),
        (b"lang=cy", b"en", "cy"),
        (b"lang=en", b"cy", "en"),
        (b"lang=xx", b"cy", "cy"),
        (b"lang=", b"cy", "cy"),
        (b"", b"cy", "cy"),
        (b"", b"cy-GB", "cy"),
        (b"", b"CY", "cy"),
        (b"", b"fr, cy;q=0.8, en;q=0.3", "cy"),
        (b"", b"en;q=0.3, cy;q=0.8", "cy"),
        (b"", b"en-GB,en;q=0.9,cy;q=0.8", "en"),
        (b"", b"cy;q=0", "en"),
        (b"", b"cy;q=0.0, en", "en"),
        (b"", b"fr", "en"),
        (b"", b"*", "en"),
        (b"", b"cymraeg", "en"),
        (b"", b"cy;q=2", "en"),
        (b"", b";;,,q=1", "en"),
        (b"", b"", "en"),
    ],
)
def test_the_address_goes_before_the_browser_and_english_is_the_last_resort(
    query: bytes, accepted: bytes | None, language: str
) -> None:
    assert language_asked(scope(query, accepted), {"en", "cy"}) == language


def test_what_the_message_says_goes_before_all() -> None:
    assert language_asked(scope(b"lang=en", b"en", language="cy"), {"en", "cy"}) == "cy"
    assert language_asked(scope(b"lang=cy", language="xx"), {"en", "cy"}) == "cy"
    assert language_asked(scope(b"lang=cy", language=None), {"en", "cy"}) == "cy"


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_whatever_is_asked_there_is_a_language_and_a_plain_code_or_none(query: bytes, accepted: bytes) -> None:
    assert language_asked(scope(query, accepted), {"en", "cy"}) in {"en", "cy"}
    code = campaign_asked(scope(query, accepted))
    assert code is None or (code.isascii() and code.replace("_", "a").isalnum() and code == code.lower() and len(code) <= 40)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        (b"c=cheshire", "cheshire"),
        (b"c=north_west_2&lang=cy", "north_west_2"),
        (b"c=" + b"a" * 40, "a" * 40),
        (b"c=" + b"a" * 41, None),
        (b"c=Cheshire", None),
        (b"c=a-b", None),
        (b"c=%22%3E%3Cb%3E", None),
        (b"c=caf%C3%A9", None),
        (b"c=a%0A", None),
        (b"c=", None),
        (b"d=cheshire", None),
    ],
)
def test_a_campaign_is_what_looks_like_a_code(query: bytes, code: str | None) -> None:
    assert campaign_asked(scope(query)) == code


@pytest.mark.parametrize("path", ["/", "/safety"])
def test_the_first_pages_are_in_the_language_that_is_asked_for(path: str, site: TestClient, assistant: Assistant) -> None:
    for asked in ({"params": {"lang": "cy"}}, {"headers": WELSH}):
        page = ParsedPage(site.get(path, **asked).text)
        assert page.one("html").attributes["lang"] == "cy"
        assert assistant.answers.phrases("cy").page["footer"] in page.one("footer").text
    assert ParsedPage(site.get(path, params={"lang": "en"}, headers=WELSH).text).one("html").attributes["lang"] == "en"


@pytest.mark.parametrize(("language", "other"), [("en", "cy"), ("cy", "en")])
@pytest.mark.parametrize("path", ["/", "/safety"])
def test_the_switch_names_the_other_language_in_itself_and_takes_the_campaign_along(
    path: str, language: str, other: str, site: TestClient, assistant: Assistant
) -> None:
    page = ParsedPage(site.get(path, params={"lang": language, "c": "cheshire"}).text)
    (link,) = (link for link in page.all("a") if "nav" in link.parents)
    assert link.text == assistant.answers.phrases(other).name
    assert link.attributes == {"href": f"{path}?lang={other}&c=cheshire", "lang": other, "hreflang": other}


def test_with_one_language_there_is_no_switch(assistant: Assistant) -> None:
    english = Answers(assistant.answers.catalogue, {"en": assistant.answers.phrases("en")})
    page = Page(english).render(language="en", hours=english.error("fallback", "en", OPEN))
    assert not ParsedPage(page).all("nav")


def test_the_form_carries_language_and_campaign_to_the_answer_and_on(site: TestClient, assistant: Assistant) -> None:
    known = next(iter(assistant.campaigns), "cheshire")
    page = ParsedPage(site.get("/", params={"lang": "cy", "c": known}).text)
    for _ in range(2):
        fields = {field.attributes["name"]: field.attributes["value"] for field in page.all("input")}
        assert (fields["lang"], fields["campaign"]) == ("cy", known)
        page = ParsedPage(site.post("/chat", data={**fields, "choice": "own_behaviour"}, headers=HTML).text)
        assert page.one("html").attributes["lang"] == "cy"
        assert page.one("form").attributes["action"] == "/chat?lang=cy#answer"


def test_a_campaign_that_is_none_is_not_sent_back(site: TestClient) -> None:
    page = ParsedPage(site.post("/chat", data={"text": "hello", "campaign": "no_such_campaign"}, headers=HTML).text)
    assert page.one("input", name="campaign").attributes["value"] == ""


def test_the_page_follows_the_language_that_the_conversation_has(site: TestClient, assistant: Assistant) -> None:
    first = ParsedPage(site.post("/chat", data={"choice": "own_behaviour", "lang": "cy"}, headers=HTML).text)
    id = first.one("input", name="conversation").attributes["value"]
    page = ParsedPage(site.post("/chat", data={"choice": "ask_cost", "conversation": id}, headers=HTML).text)
    assert page.one("html").attributes["lang"] == "cy"
    assert page.one("p", class_="mine").text.endswith(assistant.answers.phrases("cy").choices["ask_cost"])


@pytest.mark.parametrize(
    ("method", "path", "sent", "error"),
    [
        ("GET", "/nowhere?lang=cy", {}, "not_found"),
        ("GET", "/nowhere", {"headers": WELSH}, "not_found"),
        ("PUT", "/chat?lang=cy", {}, "not_allowed"),
        ("POST", "/chat?lang=cy", {"data": {"a": "b"}}, "unreadable"),
        ("POST", "/chat?lang=cy", {"data": {"text": "a" * 9_000}}, "too_long"),
        ("POST", "/chat", {"data": {"choice": "unknown", "lang": "cy"}}, "unreadable"),
    ],
)
@pytest.mark.parametrize("accept", [JSON, HTML], ids=["json", "page"])
def test_an_error_is_told_in_the_language_that_is_asked_for(
    method: str,
    path: str,
    sent: dict[str, dict[str, str]],
    error: str,
    accept: dict[str, str],
    site: TestClient,
    assistant: Assistant,
) -> None:
    response = site.request(method, path, **{**sent, "headers": sent.get("headers", {}) | accept})
    said = assistant.answers.phrases("cy").errors[error]
    assert_approved(response, assistant)
    if accept is JSON:
        assert response.json()["messages"] == list(said)
    else:
        assert all(sentence in response.text.replace("&#39;", "'") for sentence in said)


@pytest.mark.parametrize("choice", ["own_behaviour", "ask_cost", "ask_confidentiality", "ask_hours", "suicide_crisis"])
def test_on_a_welsh_page_all_that_is_english_is_marked_as_english(choice: str, site: TestClient, assistant: Assistant) -> None:
    page = ParsedPage(site.post("/chat", data={"choice": choice, "lang": "cy"}, headers=HTML).text)
    catalogue = assistant.answers.catalogue.values()
    fields = {text for p in catalogue for text in (p.name, p.about, p.note, *p.facts.values()) if text}
    found = [element for element in page.elements if element.text in fields and element.tag not in ("ul", "li", "section")]
    assert found
    assert [element.text for element in found if element.attributes.get("lang") != "en"] == []
    marked = {element.text for element in page.elements if element.attributes.get("lang") == "en"}
    assert marked <= fields | {assistant.answers.phrases("en").name}


@pytest.mark.parametrize("choice", ["own_behaviour", "ask_cost"])
def test_on_an_english_page_nothing_is_marked_but_the_way_to_another_language(choice: str, site: TestClient) -> None:
    page = ParsedPage(site.post("/chat", data={"choice": choice}, headers=HTML).text)
    assert {element.tag for element in page.elements if "lang" in element.attributes} == {"html", "a"}


@pytest.fixture
def reviewed(assistant: Assistant) -> Assistant:
    """The assistant with a Welsh that somebody has read."""
    languages = dict(assistant.answers.languages)
    languages["cy"] = msgspec.structs.replace(languages["cy"], reviewed_by="A speaker of Welsh")
    other = copy.copy(assistant)
    other.answers = Answers(assistant.answers.catalogue, languages)
    return other


def test_a_translation_that_nobody_has_reviewed_says_so_on_every_page(site: TestClient, assistant: Assistant) -> None:
    assert assistant.answers.phrases("cy").reviewed_by is None
    notice = assistant.answers.phrases("cy").page["not_reviewed"]
    for response in (
        site.get("/", params={"lang": "cy"}),
        site.get("/safety", params={"lang": "cy"}),
        site.post("/chat", data={"text": "hello", "lang": "cy"}, headers=HTML),
        site.get("/nowhere", params={"lang": "cy"}, headers=HTML),
    ):
        assert notice in ParsedPage(response.text).one("main").text


def test_one_that_was_reviewed_and_english_do_not(site: TestClient, reviewed: Assistant) -> None:
    welsh = ParsedPage(browse(reviewed).get("/", params={"lang": "cy"}).text).one("main").text
    english = ParsedPage(site.get("/").text).one("main").text
    assert reviewed.answers.phrases("cy").page["not_reviewed"] not in welsh
    assert reviewed.answers.phrases("en").page["not_reviewed"] not in english


def test_hours_are_told_in_the_page_s_language(site: TestClient, assistant: Assistant) -> None:
    sunday = datetime(2026, 11, 22, 2, 0, tzinfo=OPEN.tzinfo)
    assistant.now = lambda: sunday
    page = ParsedPage(site.get("/", params={"lang": "cy"}).text)
    (opening,) = (span for span in page.all("span") if "opening" in (span.attributes.get("class") or ""))
    phrases = assistant.answers.phrases("cy")
    assert opening.text in set(phrases.all_openings(assistant.answers.catalogue["stop_it_now_helpline"].hours))
    assert "lang" not in opening.attributes
