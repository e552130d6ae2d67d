"""One table for all that is measured, printed when everything has run."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from tests.bench.load.figures import Table
from tests.bot.postgres import NoPostgres, fresh_database, postgres_server


@pytest.fixture(scope="session")
def table() -> Iterator[Table]:
    table = Table()
    yield table
    sys.stdout.write("\n\n")
    table.print()


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    try:
        with postgres_server() as url:
            yield url
    except NoPostgres as none:
        pytest.skip(str(none))


@pytest.fixture
def postgres(server: str) -> Iterator[str]:
    with fresh_database(server) as url:
        yield url
