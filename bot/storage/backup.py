"""A copy of the SQLite file while the bot serves, and the way back. PostgreSQL has programs of its own for both.

A backup is one file, of one moment, looked through before it gets its name. What a restore replaces stays beside it.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from secrets import token_hex
from typing import Final

from bot.storage.alone import held
from bot.storage.engines import POSTGRESQL, read_url
from bot.storage.errors import BackupError, reason_of
from bot.storage.migrate import newest, revisions
from bot.storage.owner import give_to_owner
from bot.storage.schema import METADATA

_PATIENCE_S: Final = 10  # for the locks of a bot that serves
_LOOK_S: Final = 1  # for those of anybody who should not be there
_BESIDE: Final = ("-wal", "-shm", "-journal")  # what SQLite keeps beside a file while it is open
_POSTGRES: Final = (
    "This is for a SQLite file. PostgreSQL has programs for it, which see one moment of the whole database and keep its roles and "
    "sequences: pg_dump --format=custom --file=FILE DATABASE makes a backup while the bot serves; "
    "pg_restore --clean --if-exists --dbname=DATABASE FILE brings it back once every bot is stopped."
)


@dataclass(frozen=True)
class Contents:
    """What a sound copy holds."""

    revision: str
    conversations: int
    size_bytes: int

    def __str__(self) -> str:
        plural = "" if self.conversations == 1 else "s"
        return f"{self.conversations:,} conversation{plural} ({self.size_bytes / 1_000_000:.1f} MB, revision {self.revision})"


@dataclass(frozen=True)
class Restored:
    contents: Contents
    kept: Path | None  # what was there before


def back_up(url: str, target: Path, *, force: bool = False) -> Contents:
    """Everything that was committed before it began, in a file for this user alone. Raises BackupError."""
    file = _file(url)
    if not file.exists():
        raise BackupError("There is no database file yet; whichcloud serve makes it.")
    if target.exists() and (not force or target.samefile(file)):
        raise BackupError(f"{target.name} exists already. Name another file, or say --force to replace it.")
    with _in_words(target), _part_beside(target) as part:
        _copy(file, part)
        contents = _looked_through(part, "The database")
        _put(part, target, force)
    return contents


def restore(url: str, backup: Path, now: datetime) -> Restored:
    """The backup in place of the database, which stays beside it. Raises BackupError, or DatabaseUnavailable while a bot serves it."""
    file = _file(url)
    if not backup.is_file() or (file.exists() and backup.samefile(file)):
        raise BackupError(f"{backup.name} is no file with a backup. Name one that whichcloud backup made.")
    with held(url, timedelta(0)), _in_words(backup), _part_beside(file) as part:
        _copy_as_it_lies(backup, part)
        contents = _looked_through(part, f"The database in {backup.name}")
        give_to_owner(part)
        kept = _set_aside(file, now) if file.exists() else None
        part.replace(file)
        _write_down(file.parent)
    return Restored(contents, kept)


def _file(url: str) -> Path:
    where = read_url(url)
    if where.get_backend_name() == POSTGRESQL:
        raise BackupError(_POSTGRES)
    return Path(str(where.database))


def _copy(file: Path, part: Path) -> None:
    """In one step, so that it is of one moment; in its mode nobody who writes meanwhile has to wait."""
    with closing(_opened(file, _PATIENCE_S)) as source, closing(_opened(part, _LOOK_S)) as copy:
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_master").fetchone()  # fails where the file is locked or none; the copy would wait
        source.backup(copy)


def _copy_as_it_lies(backup: Path, part: Path) -> None:
    """Also where somebody copied a running database with what lies beside it."""
    for beside in ("", "-wal"):
        source, copy = Path(f"{backup}{beside}"), Path(f"{part}{beside}")
        if source.exists():
            copy.touch(mode=0o600)
            shutil.copyfile(source, copy)


def _looked_through(part: Path, name: str) -> Contents:
    """What the copy holds, now one file. Raises BackupError where it is damaged, or not ours; `name` is what it is a copy of."""
    with closing(_opened(part, _LOOK_S)) as copy:
        copy.execute("PRAGMA journal_mode=DELETE").fetchone()
        found = [str(row[0]) for row in copy.execute("PRAGMA integrity_check(1)")]
        if found != ["ok"] or copy.execute("PRAGMA foreign_key_check").fetchone():
            raise BackupError(f"{name} is damaged; nothing was written. Restore the newest backup that is sound.")
        revision = _revision(copy, name)
        conversations = int(copy.execute("SELECT count(*) FROM conversations").fetchone()[0])
    with part.open("rb+") as written:
        os.fsync(written)
    return Contents(revision, conversations, part.stat().st_size)


def _revision(copy: sqlite3.Connection, name: str) -> str:
    there = {name for (name,) in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    found = [row[0] for row in copy.execute("SELECT version_num FROM alembic_version")] if "alembic_version" in there else []
    if len(found) != 1 or "conversations" not in there or (found == [newest()] and not set(METADATA.tables) <= there):
        raise BackupError(f"{name} is none of this bot; nothing was written. Name one that it made.")
    revision = str(found[0])
    if revision not in revisions():
        raise BackupError(f"{name} was written by a newer version of the bot ({revision}); nothing was written. Update the bot first.")
    return revision


def _set_aside(file: Path, now: datetime) -> Path:
    """Another name for the file as it is, with all that it holds. Raises BackupError while any other process has it open."""
    kept = file.with_name(f"{file.name}.before-{now:%Y%m%dT%H%M%S%f}")
    _settle(file)
    try:
        os.link(file, kept)
    except OSError:  # a disk without links
        shutil.copy2(file, kept)
    for beside in _BESIDE:  # of a damaged file: it must not be read together with the restored one
        with suppress(FileNotFoundError):
            Path(f"{file}{beside}").replace(f"{kept}{beside}")
    return kept


def _settle(file: Path) -> None:
    """Brings all that lies beside the file into it, unless it is damaged. SQLite refuses while anybody else has it open."""
    try:
        with closing(_opened(file, _LOOK_S)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE").fetchone()
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorname.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            raise BackupError("Another process has the database open. Stop it first, then restore again.") from None
        if not error.sqlite_errorname.startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT")):
            raise


def _opened(file: Path, patience_s: float) -> sqlite3.Connection:
    """A connection of our own, without the driver's transactions; the file must be there."""
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None, timeout=patience_s)


