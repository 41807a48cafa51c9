"""The keeper: a visitor never meets a closed door, and no process is left behind."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from serving import (
    SECONDS,
    SERVE,
    Answer,
    Server,
    answer_of,
    children,
    free_port,
    is_running,
    own_data,
    serving,
    wait_until,
    wait_until_ready,
)
from waiting import run
from web_client import assert_approved

from bot.conversation import Assistant
from bot.engine.fingerprint import is_fresh, stamp
from bot.settings import ROOT, Settings
from bot.web import keeper
from bot.web.keeper import Keeper
from bot.web.server import listen

#: The longest that a visitor may wait for an answer.
AT_MOST = 2.0
HELLO = {"text": "hello"}


@dataclass
class Life:
    """What a server did in its life: while it was loading, after its worker was killed, and when it was told to stop."""

    while_loading: dict[str, Answer]
    conversation: str
    after_kill: list[tuple[float, Answer]]
    ended: list[object]
    in_flight: Answer
    code: int
    seconds_to_stop: float
    is_left: list[bool]
    last: object


@pytest.fixture(scope="module")
def life(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Life:
    """One life for all tests here, since each takes seconds to begin."""
    printed = tmp_path_factory.mktemp("kept") / "printed.txt"
    with serving(settings, printed, port=free_port()) as server:
        wait_until(lambda: can_connect(server.port))
        while_loading = ask_everything(server)
        assert server.events() == [], "it was ready too soon for this test"
        wait_until_ready(server)

        conversation = json.loads(server.say(text="I want to kill myself").body)["conversation"]
        os.kill(server.worker, signal.SIGKILL)
        after_kill = ask_until_answered(server, conversation)
        worker = server.worker

        in_flight, idle = server.connect(), server.connect()
        idle.request("GET", "/health/live")
        assert answer_of(idle).status == 200
        body = json.dumps({"text": "I want to kill myself"}).encode()
        in_flight.putrequest("POST", "/chat")
        in_flight.putheader("Content-Type", "application/json")
        in_flight.putheader("Content-Length", str(len(body)))
        in_flight.endheaders(body[:10])
        time.sleep(0.2)
        began = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        in_flight.send(body[10:])
        answer, code = answer_of(in_flight), server.process.wait(SECONDS)
        took = time.monotonic() - began
        in_flight.close()
        idle.close()
        events = server.events()
        return Life(
            while_loading=while_loading,
            conversation=conversation,
            after_kill=after_kill,
            ended=[event["code"] for event in events if event["event"] == "worker_ended"],
            in_flight=answer,
            code=code,
            seconds_to_stop=took,
            is_left=[is_running(worker), can_connect(server.port)],
            last=events[-1]["event"],
        )


def ask_everything(server: Server) -> dict[str, Answer]:
    answers = {}
    for accept in ("application/json", "text/html"):
        for as_form in (False, True):
            answers[f"a message {accept} {as_form}"] = server.say(as_form, accept, **HELLO)
    for path in ("/", "/safety", "/health/live", "/health/ready", "/static/page.css", "/nowhere"):
        answers[path] = server.ask("GET", path)
    return answers


def ask_until_answered(server: Server, conversation: str) -> list[tuple[float, Answer]]:
    """Send a message again and again: the seconds that each took, and its answer."""
    answers: list[tuple[float, Answer]] = []
    began = time.monotonic()
    while not answers or (answers[-1][1].status != 200 and time.monotonic() - began < SECONDS):
        asked = time.monotonic()
        answer = server.say(conversation=conversation, **HELLO)
        answers.append((time.monotonic() - asked, answer))
        time.sleep(0.05)
    return answers


def can_connect(port: int) -> bool:
    with socket.socket() as trying:
        return trying.connect_ex(("127.0.0.1", port)) == 0


def as_response(answer: Answer) -> httpx.Response:
    return httpx.Response(answer.status, headers=answer.headers, text=answer.body)


def test_while_the_worker_loads_the_keeper_answers(life: Life, assistant: Assistant) -> None:
    messages = {name: answer for name, answer in life.while_loading.items() if name.startswith("a message")}
    assert [answer.status for answer in messages.values()] == [503] * 4
    for answer in messages.values():
        assert_approved(as_response(answer), assistant)
    statuses = {name: answer.status for name, answer in life.while_loading.items() if name not in messages}
    pages = {"/": 200, "/safety": 200, "/static/page.css": 200}
    assert statuses == pages | {"/health/live": 200, "/health/ready": 503, "/nowhere": 404}
    assert "0808 1000 900" in life.while_loading["/"].body
    # So that the next request finds the worker.
    assert {answer.headers["connection"] for answer in life.while_loading.values()} == {"close"}


def test_a_killed_worker_is_followed_by_another_and_everybody_is_answered_meanwhile(life: Life, assistant: Assistant) -> None:
    seconds, answers = zip(*life.after_kill, strict=True)
    assert max(seconds) < AT_MOST
    assert [answer.status for answer in answers] == [503] * (len(answers) - 1) + [200]
    assert len(answers) > 1
    assert_approved(as_response(answers[0]), assistant)
    assert json.loads(answers[-1].body)["route"] == "greet"
    assert life.ended == [-signal.SIGKILL]


def test_a_conversation_ends_with_its_worker_and_its_id_is_not_taken_up_again(life: Life) -> None:
    assert json.loads(life.after_kill[-1][1].body)["conversation"] != life.conversation


def test_sigterm_finishes_what_is_in_flight_and_leaves_no_process(life: Life) -> None:
    assert (life.in_flight.status, json.loads(life.in_flight.body)["route"]) == (200, "suicide_crisis")
    assert (life.code, life.last) == (0, "stopped")
    assert life.seconds_to_stop < 5
    assert life.is_left == [False, False]


def test_the_worker_does_not_outlive_the_keeper(settings: Settings, tmp_path: Path) -> None:
    with serving(settings, tmp_path / "printed.txt", port=free_port()) as server:
        wait_until(lambda: children(server.process.pid))
        worker = server.worker
        wait_until(lambda: b"worker" in Path(f"/proc/{worker}/cmdline").read_bytes())
        time.sleep(1)  # it is loading
        server.process.kill()
        wait_until(lambda: not is_running(worker), 10)


def test_what_only_the_worker_can_see_is_told_once_with_exit_code_2(settings: Settings, tmp_path: Path) -> None:
    model = tmp_path / settings.model.name
    model.write_bytes(b"damaged")
    shutil.copy(stamp(settings.model), stamp(model))
    assert str(model) in told_at_the_start(settings, SIGNPOST_MODEL=str(model))


def test_a_catalogue_that_is_wrong_is_told_in_one_line_with_exit_code_2(settings: Settings, tmp_path: Path) -> None:
    data = own_data(settings, tmp_path / "data", "catalogue")
    (data / "catalogue" / "stop_it_now.yml").write_text("nonsense: [")
    assert str(data / "catalogue" / "stop_it_now.yml") in told_at_the_start(settings, SIGNPOST_DATA=str(data))


def told_at_the_start(settings: Settings, **environment: str) -> str:
    """The one line that a server prints that can't start."""
    assert is_fresh(settings.model, settings.data), "the model is stale: run ./signpost train"
    command = [*SERVE, "serve", "--port", "0"]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SIGNPOST_")}
    ran = subprocess.run(
        command, cwd=ROOT, env=clean | environment, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert (ran.returncode, ran.stdout) == (2, "")
    (line,) = ran.stderr.splitlines()
    assert line.startswith("signpost: ")
    return line


WORKERS = {
    "ends at once": (("sh", "-c", "exit 3"), 3),
    "can't be started": (("/no/such/program",), keeper.NOT_STARTED),
}


@pytest.mark.parametrize("name", WORKERS)
def test_a_worker_that_never_gets_ready_is_tried_again_more_and_more_rarely(
    name: str, settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command, code = WORKERS[name]
    monkeypatch.setattr(keeper, "WORKER", command)
    listening = listen("127.0.0.1", 0)
    said: list[str] = []
    statuses: list[int] = []

    def ask() -> None:
        with httpx.Client(base_url=f"http://127.0.0.1:{listening.getsockname()[1]}", trust_env=False) as client:
            for _ in range(10):
                statuses.append(client.post("/chat", json=HELLO, timeout=AT_MOST).status_code)
                time.sleep(0.1)
        os.kill(os.getpid(), signal.SIGTERM)

    visitor = threading.Thread(target=ask)

    async def keep() -> int:
        visitor.start()
        return await Keeper(settings, listening, said.append).keep()

    assert run(asyncio.wait_for(keep(), 20)) == 0
    visitor.join()
    listening.close()
    assert statuses == [503] * 10
    assert said == []
    events = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert {(event["event"], event["code"]) for event in events} == {("worker_ended", code)}
    assert 2 <= len(events) <= 6
