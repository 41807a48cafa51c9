"""`/embed.js`: small, for other origins, with approved words in every language, and asking, keeping and reading nothing."""

from __future__ import annotations

import gzip
import json
import re

import pytest
from web_client import TestClient, browse

from bot.answers.reply import Answers
from bot.conversation import Assistant
from bot.web.standby import make_standby

MAX_BYTES = 3_000


@pytest.fixture
def site(assistant: Assistant) -> TestClient:
    return browse(assistant)


def test_it_is_a_script_that_other_origins_may_load(site: TestClient) -> None:
    response = site.get("/embed.js")
    assert response.headers["content-type"] == "text/javascript; charset=utf-8"
    assert response.headers["cross-origin-resource-policy"] == "cross-origin"
    assert site.get("/").headers["cross-origin-resource-policy"] == "same-origin"


def test_it_is_small(site: TestClient) -> None:
    assert len(gzip.compress(site.get("/embed.js").content, 6)) < MAX_BYTES


def test_its_words_are_the_phrases_of_every_language(site: TestClient, answers: Answers) -> None:
    found = re.search(r"const WORDS = (\{.*\})$", site.get("/embed.js").text, re.M)
    assert found
    words = json.loads(found[1])
    assert words.keys() == answers.languages.keys()
    for language, said in words.items():
        assert said.keys() == {"button", "title", "close", "new_tab"}
        assert set(said.values()) <= answers.phrases(language).plain


def test_it_asks_keeps_and_reads_nothing(site: TestClient) -> None:
    script = site.get("/embed.js").text
    assert not re.search(r"fetch|XMLHttp|sendBeacon|[cC]ookie|Storage|innerHTML|\.cssText|setAttribute\('style|eval\(", script)
    assert set(re.findall(r"document\.(\w+)", script)) == {"currentScript", "createElement"}
    assert not re.findall(r"location|querySelector|title\b(?!:)(?!\")", script.replace("words.title", ""))


def test_it_is_there_while_the_worker_starts(answers: Answers, site: TestClient) -> None:
    standby = TestClient(make_standby(answers, max_per_minute=10, frame_ancestors=()))
    assert standby.get("/embed.js").content == site.get("/embed.js").content
