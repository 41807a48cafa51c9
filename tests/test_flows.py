"""Every flow of data/flows holds, and the runner says so when one doesn't."""

from __future__ import annotations

from pathlib import Path

import pytest
from waiting import run

from bot.conversation import Assistant
from bot.errors import StartError
from bot.flows import ORDINARY, Expect, Failure, Flow, Step, load_flows, run_flow
from bot.settings import ROOT, Settings

FOLDER = ROOT / "data" / "flows"
FLOWS = load_flows(FOLDER)


@pytest.mark.parametrize("flow", FLOWS, ids=[flow.name for flow in FLOWS])
def test_the_flow_goes_as_written(flow: Flow, settings: Settings, assistant: Assistant) -> None:
    assert run(run_flow(flow, settings, assistant=assistant)) == []


@pytest.mark.parametrize("flow", FLOWS, ids=[flow.name for flow in FLOWS])
def test_a_flow_is_short_and_every_step_does_and_expects_something(flow: Flow) -> None:
    assert 1 <= len(flow.steps) <= 4
    for step in flow.steps:
        assert step.say is not None or step.choose is not None
        assert step.expect != Expect()


def test_no_two_flows_have_the_same_name() -> None:
    names = [flow.name for flow in FLOWS]
    assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize(
    "expect",
    [
        Expect(route="another_adult"),
        Expect(tier="certain"),
        Expect(phrases=("another_adult",)),
        Expect(pointers=("iwf",)),
        Expect(pointers=("self_help_own", "stop_it_now_helpline")),
        Expect(first=("self_help_own",)),
        Expect(small=("stop_it_now_helpline",)),
        Expect(choices=("goodbye",)),
        Expect(offered=("own_behaviour",)),
    ],
    ids=str,
)
def test_a_wrong_expectation_is_reported(expect: Expect, settings: Settings, assistant: Assistant) -> None:
    flow = Flow("own_behaviour: a flow that is wrong", steps=(Step(expect, choose="own_behaviour"),))
    [failure] = run(run_flow(flow, settings, assistant=assistant))
    assert failure.step == "[own_behaviour]"
    assert failure.expected and failure.expected != failure.got


@pytest.mark.parametrize(
    "step",
    [Step(Expect(route="greet"), choose="own_behavoir"), Step(Expect(phrases=("own_behavoir",)), choose="own_behaviour")],
    ids=["choice", "phrase"],
)
def test_a_misspelt_name_is_reported_and_no_crash(step: Step, settings: Settings, assistant: Assistant) -> None:
    [failure] = run(run_flow(Flow("own_behaviour: a misspelt flow", (step,)), settings, assistant=assistant))
    assert str(failure.got).startswith("no ")


def test_every_wrong_step_is_reported_in_order(settings: Settings, assistant: Assistant) -> None:
    steps = (
        Step(Expect(route="goodbye"), choose="survivor"),
        Step(Expect(route="own_behaviour"), choose="own_behaviour"),
        Step(Expect(route="goodbye"), say="Hello"),
    )
    failures = run(run_flow(Flow("survivor: two wrong steps of three", steps), settings, assistant=assistant))
    assert failures == [Failure("[survivor]", "goodbye", "survivor"), Failure("Hello", "goodbye", "greet")]


def test_a_flow_happens_at_its_own_time_and_the_clock_is_put_back(settings: Settings, assistant: Assistant) -> None:
    before = assistant.now()
    closed_first = Expect(first=("self_help_own", "stop_it_now_helpline"))
    open_first = Expect(first=("stop_it_now_helpline", "self_help_own"))
    night = Flow("ask_cost: at night", (Step(closed_first, choose="ask_cost"),), at="2026-11-24 21:00")
    day = Flow("ask_cost: at no time that is named", (Step(open_first, choose="ask_cost"),))
    assert run(run_flow(night, settings, assistant=assistant)) == []
    assert assistant.now() == before
    assert run(run_flow(day, settings, assistant=assistant)) == []
    assert day.moment.replace(tzinfo=None) == ORDINARY


def test_the_flows_of_one_topic_are_that_files_alone() -> None:
    assert {flow.name.partition(":")[0] for flow in load_flows(FOLDER, "bot")} == {"ask_bot", "ask_privacy"}


def test_an_unknown_topic_is_an_error_that_names_it() -> None:
    with pytest.raises(StartError, match="no flows called weather"):
        load_flows(FOLDER, "weather")


@pytest.mark.parametrize(
    "written",
    [
        "flows: [",
        "just a sentence",
        "flows:\n- flow: a step without expect\n  steps:\n  - say: hello",
        "flows:\n- flow: a misspelt field\n  steps:\n  - {say: hello, expect: {rout: greet}}",
        "flows:\n- flow: no steps at all",
        "flows:\n- flow: a time that nobody can read\n  at: half past nine\n  steps: []",
        "flow: not a list",
    ],
)
def test_an_unreadable_file_is_an_error_that_names_it(written: str, tmp_path: Path) -> None:
    (tmp_path / "who.yml").write_text(written, encoding="utf-8")
    with pytest.raises(StartError, match=r"who\.yml: "):
        load_flows(tmp_path)
