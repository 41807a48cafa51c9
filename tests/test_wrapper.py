"""The wrapper `./signpost`: finds a Python, sets up `.venv` from the lock when it must, and gets out of the way."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from bot.settings import ROOT

WRAPPER = ROOT / "signpost"
TOOLS = ("sh", "dirname", "readlink", "grep", "cmp", "cp", "rm", "cat", "mkdir")
SHELLS = ("sh", "dash", "bash")

#: Stands in for Python: makes a `.venv` whose Python is this script again, and writes down what it is asked.
WORKING = """#!/bin/sh
[ -z "${ASKED:-}" ] || echo "$*" >> "$ASKED"
case "$*" in
    --version) echo Python 3.12.99 ;;
    "-m venv --clear "*) rm -rf "$4"; mkdir -p "$4/bin"; cp "$0" "$4/bin/python" ;;
    "-m pip "*) exit "${PIP_ENDS:-0}" ;;
    "-m bot"*) shift 2; for word in "$@"; do echo "word: $word"; done ;;
esac
"""
TOO_OLD = """#!/bin/sh
case "$*" in *version_info*) exit 1 ;; esac
"""
WITHOUT_VENV = """#!/bin/sh
case "$*" in *ensurepip*) exit 1 ;; esac
"""


class Machine:
    """A folder with a copy of the wrapper and the locks, and a PATH that holds the basic tools and what a test adds."""

    def __init__(self, folder: Path) -> None:
        self.project = folder / "project"
        self.path = folder / "bin"
        self.asked = folder / "asked.txt"
        self.project.mkdir()
        self.path.mkdir()
        shutil.copy(WRAPPER, self.project / "signpost")
        shutil.copytree(ROOT / "requirements", self.project / "requirements")
        for tool in TOOLS:
            found = shutil.which(tool)
            assert found, f"this machine has no {tool}"
            (self.path / tool).symlink_to(found)

    def add(self, name: str, script: str) -> None:
        """Put a script on the PATH."""
        (self.path / name).write_text(script)
        (self.path / name).chmod(0o755)

    def run(
        self, *arguments: str, shell: str = "sh", wrapper: Path | None = None, cwd: Path | None = None, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Run the wrapper with this machine's PATH only."""
        command = [shutil.which(shell) or shell, str(wrapper or self.project / "signpost"), *arguments]
        environment = {"PATH": str(self.path), "ASKED": str(self.asked), **variables}
        return subprocess.run(
            command, cwd=cwd or self.project, env=environment, capture_output=True, text=True, timeout=30, check=False
        )

    def asked_for(self) -> str:
        """What Python was asked since the last time."""
        asked = self.asked.read_text() if self.asked.exists() else ""
        self.asked.unlink(missing_ok=True)
        return asked


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    if not shutil.which(name):
        pytest.skip(f"this machine has no {name}")
    return name


def one_line(ran: subprocess.CompletedProcess[str]) -> str:
    assert (ran.returncode, ran.stdout) == (2, "")
    (line,) = ran.stderr.splitlines()
    assert line.startswith("signpost: ")
    return line


