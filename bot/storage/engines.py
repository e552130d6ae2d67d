"""A URL -> an engine on SQLite or PostgreSQL, set up so that two writers queue instead of failing."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from bot.storage.errors import DatabaseUnavailable

POSTGRESQL: Final = "postgresql"
PATIENCE: Final = timedelta(seconds=10)
READS_ONLY: Final = "reads_only"  # execution option: on SQLite the transaction waits for no writer
_FORMS = "sqlite:////folder/file.db or postgresql://user:password@host/name"


def read_url(text: str) -> URL:
    """The URL with the drivers that we use. Raises DatabaseUnavailable; the text is not repeated, it may hold a password."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise DatabaseUnavailable(f"The database URL cannot be read. Write {_FORMS}.") from None
    kind = url.drivername.partition("+")[0]
    if kind in ("postgres", POSTGRESQL):
        return url.set(drivername="postgresql+psycopg")
    if kind != "sqlite":
        raise DatabaseUnavailable(f"The database URL names no database that we can use. Write {_FORMS}.")
    if url.database in (None, "", ":memory:") or str(url.database).startswith("file:"):
        raise DatabaseUnavailable(f"The database must be kept in a file. Write {_FORMS}.")
    return url.set(drivername="sqlite")


def make_engine(url: URL, patience: timedelta, foreign_keys: bool = True) -> Engine:
    """An engine that waits this long for the locks of others."""
    is_file = url.get_backend_name() == "sqlite"
    engine = create_engine(
        url,
        hide_parameters=True,
        json_serializer=partial(json.dumps, allow_nan=False),
        connect_args={"timeout": patience.total_seconds()} if is_file else {"connect_timeout": PATIENCE.seconds},
        pool_size=8,
        max_overflow=32,
        pool_timeout=PATIENCE.seconds,
        pool_pre_ping=not is_file,
    )
    if is_file:
        event.listen(engine, "connect", partial(_set_up_sqlite, foreign_keys=foreign_keys))
        event.listen(engine, "begin", _begin_sqlite)
    else:
        event.listen(engine, "connect", partial(_set_up_postgresql, patience=patience))
    return engine


def private_file(url: URL) -> None:
    """Creates the file of an SQLite database for this user alone; what lies beside it later takes over its permissions."""
    if url.get_backend_name() == "sqlite" and not Path(str(url.database)).exists():
        try:
            Path(str(url.database)).touch(mode=0o600)
        except OSError as error:
            raise DatabaseUnavailable(
                f"The database file cannot be created: {error.strerror}. Its folder must exist and be writable."
            ) from None


def _set_up_sqlite(connection: Any, _record: object, foreign_keys: bool) -> None:
    connection.isolation_level = None  # the driver opens no transactions of its own; `_begin_sqlite` does
    connection.execute(f"PRAGMA foreign_keys={'ON' if foreign_keys else 'OFF'}")
    connection.execute("PRAGMA secure_delete=ON")  # what is forgotten leaves no bytes in the file


def _begin_sqlite(connection: Connection) -> None:
    """Takes the lock of a writer at once: a reader that becomes one later cannot wait, it fails."""
    reads_only = connection.get_execution_options().get(READS_ONLY, False)
    connection.exec_driver_sql("BEGIN DEFERRED" if reads_only else "BEGIN IMMEDIATE")


def _set_up_postgresql(connection: Any, _record: object, patience: timedelta) -> None:
    connection.execute(f"SET lock_timeout = {patience // timedelta(milliseconds=1)}")
    connection.commit()
