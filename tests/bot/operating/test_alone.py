"""One bot a SQLite file: who holds the lock, who is refused, and when it is free again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from bot.storage import DatabaseUnavailable
from bot.storage.alone import held

AT_ONCE, DEADLINE_S = timedelta(0), 60
TAKEN = "Another process serves this database file: a SQLite file has one bot. Stop that one first, or use PostgreSQL."
HOLDS = """
import os, sys, time
from bot.storage.alone import held
with held(sys.argv[1]):
    if os.fork():
        os._exit(0)
    print("held", flush=True)
    time.sleep(600)
"""


@contextmanager
def another_process(url: str) -> Iterator[subprocess.Popen[str]]:
    """One whose fork holds the database; the process itself is gone."""
    process = subprocess.Popen([sys.executable, "-c", HOLDS, url], stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "held\n"
        yield process
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(DEADLINE_S)
        process.stdout.close()


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'bot.db'}"


def test_the_second_is_refused_until_the_first_has_ended(url: str, tmp_path: Path) -> None:
    with held(url), pytest.raises(DatabaseUnavailable) as refused, held(url, AT_ONCE):
        pass
    assert str(refused.value) == TAKEN
    with held(url, AT_ONCE):
        assert (tmp_path / "bot.db.serving").stat().st_mode & 0o777 == 0o600


def test_a_killed_process_holds_nothing_once_its_forks_are_gone(url: str) -> None:
    with another_process(url) as process:
        with pytest.raises(DatabaseUnavailable, match="Another process serves this"), held(url, AT_ONCE):
            pass
        os.killpg(process.pid, signal.SIGKILL)
        with held(url, timedelta(seconds=DEADLINE_S)):
            pass


def test_another_database_is_free(url: str) -> None:
    with held(url), held(url.replace("bot.db", "other.db"), AT_ONCE):
        pass


def test_postgresql_is_shared() -> None:
    url = "postgresql://bot@db.example.com/bot"
    with held(url, AT_ONCE), held(url, AT_ONCE):
        pass


def test_a_folder_that_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnavailable) as refused, held(f"sqlite:///{tmp_path / 'none' / 'bot.db'}"):
        pass
    assert str(refused.value) == (
        "No file can be created beside the database: No such file or directory. Its folder must exist and be writable."
    )
