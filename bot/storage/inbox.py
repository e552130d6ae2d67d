"""Jobs that several threads put in at the same moment, kept in one transaction: the disk is asked once for all of them.

Whoever finds nobody writing writes, for all who wait by then; the first of those who came meanwhile is next. So nobody waits for more
than the transaction before theirs, whoever is alone waits for nobody, and there is no thread to start and to stop.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from bot.storage.errors import DatabaseUnavailable, StorageError
from bot.storage.jobs import NewJob
from bot.storage.queue import Queue


@dataclass
class _Entry:
    """A job that somebody waits with, until it is committed or that failed. `told` of the end, or that it is their turn to write."""

    workspace: str
    job: NewJob
    told: threading.Event = field(default_factory=threading.Event)
    new: bool | None = None
    error: Exception | None = None


class Inbox:
    """Safe to share between threads."""

    def __init__(self, queue: Callable[[], AbstractContextManager[Queue]]) -> None:
        self._queue = queue
        self._waiting: list[_Entry] = []
        self._somebody_writes = False
        self._lock = threading.Lock()

    def put(self, workspace: str, job: NewJob) -> bool:
        """Returns once the job is kept; False where the same cause was enqueued before. Raises DatabaseUnavailable."""
        entry = _Entry(workspace, job)
        with self._lock:
            self._waiting.append(entry)
            waits, self._somebody_writes = self._somebody_writes, True
        if waits:
            entry.told.wait()
        if entry.new is None and entry.error is None:
            self._write()
        if entry.new is not None:
            return entry.new
        assert entry.error is not None
        raise entry.error

    def _write(self) -> None:
        with self._lock:
            entries, self._waiting = self._waiting, []
        for each in entries:
            each.error = DatabaseUnavailable("The bot was stopped while this was being kept.")  # unless it comes to another end
        try:
            self._keep(entries)
        finally:
            with self._lock:
                following = self._waiting[:1]
                self._somebody_writes = bool(following)
            for each in (*following, *entries):
                each.told.set()

    def _keep(self, entries: Sequence[_Entry]) -> None:
        """Gives each entry its outcome. What is wrong with one job is no fault of the others."""
        try:
            with self._queue() as queue:
                outcomes = queue.put_in([(each.workspace, each.job) for each in entries])
            for each, new in zip(entries, outcomes, strict=True):
                each.new = new
        except Exception as error:  # noqa: BLE001 - whatever it is, each of those who wait raises it where they are
            alone = len(entries) == 1 or isinstance(error, StorageError)
            for each in entries:
                if alone:
                    each.error = error
                else:
                    self._keep([each])