def test_the_wrapper_is_executable_and_posix_sh(shell: str) -> None:
    assert os.access(WRAPPER, os.X_OK)
    assert WRAPPER.read_text().startswith("#!/bin/sh\n")
    ran = subprocess.run([shell, "-n", WRAPPER], capture_output=True, text=True, timeout=30, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_no_python_at_all_is_told_with_what_to_install(machine: Machine, shell: str) -> None:
    line = one_line(machine.run("serve", shell=shell))
    assert "needs Python 3.11 or 3.12" in line
    assert "python3-venv" in line


@pytest.mark.parametrize("names", [["python3"], ["python3", "python3.12", "python3.11"]], ids=len)
def test_a_python_that_is_too_old_is_told_with_what_to_install(names: list[str], machine: Machine, shell: str) -> None:
    for name in names:
        machine.add(name, TOO_OLD)
    assert "needs Python 3.11 or 3.12" in one_line(machine.run("serve", shell=shell))
    assert not (machine.project / ".venv").exists()


def test_a_python_without_venv_gets_its_own_line(machine: Machine, shell: str) -> None:
    machine.add("python3", WITHOUT_VENV)
    line = one_line(machine.run("serve", shell=shell))
    assert "python3 has no venv" in line
    assert "apt install python3-venv" in line


@pytest.mark.parametrize("script", [TOO_OLD, WITHOUT_VENV, "#!/no/such/interpreter\n"], ids=["old", "no venv", "broken"])
def test_the_next_python_is_tried_when_the_first_will_not_do(script: str, machine: Machine) -> None:
    machine.add("python3", script)
    machine.add("python3.11", WORKING)
    ran = machine.run("serve")
    assert (ran.returncode, ran.stdout) == (0, "word: serve\n")


def test_signpost_python_names_the_interpreter(machine: Machine) -> None:
    machine.add("python3", WORKING)
    machine.add("my-python", TOO_OLD)
    assert "needs Python 3.11 or 3.12" in one_line(machine.run(SIGNPOST_PYTHON=str(machine.path / "my-python")))
    machine.add("my-python", WORKING)
    assert machine.run(SIGNPOST_PYTHON=str(machine.path / "my-python")).returncode == 0


def test_the_first_run_sets_up_from_the_lock_and_the_second_does_not(machine: Machine, shell: str) -> None:
    machine.add("python3", WORKING)
    first = machine.run("chat", "two words", "", "*", shell=shell)
    assert (first.returncode, first.stdout) == (0, "word: chat\nword: two words\nword: \nword: *\n")
    asked = machine.asked_for()
    assert "-m venv --clear" in asked
    for option in ("--require-hashes", "--no-deps", "--only-binary :all:", f"-r {machine.project}/requirements/run.lock"):
        assert option in asked
    assert all(line.startswith("signpost: ") for line in first.stderr.splitlines())
    second = machine.run("chat", shell=shell)
    assert (second.stdout, second.stderr) == ("word: chat\n", "")
    assert "-m pip" not in machine.asked_for()


def test_a_changed_lock_is_installed_into_the_same_venv(machine: Machine) -> None:
    machine.add("python3", WORKING)
    machine.run("chat")
    machine.asked_for()
    with (machine.project / "requirements" / "run.lock").open("a") as lock:
        lock.write("# changed\n")
    assert machine.run("chat").returncode == 0
    asked = machine.asked_for()
    assert "-m pip install" in asked
    assert "-m venv" not in asked


def test_the_tests_lock_serves_every_command_but_the_run_lock_not_the_tests(machine: Machine) -> None:
    machine.add("python3", WORKING)
    machine.run("chat")
    machine.asked_for()
    machine.run("test")
    assert f"-r {machine.project}/requirements/test.lock" in machine.asked_for()
    machine.run("chat")
    machine.run("test")
    assert "-m pip" not in machine.asked_for()


def test_a_failed_installation_is_told_and_done_afresh_the_next_time(machine: Machine, shell: str) -> None:
    machine.add("python3", WORKING)
    failed = machine.run("chat", shell=shell, PIP_ENDS="1")
    assert (failed.returncode, failed.stdout) == (2, "")
    assert "could not be installed" in failed.stderr.splitlines()[-1]
    assert "-m bot" not in machine.asked_for()
    assert machine.run("chat", shell=shell).stdout == "word: chat\n"
    assert "-m venv --clear" in machine.asked_for()


def test_a_venv_whose_python_is_gone_is_made_afresh(machine: Machine) -> None:
    machine.add("python3", WORKING)
    machine.run("chat")
    machine.asked_for()
    (machine.project / ".venv" / "bin" / "python").unlink()
    assert machine.run("chat").stdout == "word: chat\n"
    assert "-m venv --clear" in machine.asked_for()


def test_it_runs_from_another_directory_and_through_a_symlink(machine: Machine, tmp_path: Path, shell: str) -> None:
    machine.add("python3", WORKING)
    elsewhere = tmp_path / "else where"
    elsewhere.mkdir()
    (elsewhere / "link").symlink_to(machine.project / "signpost")
    (elsewhere / "link to link").symlink_to("link")
    for wrapper in (machine.project / "signpost", elsewhere / "link", elsewhere / "link to link", Path("../project/signpost")):
        ran = machine.run("chat", shell=shell, wrapper=wrapper, cwd=elsewhere)
        assert (ran.returncode, ran.stdout) == (0, "word: chat\n")
    assert not (elsewhere / ".venv").exists()


def test_a_project_in_a_folder_with_a_space_works(tmp_path: Path) -> None:
    (tmp_path / "my projects").mkdir()
    machine = Machine(tmp_path / "my projects")
    machine.add("python3", WORKING)
    ran = machine.run("chat")
    assert (ran.returncode, ran.stdout) == (0, "word: chat\n")


def test_the_exit_code_of_the_command_is_the_wrappers(machine: Machine) -> None:
    machine.add("python3", WORKING.replace("shift 2;", "exit 7;"))
    assert machine.run("chat").returncode == 7


def test_the_wrapper_adds_less_than_a_second_when_all_is_up_to_date() -> None:
    installed = (ROOT / ".venv" / "installed.lock").read_bytes()
    stale = all((ROOT / "requirements" / lock).read_bytes() != installed for lock in ("run.lock", "test.lock"))
    assert not stale, ".venv is stale: run ./signpost test"

    def seconds(*command: str | Path) -> float:
        times = []
        for _ in range(3):
            began = time.monotonic()
            subprocess.run([*command, "--help"], cwd=ROOT, capture_output=True, timeout=30, check=True)
            times.append(time.monotonic() - began)
        return min(times)

    assert seconds(WRAPPER) - seconds(ROOT / ".venv" / "bin" / "python", "-m", "bot") < 1
