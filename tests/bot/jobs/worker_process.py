"""Forks a worker for each line on its standard input and prints the number of the process; a script, for tests that kill workers.

Their jobs append a line to a file, as an outside world that forgets nothing.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from bot.jobs import Duty, Job, Workers
from bot.storage import open_database

PAUSE_S = 0.01


class Ledger:
    """What was written, and who began with what when."""

    def __init__(self, folder: Path) -> None:
        self.written, self._begun = folder / "written", folder / "begun"

    def append(self, job: Job) -> None:
        line = f"{job.taken.lane} {job.args['number']}\n"
        _add(self._begun, f"{time.time()} {os.getpid()} {job.taken.id} {job.tries}\n")
        _pause()
        if job.tries == 1 or line not in self.written.read_text(encoding="ascii").splitlines(keepends=True):
            job.ensure(job._lease_s * 3 / 4)
            _add(self.written, line)
        _pause()
        job.keep({"written": True})
        _pause()


def _add(file: Path, line: str) -> None:
    opened = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(opened, line.encode())
    os.fsync(opened)
    os.close(opened)


def _pause() -> None:
    time.sleep(random.random() * PAUSE_S)


def work(url: str, folder: Path, lease_s: float) -> None:
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    database = open_database(url, lambda: datetime.now(UTC))
    duties = {"append": Duty(Ledger(folder).append)}
    workers = Workers(database, duties, threads=4, lease_s=lease_s, alone=url.startswith("sqlite"))
    workers.start()
    stop.wait()
    workers.stop()
    database.close()


def main(url: str, folder: str, lease_s: str) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those that were killed
    for _ in sys.stdin:
        child = os.fork()
        if not child:
            work(url, Path(folder), float(lease_s))
            os._exit(0)
        print(child, flush=True)  # noqa: T201  # it is how the test hears of it


if __name__ == "__main__":
    main(*sys.argv[1:])