def _put(part: Path, target: Path, force: bool) -> None:
    """The name appears with the whole content, and takes nobody's place unasked."""
    if not force:
        try:
            os.close(os.open(target, os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            raise BackupError(f"{target.name} exists already. Name another file, or say --force to replace it.") from None
    part.replace(target)
    _write_down(target.parent)


def _write_down(folder: Path) -> None:
    """The names in a folder survive a power cut from here on."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


@contextmanager
def _part_beside(target: Path) -> Iterator[Path]:
    """An empty file for this user alone, in the folder of the target; gone at the end, unless it became the target."""
    part = target.with_name(f".{target.name}.{token_hex(4)}.part")
    part.touch(mode=0o600, exist_ok=False)
    try:
        yield part
    finally:
        for beside in ("", *_BESIDE):
            Path(f"{part}{beside}").unlink(missing_ok=True)


@contextmanager
def _in_words(file: Path) -> Iterator[None]:
    """What goes wrong with files, in words. SQLite's own text may quote what is kept."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorname", "")
        raise BackupError(f"{reason_of(code) or 'SQLite cannot read or write it'} ({code or type(error).__name__}).") from None
    except OSError as error:
        raise BackupError(
            f"{file.name}: {error.strerror}. Its folder must exist and be writable, with room for the whole database."
        ) from None
