"""Every check of `./signpost test`, in the order in which a failure is cheapest to mend. pytest comes last."""

from __future__ import annotations

import subprocess
import sys
from typing import Final

from rich.console import Console

from bot.settings import ROOT

_VALIDATION: Final = "Rasa's validation"
_CHECKS: Final = {
    "style": ["-m", "ruff", "check", "."],
    "format": ["-m", "ruff", "format", "--check", "."],
    "types": ["-m", "mypy"],
    "imports": ["-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"],
    "training lines": ["-m", "bot", "lint"],
    _VALIDATION: ["-m", "bot", "rasa", "data", "validate", "--fail-on-warnings"],
    "Rasa's stories": ["-m", "bot", "rasa", "test"],
}


def run_checks(arguments: list[str], console: Console) -> int:
    """Run all checks and then pytest; with arguments, pytest alone with them. Returns 1 if anything failed, else 0."""
    failed = []
    for name, command in () if arguments else _CHECKS.items():
        console.print(f"{name} ...", end=" ")
        run = subprocess.run(  # noqa: S603  # our own interpreter and fixed arguments
            [sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False
        )
        # Rasa's validation ends well even where it has warned.
        wrong = run.returncode != 0 or (name == _VALIDATION and "UserWarning" in run.stderr)
        console.print("[red]fails[/red]" if wrong else "[green]good[/green]")
        if wrong:
            failed.append(name)
            console.print(run.stdout + run.stderr, markup=False)
    if failed:
        console.print(f"[red]Failed before pytest: {', '.join(failed)}[/red]")
    tests = subprocess.run([sys.executable, "-m", "pytest", *arguments], cwd=ROOT, check=False)  # noqa: S603
    return int(bool(failed) or tests.returncode != 0)
