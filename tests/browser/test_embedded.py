"""On a partner's page, on another origin and under a strict policy: a button, our page in a frame, and a way out of both."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Error, FrameLocator, expect
from visiting import NUMBER, PHONE, Visit

from bot.settings import EXIT_URL

Begin = Callable[..., Visit]


@pytest.fixture
def partner(visit: Begin, site_for_browsers: Any) -> Visit:
    """A visit to the partner's page."""
    here = visit()
    here.elsewhere += [site_for_browsers.partner.origin + "/", EXIT_URL]
    here.page.goto(site_for_browsers.partner.origin)
    return here


def press(here: Visit) -> FrameLocator:
    """Press the button; our page in its frame."""
    here.page.get_by_role("button", name="Where to get help").click()
    frame = here.page.frame_locator("iframe")
    expect(frame.locator("body")).to_have_class("govuk-frontend-supported")
    return frame


def test_until_the_button_is_pressed_nothing_but_the_script_is_asked_of_us(partner: Visit) -> None:
    expect(partner.page.get_by_role("button", name="Where to get help")).to_be_visible()
    assert [url for url in partner.requests if url.startswith(partner.home)] == [f"{partner.home}/embed.js"]
    assert partner.page.context.cookies() == []


def test_a_whole_turn_in_the_frame_with_the_partners_campaign(partner: Visit) -> None:
    frame = press(partner)
    expect(frame.locator("input[name=campaign]")).to_have_value("cheshire")
    frame.locator("#text").fill("my husband was arrested")
    frame.locator("#text").press("Enter")
    expect(frame.locator(".answer")).to_have_count(1)
    expect(frame.locator(".answer").get_by_role("link", name=f"Call {NUMBER}").first).to_be_visible()


def test_the_partners_page_can_not_read_the_frame_and_the_frame_not_the_page(partner: Visit) -> None:
    press(partner)
    ours = next(frame for frame in partner.page.frames if frame.url.startswith(partner.home))
    with pytest.raises(Error, match="cross-origin"):
        ours.evaluate("parent.document.body.innerText")
    with pytest.raises(Error, match="cross-origin"):
        partner.page.locator("iframe").evaluate("(frame) => frame.contentWindow.document.body.innerText")
    assert ours.evaluate("document.referrer") == ""


@pytest.mark.parametrize("close", ["button", "Esc outside", "Esc inside"])
def test_closing_empties_the_frame_and_gives_the_focus_back(partner: Visit, close: str) -> None:
    frame = press(partner)
    expect(partner.page.get_by_role("dialog", name="Signpost: where to get help")).to_be_visible()
    if close == "button":
        partner.page.get_by_role("button", name="Close").click()
    elif close == "Esc outside":
        partner.page.get_by_role("button", name="Close").focus()
        partner.page.keyboard.press("Escape")
    else:
        frame.locator("#text").press("Escape")
    expect(partner.page.locator("iframe")).to_have_count(0)
    expect(partner.page.get_by_role("button", name="Where to get help")).to_be_focused()
    expect(press(partner).locator("input[name=conversation]")).to_have_value("")


def test_a_message_from_anybody_else_closes_nothing(partner: Visit) -> None:
    press(partner)
    partner.page.evaluate("postMessage('close', '*')")
    partner.page.wait_for_timeout(200)
    expect(partner.page.locator("iframe")).to_have_count(1)


@pytest.mark.parametrize("leave", ["button", "shift"])
def test_leaving_quickly_leaves_the_whole_tab(partner: Visit, leave: str) -> None:
    frame = press(partner)
    if leave == "button":
        frame.get_by_role("link", name="Leave quickly").last.click()
    else:
        frame.locator("#text").click()
        for _ in range(3):
            partner.page.keyboard.press("Shift")
    partner.page.wait_for_url(EXIT_URL)


@pytest.mark.parametrize("where", ["beside the button", "in the dialog"])
def test_a_plain_link_leads_to_a_tab_of_its_own(partner: Visit, where: str) -> None:
    if where == "in the dialog":
        press(partner)
    with partner.page.context.expect_page() as opened:
        partner.page.get_by_role("link", name="Open in a new tab").last.click()
    expect(opened.value.locator("input[name=campaign]")).to_have_value("cheshire")
    assert opened.value.evaluate("[opener, document.referrer]") == [None, ""]


def test_a_link_of_an_answer_opens_outside_the_frame(partner: Visit) -> None:
    partner.elsewhere.append("https://www.stopitnow.org.uk/")
    frame = press(partner)
    frame.get_by_role("button", name="It's about me").click()
    with partner.page.context.expect_page() as opened:
        frame.locator(".answer").get_by_role("link", name="Open page").first.click()
    opened.value.wait_for_url("https://www.stopitnow.org.uk/**")
    expect(frame.locator(".answer")).to_have_count(1)


def test_the_dialog_fits_a_phone_and_everything_in_it_can_be_tapped(visit: Begin, site_for_browsers: Any) -> None:
    here = visit(has_touch=True, is_mobile=True, viewport=PHONE)
    here.elsewhere.append(site_for_browsers.partner.origin + "/")
    here.page.goto(site_for_browsers.partner.origin)
    here.page.get_by_role("button", name="Where to get help").tap()
    assert here.page.get_by_role("dialog").bounding_box() == {"x": 0, "y": 0, **PHONE}
    for control in (
        here.page.get_by_role("button", name="Close"),
        here.page.get_by_role("link", name="Open in a new tab").last,
    ):
        box = control.bounding_box()
        assert box and box["height"] >= 44 and box["width"] >= 44


def test_without_javascript_there_is_a_plain_link(visit: Begin, site_for_browsers: Any) -> None:
    here = visit(java_script_enabled=False)
    here.elsewhere.append(site_for_browsers.partner.origin + "/")
    here.page.goto(site_for_browsers.partner.origin)
    here.page.locator("noscript a").click()
    expect(here.page.locator("input[name=campaign]")).to_have_value("cheshire")


def test_a_page_that_is_not_named_in_the_settings_gets_no_frame(visit: Begin, site_for_browsers: Any) -> None:
    here = visit()
    stranger = site_for_browsers.partner.origin.replace("localhost", "stranger.localhost")
    here.elsewhere += [stranger + "/", site_for_browsers.partner.origin + "/"]
    here.page.goto(stranger)
    here.page.get_by_role("button", name="Where to get help").click()
    expect(here.page.get_by_role("link", name="Open in a new tab").last).to_be_visible()
    here.page.wait_for_timeout(300)
    assert not [frame for frame in here.page.frames if frame.url.startswith(here.home)]
    assert [complaint for complaint in here.complaints if "frame-ancestors" in complaint]
    here.complaints.clear()


def test_a_number_can_be_called_from_the_frame(partner: Visit) -> None:
    """Chromium complains of a number that a frame's sandbox or the partner's policy keeps it from."""
    partner.elsewhere.append("tel:")
    frame = press(partner)
    frame.get_by_role("button", name="It's about me").click()
    for place in (frame.locator(".answer"), frame.get_by_role("banner")):
        with partner.page.expect_request(re.compile("^tel:")):
            place.get_by_role("link", name=re.compile("^Call 0|999")).first.click()
    assert partner.complaints == []
    assert [url for url in partner.requests if url.startswith("tel:")] == ["tel:08081000900", "tel:999"]
    assert partner.page.url.startswith(partner.elsewhere[0])
    expect(frame.locator(".answer")).to_have_count(1)
