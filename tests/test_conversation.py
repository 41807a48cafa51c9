"""One turn: what a text, a button or both come to, and what stays in view."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from waiting import run

from bot.answers.reply import FALLBACK_POINTERS, HELPLINE
from bot.conversation import UNSURE, Assistant, Turn, UnknownChoiceError
from bot.understanding.routes import ROUTES
from bot.understanding.safety import CRISIS_ROUTES, Tier

CRISIS_POINTERS = {"emergency_999", "samaritans"}
CRISIS_TEXT = "i want to kill myself"
Take = Callable[..., Turn]


def small(taken: Turn) -> set[str]:
    return {card.id for card in taken.reply.pointers if card.small}


def shown(taken: Turn) -> list[str]:
    return [card.id for card in taken.reply.pointers]


@pytest.fixture
def classifier_sees_no_crisis(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    async def classify(text: str) -> dict[str, float]:
        return {**dict.fromkeys(ROUTES, 0.0), "greet": 0.99}

    monkeypatch.setattr(assistant.reader, "_classify", classify)


class TestTextAndChoice:
    @pytest.mark.parametrize("choice", ["own_behaviour", "ask_hours", "restart", "correct_me", "suicide_crisis"])
    def test_a_crisis_typed_beside_a_pressed_button_is_found(self, turn: Take, choice: str) -> None:
        taken = turn(CRISIS_TEXT, choice=choice)
        assert (taken.route, taken.tier) == ("suicide_crisis", Tier.CERTAIN)
        assert shown(taken)[:2] == ["emergency_999", "samaritans"]

    @pytest.mark.usefixtures("classifier_sees_no_crisis")
    def test_a_possible_crisis_stands_beside_the_answer_to_the_button(self, turn: Take) -> None:
        taken = turn(CRISIS_TEXT, choice="ask_cost")
        assert (taken.route, taken.tier) == ("ask_cost", Tier.POSSIBLE)
        assert set(shown(taken)) > CRISIS_POINTERS | {HELPLINE}

    def test_a_harmless_text_leaves_the_button_its_answer(self, turn: Take) -> None:
        with_text, without = turn("what does it cost", choice="ask_hours"), turn(choice="ask_hours")
        assert (with_text.route, with_text.tier, with_text.reply) == (without.route, without.tier, without.reply)

    @pytest.mark.parametrize("choice", CRISIS_ROUTES)
    @pytest.mark.parametrize("text", [None, "hello", CRISIS_TEXT])
    @pytest.mark.usefixtures("classifier_sees_no_crisis")
    def test_a_pressed_crisis_button_is_certain_whatever_is_typed_beside_it(
        self, turn: Take, choice: str, text: str | None
    ) -> None:
        taken = turn(text, choice=choice)
        assert (taken.route, taken.tier) == (choice, Tier.CERTAIN)
        assert taken.reply == turn(choice=choice).reply

    @pytest.mark.parametrize("choice", ["", "nonsense", UNSURE, "greet", "/restart", "OWN_BEHAVIOUR", "x" * 9_000])
    def test_a_choice_that_is_on_no_button_is_refused(self, turn: Take, assistant: Assistant, choice: str) -> None:
        before = len(assistant.store)
        with pytest.raises(UnknownChoiceError) as caught:
            turn("some words", choice=choice)
        assert str(caught.value) == ""
        assert len(assistant.store) == before

    def test_every_choice_is_a_route_and_answered_as_one(self, turn: Take, assistant: Assistant) -> None:
        for choice in assistant.answers.phrases("en").choices:
            taken = turn(choice=choice)
            assert (taken.route, taken.failed, taken.offered) == (choice, False, ())
            assert choice in ROUTES

    @pytest.mark.parametrize("text", [None, "", "   ", "\u200b", "/", "\x00\n\t"])
    def test_nothing_typed_is_asked_not_guessed(self, turn: Take, text: str | None) -> None:
        taken = turn(text)
        assert (taken.route, taken.tier, taken.failed) == ("out_of_scope", Tier.NONE, False)
        assert [choice.id for choice in taken.reply.choices][:2] == ["own_behaviour", "another_adult"]
        assert HELPLINE in shown(taken)


class TestCrisisInView:
    @pytest.mark.parametrize("crisis", CRISIS_ROUTES)
    def test_a_crisis_stays_in_view_smaller_whatever_comes_next(self, turn: Take, crisis: str) -> None:
        id = turn(choice=crisis).conversation
        for choice in ("correct_me", "own_behaviour", "ask_cost"):
            taken = turn(choice=choice, id=id)
            assert small(taken) == CRISIS_POINTERS
            assert taken.tier is Tier.NONE

    @pytest.mark.parametrize("choice", ["child_at_risk", "survivor", "police_involved", "ask_hours"])
    def test_what_the_answer_itself_points_to_is_not_shown_twice(self, turn: Take, choice: str) -> None:
        taken = turn(choice=choice, id=turn(choice="suicide_crisis").conversation)
        assert set(shown(taken)) >= CRISIS_POINTERS
        assert len(set(shown(taken))) == len(shown(taken))

    def test_it_stays_through_typed_turns_and_is_judged_afresh(self, turn: Take) -> None:
        id = turn(CRISIS_TEXT).conversation
        assert small(turn(choice="correct_me", id=id)) == CRISIS_POINTERS
        taken = turn("when are you open", id=id)
        assert (taken.route, taken.tier) == ("ask_hours", Tier.NONE)
        assert set(shown(taken)) >= CRISIS_POINTERS
        assert turn(CRISIS_TEXT, id=id).tier is Tier.CERTAIN

    def test_a_second_crisis_is_shown_at_full_size(self, turn: Take) -> None:
        id = turn(choice="suicide_crisis").conversation
        assert small(turn(choice="suicide_crisis", id=id)) == set()

    def test_starting_again_clears_them(self, turn: Take) -> None:
        id = turn(choice="suicide_crisis").conversation
        for choice in ("restart", "own_behaviour", "correct_me"):
            assert small(turn(choice=choice, id=id)) == set()

    def test_another_conversation_shows_nothing_of_it(self, turn: Take) -> None:
        first = turn(choice="suicide_crisis").conversation
        other = turn(choice="ask_cost")
        assert other.conversation != first
        assert not CRISIS_POINTERS & set(shown(other))


@pytest.mark.parametrize("language", ["xx", "", "EN", "../en", "en-GB", None])
def test_an_unknown_language_is_answered_in_english(assistant: Assistant, language: str | None) -> None:
    taken = run(assistant.turn(None, choice="ask_cost", lang=language))
    assert taken.reply == run(assistant.turn(None, choice="ask_cost", lang="en")).reply
    assert assistant.store.open(taken.conversation).language == "en"


def test_two_turns_of_one_conversation_at_once_are_kept_in_order(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    answer, steps = assistant.engine.answer, []

    async def slow_at_first(conversation: str, route: str, facts: Any) -> Any:
        steps.append(f"{route} begins")
        await asyncio.sleep(0.02 if route == "suicide_crisis" else 0)
        plans = await answer(conversation, route, facts)
        steps.append(f"{route} ends")
        return plans

    monkeypatch.setattr(assistant.engine, "answer", slow_at_first)

    async def at_once() -> list[Turn]:
        id = assistant.store.open(None).id
        return await asyncio.gather(
            *(assistant.turn(id, choice=choice) for choice in ("suicide_crisis", "ask_cost", "restart"))
        )

    first, second, third = run(at_once())
    assert steps == [f"{route} {step}" for route in ("suicide_crisis", "ask_cost", "restart") for step in ("begins", "ends")]
    assert (small(first), small(second), small(third)) == (set(), CRISIS_POINTERS, set())
    assert first.conversation == second.conversation == third.conversation


def test_a_slow_conversation_holds_up_no_other(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    answer, go_on = assistant.engine.answer, asyncio.Event()

    async def waiting(conversation: str, route: str, facts: Any) -> Any:
        if route == "ask_hours":
            await asyncio.wait_for(go_on.wait(), 5)
        return await answer(conversation, route, facts)

    monkeypatch.setattr(assistant.engine, "answer", waiting)

    async def both() -> bool:
        slow = asyncio.create_task(assistant.turn(None, choice="ask_hours"))
        await asyncio.sleep(0)
        quick = await assistant.turn(None, choice="ask_cost")
        waited = not slow.done()
        go_on.set()
        return waited and not quick.failed and not (await slow).failed

    assert run(both())


@pytest.mark.parametrize("part", ["classify", "answer"])
@pytest.mark.parametrize("error", [RuntimeError, KeyError, MemoryError, UnicodeError])
def test_whatever_fails_inside_the_visitor_gets_the_fallback(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], part: str, error: type[Exception]
) -> None:
    async def fail(*args: object) -> None:
        raise error(f"about {args}")

    monkeypatch.setattr(
        assistant.reader if part == "classify" else assistant.engine, f"{'_' * (part == 'classify')}{part}", fail
    )
    taken = run(assistant.turn(None, text="purple teapots"))
    assert taken.failed
    assert (taken.route, taken.tier, taken.offered) == ("out_of_scope", Tier.NONE, ())
    assert taken.reply == assistant.answers.error("fallback", "en", assistant.now())
    assert tuple(shown(taken)) == FALLBACK_POINTERS
    (line,) = capsys.readouterr().err.splitlines()
    assert json.loads(line) == {"at": json.loads(line)["at"], "event": "turn_failed", "error": error.__name__}
    monkeypatch.undo()
    assert not run(assistant.turn(taken.conversation, choice="ask_cost")).failed


def test_no_plan_at_all_gives_the_fallback(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    async def nothing(*args: object) -> list[Any]:
        return []

    monkeypatch.setattr(assistant.engine, "answer", nothing)
    assert run(assistant.turn(None, choice="ask_cost")).failed


def test_asking_whether_it_is_ready_leaves_no_conversation(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    before = len(assistant.store)
    assert run(assistant.is_ready()) is True

    async def fail(*args: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(assistant.engine, "shares", fail)
    assert run(assistant.is_ready()) is False
    assert len(assistant.store) == before
