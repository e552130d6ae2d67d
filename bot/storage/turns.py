"""Whose turn it is to write into a SQLite file.

SQLite's own waiting is a draw: who waits sleeps up to a tenth of a second and looks again, and whoever comes fresh meanwhile wins. So
who keeps what Slack sends would starve beside workers that write all day long. Here the threads of a process take turns, and one of
each process waits for a lock on a file beside the database, which the kernel takes back from a process that dies.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from sqlalchemy import URL

from bot.storage.engines import POSTGRESQL
from bot.storage.errors import as_sqlite_says
from bot.storage.owner import give_to_owner


class Turns:
    """One for each open database. Whoever has the turn must not ask for it again."""

    def __init__(self, url: URL, patience: timedelta) -> None:
        self._beside = None if url.get_backend_name() == POSTGRESQL else Path(f"{url.database}.turn")
        self._patience_s = patience.total_seconds()
        self._ours = threading.Lock()
        self._file: int | None = None

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Raises DatabaseUnavailable where another thread has it for too long. On PostgreSQL nobody waits."""
        if self._beside is None:
            yield
            return
        if not self._ours.acquire(timeout=self._patience_s):
            raise as_sqlite_says("SQLITE_BUSY")
        try:
            file = self._opened(self._beside)
            fcntl.flock(file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(file, fcntl.LOCK_UN)
        finally:
            self._ours.release()

    def close(self) -> None:
        with self._ours:
            if self._file is not None:
                os.close(self._file)
                self._file = None

    def _opened(self, beside: Path) -> int:
        if self._file is None:
            new = not beside.exists()
            try:
                self._file = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            except OSError:
                raise as_sqlite_says("SQLITE_CANTOPEN") from None
            if new:
                give_to_owner(beside)
        return self._file
