from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine, inspect
from sqlalchemy.exc import OperationalError

from bot.storage import DatabaseUnavailable, open_database
from bot.storage.engines import read_url
from bot.storage.migrate import migrate, newest
from bot.storage.schema import METADATA
from tests.bot.storage.conftest import MovedClock
from tests.bot.storage.kept import conversation, every_row, fill, keep

ROOT = Path(__file__).resolve().parents[3]
TABLES = {
    *("conversations", "conversation_people", "verdicts", "feedback", "posts", "settings", "seen", "rulebooks"),
    *("jobs", "lanes", "installations", "organisations", "oauth_states", "reports"),
}


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    """Past the storage and its guard."""
    engine = create_engine(read_url(url))
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def tables(url: str) -> set[str]:
    with connected(url) as connection:
        return set(inspect(connection).get_table_names()) - {"alembic_version"}


def test_up_and_down_and_up_again(url: str, clock: MovedClock) -> None:
    migrate(read_url(url))
    assert tables(url) == TABLES
    migrate(read_url(url), "base")
    assert tables(url) == set()
    database = open_database(url, clock)
    assert tables(url) == TABLES
    assert database.ready()
    with database.workspace("T1") as work:
        fill(work, "T1")
    database.close()
    migrate(read_url(url), "base")
    assert tables(url) == set()


def test_the_migrated_schema_is_that_of_the_code(url: str) -> None:
    migrate(read_url(url))
    with connected(url) as connection:
        differences = compare_metadata(MigrationContext.configure(connection, opts={"compare_server_default": True}), METADATA)
        names = {table: {name["name"] for name in inspect(connection).get_unique_constraints(table)} for table in TABLES}
        checks = [check["name"] for check in inspect(connection).get_check_constraints("posts")]
        keys = {table: inspect(connection).get_pk_constraint(table)["constrained_columns"] for table in TABLES}
        cascades = {table: [key["options"] for key in inspect(connection).get_foreign_keys(table)] for table in TABLES}
    assert differences == []
    # What the comparison does not look at.
    assert {table: found for table, found in names.items() if found} == {
        "conversations": {"uq_conversations_workspace_channel_thread"},
        "verdicts": {"uq_verdicts_workspace_conversation_number"},
        "jobs": {"uq_jobs_workspace_key"},
    }
    assert checks == ["ck_posts_state"]
    assert keys == {name: [column.name for column in METADATA.tables[name].primary_key] for name in TABLES}
    assert {table for table, found in cascades.items() if found == [{"ondelete": "CASCADE"}]} == {
        "conversation_people", "verdicts", "feedback", "posts", "reports",
    }  # fmt: skip


def test_opening_again_keeps_everything(url: str, clock: MovedClock) -> None:
    first = open_database(url, clock)
    keep(first, conversation())
    first.close()
    again = open_database(url, clock)
    with again.workspace("T1") as work:
        assert work.conversation("c1") == conversation()
    again.close()


STARTING = """
import logging, sys
from datetime import UTC, datetime
from bot.storage import open_database
logging.basicConfig(stream=sys.stdout, format="%(message)s", level=logging.WARNING)
logging.getLogger("alembic.runtime.migration").setLevel(logging.INFO)
print("here", flush=True)
url = sys.stdin.readline().strip()
database = open_database(url, lambda: datetime.now(UTC))
with database.workspace("T1") as work:
    print("first" if work.first_time("start") else "second")
print("ready", database.ready())
database.close()
"""


def test_of_processes_that_start_at_once_on_an_empty_database_one_migrates_and_all_succeed(url: str) -> None:
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    processes = [subprocess.Popen([sys.executable, "-c", STARTING], cwd=ROOT, text=True, **pipes) for _ in range(3)]  # type: ignore[call-overload]
    for process in processes:
        assert process.stdout.readline() == "here\n"
    for process in processes:
        process.stdin.write(f"{url}\n")
        process.stdin.flush()
    said = [process.communicate(timeout=120)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], said
    together = "".join(said)
    assert [together.count(words) for words in ("Running upgrade  -> 0001", "first\n", "second\n", "ready True\n")] == [1, 1, 2, 3]


