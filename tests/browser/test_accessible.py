"""axe finds nothing in any state, light or dark, narrow or wide; and what axe can't see is checked here."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, expect
from visiting import CRISIS, NUMBER, PHONE, UNCLEAR, Visit

Begin = Callable[..., Visit]
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
NARROW, WIDE = {"width": 320, "height": 640}, {"width": 1280, "height": 800}
#: What makes each state, after the first page was opened.
STATES: dict[str, Callable[[Visit], object]] = {
    "first": lambda here: None,
    "answer": lambda here: here.say("my husband was arrested"),
    "crisis": lambda here: here.say(CRISIS),
    "choices": lambda here: here.say(UNCLEAR),
    "unreachable": lambda here: lose_the_server(here),
    "safety": lambda here: here.open("/safety"),
    "welsh": lambda here: (here.open("/?lang=cy"), here.choose("Mae hyn amdana i")),
}
CONTROLS = "a:not(.skip), button, textarea"


def lose_the_server(here: Visit) -> None:
    here.page.route(f"{here.home}/**", lambda route: route.abort())
    here.say("is anybody there")


def visible_controls(here: Visit) -> list[Locator]:
    """All but the skip links, which are off the screen until they have the focus."""
    return [control for control in here.page.locator(CONTROLS).all() if control.is_visible()]


@pytest.fixture(params=STATES)
def state(request: pytest.FixtureRequest, visit: Begin) -> Visit:
    """Each state of the page, on a narrow screen."""
    here = visit(viewport=NARROW)
    here.open()
    STATES[request.param](here)
    return here


def test_axe_finds_nothing(state: Visit) -> None:
    """Colours don't hang on the width, so that each scheme and each width is looked at once."""
    found: dict[str, Any] = {}
    for scheme, size in (("light", NARROW), ("dark", WIDE)):
        state.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        state.page.set_viewport_size(size)  # type: ignore[arg-type]
        # What the page has scrolled half under its bar is no small target.
        state.page.evaluate("scrollTo({ top: 0, behavior: 'instant' })")
        for wrong in Axe().run(state.page, options=RULES).response["violations"]:
            found[f"{wrong['id']}, {scheme}, {size['width']}"] = [node["html"] for node in wrong["nodes"]]
    assert found == {}


def test_at_320_pixels_nothing_is_wider_than_the_screen_even_with_wide_text_spacing(state: Visit) -> None:
    width = "document.documentElement.scrollWidth"
    assert state.page.evaluate(width) <= 320
    state.page.evaluate(  # WCAG 1.4.12
        """() => document.styleSheets[0].insertRule(
            '* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }', 0)
            + document.styleSheets[0].insertRule('p { margin-bottom: 2em !important }', 0)"""
    )
    assert state.page.evaluate(width) <= 320
    cut_off = state.page.evaluate(
        """() => {
            const found = [], words = document.createRange()
            const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
            while (texts.nextNode()) {
                let box = texts.currentNode.parentElement
                if (!texts.currentNode.data.trim() || box.closest('.unseen, .skip, .govuk-visually-hidden')) continue
                while (getComputedStyle(box).display === 'inline') box = box.parentElement
                const { left, right, top, bottom } = box.getBoundingClientRect()
                words.selectNodeContents(texts.currentNode)
                const out = (r) => r.left < left - 1 || r.right > right + 1 || r.top < top - 2 || r.bottom > bottom + 2
                if ([...words.getClientRects()].some(out)) found.push(texts.currentNode.data)
            }
            return found
        }"""
    )
    assert cut_off == []


def test_everything_that_is_pressed_is_large_enough(state: Visit) -> None:
    small = {}
    for control in visible_controls(state):
        box = control.bounding_box()
        if box and min(box["width"], box["height"]) < 44:
            small[control.inner_text()] = box
    assert small == {}


def test_what_is_pressed_is_called_what_it_says(state: Visit) -> None:
    """Who speaks to the browser says the words that are seen: the name has to begin with them."""
    for control in visible_controls(state):
        seen = control.evaluate(
            """(one) => one.labels?.[0]?.innerText
                ?? [...one.childNodes].filter((n) => !n.matches?.('.unseen')).map((n) => n.textContent).join('')"""
        )
        expect(control).to_have_accessible_name(re.compile("^" + re.escape(" ".join(seen.split()))))


@pytest.mark.parametrize("state", ["answer", "safety"], indirect=True)
def test_the_focus_is_seen_and_never_behind_the_bar(state: Visit) -> None:
    page = state.page
    page.set_viewport_size({"width": 320, "height": 480})
    # The focus starts at the top.
    page.evaluate("() => { document.activeElement.blur(); scrollTo(0, 0) }")
    seen = 0
    for forwards in (True, False):
        for _ in range(60):
            page.keyboard.press("Tab" if forwards else "Shift+Tab")
            # The order of focus leaves the page at its end.
            where = page.evaluate(
                """() => {
                    const one = document.activeElement
                    if (one === document.body) return null
                    const box = one.getBoundingClientRect(), bar = document.querySelector('.bar').getBoundingClientRect()
                    const style = getComputedStyle(one)
                    return {
                        what: one.outerHTML.slice(0, 80), inBar: !!one.closest('.bar'),
                        skip: one.matches('.skip'), top: box.top,
                        bar: bar.bottom, outline: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
                    }
                }"""
            )
            if where is None:
                break
            seen += 1
            assert where["outline"], where
            assert 0 <= where["top"] < 480 - 24, where
            assert where["inBar"] or where["skip"] or where["top"] >= where["bar"], where
    assert seen > 10


def test_help_stands_in_the_same_place_on_every_page(state: Visit) -> None:
    links = state.page.locator(".bar a:not(.skip)")
    assert [link.get_attribute("href") for link in links.all()][:2] == ["tel:08081000900", "tel:999"]
    expect(links.first).to_be_in_viewport()
    expect(state.page.locator("footer a").first).to_have_attribute("data-pointer", "self_help_own")


def test_it_can_be_read_without_its_style(visit: Begin) -> None:
    here = visit(viewport=PHONE)
    here.open()
    here.say("my husband was arrested")
    here.page.evaluate("document.styleSheets[0].disabled = true")
    text = here.page.locator("body").inner_text()
    order = [NUMBER, "999", "Worried about sexual thoughts", "You wrote:", "frightening time", "Send", "Staying safe"]
    for words in order:
        assert words in text, words
        text = text.partition(words)[2]


def test_reduced_motion_and_forced_colours_lose_nothing(visit: Begin) -> None:
    here = visit(viewport=PHONE, forced_colors="active", reduced_motion="reduce")
    here.open()
    here.say(CRISIS)
    borders = here.page.eval_on_selector_all(
        ".bar .tile, .go, form button", "(all) => all.map((one) => parseFloat(getComputedStyle(one).borderTopWidth))"
    )
    assert borders and min(borders) >= 1
    assert here.page.evaluate("document.getAnimations().length") == 0
