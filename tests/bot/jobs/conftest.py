"""Both databases, opened once and emptied after each test: these tests need no more of them than jobs."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext

import pytest
from sqlalchemy import create_engine, delete

from bot.storage import Database, open_database
from bot.storage.engines import read_url
from bot.storage.schema import METADATA
from tests.bot.conftest import MovedClock
from tests.bot.postgres import fresh_database


@pytest.fixture(scope="module")
def shared_clock() -> MovedClock:
    return MovedClock()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def opened(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, shared_clock: MovedClock
) -> Iterator[tuple[str, Database]]:
    logging.getLogger("alembic").setLevel(logging.WARNING)
    place: AbstractContextManager[str]
    if request.param == "sqlite":
        place = nullcontext(f"sqlite:///{tmp_path_factory.mktemp('jobs') / 'bot.db'}")
    else:
        place = fresh_database(request.getfixturevalue("postgres"))
    with place as url:
        database = open_database(url, shared_clock)
        yield url, database
        database.close()


@pytest.fixture
def clock(shared_clock: MovedClock) -> MovedClock:
    return shared_clock


@pytest.fixture
def url(opened: tuple[str, Database]) -> Iterator[str]:
    yield opened[0]
    engine = create_engine(read_url(opened[0]))
    with engine.begin() as connection:
        for table in reversed(METADATA.sorted_tables):
            connection.execute(delete(table))
    engine.dispose()


@pytest.fixture
def database(opened: tuple[str, Database], url: str) -> Database:
    return opened[1]
