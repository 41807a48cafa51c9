"""`./signpost screenshots`: a picture of every state of the page, light and dark, on a phone and on a desk, to look at.

A server of its own, at a fixed hour, so that two runs show the same.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from bot.answers.hours import UK
from bot.errors import StartError
from bot.settings import ROOT, Settings
from bot.start import load_assistant

#: A Tuesday in the evening: the helpline is open.
HOUR: Final = datetime(2026, 11, 24, 19, 0, tzinfo=UK)
PARTNER: Final = "http://partner.localhost"
_HOST_PAGE: Final = ROOT / "tests" / "browser" / "host.html"
_SCREENS: Final[Mapping[str, Mapping[str, Any]]] = {
    "phone": {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
    "desk": {"viewport": {"width": 1280, "height": 900}},
}

#: Playwright's page. It is installed with the tests only, so nothing here may need its types.
_Page = Any


def _say(*texts: str) -> Callable[[_Page], None]:
    def say(page: _Page) -> None:
        for number, text in enumerate(texts, 1):
            page.fill("#text", text)
            page.click(".send")
            page.locator("#log .answer").nth(number - 1).wait_for()
        page.mouse.move(0, 0)  # or whatever has come to be below it looks pressed

    return say


def _choose(page: _Page) -> None:
    page.click("button[value=own_behaviour]")
    page.locator("#log .answer").wait_for()
    page.mouse.move(0, 0)


def _lose_the_server(page: _Page) -> None:
    page.route("**/*", lambda route: route.abort())
    _say("is anybody there")(page)


def _wait(page: _Page) -> None:
    page.route("**/chat?*", lambda route: None)
    page.fill("#text", "my husband was arrested")
    page.click(".send")
    page.locator("#status:not(:empty)").wait_for()


def _embed(page: _Page) -> None:
    page.get_by_role("button", name="Where to get help").click()
    page.frame_locator("iframe").locator(".govuk-frontend-supported").wait_for()


def _nothing(page: _Page) -> None:
    pass


#: The address, and what is done there. What `no_script` does, the browser does alone.
_STATES: Final[Mapping[str, tuple[str, Callable[[_Page], None]]]] = {
    "first": ("/", _nothing),
    "answer": ("/", _say("my husband was arrested this morning")),
    "crisis": ("/", _say("I want to kill myself")),
    "offered": ("/", _say("it is a long story")),
    "second_answer": ("/", _say("I am worried about what I look at", "what does it cost")),
    "waiting": ("/", _wait),
    "unreachable": ("/", _lose_the_server),
    "safety": ("/safety", _nothing),
    "welsh": ("/?lang=cy", _nothing),
    "welsh_answer": ("/?lang=cy", _choose),
    "no_script": ("/", _choose),
    "partner": (PARTNER, _nothing),
    "embedded": (PARTNER, _embed),
}


def take_screenshots(settings: Settings, out: Path, console: Console) -> None:
    """Make all pictures and print their names. Raises StartError without Chromium."""
    chromium = shutil.which("chromium")
    if chromium is None:
        raise StartError("there is no Chromium to make pictures with: apt install chromium")
    from playwright.sync_api import sync_playwright

    out.mkdir(parents=True, exist_ok=True)
    with _server(settings) as home, sync_playwright() as playwright:
        # The partner's page is made up, and would not be let near a server on this machine.
        arguments = ["--disable-features=LocalNetworkAccessChecks"] + ["--no-sandbox"] * (os.geteuid() == 0)
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        for state, (address, act) in _STATES.items():
            for scheme in ("light", "dark"):
                for screen, options in _SCREENS.items():
                    context = browser.new_context(
                        **options, color_scheme=scheme, java_script_enabled=state != "no_script", locale="en-GB"
                    )
                    context.route(f"{PARTNER}/**", lambda route: route.fulfill(**_host_page(home)))
                    page = context.new_page()
                    page.goto(address if address == PARTNER else home + address)
                    act(page)
                    picture = out / f"{state}-{screen}-{scheme}.png"
                    # A phone as it is held; on a desk the whole page from its top.
                    whole = screen == "desk" and state != "embedded"
                    if whole and state != "no_script":
                        page.evaluate("scrollTo(0, 0)")
                    page.screenshot(path=picture, full_page=whole)
                    console.print(str(picture), soft_wrap=True)
                    context.close()
        browser.close()


def _host_page(home: str) -> dict[str, Any]:
    policy = f"default-src 'none'; script-src {home}; frame-src {home}"
    body = _HOST_PAGE.read_text(encoding="utf-8").replace("{home}", home)
    return {"body": body, "content_type": "text/html", "headers": {"Content-Security-Policy": policy}}


@contextmanager
def _server(settings: Settings) -> Iterator[str]:
    """Serve in a thread, counting nothing. Yields the address."""
    assistant = load_assistant(settings, now=lambda: HOUR)
    from bot.web.app import make_app
    from bot.web.errors import Errors
    from bot.web.guards import headers_for_all
    from bot.web.server import listen, make_server

    app = make_app(assistant, frame_ancestors=(PARTNER,))
    refuse = Errors(assistant.answers, lambda: HOUR, headers_for_all()).whole
    server = make_server(app, max_connections=100, refuse=refuse)
    listening = listen("127.0.0.1", 0)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listening])))
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
