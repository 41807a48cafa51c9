"""`POST /opened`: two ids that are known, or nothing; and always the same answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from web_client import FORM, JSON, TestClient, assert_guarded, browse

from bot.conversation import Assistant
from bot.counts.recorder import NoRecorder
from bot.web.app import make_app

HELPLINE = "stop_it_now_helpline"


class Told(NoRecorder):
    """Remembers which pointers it is told were opened."""

    def __init__(self) -> None:
        self.opened: list[str] = []

    def count(self, what: str, *, item: str = "", **where: object) -> None:
        if what == "pointer_opened":
            self.opened.append(item)


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def site(assistant: Assistant, told: Told) -> Iterator[TestClient]:
    with TestClient(make_app(assistant, recorder=told)) as client:
        yield client


@pytest.fixture
def conversation(site: TestClient) -> str:
    id: str = site.post("/chat", json={"text": "hello"}, headers=JSON).json()["conversation"]
    return id


def test_a_known_pointer_of_a_conversation_that_is_held_is_passed_on(site: TestClient, told: Told, conversation: str) -> None:
    response = site.post("/opened", data={"conversation": conversation, "pointer": HELPLINE})
    assert (response.status_code, response.content) == (204, b"")
    assert_guarded(response)
    assert told.opened == [HELPLINE]


@pytest.mark.parametrize(
    "changed",
    [
        {"pointer": "no_such_pointer"},
        {"pointer": ""},
        {"conversation": "A" * 32},
        {"conversation": ""},
        {"conversation": "a\x00b"},
        {"filler": "a" * 600},
    ],
)
def test_anything_else_is_ignored_without_a_word(
    changed: dict[str, str], site: TestClient, told: Told, conversation: str
) -> None:
    response = site.post("/opened", data={"conversation": conversation, "pointer": HELPLINE, **changed})
    assert (response.status_code, response.content, told.opened) == (204, b"", [])
    assert_guarded(response)


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"json": {"conversation": "x", "pointer": HELPLINE}},
        {"content": b"\xff\xfe\x00", "headers": FORM},
        {"content": b"pointer", "headers": FORM},
        {"content": b"a=" + b"b" * 100_000, "headers": FORM},
        {"files": {"pointer": ("a.txt", b"x" * 2_000)}},
    ],
)
def test_what_cannot_be_read_is_ignored_too(sent: dict[str, Any], site: TestClient, told: Told) -> None:
    response = site.post("/opened", **sent)
    assert (response.status_code, response.content, told.opened) == (204, b"", [])


@given(body=st.binary(max_size=600))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
def test_no_body_does_any_harm(body: bytes, site: TestClient, told: Told) -> None:
    assert site.post("/opened", content=body, headers=FORM).status_code == 204
    assert told.opened == []


def test_it_opens_no_conversation(site: TestClient, assistant: Assistant) -> None:
    held = len(assistant.store)
    site.post("/opened", data={"conversation": "B" * 32, "pointer": HELPLINE})
    assert len(assistant.store) == held


def test_with_nobody_to_tell_it_is_answered_all_the_same(assistant: Assistant) -> None:
    site = browse(assistant)
    id = site.post("/chat", json={"text": "hello"}, headers=JSON).json()["conversation"]
    assert site.post("/opened", data={"conversation": id, "pointer": HELPLINE}).status_code == 204
