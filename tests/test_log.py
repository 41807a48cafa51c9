"""The log: named events with allow-listed fields, and no line from anybody else."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime
from typing import Any

import pytest

from bot import log
from bot.settings import ROOT

CANARY = "zebra-in-the-attic"


@pytest.mark.parametrize(
    ("event", "fields"),
    [
        ("started", {"seconds": 1.25, "port": 8080}),
        ("stopped", {}),
        ("turn_failed", {"error": "ValueError"}),
        ("gate_refused", {"count": 2}),
        ("started", {}),
    ],
)
def test_an_event_is_one_line_of_json(capsys: pytest.CaptureFixture[str], event: str, fields: dict[str, Any]) -> None:
    log.record(event, **fields)
    written = capsys.readouterr()
    assert written.out == ""
    assert written.err.endswith("\n") and written.err.count("\n") == 1
    line = json.loads(written.err)
    assert datetime.fromisoformat(line.pop("at")).utcoffset() is not None
    assert line == {"event": event, **fields}


@pytest.mark.parametrize("event", ["", "message", "turn", CANARY])
def test_an_unknown_event_is_refused(capsys: pytest.CaptureFixture[str], event: str) -> None:
    with pytest.raises(KeyError):
        log.record(event)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("event", "fields"),
    [
        ("stopped", {"port": 1}),
        ("turn_failed", {"text": "ValueError"}),
        ("turn_failed", {"error": "ValueError", "route": "greet"}),
        ("too_busy", {"address": 1}),
    ],
)
def test_a_field_that_the_event_may_not_carry_is_refused(
    capsys: pytest.CaptureFixture[str], event: str, fields: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match=f"^{event} may not carry"):
        log.record(event, **fields)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("text", ["", "two words", CANARY, "ValueError: it", "a\nb", "0808", "x@y", "\u2028"], ids=ascii)
def test_a_string_that_is_no_name_from_the_code_is_refused_and_not_repeated(
    capsys: pytest.CaptureFixture[str], text: str
) -> None:
    with pytest.raises(ValueError, match=r"^turn_failed: a string that is not a name$"):
        log.record("turn_failed", error=text)
    assert capsys.readouterr().err == ""


def run(program: str, *flags: str) -> subprocess.CompletedProcess[str]:
    """Run a program after `configure()`, in a process of its own; CANARY is defined there."""
    before = f"CANARY = {CANARY!r}\nimport logging, sys, warnings\nimport structlog\nfrom bot import log\n"
    return subprocess.run(
        [sys.executable, *flags, "-c", before + program], cwd=ROOT, capture_output=True, text=True, check=False, timeout=30
    )


NOISE = """
def noise(name):
    logger = logging.getLogger(name)
    logger.critical(CANARY)
    logger.log(100, CANARY)
    logging.error(CANARY)
    try:
        raise ValueError(CANARY)
    except ValueError:
        logger.exception(CANARY)
    for said in (structlog.get_logger(), structlog.get_logger(name), structlog.stdlib.get_logger(name)):
        said.debug(CANARY, text=CANARY)
        said.critical("event", text=CANARY)
    warnings.warn(CANARY)
    warnings.warn(CANARY, DeprecationWarning)
    warnings.warn_explicit(CANARY, UserWarning, "file.py", 1)
"""


def test_the_noise_is_heard_without_configure() -> None:
    """Otherwise the tests below would prove nothing."""
    heard = run(NOISE + "noise('rasa.core')")
    assert heard.stderr.count(CANARY) > 3
    assert CANARY in heard.stdout  # where structlog prints by itself


@pytest.mark.parametrize("flags", [(), ("-W", "always"), ("-W", "error"), ("-X", "dev")], ids=" ".join)
@pytest.mark.parametrize(
    "program",
    [
        "log.configure()\nnoise('rasa.core')",
        "log.configure()\nlog.configure()\nnoise('new.logger')",
        "logging.basicConfig(level=0)\nlogging.getLogger('rasa').setLevel(0)\nlog.configure()\nnoise('rasa.core')",
        "handler = logging.StreamHandler()\nlogging.getLogger('early').addHandler(handler)\nlog.configure()\nnoise('early')",
        "log.configure()\nlogging.basicConfig(level=0)\nlogging.captureWarnings(True)\nnoise('late')",
        "log.configure()\nlogging.getLogger('late').addHandler(logging.StreamHandler())\nnoise('late')",
        "log.configure()\nwarnings.simplefilter('always')\nnoise('rasa')",
        "said = structlog.get_logger()\nlog.configure()\nsaid.error(CANARY)\nsaid.bind(text=CANARY).info(CANARY)",
    ],
)
def test_after_configure_nobody_else_writes_a_word(program: str, flags: tuple[str, ...]) -> None:
    if flags == ("-W", "error"):
        program = program.replace("warnings.simplefilter('always')", "")
    written = run(NOISE + program, *flags)
    assert (written.stdout, written.stderr, written.returncode) == ("", "", 0)


def test_after_configure_our_own_events_are_still_written() -> None:
    written = run("log.configure()\nlog.record('started', port=8080)")
    assert json.loads(written.stderr)["port"] == 8080


def test_an_unexpected_error_leaves_its_class_and_not_its_text() -> None:
    written = run("log.configure()\nlog.hide_tracebacks()\nraise LookupError(CANARY)")
    assert written.returncode == 1
    assert written.stdout == ""
    line = json.loads(written.stderr)
    assert (line["event"], line["error"]) == ("request_failed", "LookupError")


def test_a_full_disk_behind_the_log_stops_nothing() -> None:
    full = "import os\nos.dup2(os.open('/dev/full', os.O_WRONLY), 2)\n"
    written = run(f"log.configure()\n{full}log.record('stopped')\nprint('on')")
    assert (written.stdout, written.stderr) == ("on\n", "")
