"""Opens the database and hands out transactions, each bound to one workspace."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy import Connection, Engine, column, select, table

from bot.storage import maintenance
from bot.storage.engines import PATIENCE, READS_ONLY, make_engine, read_url
from bot.storage.errors import ChangeRefused, DatabaseUnavailable, UnscopedQuery, in_plain_words
from bot.storage.guard import WORKSPACE, guard
from bot.storage.inbox import Inbox
from bot.storage.installations import SealedInstallation, keep_state, take_state
from bot.storage.jobs import NewJob
from bot.storage.migrate import migrate, newest
from bot.storage.queue import Depth, Queue, Taken
from bot.storage.scope import Clock
from bot.storage.turns import Turns
from bot.storage.workspace import Workspace

_REVISIONS = table("alembic_version", column("version_num"))


def open_database(url: str, clock: Clock, patience: timedelta = PATIENCE) -> Database:
    """Brings the database to the newest schema and opens it. Raises DatabaseUnavailable.

    The clock says the time, with its zone, for everything that is kept; `patience` is how long a transaction waits for others.
    """
    where = read_url(url)
    with in_plain_words():
        migrate(where)
    engine = make_engine(where, patience)
    guard(engine)
    return Database(engine, clock, newest(), patience)


class Database:
    """Safe to share between threads."""

    def __init__(self, engine: Engine, clock: Clock, revision: str, patience: timedelta = PATIENCE) -> None:
        self._engine = engine
        self._clock = clock
        self._revision = revision
        self._turns = Turns(engine.url, patience)
        self._on_work: Callable[[], object] = lambda: None
        self._inbox = Inbox(self.queue)

    def call_on_work(self, called: Callable[[], object]) -> None:
        """Call this whenever a transaction that left work is committed; workers of other processes look by themselves."""
        self._on_work = called

    @contextmanager
    def workspace(self, id: str) -> Iterator[Workspace]:
        """One transaction in one workspace: committed at the end of the block, undone where the block raises."""
        with self._writing(**{WORKSPACE: _named(id)}) as connection:
            work = Workspace(connection, id, self._clock)
            yield work
        if work.enqueued:
            self._on_work()

    @contextmanager
    def reading(self, id: str) -> Iterator[Workspace]:
        """One look at one workspace: on SQLite it waits for no writer, and must not become one."""
        with self._reading(**{WORKSPACE: _named(id)}) as connection:
            yield Workspace(connection, id, self._clock)

    def put(self, workspace: str, job: NewJob) -> bool:
        """Enqueues what no other change goes with, together with what others put in at the same moment; False as in `enqueue`."""
        new = self._inbox.put(_named(workspace), job)
        if new:
            self._on_work()
        return new

    @contextmanager
    def queue(self) -> Iterator[Queue]:
        """One transaction over the jobs of all workspaces."""
        with self._writing() as connection:
            yield Queue(connection, self._clock)

    def any_job_free(self, resting: Collection[str] = ()) -> bool:
        """Whether a worker would find something to do, in other workspaces than these."""
        with self._reading() as connection:
            return Queue(connection, self._clock).any_free(resting)

    def holds(self, job: Taken) -> bool:
        """Whether the worker that took the job still has it."""
        with self._reading() as connection:
            return Queue(connection, self._clock).holds(job)

    def depths(self) -> list[Depth]:
        """How many jobs wait and how many failed."""
        with self._reading() as connection:
            return Queue(connection, self._clock).depths()

    def ready(self) -> bool:
        """Whether the database answers and has the schema that this code needs."""
        try:
            with self._reading() as connection:
                return list(connection.execute(select(_REVISIONS.c.version_num)).scalars()) == [self._revision]
        except (DatabaseUnavailable, ChangeRefused):  # the second where it answers, but its tables are gone
            return False

    def forget_older_than(self, days: int) -> int:
        """How many conversations were deleted because they did not move for so long; `days` where the workspace set nothing."""
        with self._writing() as connection:
            Queue(connection, self._clock).forget_ended()
            return maintenance.forget_older_than(connection, days, self._clock())

    def installations(self) -> list[SealedInstallation]:
        """Those of all workspaces and organisations."""
        with self._reading() as connection:
            return maintenance.installations_of_all(connection)

    def workspaces_of(self, organisation: str) -> list[str]:
        """The workspaces that are known to be served by the organisation's installation."""
        with self._reading() as connection:
            return maintenance.workspaces_of(connection, organisation)

    def keep_state(self, state: str, lives: timedelta) -> None:
        """The hash of the state of an installation that begins."""
        with self._writing() as connection:
            keep_state(connection, state, self._clock() + lives, self._clock())

    def take_state(self, state: str) -> bool:
        """True once for each hash, while it lives."""
        with self._writing() as connection:
            return take_state(connection, state, self._clock())

    def close(self) -> None:
        self._engine.dispose()
        self._turns.close()

    @contextmanager
    def _writing(self, **options: str) -> Iterator[Connection]:
        with self._turns.taken(), in_plain_words(), self._engine.connect().execution_options(**options) as connection, connection.begin():
            yield connection

    @contextmanager
    def _reading(self, **options: str) -> Iterator[Connection]:
        reads = {READS_ONLY: True, **options}
        with in_plain_words(), self._engine.connect().execution_options(**reads) as connection, connection.begin():
            yield connection


def _named(workspace: str) -> str:
    if not workspace:
        raise UnscopedQuery("a transaction needs a workspace")
    return workspace
