"""Jobs put in, taken and ended by hand, time that passes without waiting, and two transactions that meet."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from sqlalchemy import create_engine, update

from bot.storage import Database, NewJob, Taken
from bot.storage.engines import read_url
from bot.storage.schema import lanes
from tests.bot.storage.kept import every_row

DEADLINE_S = 60.0
_Result = TypeVar("_Result")


def job(key: str, lane: str = "lane", **more: Any) -> NewJob:
    return NewJob(**{"key": key, "lane": lane, "kind": "note", "args": {"said": key}, **more})


def put(database: Database, *new: NewJob, workspace: str = "T1") -> list[bool]:
    with database.workspace(workspace) as work:
        return [work.enqueue(each) for each in new]


def take(database: Database, lease_s: float = 3600, busy: Collection[str] = (), resting: Collection[str] = ()) -> Taken | None:
    with database.queue() as queue:
        return queue.take(lease_s, busy, resting)


def taken(database: Database, lease_s: float = 3600) -> Taken:
    found = take(database, lease_s)
    assert found is not None
    return found


def said(found: Taken | None) -> str | None:
    """By which key a job that was taken was put in."""
    return None if found is None else found.args["said"]


def end(database: Database, found: Taken, *how: Any, **more: Any) -> bool:
    with database.queue() as queue:
        return queue.end(found, *(how or ("done",)), **more)


def pass_time(url: str, seconds: float, lane: str | None = None) -> None:
    """For the lanes, all or one, so much time goes by."""
    engine = create_engine(read_url(url))
    older = update(lanes).values(free_at=lanes.c.free_at - seconds)
    with engine.begin() as connection:
        connection.execute(older if lane is None else older.where(lanes.c.name == lane))
    engine.dispose()


def lanes_there(url: str) -> set[str]:
    return {row["name"] for row in every_row(url)["lanes"]}


def state_of(url: str, id: int) -> tuple[str, int, Any, Any]:
    """State, tries, args and what was saved."""
    (row,) = (row for row in every_row(url)["jobs"] if row["id"] == id)
    return row["state"], row["tries"], row["args"], row["saved"]


def until(holds: Callable[[], object]) -> None:
    """Waits until it is so; fails when that takes unbelievably long."""
    deadline = time.monotonic() + DEADLINE_S
    while not holds():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.005)


class Meanwhile:
    """Runs something in a second thread, up to where PostgreSQL makes it wait for the transaction of the first."""

    def __init__(self, url: str) -> None:
        self._engine = create_engine(read_url(url), isolation_level="AUTOCOMMIT")
        self._threads = ThreadPoolExecutor(1)

    def begun(self, act: Callable[[], _Result]) -> Future[_Result]:
        future = self._threads.submit(act)
        until(lambda: future.done() or self._somebody_waits())
        assert not future.done(), "it did not wait"
        return future

    def close(self) -> None:
        self._threads.shutdown()
        self._engine.dispose()

    def _somebody_waits(self) -> bool:
        with self._engine.connect() as connection:
            return connection.exec_driver_sql("SELECT 1 FROM pg_locks WHERE NOT granted LIMIT 1").first() is not None
