"""`./signpost evaluate`: read the held-apart lines with the real assistant, measure, report, compare with the floors."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter, process_time
from typing import Final, Protocol

import numpy as np
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bot.errors import StartError
from bot.evaluation.measures import Answer, Fold, macro_f1, share
from bot.evaluation.report import Held, Results, against_floors, render
from bot.evaluation.sets import Line, load_floors, read_routes, read_safety, read_training_lines, with_typing_errors
from bot.settings import Settings
from bot.start import load_assistant
from bot.understanding.reading import Reading
from bot.understanding.safety import CRISIS
from bot.understanding.text import clean
from bot.understanding.thresholds import load_thresholds

#: Trains on texts and labels; what comes back gives the share of each label for a text.
Train = Callable[[Sequence[str], Sequence[str]], Callable[[str], Mapping[str, float]]]
_SEED: Final = 20_260
#: The progress bar moves after so many messages. It has no thread of its own, which would be timed with them.
_STROKE: Final = 20


class Reads(Protocol):
    """What understands a clean text: the assistant's reader, or a test's stand-in."""

    async def read(self, text: str) -> Reading: ...


def evaluate(
    settings: Settings,
    console: Console,
    out: Path,
    *,
    folds: int = 0,
    train: Train | None = None,
    reader: Reads | None = None,
) -> int:
    """Measure, write the report to `out`, and print what has a floor. Returns 1 if anything is under its floor, else 0.

    Args:
        folds: Into how many parts the training lines are cut for a cross-validation; 0 leaves it out.
        train: What the cross-validation trains; the classifier's own heads unless given.
        reader: What reads the messages; the real assistant's unless given.

    Raises:
        StartError: an unreadable file, a missing model, one fold, a report that can't be written.
    """
    if folds == 1 or folds < 0:
        raise StartError(f"--folds {folds}: give 2 or more, or 0 to leave the cross-validation out")
    try:  # before the work, not after it
        out.parent.mkdir(parents=True, exist_ok=True)
        out.touch()
    except OSError as error:
        raise StartError(f"{out}: can't write the report: {error.strerror}") from error
    held_apart = settings.data / "held_apart"
    routes, safety = read_routes(held_apart / "routes.tsv"), read_safety(held_apart / "safety.tsv")
    floors = load_floors(settings.data / "floors.yml")
    sure = load_thresholds(settings.data / "thresholds.yml").sure
    reader = reader or load_assistant(settings).reader
    sets = {"routes": routes, "with typing errors": [with_typing_errors(line) for line in routes], "safety": safety}
    with Progress(console=console, auto_refresh=False, transient=True) as progress:
        answers = asyncio.run(_read_all(reader, sets, progress))
    parts: list[Fold] = []
    if folds:
        with console.status(f"Training {folds} times on parts of the training lines"):
            texts, labels = read_training_lines(settings.data / "nlu")
            parts = cross_validate(train or real_heads(settings), [clean(text) for text in texts], labels, folds)
    results = Results(answers["routes"], answers["with typing errors"], answers["safety"], parts, sure, floors)
    out.write_text(render(results, datetime.now(UTC).date()), encoding="utf-8")
    return _show(against_floors(results), parts, out, console)


def real_heads(settings: Settings) -> Train:
    """What trains the classifier as it is, without Rasa around it."""
    from bot.understanding.classifier import Classifier
    from bot.understanding.classifier import train as train_model
    from bot.understanding.encoder import Encoder
    from bot.understanding.spelling import Spelling

    encoder = Encoder(settings.data / "encoder")

    def train(texts: Sequence[str], labels: Sequence[str]) -> Callable[[str], Mapping[str, float]]:
        model = train_model(texts, labels, encoder)
        return Classifier(model, encoder, Spelling.read(settings.data / "spelling" / "english.txt", model.words)).shares

    return train


async def _read_all(reader: Reads, sets: Mapping[str, Sequence[Line]], progress: Progress) -> dict[str, list[Answer]]:
    await reader.read(clean("hello"))  # the first message of a process is slow; it is not one of those measured
    found: dict[str, list[Answer]] = {}
    for name, lines in sets.items():
        task = progress.add_task(f"Reading {name}", total=len(lines))
        found[name] = []
        for number, line in enumerate(lines, 1):
            found[name].append(await _timed(reader, line))
            if number % _STROKE == 0 or number == len(lines):
                progress.update(task, completed=number, refresh=True)
    return found


async def _timed(reader: Reads, line: Line) -> Answer:
    began, cpu_began = perf_counter(), process_time()
    reading = await reader.read(clean(line.text))
    cpu, clock = process_time() - cpu_began, perf_counter() - began
    return Answer(line, reading, 1_000 * clock, 1_000 * cpu)


def cross_validate(train: Train, texts: Sequence[str], labels: Sequence[str], folds: int = 3) -> list[Fold]:
    """Train on all parts but one and measure on that one, for each; every part holds its share of each label.

    Routes are compared, which are the part of a label before "/"; labels of the crisis head are left out.
    """
    from sklearn.model_selection import StratifiedKFold  # evaluation only

    parts = StratifiedKFold(folds, shuffle=True, random_state=_SEED).split(np.zeros(len(texts)), list(labels))
    figures = []
    for inside, outside in parts:
        shares = train([texts[i] for i in inside], [labels[i] for i in inside])
        found = [_likeliest(shares(texts[i])) for i in outside]
        meant = [labels[i].partition("/")[0] for i in outside]
        right = share(one == wanted for one, wanted in zip(found, meant, strict=True))
        figures.append(Fold(macro_f1(meant, found), right.value))
    return figures


def _likeliest(shares: Mapping[str, float]) -> str:
    routes: dict[str, float] = {}
    for label, one in shares.items():
        if not label.startswith(CRISIS):
            route = label.partition("/")[0]
            routes[route] = routes.get(route, 0.0) + one
    return max(routes, key=lambda route: routes[route])


def _show(floors: Sequence[Held], folds: Sequence[Fold], out: Path, console: Console) -> int:
    """Print every figure that has a floor, then what is under its own. Returns the exit code."""
    low = [one for one in floors if not one.holds]
    console.print(_table("Measured", floors))
    for number, fold in enumerate(folds, 1):
        console.print(f"Cross-validation, part {number}: macro F1 {fold.macro_f1:.3f}, right {fold.accuracy:.1%}")
    if low:
        console.print(_table("Under its floor", low))
    console.print(f"{len(floors) - len(low)} figures hold, {len(low)} do not. The report: {out}", markup=False, soft_wrap=True)
    return int(bool(low))


def _table(title: str, rows: Sequence[Held]) -> Table:
    table = Table("What", "Measured", "Wanted", title=title, title_justify="left")
    for one in rows:
        table.add_row(one.words, one.measured, one.floor, style="" if one.holds else "red")
    return table
