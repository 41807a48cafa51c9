"""From a plan to a reply: two sentences at most, what is open first, a crisis in view, and nothing that is not approved."""

from __future__ import annotations

from datetime import datetime
from itertools import product

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.answers.gate import Gate, approved_texts
from bot.answers.hours import UK, Status, parse_hours, status
from bot.answers.reply import CRISIS_POINTERS, FALLBACK_POINTERS, HELPLINE, WHO, Answers, Beside, Plan, Reply

OPEN = datetime(2026, 11, 24, 10, 0, tzinfo=UK)  # a Tuesday
NIGHT = datetime(2026, 11, 24, 23, 0, tzinfo=UK)
SUNDAY = datetime(2026, 11, 22, 12, 0, tzinfo=UK)
SATURDAY = datetime(2026, 11, 21, 12, 0, tzinfo=UK)
CHRISTMAS = datetime(2026, 12, 25, 12, 0, tzinfo=UK)

BESIDES = [Beside(*flags) for flags in product([False, True], repeat=3)]
HELP = (HELPLINE, "self_help_own")


def ids(reply: Reply) -> list[str]:
    return [card.id for card in reply.pointers]


@pytest.fixture
def own_answers(answers: Answers) -> Answers:
    """Answers with a gate of their own, for a test to spoil."""
    return Answers(answers.catalogue, answers.languages)


@pytest.mark.parametrize("beside", BESIDES, ids=str)
@pytest.mark.parametrize("now", [OPEN, NIGHT, SUNDAY, SATURDAY, CHRISTMAS], ids=lambda now: f"{now:%a %d %H}")
def test_never_more_than_two_sentences_whatever_stands_beside(answers: Answers, now: datetime, beside: Beside) -> None:
    refused = answers.gate.refused
    for phrase, in_order, offer in product(answers.languages["en"].replies, [False, True], [(), WHO, ("correct_me",)]):
        reply = answers.reply(Plan((phrase,), HELP, offer, in_order), "en", now, beside)
        assert 1 <= len(reply.messages) <= 2, phrase
        assert reply.messages != answers.languages["en"].errors["fallback"]
        if beside.crisis:
            assert reply.messages[0] == answers.languages["en"].replies["crisis_beside"]
            assert set(CRISIS_POINTERS) <= set(ids(reply))
        if beside.too_long:
            assert reply.messages[-1] == "One sentence is enough."
    assert answers.gate.refused == refused


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (NIGHT, "The helpline opens tomorrow at 9am."),
        (SUNDAY, "The helpline opens tomorrow at 9am."),
        (SATURDAY, "The helpline opens on Monday at 9am."),
        (datetime(2026, 11, 24, 8, 59, tzinfo=UK), "The helpline opens today at 9am."),
        (datetime(2026, 7, 14, 8, 59, tzinfo=UK), "The helpline opens today at 9am."),
        (datetime(2026, 12, 24, 22, 0, tzinfo=UK), "The helpline opens on Tuesday at 9am."),
    ],
)
def test_closed_it_says_when_it_opens(answers: Answers, now: datetime, said: str) -> None:
    plan = Plan(("ask_contact",), HELP, ("correct_me",))
    (first,) = answers.languages["en"].reply("ask_contact", answers.catalogue)
    assert answers.reply(plan, "en", now).messages == (first, said)


@given(st.datetimes(datetime(2024, 1, 1), datetime(2030, 12, 31)).map(lambda now: now.replace(tzinfo=UK)))
@example(datetime(2026, 11, 24, 18, 0, tzinfo=UK))
@settings(deadline=None)
def test_the_day_that_is_named_is_the_day_on_which_it_opens(answers: Answers, now: datetime) -> None:
    for hours in (answers.catalogue[HELPLINE].hours, parse_hours(["tue 09:00-17:00"])):
        at = status(hours, now) if hours else Status(open=None)
        if at.opens:
            said = str(answers.languages["en"].opening(at, now.date()))
            days = (at.opens.date() - now.date()).days
            assert {0: "today", 1: "tomorrow"}.get(days, f"{at.opens:%A}") in said


@pytest.mark.parametrize("now", [OPEN, CHRISTMAS])
def test_open_or_unknown_it_promises_no_opening(answers: Answers, now: datetime) -> None:
    reply = answers.reply(Plan(("own_behaviour",), HELP), "en", now)
    assert reply.messages == answers.languages["en"].reply("own_behaviour", answers.catalogue)


def test_a_question_is_asked_whole_at_night_and_the_card_says_when_it_opens(answers: Answers) -> None:
    reply = answers.reply(Plan(("greet",), HELP, WHO), "en", NIGHT)
    assert reply.messages == answers.languages["en"].reply("greet", answers.catalogue)
    assert {card.id: card.opening for card in reply.pointers}[HELPLINE] == "Closed now. Opens tomorrow at 9am."


@pytest.mark.parametrize(
    ("now", "is_open", "opening"),
    [
        (OPEN, True, "Open now, until 9pm."),
        (NIGHT, False, "Closed now. Opens tomorrow at 9am."),
        (CHRISTMAS, None, "It may be closed today, a bank holiday."),
    ],
)
def test_a_card_says_whether_it_is_open(answers: Answers, now: datetime, is_open: bool | None, opening: str) -> None:
    helpline, samaritans, iwf = answers.reply(Plan((), (HELPLINE, "samaritans", "iwf"), in_order=True), "en", now).pointers
    assert (helpline.open, helpline.opening) == (is_open, opening)
    assert (samaritans.open, samaritans.opening) == (True, "Open at any time.")
    assert (iwf.open, iwf.opening) == (None, None)


