"""Whose turn it is to write into a SQLite file: one of all threads and processes, and nobody for ever."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from bot.storage import Database, DatabaseUnavailable, open_database
from tests.bot.jobs.queueing import DEADLINE_S
from tests.bot.storage.conftest import MovedClock
from tests.bot.storage.kept import conversation, keep

ANOTHER_PROCESS = """
import fcntl, sys, time
with open(sys.argv[1], "w") as file:
    fcntl.flock(file, fcntl.LOCK_EX)
    print("taken", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def database(tmp_path: Path, clock: MovedClock) -> Iterator[Database]:
    opened = open_database(f"sqlite:///{tmp_path / 'bot.db'}", clock, timedelta(milliseconds=50))
    yield opened
    opened.close()


def test_a_second_writer_of_the_process_waits_and_then_hears_why(database: Database) -> None:
    with ThreadPoolExecutor(1) as other, database.workspace("T1") as work:
        work.add_conversation(conversation())
        refused = other.submit(keep, database, conversation("c2")).exception(DEADLINE_S)
        assert database.ready(), "who only reads needs no turn"
    assert isinstance(refused, DatabaseUnavailable)
    assert str(refused).startswith("The database is locked by another process.")
    keep(database, conversation("c2"))


def test_the_turn_ends_with_a_transaction_that_fails(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.workspace("T1"):
        raise ZeroDivisionError
    keep(database, conversation())


def test_a_process_that_is_killed_leaves_its_turn(database: Database, tmp_path: Path) -> None:
    keep(database, conversation())
    with (
        subprocess.Popen([sys.executable, "-c", ANOTHER_PROCESS, tmp_path / "bot.db.turn"], stdout=subprocess.PIPE, text=True) as process,
        ThreadPoolExecutor(1) as waiting,
    ):
        assert process.stdout is not None
        assert process.stdout.readline() == "taken\n"
        kept = waiting.submit(keep, database, conversation("c2"))
        assert not kept.done()
        process.kill()
        assert kept.exception(DEADLINE_S) is None


def test_who_may_not_write_beside_the_file_is_told(tmp_path: Path, clock: MovedClock) -> None:
    opened = open_database(f"sqlite:///{tmp_path / 'bot.db'}", clock)
    (tmp_path / "bot.db.turn").mkdir()
    with pytest.raises(DatabaseUnavailable, match="both must be writable for the bot"):
        keep(opened, conversation())
    assert opened.ready()
    opened.close()
