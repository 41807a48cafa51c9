"""What the operating system is told about this process: keep no image of its memory, and let nobody else's program look in."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from typing import Final

_PR_SET_PDEATHSIG: Final = 1
_PR_SET_DUMPABLE: Final = 4

#: What Python and glibc are told so that freed memory is overwritten at once, a typed sentence's bytes with it (decision 0010).
#: Python's debugging allocator overwrites all of what Python frees. What libraries free by themselves glibc overwrites but for
#: up to seven bytes at the end, and not in its thread caches, which are passed by. They are read when a process starts, and a
#: child inherits them.
WIPE_FREED_MEMORY: Final = {
    "PYTHONMALLOC": "malloc_debug",
    "MALLOC_PERTURB_": "165",
    "GLIBC_TUNABLES": "glibc.malloc.tcache_count=0:glibc.malloc.mxfast=0",
}


def wipe_freed_memory() -> None:
    """Begin this process anew, with the same command, unless it is one that overwrites the memory that it frees."""
    if not os.environ.items() >= WIPE_FREED_MEMORY.items():
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], {**os.environ, **WIPE_FREED_MEMORY})  # noqa: S606


def keep_no_dumps() -> None:
    """Write no core dump when it crashes, and let no debugger of the same user attach (Linux)."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _prctl(_PR_SET_DUMPABLE, 0)


def end_with_parent() -> None:
    """End (SIGTERM) when the parent process does (Linux)."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def allow_many_files() -> int:
    """Raise the limit of open files as far as this user may; the limit then."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)
