"""The chaos run at its full size, as `make chaos` has it: pytest tests/chaos/full.py --seed 7. Not among the tests that always run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bot.postgres import NoPostgres
from tests.chaos.databases import Database, postgres_database, sqlite_database
from tests.chaos.people import Pace
from tests.chaos.run import Size, run
from tests.chaos.table import as_text, write

_PACE = Pace(think_s=2.0, patience_s=150.0, typed_share=0.3)


def size_of(request: pytest.FixtureRequest, replicas: int) -> Size:
    option = request.config.getoption
    return Size(option("conversations"), option("kills"), option("under_way"), replicas, option("workspaces"), option("seed"), _PACE)


def goes_well(request: pytest.FixtureRequest, database: Database, replicas: int, folder: Path) -> None:
    result = run(size_of(request, replicas), database, folder)
    written = write(result, request.config.getoption("results"))
    with request.getfixturevalue("capsys").disabled():
        print(as_text(result), f"written to {written}", sep="\n")  # noqa: T201  # the table is what the run is for
    assert result.wrong == []


def test_sqlite_with_one_bot(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    with sqlite_database(tmp_path) as database:
        goes_well(request, database, 1, tmp_path)


def test_postgresql_with_two_bots(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    try:
        with postgres_database() as database:
            goes_well(request, database, 2, tmp_path)
    except NoPostgres as none:
        pytest.skip(str(none))
