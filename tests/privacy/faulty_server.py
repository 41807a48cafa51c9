"""`./signpost serve` with faults that a test switches on and off while it runs. Started by `faulty.py`, never imported.

The file that the variable FAULTS names holds the name of the present fault, or nothing. Each fault raises with all that it
was called with in its text, as a careless library might.
"""

from __future__ import annotations

import ctypes
import functools
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

FAULTS = Path(os.environ["FAULTS"])
#: How long a hanging classifier hangs, in seconds.
HANGS = 4.0


def break_if_told(fault: str, *arguments: object) -> None:
    """Raise or hang when this is the present fault."""
    present = FAULTS.read_text(encoding="utf-8")
    if present == fault:
        raise RuntimeError(f"{fault} was called with {arguments!r}")
    if present == f"{fault} hangs":
        time.sleep(HANGS)


def may_break(owner: Any, name: str, fault: str) -> None:
    """Put a fault before a function."""
    real: Callable[..., Any] = getattr(owner, name)

    @functools.wraps(real)  # the SDK counts an action's parameters
    def called(*args: Any, **kwargs: Any) -> Any:
        break_if_told(fault, args, kwargs)
        return real(*args, **kwargs)

    setattr(owner, name, called)


def put_faults() -> None:
    """Into each part of the worker, before it loads them. Rasa's parts can be imported behind the guard only."""
    from bot import log
    from bot.engine.import_guard import import_rasa

    log.configure()
    import_rasa()
    from actions.asking import ActionAskWho
    from actions.crisis import ActionCorrectMe
    from bot.answers.reply import Answers
    from bot.counts.recorder import Recorder
    from bot.engine.agent import PlanCollector
    from bot.understanding.classifier import Classifier
    from bot.web import app

    may_break(Classifier, "shares", "classifier")
    may_break(ActionAskWho, "run", "action")
    may_break(ActionCorrectMe, "run", "action")
    may_break(PlanCollector, "send_response", "channel")
    may_break(Answers, "reply", "catalogue")
    may_break(Answers, "_card", "every card")
    may_break(Recorder, "_write", "database")
    read = app.read_incoming

    async def read_incoming(request: Any) -> Any:
        incoming = await read(request)
        if FAULTS.read_text(encoding="utf-8") == "web":
            break_if_told("web", incoming.typed.take(), incoming, request.headers, request.url)
        return incoming

    app.read_incoming = read_incoming
    # So that no test waits long for a write.
    Recorder.__init__.__kwdefaults__["every"] = 0.2  # type: ignore[index]


def note(name: str) -> None:
    """Write down what only the process itself can ask: whether a core of it would be dumped."""
    get_dumpable = 3
    dumpable = ctypes.CDLL(None).prctl(get_dumpable, 0, 0, 0, 0)
    FAULTS.with_name(f"{name}.dumpable").write_text(str(dumpable), encoding="utf-8")


def limit_files() -> None:
    """Allow no more open files than the variable FILES says, if there is one."""
    if files := os.environ.get("FILES"):
        resource.setrlimit(resource.RLIMIT_NOFILE, (int(files), int(files)))


def serve() -> None:
    from bot.cli import main
    from bot.web import keeper

    limit_files()
    keeper.WORKER = (sys.executable, __file__, "work")  # type: ignore[misc]
    real = keeper.Keeper.keep

    async def keep(self: keeper.Keeper) -> int:
        note("keeper")
        return await real(self)

    keeper.Keeper.keep = keep  # type: ignore[method-assign]
    main()


def work() -> None:
    from bot.web import worker

    real = worker.load_assistant

    def load_assistant(*args: Any, **kwargs: Any) -> Any:
        put_faults()
        note("worker")
        return real(*args, **kwargs)

    worker.load_assistant = load_assistant
    del sys.argv[1]
    worker.main()


if __name__ == "__main__":
    {"serve": serve, "work": work}[sys.argv[1]]()
