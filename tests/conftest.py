"""What the tests share: the real assistant, loaded once, and a clock that stands where a test puts it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from hypothesis import settings as hypothesis_settings
from waiting import OPEN, run

from bot.answers.reply import Answers
from bot.conversation import Assistant, Turn
from bot.engine.fingerprint import is_fresh
from bot.engine.import_guard import import_rasa
from bot.settings import Settings, load_settings
from bot.start import load_answers, load_assistant

# The same examples everywhere: a failure is seen where it was made. `--hypothesis-seed` tries others.
hypothesis_settings.register_profile("fixed", derandomize=True, deadline=None)
hypothesis_settings.load_profile("fixed")

# The SDK imports what is not installed, unless Rasa was imported behind the guard before.
import_rasa()


@pytest.fixture(scope="session")
def settings() -> Settings:
    return load_settings(environment={})


@pytest.fixture(scope="session")
def answers(settings: Settings) -> Answers:
    return load_answers(settings.data)


@pytest.fixture(scope="session")
def loaded(settings: Settings) -> Assistant:
    """The real assistant. `./signpost test` trains the model before it runs pytest."""
    assert is_fresh(settings.model, settings.data), "the model is stale: run ./signpost train"
    return load_assistant(settings, now=lambda: OPEN)


@pytest.fixture(scope="session")
def faulty(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """One real server, a `faulty.Faulty`, whose faults are switched on and off. Whoever switches one on switches it off."""
    from faulty import faulty_server  # in tests/privacy, whose tests ask for it

    with faulty_server(settings, tmp_path_factory.mktemp("faulty")) as server:
        yield server


@pytest.fixture(scope="session")
def site_for_browsers(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """One real server for all browser tests, a `visiting.Site`."""
    from visiting import site_for_browsers  # in tests/browser, whose tests ask for it

    with site_for_browsers(settings, tmp_path_factory.mktemp("browser")) as site:
        yield site


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A real browser for one module: while it runs, no other test can have an event loop."""
    from visiting import real_chromium

    with real_chromium() as browser:
        yield browser


@pytest.fixture
def visit(chromium: Any, site_for_browsers: Any) -> Iterator[Callable[..., Any]]:
    """Begin a visit, a `visiting.Visit`, with the options of a browser's context. It ends with the test."""
    from visiting import visiting

    with ExitStack() as visits:
        yield lambda **context: visits.enter_context(visiting(chromium, site_for_browsers.home, **context))


@pytest.fixture
def assistant(loaded: Assistant) -> Iterator[Assistant]:
    """The real assistant at ten on a Tuesday; a test may set `assistant.now`."""
    loaded.now = lambda: OPEN
    yield loaded
    loaded.now = lambda: OPEN


@pytest.fixture
def turn(assistant: Assistant) -> Callable[..., Turn]:
    """Take a turn: `turn("text")`, `turn(choice="...")`, `turn("text", id=...)`."""

    def take(text: str | None = None, *, id: str | None = None, choice: str | None = None) -> Turn:
        return run(assistant.turn(id, text=text, choice=choice))

    return take
