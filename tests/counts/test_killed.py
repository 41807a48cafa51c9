"""A process that counts is killed: the last seconds are lost, and nothing else."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
from counting import KNOWN, totals

from bot.counts.database import open_database
from bot.counts.recorder import Recorder
from bot.settings import ROOT

EVERY = 0.2
#: Seconds that a write may take on a machine that is busy.
SLACK = 1.0
#: Counts for ever and says after each how many it has counted.
PROGRAM = f"""
import sys, time
from counting import KNOWN
from bot.counts.recorder import Recorder
counts = Recorder(sys.argv[1], KNOWN, every={EVERY})
counts.start()
number = 0
while True:
    counts.count("page_opened")
    number += 1
    sys.stdout.write(f"{{number}}\\n")
    sys.stdout.flush()
    time.sleep(0.002)
"""


@pytest.mark.parametrize("lives", [1.5, 2.3])
def test_sigkill_loses_the_last_seconds_at_the_most(database: str, lives: float) -> None:
    open_database(database)
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, database],
        env={"PYTHONPATH": f"{ROOT}:{ROOT / 'tests' / 'counts'}"},
        stdout=subprocess.PIPE,
    )
    assert process.stdout
    counted: list[tuple[float, int]] = []
    try:
        while not counted or time.monotonic() < counted[0][0] + lives:
            counted.append((time.monotonic(), int(process.stdout.readline())))
    finally:
        process.kill()
        killed = time.monotonic()
        left = process.communicate(timeout=20)[0].split()
    long_enough_ago = max(number for at, number in counted if at < killed - EVERY - SLACK)
    at_most = (int(left[-1]) if left else counted[-1][1]) + 1
    kept = totals(database)["page_opened"]
    assert 0 < long_enough_ago <= kept <= at_most
    after = Recorder(database, KNOWN)
    after.start()
    after.count("page_opened")
    after.stop()
    assert totals(database)["page_opened"] == kept + 1
