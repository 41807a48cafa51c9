"""The worker: the process that loads everything and answers. The keeper starts it with its listening socket.

`python -m bot.web.worker <listening socket> <pipe to the keeper>`, both as numbers of inherited files.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import sys
import time
from datetime import UTC, datetime
from typing import Final

from bot import log, process
from bot.errors import StartError
from bot.settings import Settings, load_settings
from bot.start import load_assistant, make_recorder
from bot.web.server import connections_allowed, make_server, run

#: Seconds after which a turn that computes hands Python's lock to the thread that answers connections. That one has to ask for
#: it after every packet; with Python's 5 ms a crowd's packets make everybody wait (decision 0012).
SWITCH_SECONDS: Final = 0.0005
#: The exit code of a start that was refused; then the reason has been printed.
REFUSED: Final = 2


def work(settings: Settings, listening: socket.socket, to_keeper: int) -> None:
    """Load everything, say so, and answer until SIGTERM; what is in flight then is finished first.

    Raises:
        StartError: anything that `load_assistant` refuses.
    """
    process.keep_no_dumps()
    sys.setswitchinterval(SWITCH_SECONDS)
    began = time.monotonic()
    assistant = load_assistant(settings)
    recorder = make_recorder(settings, assistant.answers)
    log.hide_tracebacks()
    # Only behind the guard, which `load_assistant` has raised.
    from bot.web.app import make_app
    from bot.web.errors import Errors
    from bot.web.guards import headers_for_all

    origins = settings.frame_origins
    app = make_app(
        assistant,
        max_waiting=settings.max_waiting,
        max_per_minute=settings.max_per_minute,
        frame_ancestors=origins,
        exit_url=settings.exit_url,
        recorder=recorder,
    )
    server = make_server(
        app,
        max_connections=connections_allowed(settings.max_connections),
        refuse=Errors(assistant.answers, lambda: datetime.now(UTC), headers_for_all(origins), exit_url=settings.exit_url).whole,
        trusted_proxies=settings.trusted_proxies,
    )
    # All that was loaded stays, so it need not be looked at again each time that Python tidies up.
    gc.collect()
    gc.freeze()
    log.record("started", seconds=round(time.monotonic() - began, 1), port=listening.getsockname()[1])
    os.write(to_keeper, b"!")
    run(server, listening)
    recorder.stop()
    log.record("stopped")


def main() -> None:
    """Work for a keeper."""
    process.end_with_parent()
    # Ctrl+C reaches the keeper too, which then ends this process in good order.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    listening, to_keeper = int(sys.argv[1]), int(sys.argv[2])
    try:
        work(load_settings(), socket.socket(fileno=listening), to_keeper)
    except StartError as error:
        sys.stderr.write(f"signpost: {error}\n")
        sys.exit(REFUSED)
    # All is done. To take everything apart piece by piece would take seconds, or for ever where a turn hangs.
    os._exit(0)


if __name__ == "__main__":
    main()
