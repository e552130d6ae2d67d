"""The chaos run in short: twelve conversations and four kills on each database."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.bot.postgres import NoPostgres
from tests.chaos.databases import Database, postgres_database, sqlite_database
from tests.chaos.people import Pace
from tests.chaos.run import Size, run
from tests.chaos.table import as_text

_PACE = Pace(think_s=0.3, patience_s=120.0)
_SIZE = Size(conversations=12, kills=4, under_way=12, replicas=1, workspaces=3, seed=1, pace=_PACE, longest_outage_s=2.0)


def goes_well(database: Database, replicas: int, folder: Path) -> None:
    result = run(replace(_SIZE, replicas=replicas), database, folder)
    assert result.wrong == [], as_text(result)


def test_sqlite_with_one_bot(tmp_path: Path) -> None:
    with sqlite_database(tmp_path) as database:
        goes_well(database, 1, tmp_path)


def test_postgresql_with_two_bots(tmp_path: Path) -> None:
    try:
        with postgres_database() as database:
            goes_well(database, 2, tmp_path)
    except NoPostgres as none:
        pytest.skip(str(none))
