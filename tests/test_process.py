"""What the operating system is told: no core dumps, no debugger, and freed memory is overwritten."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from serving import is_running, wait_until

from bot.process import WIPE_FREED_MEMORY
from bot.settings import ROOT

linux = pytest.mark.skipif(sys.platform != "linux", reason="it is Linux that is told")


def run(program: str, **environment: str) -> str:
    """What a program prints that runs in a process of its own."""
    before = "import ctypes, os, resource, sys\nfrom bot import process\nprctl = ctypes.CDLL(None).prctl\n"
    clean = {name: value for name, value in os.environ.items() if name not in WIPE_FREED_MEMORY}
    command = [sys.executable, "-c", before + program]
    ran = subprocess.run(command, cwd=ROOT, env=clean | environment, capture_output=True, text=True, timeout=30, check=True)
    return ran.stdout.strip()


@linux
def test_no_core_is_dumped_and_no_debugger_attaches() -> None:
    get_dumpable = 3
    program = f"show = lambda: print(prctl({get_dumpable}, 0, 0, 0, 0), resource.getrlimit(resource.RLIMIT_CORE))\n"
    before, after = run(program + "show(); process.keep_no_dumps(); show()").splitlines()
    assert before.startswith("1 ")
    assert after == "0 (0, 0)"


@linux
def test_a_crash_leaves_no_file(tmp_path: Path) -> None:
    program = f"process.keep_no_dumps(); os.chdir({str(tmp_path)!r}); os.kill(os.getpid(), {int(signal.SIGSEGV)})"
    with pytest.raises(subprocess.CalledProcessError) as crash:
        run(program)
    assert crash.value.returncode == -signal.SIGSEGV
    assert list(tmp_path.iterdir()) == []


def test_a_process_begins_anew_once_to_overwrite_what_it_frees() -> None:
    """It stays the same process, so that whoever started it finds it again."""
    program = """
print(os.getpid(), flush=True)
process.wipe_freed_memory()
print(*[os.environ[name] for name in process.WIPE_FREED_MEMORY])
"""
    first, again, told = run(program).splitlines()
    assert first == again
    assert told.split(" ") == list(WIPE_FREED_MEMORY.values())
    assert len(run(program, **WIPE_FREED_MEMORY).splitlines()) == 2


@linux
def test_freed_memory_holds_nothing_of_a_text() -> None:
    program = """
def addresses(words):
    made = [("".join([words, str(number)])).encode() for number in range(200)]
    return [id(one) + bytes.__basicsize__ - 1 for one in made]
found = sum(ctypes.string_at(place, 9) == b"some-rare" for place in addresses("some-rare-words" * 40))
print(found)
"""
    assert int(run(program)) > 50  # the search finds what is left behind
    assert run(program, **WIPE_FREED_MEMORY) == "0"


@linux
def test_a_child_ends_when_its_parent_does() -> None:
    child = "import time; from bot import process; process.end_with_parent(); print('up', flush=True); time.sleep(60)"
    parent = (
        f"import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', {child!r}]); print(p.pid, flush=True); p.wait()"
    )
    with subprocess.Popen([sys.executable, "-c", parent], cwd=ROOT, stdout=subprocess.PIPE, text=True) as started:
        assert started.stdout
        pid = int(started.stdout.readline())
        assert started.stdout.readline() == "up\n"
        started.kill()
    wait_until(lambda: not is_running(pid), 5)


def test_the_limit_of_open_files_is_raised_as_far_as_it_goes() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = min(most, 512)
    program = f"resource.setrlimit(resource.RLIMIT_NOFILE, (64, {wanted})); print(process.allow_many_files())"
    assert run(program) == str(wanted)
