"""What many threads put in at once: kept together, each with an outcome of its own, and nothing is said to be kept that is not."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.storage import ChangeRefused, Database, DatabaseUnavailable, NewJob, UnscopedQuery
from bot.storage.inbox import Inbox
from bot.storage.jobs import hashed
from bot.storage.queue import Queue
from tests.bot.jobs.queueing import DEADLINE_S, job, put, said, take, until
from tests.bot.storage.kept import every_row

THREADS = 32
SCRIPT = Path(__file__).with_name("inbox_process.py")


class Door:
    """The transactions of an inbox: the first waits until it is opened, and each may fail at its end."""

    def __init__(self, database: Database) -> None:
        self.sizes: list[int] = []
        self.fails: dict[int, Exception] = {}  # by the number of the transaction
        self._database = database
        self._open = threading.Event()
        self.inbox = Inbox(self._transaction)

    @contextmanager
    def _transaction(self) -> Iterator[Queue]:
        number = len(self.sizes)
        self.sizes.append(0)
        if number == 0:
            assert self._open.wait(DEADLINE_S)
        with self._database.queue() as queue:
            yield _Counted(queue, self.sizes)  # type: ignore[misc]
            if number in self.fails:
                raise self.fails[number]

    def meet(self, *together: tuple[str, NewJob]) -> list[Future[bool]]:
        """The first is on its way when all others come."""
        with ThreadPoolExecutor(len(together)) as pool:
            first = pool.submit(self.inbox.put, *together[0])
            until(lambda: self.sizes)
            later = []
            for at, each in enumerate(together[1:], 1):
                later.append(pool.submit(self.inbox.put, *each))
                until(lambda at=at: len(self.inbox._waiting) == at)  # type: ignore[misc]
            self._open.set()
        return [first, *later]


class _Counted:
    def __init__(self, queue: Queue, sizes: list[int]) -> None:
        self._queue, self._sizes = queue, sizes

    def put_in(self, new: Any) -> list[bool]:
        self._sizes[-1] = len(new)
        return self._queue.put_in(new)


@pytest.fixture
def door(database: Database) -> Door:
    return Door(database)


def kept(url: str) -> list[tuple[str, str]]:
    return [(row["workspace"], row["key"]) for row in sorted(every_row(url)["jobs"], key=lambda row: row["id"])]


def key(workspace: str, name: str) -> tuple[str, str]:
    return workspace, hashed(name)


def test_a_job_is_kept_as_if_it_were_put_in_alone(database: Database, url: str) -> None:
    def rows() -> list[dict[str, Any]]:
        tables = every_row(url)
        return [{name: value for name, value in row.items() if name not in ("id", "key")} for row in (*tables["jobs"], *tables["lanes"])]

    assert put(database, job("a", person="U1", urgent=False)) == [True]
    alone = rows()
    with database.queue() as queue:
        assert queue.take(60) is not None
        assert queue.cancel(every_row(url)["jobs"][0]["id"])
    assert database.put("T1", job("b", person="U1", urgent=False))
    assert alone[0]["lane"] == "lane"
    assert {**alone[0], "args": {"said": "b"}} in rows()


def test_who_comes_while_somebody_writes_is_written_together(door: Door, url: str) -> None:
    outcomes = door.meet(*[("T1", job(str(number), lane=f"lane {number % 3}")) for number in range(THREADS)])
    assert [each.result() for each in outcomes] == [True] * THREADS
    assert door.sizes == [1, THREADS - 1]
    assert kept(url) == [key("T1", str(number)) for number in range(THREADS)], "numbered as they came"


def test_the_same_cause_is_new_once_and_in_each_workspace(door: Door, url: str) -> None:
    outcomes = door.meet(("T1", job("a")), ("T1", job("a")), ("T2", job("a")), ("T1", job("b")), ("T2", job("a", "elsewhere")))
    assert [each.result() for each in outcomes] == [True, False, True, True, False]
    assert sorted(kept(url)) == sorted([key("T1", "a"), key("T2", "a"), key("T1", "b")])
    assert {(row["workspace"], row["name"]) for row in every_row(url)["lanes"]} >= {("T1", "lane"), ("T2", "lane")}


def test_a_lane_is_urgent_where_one_of_them_is(door: Door, url: str) -> None:
    door.meet(("T1", job("first")), *[("T1", job(str(at), "both", urgent=urgent)) for at, urgent in enumerate((False, True, False))])
    assert {row["name"]: bool(row["urgent"]) for row in every_row(url)["lanes"]} == {"lane": True, "both": True}


def test_all_who_wait_hear_that_the_database_did_not_take_it(door: Door, url: str) -> None:
    door.fails[1] = DatabaseUnavailable("away")
    first, *others = door.meet(*[("T1", job(name)) for name in "abcd"])
    assert first.result()
    assert [str(each.exception()) for each in others] == ["away"] * 3
    assert kept(url) == [key("T1", "a")]
    assert door.inbox.put("T1", job("b")), "and the next one is written"


@pytest.mark.parametrize(
    ("bad", "error"),
    [(job("bad", args={"said": math.nan}), ValueError), (NewJob("bad", "lane", None), ChangeRefused)],  # type: ignore[arg-type]
    ids=["no JSON", "against the rules of the table"],
)
def test_what_is_wrong_with_one_is_no_fault_of_the_others(door: Door, url: str, bad: NewJob, error: type[Exception]) -> None:
    a, b, wrong, c = door.meet(("T1", job("a")), ("T1", job("b")), ("T2", bad), ("T1", job("c")))
    assert [a.result(), b.result(), c.result()] == [True, True, True]
    found = wrong.exception()
    assert isinstance(found, error) or isinstance(found and found.__cause__, error), found
    assert kept(url) == [key("T1", name) for name in "abc"]


def test_whoever_writes_and_is_stopped_leaves_nobody_waiting(door: Door, url: str) -> None:
    def stopped(new: object) -> list[bool]:
        raise SystemExit

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_Counted, "put_in", lambda self, new: stopped(new))
        outcomes = door.meet(("T1", job("a")), ("T1", job("b")), ("T1", job("c")))
    assert {type(each.exception()) for each in outcomes} == {SystemExit, DatabaseUnavailable}
    assert door.inbox.put("T1", job("a"))
    assert kept(url) == [key("T1", "a")]


def test_many_threads_at_once_each_twice(database: Database, url: str) -> None:
    woken = threading.Semaphore(0)
    database.call_on_work(woken.release)
    names = [(f"T{number % 5}", str(number)) for number in range(200)]
    with ThreadPoolExecutor(THREADS) as pool:
        outcomes = list(pool.map(lambda each: database.put(each[0], job(each[1], f"lane {each[1]}")), names + names))
    database.call_on_work(lambda: None)
    assert outcomes.count(True) == len(names)
    assert sorted(kept(url)) == sorted(key(*each) for each in names)
    assert woken.acquire(timeout=DEADLINE_S)
    assert said(take(database)) is not None


def test_a_job_needs_its_workspace(database: Database) -> None:
    with pytest.raises(UnscopedQuery):
        database.put("", job("a"))


def test_what_a_killed_process_said_to_be_kept_is_there(database: Database, url: str, request: pytest.FixtureRequest) -> None:
    address = request.getfixturevalue("opened")[0]
    with subprocess.Popen([sys.executable, str(SCRIPT), address, str(THREADS)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told = [process.stdout.readline() for _ in range(3 * THREADS)]
        os.kill(process.pid, signal.SIGKILL)
        told += process.stdout.readlines()
    said_to_be_kept = {hashed(line.rstrip("\n")) for line in told if line.endswith("\n")}
    assert len(said_to_be_kept) >= 3 * THREADS
    assert said_to_be_kept - {row["key"] for row in every_row(url)["jobs"]} == set()
