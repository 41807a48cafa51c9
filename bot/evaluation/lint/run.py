"""`./signpost lint`: look through the curated data and print what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from bot.evaluation.lint import rules
from bot.evaluation.lint.entries import Entry, Finding, read_held_apart, read_said, read_training
from bot.evaluation.lint.near import Encode, near_doubles
from bot.understanding.encoder import Encoder


def lint(data: Path, out: Console, encode: Encode | None = None) -> int:
    """Print a line for each finding, by file and line. Returns 1 if there is one, else 0.

    Args:
        encode: What gives a text's vector; the encoder of `data` unless given.

    Raises:
        StartError: a file that can't be read.
    """
    training, held_apart, said = read_training(data / "nlu"), read_held_apart(data / "held_apart"), read_said(data)
    style = rules.load_style(data / "style.yml")
    with out.status("Comparing the lines with each other"):
        encode = encode or Encoder(data / "encoder").encode
        found = [*_by_rules(training, held_apart, said, style)]
        found += near_doubles(training, held_apart, style, encode)
    for finding in sorted(found, key=lambda finding: (str(finding.entry.path), finding.entry.number)):
        out.print(str(finding), markup=False, soft_wrap=True)
    read = f"{len(training)} training lines, {len(held_apart)} held-apart lines and {len(said)} sentences"
    out.print(f"{len(found)} findings in {read}.", soft_wrap=True)
    return int(bool(found))


def _by_rules(training: list[Entry], held_apart: list[Entry], said: list[Entry], style: rules.Style) -> Iterator[Finding]:
    yield from rules.doubles([*training, *held_apart])
    yield from rules.too_few(training)
    yield from rules.tics(training)
    yield from rules.malformed([*training, *held_apart])
    yield from rules.words_said(said, style)
    yield from rules.words_typed(training, style)
