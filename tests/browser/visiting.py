"""A visit in a real Chromium to a real server. Every visit ends with a look at what was asked for and what was refused."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from partner import Partner, partner_website
from playwright.sync_api import Browser, Locator, Page, Request, expect, sync_playwright
from serving import serving

from bot.settings import Settings

NUMBER = "0808 1000 900"
PHONE = {"width": 390, "height": 844}
CRISIS = "I want to kill myself"
UNCLEAR = "it is a long story"
ERROR = "This did not get through."
#: What Chromium says of something that a policy or a frame's sandbox keeps it from.
BLOCKED = re.compile("[Cc]ontent Security Policy|sandbox")
#: Counts what the policy refuses, and whether the page came out of the back/forward cache.
WATCH = """
window.violations = []
document.addEventListener('securitypolicyviolation', (event) => violations.push(event.violatedDirective + event.blockedURI))
addEventListener('pageshow', (event) => { window.wasKept = event.persisted })
"""


@dataclass
class Site:
    """Where the server is, and the partner whose pages may show it in a frame."""

    home: str
    partner: Partner


@contextmanager
def site_for_browsers(settings: Settings, folder: Path) -> Iterator[Site]:
    """A server that counts nothing, and a partner's website."""
    with partner_website() as partner:
        environment = {"SIGNPOST_DATABASE": "", "SIGNPOST_FRAME_ANCESTORS": partner.origin}
        with serving(settings, folder / "printed", environment=environment) as server:
            partner.home = f"http://127.0.0.1:{server.port}"
            yield Site(partner.home, partner)


@contextmanager
def real_chromium() -> Iterator[Browser]:
    """Debian's Chromium, with the back/forward cache that people have. Without it nothing is skipped in CI."""
    path = shutil.which("chromium")
    if path is None:
        without = pytest.fail if os.environ.get("CI") else pytest.skip
        without("there is no Chromium: apt install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            args=["--no-sandbox"] if os.geteuid() == 0 else [],
            ignore_default_args=["--disable-back-forward-cache"],
        )
        yield browser
        browser.close()


@dataclass
class Visit:
    """One page in a context of its own."""

    page: Page
    home: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    #: What else may be asked for, by the beginning of its address.
    elsewhere: list[str] = field(default_factory=list)

    @property
    def log(self) -> Locator:
        """The conversation."""
        return self.page.locator("#log")

    @property
    def answers(self) -> Locator:
        """What was answered so far."""
        return self.log.locator(".answer")

    def open(self, path: str = "/") -> None:
        """Open one of our pages, and wait until its scripts have run."""
        self.page.goto(self.home + path)

    def say(self, text: str) -> None:
        """Write, press Enter, and wait for the answer."""
        before = self.answers.count()
        self.page.locator("#text").fill(text)
        self.page.locator("#text").press("Enter")
        expect(self.answers).to_have_count(before + 1)
        expect(self.log).to_have_attribute("aria-busy", "false")

    def choose(self, label: str) -> None:
        """Press a choice, and wait for the answer."""
        before = self.answers.count()
        self.page.get_by_role("button", name=label, exact=True).click()
        expect(self.answers).to_have_count(before + 1)
        expect(self.log).to_have_attribute("aria-busy", "false")

    def holds(self, text: str) -> bool:
        """Whether a text is anywhere in the page, in a field too."""
        return bool(
            self.page.evaluate(
                "(t) => document.documentElement.outerHTML.includes(t)"
                " || [...document.querySelectorAll('input, textarea')].some((field) => field.value.includes(t))",
                text,
            )
        )


@contextmanager
def visiting(browser: Browser, home: str, **context: Any) -> Iterator[Visit]:
    """A visit. By its end nobody else may have been asked for anything, unless the test said so, and no policy broken."""
    with browser.new_context(**context) as opened:
        opened.add_init_script(WATCH)
        # Nobody out there is asked, whatever a test presses.
        elsewhere = {"body": "<title>Elsewhere</title>", "content_type": "text/html"}
        opened.route(re.compile(r"^https://"), lambda route: route.fulfill(**elsewhere))
        page = opened.new_page()
        page.set_default_timeout(5_000)
        visit = Visit(page, home)

        def note(request: Request) -> None:
            if not request.url.startswith(("about:", "data:")):
                visit.requests.append(request.url)

        opened.on("request", note)
        page.on("pageerror", lambda error: visit.complaints.append(str(error)))
        page.on("console", lambda said: visit.complaints.append(said.text) if BLOCKED.search(said.text) else None)
        yield visit
        if context.get("java_script_enabled", True):
            visit.complaints += page.evaluate("window.violations ?? []")
        assert visit.complaints == []
        expected = (home + "/", *visit.elsewhere)
        assert [url for url in visit.requests if not url.startswith(expected)] == []
