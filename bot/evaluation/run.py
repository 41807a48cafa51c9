"""`./signpost evaluate`: read the held-apart lines with the real assistant, measure, report, compare with the floors."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter, process_time
from typing import Final, Protocol

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bot.errors import StartError
from bot.evaluation.cross_validation import CrossValidation, Encode, cross_validate
from bot.evaluation.measures import Answer
from bot.evaluation.report import Held, Results, against_floors, render
from bot.evaluation.sets import Line, load_floors, read_routes, read_safety, read_training_lines, with_typing_errors
from bot.settings import Settings
from bot.start import load_assistant
from bot.understanding.encoder import Encoder
from bot.understanding.reading import Reading
from bot.understanding.text import clean
from bot.understanding.thresholds import load_thresholds

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
    encode: Encode | None = None,
    reader: Reads | None = None,
) -> int:
    """Measure, write the report to `out`, and print what has a floor. Returns 1 if anything is under its floor, else 0.

    Args:
        folds: Into how many parts the training lines are cut for a cross-validation; 0 leaves it out.
        encode: What gives the cross-validation a text's vector; the encoder of the data unless given.
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
    crossed: CrossValidation | None = None
    if folds:
        texts, labels = read_training_lines(settings.data / "nlu")
        encode = encode or Encoder(settings.data / "encoder").encode
        with Progress(console=console, transient=True) as progress:
            crossed = cross_validate([clean(text) for text in texts], labels, encode, folds, progress)
    results = Results(answers["routes"], answers["with typing errors"], answers["safety"], crossed, sure, floors)
    out.write_text(render(results, datetime.now(UTC).date()), encoding="utf-8")
    return _show(against_floors(results), crossed, out, console)


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


def _show(floors: Sequence[Held], crossed: CrossValidation | None, out: Path, console: Console) -> int:
    """Print every figure that has a floor, then what is under its own. Returns the exit code."""
    low = [one for one in floors if not one.holds]
    console.print(_table("Measured", floors))
    if crossed:
        console.print(crossed.in_a_line, soft_wrap=True)
    if low:
        console.print(_table("Under its floor", low))
    console.print(f"{len(floors) - len(low)} figures hold, {len(low)} do not. The report: {out}", markup=False, soft_wrap=True)
    return int(bool(low))


def _table(title: str, rows: Sequence[Held]) -> Table:
    table = Table("What", "Measured", "Wanted", title=title, title_justify="left")
    for one in rows:
        table.add_row(one.words, one.measured, one.floor, style="" if one.holds else "red")
    return table
