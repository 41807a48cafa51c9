"""The files fit together: what one of them names, another one holds, and nothing is left over."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from promises import ADDRESS, NEVER_SAID, NUMBER

from actions.plans import CRISIS, WHO
from bot import log
from bot.answers.catalogue import read_mapping
from bot.answers.reply import Answers, Plan
from bot.cli import app, catalogue_app
from bot.conversation import UNSURE, Assistant
from bot.flows import load_flows
from bot.settings import ROOT
from bot.understanding.routes import GROUPS, ROUTES
from bot.understanding.text import clean

TOPICS = {route: topic for topic, routes in GROUPS.items() for route in routes}
DOMAIN, RULES, NLU = (
    {path.stem: read_mapping(path) for path in sorted((ROOT / folder).glob("*.yml"))}
    for folder in ("bot/domain", "data/rules", "data/nlu")
)
RULE_STEPS = [(topic, rule["steps"]) for topic, file in RULES.items() for rule in file["rules"]]
PLANS = {
    name: msgspec.convert(variant["custom"], Plan)
    for file in DOMAIN.values()
    for name, variants in file.get("responses", {}).items()
    for variant in variants
}
ACTIONS = {name for file in DOMAIN.values() for name in file.get("actions", [])}
SLOTS = {name for file in DOMAIN.values() for name in file.get("slots", {})}
SOURCES = [path for folder in ("bot", "actions") for path in sorted((ROOT / folder).rglob("*.py"))]
#: Routes that no button stands for: nobody needs to press a greeting, and what is refused is not offered.
NO_BUTTON = {"greet", "thanks", "goodbye", "abusive", "refuse_illegal"}
#: Keys of what an action is told of its turn, and of the plan that it sends.
FACTS = {"metadata", "kind", "offered", "helpline_open", *Plan.__struct_fields__}


def nlu_lines() -> Iterator[tuple[str, str, str]]:
    for topic, file in NLU.items():
        for entry in file["nlu"]:
            for line in entry["examples"].splitlines():
                yield topic, entry["intent"], line.removeprefix("- ")


LINES = list(nlu_lines())


def names_in_actions() -> set[str]:
    """Every string in the code of actions/ that is one word, as ids are and docstrings are not."""
    found = set()
    for path in (ROOT / "actions").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch(r"[\w.]+", node.value):
                found.add(node.value)
    return found


@pytest.mark.parametrize("route", ROUTES)
def test_a_route_has_an_intent_a_rule_and_lines_under_its_topic(route: str) -> None:
    topic = TOPICS[route]
    assert [stem for stem, file in DOMAIN.items() if route in file.get("intents", [])] == [topic]
    assert [stem for stem, steps in RULE_STEPS if steps[0]["intent"] == route] == [topic]
    english = "out_of_scope" if route == "out_of_scope" else topic
    # All that is Welsh stands in one file, for whoever reviews it.
    assert {stem for stem, intent, _ in LINES if intent == route} == {english, "welsh"}


@pytest.mark.parametrize("route", ROUTES)
def test_a_route_is_answered_by_its_own_response_or_an_action(route: str) -> None:
    [answer] = [steps[1]["action"] for _, steps in RULE_STEPS if steps[0]["intent"] == route]
    assert answer in ACTIONS or (answer == f"utter_{route}" and answer in PLANS)


@pytest.mark.parametrize("route", ROUTES)
def test_a_route_has_a_flow_under_its_topic(route: str) -> None:
    assert [flow.name for flow in load_flows(ROOT / "data" / "flows", TOPICS[route]) if flow.name.startswith(f"{route}: ")]


@pytest.mark.parametrize("route", ROUTES)
def test_a_route_has_enough_lines(route: str) -> None:
    wanted = 40 if TOPICS[route] in ("who", "safety") else 20
    assert len([line for _, intent, line in LINES if intent == route]) >= wanted


def test_nothing_is_named_that_is_no_route() -> None:
    assert {intent for file in DOMAIN.values() for intent in file.get("intents", [])} == set(ROUTES)
    assert {steps[0]["intent"] for _, steps in RULE_STEPS} == {*ROUTES, UNSURE}
    assert {intent for _, intent, _ in LINES} == set(ROUTES)
    assert {flow.name.partition(": ")[0] for flow in load_flows(ROOT / "data" / "flows")} == set(ROUTES)


def test_every_route_has_a_button_but_those_that_need_none(answers: Answers) -> None:
    for phrases in answers.languages.values():
        assert set(phrases.choices) == set(ROUTES) - NO_BUTTON


def test_every_name_in_domain_and_actions_exists(answers: Answers) -> None:
    facts = {f"fact.{id}.{fact}" for id, pointer in answers.catalogue.items() for fact in pointer.facts}
    kinds = {entry["metadata"]["kind"] for file in NLU.values() for entry in file["nlu"] if "metadata" in entry}
    for phrases in answers.languages.values():
        phrase_ids = {*phrases.replies, *facts}
        for plan in PLANS.values():
            assert phrase_ids >= set(plan.say)
            assert set(answers.catalogue) >= set(plan.point_to)
            assert set(phrases.choices) >= set(plan.offer)
        known = {*phrase_ids, *answers.catalogue, *phrases.choices, *kinds, *ACTIONS, *SLOTS, *FACTS}
        assert names_in_actions() - known == set()
    assert set(CRISIS) < set(answers.catalogue) and set(WHO) < set(ROUTES)


def test_every_response_is_used_by_a_rule() -> None:
    assert {step["action"] for _, steps in RULE_STEPS for step in steps[1:]} == {*PLANS, *ACTIONS}


def test_every_phrase_is_used(answers: Answers) -> None:
    in_code = (ROOT / "bot" / "answers" / "reply.py").read_text(encoding="utf-8")
    used = {id for plan in PLANS.values() for id in plan.say} | set(re.findall(r"phrases\.reply\(\"(\w+)\"", in_code))
    used |= names_in_actions() - SLOTS - set(WHO)
    for phrases in answers.languages.values():
        assert set(phrases.replies) - used == set()


def test_every_action_of_the_domain_is_in_actions_and_the_reverse(assistant: Assistant) -> None:
    from bot.engine.in_process_actions import InProcessActions  # behind the guard that `assistant` put up

    assert InProcessActions().names == ACTIONS
    assert {name for name in assistant.engine.domain.user_actions if name.startswith("action_")} <= ACTIONS


def test_numbers_and_addresses_on_the_page_and_in_phrases_are_the_catalogues(answers: Answers) -> None:
    page = sorted(path for path in (ROOT / "bot" / "page").rglob("*") if path.suffix in {".html", ".mjs", ".js"})
    page = [path for path in page if "vendor" not in path.parts]
    assert len(page) >= 2
    texts = [re.sub(r"maxlength=\"\d+\"", "", path.read_text(encoding="utf-8")) for path in page]
    texts += [str(msgspec.to_builtins(phrases)) for phrases in answers.languages.values()]
    tels, urls = ({getattr(pointer, field) for pointer in answers.catalogue.values()} for field in ("tel", "url"))
    assert {number for text in texts for number in NUMBER.findall(text)} <= tels
    assert {address for text in texts for address in ADDRESS.findall(text)} <= urls


def test_training_lines_are_plain_and_stand_under_one_route() -> None:
    routes: dict[str, set[str]] = {}
    for _, intent, line in LINES:
        assert not re.search(r"\]\s*[({]|\{\s*\"|^\s*/", line), line
        routes.setdefault(clean(line).casefold(), set()).add(intent)
    assert {line: intents for line, intents in routes.items() if len(intents) > 1} == {}


def test_forbidden_words_are_neither_in_phrases_nor_in_the_catalogue(answers: Answers) -> None:
    texts = [text for phrases in answers.languages.values() for text in phrases.plain]
    texts += [t for p in answers.catalogue.values() for t in (p.name, p.about, p.note or "", p.url or "", *p.facts.values())]
    assert [text for text in texts if NEVER_SAID.search(text)] == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_neither_prints_nor_logs_and_records_no_text(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import | ast.ImportFrom) and path.name != "log.py":
            modules = [getattr(node, "module", None) or "", *(alias.name for alias in node.names)]
            assert not {module.partition(".")[0] for module in modules} & {"logging", "structlog"}
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            assert called not in ("print", "pprint", "warnings.warn", "traceback.print_exc", "sys.stdout.write")
            assert called != "sys.stderr.write" or path.name in ("log.py", "worker.py")
            if called in ("log.record", "record"):
                fields = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
                [event] = [ast.literal_eval(argument) for argument in node.args]
                assert fields.keys() <= log.EVENTS[event]
                assert re.fullmatch(r"(type\(\w+\)|\w+)\.__name__", fields.pop("error", "kind.__name__"))
                assert not re.search(r"text|typed|body|message|incoming|request|\bstr\b|\bf['\"]", " ".join(fields.values()))


def test_the_readme_names_every_command_and_every_route() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = [command.name or command.callback.__name__ for command in app.registered_commands if command.callback]
    commands += [f"catalogue {command.name}" for command in catalogue_app.registered_commands]
    assert [command for command in commands if f"./signpost {command}" not in readme] == []
    assert [route for route in ROUTES if f"`{route}`" not in readme] == []


def test_every_decision_record_has_its_three_parts() -> None:
    records = sorted((ROOT / "bot" / "decisions").glob("[0-9]*.md"))
    assert records
    for record in records:
        assert re.findall(r"^## (.+)$", record.read_text(encoding="utf-8"), re.M) == ["Context", "Decision", "Consequences"]


def test_no_lock_names_a_host_or_a_folder() -> None:
    locks = sorted((ROOT / "requirements").glob("*.lock"))
    assert {"run.lock", "test.lock"} <= {lock.name for lock in locks}
    for lock in locks:
        text = lock.read_text(encoding="utf-8")
        assert re.findall(r"\w+://\S*|\S*@ \S+|--(?!hash=)\S+|^[./~]\S*", text, re.M) == [], lock.name


@pytest.mark.parametrize("path", sorted((ROOT / "data" / "held_apart").glob("*.tsv")), ids=lambda path: path.stem)
def test_no_message_held_apart_is_a_training_line_and_each_names_a_route(path: Path) -> None:
    header, *rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    assert rows
    assert {len(row) for row in rows} == {len(header)}
    assert {row[header.index("route")].partition("/")[0] for row in rows} <= set(ROUTES)
    assert not {bare(row[header.index("text")]) for row in rows} & {bare(line) for _, _, line in LINES}


def bare(text: str) -> str:
    """Words alone, in lower case."""
    return " ".join(re.findall(r"\w+", text.lower())) or text.strip()


@pytest.mark.parametrize("page", ["PROMISES.md", "THREATS.md"])
def test_every_test_that_a_promise_or_a_threat_names_is_there(page: str) -> None:
    named = re.findall(r"`(tests/[^`]+)`", (ROOT / page).read_text(encoding="utf-8"))
    assert len(named) >= 15
    assert [path for path in named if not (ROOT / path).is_file()] == []


def test_every_row_of_the_promises_and_threats_ends_with_a_test() -> None:
    for page in ("PROMISES.md", "THREATS.md"):
        rows = [line for line in (ROOT / page).read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
        told = [row for row in rows if not re.match(r"\| (promise|tries) \|", row)]
        assert [row for row in told if not re.search(r"`tests/[^`]+`(?: `tests/[^`]+`)* \|$", row)] == []
