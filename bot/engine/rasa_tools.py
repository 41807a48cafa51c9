"""Rasa's own command line, with this project's folders filled in where they are not given."""

from __future__ import annotations

import sys
from typing import Final

from bot.engine.fingerprint import CONFIG, DOMAIN
from bot.engine.import_guard import import_rasa
from bot.settings import ROOT, Settings

_TOOLS: Final = ("rasa.core.test", "rasa.nlu.test", "rasa.core.run", "rasa.__main__")


def run_rasa(arguments: list[str], settings: Settings) -> int:
    """Run `rasa <arguments>`; returns its exit code."""
    import_rasa(*_TOOLS)
    from rasa.__main__ import main as rasa_main

    sys.argv = ["rasa", *_filled_in(arguments, settings)]
    try:
        rasa_main()
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else int(bool(done.code))
    return 0


def _filled_in(arguments: list[str], settings: Settings) -> list[str]:
    config, domain = ["--config", str(CONFIG)], ["--domain", str(DOMAIN)]
    lines = ["--data", str(settings.data / "nlu"), str(settings.data / "rules")]
    stories = ["--stories", str(ROOT / "tests" / "conversations"), "--model", str(settings.model), "--out", "results"]
    match arguments:
        case ["data", "validate", *given]:
            return ["data", "validate", *config, *domain, *lines, *given]
        case ["test"] | ["test", "core"]:
            return ["test", "core", *stories, "--fail-on-prediction-errors"]
        case ["test", "core", *given]:
            return ["test", "core", *stories, *given]
        case ["test", "nlu", *given]:
            return ["test", "nlu", *config, *domain, "--nlu", str(settings.data / "nlu"), "--out", "results", *given]
    return arguments
