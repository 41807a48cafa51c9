"""Leaving quickly, and what is left of a conversation afterwards: nothing that the page could have kept."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Route, expect
from visiting import Visit

from bot.settings import EXIT_URL

Begin = Callable[..., Visit]
SAID = "a sentence that is nobody's business"


@pytest.fixture
def said(visit: Begin) -> Visit:
    """A visit that came from the safety page, had an answer, and has a second sentence half written."""
    here = visit()
    here.open("/safety")
    here.page.get_by_role("link", name="Back to the first page").first.click()
    here.page.wait_for_url("**/?lang=en")
    here.say(SAID)
    here.page.locator("#text").fill(SAID)
    here.elsewhere.append(EXIT_URL)
    return here


def leave_by_button(here: Visit) -> None:
    here.page.get_by_role("link", name="Leave quickly").last.click()


def leave_by_shift(here: Visit) -> None:
    for _ in range(3):
        here.page.keyboard.press("Shift")


def leave_by_skip_link(here: Visit) -> None:
    here.page.locator(".govuk-js-exit-this-page-skiplink").focus()
    here.page.keyboard.press("Enter")


@pytest.mark.parametrize("leave", [leave_by_button, leave_by_shift, leave_by_skip_link])
def test_leaving_takes_the_page_out_of_the_way_back_and_tells_us_nothing(said: Visit, leave: Callable[[Visit], None]) -> None:
    asked = len(said.requests)
    leave(said)
    said.page.wait_for_url(EXIT_URL)
    assert said.requests[asked:] == [EXIT_URL]
    said.page.go_back(wait_until="commit")
    expect(said.page).to_have_url(re.compile("/safety$"))  # out of the back/forward cache nothing is loaded to be waited for
    assert not said.holds(SAID)


def test_shift_says_how_often_it_is_still_to_be_pressed(said: Visit) -> None:
    status = said.page.locator(".govuk-exit-this-page [role=status]")
    said.page.keyboard.press("Shift")
    expect(status).to_have_text("Shift: press it 2 more times to leave.")
    said.page.keyboard.press("Shift")
    expect(status).to_have_text("Shift: press it 1 more time to leave.")


def test_capital_letters_do_not_leave(said: Visit) -> None:
    text = said.page.locator("#text")
    text.fill("")
    for letter in "ABCD":
        text.press(f"Shift+{letter}")
    expect(text).to_have_value("ABCD")
    assert said.page.url.startswith(said.home)


def cacheable(route: Route) -> None:
    """As if we had not asked the browser to keep no copy: some keep one all the same, for the Back button."""
    answer = route.fetch()
    route.fulfill(response=answer, headers={k: v for k, v in answer.headers.items() if k != "cache-control"})


@pytest.mark.parametrize("kept", [False, True], ids=["as we are served", "where the browser keeps a copy"])
def test_back_from_a_link_finds_an_empty_page(visit: Begin, kept: bool) -> None:
    here = visit()
    if kept:
        here.page.route(f"{here.home}/**", cacheable)
    here.open()
    here.say(SAID)
    here.page.locator("#text").fill(SAID)
    here.elsewhere.append("https://www.stopitnow.org.uk/")
    here.answers.first.get_by_role("link", name="Open page").first.click()
    here.page.wait_for_url("https://www.stopitnow.org.uk/**")
    here.page.go_back(wait_until="commit" if kept else "load")  # out of the cache nothing is loaded
    expect(here.page.get_by_role("button", name="It's about me")).to_be_visible()
    assert here.page.evaluate("wasKept") is kept
    assert not here.holds(SAID)
    expect(here.log).to_be_empty()
    expect(here.page.locator("input[name=conversation]")).to_have_value("")


@pytest.mark.parametrize("event", ["pagehide", "freeze"])
def test_what_the_browser_puts_aside_is_empty(said: Visit, event: str) -> None:
    if event == "freeze":
        said.page.evaluate("document.dispatchEvent(new Event('freeze'))")
    else:
        said.page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide'))")
    expect(said.log).to_be_empty()
    assert not said.holds(SAID)


def test_an_answer_that_comes_after_leaving_is_not_shown(said: Visit) -> None:
    held: list[Route] = []
    said.page.route("**/chat?*", lambda route: held.append(route))
    said.page.locator("#text").press("Enter")
    expect(said.log).to_have_attribute("aria-busy", "true")
    said.page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide'))")
    held[0].continue_()
    expect(said.log).to_have_attribute("aria-busy", "false")
    expect(said.log).to_be_empty()


def test_nothing_is_stored_on_the_device(said: Visit) -> None:
    kept = said.page.evaluate(
        """async () => ({
            local: localStorage.length, session: sessionStorage.length, cookie: document.cookie, history: history.state,
            databases: (await indexedDB.databases()).length, caches: (await caches.keys()).length,
            workers: (await navigator.serviceWorker.getRegistrations()).length, address: location.pathname + location.hash,
        })"""
    )
    nothing = {"local": 0, "session": 0, "cookie": "", "history": None, "databases": 0, "caches": 0, "workers": 0}
    assert kept == nothing | {"address": "/"}
    assert said.page.context.storage_state(indexed_db=True) == {"cookies": [], "origins": []}
    assert SAID not in said.page.url and SAID not in said.page.title()
