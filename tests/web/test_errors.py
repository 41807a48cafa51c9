"""The answers to errors: approved, and there even when an answer can't be made."""

from __future__ import annotations

import http.client
import io
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from waiting import OPEN, run
from web_client import HEADERS, assert_approved, browse, chat_scope

from bot.answers.reply import Answers
from bot.conversation import Assistant
from bot.web.errors import ERRORS, Errors

STATUSES = [*ERRORS, 500, 503]


def fail(*args: Any, **kwargs: Any) -> Any:
    raise LookupError("words that must not get out")


@pytest.fixture
def errors(answers: Answers) -> Errors:
    return Errors(answers, lambda: OPEN, HEADERS)


def whole(errors: Errors, status: int) -> httpx.Response:
    """The answer to a connection, read as a client reads it."""

    class Socket:
        def makefile(self, mode: str) -> io.BytesIO:
            return io.BytesIO(errors.whole(status))

    response = http.client.HTTPResponse(Socket())  # type: ignore[arg-type]
    response.begin()
    return httpx.Response(response.status, headers=response.getheaders(), content=response.read())


@pytest.mark.parametrize("status", STATUSES)
def test_a_whole_answer_is_a_page_of_http_with_every_header(status: int, errors: Errors, assistant: Assistant) -> None:
    answer = whole(errors, status)
    assert answer.status_code == status
    assert answer.headers["connection"] == "close"
    assert_approved(answer, assistant)


def test_a_whole_answer_is_made_once_for_many_and_anew_after_a_while(answers: Answers, monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = 1_000.0
    monkeypatch.setattr("bot.web.errors.time.monotonic", lambda: seconds)
    times = []

    def now() -> datetime:
        times.append(seconds)
        return datetime(2026, 11, 24, 10, tzinfo=UTC)

    errors = Errors(answers, now, HEADERS)
    before = len(times)
    assert errors.whole(429) is errors.whole(429)
    made = len(times)
    seconds += 31
    errors.whole(429)
    assert before < made < len(times)


BREAKS: dict[str, Callable[[pytest.MonkeyPatch, Errors, Answers], None]] = {
    "no clock": lambda patch, errors, answers: patch.setattr(errors, "_now", fail),
    "no card": lambda patch, errors, answers: patch.setattr(answers, "_card", fail),
    "no page and no words": lambda patch, errors, answers: (
        patch.setattr(errors.page, "render", fail) or patch.setattr(answers, "phrases", fail)
    ),
}


@pytest.mark.parametrize("status", [404, 429, 500])
@pytest.mark.parametrize("accept", [b"application/json", b"text/html"])
@pytest.mark.parametrize("breaks", BREAKS)
def test_when_no_answer_can_be_made_the_one_from_the_start_is_given(
    breaks: str,
    accept: bytes,
    status: int,
    assistant: Assistant,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    errors = Errors(assistant.answers, lambda: OPEN, HEADERS)
    with monkeypatch.context() as patch:
        BREAKS[breaks](patch, errors, assistant.answers)
        scope = {**chat_scope(), "headers": [(b"accept", accept)]}
        response = run(errors(scope, status))
        page = whole(errors, status)
    given = httpx.Response(response.status_code, headers={**response.headers, **HEADERS}, content=response.body)
    for answer in (given, page):
        assert answer.status_code == status
        assert_approved(answer, assistant)
        assert "999" in answer.text
        assert "Open now" not in answer.text  # it may be given at any hour
    printed = capsys.readouterr().err
    assert printed.count('"event":"request_failed","error":"LookupError"') == 2
    assert "words" not in printed


def test_a_turn_whose_fallback_fails_too_still_has_the_numbers(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    client = browse(assistant)
    monkeypatch.setattr(assistant.answers, "_card", fail)
    for accept in ("application/json", "text/html"):
        answer = client.post("/chat", data={"text": "hello"}, headers={"accept": accept})
        assert answer.status_code == 500
        assert_approved(answer, assistant)
