"""The log: named events with allow-listed fields, one JSON line each on standard error, and nothing else.

Rasa and its libraries log what people type, some of it at every level, some of it through `warnings`. So nothing of theirs
is printed at all: `configure` shuts every other logger, structlog and the warnings module, and must run before Rasa is
imported. What Signpost itself has to say goes through `record`, whose fields can be numbers and names from the code, never
text from outside.
"""

from __future__ import annotations

import contextlib
import logging
import logging.config
import sys
import warnings
from datetime import UTC, datetime
from typing import Final

import msgspec
import structlog

#: Every event there is, with the fields it may carry.
EVENTS: Final[dict[str, frozenset[str]]] = {
    "started": frozenset({"seconds", "port"}),
    "stopped": frozenset(),
    "turn_failed": frozenset({"error"}),
    "request_failed": frozenset({"error"}),
    "gate_refused": frozenset({"count"}),
    "too_busy": frozenset(),
    "too_often": frozenset(),
    "turn_slow": frozenset({"seconds"}),
    "worker_ended": frozenset({"code"}),
    "counts_late": frozenset({"error"}),
    "counts_lost": frozenset({"count"}),
}


def _drop(logger: object, method: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
    raise structlog.DropEvent


def configure() -> None:
    """Silence everything that is not `record`. Safe to call more than once."""
    structlog.configure(processors=[_drop], cache_logger_on_first_use=False)
    logging.config.dictConfig({"version": 1, "disable_existing_loggers": True, "root": {"handlers": []}})
    logging.root.addHandler(logging.NullHandler())
    # Also makes each disabled() check cheap: no level is enabled anywhere.
    logging.disable(sys.maxsize)
    # An ignored warning is not stored in a module's registry either, so no typed text stays behind there.
    warnings.simplefilter("ignore")
    warnings.showwarning = _no_warning


def _no_warning(*args: object, **kwargs: object) -> None:
    """Even a filter added later prints nothing."""


def hide_tracebacks() -> None:
    """For a process that reads visitors' text: name an unexpected error's class on its way out, not its text."""
    sys.excepthook = _no_traceback


def _no_traceback(kind: type[BaseException], error: BaseException, trace: object) -> None:
    """An exception's text may hold what was typed; its class may not."""
    record("request_failed", error=kind.__name__)


def record(event: str, **fields: float | str) -> None:
    """Write one event. Raises KeyError for an unknown event and ValueError for a field that it may not carry.

    Strings are names from the code (an error's class), checked to be identifiers.
    """
    if not EVENTS[event] >= fields.keys():
        raise ValueError(f"{event} may not carry {sorted(fields.keys() - EVENTS[event])}")
    if any(isinstance(value, str) and not value.isidentifier() for value in fields.values()):
        raise ValueError(f"{event}: a string that is not a name")
    at = datetime.now(UTC).isoformat(timespec="seconds")
    with contextlib.suppress(OSError):  # a full disk, a reader that has gone: the visitor is answered all the same
        sys.stderr.write(msgspec.json.encode({"at": at, "event": event, **fields}).decode() + "\n")
