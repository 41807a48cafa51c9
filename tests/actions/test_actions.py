"""The actions one by one, as the SDK runs them: names in, a plan of ids out."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from bot import log
from bot.answers import reply
from bot.answers.catalogue import read_mapping
from bot.answers.reply import HELPLINE, WHO, Answers, Plan
from bot.engine.import_guard import import_rasa
from bot.settings import ROOT

ANSWERING = ("action_ask_who", "action_ask_which", "action_correct_me", "action_restart", "action_tell_hours")
ALL = (*ANSWERING, "action_keep_crisis_in_view")
#: Every fact that `bot.conversation` gives, in every form that it may have.
FACTS: list[dict[str, Any]] = [
    *({}, {"kind": None}, {"kind": "unheard_of"}, {"offered": []}, {"offered": ["ask_cost", "survivor", "under_18"]}),
    *({"kind": kind} for kind in ("low_mood", "hurt_now", "other_language", "nothing_typed")),
    *({"helpline_open": known} for known in (True, False, None)),
]
#: The plans that an action sends, and the events that it returns.
Outcome = tuple[list[Plan], list[dict[str, Any]]]


@pytest.fixture(scope="module")
def written() -> dict[str, Any]:
    """Every action of the package by its name. The SDK can only be imported behind the guard."""
    log.configure()
    import_rasa()
    import actions

    modules = [importlib.import_module(f"actions.{module.name}") for module in pkgutil.iter_modules(actions.__path__)]
    classes = {item for module in modules for item in vars(module).values() if isinstance(item, type)}
    return {item().name(): item() for item in classes if item.__name__ != "Action" and hasattr(item, "run")}


@pytest.fixture(scope="module")
def outcome(written: dict[str, Any]) -> Callable[..., Outcome]:
    """Run an action with the facts of a turn."""
    from rasa_sdk import Tracker
    from rasa_sdk.executor import CollectingDispatcher

    def run(name: str, given: dict[str, Any] | None = None) -> Outcome:
        dispatcher = CollectingDispatcher()
        tracker = Tracker("id", {}, {"metadata": given, "text": None}, [], False, None, {}, "action_listen")
        events = written[name].run(dispatcher, tracker, {})
        assert all(not message.get("text") for message in dispatcher.messages)
        return [msgspec.convert(message["custom"], Plan) for message in dispatcher.messages], events

    return run


@pytest.fixture(scope="module")
def plan(outcome: Callable[..., Outcome]) -> Callable[..., Plan]:
    """The one plan of an action that answers."""

    def only(name: str, given: dict[str, Any] | None = None) -> Plan:
        (sent,), _ = outcome(name, given)
        return sent

    return only


def test_every_action_is_tested_here_and_named_in_the_domain(written: dict[str, Any]) -> None:
    named = [name for path in (ROOT / "bot" / "domain").glob("*.yml") for name in read_mapping(path).get("actions", [])]
    assert set(written) == set(ALL)
    assert sorted(named) == sorted(ALL)


@pytest.mark.parametrize("action", ANSWERING)
@pytest.mark.parametrize("given", FACTS, ids=str)
def test_an_action_answers_with_one_plan_whose_every_id_is_known(
    plan: Callable[..., Plan], answers: Answers, action: str, given: dict[str, Any]
) -> None:
    sent = plan(action, given)
    assert sent.say
    for phrases in answers.languages.values():
        assert all(phrases.reply(id, answers.catalogue) for id in sent.say)
        assert set(sent.offer) <= set(phrases.choices)
    assert set(sent.point_to) <= set(answers.catalogue)
    assert {HELPLINE, "self_help_own"} <= set(sent.point_to)
    assert sent.offer


@pytest.mark.parametrize("action", ANSWERING)
def test_an_action_answers_though_it_is_told_nothing(plan: Callable[..., Plan], action: str) -> None:
    assert plan(action, None) == plan(action, {})


@pytest.mark.usefixtures("written")
def test_the_crisis_and_the_question_are_those_of_the_answers() -> None:
    """Actions know nothing of the program, so these few names are written twice."""
    from actions.plans import CRISIS, WHO

    assert (CRISIS, WHO) == (reply.CRISIS_POINTERS, reply.WHO)


@pytest.mark.parametrize("kind", [None, "unheard_of", "low_mood", "hurt_now", "other_language", "nothing_typed"])
def test_what_no_route_is_for_is_asked_with_the_four_who_choices(plan: Callable[..., Plan], kind: str | None) -> None:
    assert plan("action_ask_who", {"kind": kind}).offer == WHO


def test_a_language_not_understood_adds_the_crisis_numbers_and_the_interpreters(plan: Callable[..., Plan]) -> None:
    assert {*reply.CRISIS_POINTERS, "stop_it_now_interpreters"} <= set(
        plan("action_ask_who", {"kind": "other_language"}).point_to
    )


@pytest.mark.parametrize(("kind", "first"), [("low_mood", "samaritans"), ("hurt_now", "emergency_999")])
def test_a_low_mood_or_a_hurt_puts_who_helps_first(plan: Callable[..., Plan], kind: str, first: str) -> None:
    assert plan("action_ask_who", {"kind": kind}).point_to[0] == first


def test_what_is_offered_keeps_its_order_and_ends_with_the_way_back(plan: Callable[..., Plan]) -> None:
    assert plan("action_ask_which", {"offered": ["survivor", "ask_cost"]}).offer == ("survivor", "ask_cost", "correct_me")
    assert plan("action_ask_which", {}).offer == ("correct_me",)


@pytest.mark.parametrize(
    ("known", "says"),
    [
        (True, ("ask_hours_open", "fact.stop_it_now_helpline.hours")),
        (None, ("ask_hours_unknown", "fact.stop_it_now_helpline.hours")),
        (False, ("fact.stop_it_now_helpline.hours",)),
    ],
)
def test_whether_the_helpline_is_open_is_said_only_where_it_is_known(
    plan: Callable[..., Plan], known: bool | None, says: tuple[str, ...]
) -> None:
    assert plan("action_tell_hours", {"helpline_open": known}).say == says


def test_a_crisis_is_remembered_and_nothing_is_said_of_it(outcome: Callable[..., Outcome]) -> None:
    plans, events = outcome("action_keep_crisis_in_view")
    assert plans == []
    assert [(event["event"], event["name"], event["value"]) for event in events] == [("slot", "crisis_in_view", True)]


def test_starting_again_forgets_every_slot(outcome: Callable[..., Outcome]) -> None:
    _, events = outcome("action_restart")
    assert [event["event"] for event in events] == ["reset_slots"]


@pytest.mark.parametrize("action", ["action_correct_me", "action_ask_who", "action_ask_which", "action_tell_hours"])
def test_any_other_answer_forgets_nothing(outcome: Callable[..., Outcome], action: str) -> None:
    assert outcome(action)[1] == []


@pytest.mark.usefixtures("written")
def test_facts_are_the_metadata_of_the_message_and_nothing_else() -> None:
    from rasa_sdk import Tracker

    from actions.plans import facts

    tracker = Tracker("id", {"crisis_in_view": True}, {"metadata": {"kind": "x"}, "text": "words"}, [], False, None, {}, None)
    assert facts(tracker) == {"kind": "x"}
    assert facts(Tracker("id", {}, {}, [], False, None, {}, None)) == {}
