"""Both databases, each test with one of its own, and a clock that a test moves."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.storage import Database, open_database
from tests.bot.postgres import NoPostgres, empty, fresh_database, postgres_server, without_rows


class MovedClock:
    """Says the time that a test set."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 9, 30, 15, 250_000, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **span: int) -> None:
        self.now += timedelta(**span)


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture(scope="session")
def postgres_server_url() -> Iterator[str]:
    """The one PostgreSQL of this test process."""
    try:
        with postgres_server() as server:
            yield server
    except NoPostgres as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def postgres(postgres_server_url: str) -> Iterator[str]:
    """A database on it."""
    with fresh_database(postgres_server_url) as url:
        yield url


@pytest.fixture(scope="session")
def postgres_with_tables(postgres_server_url: str) -> Iterator[str]:
    with fresh_database(postgres_server_url) as url:
        _make_tables(url)
        yield url


@pytest.fixture(scope="session")
def file_with_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("tables") / "bot.db"
    _make_tables(f"sqlite:///{made}")
    return made


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database, once on each engine; for a test that wants it opened, with its tables, which were made once."""
    tables = "database" in request.fixturenames
    if request.param == "sqlite":
        path = tmp_path / "bot.db"
        if tables:
            shutil.copyfile(request.getfixturevalue("file_with_tables"), path)
        return f"sqlite:///{path}"
    shared: str = request.getfixturevalue("postgres_with_tables" if tables else "postgres")
    (without_rows if tables else empty)(shared)
    return shared


@pytest.fixture
def database(url: str, clock: MovedClock) -> Iterator[Database]:
    opened = open_database(url, clock)
    yield opened
    opened.close()


def _make_tables(url: str) -> None:
    logging.getLogger("alembic").setLevel(logging.WARNING)
    open_database(url, MovedClock()).close()
