"""SIGKILL at any moment, to workers of which some never come back: every job is done, once, in the order of its lane.

TEST_KILLS says how many workers are killed; a few unless set.
"""

from __future__ import annotations

import os
import random
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.storage import Database, NewJob
from tests.bot.conftest import MovedClock
from tests.bot.jobs.queueing import put, until
from tests.bot.jobs.test_workers import PresentClock
from tests.bot.storage.kept import every_row

KILLS = int(os.environ.get("TEST_KILLS", "4"))
LANES, JOBS_A_KILL, LEASE_S = 6, 12, 2.0
SCRIPT = Path(__file__).with_name("worker_process.py")


@pytest.fixture(scope="module")
def shared_clock() -> MovedClock:
    return PresentClock()


@dataclass
class Fleet:
    """Worker processes on one database."""

    forks: subprocess.Popen[str]
    folder: Path
    alive: list[int] = field(default_factory=list)
    killed_at: dict[int, float] = field(default_factory=dict)

    def add(self) -> None:
        assert self.forks.stdin is not None
        assert self.forks.stdout is not None
        self.forks.stdin.write("one more\n")
        self.forks.stdin.flush()
        self.alive.append(int(self.forks.stdout.readline()))

    def end(self, process: int, how: signal.Signals) -> None:
        self.alive.remove(process)
        os.kill(process, how)
        self.killed_at[process] = time.time()
        until(lambda: _is_gone(process))

    def written(self) -> list[str]:
        return _lines(self.folder / "written")

    def begun(self) -> list[tuple[float, int, str, int]]:
        """When which process began with which job for which time."""
        parts = [line.split() for line in _lines(self.folder / "begun")]
        return [(float(at), int(process), job, int(tries)) for at, process, job, tries in parts]

    def takeovers_s(self) -> list[float]:
        """For each job that was killed: from then until another worker began with it."""
        began = {(job, tries): (at, process) for at, process, job, tries in self.begun()}
        following = {run: began.get((run[0], run[1] + 1)) for run in began}
        return [
            after[0] - self.killed_at[process]
            for run, (_, process) in began.items()
            if (after := following[run]) is not None and process in self.killed_at
        ]


def _is_gone(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    return False


def _lines(file: Path) -> list[str]:
    return file.read_text(encoding="ascii").splitlines() if file.exists() else []


@contextmanager
def fleet(url: str, folder: Path) -> Iterator[Fleet]:
    arguments = [sys.executable, str(SCRIPT), url, str(folder), str(LEASE_S)]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as forks:
        workers = Fleet(forks, folder)
        try:
            yield workers
        finally:
            for process in list(workers.alive):
                workers.end(process, signal.SIGKILL)


def test_workers_that_are_killed_lose_nothing(database: Database, url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chance = random.Random(7)
    replicas = 1 if url.startswith("sqlite") else 3
    with fleet(url, tmp_path) as workers:
        for _ in range(replicas):
            workers.add()
        for kill in range(KILLS):
            put(database, *_new_jobs(kill))
            done, more = len(workers.written()), chance.randrange(JOBS_A_KILL // 2)
            until(lambda: len(workers.written()) > done + more)  # noqa: B023  # called before the next turn
            time.sleep(chance.random() * 0.02)  # to the random moment, not to wait for anything
            workers.end(chance.choice(workers.alive), signal.SIGKILL)
            if len(workers.alive) < min(2, replicas) or (len(workers.alive) < replicas and chance.random() < 0.5):
                workers.add()
        until(lambda: len(set(workers.written())) == KILLS * JOBS_A_KILL)
        until(lambda: {row["state"] for row in every_row(url)["jobs"]} == {"done"})
        for process in list(workers.alive):
            workers.end(process, signal.SIGTERM)
    written = workers.written()
    for lane in range(LANES):
        assert [line for line in written if line.startswith(f"lane{lane} ")] == [
            f"lane{lane} {number}" for number in range(lane, KILLS * JOBS_A_KILL, LANES)
        ]
    takeovers = workers.takeovers_s()
    longest, median = max(takeovers, default=0.0), statistics.median(takeovers or [0.0])
    with capsys.disabled():
        print(  # noqa: T201  # the figures are part of what this shows
            f"\n{url.partition(':')[0]}, {replicas} processes: {KILLS} killed, {len(written)} jobs, {len(takeovers)} taken over after "
            f"{median:.1f} s (median), {longest:.1f} s (longest; the lease is {LEASE_S} s)"
        )


def _new_jobs(kill: int) -> list[NewJob]:
    numbers = range(kill * JOBS_A_KILL, (kill + 1) * JOBS_A_KILL)
    return [NewJob(str(number), f"lane{number % LANES}", "append", {"number": number}) for number in numbers]
