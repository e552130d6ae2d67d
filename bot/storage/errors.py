"""What can go wrong with the database, in words that say what to do; never a URL, a password or a value.

* StorageError
   + DatabaseUnavailable    the database is away, locked, or not one that we can use
   + BackupError            a backup cannot be made, or is none that can be restored
   + Stale                  what was read is no longer what is kept

Mistakes in the code, which nothing catches:
* UnscopedQuery             a statement that could reach another workspace
* ChangeRefused             a change that breaks a rule of a table
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exc


class StorageError(Exception):
    """Something about the database that a person can be told."""


class DatabaseUnavailable(StorageError):
    """The database does not answer. Check that it runs, then try again."""


class BackupError(StorageError):
    """A backup cannot be made, or is none that can be restored."""


class Stale(StorageError):
    """Somebody else changed it in the meantime. Read it again, then repeat the step."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


class UnscopedQuery(Exception):
    """A statement without its workspace."""


class ChangeRefused(Exception):
    """A change that breaks a rule of a table; nothing of its transaction is kept."""


_LOCKED = (
    "The database is locked by another process. Try again in a moment; if it stays locked, look for a second bot or an open "
    "database browser on the same file"
)
_NO_FILE = "The database file cannot be opened. Its folder must exist, and both must be writable for the bot"
_NOT_OURS = "The database file is damaged or no SQLite database. Restore a backup, or name another file"
_BUSY = "Every connection to the database is in use. Try again in a moment"
_AWAY = "The database does not answer. Check that it runs, that it can be reached from here, and that its name, user and password are right"
# By the code that SQLite or PostgreSQL gives, or its beginning.
_REASONS = {
    "SQLITE_BUSY": _LOCKED,
    "SQLITE_LOCKED": _LOCKED,
    "SQLITE_CANTOPEN": _NO_FILE,
    "SQLITE_READONLY": _NO_FILE,
    "SQLITE_FULL": "The disk of the database is full. Make room, then try again",
    "SQLITE_NOTADB": _NOT_OURS,
    "SQLITE_CORRUPT": _NOT_OURS,
    "55P03": _LOCKED,
    "40": "Two changes of the database met and this one was undone. Try again",
    "53": "The database has no room or no connection left. Try again in a moment",
    "57P": "The database is starting or stopping. Try again in a moment",
}


@contextmanager
def in_plain_words() -> Iterator[None]:
    """Errors of the database's driver as ours. Their own text is dropped: it may name the host, the user or the values."""
    try:
        yield
    except exc.TimeoutError:
        raise DatabaseUnavailable(f"{_BUSY}.") from None
    except exc.DBAPIError as error:
        raise _ours(error).with_traceback(error.__traceback__) from None


def as_sqlite_says(code: str) -> DatabaseUnavailable:
    return DatabaseUnavailable(f"{_REASONS[code]} ({code}).")


def _ours(error: exc.DBAPIError) -> Exception:
    code = _code(error)
    reason = reason_of(code)
    if reason is None and not isinstance(error, exc.OperationalError | exc.InterfaceError):
        return ChangeRefused(f"The database refused a change: {type(error).__name__} ({code}).")
    return DatabaseUnavailable(f"{reason or _AWAY} ({code})." if code else f"{_AWAY}.")


def reason_of(code: str) -> str | None:
    """What a code of SQLite or PostgreSQL means for whoever runs the bot, without a full stop; None where only a programmer can tell."""
    return next((words for start, words in _REASONS.items() if code.startswith(start)), None)


def _code(error: exc.DBAPIError) -> str:
    return getattr(error.orig, "sqlite_errorname", None) or getattr(error.orig, "sqlstate", None) or ""
