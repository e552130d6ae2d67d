"""A look at a database as it is, without bringing it to the newest schema: what is there, whether it can be written, what waits in it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Literal

from sqlalchemy import URL, Connection, Engine, column, func, insert, inspect, select, table

from bot.storage.engines import POSTGRESQL, make_engine, read_url
from bot.storage.errors import DatabaseUnavailable, in_plain_words, reason_of
from bot.storage.installations import SealedInstallation
from bot.storage.maintenance import installations_of_all
from bot.storage.migrate import newest, revisions
from bot.storage.moment import moment
from bot.storage.queue import Depth, Queue
from bot.storage.schema import lanes, seen

Schema = Literal["none", "behind", "current", "ahead"]
NOBODY_CAME_FOR_S: Final = 60
_PATIENCE: Final = timedelta(seconds=5)
_REVISIONS = table("alembic_version", column("version_num"))


@dataclass(frozen=True)
class Disk:
    """Where a SQLite file lies. `log_bytes` is what has been written and not yet brought into the file."""

    free_bytes: int
    log_bytes: int


@dataclass(frozen=True)
class Waiting:
    """The jobs. `deserted` lanes wait for a worker, or for the end of a lease that is over, longer than any worker lets them."""

    depths: tuple[Depth, ...]
    deserted: int


@dataclass(frozen=True)
class Inspected:
    """`name` names no host, user or folder. What needs the newest schema is None with any other."""

    name: str
    schema: Schema
    revision: str
    disk: Disk | None
    waiting: Waiting | None
    installations: tuple[SealedInstallation, ...] | None


def look_into(url: str, clock: Callable[[], datetime]) -> Inspected:
    """Raises DatabaseUnavailable, also where the database cannot be written. Nothing is changed, and no file is created."""
    where = read_url(url)
    if where.get_backend_name() == POSTGRESQL:
        return _inside(where, clock, "PostgreSQL", None)
    file = Path(str(where.database))
    name, disk = f"SQLite file {file.name}", _disk(file)
    return _inside(where, clock, name, disk) if file.exists() else Inspected(name, "none", "", disk, None, None)


def _inside(where: URL, clock: Callable[[], datetime], name: str, disk: Disk | None) -> Inspected:
    with in_plain_words(), _engine(where) as engine, engine.connect() as connection, connection.begin() as transaction:
        revision = _revision(connection)
        if revision != newest():
            return Inspected(name, _schema(revision), revision, disk, None, None)
        _write(connection, clock())
        waiting = Waiting(tuple(Queue(connection, clock).depths()), _deserted(connection, clock))
        found = Inspected(name, "current", revision, disk, waiting, tuple(installations_of_all(connection)))
        transaction.rollback()
    return found


@contextmanager
def _engine(where: URL) -> Iterator[Engine]:
    """Without the guard: what is looked at may have tables that it does not know."""
    engine = make_engine(where, _PATIENCE)
    try:
        yield engine
    finally:
        engine.dispose()


def _disk(file: Path) -> Disk:
    folder, log = file.absolute().parent, Path(f"{file}-wal")
    if not os.access(folder, os.W_OK):
        raise DatabaseUnavailable(f"{reason_of('SQLITE_CANTOPEN')}.")
    return Disk(shutil.disk_usage(folder).free, log.stat().st_size if log.exists() else 0)


def _revision(connection: Connection) -> str:
    if not inspect(connection).has_table(_REVISIONS.name):
        return ""
    return str(connection.execute(select(_REVISIONS.c.version_num)).scalar() or "")


def _schema(revision: str) -> Schema:
    if not revision:
        return "none"
    return "behind" if revision in revisions() else "ahead"


def _write(connection: Connection, now: datetime) -> None:
    """A row that is taken back with the transaction."""
    connection.execute(insert(seen).values(workspace="doctor", key="doctor", at=now))


def _deserted(connection: Connection, clock: Callable[[], datetime]) -> int:
    now = moment(connection.dialect.name == POSTGRESQL, clock)
    late = select(func.count()).select_from(lanes).where(lanes.c.free_at < now - NOBODY_CAME_FOR_S)
    return int(connection.execute(late).scalar_one())
