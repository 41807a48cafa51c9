"""Count in memory, write in the background. What fails here costs counts, never an answer.

`Recorder.count` adds to a dictionary and returns. A thread writes what has gathered, every few seconds, in one transaction:
a batch. A batch has a random number, kept beside its process, so one whose answer was lost on the way isn't counted twice.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from sqlalchemy import Connection, Engine, delete
from sqlalchemy.exc import SQLAlchemyError

from bot import log
from bot.counts.database import name_ids, open_database, upsert, writing
from bot.counts.known import Key, Known, lost_key
from bot.counts.models import KEY, NAMED, Count, What, Writer
from bot.counts.periods import ONE_WEEK, WEEK, ThisWeek
from bot.counts.retention import fold
from bot.errors import StartError

#: Seconds between two tries, at the most, while the database is away.
LONGEST_PAUSE: Final = 30.0
_A_DAY: Final = 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class _Batch:
    number: int
    counts: Mapping[Key, int]
    lost: int


class NoRecorder:
    """Counting is turned off: nothing is kept and nothing is opened."""

    def start(self) -> None:
        """Do nothing."""

    def stop(self, timeout: float = 5.0) -> None:
        """Do nothing."""

    def count(
        self, what: What, *, campaign: str | None = None, language: str = "en", audience: str = "unknown", item: str = ""
    ) -> None:
        """Do nothing."""


class Recorder(NoRecorder):
    """The counts of one process. `every`: seconds between two writes. `most`: how many different counts may wait."""

    def __init__(
        self,
        database: str,
        known: Known,
        *,
        every: float = 2.0,
        most: int = 50_000,
        months_after_weeks: int = 13,
        half_years_after_months: int = 24,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database, self._known, self._every, self._most, self._clock = database, known, every, most, clock
        self._ages = {"months_after_weeks": months_after_weeks, "half_years_after_months": half_years_after_months}
        self._week = ThisWeek(clock)
        self._writer = secrets.randbits(63)
        self._waiting: dict[Key, int] = {}
        self._lost = 0
        self._adding = threading.Lock()
        self._batch: _Batch | None = None
        self._writing = threading.Lock()
        self._engine: Engine | None = None
        self._ids: Mapping[str, int] = {}
        self._late = False
        self._fold_at = 0.0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="counts", daemon=True)

    def start(self) -> None:
        """Open the database and begin to write. Raises StartError when it can't be opened or written."""
        try:
            self._open()
        except SQLAlchemyError as error:
            raise StartError(f"database: can't be written ({type(error).__name__}): see SIGNPOST_DATABASE") from error
        self._thread.start()

    def stop(self, timeout: float = 5.0) -> None:
        """Write what waits and end, after `timeout` seconds at the most. What is not written by then is lost, and told."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout)
        with self._adding:
            batch = self._batch.counts.values() if self._batch else ()
            left = sum(self._waiting.values()) + sum(batch) + self._lost
        if left:
            log.record("counts_lost", count=left)

    def count(
        self, what: What, *, campaign: str | None = None, language: str = "en", audience: str = "unknown", item: str = ""
    ) -> None:
        """Add one. Takes a few microseconds and never raises.

        A campaign, language or audience that is not known counts as none; a `what` or an item that is not, as lost.
        """
        try:
            key = self._known.key(self._week(), what, campaign, language, audience, item)
        except Exception:  # whatever was passed, the answer goes first
            key = None
        with self._adding:
            if key is None or (key not in self._waiting and len(self._waiting) >= self._most):
                self._lost += 1
            else:
                self._waiting[key] = self._waiting.get(key, 0) + 1

    def flush(self) -> bool:
        """Write what waits, as the thread does every few seconds. Returns whether the database took it all."""
        with self._writing:
            try:
                if self._batch is not None:
                    self._write(self._batch)
                if (batch := self._next_batch()) is not None:
                    self._write(batch)
                self._fold_once_a_day()
            except Exception as error:  # locked, full, gone or stopped: the counts wait
                if not self._late:
                    cause = error.__cause__ or error
                    log.record("counts_late", error=type(cause).__name__)
                self._late = True
                self._engine = None
                return False
            self._late = False
            return True

    def _run(self) -> None:
        pause = self._every
        while not self._stopping.wait(pause):
            pause = self._every if self.flush() else min(2 * pause, LONGEST_PAUSE)
        self.flush()

    def _next_batch(self) -> _Batch | None:
        with self._adding:
            counts, lost = self._waiting, self._lost
            if not counts and not lost:
                return None
            self._waiting, self._lost = {}, 0
            if lost:
                counts[lost_key(self._week())] = lost
            self._batch = _Batch(secrets.randbits(63), counts, lost)
        return self._batch

    def _open(self) -> Engine:
        if self._engine is None:
            engine = open_database(self._database)
            with writing(engine).begin() as connection:
                self._ids = name_ids(connection, self._known.names())
                # No batch of theirs is still on its way. The first write also shows that we may.
                connection.execute(delete(Writer).where(Writer.week < self._week() - ONE_WEEK))
            self._engine = engine
        return self._engine

    def _write(self, batch: _Batch) -> None:
        with writing(self._open()).begin() as connection:
            if self._is_new(connection, batch):
                insert = upsert(connection, Count)
                sums = {"number": Count.number + insert.excluded.number}
                connection.execute(insert.on_conflict_do_update(index_elements=KEY, set_=sums), self._rows(batch))
        with self._adding:
            self._batch = None
        if batch.lost:
            log.record("counts_lost", count=batch.lost)

    def _is_new(self, connection: Connection, batch: _Batch) -> bool:
        """Put the batch's number in the place of the last one's. Where it stands already, the batch was written before."""
        row = {"writer": self._writer, "last_batch": batch.number, "week": self._week()}
        insert = upsert(connection, Writer).values(row)
        put = insert.on_conflict_do_update(
            index_elements=["writer"], set_=row, where=Writer.last_batch != insert.excluded.last_batch
        )
        return connection.execute(put.returning(Writer.writer)).first() is not None

    def _rows(self, batch: _Batch) -> list[dict[str, int | date]]:
        """Sorted: two processes that wrote the same rows in different orders could wait for each other for ever."""
        rows: list[dict[str, int | date]] = []
        for (week, *names), number in sorted(batch.counts.items()):
            named = {column: self._ids[name] for column, name in zip(NAMED[1:], names, strict=True)}
            rows.append({**named, "grain": self._ids[WEEK], "first_day": week, "number": number})
        return rows

    def _fold_once_a_day(self) -> None:
        if time.monotonic() >= self._fold_at:
            fold(self._open(), datetime.fromtimestamp(self._clock(), UTC), **self._ages)
            self._fold_at = time.monotonic() + _A_DAY
