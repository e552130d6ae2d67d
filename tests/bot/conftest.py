"""Both databases, each test with one of its own, and a clock that a test moves."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.storage import Database, open_database
from tests.bot.postgres import NoPostgres, empty, fresh_database, postgres_server


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
def postgres() -> Iterator[str]:
    """A database on the one PostgreSQL of this test process."""
    try:
        with postgres_server() as server, fresh_database(server) as url:
            yield url
    except NoPostgres as missing:
        pytest.skip(str(missing))


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database, once on each engine."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'bot.db'}"
    else:
        shared = request.getfixturevalue("postgres")
        empty(shared)
        yield shared


@pytest.fixture
def database(url: str, clock: MovedClock) -> Iterator[Database]:
    logging.getLogger("alembic").setLevel(logging.WARNING)
    opened = open_database(url, clock)
    yield opened
    opened.close()
