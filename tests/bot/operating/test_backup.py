"""A backup while people answer, and the way back; what is damaged, foreign or in use is refused in words and changes nothing."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.storage import Database, DatabaseUnavailable, open_database
from bot.storage.alone import held
from bot.storage.backup import Contents, back_up, restore
from bot.storage.errors import BackupError
from bot.storage.migrate import newest
from tests.bot.storage.kept import conversation, every_row
from tests.bot.terminal import run

NOW = datetime(2026, 11, 22, 9, 30, 15, 250_000, tzinfo=UTC)
KEPT = "bot.db.before-20261122T093015250000"
WRITERS, EACH = 4, 25


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'bot.db'}"


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    opened = open_database(url, lambda: NOW)
    yield opened
    opened.close()


def add(database: Database, *ids: str) -> None:
    for id in ids:
        with database.workspace("T1") as work:
            work.add_conversation(conversation(id))


def ids_in(file: Path) -> set[str]:
    with closing(sqlite3.connect(file)) as opened:
        return {id for (id,) in opened.execute("SELECT id FROM conversations")}


def files(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()} - {"bot.db.lock", "bot.db.serving", "bot.db.turn"}


def test_a_backup_holds_all_that_was_committed_before_while_four_threads_write(database: Database, url: str, tmp_path: Path) -> None:
    committed: list[str] = []
    under_way = threading.Barrier(WRITERS + 1)

    def write(writer: int) -> None:
        for number in range(EACH):
            add(database, f"c{writer}-{number}")
            committed.append(f"c{writer}-{number}")
            if number == 2:
                under_way.wait(timeout=60)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    under_way.wait(timeout=60)
    made = []
    for number in range(3):
        before = set(committed)
        contents = back_up(url, tmp_path / f"{number}.backup")
        made.append((before, ids_in(tmp_path / f"{number}.backup"), contents.conversations))
    for thread in threads:
        thread.join()
    assert [before - kept for before, kept, _ in made] == [set()] * 3
    assert [len(kept) for _, kept, _ in made] == [counted for _, _, counted in made]
    assert len(ids_in(tmp_path / "bot.db")) == WRITERS * EACH, "and nobody who wrote was disturbed"


def test_a_backup_is_one_file_for_this_user_alone(database: Database, url: str, tmp_path: Path) -> None:
    add(database, "c1", "c2")
    folder = tmp_path / "kept"
    folder.mkdir()
    contents = back_up(url, folder / "bot.backup")
    assert contents == Contents(newest(), 2, (folder / "bot.backup").stat().st_size)
    assert files(folder) == {"bot.backup"}
    assert (folder / "bot.backup").stat().st_mode & 0o777 == 0o600


def test_restore_brings_back_what_was_kept_and_keeps_what_it_replaces(database: Database, url: str, tmp_path: Path) -> None:
    add(database, "c1", "c2")
    back_up(url, tmp_path / "bot.backup")
    before = every_row(url)
    add(database, "c3")
    database.close()
    restored = restore(url, tmp_path / "bot.backup", NOW)
    assert (restored.contents.conversations, restored.kept) == (2, tmp_path / KEPT)
    assert ids_in(tmp_path / KEPT) == {"c1", "c2", "c3"}
    assert files(tmp_path) == {"bot.db", "bot.backup", KEPT}
    assert (tmp_path / "bot.db").stat().st_mode & 0o777 == 0o600
    assert every_row(url) == before
    again = open_database(url, lambda: NOW)
    assert again.ready()
    add(again, "c4")
    again.close()


def test_restore_where_there_was_nothing(database: Database, url: str, tmp_path: Path) -> None:
    add(database, "c1")
    back_up(url, tmp_path / "bot.backup")
    elsewhere = tmp_path / "new"
    elsewhere.mkdir()
    assert restore(f"sqlite:///{elsewhere / 'bot.db'}", tmp_path / "bot.backup", NOW).kept is None
    assert ids_in(elsewhere / "bot.db") == {"c1"}


def test_a_damaged_database_makes_room_with_all_that_lies_beside_it(database: Database, url: str, tmp_path: Path) -> None:
    """Else what SQLite wrote for the old file would be read into the new one."""
    add(database, "c1")
    back_up(url, tmp_path / "bot.backup")
    database.close()
    (tmp_path / "bot.db").write_bytes(b"no database" * 1000)
    for beside in ("-wal", "-shm", "-journal"):
        (tmp_path / f"bot.db{beside}").write_bytes(b"of the old one")
    assert restore(url, tmp_path / "bot.backup", NOW).kept == tmp_path / KEPT
    assert [name for name in files(tmp_path) if name.startswith("bot.db-")] == []
    assert (tmp_path / KEPT).read_bytes() == b"no database" * 1000
    assert ids_in(tmp_path / "bot.db") == {"c1"}


def test_a_plain_copy_of_a_running_database_is_read_with_what_lies_beside_it(database: Database, url: str, tmp_path: Path) -> None:
    add(database, "c1", "c2")
    for beside in ("", "-wal"):
        shutil.copy(tmp_path / f"bot.db{beside}", tmp_path / f"copy.db{beside}")
    database.close()
    assert restore(url, tmp_path / "copy.db", NOW).contents.conversations == 2


# -- refused ---------------------------------------------------------------------------------------------------------


def damaged(file: Path) -> None:
    """A page in the middle is overwritten, as a failing disk does."""
    content = bytearray(file.read_bytes())
    content[8192:12288] = b"\xff" * 4096
    file.write_bytes(content)


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:20_000])


def no_database(file: Path) -> None:
    file.write_bytes(b"not a database, but as long as one" * 1000)


def empty(file: Path) -> None:
    file.write_bytes(b"")


def of_somebody_else(file: Path) -> None:
    file.unlink()
    with closing(sqlite3.connect(file)) as other:
        other.execute("CREATE TABLE conversations (id)")
        other.execute("CREATE TABLE alembic_version (version_num)")
        other.execute("INSERT INTO alembic_version VALUES (?)", [newest()])
        other.commit()


def from_the_future(file: Path) -> None:
    with closing(sqlite3.connect(file)) as opened:
        opened.execute("UPDATE alembic_version SET version_num = '9999'")
        opened.commit()


NOT_OURS = "The database in bot.backup is none of this bot; nothing was written. Name one that it made."
DAMAGED = "The database in bot.backup is damaged; nothing was written. Restore the newest backup that is sound."
REFUSED: dict[str, tuple[Callable[[Path], None], str]] = {
    "a damaged page": (damaged, DAMAGED),
    "cut off": (cut, "The database file is damaged or no SQLite database. Restore a backup, or name another file (SQLITE_CORRUPT)."),
    "no database": (
        no_database,
        "The database file is damaged or no SQLite database. Restore a backup, or name another file (SQLITE_NOTADB).",
    ),
    "empty": (empty, NOT_OURS),
    "of somebody else": (of_somebody_else, NOT_OURS),
    "of a newer version": (
        from_the_future,
        "The database in bot.backup was written by a newer version of the bot (9999); nothing was written. Update the bot first.",
    ),
    "gone": (Path.unlink, "bot.backup is no file with a backup. Name one that whichcloud backup made."),
}


@pytest.mark.parametrize(("spoil", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_sound_backup_is_refused_and_nothing_changes(
    database: Database, url: str, tmp_path: Path, spoil: Callable[[Path], None], words: str
) -> None:
    add(database, "c1")
    backup = tmp_path / "bot.backup"
    back_up(url, backup)
    database.close()
    spoil(backup)
    before, there = (tmp_path / "bot.db").read_bytes(), files(tmp_path)
    with pytest.raises(BackupError) as refused:
        restore(url, backup, NOW)
    assert str(refused.value) == words
    assert ((tmp_path / "bot.db").read_bytes(), files(tmp_path)) == (before, there)


def test_while_a_bot_serves_nothing_is_restored(database: Database, url: str, tmp_path: Path) -> None:
    add(database, "c1")
    back_up(url, tmp_path / "bot.backup")
    with held(url), pytest.raises(DatabaseUnavailable, match="Another process serves this database file"):
        restore(url, tmp_path / "bot.backup", NOW)


def test_while_anybody_has_the_file_open_nothing_is_restored(database: Database, url: str, tmp_path: Path) -> None:
    """Also who does not know of the lock: a database browser, an older bot."""
    add(database, "c1")
    back_up(url, tmp_path / "bot.backup")
    there = files(tmp_path)
    with pytest.raises(BackupError) as refused:
        restore(url, tmp_path / "bot.backup", NOW)
    assert str(refused.value) == "Another process has the database open. Stop it first, then restore again."
    assert files(tmp_path) == there
    add(database, "c2")


def test_a_file_that_is_there_is_replaced_only_when_told_to(database: Database, url: str, tmp_path: Path) -> None:
    target = tmp_path / "bot.backup"
    target.write_text("of a person")
    with pytest.raises(BackupError) as refused:
        back_up(url, target)
    assert str(refused.value) == "bot.backup exists already. Name another file, or say --force to replace it."
    assert target.read_text() == "of a person"
    back_up(url, target, force=True)
    assert ids_in(target) == set()


@pytest.mark.parametrize("force", [False, True], ids=["", "forced"])
def test_the_database_itself_is_no_place_for_its_backup(database: Database, url: str, tmp_path: Path, force: bool) -> None:
    with pytest.raises(BackupError, match="exists already"):
        back_up(url, tmp_path / "bot.db", force=force)
    assert database.ready()


def test_a_damaged_database_makes_no_backup(database: Database, url: str, tmp_path: Path) -> None:
    add(database, "c1")
    database.close()
    damaged(tmp_path / "bot.db")
    with pytest.raises(BackupError) as refused:
        back_up(url, tmp_path / "bot.backup")
    assert str(refused.value) == "The database is damaged; nothing was written. Restore the newest backup that is sound."
    assert not (tmp_path / "bot.backup").exists()


def test_a_locked_database_is_said(database: Database, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.storage.backup._PATIENCE_S", 0.05)
    database.close()
    with closing(sqlite3.connect(tmp_path / "bot.db")) as other:
        other.execute("PRAGMA journal_mode=DELETE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(BackupError, match="The database is locked by another process"):
            back_up(url, tmp_path / "bot.backup")
    assert files(tmp_path) == {"bot.db"}


def test_a_folder_that_is_missing_is_said(database: Database, url: str, tmp_path: Path) -> None:
    with pytest.raises(BackupError) as refused:
        back_up(url, tmp_path / "none" / "bot.backup")
    assert str(refused.value) == (
        "bot.backup: No such file or directory. Its folder must exist and be writable, with room for the whole database."
    )


# -- as commands -----------------------------------------------------------------------------------------------------


def test_the_two_commands(database: Database, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    add(database, "c1")
    size_mb = f"{(tmp_path / 'bot.db').stat().st_size / 1e6:.1f}"
    kept = run("backup", tmp_path / "bot.backup").answered()
    assert kept == f"Kept 1 conversation ({size_mb} MB, revision {newest()}) in {tmp_path / 'bot.backup'}.\n"
    run("restore", tmp_path / "bot.backup").refused("Another process has the database open. Stop it first, then restore again.")
    database.close()
    said = run("restore", tmp_path / "bot.backup").answered().splitlines()
    assert said[0] == f"Restored 1 conversation ({size_mb} MB, revision {newest()})."
    assert said[1].startswith(f"What was there before is {tmp_path / 'bot.db.before-'}")
    assert said[1].endswith(". Delete it when all is well.")


@pytest.mark.parametrize("command", ["backup", "restore"])
def test_for_postgresql_the_commands_name_its_own_programs(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://bot:planted@db.example.com/bot")
    ran = run(command, tmp_path / "bot.backup")
    ran.refused("pg_dump --format=custom --file=FILE DATABASE makes a backup while the bot serves")
    assert "planted" not in ran.err


def test_before_the_first_start_there_is_nothing_to_back_up(url: str, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="There is no database file yet"):
        back_up(url, tmp_path / "bot.backup")
