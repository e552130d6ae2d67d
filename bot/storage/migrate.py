"""Brings a database to the newest schema, one process at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import URL, Connection, Engine, event, func, select

from bot.storage.engines import POSTGRESQL, make_engine, private_file
from bot.storage.errors import DatabaseUnavailable

MIGRATIONS: Final = Path(__file__).resolve().parent / "migrations"
_LOCK: Final = 0x57484943  # any number, the same for ever
_PATIENCE: Final = timedelta(minutes=2)


def newest() -> str:
    """The revision that this code needs."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def revisions() -> list[str]:
    """Every revision that this code knows, the newest first."""
    return [each.revision for each in ScriptDirectory.from_config(_config()).walk_revisions()]


def migrate(url: URL, to: str = "head") -> None:
    """Upgrades to a revision, or downgrades to "base". All or nothing: one transaction."""
    private_file(url)
    with _lock_file(url), _engine(url) as engine, engine.begin() as connection:
        if engine.dialect.name == POSTGRESQL:
            connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        _move(connection, to)
        _check_references(connection)


def _move(connection: Connection, to: str) -> None:
    config = _config()
    config.attributes["connection"] = connection
    try:
        (command.downgrade if to == "base" else command.upgrade)(config, to)
    except CommandError:
        raise DatabaseUnavailable(
            "The database was written by a newer version of the bot. Update the bot, or name another database."
        ) from None


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


@contextmanager
def _engine(url: URL) -> Iterator[Engine]:
    """Without the guard, which knows only today's tables; on SQLite without foreign keys, since a table is changed there by copying it."""
    engine = make_engine(url, patience=_PATIENCE, foreign_keys=False)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def _lock_file(url: URL) -> Iterator[None]:
    """On SQLite: one starting process at a time.

    The switch to WAL cannot wait for a lock, so it happens under that of a second, empty database beside the first.
    """
    if url.get_backend_name() == POSTGRESQL:
        yield
        return
    beside = url.set(database=f"{url.database}.lock")
    private_file(beside)
    with _engine(beside) as lock, lock.begin():
        with _engine(url) as engine:
            event.listen(engine, "connect", _write_ahead)
            engine.connect().close()
        yield


def _write_ahead(connection: Any, _record: object) -> None:
    """The file stays in this mode: readers and the one writer do not wait for each other."""
    connection.execute("PRAGMA journal_mode=WAL")


def _check_references(connection: Connection) -> None:
    if connection.dialect.name != POSTGRESQL and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").all()):
        raise DatabaseUnavailable(f"The database holds {len(broken)} rows that belong to nothing. Nothing was changed; restore a backup.")
