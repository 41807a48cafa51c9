"""The web contract of design, section 4: what a message may look like, and the fields of an answer."""

from __future__ import annotations

import re
from typing import Any

import pytest
from web_client import CRISIS, HELPLINE, HTML, JSON, WHO, ParsedPage, TestClient, assert_approved, browse

from bot.answers.phrases import load_phrases
from bot.conversation import Assistant
from bot.settings import ROOT

CHOICES = sorted(load_phrases(ROOT / "data" / "phrases" / "en.yml").choices)


@pytest.fixture
def site(assistant: Assistant) -> TestClient:
    return browse(assistant)


def ask(site: TestClient, **message: Any) -> dict[str, Any]:
    response = site.post("/chat", json=message, headers=JSON)
    assert response.status_code == 200
    body: dict[str, Any] = response.json()
    return body


def assert_contract(body: dict[str, Any]) -> None:
    assert isinstance(body["conversation"], str)
    assert len(body["conversation"]) >= 22  # 128 bits, as base64
    assert isinstance(body["route"], str)
    assert body["tier"] in ("none", "possible", "certain")
    assert body["messages"]
    assert all(isinstance(message, str) and message for message in body["messages"])
    assert body["pointers"]
    for pointer in body["pointers"]:
        assert isinstance(pointer["id"], str)
        assert isinstance(pointer["name"], str)
        assert pointer["tel"] or pointer["url"]
        assert all(pointer[name] is None or isinstance(pointer[name], str) for name in ("tel", "url", "note"))
        assert pointer["url"] is None or pointer["url"].startswith("https://")
        assert pointer["open"] in (True, False, None)
    for choice in body["choices"]:
        assert set(choice) == {"id", "label"}
        assert all(isinstance(value, str) and value for value in choice.values())


@pytest.mark.parametrize("choice", CHOICES)
def test_every_choice_gets_an_answer_of_the_written_shape(choice: str, site: TestClient, assistant: Assistant) -> None:
    response = site.post("/chat", json={"choice": choice}, headers=JSON)
    assert response.status_code == 200
    assert_contract(response.json())
    assert response.json()["route"] == choice
    assert_approved(response, assistant)


@pytest.mark.parametrize("choice", CHOICES)
def test_numbers_are_written_as_people_read_them(choice: str, site: TestClient, assistant: Assistant) -> None:
    written = {pointer.tel for pointer in assistant.answers.catalogue.values()}
    body = ask(site, choice=choice)
    assert HELPLINE in [pointer["tel"] for pointer in body["pointers"]]
    for pointer in body["pointers"]:
        assert pointer["tel"] in written
        for text in (pointer["tel"], pointer["about"], pointer["note"], *body["messages"]):
            assert not re.search(r"\d{5}", text or "")


@pytest.mark.parametrize(
    ("choice", "tels"),
    [
        ("suicide_crisis", ["999", "116 123", HELPLINE]),
        ("immediate_danger", ["999"]),
        ("under_18", ["0800 1111"]),
    ],
)
def test_the_first_numbers_of_an_answer_are_the_ones_that_matter_most(choice: str, tels: list[str], site: TestClient) -> None:
    shown = [pointer["tel"] for pointer in ask(site, choice=choice)["pointers"] if pointer["tel"]]
    assert shown[: len(tels)] == tels


def test_ireland_is_given_its_own_number(site: TestClient) -> None:
    assert "+44 1372 847 161" in [pointer["tel"] for pointer in ask(site, choice="ask_outside_uk")["pointers"]]


def test_a_greeting_offers_the_four_who_choices(site: TestClient) -> None:
    assert [choice["id"] for choice in ask(site, text="hello")["choices"]] == WHO


def test_a_conversation_continues_with_its_id(site: TestClient) -> None:
    first = ask(site, text=CRISIS)
    second = ask(site, text="hello", conversation=first["conversation"])
    assert second["conversation"] == first["conversation"]
    assert "samaritans" in [pointer["id"] for pointer in second["pointers"] if pointer["small"]]


@pytest.mark.parametrize("made_up", ["made-up-id-of-a-client", "A" * 32, "", " ", "../../etc", "\u202e", "null", "0"])
def test_a_client_cannot_choose_its_own_conversation_id(made_up: str, site: TestClient) -> None:
    first, second = (ask(site, text="hello", conversation=made_up)["conversation"] for _ in range(2))
    assert made_up not in (first, second)
    assert first != second


def test_an_id_that_the_server_no_longer_holds_starts_a_new_conversation(site: TestClient, assistant: Assistant) -> None:
    old = ask(site, text=CRISIS)["conversation"]
    assistant.store.open(old).started -= 1e9
    body = ask(site, text="hello", conversation=old)
    assert body["conversation"] != old
    assert not any(pointer["small"] for pointer in body["pointers"])


def test_a_null_conversation_is_none(site: TestClient) -> None:
    assert_contract(ask(site, conversation=None, choice=None, lang=None, campaign=None, text="hello"))


def test_unknown_fields_lang_and_campaign_do_not_change_the_answer(site: TestClient) -> None:
    plain = ask(site, choice="professional")
    other = ask(site, choice="professional", lang="xx", campaign="leaflet", intent="abusive", metadata={"a": [1]})
    assert other | {"conversation": ""} == plain | {"conversation": ""}


@pytest.mark.parametrize("choice", [*WHO, "police_involved"])
def test_a_crisis_typed_beside_a_pressed_button_comes_first(choice: str, site: TestClient) -> None:
    body = site.post("/chat", data={"text": CRISIS, "choice": choice}, headers=JSON).json()
    assert (body["route"], body["tier"]) == ("suicide_crisis", "certain")
    assert body["pointers"][0]["tel"] == "999"


@pytest.mark.parametrize(
    ("sent", "route"),
    [
        ({"choice": "professional"}, "professional"),
        ({"choice": "professional", "text": "", "conversation": "", "lang": "en"}, "professional"),
        ({"text": "hello", "choice": "", "conversation": ""}, "greet"),
        ({"text": "hello", "choice": "professional"}, "professional"),
        ({"text": CRISIS}, "suicide_crisis"),
        ({"text": ""}, "out_of_scope"),
    ],
)
@pytest.mark.parametrize("multipart", [False, True], ids=["form", "multipart"])
def test_a_form_is_read_as_a_browser_sends_it(sent: dict[str, str], route: str, multipart: bool, site: TestClient) -> None:
    if multipart:
        response = site.post("/chat", files={name: (None, value) for name, value in sent.items()}, headers=JSON)
    else:
        response = site.post("/chat", data=sent, headers=JSON)
    assert response.status_code == 200
    assert response.json()["route"] == route


def test_a_form_continues_the_conversation_that_the_page_holds(site: TestClient) -> None:
    page = ParsedPage(site.post("/chat", data={"text": CRISIS}, headers=HTML).text)
    id = page.one("input", name="conversation").attributes["value"]
    again = ParsedPage(site.post("/chat", data={"text": "hello", "conversation": id}, headers=HTML).text)
    assert again.one("input", name="conversation").attributes["value"] == id
    assert len(again.all("li", class_="pointer small")) == 2


@pytest.mark.parametrize("text", ["", " ", "\n\t", "\u200b", "/", "\x00"])
def test_an_empty_text_is_answered_with_the_who_choices(text: str, site: TestClient, assistant: Assistant) -> None:
    response = site.post("/chat", json={"text": text}, headers=JSON)
    assert response.status_code == 200
    assert [choice["id"] for choice in response.json()["choices"]] == WHO
    assert_approved(response, assistant)
