"""What can go wrong with the database, in words that say what to do; never a URL, a password or a value.

* StorageError
   + DatabaseUnavailable    the database is away, locked, or not one that we can use
   + Stale                  what was read is no longer what is kept
* UnscopedQuery             a statement that could reach another workspace: a mistake in the code, so nothing catches it
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exc


class StorageError(Exception):
    """Something about the database that a person can be told."""


class DatabaseUnavailable(StorageError):
    """The database does not answer. Check that it runs, then try again."""


class Stale(StorageError):
    """Somebody else changed it in the meantime. Read it again, then repeat the step."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


class UnscopedQuery(Exception):
    """A statement without its workspace."""


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
    except (exc.OperationalError, exc.InterfaceError) as error:
        raise DatabaseUnavailable(_said(error)) from None
    except exc.DatabaseError as error:
        if _code(error).startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT")):
            raise DatabaseUnavailable(_said(error)) from None
        raise


def _said(error: exc.DBAPIError) -> str:
    code = _code(error)
    reason = next((words for start, words in _REASONS.items() if code.startswith(start)), _AWAY)
    return f"{reason} ({code})." if code else f"{reason}."


def _code(error: exc.DBAPIError) -> str:
    return getattr(error.orig, "sqlite_errorname", None) or getattr(error.orig, "sqlstate", None) or ""
