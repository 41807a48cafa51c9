"""A whole conversation in a real browser: by keyboard, by touch, without JavaScript, and when the server goes away."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, Route, expect
from serving import serving
from visiting import NUMBER, PHONE, Visit, visiting

from bot.settings import EXIT_URL, Settings

Begin = Callable[..., Visit]


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until this has the focus."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("(s) => document.activeElement.matches(s)", selector):
            return
    raise AssertionError(f"no way to {selector} by Tab")


def test_the_keyboard_is_enough_from_the_first_word_to_the_number(visit: Begin) -> None:
    here = visit()
    here.open()
    page = here.page
    tab_to(page, "#text")
    page.keyboard.type("my husband was arrested")
    page.keyboard.press("Enter")
    expect(here.answers).to_have_count(1)
    expect(page.locator("#text")).to_be_focused()
    expect(page.locator("#text")).to_have_value("")
    expect(here.log).to_contain_text("You wrote: my husband was arrested")

    tab_to(page, "button[value=correct_me]")
    page.keyboard.press("Enter")
    expect(here.answers).to_have_count(2)
    expect(here.log.locator(".mine").last).to_be_focused()
    expect(here.log.locator(".mine").last).to_have_text("You chose: That's not what I meant")

    tab_to(page, "button[value=own_behaviour]")
    page.keyboard.press("Space")
    expect(here.answers).to_have_count(3)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.answer') !== null")
    expect(here.answers.last.get_by_role("link", name=f"Call {NUMBER} Stop It Now! helpline")).to_have_attribute(
        "href", "tel:08081000900"
    )


def test_a_line_break_is_written_with_shift_and_enter(visit: Begin) -> None:
    here = visit()
    here.open()
    here.page.locator("#text").press_sequentially("one")
    here.page.locator("#text").press("Shift+Enter")
    here.page.locator("#text").press_sequentially("two")
    expect(here.page.locator("#text")).to_have_value("one\ntwo")
    expect(here.answers).to_have_count(0)


def test_touch_is_enough(visit: Begin) -> None:
    here = visit(has_touch=True, is_mobile=True, viewport=PHONE)
    here.open()
    page = here.page
    page.get_by_role("button", name="It's about an adult I know").tap()
    expect(here.answers).to_have_count(1)
    expect(here.log).to_contain_text("You chose: It's about an adult I know")
    page.locator("#text").tap()
    page.locator("#text").fill("when is it open")
    page.get_by_role("button", name="Send").tap()
    expect(here.answers).to_have_count(2)
    page.get_by_role("button", name="Start again").tap()
    expect(here.answers).to_have_count(1)
    assert not here.holds("when is it open")
    expect(page.get_by_role("link", name=f"Stop It Now! {NUMBER}")).to_be_in_viewport()


def test_without_javascript_every_step_is_a_page_of_its_own(visit: Begin) -> None:
    here = visit(java_script_enabled=False)
    here.open()
    page = here.page
    expect(page.locator("noscript p")).to_be_visible()
    expect(page.get_by_text("pressing the Shift key")).to_be_hidden()
    page.locator("#text").fill("I am worried about what I look at")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#answer")).to_contain_text(NUMBER)
    page.get_by_role("button", name="That's not what I meant").click()
    expect(page.locator("#log")).to_contain_text("You chose: That's not what I meant")
    page.get_by_role("button", name="It's about my work").click()
    expect(page.locator("#answer")).to_contain_text("You can ask without naming anyone.")
    assert page.locator("#answer").bounding_box()["y"] >= page.locator(".bar").bounding_box()["height"]  # type: ignore[index]
    page.get_by_role("link", name="Staying safe on this device").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Staying safe on this device")
    here.elsewhere.append(EXIT_URL)
    page.get_by_role("link", name="Leave quickly").last.click()
    page.wait_for_url(EXIT_URL)


def test_the_language_switch_keeps_to_welsh_all_the_way(visit: Begin) -> None:
    here = visit()
    here.open("/?c=cheshire")
    here.page.get_by_role("link", name="Cymraeg").click()
    expect(here.page.locator("html")).to_have_attribute("lang", "cy")
    before = here.answers.count()
    here.page.locator("button[value=own_behaviour]").click()
    expect(here.answers).to_have_count(before + 1)
    expect(here.log.locator(".who")).to_have_text("Dewisoch chi:")
    here.page.get_by_role("link", name="English").click()
    expect(here.page.locator("html")).to_have_attribute("lang", "en")
    assert here.page.url.endswith("lang=en&c=cheshire")


def test_an_answer_is_added_and_nothing_that_was_there_is_touched(visit: Begin) -> None:
    here = visit()
    here.open()
    here.say("hello")
    here.page.evaluate(
        """() => {
            window.taken = 0
            new MutationObserver((all) => { for (const one of all) taken += one.removedNodes.length })
                .observe(document.getElementById('log'), { childList: true, subtree: true })
        }"""
    )
    here.say("what does it cost")
    here.choose("That's not what I meant")
    assert here.page.evaluate("taken") == 0
    expect(here.log).to_have_attribute("role", "log")
    assert here.page.locator("#log [aria-live], #log [role=status], #log [role=alert]").count() == 0


def test_while_it_waits_it_says_so_and_takes_no_second_message(visit: Begin) -> None:
    here = visit()
    here.open()
    held: list[Route] = []
    here.page.route("**/chat?*", lambda route: held.append(route))
    page, text = here.page, here.page.locator("#text")
    text.fill("hello")
    text.press("Enter")
    expect(here.log).to_have_attribute("aria-busy", "true")
    expect(page.locator("#status")).to_have_text("Looking for the right place")
    expect(text).to_be_focused()
    text.press("Enter")
    page.get_by_role("button", name="It's about me").click(force=True)
    expect(page.get_by_role("button", name="Send")).to_have_attribute("aria-disabled", "true")
    [only] = held
    only.continue_()
    expect(here.answers).to_have_count(1)
    expect(here.log).to_have_attribute("aria-busy", "false")
    expect(page.locator("#status")).to_be_empty()


def test_where_fetch_is_kept_from_us_the_form_sends_itself(visit: Begin) -> None:
    here = visit()
    here.open()
    here.page.route("**/chat?*", lambda route: route.abort() if route.request.resource_type == "fetch" else route.continue_())
    here.page.locator("#text").fill("what does it cost")
    here.page.locator("#text").press("Enter")
    here.page.wait_for_url("**/chat?lang=en#answer")
    expect(here.page.locator("#answer")).to_contain_text(NUMBER)


def test_when_the_server_stops_half_way_the_number_is_there_and_what_was_typed(
    chromium: Browser, settings: Settings, tmp_path: Path
) -> None:
    with (
        serving(settings, tmp_path / "printed", environment={"SIGNPOST_DATABASE": ""}) as server,
        visiting(chromium, f"http://127.0.0.1:{server.port}") as here,
    ):
        here.open()
        here.say("hello")
        server.process.terminate()
        server.process.wait(20)
        here.say("is anybody there")
        last = here.answers.last
        expect(last).to_contain_text("This did not get through.")
        expect(last.get_by_role("link", name=f"Call {NUMBER}")).to_be_in_viewport()
        expect(last).to_contain_text("Monday")
        expect(last.get_by_role("link", name="Open page").first).to_be_visible()
        expect(here.page.locator("#text")).to_have_value("is anybody there")
        expect(here.page.locator("#problem")).to_contain_text("This was not sent.")
        assert "problem" in (here.page.locator("#text").get_attribute("aria-describedby") or "")


def test_a_printed_conversation_has_the_number_and_no_controls(visit: Begin) -> None:
    here = visit()
    here.open()
    here.say("my husband was arrested")
    here.page.emulate_media(media="print")
    expect(here.answers.get_by_text(NUMBER).first).to_be_visible()
    expect(here.page.locator("form")).to_be_hidden()
    expect(here.page.get_by_text("Leave quickly").last).to_be_hidden()
    assert here.page.pdf().startswith(b"%PDF")