def test_a_card_carries_every_field_of_its_entry(answers: Answers) -> None:
    for pointer in answers.catalogue.values():
        (card,) = answers.reply(Plan(point_to=(pointer.id,)), "en", OPEN).pointers
        shown = (card.name, card.about, card.tel, card.url, card.note)
        assert shown == (pointer.name, pointer.about, pointer.tel, pointer.url, pointer.note)


POINT_TO = (HELPLINE, "self_help_own", "stop_it_now_professionals", "samaritans")


@pytest.mark.parametrize("now", [OPEN, CHRISTMAS])
def test_by_day_and_on_a_bank_holiday_the_order_is_the_plan_s(answers: Answers, now: datetime) -> None:
    assert ids(answers.reply(Plan(point_to=POINT_TO), "en", now)) == list(POINT_TO)


def test_at_night_what_is_closed_goes_behind_what_can_be_used(answers: Answers) -> None:
    shown = ids(answers.reply(Plan(point_to=POINT_TO), "en", NIGHT))
    assert shown == ["self_help_own", "samaritans", HELPLINE, "stop_it_now_professionals"]


@pytest.mark.parametrize("now", [OPEN, NIGHT, CHRISTMAS])
def test_in_a_crisis_the_order_is_kept_at_any_hour(answers: Answers, now: datetime) -> None:
    point_to = ("emergency_999", HELPLINE, "samaritans", "self_help_own")
    reply = answers.reply(Plan(("suicide_crisis",), point_to, ("correct_me",), in_order=True), "en", now)
    assert ids(reply) == list(point_to)
    assert reply.messages == answers.languages["en"].reply("suicide_crisis", answers.catalogue)


def test_an_earlier_crisis_stays_in_view_behind_all_else_and_smaller(answers: Answers) -> None:
    reply = answers.reply(Plan(("thanks",), HELP), "en", OPEN, Beside(earlier_crisis=True))
    assert [(card.id, card.small) for card in reply.pointers] == [
        *((id, False) for id in HELP),
        *((id, True) for id in CRISIS_POINTERS),
    ]


@pytest.mark.parametrize("beside", [beside for beside in BESIDES if beside.crisis or beside.earlier_crisis], ids=str)
@pytest.mark.parametrize("now", [OPEN, NIGHT])
def test_a_crisis_pointer_is_never_shown_twice_and_never_small_when_it_is_needed_now(
    answers: Answers, now: datetime, beside: Beside
) -> None:
    reply = answers.reply(Plan(("hurt_now",), ("emergency_999", *HELP)), "en", now, beside)
    assert len(ids(reply)) == len(set(ids(reply)))
    small = {card.id for card in reply.pointers if card.small}
    assert small == (set() if beside.crisis else {"samaritans"})


@pytest.mark.parametrize(
    "plan",
    [
        *(Plan(say=("nothing_of_the_kind",)), Plan(say=("fact.nowhere.cost",)), Plan(say=(f"fact.{HELPLINE}.nothing",))),
        *(Plan(say=("fact.",)), Plan(point_to=("nowhere",)), Plan(offer=("nothing",))),
    ],
    ids=str,
)
def test_an_unknown_id_raises(answers: Answers, plan: Plan) -> None:
    with pytest.raises(KeyError):
        answers.reply(plan, "en", OPEN)


def test_words_that_are_not_approved_become_the_fallback(own_answers: Answers) -> None:
    spoken = "It takes courage to write this."
    approved = approved_texts(own_answers.catalogue, own_answers.languages.values())
    own_answers.gate = Gate(text for text in approved if text != spoken)
    reply = own_answers.reply(Plan(("own_behaviour",), ("childline",), ("correct_me",)), "en", OPEN)
    assert reply == own_answers.error("fallback", "en", OPEN)
    assert spoken not in reply.texts()
    assert own_answers.gate.refused == 1


@pytest.mark.parametrize("change", [{"tel": "0800 1112"}, {"url": "https://www.childline.org.uk"}, {"note": "Call!"}], ids=str)
def test_a_pointer_changed_after_the_start_becomes_the_fallback(own_answers: Answers, change: dict[str, str]) -> None:
    changed = msgspec.structs.replace(own_answers.catalogue["childline"], **change)
    own_answers.catalogue = {**own_answers.catalogue, "childline": changed}
    reply = own_answers.reply(Plan(("under_18",), ("childline", *HELP)), "en", OPEN)
    assert reply == own_answers.error("fallback", "en", OPEN)


def test_every_error_has_words_the_pointers_that_always_hold_and_the_who_choices(answers: Answers) -> None:
    for error in answers.languages["en"].errors:
        reply = answers.error(error, None, NIGHT)
        assert reply.messages == answers.languages["en"].errors[error]
        assert tuple(ids(reply)) == FALLBACK_POINTERS
        assert tuple(choice.id for choice in reply.choices) == WHO


@pytest.mark.parametrize("language", [None, "", "xx", "EN"])
def test_a_language_that_there_is_not_is_answered_in_english(answers: Answers, language: str | None) -> None:
    assert answers.phrases(language) is answers.languages["en"]
