"""A database that is away or locked, said in plain words and without its URL."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from bot.storage import ChangeRefused, Database, DatabaseUnavailable, Verdict, WorkspaceSettings, open_database
from bot.storage.engines import read_url
from tests.bot.storage.conftest import MovedClock
from tests.bot.storage.kept import at_once, conversation, keep, verdict

SECRET = "s3cr3t-w0rd"
IMPATIENT = timedelta(milliseconds=50)

URLS = {
    "nobody listens": (f"postgresql://bot:{SECRET}@127.0.0.1:1/bot", "The database does not answer. Check that it runs"),
    "an old form of the URL": (f"postgres://bot:{SECRET}@127.0.0.1:1/bot", "The database does not answer. Check that it runs"),
    "another driver": (f"postgresql+psycopg2://bot:{SECRET}@127.0.0.1:1/bot", "The database does not answer. Check that it runs"),
    "no such socket": (f"postgresql://bot:{SECRET}@/bot?host=/nowhere", "The database does not answer. Check that it runs"),
    "another kind": (f"mysql://bot:{SECRET}@127.0.0.1/bot", "The database URL names no database that we can use. Write sqlite:"),
    "no URL": (SECRET, "The database URL cannot be read. Write sqlite:////folder/file.db or postgresql:"),
    "empty": ("", "The database URL cannot be read"),
    "no port": (f"postgresql://bot:{SECRET}@host:port/bot", "The database URL cannot be read"),
    "in memory": ("sqlite://", "The database must be kept in a file"),
    "in memory, by name": ("sqlite:///:memory:", "The database must be kept in a file"),
    "in memory, by option": (f"sqlite:///file:{SECRET}?mode=memory&uri=true", "The database must be kept in a file"),
    "by SQLite's own URL": (f"sqlite:///file:{SECRET}?uri=true", "The database must be kept in a file"),
    "no such folder": (f"sqlite:////nowhere/{SECRET}/bot.db", "The database file cannot be created: No such file or directory"),
}


@pytest.mark.parametrize(("url", "words"), URLS.values(), ids=URLS)
def test_a_database_that_cannot_be_opened(clock: MovedClock, caplog: pytest.LogCaptureFixture, url: str, words: str) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(DatabaseUnavailable) as raised:
        open_database(url, clock)
    assert str(raised.value).startswith(words)
    assert str(raised.value).endswith((".", ")."))
    told = "".join(traceback.format_exception(raised.value)) + str(raised.value) + caplog.text
    assert SECRET not in told.replace(f'open_database("{SECRET}"', "")


def test_a_folder_is_no_database(clock: MovedClock, tmp_path: Path) -> None:
    (tmp_path / "bot.db").mkdir()
    with pytest.raises(DatabaseUnavailable, match="The database file cannot be opened"):
        open_database(f"sqlite:///{tmp_path / 'bot.db'}", clock)


def test_a_file_that_is_no_database(clock: MovedClock, tmp_path: Path) -> None:
    (tmp_path / "bot.db").write_bytes(b"just a text, long enough to be looked at as a header of a database" * 20)
    with pytest.raises(DatabaseUnavailable, match="damaged or no SQLite database"):
        open_database(f"sqlite:///{tmp_path / 'bot.db'}", clock)


def test_a_locked_sqlite_is_said_and_works_again_when_free(clock: MovedClock, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'bot.db'}"
    database = open_database(url, clock, patience=IMPATIENT)
    keep(database, conversation())
    with closing(create_engine(read_url(url)).raw_connection()) as other:
        other.execute("BEGIN EXCLUSIVE")
        for _ in range(50):  # more often than there are connections: none is lost
            with pytest.raises(DatabaseUnavailable, match="locked by another process") as raised:
                keep(database, conversation("c2"))
        assert str(raised.value).endswith("(SQLITE_BUSY).")
        assert database.ready()  # whoever only reads does not wait
        other.rollback()
    keep(database, conversation("c2"))
    database.close()


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_a_locked_row_is_said_and_works_again_when_free(clock: MovedClock, url: str) -> None:
    database = open_database(url, clock, patience=IMPATIENT)
    keep(database, conversation())
    with database.workspace("T1") as holder:
        holder.save_conversation(conversation())
        with pytest.raises(DatabaseUnavailable, match=r"locked by another process.*\(55P03\)"), database.workspace("T1") as work:
            work.save_conversation(conversation())
    with database.workspace("T1") as work:
        assert work.save_conversation(conversation(version=2)).version == 3
    database.close()


def test_a_database_that_went_away_is_not_ready(clock: MovedClock, tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'bot.db'}", clock)
    assert database.ready()
    database.close()
    for path in tmp_path.iterdir():
        path.unlink()
    tmp_path.rmdir()
    assert database.ready() is False
    with pytest.raises(DatabaseUnavailable, match=r"cannot be opened\. Its folder must exist"):
        keep(database, conversation())


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_a_connection_that_the_server_ended_is_replaced(database: Database, url: str) -> None:
    keep(database, conversation())
    engine = create_engine(read_url(url), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
        )
    engine.dispose()
    assert database.ready()
    keep(database, conversation("c2"))


def test_more_writers_than_connections_queue(database: Database) -> None:
    def write(number: int) -> None:
        for step in range(4):
            with database.workspace(f"T{number}") as work:
                work.first_time(f"Ev{step}")
                work.save_settings(WorkspaceSettings(work.settings().assumptions, version=work.settings().version))

    at_once(24, write)
    with database.workspace("T7") as work:
        assert work.settings().version == 4


REFUSED: dict[str, Callable[[Database], None]] = {
    "a value that is no JSON": lambda database: _save(database, WorkspaceSettings({"a": object()}, SECRET)),  # type: ignore[dict-item]
    "a number that is none": lambda database: _save(database, WorkspaceSettings({"a": float("nan")}, SECRET)),  # type: ignore[dict-item]
    "a value too large": lambda database: _save(database, WorkspaceSettings({}, SECRET, version=2**70)),
}


@pytest.mark.parametrize("act", REFUSED.values(), ids=REFUSED)
def test_an_error_of_ours_shows_no_values(database: Database, caplog: pytest.LogCaptureFixture, act: Callable[[Database], None]) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(Exception) as raised:
        act(database)
    assert SECRET not in "".join(traceback.format_exception(raised.value)).replace("SECRET", "") + caplog.text


def test_a_row_that_breaks_a_rule_of_its_table_is_refused_without_showing_it(database: Database) -> None:
    """PostgreSQL's own words would show the whole row."""
    keep(database, conversation())
    broken = verdict(asked_by=None)
    with pytest.raises(ChangeRefused) as raised:
        _add(database, replace(broken, inputs={"ea_discount_pct": SECRET}))
    told = "".join(traceback.format_exception(raised.value))
    assert str(raised.value).startswith("The database refused a change: ")
    assert "self._inserted(verdicts" in told  # where it happened
    assert SECRET not in told
    with database.workspace("T1") as work:
        assert work.verdicts_in("c1") == []


def _add(database: Database, verdict: Verdict) -> None:
    with database.workspace("T1") as work:
        work.add_verdict(verdict)


def test_a_log_of_every_statement_shows_no_values(url: str, clock: MovedClock, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "sqlalchemy.engine")
    database = open_database(url, clock)
    _save(database, WorkspaceSettings({}, SECRET))
    database.close()
    assert "INSERT INTO settings" in caplog.text
    assert SECRET not in caplog.text


def _save(database: Database, settings: WorkspaceSettings) -> None:
    with database.workspace("T1") as work:
        work.save_settings(settings)
