"""Our classifier beside stock Rasa's, on the same lines and the same messages, in one run; prints a table.

By hand, from the project's folder, with the Python of `.venv` (see README.md):

    python -m data.comparison.run --stock stock-venv/bin/python --lines 40 [--encoder folder of an encoder that was not tuned]
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import yaml
from rich.console import Console
from rich.table import Table

from bot.evaluation.sets import Line, read_routes, read_safety, read_training_lines
from bot.settings import ROOT
from bot.understanding.classifier import Classifier, train
from bot.understanding.encoder import Encoder
from bot.understanding.routes import GROUPS, OUT_OF_SCOPE
from bot.understanding.safety import CRISIS, CRISIS_ROUTES
from bot.understanding.spelling import Spelling
from bot.understanding.text import clean

HERE: Final = Path(__file__).parent
LEFT_ALONE: Final = {*GROUPS["talk"], "nlu_fallback"}
#: What one side found: a route for each message, the seconds and processor seconds for each, seconds to train, peak MB.
Side = dict[str, Any]


def some_lines(folder: Path, most: int) -> tuple[list[str], list[str]]:
    """At most so many cleaned lines of each route, the same ones each time, with their routes."""
    by_route: dict[str, list[str]] = defaultdict(list)
    for text, label in zip(*read_training_lines(folder), strict=True):
        by_route[label.partition("/")[0]].append(clean(text))
    chance = random.Random(3)  # noqa: S311  # so that both sides and the next run get the same
    chosen = [
        (text, route) for route, texts in sorted(by_route.items()) for text in chance.sample(texts, min(most, len(texts)))
    ]
    return [text for text, _ in chosen], [route for _, route in chosen]


def stock_side(python: str, texts: Sequence[str], routes: Sequence[str], messages: Sequence[str]) -> Side:
    """Train and read with stock Rasa, in its own Python."""
    with tempfile.TemporaryDirectory() as folder:
        nlu, asked, answered = (Path(folder) / name for name in ("nlu.yml", "messages.json", "answers.json"))
        by_route: dict[str, list[str]] = defaultdict(list)
        for text, route in zip(texts, routes, strict=True):
            by_route[route].append(text.translate(str.maketrans("[](){}", "      ")))
        entries = [{"intent": route, "examples": "".join(f"- {line}\n" for line in lines)} for route, lines in by_route.items()]
        nlu.write_text(yaml.safe_dump({"version": "3.1", "nlu": entries}, allow_unicode=True), encoding="utf-8")
        asked.write_text(json.dumps(list(messages)))
        command = [python, str(HERE / "stock.py"), str(nlu), str(asked), str(answered)]
        # Stock Rasa prints every message that it reads.
        subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL)  # noqa: S603
        found: Side = json.loads(answered.read_text())
        return found


def our_side(encoder_folder: Path, texts: Sequence[str], routes: Sequence[str], messages: Sequence[str]) -> Side:
    """Train and read with our heads, in a process of its own so that its memory can be told."""
    with tempfile.TemporaryDirectory() as folder:
        asked, answered = Path(folder) / "asked.json", Path(folder) / "answers.json"
        asked.write_text(json.dumps([str(encoder_folder), list(texts), list(routes), list(messages)]))
        subprocess.run([sys.executable, "-m", "data.comparison.run", "--ours", str(asked), str(answered)], check=True)  # noqa: S603
        found: Side = json.loads(answered.read_text())
        return found


def read_as_ours(asked: Path, answered: Path) -> None:
    """What the process of `our_side` does."""
    encoder_folder, texts, routes, messages = json.loads(asked.read_text())
    began = time.perf_counter()
    encoder = Encoder(Path(encoder_folder))
    model = train(texts, routes, encoder)
    trained = time.perf_counter() - began
    classifier = Classifier(model, encoder, Spelling.read(ROOT / "data" / "spelling" / "english.txt", model.words))
    classifier.shares("hello")
    found = []
    for text in messages:
        cpu, clock = time.process_time(), time.perf_counter()
        shares = classifier.shares(clean(text) or "hello")
        took = time.perf_counter() - clock, time.process_time() - cpu
        found.append([max((name for name in shares if not name.startswith(CRISIS)), key=lambda name: shares[name]), *took])
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    answered.write_text(json.dumps({"found": found, "seconds": trained, "megabytes": memory}))


def figures(side: Side, routes: Sequence[Line], safety: Sequence[Line]) -> list[str]:
    """A column of the table."""
    found = [name.partition("/")[0] for name, _, _ in side["found"]]
    by_route, by_safety = list(zip(routes, found, strict=False)), list(zip(safety, found[len(routes) :], strict=True))

    def share(true: Sequence[bool]) -> str:
        return f"{np.mean(true):.1%}"

    cpu = np.array([each[2] for each in side["found"]]) * 1_000
    return [
        share([name == line.route for line, name in by_route]),
        share([name in LEFT_ALONE for line, name in by_route if line.route == OUT_OF_SCOPE]),
        share([name in CRISIS_ROUTES for line, name in by_safety if line.kind == "crisis"]),
        share([name in CRISIS_ROUTES for line, name in by_safety if line.kind == "danger"]),
        share([name in CRISIS_ROUTES for line, name in by_safety if line.kind == "ordinary"]),
        f"{np.percentile(cpu, 50):.1f} / {np.percentile(cpu, 99):.1f} ms",
        f"{side['megabytes']:.0f} MB",
        f"{side['seconds']:.0f} s",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stock", help="the Python of a venv with rasa 3.6.21 and TensorFlow")
    parser.add_argument("--lines", type=int, default=40, help="how many training lines of each route")
    parser.add_argument("--encoder", type=Path, help="also an encoder that was not tuned on the lines: the fairest comparison")
    parser.add_argument("--ours", type=Path, nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.ours:
        read_as_ours(*arguments.ours)
        return
    held_apart = ROOT / "data" / "held_apart"
    routes, safety = read_routes(held_apart / "routes.tsv"), read_safety(held_apart / "safety.tsv")
    messages = [line.text for line in (*routes, *safety)]
    few = some_lines(ROOT / "data" / "nlu", arguments.lines)
    every = some_lines(ROOT / "data" / "nlu", 1_000_000)
    sides = {}
    if arguments.encoder:
        sides[f"ours, encoder as it comes, {arguments.lines} lines a route"] = our_side(arguments.encoder, *few, messages)
    sides[f"ours, {arguments.lines} lines a route"] = our_side(ROOT / "data" / "encoder", *few, messages)
    sides["ours, all lines"] = our_side(ROOT / "data" / "encoder", *every, messages)
    if arguments.stock:
        sides[f"DIET, {arguments.lines} lines a route"] = stock_side(arguments.stock, *few, messages)
    rows = (
        *("right route", "unrelated, left alone", "crisis found", "danger found", "ordinary taken for either"),
        *("processor time p50 / p99", "memory, at most", "training"),
    )
    table = Table("", *sides)
    for row in zip(rows, *(figures(side, routes, safety) for side in sides.values()), strict=True):
        table.add_row(*row)
    Console(width=160).print(table)


if __name__ == "__main__":
    main()
