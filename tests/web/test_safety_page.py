"""The page on staying safe on this device."""

from __future__ import annotations

import re

import pytest
from web_client import ParsedPage, TestClient, assert_guarded, browse

from bot.conversation import Assistant
from bot.settings import EXIT_URL, ROOT

LANGUAGES = sorted(path.stem for path in (ROOT / "data" / "phrases").glob("*.yml"))


@pytest.fixture
def site(assistant: Assistant) -> TestClient:
    return browse(assistant)


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_every_phrase_that_there_is_for_it_and_nothing_else(
    language: str, site: TestClient, assistant: Assistant
) -> None:
    response = site.get("/safety", params={"lang": language})
    assert response.status_code == 200
    assert_guarded(response)
    page = ParsedPage(response.text)
    safety = assistant.answers.phrases(language).safety
    inside = [element for element in page.elements if "div" in element.parents and "main" in element.parents]
    assert page.one("title").text == safety.tab_title
    assert page.one("h1").text == safety.title
    assert [element.text for element in inside if element.tag == "h2"] == [part.heading for part in safety.parts]
    points = [element.text for element in inside if element.tag == "li"]
    assert points == [point for part in safety.parts for point in part.points]


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_has_as_much_to_say_in_every_language(language: str, assistant: Assistant) -> None:
    english, other = (assistant.answers.phrases(each).safety for each in ("en", language))
    assert [len(part.points) for part in other.parts] == [len(part.points) for part in english.parts]


@pytest.mark.parametrize("subject", ["history", "private window", "shared computer", "list of calls", "sent", "kept", "Shift"])
def test_it_speaks_of_what_others_could_see(subject: str, site: TestClient) -> None:
    assert subject.casefold() in ParsedPage(site.get("/safety").text).one("main").text.casefold()


def test_it_says_what_leaving_quickly_does_not_hide(site: TestClient, assistant: Assistant) -> None:
    points = assistant.answers.phrases("en").safety.parts[0].points
    assert any("history still shows" in point for point in points)
    assert any("JavaScript off" in point and "Back button" in point for point in points)


@pytest.mark.parametrize("path", ["/safety", "/safety?lang=cy&c=cheshire"])
def test_it_can_be_left_quickly_and_leads_back_with_language_and_campaign(path: str, site: TestClient) -> None:
    page = ParsedPage(site.get(path).text)
    assert len(page.all("a", href=EXIT_URL)) == 2
    back = {link.attributes["href"] for link in page.all("a", class_="back")}
    assert back == {"/?lang=cy&c=cheshire" if "cy" in path else "/?lang=en"}
    assert [link.attributes["href"] for link in page.all("a") if (link.attributes["href"] or "").startswith("tel:")] == [
        "tel:08081000900",
        "tel:999",
    ]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("campaign", ["", "&c=cheshire"])
def test_the_first_page_leads_to_it(language: str, campaign: str, site: TestClient, assistant: Assistant) -> None:
    page = ParsedPage(site.get(f"/?lang={language}{campaign}").text)
    links = page.all("a", href=f"/safety?lang={language}{campaign}")
    assert [link.text for link in links] == [assistant.answers.phrases(language).page["safety_link"]] * 2


def test_it_needs_no_script_and_sends_nothing(site: TestClient) -> None:
    text = site.get("/safety").text
    assert "<form" not in text
    assert re.findall(r"src=\"([^\"]+)\"", text) == ["/static/exit.mjs", "/static/framed.mjs"]
