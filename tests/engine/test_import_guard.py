"""Rasa comes in without what Signpost neither needs nor installs, and leaves no stand-in behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from bot import log
from bot.engine import import_guard
from bot.engine.import_guard import NOT_INSTALLED, RASA_VERSION, import_rasa
from bot.errors import StartError
from bot.settings import ROOT

#: Imports Rasa in a fresh process, as `bot.start` does, and reports what it left there.
_REPORT = """
import importlib, json, os, sys
from bot import log
from bot.engine import import_guard
log.configure()
import_guard.import_rasa()
first = set(sys.modules)
import_guard.import_rasa()
def comes_in(name):
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as error:
        return error.name
    return "came in"
print(json.dumps({
    "imported": [name in sys.modules for name in import_guard.RASA_MODULES],
    "more at the second call": sorted(set(sys.modules) - first),
    "stand-ins": [name for name, module in sys.modules.items() if type(module).__module__ == "bot.engine.import_guard"],
    "loaded": sorted({name.partition(".")[0] for name in sys.modules} & import_guard.NOT_INSTALLED),
    "finders": [repr(finder) for finder in sys.meta_path if isinstance(finder, import_guard._Finder)],
    "tensorflow": comes_in("tensorflow"),
    "below": comes_in("tensorflow.keras"),
    "telemetry": os.environ["RASA_TELEMETRY_ENABLED"],
    "reports": importlib.import_module("rasa.telemetry").is_telemetry_enabled(),
}))
"""


def fresh_process(script: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name not in {"RASA_TELEMETRY_ENABLED", "LOG_LEVEL"}}
    return subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    done = fresh_process(_REPORT)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found | {"stderr": done.stderr}


def test_everything_that_signpost_uses_of_rasa_is_imported(report: dict[str, Any]) -> None:
    assert all(report["imported"])


def test_no_stand_in_is_left(report: dict[str, Any]) -> None:
    assert report["stand-ins"] == []
    assert report["loaded"] == []
    assert report["finders"] == []


def test_tensorflow_is_not_there_afterwards(report: dict[str, Any]) -> None:
    assert report["tensorflow"] == "tensorflow"
    assert report["below"] == "tensorflow"


def test_telemetry_is_off(report: dict[str, Any]) -> None:
    assert report["telemetry"] == "false"
    assert report["reports"] is False


def test_a_second_call_imports_nothing_more(report: dict[str, Any]) -> None:
    assert report["more at the second call"] == []


def test_importing_prints_nothing(report: dict[str, Any]) -> None:
    assert report["stderr"] == ""


@pytest.fixture
def guarded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rasa imported, and the two variables as they are now put back afterwards."""
    log.configure()
    import_rasa()
    for name in ("RASA_TELEMETRY_ENABLED", "LOG_LEVEL"):
        monkeypatch.setenv(name, os.environ.get(name, ""))


@pytest.mark.usefixtures("guarded")
class TestWithRasaImported:
    def test_another_version_is_refused_in_one_line(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(import_guard, "RASA_VERSION", "9.9.9")
        with pytest.raises(StartError, match=rf"^this needs Rasa 9\.9\.9, but {RASA_VERSION} is installed: run .+$"):
            import_rasa("rasa.no_such_module")

    def test_a_missing_rasa_is_said_in_one_line(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "rasa.version", None)
        with pytest.raises(StartError, match=r"^Rasa is not installed: start Signpost through \./signpost, .+$"):
            import_rasa("rasa.no_such_module")

    def test_a_failed_import_leaves_no_stand_in_either(self) -> None:
        path = list(sys.meta_path)
        with pytest.raises(ModuleNotFoundError):
            import_rasa("rasa.no_such_module")
        assert sys.meta_path == path
        assert not [name for name, module in sys.modules.items() if isinstance(module, import_guard._StandInModule)]

    def test_a_real_module_of_a_hidden_name_is_put_back(self, monkeypatch: pytest.MonkeyPatch) -> None:
        real = type(sys)("redis")
        monkeypatch.setitem(sys.modules, "redis", real)
        with pytest.raises(ModuleNotFoundError):
            import_rasa("rasa.no_such_module")
        assert sys.modules["redis"] is real

    def test_nothing_happens_when_all_is_imported(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(import_guard, "RASA_VERSION", "9.9.9")
        import_rasa()


def test_what_is_left_out_would_send_to_elsewhere_or_is_large() -> None:
    assert {"tensorflow", "sentry_sdk", "slack_sdk", "twilio", "confluent_kafka", "boto3", "sanic_cors"} <= NOT_INSTALLED
    assert not {"rasa", "rasa_sdk", "numpy", "sklearn", "bot", "actions"} & NOT_INSTALLED
