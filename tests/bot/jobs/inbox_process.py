"""Puts jobs in from many threads until it is killed, and writes the key of each that is kept; a script."""

from __future__ import annotations

import itertools
import os
import sys
import threading
from datetime import UTC, datetime

from bot.storage import Database, NewJob, open_database


def main(url: str, threads: str) -> None:
    database = open_database(url, lambda: datetime.now(UTC))
    for number in range(int(threads)):
        threading.Thread(target=_put_in, args=[database, number]).start()


def _put_in(database: Database, thread: int) -> None:
    for count in itertools.count():
        key = f"{thread}-{count}"
        database.put(f"T{thread % 5}", NewJob(key, f"lane {thread}", "note", {"said": key}))
        os.write(1, f"{key}\n".encode())  # in one piece, at once


if __name__ == "__main__":
    main(*sys.argv[1:])
