"""A SQLite file serves one bot at a time: whoever serves it holds a lock beside it, which ends with the process, however it ends."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import URL

from bot.storage.engines import POSTGRESQL, read_url
from bot.storage.errors import DatabaseUnavailable
from bot.storage.owner import give_to_owner

# A bot that was killed holds the lock until the last of its processes is gone.
_PATIENCE: Final = timedelta(seconds=5)
_LOOK_MS: Final = 50
_TAKEN: Final = "Another process serves this database file: a SQLite file has one bot. Stop that one first, or use PostgreSQL."


@contextmanager
def held(url: str, patience: timedelta = _PATIENCE) -> Iterator[None]:
    """The database for this process and those it forks, until the block ends. PostgreSQL is shared, and nothing is held.

    Raises DatabaseUnavailable where another process still has it after that time.
    """
    where = read_url(url)
    if where.get_backend_name() == POSTGRESQL:
        yield
        return
    lock = _opened(where)
    try:
        _take(lock, time.monotonic() + patience.total_seconds())
        yield
    finally:
        os.close(lock)  # and with it the lock, unless a fork has it too


def _opened(url: URL) -> int:
    lock = Path(f"{url.database}.serving")
    try:
        if not lock.exists():
            lock.touch(mode=0o600)
            give_to_owner(lock)
        return os.open(lock, os.O_RDWR)
    except OSError as error:
        raise DatabaseUnavailable(
            f"No file can be created beside the database: {error.strerror}. Its folder must exist and be writable."
        ) from None


def _take(lock: int, deadline: float) -> None:
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise DatabaseUnavailable(_TAKEN) from None
            time.sleep(_LOOK_MS / 1000)
        else:
            return
