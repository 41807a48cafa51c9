"""Every check of `./signpost test`, in the order in which a failure is cheapest to mend. pytest comes last."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
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
    """Run all checks, two at a time, and then pytest; with arguments, pytest alone with them. Returns 1 if anything failed."""
    failed = []
    with ThreadPoolExecutor(2) as at_once:
        checks = {} if arguments else {name: at_once.submit(_python, *command) for name, command in _CHECKS.items()}
        for name, check in checks.items():
            console.print(f"{name} ...", end=" ")
            run = check.result()
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


def _python(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  # our own interpreter and fixed arguments
        [sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False
    )
