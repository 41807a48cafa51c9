"""Whatever people or programs type, the answer is an approved one, and no text is a command."""

from __future__ import annotations

import json
from typing import Any

import pytest
from web_client import CRISIS, FORM, HTML, JSON, TestClient, assert_approved, browse

from bot.conversation import Assistant

COMMANDS = [
    "/restart",
    '/own_behaviour{"x":"y"}',
    "\uff0frestart",
    "\uff0f\uff0fown_behaviour",
    "//",
    "EXTERNAL: hello",
    "@system",
]
UNSEEN = ["\u202ehello\u202c", "\u200f\u200f", "\ufffe\uffff", "\U000e0041", "\x00\x01\x1b[31m", "\u0301" * 500]
HALVES = ["\ud800", "hello \udfff"]  # of an emoji, as some old phones send them
CODE = ["<script>alert(1)</script>", "{{ 7*7 }}", "${x} %s %n {0}", "' OR 1=1 --"]
LONG = ["a" * 1_001, "help " * 1_400]
ODD = [*COMMANDS, *UNSEEN, *HALVES, *CODE, *LONG, "\U0001f641"]


@pytest.fixture
def site(assistant: Assistant) -> TestClient:
    return browse(assistant)


def ask(site: TestClient, text: str) -> dict[str, Any]:
    body: dict[str, Any] = site.post("/chat", json={"text": text}, headers=JSON).json()
    return body


@pytest.mark.parametrize("text", ODD, ids=lambda text: ascii(text)[:20])
@pytest.mark.parametrize("accept", [JSON, HTML], ids=["json", "html"])
def test_odd_text_gets_an_approved_answer(text: str, accept: dict[str, str], site: TestClient, assistant: Assistant) -> None:
    response = site.post("/chat", content=json.dumps({"text": text}), headers=accept | {"content-type": "application/json"})
    assert response.status_code == 200
    assert_approved(response, assistant)


@pytest.mark.parametrize("body", [b"text=" + bytes(range(256)), b"text=%ED%A0%80%00%FF", b"text", b"text=%", b"text=a&text=b"])
def test_a_form_of_odd_bytes_gets_an_approved_answer(body: bytes, site: TestClient, assistant: Assistant) -> None:
    response = site.post("/chat", content=body, headers=FORM | JSON)
    assert response.status_code == 200
    assert_approved(response, assistant)


@pytest.mark.parametrize("field", ["conversation", "lang", "campaign"])
def test_a_lone_surrogate_in_another_field_does_no_harm(field: str, site: TestClient, assistant: Assistant) -> None:
    body = json.dumps({"text": "hello", field: "\ud800"})
    response = site.post("/chat", content=body, headers=JSON | {"content-type": "application/json"})
    assert response.status_code == 200
    assert_approved(response, assistant)


@pytest.mark.parametrize("text", ["restart", "goodbye", 'own_behaviour{"x":"y"}'])
@pytest.mark.parametrize("slash", ["/", "\uff0f", " / /", "\u200f/"], ids=ascii)
def test_a_leading_slash_names_no_intent(text: str, slash: str, site: TestClient) -> None:
    plain, command = ask(site, text), ask(site, slash + text)
    assert command | {"conversation": ""} == plain | {"conversation": ""}


def test_a_long_text_is_told_that_a_sentence_is_enough_and_read_to_its_end(site: TestClient, assistant: Assistant) -> None:
    enough = assistant.answers.phrases("en").reply("one_sentence_is_enough", assistant.answers.catalogue)[0]
    assert enough in ask(site, "It is a long story. " * 60)["messages"]
    assert ask(site, "It is a long story. " * 300 + CRISIS)["route"] == "suicide_crisis"
