"""Opens the database and hands out transactions, each bound to one workspace."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy import Connection, Engine, column, select, table

from bot.storage import maintenance
from bot.storage.engines import PATIENCE, READS_ONLY, make_engine, read_url
from bot.storage.errors import DatabaseUnavailable, UnscopedQuery, in_plain_words
from bot.storage.guard import WORKSPACE, guard
from bot.storage.migrate import migrate, newest
from bot.storage.queue import Queue
from bot.storage.scope import Clock
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
    return Database(engine, clock, newest())


class Database:
    """Safe to share between threads."""

    def __init__(self, engine: Engine, clock: Clock, revision: str) -> None:
        self._engine = engine
        self._clock = clock
        self._revision = revision
        self._on_work: Callable[[], object] = lambda: None

    def call_on_work(self, called: Callable[[], object]) -> None:
        """Call this whenever a transaction that left work is committed; workers of other processes look by themselves."""
        self._on_work = called

    @contextmanager
    def workspace(self, id: str) -> Iterator[Workspace]:
        """One transaction in one workspace: committed at the end of the block, undone where the block raises."""
        if not id:
            raise UnscopedQuery("a transaction needs a workspace")
        with in_plain_words(), self._engine.connect().execution_options(**{WORKSPACE: id}) as connection, connection.begin():
            work = Workspace(connection, id, self._clock)
            yield work
        if work.enqueued:
            self._on_work()

    @contextmanager
    def queue(self) -> Iterator[Queue]:
        """One transaction over the jobs of all workspaces."""
        with in_plain_words(), self._engine.begin() as connection:
            yield Queue(connection, self._clock)

    def any_job_free(self) -> bool:
        """Whether a worker would find something to do."""
        with self._reading() as connection:
            return Queue(connection, self._clock).any_free()

    def ready(self) -> bool:
        """Whether the database answers and has the schema that this code needs."""
        try:
            with self._reading() as connection:
                return list(connection.execute(select(_REVISIONS.c.version_num)).scalars()) == [self._revision]
        except DatabaseUnavailable:
            return False

    def forget_older_than(self, days: int) -> int:
        """How many conversations were deleted because they did not move for so long; `days` where the workspace set nothing."""
        with in_plain_words(), self._engine.begin() as connection:
            Queue(connection, self._clock).forget_ended()
            return maintenance.forget_older_than(connection, days, self._clock())

    def unfinished(self) -> list[tuple[str, str]]:
        """Workspace and id of each conversation that a start should look after."""
        with self._reading() as connection:
            return maintenance.unfinished(connection, self._clock())

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with in_plain_words(), self._engine.connect().execution_options(**{READS_ONLY: True}) as connection, connection.begin():
            yield connection
