"""The database from outside: read, held locked, and away."""

from __future__ import annotations

import asyncio
import json
import os
import pwd
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import create_engine, make_url, text

from tests.bot.postgres import fresh_database, postgres_server
from tests.chaos.accounts import Row
from tests.chaos.processes import children, lives, send

_CONVERSATIONS = "SELECT workspace, id, channel, thread, owner, state FROM conversations"
_IDS = "SELECT workspace, id FROM conversations UNION SELECT workspace, id FROM reports"
_JOBS = "SELECT state, error, count(*) FROM jobs GROUP BY state, error"
_POSTS = "SELECT conversation, slot, ts, state, claimed_at FROM posts ORDER BY claimed_at"
_LANES = "SELECT id, lane, kind, state, tries, error, created_at, ended_at FROM jobs ORDER BY id"
_LOCKED = "jobs"  # one table: of several at once the bot and this lock would wait for each other


class Outage(Protocol):
    """Blocks while it lasts."""

    def __call__(self, seconds: float) -> None: ...


@dataclass(frozen=True)
class Database:
    """`outages` by the name of the fault."""

    name: str
    url: str
    outages: dict[str, Outage]
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    def rows(self) -> list[Row]:
        return [_row(*row) for row in self._read(_CONVERSATIONS)]

    def ids(self) -> frozenset[tuple[str, str]]:
        """Workspace and id of every conversation and report."""
        return frozenset((workspace, id) for workspace, id in self._read(_IDS))

    def jobs(self) -> dict[str, int]:
        """How many are in which state; of those that failed, with which error."""
        return {f"{state}: {error}" if error else state: count for state, error, count in self._read(_JOBS)}

    def kept_of(self, workspace: str, channel: str, thread: str) -> list[str]:
        """The posts of a conversation and the jobs of its lanes, row by row."""
        ids = [row.id for row in self.rows() if (row.workspace, row.channel, row.thread) == (workspace, channel, thread)]
        posts = [str(row) for row in self._read(_POSTS) if row[0] in ids]
        jobs = [str(row) for row in self._read(_LANES) if any(each in row[1] for each in (*ids, thread))]
        return [*posts, *jobs]

    def _read(self, query: str) -> list[tuple[Any, ...]]:
        engine = create_engine(make_url(self.url).set(drivername="postgresql+psycopg" if self.name == "PostgreSQL" else "sqlite"))
        with closing(engine.connect()) as connection:
            found = [tuple(row) for row in connection.execute(text(query))]
        engine.dispose()
        return found

    async def is_away(self, threads: Executor, outage: str, seconds: float) -> None:
        """One outage after another."""
        async with self._turn:
            await asyncio.get_running_loop().run_in_executor(threads, self.outages[outage], seconds)


def _row(workspace: str, id: str, channel: str, thread: str | None, owner: str, state: str | dict[str, Any]) -> Row:
    said: dict[str, Any] = json.loads(state) if isinstance(state, str) else state
    given = [*said["answers"].values(), *said["workload"].values(), *filter(None, [said["numbers"]])]
    people = frozenset({owner, *(each["by"] for each in given)}) - {""}
    answers = {name: str(each["value"]) for name, each in said["answers"].items()}
    workload = {name: str(_amount(each["value"])) for name, each in said["workload"].items()}
    return Row(workspace, id, channel, thread, owner, people, answers, str((said["numbers"] or {}).get("value", "")), workload)


def _amount(value: Any) -> Any:
    return value["amount"] if isinstance(value, dict) else value


# -- SQLite ----------------------------------------------------------------------------------------------------------------


@contextmanager
def sqlite_database(folder: Path) -> Iterator[Database]:
    path = folder / "whichcloud.db"

    def locked(seconds: float) -> None:
        """Another program writes, and takes its time."""
        with closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            time.sleep(seconds)
            connection.execute("ROLLBACK")

    yield Database("SQLite", f"sqlite:///{path}", {"database locked": locked})


# -- PostgreSQL ------------------------------------------------------------------------------------------------------------


@contextmanager
def postgres_database() -> Iterator[Database]:
    """A server that may be stopped, where it is our own. Raises NoPostgres."""
    own = None
    with postgres_server() as server, fresh_database(server) as url:
        _keeps_what_it_commits(url)
        outages: dict[str, Outage] = {"database locked": lambda seconds: _lock(url, seconds)}
        if "TEST_POSTGRES_URL" not in os.environ:
            own = _Server(Path(str(make_url(url).query["host"])))
            outages |= {"database stopped": own.stands_still, "database restarted": own.restarts}
        yield Database("PostgreSQL", url, outages)
    if own is not None:
        own.reap()


def _keeps_what_it_commits(url: str) -> None:
    """The server of the tests is quick because it may forget its last moments when it goes down."""
    address = make_url(url).set(drivername="postgresql+psycopg")
    engine = create_engine(address)
    with engine.begin() as connection:
        connection.execute(text(f"ALTER DATABASE {address.database} SET synchronous_commit = on"))
    engine.dispose()


def _lock(url: str, seconds: float) -> None:
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        connection.execute(text(f"LOCK TABLE {_LOCKED} IN ACCESS EXCLUSIVE MODE"))
        time.sleep(seconds)
    engine.dispose()


@dataclass
class _Server:
    """The server process, by its data folder."""

    work: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        return int((self.work / "data" / "postmaster.pid").read_text().splitlines()[0])

    def stands_still(self, seconds: float) -> None:
        """As when the machine of the database hangs: connections stay, nothing answers."""
        pids = [self.pid, *children(self.pid)]
        for pid in pids:
            send(pid, signal.SIGSTOP)
        try:
            time.sleep(seconds)
        finally:
            for pid in pids:
                send(pid, signal.SIGCONT)

    def restarts(self, seconds: float) -> None:
        """All connections break, and nobody answers for a while; what was committed is there again."""
        pid = self.pid
        command = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")[:-1]
        owner = pwd.getpwuid(Path(f"/proc/{pid}").stat().st_uid)
        folder = Path(f"/proc/{pid}/cwd").readlink()
        os.kill(pid, signal.SIGQUIT)
        while lives(pid):
            time.sleep(0.02)
        self.reap()
        time.sleep(seconds)
        drop: dict[str, Any] = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}
        with (self.work / "log").open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True, **drop
            )

    def reap(self) -> None:
        if self.process is not None:
            self.process.wait(30)
            self.process = None
