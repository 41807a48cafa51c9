"""The gate: what is not approved, to the letter, does not leave."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from bot.answers.gate import Gate, approved_texts
from bot.answers.hours import UK, parse_hours, status
from bot.answers.reply import FALLBACK_POINTERS, HELPLINE, Answers

MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2030, 12, 31), timezones=st.just(UTC))


@pytest.fixture(scope="module")
def approved(answers: Answers) -> list[str]:
    return sorted(set(approved_texts(answers.catalogue, answers.languages.values())))


@pytest.fixture(scope="module")
def gate(approved: list[str]) -> Gate:
    return Gate(approved)


def test_lets_through_what_is_approved_and_what_is_missing() -> None:
    gate = Gate(["Call 999.", "Open page"])
    assert gate.allows(["Call 999.", None, "Open page", "Call 999."])
    assert gate.allows([])
    assert gate.refused == 0


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "call 999.", "Call 999", "Call 999. ", " Call 999.", "Call  999.", "Call 998.", "Call\u00a0999."),
        *("Call 999.\u200b", "Ｃall 999.", "Call 999.Open page", "Call 999.\x00", "\ud800"),
    ],
    ids=ascii,
)
def test_refuses_whatever_differs_in_one_character(text: str) -> None:
    gate = Gate(["Call 999.", "Open page"])
    assert not gate.allows([text])
    assert gate.refused == 1


def test_one_wrong_text_stops_all_and_each_is_counted() -> None:
    gate = Gate(["Call 999."])
    assert not gate.allows(["Call 999.", "one", None, "two"])
    assert gate.refused == 2
    assert gate.allows(["Call 999."])
    assert not gate.allows(iter(["three"]))
    assert gate.refused == 3


def test_a_gate_with_nothing_approved_refuses_everything() -> None:
    assert not Gate([]).allows([""])


@given(st.text())
@example("I am worried about what I did")
@settings(deadline=None)
def test_what_a_visitor_types_does_not_pass(gate: Gate, approved: list[str], typed: str) -> None:
    assume(typed not in approved)
    before = gate.refused
    assert not gate.allows([typed])
    assert gate.refused == before + 1


@given(st.data())
@settings(deadline=None)
def test_an_approved_text_passes_and_with_one_character_changed_does_not(
    gate: Gate, approved: list[str], data: st.DataObject
) -> None:
    text = data.draw(st.sampled_from(approved))
    at = data.draw(st.integers(0, len(text) - 1))
    changed = text[:at] + data.draw(st.characters()) + text[at + 1 :]
    assert gate.allows([text])
    assert gate.allows([changed]) is (changed in approved)


def test_every_field_of_the_catalogue_and_every_phrase_is_approved(answers: Answers) -> None:
    for pointer in answers.catalogue.values():
        assert answers.gate.allows(
            [pointer.name, pointer.about, pointer.tel, pointer.url, pointer.note, *pointer.facts.values()]
        )
    for phrases in answers.languages.values():
        assert answers.gate.allows(phrases.plain)


def test_what_is_for_staff_is_not_approved(approved: list[str], answers: Answers) -> None:
    helpline = answers.catalogue[HELPLINE]
    assert not {helpline.id, helpline.grade, helpline.file, str(helpline.checked), ""} & set(approved)
    assert not [text for text in approved if "{" in text]


@given(MOMENTS)
@settings(deadline=None, max_examples=300)
def test_whatever_the_hour_what_is_said_about_it_is_approved(answers: Answers, now: datetime) -> None:
    today = now.astimezone(UK).date()
    for phrases in answers.languages.values():
        for pointer in answers.catalogue.values():
            if pointer.hours:
                at = status(pointer.hours, now)
                assert phrases.opening(at, today)
                assert answers.gate.allows([phrases.opening(at, today), phrases.helpline_opens(at, today)])


@given(
    MOMENTS,
    st.lists(st.sampled_from(["mon 00:00-09:05", "tue 12:00-13:30", "sat 08:15-23:59", "sun 00:30-01:30", "sun 02:00-03:00"])),
)
@settings(deadline=None, max_examples=300)
def test_hours_that_no_entry_has_yet_would_be_approved_too(answers: Answers, now: datetime, written: list[str]) -> None:
    hours = parse_hours(written)
    english = answers.languages["en"]
    gate = Gate(english.all_openings(hours))
    at, today = status(hours, now), now.astimezone(UK).date()
    assert gate.allows([english.opening(at, today), english.helpline_opens(at, today)])


@given(MOMENTS)
@settings(deadline=None)
def test_every_fallback_passes_the_gate(answers: Answers, now: datetime) -> None:
    for language, phrases in answers.languages.items():
        for error in phrases.errors:
            reply = answers.error(error, language, now)
            assert answers.gate.allows(reply.texts())
            assert tuple(card.id for card in reply.pointers) == FALLBACK_POINTERS