def test_on_sqlite_a_start_waits_for_another_before_it_touches_the_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite's switch to WAL cannot wait by itself: about one start in thirty failed beside others."""
    monkeypatch.setattr("bot.storage.migrate._PATIENCE", timedelta(milliseconds=50))
    url = read_url(f"sqlite:///{tmp_path / 'bot.db'}")
    with closing(create_engine(url.set(database=f"{url.database}.lock")).raw_connection()) as starting:
        starting.cursor().execute("BEGIN IMMEDIATE")
        with pytest.raises(OperationalError, match="database is locked"):
            migrate(url)
        assert (tmp_path / "bot.db").read_bytes() == b""
        starting.rollback()
    migrate(url)
    assert (tmp_path / "bot.db").read_bytes() != b""


@pytest.mark.parametrize("revision", ["ffff", ""], ids=["of a newer bot", "none"])
def test_a_database_of_another_schema_is_not_ready(url: str, clock: MovedClock, revision: str) -> None:
    database = open_database(url, clock)
    with connected(url) as connection:
        connection.exec_driver_sql("DELETE FROM alembic_version" if not revision else "UPDATE alembic_version SET version_num = 'ffff'")
    assert database.ready() is False
    database.close()


def test_a_database_of_a_newer_bot_is_left_alone(url: str, clock: MovedClock) -> None:
    open_database(url, clock).close()
    with connected(url) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'ffff'")
    before = every_row(url)
    with pytest.raises(DatabaseUnavailable, match=r"written by a newer version of the bot\. Update the bot"):
        open_database(url, clock)
    assert every_row(url) == before


def test_a_migration_that_fails_changes_nothing(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    migrations = tmp_path / "migrations"
    shutil.copytree(ROOT / "bot" / "storage" / "migrations", migrations, ignore=shutil.ignore_patterns("__pycache__"))
    broken = """
import sqlalchemy as sa
from alembic import op
revision, down_revision = "0003", "0002"
def upgrade():
    op.add_column("seen", sa.Column("more", sa.String))
    raise ZeroDivisionError
"""
    (migrations / "versions" / "0003_broken.py").write_text(broken, encoding="utf-8")
    monkeypatch.setattr("bot.storage.migrate.MIGRATIONS", migrations)
    for _ in range(2):  # and the lock is free again
        with pytest.raises(ZeroDivisionError):
            migrate(read_url(url))
        assert tables(url) == set()


def test_a_table_may_be_changed_by_copying_it_though_others_refer_to_it(
    url: str, clock: MovedClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite's way to alter a column drops the table: with foreign keys on, everything that hangs on it would go too."""
    database = open_database(url, clock)
    with database.workspace("T1") as work:
        fill(work, "T1")
    database.close()
    before = every_row(url)
    migrations = tmp_path / "migrations"
    shutil.copytree(ROOT / "bot" / "storage" / "migrations", migrations, ignore=shutil.ignore_patterns("__pycache__"))
    second = """
import sqlalchemy as sa
from alembic import op
revision, down_revision = "0003", "0002"
def upgrade():
    with op.batch_alter_table("conversations") as batch:
        batch.alter_column("stage", existing_type=sa.String(), nullable=True)
"""
    (migrations / "versions" / "0003_second.py").write_text(second, encoding="utf-8")
    monkeypatch.setattr("bot.storage.migrate.MIGRATIONS", migrations)
    migrate(read_url(url))
    assert newest() == "0003"
    assert every_row(url) == {**before, "alembic_version": [{"version_num": "0003"}]}


def test_an_sqlite_database_is_for_its_user_alone(clock: MovedClock, tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'bot.db'}", clock)
    keep(database, conversation())
    modes = {path.name: oct(path.stat().st_mode & 0o777) for path in tmp_path.iterdir()}
    database.close()
    assert set(modes.values()) == {"0o600"}
    assert {"bot.db", "bot.db-wal"} <= modes.keys()  # written ahead: readers wait for no writer
